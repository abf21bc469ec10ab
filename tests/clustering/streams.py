"""Streams of made-up reports: happenings with words of their own, told by several outlets, beside common words."""

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from aggregator.clustering.assign import Clusterer
from aggregator.clustering.result import BatchResult, EntryRecord, Frequency, Snapshot
from aggregator.model import EntryId, EventId, Report

START = datetime(2026, 3, 1, tzinfo=UTC)
COMMON = [
    "government",
    "minister",
    "city",
    "people",
    "police",
    "official",
    "report",
    "week",
    "president",
    "market",
    "support",
    "plan",
    "country",
]
SYLLABLES = ["ka", "lo", "mi", "tur", "ven", "sha", "pol", "dir", "gan", "bes", "ro", "tik", "zu", "mar", "hel"]


def names(rng: random.Random, count: int) -> list[str]:
    return ["".join(rng.choices(SYLLABLES, k=3)).capitalize() for _ in range(count)]


def reports(seed: int, count: int = 400, happenings: int = 90, minutes: int = 15) -> list[Report]:
    """Give reports in the order of first sight; each tells one of some happenings in its own words."""
    rng = random.Random(seed)
    words = [names(rng, 6) for _ in range(happenings)]
    told: list[str] = []
    made = []
    for number in range(count):
        own = words[min(rng.randrange(happenings), int(number * happenings / count) + 10) % happenings]
        title = " ".join([*rng.sample(own, 3), *rng.sample(COMMON, 4)])
        if told and rng.random() < 0.1:
            title = rng.choice(told[-20:])
        told.append(title)
        time = START + timedelta(minutes=minutes * (number // 20))
        made.append(
            Report(
                id=number + 1,
                title=title,
                summary=" ".join([*rng.sample(own, 4), *rng.sample(COMMON, 6)]),
                language="en",
                outlet=f"Outlet {number % 7}",
                feed=number % 7,
                time=time,
                published=time - timedelta(hours=rng.randrange(48), seconds=1),
            )
        )
    return made


def batches(stream: Sequence[Report], size: int) -> list[list[Report]]:
    return [list(stream[at : at + size]) for at in range(0, len(stream), size)]


@dataclass(slots=True)
class Kept:
    """What a database would hold after some batches."""

    records: dict[tuple[EntryId, int], EntryRecord] = field(default_factory=dict)
    counts: dict[tuple[str, str], Frequency] = field(default_factory=dict)
    event_of: dict[EntryId, EventId] = field(default_factory=dict)
    copy_of: dict[EntryId, EntryId | None] = field(default_factory=dict)
    seen: dict[EntryId, datetime] = field(default_factory=dict)
    boilerplate: dict[str, object] = field(default_factory=dict)
    next_event: EventId = 1
    results: list[BatchResult] = field(default_factory=list)

    def take(self, result: BatchResult, batch: Iterable[Report]) -> None:
        for report in batch:
            self.seen.setdefault(report.id, report.time)
        self.records |= {(one.entry, one.revision): one for one in result.records}
        self.counts |= {(one.space, one.token): one for one in result.frequencies}
        for new in result.assignments:
            assert new.entry not in self.event_of
            self.event_of[new.entry] = new.event
        for move in result.moves:
            assert self.event_of[move.entry] == move.from_event
            self.event_of[move.entry] = move.to_event
        into = {merge.absorbed: merge.survivor for merge in result.merges}  # what has left the window goes along
        self.event_of |= {entry: into[event] for entry, event in self.event_of.items() if event in into}
        self.copy_of |= {one.entry: one.original for one in result.copies}
        self.boilerplate |= result.boilerplate
        assert result.next_event >= self.next_event
        self.next_event = result.next_event
        self.results.append(result)

    def snapshot(self) -> Snapshot:
        first: dict[EventId, datetime] = {}
        for entry, event in self.event_of.items():
            first[event] = min(first.get(event, self.seen[entry]), self.seen[entry])
        return Snapshot(
            records=tuple(self.records.values()),
            event_of=dict(self.event_of),
            first_seen=first,
            frequencies=tuple(self.counts.values()),
            next_event=self.next_event,
            boilerplate=self.boilerplate,
        )

    def copies(self) -> dict[EntryId, EntryId]:
        return {entry: original for entry, original in self.copy_of.items() if original is not None}


def cluster(stream: Sequence[Sequence[Report]], *, restart_every: int | None = None, first: int = 1) -> Kept:
    """Cluster batches, with a restart from what is kept after every so many."""
    kept, clusterer = Kept(), Clusterer()
    for number, batch in enumerate(stream, first):
        if restart_every and number > first and (number - first) % restart_every == 0:
            clusterer = Clusterer()
            clusterer.restore(kept.snapshot())
        kept.take(clusterer.assign(batch, number), batch)
    return kept
