"""How fast pages and feeds are served while the daemon polls and clusters, and what publishing costs.

    python benchmarks/command_times.py build FOLDER --entries 155000 --days 40  # 50,000 events
    python benchmarks/serving.py serve FOLDER [--seconds 20] [--feeds 60]
    python benchmarks/serving.py publish FOLDER [--events 10000]

`serve` needs wrk. It runs the program's own daemon over a copy of the store, with feeds on loopback that bring ten new
entries each minute each, and asks with 8 connections, as fast as answers come, for the front page and, as a reader does
that has it already, for a feed. Printed: the median, the 95th and 99th percentile in milliseconds, requests a second,
and what the daemon did in the meantime.

`publish` releases the newest events of a copy of the store in one feed, then changes one event. Printed: seconds, and
bytes written to documents and to the database's log.
"""

import argparse
import json
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from pathlib import Path

from sqlalchemy import select, update

from aggregator.config import Config
from aggregator.database.engine import FILE_NAME, Database, connect
from aggregator.database.tables import entries, events
from aggregator.pipeline.publish import Publisher, place_of
from aggregator.publishing.publication import OutputFeed

CONNECTIONS = 8
TELL = """
done = function(summary, latency, requests)
  io.write(string.format('{"p50": %.2f, "p95": %.2f, "p99": %.2f, "rate": %.0f, "errors": %d}\\n',
    latency:percentile(50) / 1000, latency:percentile(95) / 1000, latency:percentile(99) / 1000,
    summary.requests / summary.duration * 1000000,
    summary.errors.status + summary.errors.read + summary.errors.timeout))
end
"""
WORDS = (
    "valley",
    "river",
    "talks",
    "minister",
    "strike",
    "bridge",
    "flood",
    "price",
    "export",
    "police",
    "court",
    "vote",
)
NUMBERS = count(1)


class Newsstand(BaseHTTPRequestHandler):
    """Answers every request with ten entries that nobody has seen."""

    def do_GET(self) -> None:
        items = "".join(self._item() for _ in range(10))
        body = f"<rss version='2.0'><channel><title>t</title>{items}</channel></rss>".encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/rss+xml")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _item(self) -> str:
        number, words = next(NUMBERS), " ".join(random.choices(WORDS, k=9))  # noqa: S311  no secret
        return (
            f"<item><guid>{number}</guid><title>{words} {number % 40}</title><description>{words}</description></item>"
        )

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  its name in the standard library
        """Say nothing."""


def free_port() -> int:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        return int(held.getsockname()[1])


def read(url: str) -> tuple[bytes, str]:
    with urllib.request.urlopen(url, timeout=60) as answer:  # noqa: S310  loopback
        return answer.read(), answer.headers.get("etag", "")


def asked(url: str, seconds: int, script: Path, *headers: str) -> dict[str, float]:
    """Ask with wrk; give what its script tells."""
    given = [part for header in headers for part in ("-H", header)]
    words = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "-s", str(script), *given, url]
    out = subprocess.run(words, check=True, capture_output=True, text=True).stdout
    found: dict[str, float] = json.loads(out.splitlines()[-1])
    return found


def serve(folder: Path, seconds: int, feeds: int) -> None:
    if shutil.which("wrk") is None:
        raise SystemExit("serve needs wrk (Debian: apt-get install wrk)")
    print(f"wrk, {CONNECTIONS} connections, {seconds} s each; {feeds} feeds bring ten new entries a minute each")
    stand = ThreadingHTTPServer(("127.0.0.1", 0), Newsstand)
    threading.Thread(target=stand.serve_forever, daemon=True).start()
    with tempfile.TemporaryDirectory() as place:
        store, port, script = Path(place) / "store", free_port(), Path(place) / "tell.lua"
        shutil.copytree(folder, store)
        script.write_text(TELL)
        subscribed = "".join(
            f"  - {{url: 'http://127.0.0.1:{stand.server_port}/{n}', outlet: Stand {n}, every: 1m}}\n"
            for n in range(feeds)
        )
        config = Path(place) / "feeds.yaml"
        config.write_text(
            f"polling: {{interval: 1m, minimum: 1m, allow: ['127.0.0.0/8']}}\n"
            f"server: {{port: {port}}}\nfeeds:\n{subscribed}"
        )
        words = [sys.executable, "-m", "aggregator", "run", "--config", str(config), "--store", str(store)]
        with subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as daemon:
            try:
                measure(f"http://127.0.0.1:{port}", seconds, script)
            finally:
                daemon.send_signal(signal.SIGTERM)
    stand.shutdown()


def measure(base: str, seconds: int, script: Path) -> None:
    wait_for(f"{base}/readyz")
    time.sleep(20)  # the first polls and batches
    before = figures(base)
    for name, path in (("front page", "/"), ("every event", "/?all=1"), ("unchanged feed", "/feeds/events.atom")):
        body, etag = read(base + path)
        headers = (f"If-None-Match: {etag}",) if name == "unchanged feed" else ()
        told = asked(base + path, seconds, script, *headers)
        print(f"{name:15} {len(body) / 1000:6.0f} KB  " + "  ".join(f"{key} {value:g}" for key, value in told.items()))
    after = figures(base)
    for name, value in sorted(after.items()):
        if name.startswith("aggregator_stage") or name in ("aggregator_entries", "aggregator_events"):
            print(f"{name} {before.get(name, 0):g} -> {value:g}")


def figures(base: str) -> dict[str, float]:
    lines = (line.rpartition(" ") for line in read(f"{base}/metrics")[0].decode().splitlines() if line[0] != "#")
    return {name: float(value) for name, _, value in lines}


def wait_for(url: str) -> None:
    for _ in range(600):
        try:
            read(url)
        except OSError:
            time.sleep(0.2)
        else:
            return
    raise SystemExit(f"{url} does not answer")


def publish(folder: Path, number: int) -> None:
    with tempfile.TemporaryDirectory() as place:
        store = Path(place) / "store"
        shutil.copytree(folder, store)
        database, now = connect(store / FILE_NAME), datetime.now(UTC)
        with database.read() as connection:
            ids = list(
                connection.scalars(
                    select(events.c.id).where(events.c.entries > 0).order_by(events.c.updated.desc()).limit(number)
                )
            )
            where = place_of(connection, Config())
        feed = OutputFeed(name="all", title="All", hold=timedelta(), keep=timedelta(days=90), limit=number)
        publisher = Publisher(
            database=database,
            folder=store / "feeds",
            feeds=(feed,),
            place=where,
            store_made=now - timedelta(days=99),
        )
        log = (store / FILE_NAME).with_name(f"{FILE_NAME}-wal")
        for told in (f"{number} events", "one event changed"):
            changed = ids if told != "one event changed" else [grown(database, ids[0])]
            logged, begun = size(log), time.perf_counter()
            stored = publisher.release(changed, now)
            released = time.perf_counter() - begun
            written = publisher.write(feed) if stored else []
            total = time.perf_counter() - begun
            documents = ", ".join(f"{path.suffix[1:]} {size(path) / 1e6:.2f} MB" for path in written)
            print(
                f"{told}: decided and stored in {released:.2f} s, all in {total:.2f} s; written: {documents};"
                f" log {(size(log) - logged) / 1e3:.0f} KB"
            )
        database.close()


def grown(database: Database, event: int) -> int:
    """Have another entry in an event."""
    with database.write() as connection:
        other = connection.scalar(select(entries.c.id).where(entries.c.event_id != event).limit(1))
        connection.execute(update(entries).where(entries.c.id == other).values(event_id=event))
    return event


def size(path: Path) -> int:
    return os.stat(path).st_size if path.exists() else 0  # noqa: PTH116


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("serve", "publish"))
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seconds", type=int, default=20)
    parser.add_argument("--feeds", type=int, default=60)
    parser.add_argument("--events", type=int, default=10_000)
    given = parser.parse_args()
    if given.what == "serve":
        serve(given.folder, given.seconds, given.feeds)
    else:
        publish(given.folder, given.events)


if __name__ == "__main__":
    main()
