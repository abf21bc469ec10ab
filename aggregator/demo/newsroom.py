"""A newsroom on loopback: each invented outlet serves its feed at a port of its own, as it stood at a given time."""

import asyncio
import hashlib
import json
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from http import HTTPStatus
from typing import NamedTuple, Self

from aggregator.demo.documents import CONTENT_TYPES, document
from aggregator.demo.reports import NewsReport, Outlet, outlets, reports

ADDRESS = "127.0.0.1"
PATH = "/feed"
PATIENCE = 10.0  # seconds that a client has to send its request

FIRST_ROUND = datetime(2021, 9, 1, 21, tzinfo=UTC)  # the day of the assault, all its first reports within 24 hours
SECOND_ROUND = datetime(2021, 9, 3, 21, tzinfo=UTC)  # two days later, with the follow-ups


class ServedFeed(NamedTuple):
    """A feed of the newsroom, as someone subscribes to it."""

    name: str
    url: str
    language: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What a request got: an entry of the newsroom's log."""

    outlet: str  # key
    status: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Edition:
    """A feed's document and validators at one time."""

    body: bytes
    content_type: str
    etag: str
    modified: datetime | None  # None before the first report


class Newsroom:
    """Serve the outlets' feeds while the context is open; `advance` moves the newsroom's clock."""

    def __init__(self, now: datetime) -> None:
        self.now = now.astimezone(UTC)
        self.answers: list[Answer] = []
        self.feeds: list[ServedFeed] = []
        self._exits = AsyncExitStack()

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as exits:
            for outlet in outlets():
                desk = _Desk(self, outlet)
                server = await exits.enter_async_context(await asyncio.start_server(desk.answer, ADDRESS, 0))
                desk.url = f"http://{ADDRESS}:{server.sockets[0].getsockname()[1]}{PATH}"
                self.feeds.append(ServedFeed(outlet.name, desk.url, outlet.language))
            self._exits = exits.pop_all()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._exits.aclose()

    def advance(self, now: datetime) -> None:
        """Move the clock: from now on the feeds hold what was published by `now`."""
        self.now = now.astimezone(UTC)

    def config(self) -> str:
        """Write a feeds.yaml that subscribes to every outlet and lets their loopback ports through the guard."""
        lines = ["polling:", "  allow:"]
        lines += [f"    - {url.removeprefix('http://').removesuffix(PATH)}" for _, url, _ in self.feeds]
        # All that two rounds bring is to be read when the second is over.
        lines += ["publishing:", "  hold: 0m", "  keep: 7d"]
        # A daemon that is started on the store later, by its own clock, is not to find everything past its time.
        lines += ["store:", "  entries: 36500d", "feeds:"]
        for name, url, language in self.feeds:
            # JSON strings are YAML strings; a bare `no` would not be one in older readers.
            quoted = json.dumps(name, ensure_ascii=False)
            lines += [f"  - url: {url}", f"    name: {quoted}", f"    outlet: {quoted}", f'    language: "{language}"']
        return "\n".join(lines) + "\n"


class _Desk:
    """One outlet's end of the newsroom: answers GET for its feed, one request a connection."""

    def __init__(self, room: Newsroom, outlet: Outlet) -> None:
        self.room = room
        self.outlet = outlet
        self.url = ""

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(PATIENCE):
                head = await reader.readuntil(b"\r\n\r\n")
                status, fields, body = self._respond(head.decode("latin-1"))
                writer.write(_head(status, fields, body) + body)
                self.room.answers.append(Answer(self.outlet.key, status))
                await writer.drain()
        except (TimeoutError, ConnectionError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            return  # the client went away or talked nonsense; there is nobody to tell
        finally:
            writer.close()
            with suppress(ConnectionError):
                await writer.wait_closed()

    def _respond(self, head: str) -> tuple[HTTPStatus, dict[str, str], bytes]:
        method, _, rest = head.partition(" ")
        if method not in {"GET", "HEAD"}:
            return HTTPStatus.METHOD_NOT_ALLOWED, {"Allow": "GET, HEAD"}, b""
        if rest.split(" ", 1)[0] != PATH:
            return HTTPStatus.NOT_FOUND, {}, b""
        edition = edition_of(self.outlet, self.room.now, self.url)
        fields = {"Date": format_datetime(self.room.now, usegmt=True), "ETag": edition.etag}
        if edition.modified:
            fields["Last-Modified"] = format_datetime(edition.modified, usegmt=True)
        if is_unchanged(edition, _request_fields(head)):
            return HTTPStatus.NOT_MODIFIED, fields, b""
        fields |= {"Content-Type": edition.content_type, "Content-Length": str(len(edition.body))}
        return HTTPStatus.OK, fields, edition.body if method == "GET" else b""


def edition_of(outlet: Outlet, now: datetime, url: str) -> Edition:
    """Give the feed of an outlet as it stands at `now`."""
    out = [report for report in reports() if report.outlet == outlet and report.published <= now]
    body = document(outlet, out, url)
    return Edition(
        body=body,
        content_type=f"{CONTENT_TYPES[outlet.format]}; charset=utf-8",
        etag=f'"{hashlib.sha256(body).hexdigest()[:16]}"',
        modified=_latest(out),
    )


def is_unchanged(edition: Edition, request: dict[str, str]) -> bool:
    """Decide whether a conditional request gets a 304 (RFC 9110 §13.2.2: If-None-Match goes first)."""
    if tags := request.get("if-none-match"):
        return edition.etag in [tag.strip().removeprefix("W/") for tag in tags.split(",")]
    if (since := request.get("if-modified-since")) and edition.modified:
        with suppress(ValueError, TypeError):  # not a date, or one without a zone
            return edition.modified <= parsedate_to_datetime(since)
    return False


def _latest(out: list[NewsReport]) -> datetime | None:
    return max((report.published for report in out), default=None)


def _request_fields(head: str) -> dict[str, str]:
    pairs = (line.partition(":") for line in head.split("\r\n")[1:] if line)
    return {name.lower(): value.strip() for name, _, value in pairs}


def _head(status: HTTPStatus, fields: dict[str, str], body: bytes) -> bytes:
    fields = {"Content-Length": str(len(body)), "Connection": "close"} | fields
    if status is HTTPStatus.NOT_MODIFIED:
        del fields["Content-Length"]
    lines = [f"HTTP/1.1 {status.value} {status.phrase}", *(f"{name}: {value}" for name, value in fields.items())]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")
