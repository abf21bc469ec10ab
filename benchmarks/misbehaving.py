"""How a daemon fares among feeds of which a third misbehave: memory, descriptors, threads, and how late the others are.

    python benchmarks/misbehaving.py [--feeds 1000] [--minutes 60] [--report 5]

The feeds are on as many loopback hosts, served from here; `aggregator run` polls each every minute, and a reader
asks for its combined feed every ten seconds. A feed that misbehaves does so in two answers of three and is fine in the
third, so that it is never backed off for long: harsher than life. Of the others each reports something once an hour, in
an order of its own, and one in five gives other bytes with every answer. What is measured comes with the first report.
Late is how long after its `next_check` a feed that is fine was asked.
"""

import argparse
import asyncio
import gzip
import json
import os
import random
import sqlite3
import subprocess
import sys
import tempfile
import urllib.request
from collections import Counter
from contextlib import closing, suppress
from dataclasses import dataclass, field
from email.utils import formatdate
from pathlib import Path
from statistics import median, quantiles
from time import monotonic, time

import psutil

RETRY = b"HTTP/1.1 %b\r\nRetry-After: 60\r\nContent-Length: 0\r\n\r\n"
REDIRECT = b"HTTP/1.1 %b\r\nLocation: %b\r\nContent-Length: 0\r\n\r\n"
BOMB = gzip.compress(b" " * (64 << 20))
PAGE = b"<!doctype html><html><title>Domain for sale</title><p>Buy it.</html>"
WELL = b"HTTP/1.1 200 OK\r\n%bContent-Length: %d\r\n\r\n%b"
EVIL = b"<!DOCTYPE r [<!ENTITY a 'aaaaaaaaaa'><!ENTITY b '&a;&a;&a;&a;&a;&a;&a;&a;'>]><rss><channel><title>&b;</title>"
ANSWERS = {
    "429": RETRY % b"429 Slow",
    "503": RETRY % b"503 Busy",
    "500": b"HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n",
    "404": b"HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n",
    "410": b"HTTP/1.1 410 Gone\r\nContent-Length: 0\r\n\r\n",
    "403": b"HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n",
    "loop": REDIRECT % (b"302 Found", b"?again"),
    "metadata": REDIRECT % (b"302 Found", b"http://169.254.169.254/latest/meta-data/"),
    "file": REDIRECT % (b"302 Found", b"file:///etc/passwd"),
    "elsewhere": REDIRECT % (b"301 Moved", b"/page"),
    "html": WELL % (b"", len(PAGE), PAGE),
    "empty": WELL % (b"", 0, b""),
    "bomb": WELL % (b"Content-Encoding: gzip\r\n", len(BOMB), BOMB),
    "path": WELL % (b"", 11, b"/etc/passwd"),
    "entities": WELL % (b"", len(EVIL), EVIL),
    "attributes": WELL % (b"", 400_011, b"<rss a='" + b"a='' b" * 66_667 + b"'>"),
    "binary": WELL % (b"", 60_000, bytes(range(240)) * 250),
    "junk": b"SSH-2.0-OpenSSH_9.9\r\n\r\n",
}
FAULTS = ("hang", "drip", "reset", "truncate", *ANSWERS)
SYLLABLES = "ka lo mi ren ta vi so dul bar nek po shi gan tor el fra".split()  # noqa: SIM905  a sentence
SHOWN = 6  # entries of a document
HOUR = 3600.0


@dataclass(slots=True)
class Farm:
    """The feeds: what they say, when they were asked, and how late that was."""

    feeds: int
    port: int = 0
    due: dict[int, float] = field(default_factory=dict)  # feed -> when, as the daemon has it
    last: dict[int, float] = field(default_factory=dict)
    late: list[float] = field(default_factory=list)
    answers: Counter[str] = field(default_factory=Counter)
    began: float = field(default_factory=time)
    words: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        rng = random.Random(1)  # noqa: S311  the same words each time
        self.words = ["".join(rng.choices(SYLLABLES, k=rng.randint(2, 4))) for _ in range(8_000)]

    def url(self, feed: int) -> str:
        return f"http://127.3.{feed // 250}.{1 + feed % 250}:{self.port}/{feed}"

    def fault(self, feed: int) -> str:
        """Have every third feed misbehave, each in its own way."""
        return "" if feed % 3 else FAULTS[feed // 3 % len(FAULTS)]

    def asked(self, feed: int) -> str:
        """Note a request; gives the fault to answer it with, if any."""
        now, fault = time(), self.fault(feed)
        due = self.due.pop(feed, None)
        if not fault and due is not None:
            self.late.append(now - due)
        self.last[feed] = now
        self.answers[f"{fault or 'fine'}"] += 1
        return fault if self.answers[f"feed {feed}"] % 3 < 2 else ""

    def expect(self, due: dict[int, float]) -> None:
        """Take in what is planned; a plan from before the last request is over."""
        self.due = {feed: at for feed, at in due.items() if at > self.last.get(feed, at)}

    def document(self, feed: int) -> tuple[bytes, bytes]:
        """Give what a feed says now, and its ETag."""
        now = time()
        newest = int((now - self.began) / HOUR + feed * 0.618 % 1)
        items = b"".join(self._entry(feed, number) for number in range(newest, newest - SHOWN, -1))
        stamp = f"{now if feed % 5 == 0 else newest}"
        head = f"<rss version='2.0'><channel><title>Feed {feed}</title><description>{stamp}</description>"
        return head.encode() + items + b"</channel></rss>", f'"{stamp}"'.encode()

    def _entry(self, feed: int, number: int) -> bytes:
        rng = random.Random(f"{feed}/{number}")  # noqa: S311  the same entry each time
        about = random.Random(f"{number}/{feed // 4}").choices(self.words, k=12)  # noqa: S311  four tell of one thing
        title = " ".join(rng.sample(about, 6) + rng.choices(self.words[:300], k=2))
        text = " ".join(rng.sample(about, 10) + rng.choices(self.words[:2000], k=20))
        date = formatdate(self.began + (number - feed * 0.618 % 1) * HOUR)
        return (
            f"<item><title>{title}</title><link>http://news.example/{feed}/{number}</link><pubDate>{date}</pubDate>"
            f"<description>{text}</description></item>"
        ).encode()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            while request := await reader.readuntil(b"\r\n\r\n"):
                path = request.split(b" ", 2)[1].partition(b"?")
                if path[0] == b"/page":
                    writer.write(ANSWERS["html"])
                else:
                    feed = int(path[0][1:])
                    fault = (self.fault(feed) if path[1] else self.asked(feed)) if path[0] else ""
                    self.answers[f"feed {feed}"] += not path[1]
                    if not await self._answer(feed, fault, request, writer):
                        break
                await writer.drain()
        writer.close()

    async def _answer(self, feed: int, fault: str, request: bytes, writer: asyncio.StreamWriter) -> bool:
        """Answer; False: hang up."""
        await asyncio.sleep(0.02)
        body, etag = self.document(feed)
        head = b"HTTP/1.1 200 OK\r\nETag: %b\r\nContent-Length: %d\r\n\r\n" % (etag, len(body))
        if fault in ANSWERS:
            writer.write(ANSWERS[fault])
            return fault != "junk"
        if fault == "hang":
            await asyncio.sleep(120)
        elif fault == "reset":
            writer.transport.abort()
        elif fault == "drip":
            for byte in head + body:
                writer.write(bytes([byte]))
                await writer.drain()
                await asyncio.sleep(1)
        elif fault == "truncate":
            writer.write(head + body[: len(body) // 2])
        elif b"if-none-match: " + etag in request.lower().replace(etag.lower(), etag):
            writer.write(b"HTTP/1.1 304 Not Modified\r\nETag: %b\r\n\r\n" % etag)
            return True
        else:
            writer.write(head + body)
            return True
        return False


@dataclass(slots=True)
class Watched:
    """The daemon's process, and what it takes."""

    process: psutil.Process
    database: Path
    began: float = field(default_factory=monotonic)

    def plans(self) -> dict[int, float]:
        """Read when each feed is to be asked next, as the daemon has stored it."""
        with closing(sqlite3.connect(f"file:{self.database}?mode=ro", uri=True, timeout=5)) as file:
            rows = file.execute("SELECT id, next_check FROM feeds WHERE next_check IS NOT NULL").fetchall()
        return {number - 1: at / 1e6 for number, at in rows}

    def row(self, farm: Farm, since: int) -> str:
        rss = self.process.memory_info().rss / 1e6
        workers = [child.memory_info().rss / 1e6 for child in self.process.children()]
        late = sorted(farm.late[since:])
        waits = f"{median(late):5.2f} {quantiles(late, n=20)[18]:6.2f} {late[-1]:7.2f}" if len(late) > 20 else ""
        with closing(sqlite3.connect(f"file:{self.database}?mode=ro", uri=True)) as file:
            (entries,) = file.execute("SELECT count(*) FROM entries").fetchone()
        counts = f"{self.process.num_fds():4} {self.process.num_threads():7} {entries:8} {len(late):6}"
        spent = sum(self.process.cpu_times()[:2])
        minute = (monotonic() - self.began) / 60
        return (
            f"{minute:6.0f} {rss:7.1f} {sum(workers):7.1f} {counts} {waits:22} {spent:6.0f} {os.getloadavg()[0]:5.1f}"
        )


HEAD = f"{'minute':>6} {'daemon':>7} {'worker':>7} {'fds':>4} {'threads':>7} {'entries':>8} {'polls':>6} {'median':>5} "
HEAD += f"{'p95':>5} {'most':>7} {'cpu s':>6} {'load':>5}"


async def watch(watched: Watched, farm: Farm, minutes: float, every: float) -> int:
    """Print a line at the start and every so many minutes; gives how many good polls came before the first report."""
    since = steady = 0
    following = watched.began + every * 60
    print(HEAD, watched.row(farm, since), sep="\n", flush=True)
    while monotonic() - watched.began < minutes * 60 and watched.process.is_running():
        await asyncio.sleep(2)
        with suppress(sqlite3.Error):
            farm.expect(watched.plans())
        if monotonic() >= following:
            print(watched.row(farm, since), flush=True)
            since, following = len(farm.late), following + every * 60
            steady = steady or since
    return steady


async def reading(address: str) -> None:
    """Ask for the combined feed as a reader does, every ten seconds."""
    while True:
        await asyncio.sleep(10)
        with suppress(OSError):
            await asyncio.to_thread(lambda: urllib.request.urlopen(address, timeout=30).read())  # noqa: S310  our own


async def started(log: Path) -> str:
    """Wait until the daemon is up; gives the address of its feed."""
    while True:
        await asyncio.sleep(0.2)
        for line in log.read_text().splitlines():
            if line.startswith("{") and (row := json.loads(line)).get("event") == "started":
                return str(row["subscribe"])


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--feeds", type=int, default=1000)
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--report", type=float, default=5.0, help="minutes between two lines")
    options = parser.parse_args()
    farm = Farm(options.feeds)
    server = await asyncio.start_server(farm.serve, "0.0.0.0", 0, backlog=1000)  # noqa: S104  all of 127/8
    farm.port = server.sockets[0].getsockname()[1]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        feeds = "".join(f"  - {{url: '{farm.url(n)}', language: en, every: 1m}}\n" for n in range(options.feeds))
        config = f"server: {{port: 0}}\npolling: {{allow: [127.0.0.0/8]}}\nfeeds:\n{feeds}"
        (folder / "feeds.yaml").write_text(config, encoding="utf-8")
        command = [sys.executable, "-m", "aggregator", "run", "--log-format", "json"]
        command += ["--config", str(folder / "feeds.yaml"), "--store", str(folder / "store")]
        with (folder / "log").open("wb") as log:
            process = subprocess.Popen(command, stderr=log)
        reader = asyncio.create_task(reading(await started(folder / "log")))
        watched = Watched(psutil.Process(process.pid), folder / "store/aggregator.db")
        try:
            steady = await watch(watched, farm, options.minutes, options.report)
        finally:
            reader.cancel()
            process.terminate()
            ended = process.wait(30)
        report(farm, steady, ended, (folder / "log").read_text())
    server.close()


def report(farm: Farm, steady: int, ended: int, log: str) -> None:
    late = sorted(farm.late[steady:]) or [0.0, 0.0]
    waits = f"{median(late):.2f} s (median), {quantiles(late, n=100)[94]:.2f} s (p95), {late[-1]:.2f} s (most)"
    print(f"feeds that are fine: {len(late):,} polls, late by {waits}")
    print("; ".join(f"{name} {count}" for name, count in sorted(farm.answers.items()) if not name.startswith("feed ")))
    errors = [line for line in log.splitlines() if '"level": "error"' in line or "Traceback" in line]
    print(f"exit {ended}; {len(log) / 1e6:.1f} MB of log, {len(errors)} errors in it", *errors[:5], sep="\n")


if __name__ == "__main__":
    asyncio.run(main())
