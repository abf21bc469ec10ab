"""A store with made-up news that a person keeps correcting, and what then has to be true of it."""

import random
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Row, select

from aggregator.clustering.settings import DEFAULT, Settings
from aggregator.database import corrections, decisions, entries
from aggregator.database.engine import Database
from aggregator.database.feeds import Subscription, subscribe
from aggregator.database.past import past
from aggregator.database.retention import prune_step
from aggregator.database.store import open_store
from aggregator.database.tables import entries as entry_table
from aggregator.database.tables import events as event_table
from aggregator.errors import Conflict, InputError, NotFound
from aggregator.model import EntryId, EventId, Report
from aggregator.pipeline import correcting
from aggregator.pipeline.batch import Clustering
from aggregator.pipeline.recluster import Reclustering, carry_out
from tests.clustering.streams import START, reports

WINDOW = timedelta(hours=12)
SETTINGS = replace(DEFAULT, window=WINDOW)
FEEDS = 7


@dataclass(slots=True)
class Said:
    """What a correction said, in the words of who made it: sets that are in one event, pairs that are not."""

    together: list[set[EntryId]] = field(default_factory=list)
    apart: list[tuple[EntryId, EntryId]] = field(default_factory=list)


@dataclass(slots=True)
class Desk:
    """The store, its clusterer, and what a person said so far."""

    database: Database
    stream: list[Report]
    clustering: Clustering = field(init=False)
    now: int = 0  # hours since the beginning
    said: dict[int, Said] = field(default_factory=dict)
    replaced: dict[int, Said] = field(default_factory=dict)  # by later moves of the same entries
    stored: set[EntryId] = field(default_factory=set)
    highest: EventId = 0  # of all events so far
    seen: set[EventId] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.restart()

    @property
    def time(self) -> datetime:
        return START + timedelta(hours=self.now)

    def restart(self) -> None:
        self.clustering = Clustering(database=self.database, settings=SETTINGS)

    def settle(self) -> None:
        while self.clustering.correct(self.time) or self.clustering.run(self.time):
            pass

    # --- what happens to it

    def news(self, count: int, hours: int) -> None:
        self.now += hours
        with self.database.write() as connection:
            for report in self.stream[:count]:
                self.stored.add(entries.add(connection, values(report, self.time)))
        del self.stream[:count]
        self.settle()

    def edit(self, entry: EntryId, other: EntryId) -> None:
        """Have an entry say what another says."""
        with self.database.write() as connection:
            title, summary = connection.execute(
                select(entry_table.c.title, entry_table.c.summary).where(entry_table.c.id == other)
            ).one()
            entries.edit(connection, entry, {"title": title, "summary": summary}, self.time)
        self.settle()

    def prune(self, hours: int) -> None:
        before = self.time - timedelta(hours=hours)
        with self.database.read() as connection:
            self.stored -= set(connection.scalars(select(entry_table.c.id).where(entry_table.c.first_seen < before)))
        while prune_step(self.database, before, self.time):
            pass

    def recluster(self, settings: Settings) -> None:
        with self.database.read() as connection:
            constraints = corrections.constraints(connection)
            run = Reclustering(past=past(connection, WINDOW), settings=settings, constraints=constraints)
        sum(run.run())
        carry_out(self.clustering, run.past, run.changes(), self.time)

    def correct(self, ask: "Callable[[Connection], tuple[int, Said]]") -> bool:
        """Have a person put something right; tells whether that was possible. What is refused changes nothing."""
        before, made = self.snapshot(), None
        with suppress(Conflict, InputError, NotFound), self.database.write() as connection:
            made = ask(connection)
        if made is None:
            assert self.snapshot() == before, "what was refused has changed something"
            return False
        self.said[made[0]] = made[1]
        self.settle()
        return True

    def merge(self, names: list[str]) -> bool:
        def ask(connection: Connection) -> tuple[int, Said]:
            made = correcting.merge(connection, names, "", self.time)
            return made.id, Said(together=[set(made.entries)])

        return self.correct(ask)

    def split(self, name: str, wanted: list[EntryId]) -> bool:
        def ask(connection: Connection) -> tuple[int, Said]:
            inside = members(connection, corrections.placed(connection, wanted)[wanted[0]])
            made = correcting.split(connection, name, wanted, "", self.time)
            rest = inside - set(wanted)
            return made.id, Said([set(wanted)], [(one, other) for one in wanted for other in rest])

        return self.correct(ask)

    def move(self, entry: EntryId, name: str) -> bool:
        def ask(connection: Connection) -> tuple[int, Said]:
            left = members(connection, corrections.placed(connection, [entry])[entry]) - {entry}
            made = correcting.move(connection, entry, name, "", self.time)
            speaker = connection.scalar(select(event_table.c.representative).where(event_table.c.name == name))
            for number in made.instead_of:
                self.replaced[number] = self.said.pop(number)
            return made.id, Said([{entry, speaker}], [(entry, other) for other in left])

        return self.correct(ask)

    def point(self, ask: "Callable[[Connection], corrections.Correction]") -> bool:
        """Pin or mute."""
        return self.correct(lambda connection: (ask(connection).id, Said()))

    def undo(self, number: int) -> bool:
        def ask(connection: Connection) -> tuple[int, Said]:
            made = correcting.undo(connection, number, "", self.time)
            self.said.pop(number, None)
            for again in corrections.again_in_force(connection, made):
                self.said[again] = self.replaced.pop(again)
            return made.id, Said()

        return self.correct(ask)

    # --- what has to be true

    def snapshot(self) -> list[object]:
        with self.database.read() as connection:
            placed = connection.execute(select(entry_table.c.id, entry_table.c.event_id)).all()
            return [placed, corrections.everything(connection), connection.execute(select(event_table)).all()]

    def check(self) -> None:
        with self.database.read() as connection:
            event_of = dict(connection.execute(select(entry_table.c.id, entry_table.c.event_id)).all())
            rows = connection.execute(select(event_table)).all()
            assert not corrections.waiting(connection)
            copies = connection.execute(select(entry_table.c.id, entry_table.c.copy_of)).all()
        assert set(event_of) == self.stored, "an entry was lost"
        assert None not in event_of.values()
        for number, said in self.said.items():
            for group in said.together:
                assert len({event_of[entry] for entry in group & self.stored}) <= 1, f"correction {number} is broken"
            for one, other in said.apart:
                if one in self.stored and other in self.stored:
                    assert event_of[one] != event_of[other], f"correction {number} is broken"
        for entry, original in copies:
            assert original is None or original not in event_of or event_of[original] == event_of[entry]
        self._check_events(Counter(event_of.values()), {row.id: row for row in rows})
        self._check_memory(event_of)

    def _check_events(self, sizes: Counter[EventId], rows: dict[EventId, Row[Any]]) -> None:
        fresh = rows.keys() - self.seen
        assert all(event > self.highest for event in fresh), "an id was used again"
        self.seen |= fresh
        self.highest = max([self.highest, *fresh])
        for event, size in sizes.items():
            assert rows[event].merged_into is None
            assert rows[event].entries >= size  # pruning does not count anew
        for event in rows:
            steps, last = 0, event
            while last in rows and rows[last].merged_into is not None:
                last, steps = rows[last].merged_into, steps + 1
                assert steps <= len(rows), "events that lead to one another in a ring"

    def _check_memory(self, event_of: dict[EntryId, EventId]) -> None:
        """See that the clusterer knows what the store knows."""
        clusterer = self.clustering._clusterer
        if clusterer is None:
            return
        window = clusterer.linker.window
        rows = range(window.first - window.base, window.end - window.base)
        known = {int(window.id[row]): int(window.event[row]) for row in rows if window.event[row] >= 0}
        assert known.items() <= {**known, **event_of}.items()
        with self.database.read() as connection:
            assert clusterer.events.next_id == decisions.next_event(connection)


def values(report: Report, seen: datetime) -> dict[str, object]:
    return {
        "feed_id": report.feed % FEEDS + 1,
        "url": f"https://news.example/{report.id}",
        "title": report.title,
        "summary": report.summary,
        "html": "",
        "author": "",
        "tags": [],
        "outlet": f"Outlet {report.feed}",
        "language": "en",
        "first_seen": seen,
        "time": seen,
    }


def members(connection: Connection, event: EventId) -> set[EntryId]:
    return set(connection.scalars(select(entry_table.c.id).where(entry_table.c.event_id == event)))


def events_of(database: Database) -> list[tuple[str, list[EntryId]]]:
    """Give the names of the events that have entries, with those, in the order of their ids."""
    with database.read() as connection:
        ids = connection.scalars(select(entry_table.c.event_id).distinct()).all()
        rows = connection.execute(
            select(event_table.c.id, event_table.c.name).where(event_table.c.id.in_(ids)).order_by(event_table.c.id)
        )
        return [(row.name, sorted(members(connection, row.id))) for row in rows.all()]


def empty(folder: Path) -> Path:
    """Make a store that is subscribed to feeds and holds nothing."""
    database = open_store(folder / "empty", START)
    with database.write() as connection:
        wanted = [Subscription(url=f"https://{n}.example/", outlet=f"Outlet {n}") for n in range(FEEDS)]
        subscribe(connection, wanted, START)
    database.close()
    return folder / "empty"


@contextmanager
def desk(template: Path, folder: Path, seed: int) -> Iterator[Desk]:
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(template, folder)
    database = open_store(folder, START)
    stream = reports(seed, count=240, happenings=25)
    random.Random(seed).shuffle(stream)
    try:
        yield Desk(database, stream)
    finally:
        database.close()
