"""What a year does to a store: its size after the retention time, and what is written to the disk in a day.

    python benchmarks/year.py [--feeds 40] [--entries 120] [--days 365] [--keep 90] [--tick 30] [--seed 1]

The daemon's own schedule, storing, clustering, publishing and pruning, with `now` as an argument and documents made up
in place of HTTP. `--entries` is a day's sum over all feeds; busy feeds have more of them (log-normal). A third of the
entries report what another feed reported within the hours before, in other words; a fifth of their words were never
seen before. `--tick` is in minutes: a shorter one costs time and shows what documents cost that change all day.
Bytes are those that the kernel counts as to be written (write_bytes of /proc/self/io).
"""

import argparse
import random
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from pathlib import Path
from time import perf_counter, process_time

from aggregator.clustering.settings import Settings as ClusteringSettings
from aggregator.config import Config
from aggregator.database import feeds
from aggregator.database.engine import Database
from aggregator.database.feeds import StoredFeed, Subscription
from aggregator.database.retention import prune_step
from aggregator.database.store import open_store, sizes
from aggregator.model import Fetched, NotModified, ParsedEntry, ParsedFeed, Validators
from aggregator.pipeline.batch import Clustering
from aggregator.pipeline.poll import Read, store
from aggregator.pipeline.publish import Publisher, output_feeds, place_of
from aggregator.scheduling.state import Settings
from aggregator.scheduling.transitions import attempt

START = datetime(2026, 1, 1, tzinfo=UTC)
SHOWN = 30  # entries of a document
SYLLABLES = ["ka", "lo", "mi", "ren", "ta", "vi", "so", "dul", "bar", "nek", "po", "shi", "gan", "tor", "el", "fra"]


@dataclass(slots=True)
class Writer:
    """Makes up reports: words by Zipf's law, names that are new, happenings that several feeds report."""

    rng: random.Random
    words: list[str] = field(default_factory=list)
    weights: list[float] = field(default_factory=list)
    happenings: list[list[str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.words = ["".join(self.rng.choices(SYLLABLES, k=self.rng.randint(2, 4))) for _ in range(20_000)]
        self.weights = list(accumulate(1 / rank for rank in range(1, 20_001)))

    def entry(self, guid: str, published: datetime) -> ParsedEntry:
        if self.happenings and self.rng.random() < 1 / 3:
            about = self.rng.choice(self.happenings)
        else:
            about = self._common(9) + ["".join(self.rng.choices(SYLLABLES, k=5)) for _ in range(3)]
            self.happenings = [*self.happenings[-20:], about]
        title = " ".join(self.rng.sample(about, 6) + self._common(2)).capitalize()
        summary = " ".join(self.rng.sample(about, 10) + self._common(25)).capitalize() + "."
        url = f"https://news.example/{guid}"
        return ParsedEntry(guid=guid, url=url, title=title, summary=summary, html=summary, published=published)

    def _common(self, count: int) -> list[str]:
        return self.rng.choices(self.words, cum_weights=self.weights, k=count)


@dataclass(slots=True)
class Ledger:
    """Bytes written and seconds taken, by what for."""

    bytes: Counter[str] = field(default_factory=Counter)
    seconds: dict[str, float] = field(default_factory=lambda: defaultdict(float))

    @contextmanager
    def on(self, what: str) -> Iterator[None]:
        before, started = written(), perf_counter()
        yield
        self.bytes[what] += written() - before
        self.seconds[what] += perf_counter() - started


def written() -> int:
    lines = dict(line.split(": ") for line in Path("/proc/self/io").read_text().splitlines())
    return int(lines["write_bytes"])


@dataclass(slots=True)
class Year:
    """One store, its feeds, and the simulated time."""

    database: Database
    clustering: Clustering
    publisher: Publisher
    writer: Writer
    keep: timedelta
    rates: dict[int, float]  # entries a day, by feed
    feeds: dict[int, StoredFeed]
    shown: dict[int, list[ParsedEntry]] = field(default_factory=dict)
    made: Counter[int] = field(default_factory=Counter)
    ledger: Ledger = field(default_factory=Ledger)
    polls: Counter[str] = field(default_factory=Counter)

    def tick(self, now: datetime, length: timedelta) -> None:
        for feed in self.feeds:
            self._publish_entries(feed, now, length)
        due = [one for one in self.feeds.values() if one.state.next_check is None or one.state.next_check <= now]
        with self.ledger.on("attempts"), self.database.write() as connection:
            for one in due:
                self.feeds[one.id] = replace(one, state=attempt(one.state, now, Settings()))
                feeds.save_attempt(connection, self.feeds[one.id].state)
        for one in due:
            self._poll(self.feeds[one.id], now)
        changed = set[int]()
        with self.ledger.on("clustering"):
            while (batch := self.clustering.run(now)) is not None:
                changed |= batch.changed
        with self.ledger.on("documents"):
            self.publisher.publish(changed, now, (now - START).total_seconds())

    def _publish_entries(self, feed: int, now: datetime, length: timedelta) -> int:
        rate, count = self.rates[feed] * (length / timedelta(days=1)), 0
        while self.writer.rng.random() < rate - count:
            self.made[feed] += 1
            one = self.writer.entry(f"{feed}-{self.made[feed]}", now - length * self.writer.rng.random())
            self.shown[feed] = [one, *self.shown.get(feed, [])[: SHOWN - 1]]
            count += 1
        return count

    def _poll(self, feed: StoredFeed, now: datetime) -> None:
        body = f"{feed.id}/{self.made[feed.id]}".encode()
        tag = Validators(url=feed.url, etag=f'"{self.made[feed.id]}"')
        if feed.state.validators == tag:
            answer: Read | NotModified = NotModified(url=feed.url, validators=tag)
        else:
            document = ParsedFeed(format="rss 2.0", title=f"Feed {feed.id}", entries=tuple(self.shown.get(feed.id, ())))
            answer = Read(fetched=Fetched(url=feed.url, body=body, validators=tag), document=document)
        kind = "unchanged" if isinstance(answer, NotModified) else "changed"
        with self.ledger.on(f"{kind} polls"), self.database.write() as connection:
            report = store(connection, feed, answer, now=now, settings=Settings(), outlet_of=lambda name, _url: name)
        self.polls[kind] += 1
        self.feeds[feed.id] = replace(feed, state=report.state)

    def prune(self, now: datetime) -> None:
        with self.ledger.on("pruning"):
            while prune_step(self.database, now - self.keep, now):
                pass


def year(folder: Path, options: argparse.Namespace) -> Year:
    rng = random.Random(options.seed)  # noqa: S311  a simulation, to be repeated
    database = open_store(folder, START)
    wanted = [
        Subscription(url=f"https://feed{n}.example/rss", outlet=f"Outlet {n}", language="en")
        for n in range(options.feeds)
    ]
    with database.write() as connection:
        feeds.subscribe(connection, wanted, START)
    with database.read() as connection:
        stored = {feed.id: feed for feed in feeds.all_feeds(connection)}
        place = place_of(connection, Config())
    shares = {feed: rng.lognormvariate(0, 1.5) for feed in stored}
    rates = {feed: options.entries * share / sum(shares.values()) for feed, share in shares.items()}
    publisher = Publisher(
        database=database, folder=folder / "feeds", feeds=output_feeds(Config()), place=place, store_made=START
    )
    clustering = Clustering(database=database, settings=ClusteringSettings())
    keep = timedelta(days=options.keep)
    return Year(database, clustering, publisher, Writer(rng), keep, rates, stored)


def row(day: int, run: Year, entries: int) -> str:
    found = sizes(run.database)
    kept = ["entries", "events", "evidence", "records", "frequencies", "identities", "related", "batches"]
    kept += ["publications", "polls", "revisions"]
    counts = " ".join(f"{name}={found.get(name, 0)}" for name in kept)
    size = f"{found['bytes'] / 1e6:7.1f} MB, {found['free_bytes'] / 1e6:5.1f} free"
    return f"day {day:3}: {size}; {entries} so far; {counts}"


def options_of(words: Sequence[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--feeds", type=int, default=40)
    parser.add_argument("--entries", type=float, default=120.0)
    parser.add_argument("--days", type=int, default=365)
    parser.add_argument("--keep", type=int, default=90)
    parser.add_argument("--tick", type=float, default=30.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--report", type=int, default=30, help="days between two lines")
    parser.add_argument("--folder", type=Path, help="where to work; on the kind of disk that is asked about")
    return parser.parse_args(words)


def main() -> None:
    options = options_of()
    length = timedelta(minutes=options.tick)
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        run = year(Path(folder), options)
        now = START
        for day in range(1, options.days + 1):
            if day == options.days // 2 + 1:
                run.ledger, run.polls, counted = Ledger(), Counter(), day - 1  # what follows is steady
            while now < START + timedelta(days=day):
                now += length
                run.tick(now, length)
            run.prune(now)
            if day % options.report == 0 or day == options.days:
                print(row(day, run, sum(run.made.values())), flush=True)
        days = options.days - counted
        print(f"a day of the last {days}, {options.feeds} feeds and {options.entries:.0f} entries:")
        for kind, count in run.polls.items():
            print(f"  {count / days:8.0f} {kind} polls, {run.ledger.bytes[f'{kind} polls'] / count / 1e3:.1f} KB each")
        for what, size in run.ledger.bytes.items():
            print(f"  {size / days / 1e6:8.2f} MB  {what} ({run.ledger.seconds[what] / days:.1f} s)")
        print(f"  {run.ledger.bytes.total() / days / 1e6:8.2f} MB  in all; {process_time():.0f} s of processor in all")
        documents = sum(path.stat().st_size for path in (Path(folder) / "feeds").iterdir())
        print(f"  {documents / 1e6:8.2f} MB  of documents")
        run.database.close()


if __name__ == "__main__":
    main()
