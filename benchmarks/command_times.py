"""How long commands take to say something, over a store of 100,000 entries.

    python benchmarks/command_times.py build FOLDER [--entries 100000] [--days 60] [--seed 1]
    python benchmarks/command_times.py time FOLDER [--runs 5]

`build` makes a store: entries of 120 feeds and 60 outlets in four languages, of made-up words with the frequencies of a
language (Zipf), in events whose sizes are as skewed as those of news; decisions and search index with them. The
configuration is taken up, every feed was polled, and the last 2,000 entries go through the program's own clustering, so
that all is as a daemon would have left it.

`time` runs each command as a process of its own and prints the seconds to its first output (median and worst of the
runs), to its end, and of processor time, the best of the runs: what a machine with nothing else to do would take.
"""

import argparse
import os
import random
import resource
import shlex
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from pathlib import Path
from statistics import median
from typing import Any

from sqlalchemy import insert

from aggregator.clustering.evidence import Evidence
from aggregator.clustering.settings import Settings
from aggregator.config import load
from aggregator.database import search
from aggregator.database.engine import FILE_NAME, connect
from aggregator.database.feeds import POLLS_KEPT, Poll, Subscription, add_poll, all_feeds, save_state
from aggregator.database.store import open_store, set_setting
from aggregator.database.tables import batches, entries, events, evidence, identities, revisions
from aggregator.model import Validators
from aggregator.pipeline.batch import Clustering
from aggregator.pipeline.subscribing import subscribe
from aggregator.publishing.ids import event_name
from aggregator.scheduling.history import History, remembered
from aggregator.scheduling.state import Health

LANGUAGES = ("en", "id", "de", "tr")
FEEDS = 120
CLUSTERED = 2_000  # newest entries, decided by the program itself
SYLLABLES = [a + b for a in "bdfgklmnprstvz" for b in "aeiou"]
STEP = 5_000


@dataclass(slots=True)
class Language:
    """Made-up words, the commonest first."""

    words: list[str]
    weights: list[float]  # cumulative

    @classmethod
    def made(cls, rng: random.Random, size: int = 20_000) -> "Language":
        words = list(dict.fromkeys("".join(rng.choices(SYLLABLES, k=rng.randint(2, 5))) for _ in range(size)))
        return cls(words, [*accumulate(1 / (rank + 3) for rank in range(len(words)))])

    def text(self, rng: random.Random, length: int, topic: list[str]) -> str:
        common = rng.choices(self.words, cum_weights=self.weights, k=length - len(topic))
        chosen = common + topic
        rng.shuffle(chosen)
        return " ".join(chosen).capitalize()


def happenings(rng: random.Random, count: int) -> Iterator[tuple[int, str]]:
    """Give the size and language of happenings until they hold `count` reports: most of one, some of dozens."""
    while count > 0:
        size = min(count, max(1, int(rng.paretovariate(1.25))), 60)
        yield size, rng.choices(LANGUAGES, weights=(5, 3, 2, 1))[0]
        count -= size


def reports(rng: random.Random, count: int, start: datetime, days: int) -> Iterator[dict[str, Any]]:
    """Give reports in the order of first sight; `event` is the number of their happening."""
    languages = {code: Language.made(rng) for code in LANGUAGES}
    rows: list[dict[str, Any]] = []
    for number, (size, code) in enumerate(happenings(rng, count), 1):
        language, begin = languages[code], start + timedelta(days=rng.uniform(0, days))
        topic = rng.sample(language.words[200:], 6)
        for _ in range(size):
            seen = begin + timedelta(hours=rng.expovariate(1 / 6))
            title = language.text(rng, 10, rng.sample(topic, 4))
            summary = language.text(rng, 45, topic)
            rows.append({"event": number, "language": code, "first_seen": seen, "title": title, "summary": summary})
    return iter(sorted(rows, key=lambda row: row["first_seen"]))


def build(folder: Path, count: int, days: int, seed: int) -> None:
    rng, now = random.Random(seed), datetime.now(UTC).replace(microsecond=0)  # noqa: S311  no secret
    start = now - timedelta(days=days)
    database = open_store(folder, now)
    feeds = [
        Subscription(
            url=f"https://outlet{n % 60}.example/{n}.xml",
            name=f"Feed {n}",
            outlet=f"Outlet {n % 60}",
            language=LANGUAGES[n % 4],
            tags=("world",) if n % 3 else ("world", "asia"),
        )
        for n in range(FEEDS)
    ]
    configuration = folder.parent / "feeds.yaml"
    configuration.write_text(
        "feeds:\n"
        + "".join(
            f"  - {{url: '{f.url}', name: '{f.name}', outlet: '{f.outlet}', language: {f.language},"
            f" tags: [{', '.join(f.tags)}]}}\n"
            for f in feeds
        )
    )
    with database.write() as connection:
        subscribe(connection, load(configuration), start)
        poll_all(connection, rng, now)
    made = [row for row in reports(rng, count, start, days - 1) if row["first_seen"] <= now]
    print(f"{len(made)} reports, {len({row['event'] for row in made})} happenings", file=sys.stderr)
    known: dict[int, dict[str, Any]] = {}
    for begin in range(0, len(made), STEP):
        with database.write() as connection:
            store(connection, rng, made, range(begin, min(begin + STEP, len(made))), known)
    with database.write() as connection:
        rows = [row | {"name": event_name(row["id"]), "outlets": len(row.pop("seen"))} for row in known.values()]
        for row in rows:
            row["independent"] = row["outlets"]
        connection.execute(insert(events), rows)
        set_setting(connection, "next_event", max(known) + 1)
    clustering = Clustering(database=database, settings=Settings())
    while report := clustering.run(now):
        print(f"batch {report.number}: {report.entries} entries", file=sys.stderr)
    with database.writer.connect() as connection:
        connection.exec_driver_sql("ANALYZE")
        connection.exec_driver_sql("COMMIT")


def poll_all(connection: Any, rng: random.Random, now: datetime) -> None:
    """Have every feed polled as a daemon would have: its state and its last requests."""
    for feed in all_feeds(connection):
        times = [now - timedelta(hours=rng.expovariate(1 / 24)) for _ in range(40)]
        last = now - timedelta(minutes=rng.uniform(0, 30))
        state = replace(
            feed.state, health=Health.FINE, next_check=last + timedelta(minutes=30), interval=timedelta(minutes=30),
            why="as often as it brings news", last_attempt=last, last_success=last, last_new=max(times),
            validators=Validators(url=feed.url, etag='"5f3c-62d1"'), body_hash="0123456789abcdef" * 4,
            history=remembered(History(), times, now),
        )  # fmt: skip
        save_state(connection, state)
        for place in range(POLLS_KEPT):
            add_poll(connection, feed.id, Poll(at=last - place * timedelta(minutes=30), outcome="new", status=200))


def store(
    connection: Any, rng: random.Random, made: list[dict[str, Any]], span: range, known: dict[int, dict[str, Any]]
) -> None:
    """Store some reports as entries with their decision; `known` gathers the events' rows."""
    rows, decided, ids, edits, words = [], [], [], [], []
    for place in span:
        report, entry = made[place], place + 1
        feed = rng.randrange(FEEDS)
        pending = place >= len(made) - CLUSTERED
        event, seen = report["event"], report["first_seen"]
        url = f"https://outlet{feed % 60}.example/{entry}"
        rows.append(
            {
                "id": entry, "feed_id": feed + 1, "url": url, "title": report["title"], "summary": report["summary"],
                "html": f"<p>{report['summary']}</p>", "author": "", "tags": [], "outlet": f"Outlet {feed % 60}",
                "language": report["language"], "published": seen - timedelta(minutes=20), "first_seen": seen,
                "time": seen, "revision": 0, "imported": False,
                "batch": None if pending else 1 + place // 100, "event_id": None if pending else event,
                "copy_of": None,
            }
        )  # fmt: skip
        ids.append(
            {"entry_id": entry, "feed_id": feed + 1, "guid": url, "link": url, "text": str(entry), "digest": str(entry),
             "last_seen": seen}
        )  # fmt: skip
        if pending:
            continue
        words.append((entry, report["title"], report["summary"]))
        first = event not in known
        why = Evidence(
            rule="founded" if first else "joined",
            compared=None if first else known[event]["representative"],
            compared_revision=0, jaccard=0.2, cosine=0.31, score=0.4,
            parts={"words": 0.4, "size": -0.1, "pairs": 0.2, "length": 0.0, "gap": 0.0, "copy": 0.0},
            terms=tuple((word, 0.05) for word in report["title"].lower().split()[:6]), gap=3600, members=1,
            thresholds={"join": 0.07, "merge": 0.07, "copy": 0.7},
        )  # fmt: skip
        decided.append(
            {"entry_id": entry, "batch": 1 + place // 100, "serial": place % 100, "event_id": event, "from_event": None,
             "reason": why.rule, "at": seen, "detail": why.to_json()}
        )  # fmt: skip
        if place % 50 == 0:
            edits.append({"entry_id": entry, "revision": 0, "title": report["title"], "summary": "", "until": seen,
                          "pending": False})  # fmt: skip
        row = known.setdefault(
            event,
            {"id": event, "language": report["language"], "headline": report["title"], "url": url,
             "representative": entry, "first_seen": seen, "updated": seen, "entries": 0, "seen": set()},
        )  # fmt: skip
        row["updated"], row["entries"] = seen, row["entries"] + 1
        row["seen"].add(feed % 60)
    connection.execute(insert(entries), rows)
    connection.execute(insert(identities), ids)
    if decided:
        connection.execute(insert(evidence), decided)
        search.index(connection, words)
        numbers = sorted({row["batch"] for row in decided})
        connection.execute(
            insert(batches).prefix_with("OR IGNORE"),
            [{"number": n, "at": made[span.start]["first_seen"], "entries": 100, "events": 60} for n in numbers],
        )
    if edits:
        connection.execute(insert(revisions), edits)


def sample(folder: Path) -> dict[str, str]:
    """Find an event of some size, its name, two of its entries and a common word."""
    with connect(folder / FILE_NAME).read() as connection:
        row = connection.exec_driver_sql(
            "SELECT id, name, headline, representative FROM events WHERE entries BETWEEN 4 AND 8"
            " ORDER BY updated DESC LIMIT 1"
        ).one()
        other = connection.exec_driver_sql(
            "SELECT name FROM events WHERE id != ? AND entries > 1 ORDER BY updated DESC", (row.id,)
        ).first()
    words = row.headline.lower().split()
    found = {"event": row.name, "other": other.name if other else row.name, "entry": str(row.representative)}
    return {**found, "word": words[0], "rare": words[-1]}


COMMANDS = (
    "--help", "events --help", "status", "events list", "events list --all --limit 30",
    "events list --all --json", "events list --since 7d --language en --outlet 'Outlet 3' --tag asia --csv",
    "events list --all --sort first-seen --offset 20000 --limit 30", "events search {word}", "events search {rare}",
    "events search {word} --json --limit 100",
    "events show {event}", "events show {event} --revisions", "events show {event} --json", "events history {event}",
    "events why {event}", "events why-not {event} {other}", "feeds list", "feeds show 7", "feeds overlap",
    "outlets list", "export --since 1d", "store size", "config check", "events show zzzzz",
    "recluster --dry-run", "events corrections", "events pin {event} {entry}", "undo",
)  # fmt: skip


def first_output(words: list[str], env: dict[str, str]) -> tuple[float, float, float]:
    """Run a command; give the seconds to its first byte, to its end, and of processor time."""
    before, begin = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=env) as process:
        assert process.stdout is not None  # noqa: S101  a pipe was asked for
        os.read(process.stdout.fileno(), 1)
        first = time.perf_counter() - begin
        process.stdout.read()
    after, end = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter() - begin
    return first, end, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def measure(folder: Path, runs: int) -> None:
    kept = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    env = {**kept, "AGGREGATOR_STORE": str(folder), "AGGREGATOR_CONFIG": str(folder.parent / "feeds.yaml")}
    values = sample(folder)
    print(f"{'first':>7} {'worst':>7} {'end':>7} {'cpu':>7}  command")
    for line in COMMANDS:
        words = [sys.executable, "-m", "aggregator", *shlex.split(line.format(**values))]
        first, end, cpu = zip(*(first_output(words, env) for _ in range(runs)), strict=True)
        told = f"{median(first):7.3f} {max(first):7.3f} {median(end):7.3f} {min(cpu):7.3f}"
        print(f"{told}  {line.format(**values)}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("build", "time"))
    parser.add_argument("folder", type=Path)
    parser.add_argument("--entries", type=int, default=100_000)
    parser.add_argument("--days", type=int, default=60)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--runs", type=int, default=5)
    asked = parser.parse_args()
    if asked.what == "build":
        build(asked.folder, asked.entries, asked.days, asked.seed)
    else:
        measure(asked.folder, asked.runs)


if __name__ == "__main__":
    main()
