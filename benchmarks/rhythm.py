"""What the adaptive rhythm saves and costs: 200 feeds over 30 days, against a fixed 15 minutes.

    python benchmarks/rhythm.py [--feeds 200] [--days 30] [--seed 1]
    python benchmarks/rhythm.py --archive ../shared/newsroom/snapshots.tar.xz

Each feed publishes at random (a Poisson process) at a rate of its own: log-normal, 4 entries a day in the median and 20
on average, a tenth of the feeds silent. By day more than by night, in a time zone of its own; for half of them less at
the weekend; a fifth publish in batches, and one entry in twenty starts a burst of five within the hour. The schedule is
the daemon's: `attempt`, `after`, jitter, and the budget that all feeds share. A delay is the time from an entry's
publication to the poll that sees it.

With an archive of snapshots (OUTLET/YYYYMMDDTHHMMSSZ.xml in a tar file) the feeds are its outlets. An entry is there
from the first snapshot that shows it on (as shown), or from the time that it claims on (as dated): an archive that does
not look for half a day shows a hundred entries in one minute. Twelve rounds differ in their jitter. Missed is what no
fetched document showed; as dated, a document is taken to hold its usual number of the newest entries.
"""

import argparse
import random
import tarfile
from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from heapq import merge
from math import cos, pi
from pathlib import Path
from statistics import median, quantiles

from aggregator.errors import FeedError
from aggregator.model import Fetched
from aggregator.parsing.document import parse
from aggregator.scheduling.budget import Budget, shared
from aggregator.scheduling.state import FeedState, Parsed, Settings
from aggregator.scheduling.transitions import after, attempt

START = datetime(2026, 3, 2, tzinfo=UTC)
BEFORE = timedelta(days=60)
FIRST_DOCUMENT = 30  # entries
MINUTE = timedelta(minutes=1)
ROUNDS, A_ROUND = 12, 1000


@dataclass(frozen=True, slots=True)
class Run:
    """What one policy came to."""

    requests: int
    delays: list[float]  # minutes
    by_feed: list[tuple[float, int]]  # entries a day, requests
    missed: float = 0.0  # entries that no document showed which was fetched

    def row(self, name: str, days: float) -> str:
        cuts = quantiles(self.delays, n=100)
        counts = f"{self.requests:9,} {self.requests / len(self.by_feed) / days:10.1f}"
        waits = f"{median(self.delays):10.1f} {cuts[89]:8.1f} {cuts[94]:8.1f}"
        return f"{name:10} {counts} {waits} {sum(self.delays) / len(self.delays):8.1f} {len(self.delays):8,}"


def published(rng: random.Random, days: int) -> list[datetime]:
    """Make up the publication times of one feed, from 60 days before the start."""
    rate = 0.0 if rng.random() < 0.1 else min(rng.lognormvariate(1.386, 1.8), 300.0)  # entries a day
    zone, night, quiet = rng.uniform(0, 24), rng.uniform(0.02, 0.4), rng.choice([1.0, 0.4])
    batch = rng.choice([1, 1, 1, 1, 4])
    times: list[datetime] = []
    at, end = START - BEFORE, START + timedelta(days=days)
    peak = rate * 2 / batch
    while peak and (at := at + timedelta(days=rng.expovariate(peak))) < end:
        day = night + (1 - night) * max(0.0, cos((at.hour + at.minute / 60 - zone) / 24 * 2 * pi) * 0.75 + 0.25)
        if rng.random() < day * (quiet if at.weekday() >= 5 else 1.0):
            count = batch if rng.random() > 0.05 else batch + 5
            times += [at + timedelta(hours=rng.uniform(0, 1)) if i >= batch else at for i in range(count)]
    return sorted(time for time in times if time < end)


@dataclass(slots=True)
class Together:
    """Feeds that are polled by the daemon's own schedule, and share a budget as its feeds do."""

    settings: Settings
    states: dict[int, FeedState] = field(default_factory=dict)
    budget: Budget = field(default_factory=Budget)
    missed: int = 0

    def add(self, feed: int) -> None:
        self.states[feed] = FeedState(feed=feed, url="http://feed.example/")

    def polled(self, feed: int, now: datetime, new: int, published: Sequence[datetime]) -> datetime | None:
        """Take in what a poll brought; give the time of the next."""
        if self.settings.adaptive and not self.budget.holds(now):
            self.budget = shared([(state.history, self.settings) for state in self.states.values()], now)
        settings = replace(self.settings, budget=self.budget.entries)
        state = self.states[feed]
        answer = Fetched(url=state.url, body=b"")
        first = state.last_success is None
        outcome = Parsed(fetched=answer, new=new, published=tuple(published)) if new or first else answer
        self.states[feed] = state = after(attempt(state, now, settings), outcome, now, settings)
        return state.next_check


Poll = tuple[datetime, list[float]]  # when; the delays of the entries that it sees first, in minutes


def polls(
    feed: int, times: Sequence[datetime], together: Together, end: datetime, start: datetime = START
) -> Iterator[Poll]:
    """Poll one feed."""
    together.add(feed)
    now: datetime | None = start + timedelta(seconds=feed % 60)
    seen = 0
    while now is not None and now < end:
        upto = bisect_right(times, now, lo=seen)
        new, first = times[seen:upto], seen == 0 and together.states[feed].last_success is None
        yield now, [(now - time) / MINUTE for time in new if time >= start]
        brought = new[-FIRST_DOCUMENT:] if first else new
        seen, now = upto, together.polled(feed, now, len(brought), brought)


def in_time(feeds: Mapping[int, Iterator[Poll]]) -> tuple[list[float], dict[int, list[float]], dict[int, int]]:
    """Let the feeds take turns as time goes by; give all delays, those of each feed, and the requests of each."""

    def of(feed: int, mine: Iterator[Poll]) -> Iterator[tuple[datetime, int, list[float]]]:
        return ((now, feed, waited) for now, waited in mine)

    delays, waits, asked = list[float](), {feed: list[float]() for feed in feeds}, dict.fromkeys(feeds, 0)
    for _, feed, waited in merge(*(of(feed, mine) for feed, mine in feeds.items())):
        asked[feed] += 1
        delays += waited
        waits[feed] += waited
    return delays, waits, asked


def run(feeds: Sequence[Sequence[datetime]], days: int, settings: Settings) -> Run:
    end, together = START + timedelta(days=days), Together(settings)
    delays, _, asked = in_time({number: polls(number, times, together, end) for number, times in enumerate(feeds)})
    by_feed = [(sum(time >= START for time in times) / days, asked[number]) for number, times in enumerate(feeds)]
    return Run(sum(asked.values()), delays, by_feed)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What a feed showed from a time on: entries by their keys, with the times that they claim."""

    at: datetime
    entries: dict[str, datetime | None]


def archived(archive: Path) -> dict[str, list[Snapshot]]:
    """Read the snapshots of each outlet, oldest first; those that are no feed are left out."""
    found: dict[str, list[Snapshot]] = {}
    with tarfile.open(archive) as members:
        for member in members:
            outlet, stamp = member.name.removesuffix(".xml").split("/")
            at = datetime.strptime(f"{stamp}+0000", "%Y%m%dT%H%M%SZ%z")
            file = members.extractfile(member)
            body = file.read() if file is not None else b""
            with suppress(FeedError):
                document = parse(body, url="http://feed.example/", content_type=None)
                entries = {entry.guid or entry.url or entry.title: entry.published for entry in document.entries}
                found.setdefault(outlet, []).append(Snapshot(at, entries))
    return {outlet: sorted(shown, key=lambda one: one.at) for outlet, shown in sorted(found.items())}


Outlets = Mapping[str, Sequence[Snapshot]]
OneFeed = Callable[[int, Sequence[Snapshot], Together], Iterator[Poll]]


def archive_run(outlets: Outlets, settings: Settings, polled: OneFeed) -> tuple[Run, list[tuple[str, int, int]]]:
    """Poll every outlet of an archive through its span, in rounds; the requests are those of one."""
    delays, waits, asked, missed = list[float](), dict[str, int](), dict[str, int](), 0
    for turn in range(ROUNDS):
        together = Together(settings)
        feeds = {number + turn * A_ROUND: shown for number, shown in enumerate(outlets.values())}
        some, waited, requests = in_time({feed: polled(feed, shown, together) for feed, shown in feeds.items()})
        delays, missed = delays + some, missed + together.missed
        for outlet, feed in zip(outlets, feeds, strict=True):
            waits[outlet] = waits.get(outlet, 0) + len(waited[feed])
            asked[outlet] = asked.get(outlet, 0) + requests[feed]
    each = [(outlet, asked[outlet] // ROUNDS, waits[outlet] // ROUNDS) for outlet in outlets]
    by_feed = [(float(waits[outlet]), asked[outlet]) for outlet in outlets]
    return Run(sum(asked.values()) // ROUNDS, delays, by_feed, missed / ROUNDS), each


def as_dated(feed: int, shown: Sequence[Snapshot], together: Together) -> Iterator[Poll]:
    """Poll a feed whose entries are there from the times on that they claim; of the claims of one entry, the first."""
    claims: dict[str, datetime] = {}
    for one in shown:
        for key, claim in one.entries.items():
            if claim is not None:
                claims.setdefault(key, min(claim, one.at))
    size = int(median(len(one.entries) for one in shown))
    for now, delays in polls(feed, sorted(claims.values()), together, shown[-1].at, shown[0].at):
        together.missed += max(len(delays) - size, 0)
        yield now, delays


def as_shown(feed: int, shown: Sequence[Snapshot], together: Together) -> Iterator[Poll]:
    """Poll a feed through its snapshots; what its first one shows is not counted."""
    together.add(feed)
    now: datetime | None = shown[0].at + timedelta(seconds=feed % 60)
    since: dict[str, datetime] = {}  # when each entry came to be there
    for one in shown:
        for key in one.entries:
            since.setdefault(key, one.at)
    seen, last = set[str](), -1
    while now is not None and now < shown[-1].at:
        place = bisect_right(shown, now, key=lambda one: one.at) - 1
        new = {key: at for key, at in shown[place].entries.items() if key not in seen} if place != last else {}
        yield now, [(now - since[key]) / MINUTE for key in new if last >= 0]
        claims = [at for at in new.values() if at is not None]
        seen, last = seen | new.keys(), place
        now = together.polled(feed, now, len(new), claims)
    together.missed += len(since.keys() - seen - shown[-1].entries.keys())


def of_archive(archive: Path) -> None:
    """Print what the rhythm saves and costs over an archive."""
    outlets = archived(archive)
    hours = max((shown[-1].at - shown[0].at) for shown in outlets.values()) / timedelta(hours=1)
    print(f"{len(outlets)} outlets, {hours:.0f} hours; delays in minutes")
    for name, polled in (("as shown", as_shown), ("as dated", as_dated)):
        fixed, _ = archive_run(outlets, Settings(adaptive=False), polled)
        adaptive, each = archive_run(outlets, Settings(), polled)
        print(f"{name}:")
        report(fixed, adaptive, hours / 24)
        print(f"missed: {fixed.missed:.1f} entries (fixed), {adaptive.missed:.1f} (adaptive)")
    print("  requests (entries): " + ", ".join(f"{outlet} {mine} ({count})" for outlet, mine, count in each))


def report(fixed: Run, adaptive: Run, days: float) -> None:
    print(f"{'':10} {'requests':>9} {'a feed·day':>10} {'median':>10} {'p90':>8} {'p95':>8} {'mean':>8} {'entries':>8}")
    print(fixed.row("fixed", days))
    print(adaptive.row("adaptive", days))
    ratio = adaptive.requests / fixed.requests
    print(f"{ratio:.1%} of the requests at {median(adaptive.delays) / median(fixed.delays):.2f} x the median delay")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--feeds", type=int, default=200)
    parser.add_argument("--days", type=int, default=30)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--archive", type=Path, help="snapshots of real feeds, in place of made-up ones")
    options = parser.parse_args()
    if options.archive is not None:
        of_archive(options.archive)
        return
    rng = random.Random(options.seed)  # noqa: S311  # a simulation, to be repeated
    feeds = [published(rng, options.days) for _ in range(options.feeds)]
    fixed = run(feeds, options.days, Settings(adaptive=False))
    adaptive = run(feeds, options.days, Settings())
    print(f"{options.feeds} feeds, {options.days} days, {len(fixed.delays):,} entries; delays in minutes")
    report(fixed, adaptive, options.days)
    for low, high in ((0, 0.1), (0.1, 1), (1, 5), (5, 20), (20, 50), (50, 1000)):
        mine = [requests for rate, requests in adaptive.by_feed if low <= rate < high]
        if mine:
            each = sum(mine) / len(mine) / options.days
            print(f"  {low:>4} to {high:>4} entries a day: {len(mine):3} feeds, {each:5.1f} requests a day")


if __name__ == "__main__":
    main()
