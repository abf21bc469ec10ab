"""Ask for one document at a time, whatever the server does: the answer is always a value.

A fetch is a chain of hops. Each waits for its host's slot, is checked by the guard (the URL in journey.py, its
addresses in backend.py), sends only what belongs to that URL and that origin, and reads no more than the limits.
All hops share one deadline, which counts the time on the network and not the time in queues.

Requests go to the transport and not through httpx.AsyncClient: of what that adds - cookies, proxies and .netrc of the
surroundings, URLs in the log - nothing is wanted, and it raises for a Location that it cannot read.
"""

import asyncio
import logging
import time
from datetime import datetime, timedelta
from http import HTTPStatus
from types import TracebackType
from typing import Self

import httpcore
import httpx

from aggregator.fetching import headers as said
from aggregator.fetching.answers import LONGEST_RETRY, REDIRECTS, judge
from aggregator.fetching.backend import GuardedBackend, Resolver, resolve
from aggregator.fetching.decoding import TooLarge, Undecodable, decode
from aggregator.fetching.failures import EXPECTED, explained
from aggregator.fetching.guard import AllowList
from aggregator.fetching.journey import Answer, CannotGo, Journey, begin, onward
from aggregator.fetching.politeness import Politeness, host_of
from aggregator.fetching.request import FetchRequest, Limits, fields, user_agent
from aggregator.fetching.shown import origin, shown
from aggregator.fetching.transport import GuardedTransport
from aggregator.fetching.trust import trust
from aggregator.model import FailureKind, Fetched, FetchFailed, FetchResult, NotModified

_START = 64 * 1024  # bytes of an error's body; enough to tell a challenge page

for _name in ("httpx", "httpcore"):  # they log whole URLs and headers, secrets among them
    logging.getLogger(_name).setLevel(logging.WARNING)


class _Paused(Exception):  # never leaves this module
    def __init__(self, wait: timedelta) -> None:
        self.wait = wait


class Client:
    """Fetch documents, politely and guarded. Use it as an async context manager, from one event loop."""

    def __init__(
        self,
        *,
        allow: AllowList,
        resolver: Resolver | None = None,
        limits: Limits | None = None,
        contact: str | None = None,
    ) -> None:
        self._allow = allow
        self._resolver = resolver or resolve
        self._limits = limits or Limits()
        self._agent = user_agent(contact)
        self._politeness = Politeness(requests=self._limits.requests, lesser=self._limits.lesser, gap=self._limits.gap)
        self._lines: dict[tuple[str | None, str | None], GuardedTransport] = {}  # by proxy and ca_file
        self._retired: list[GuardedTransport] = []  # of an earlier list; closed at the end
        self._closing: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        for task in self._closing:
            task.cancel()
        for line in (*self._lines.values(), *self._retired):
            await line.aclose()
        self._lines.clear()

    def configure(self, allow: AllowList, contact: str | None) -> None:
        """Guard by another list, and name another contact, from the next request on; those under way go on as begun."""
        self._agent = user_agent(contact)
        if allow != self._allow:
            self._allow = allow
            self._retired += self._lines.values()
            self._lines = {}

    def pause(self, host: str, until: datetime) -> None:
        """Ask nothing of a host (`host_of`) before that time: what a restart has to remember of a throttling server."""
        self._politeness.pause(host, until)

    def clock_set(self, by: timedelta) -> None:
        """Keep the pauses of hosts where the clock was set."""
        self._politeness.clock_set(by)

    async def fetch(self, request: FetchRequest) -> FetchResult:
        """Ask, follow redirects, read and decode. Nothing that a server does raises."""
        try:
            journey = begin(request, self._allow, self._limits.total.total_seconds())
        except CannotGo as refused:
            return FetchFailed(url=shown(request.url), kind=refused.kind, reason=str(refused))
        except (httpx.InvalidURL, ValueError):
            return FetchFailed(url=shown(request.url), kind=FailureKind.REFUSED, reason="the URL cannot be read")
        try:
            return await self._travel(journey)
        except CannotGo as refused:
            return journey.failed(refused.kind, str(refused))
        except _Paused as paused:
            until = journey.moment + paused.wait
            reason = f"its host wants to be left alone until {until:%Y-%m-%d %H:%M} UTC"
            return journey.failed(FailureKind.PAUSED, reason, wait=paused.wait)
        except EXPECTED as error:
            return _failed(journey, error, self._limits)

    async def _travel(self, journey: Journey) -> FetchResult:
        url = journey.first
        while True:
            answer = await self._hop(journey, url)
            if answer.status not in REDIRECTS:
                return self._arrived(journey, url, answer)
            url = onward(journey, url, answer, self._allow, self._limits.hops)

    async def _hop(self, journey: Journey, url: str) -> Answer:
        """Send one request when its host's turn has come, and read what answers."""
        host = host_of(url)
        async with self._politeness.slot(host, journey.request.priority):
            if wait := self._politeness.paused(host, journey.moment):
                raise _Paused(wait)
            started = time.monotonic()
            try:
                async with asyncio.timeout(max(journey.left - journey.spent, 0)):
                    answer = await self._exchange(journey, url)
            finally:
                journey.spent += time.monotonic() - started
            self._heed(journey, answer, host)
            return answer

    def _heed(self, journey: Journey, answer: Answer, host: str) -> None:
        """Leave the whole host alone after a 429, or a 503 with Retry-After (RFC 6585 §4, RFC 9110 §15.6.4).

        For a short while where another host sent us there: it may have done so to have that one's feeds left alone.
        """
        now = journey.moment
        asked = said.retry_after(answer.headers, now)
        longest = LONGEST_RETRY if host == host_of(journey.first) else self._limits.pause
        if answer.status == HTTPStatus.TOO_MANY_REQUESTS:
            self._politeness.pause(host, now + min(asked or self._limits.pause, longest))
        elif answer.status == HTTPStatus.SERVICE_UNAVAILABLE and asked is not None:
            self._politeness.pause(host, now + min(asked, longest))

    async def _exchange(self, journey: Journey, url: str) -> Answer:
        journey.reading = False
        line = self._line(journey.request.proxy, journey.request.ca_file)
        sent = fields(journey.request, journey.first, url, journey.authorization, self._agent)
        read = self._limits.read.total_seconds()
        connect = self._limits.connect.total_seconds()
        timeouts = {"connect": connect, "read": read, "write": read, "pool": connect}
        question = httpx.Request("GET", url, headers=list(sent.items()), extensions={"timeout": timeouts})
        try:
            response = await line.handle_async_request(question)
        except httpcore.PoolTimeout:
            self._give_up(line)
            raise
        try:
            journey.reading = True
            return await self._read(response)
        finally:
            await response.aclose()

    async def _read(self, response: httpx.Response) -> Answer:
        """Read a body up to the limit of the wire; of an error its start; of a redirect nothing."""
        status = response.status_code
        head = tuple((name.lower().decode("latin-1"), text.decode("latin-1")) for name, text in response.headers.raw)
        if status in REDIRECTS:
            return Answer(status, head)
        most = self._limits.wire_bytes if status == HTTPStatus.OK else _START
        length = said.value(head, "content-length") or ""
        if status == HTTPStatus.OK and length.isdigit() and int(length) > most:
            raise TooLarge(f"the document is {_mib(int(length))} long, over {_mib(most)}")
        body = bytearray()
        pieces = 0
        async for piece in response.aiter_raw():
            body += piece
            pieces += 1
            if len(body) > most or pieces > self._limits.pieces:
                if status != HTTPStatus.OK:
                    break
                raise TooLarge(f"the document is over {_mib(most)} or {self._limits.pieces} pieces on the wire")
        return Answer(status, head, bytes(body))

    def _arrived(self, journey: Journey, url: str, answer: Answer) -> FetchResult:
        request, hops = journey.request, tuple(journey.hops)
        fresh = said.freshness(answer.headers)
        held = request.validators if request.validators and request.validators.url == url else None
        if answer.status == HTTPStatus.OK:
            return Fetched(
                url=url,
                body=decode(answer.body, _codings(answer), self._limits.body_bytes),
                content_type=said.value(answer.headers, "content-type"),
                validators=said.validators(answer.headers, url),
                freshness=fresh,
                hops=hops,
                wire_bytes=len(answer.body),
                elapsed=journey.elapsed,
                waited=journey.waited,
                headers=answer.headers,
            )
        if answer.status == HTTPStatus.NOT_MODIFIED and held is not None:
            kept = said.validators(answer.headers, url, held)
            return NotModified(
                url=url, validators=kept, freshness=fresh, hops=hops, elapsed=journey.elapsed, waited=journey.waited
            )
        start = _readable(answer)
        refusal = judge(answer.status, answer.headers, start, journey.moment, journey.known_at(url))
        return journey.failed(refusal.kind, refusal.reason, status=answer.status, wait=refusal.retry_after)

    def _line(self, proxy: str | None, ca_file: str | None) -> GuardedTransport:
        """Give the connections for a proxy and an authority; most feeds share the one without either."""
        line = self._lines.get((proxy, ca_file))
        if line is None:
            line = self._lines[proxy, ca_file] = self._new_line(proxy, ca_file)
        return line

    def _give_up(self, line: GuardedTransport) -> None:
        """Let the next request begin new connections: there are as many as requests may go at a time, so some are lost.

        The pool loses one when what cleans up after a failed request fails itself, as where no more files can be open.
        """
        kept = {key: one for key, one in self._lines.items() if one is not line}
        if len(kept) == len(self._lines):
            return  # another request has seen to it

        async def closed() -> None:
            await asyncio.sleep(self._limits.total.total_seconds())  # what still goes over it ends first
            self._retired.remove(line)
            await line.aclose()

        self._lines = kept
        self._retired.append(line)
        closing = asyncio.create_task(closed(), name="end of lost connections")
        self._closing.add(closing)
        closing.add_done_callback(self._closing.discard)

    def _new_line(self, proxy: str | None, ca_file: str | None) -> GuardedTransport:
        allow = self._allow
        if proxy is not None:  # the user's own choice, and often on this machine
            scheme, host, port = origin(proxy)
            if scheme not in ("http", "https") or not host:
                raise CannotGo(FailureKind.REFUSED, "the feed's proxy is not an http or https URL")
            allow = allow.with_host(host, port or 0)
        return GuardedTransport(
            GuardedBackend(allow, self._resolver),
            trust(ca_file),
            requests=self._limits.requests,
            proxy=httpx.URL(proxy) if proxy else None,
        )


def _mib(size: int) -> str:
    return f"{size / 1024 / 1024:.3g} MiB"


def _readable(answer: Answer) -> bytes:
    """Give the beginning of an error's body, decoded where that works; it is looked at and not kept."""
    try:
        return decode(answer.body, _codings(answer), _START)
    except Undecodable:
        return answer.body


def _codings(answer: Answer) -> str:
    return ", ".join(text for name, text in answer.headers if name == "content-encoding")


def _failed(journey: Journey, error: Exception, limits: Limits) -> FetchFailed:
    kind, reason = explained(error, journey.way, reading=journey.reading)
    if kind is FailureKind.TIMEOUT and journey.spent >= limits.total.total_seconds():
        reason = f"not finished within {limits.total.total_seconds():g} s"
    if kind is FailureKind.REFUSED and journey.hops:
        kind, reason = FailureKind.REDIRECT, f"it redirects to {shown(journey.hops[-1].target)}: {reason}"
    return journey.failed(kind, reason)
