"""How the feeds that are fine fare among feeds that are not: 1,000 of them on loopback, a third misbehaving.

    python benchmarks/misbehaving.py [--feeds 1000] [--every 15] [--seconds 60]

Every feed is due every `--every` seconds: at 15, 67 requests a second are offered. Servers that misbehave hang, drip,
reset, redirect in loops or to a metadata address, break off, inflate to 64 MiB, answer 500, 404 or a page. Limits are
the client's own, with timeouts a tenth as long; nobody backs off, which is harsher than life. Printed: how long after
they were due the good feeds were answered, from their second poll on, and this process's memory, servers included.
"""

import argparse
import asyncio
import gzip
import resource
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median, quantiles
from time import monotonic, process_time

from aggregator.fetching.client import Client
from aggregator.fetching.guard import AllowList
from aggregator.fetching.politeness import Priority
from aggregator.fetching.request import FetchRequest, Limits
from aggregator.model import FetchFailed

FAULTS = ("hang", "drip", "reset", "loop", "metadata", "truncate", "bomb", "500", "404", "html")
BODY = b"<rss version='2.0'><channel><title>t</title>" + b"<item><title>news</title></item>" * 200 + b"</channel></rss>"
BOMB = gzip.compress(b" " * (64 << 20))


def answer(fault: str) -> bytes:
    """Write what a server says, whole or not."""
    packed = gzip.compress(BODY, 1)
    head = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n"
    return {
        "good": head % len(packed) + packed,
        "loop": b"HTTP/1.1 302 Found\r\nLocation: /loop\r\nContent-Length: 0\r\n\r\n",
        "metadata": b"HTTP/1.1 302 Found\r\nLocation: http://169.254.169.254/\r\nContent-Length: 0\r\n\r\n",
        "truncate": head % len(packed) + packed[:99],
        "bomb": head % len(BOMB) + BOMB,
        "500": b"HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n",
        "404": b"HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n",
        "html": b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n<html>",
    }[fault]


async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while line := (await reader.readuntil(b"\r\n\r\n")).split(b"\r\n", 1)[0]:
            fault = line.split(b" ")[1].decode().strip("/").partition("/")[0]
            await asyncio.sleep(0.02)
            if fault == "hang":
                await asyncio.sleep(60)
            elif fault == "reset":
                writer.transport.abort()
                return
            elif fault == "drip":
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
                for _ in range(1000):
                    writer.write(b"x")
                    await writer.drain()
                    await asyncio.sleep(0.5)
            else:
                writer.write(answer(fault))
                await writer.drain()
                if fault == "truncate":
                    break
    except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
        pass
    writer.close()


def fault_of(feed: int) -> str:
    """Have every third feed misbehave, each in its own way."""
    return "good" if feed % 3 else FAULTS[feed // 3 % len(FAULTS)]


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--feeds", type=int, default=1000)
    parser.add_argument("--hosts", type=int, default=1000)
    parser.add_argument("--every", type=float, default=15.0)
    parser.add_argument("--seconds", type=float, default=60.0)
    options = parser.parse_args()
    server = await asyncio.start_server(serve, "0.0.0.0", 0)  # noqa: S104  # all of 127/8, one host each
    port = server.sockets[0].getsockname()[1]
    late: list[float] = []
    outcomes: Counter[str] = Counter()
    limits = Limits(connect=timedelta(seconds=1), read=timedelta(seconds=2), total=timedelta(seconds=6))
    end = monotonic() + options.seconds

    async def poll(client: Client, feed: int) -> None:
        fault, host = fault_of(feed), feed % options.hosts
        url = f"http://127.3.{host // 250}.{1 + host % 250}:{port}/{fault}/{feed}"
        due = monotonic() + options.every * (feed * 0.618 % 1)
        failing, first = True, True  # as yet unknown
        while due < end:
            await asyncio.sleep(due - monotonic())
            priority = Priority.NEW_OR_FAILING if failing else Priority.STEADY
            result = await client.fetch(FetchRequest(url=url, priority=priority, now=datetime.now(UTC)))
            failing = isinstance(result, FetchFailed)
            outcomes[f"{fault}: {result.kind.value if isinstance(result, FetchFailed) else 'fetched'}"] += 1
            if fault == "good" and not first:
                late.append(monotonic() - due)
            first = False
            due = max(due + options.every, monotonic())

    started = process_time()
    async with Client(allow=AllowList.parse(["127.0.0.0/8"]), limits=limits) as client:
        before = rss()
        await asyncio.gather(*(poll(client, feed) for feed in range(options.feeds)))
        after = rss()
    server.close()
    cuts = quantiles(late, n=100)
    waits = f"{median(late):.2f} s (median), {cuts[94]:.2f} s (p95), {max(late):.2f} s (most)"
    print(f"good feeds: {len(late):,} polls, late by {waits}")
    print(f"memory: {before} MB at the start, {after} MB at the end, {peak()} MB at most (server and client)")
    print(f"processor: {(process_time() - started) / sum(outcomes.values()) * 1000:.2f} ms a request, server included")
    print("; ".join(f"{name} {count}" for name, count in sorted(outcomes.items())))


def rss() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize() >> 20


def peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10


if __name__ == "__main__":
    asyncio.run(main())
