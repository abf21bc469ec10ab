"""A press that never sleeps: feeds on several loopback hosts whose documents change as its own clock runs.

What it prints is a function of its clock and a seed, so that what must be in the store at the end is known: all of it.
Every happening is reported by several outlets in words of their own; now and then a report is edited.
"""

import random
import threading
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from time import monotonic, sleep

from tests.pipeline.newsstand import Told, rss

START = datetime(2026, 3, 2, 8, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
SYLLABLES = "ka lo mi ren ta vi so dul bar nek po shi gan tor el ui fra mon zel qua".split()  # noqa: SIM905  a sentence
FILLER = "officials residents report after before new large early late north south minister says morning".split()  # noqa: SIM905


@dataclass(slots=True, kw_only=True)
class Press:
    """The feeds, and the clock that they and the daemon go by."""

    seed: int
    feeds: int = 6
    every: timedelta = MINUTE  # between two entries of a feed
    speed: float = 120.0  # of its clock
    slowest: float = 0.2  # seconds before an answer
    until: timedelta | None = None  # nothing new is printed after this
    asked: int = 0
    bases: list[str] = field(default_factory=list)
    _since: float = field(default_factory=monotonic)
    _shift: timedelta = timedelta()
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def now(self) -> datetime:
        return START + timedelta(seconds=(monotonic() - self._since) * self.speed) + self._shift

    def jump(self, by: timedelta) -> None:
        self._shift += by

    def stop_printing(self) -> None:
        """Print nothing new from now on; every feed has said all that it will."""
        self.until = self.now() - START

    def printed(self, feed: int, now: datetime) -> list[Told]:
        """Give the entries of a feed at a time, newest first."""
        passed = min(now - START, self.until) if self.until is not None else now - START
        count = int(passed / self.every) + 2
        found = []
        for number in range(count):
            appears = number * self.every - self.every + timedelta(seconds=self._rng(feed, number).random() * 100)
            if appears > passed:
                continue
            edited = number % 9 == 4 and passed > appears + 10 * MINUTE
            found.append(self._told(feed, number, edited=edited, published=START + appears))
        return found[::-1]

    def _told(self, feed: int, number: int, *, edited: bool, published: datetime) -> Told:
        words = self._happening(number if feed % 2 else number // 2)
        rng = self._rng(feed, number, "words")
        chosen = rng.sample(words, 5)
        said = [*chosen[:4], *rng.sample(FILLER, 3)] + (["corrected"] if edited else [])
        rng.shuffle(said)
        body = " ".join(rng.sample(words, 6) + rng.sample(FILLER, 6))
        return Told(f"{feed}-{number}", " ".join(said).capitalize(), body.capitalize() + ".", published)

    def _happening(self, number: int) -> list[str]:
        rng = self._rng("happening", number)
        return ["".join(rng.choices(SYLLABLES, k=3)) for _ in range(8)]

    def _rng(self, *key: object) -> random.Random:
        return random.Random(f"{self.seed}/{key}")

    def everything(self) -> Mapping[str, str]:
        """Give the title of all that was printed, by guid."""
        now = self.now()
        return {told.guid: told.title for feed in range(self.feeds) for told in self.printed(feed, now)}

    def answer(self, path: str, validator: str | None) -> tuple[int, bytes, str]:
        """Answer a request: status, body, ETag."""
        if path == "/clock":
            return 200, self.now().isoformat().encode(), ""
        with self._lock:
            self.asked += 1
        feed = int(path.removeprefix("/feed/"))
        sleep(self._rng(feed, self.asked).random() * self.slowest)
        body = rss(self.printed(feed, self.now()), title=f"Feed {feed}")
        etag = f'"{blake2b(body, digest_size=8).hexdigest()}"'
        return (304, b"", etag) if validator == etag else (200, body, etag)

    @property
    def clock(self) -> str:
        """Give the URL of the clock."""
        return f"{self.bases[0]}/clock"

    def configure(self, folder: Path, more: str = "") -> None:
        """Write a configuration of all feeds; the last one is not clustered."""
        feeds = "".join(
            f"  - {{url: '{base}/feed/{number}', outlet: Outlet {number}, language: en, every: 1m"
            f"{', cluster: off' if number == self.feeds - 1 else ''}}}\n"
            for number, base in enumerate(self.bases)
        )
        (folder / "feeds.yaml").write_text(
            f"server: {{port: 0}}\npolling: {{allow: [127.0.0.0/8]}}\n{more}feeds:\n{feeds}", encoding="utf-8"
        )


@contextmanager
def printing(press: Press) -> Iterator[Press]:
    """Serve a press, each feed on a host of its own, while the block lasts."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, body, etag = press.answer(self.path, self.headers.get("If-None-Match"))
            self.send_response(status)
            if etag:
                self.send_header("ETag", etag)
            if status == 200:
                self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    class Quiet(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_: object) -> None:
            pass  # a daemon that was killed hangs up in mid-answer

    with ExitStack() as stack:
        for number in range(press.feeds):
            server = Quiet((f"127.0.1.{number + 1}", 0), Handler)
            stack.callback(server.server_close)
            thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
            thread.start()
            stack.callback(thread.join)
            stack.callback(server.shutdown)
            press.bases.append(f"http://{server.server_address[0]}:{server.server_port}")
        press._since = monotonic()
        yield press
