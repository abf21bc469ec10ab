"""Clustering the stored window anew: what nobody disputes stays, what changes is stored, a restart goes on from it."""

import shutil
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from aggregator.clustering.constraints import NONE, Constraints
from aggregator.clustering.replaying import replayed
from aggregator.clustering.settings import DEFAULT, Settings
from aggregator.database import decisions
from aggregator.database.engine import Database
from aggregator.database.past import past
from aggregator.database.store import open_store
from aggregator.database.tables import entries, events, evidence, frequencies, records
from aggregator.model import EntryId, EventId
from aggregator.pipeline.batch import Clustering
from aggregator.pipeline.recluster import Changes, Reclustering, carry_out
from tests.cli import newsroom

STRICT = replace(DEFAULT, join=0.3, merge=0.3)
LATER = newsroom.NOW + timedelta(hours=1)


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return newsroom.write(tmp_path_factory.mktemp("newsroom"))


@pytest.fixture
def database(written: Path, tmp_path: Path) -> Database:
    shutil.copytree(written, tmp_path, dirs_exist_ok=True)
    return open_store(tmp_path / "store", newsroom.NOW)


def anew(database: Database, settings: Settings, constraints: Constraints = NONE) -> tuple[Reclustering, Changes]:
    with database.read() as connection:
        run = Reclustering(past=past(connection, settings.window), settings=settings, constraints=constraints)
    assert sum(run.run()) == run.past.entries
    return run, run.changes()


def carried_out(database: Database, settings: Settings) -> Changes:
    run, changes = anew(database, settings)
    carry_out(Clustering(database=database, settings=settings), run.past, changes, LATER)
    return changes


def event_of(database: Database) -> dict[EntryId, EventId]:
    with database.read() as connection:
        return {row.id: row.event_id for row in connection.execute(select(entries.c.id, entries.c.event_id))}


def state(database: Database) -> list[object]:
    """Give all that decisions depend on."""
    with database.read() as connection:
        return [connection.execute(select(table)).all() for table in (entries, events, records, frequencies)]


def test_what_was_decided_is_decided_again(database: Database, tmp_path: Path) -> None:
    newsroom.edit(tmp_path, 23, "Lokführer streiken: Bahn sagt Züge ab")
    run, changes = anew(database, DEFAULT)
    assert run.past.whole
    assert (changes.moves, changes.copies, changes.frequencies) == ((), (), ())
    assert changes.survival.event_of == event_of(database)


def test_what_did_not_change_is_stored_as_it_was(database: Database) -> None:
    before = state(database)
    carried_out(database, DEFAULT)
    assert state(database) == before


def test_counts_that_age_on_the_way_are_learnt_again_as_they_were(database: Database) -> None:
    aged = replace(DEFAULT, ageing=timedelta(days=1))
    carried_out(database, aged)
    _, again = anew(database, aged)
    assert (again.moves, again.copies, again.frequencies) == ((), (), ())


def test_other_thresholds_part_events_and_the_largest_part_keeps_the_id(database: Database) -> None:
    before = event_of(database)
    changes = carried_out(database, STRICT)
    after = event_of(database)
    assert after == changes.survival.event_of
    assert after.keys() == before.keys()
    assert changes.survival.splits
    assert set(before.values()) <= set(after.values())
    assert min(set(after.values()) - set(before.values())) > max(before.values())
    assert anew(database, STRICT)[1].moves == ()


def test_what_changes_is_stored_with_its_reason_and_numbers(database: Database) -> None:
    changes = carried_out(database, STRICT)
    with database.read() as connection:
        rows = connection.execute(select(evidence).where(evidence.c.reason == "recluster")).all()
        told = [one for row in rows for one in decisions.evidence_of(connection, row.event_id).get(row.entry_id, ())]
    assert {row.entry_id for row in rows} == {move.entry for move in changes.moves}
    assert {row.from_event for row in rows} == {split.parted_from for split in changes.survival.splits}
    for one in told:
        assert replayed(one.evidence) == one.evidence.rule


def test_ids_come_back_and_none_is_used_twice(database: Database) -> None:
    before = event_of(database)
    parted = carried_out(database, STRICT)
    joined = carried_out(database, DEFAULT)
    assert event_of(database) == before
    assert {one.absorbed for one in joined.survival.merges} == {one.event for one in parted.survival.splits}
    again = carried_out(database, STRICT)
    assert {one.event for one in again.survival.splits}.isdisjoint(one.event for one in parted.survival.splits)


def test_clustering_goes_on_from_what_was_made_anew(tmp_path: Path, database: Database) -> None:
    carried_out(database, STRICT)
    title = "Taliban launch assault on Panjshir after talks break down"
    entry = newsroom.add(tmp_path, "Example Broadcasting", title, LATER)
    with database.read() as connection:
        assert connection.scalar(select(entries.c.event_id).where(entries.c.id == entry)) is not None
        twin = select(entries.c.event_id).where(entries.c.title == title, entries.c.id != entry)
        there = set(connection.scalars(twin))
    assert event_of(database)[entry] in there


def test_entries_before_the_window_stay_and_are_known(database: Database) -> None:
    short = replace(DEFAULT, window=timedelta(hours=30))
    run, changes = anew(database, short)
    assert not run.past.whole
    before = {record.entry for record in run.past.before}
    assert before
    assert changes.entries == len(event_of(database))
    assert before.isdisjoint(move.entry for move in changes.moves)
    assert len({entry for _, reports in run.past.batches for entry in reports}) + len(before) == changes.entries


def test_a_feed_that_is_not_clustered_leaves_its_events(database: Database) -> None:
    with database.read() as connection:
        run = Reclustering(past=past(connection, DEFAULT.window), settings=DEFAULT, alone=frozenset({1}))
        mine = set(connection.scalars(select(entries.c.id).where(entries.c.feed_id == 1)))
    list(run.run())
    after = run.changes().survival.event_of
    assert mine
    for entry in mine:
        assert [other for other, event in after.items() if event == after[entry]] == [entry]


@pytest.mark.parametrize("hours", [72, 30])
def test_corrections_hold_whatever_the_window(database: Database, hours: int) -> None:
    placed = event_of(database)
    members: dict[EventId, list[EntryId]] = {}
    for entry, event in placed.items():
        members.setdefault(event, []).append(entry)
    first, second, *_ = sorted(members, key=lambda event: -len(members[event]))
    apart = frozenset((members[first][0], entry) for entry in members[first][1:])
    together = frozenset({(members[second][0], members[first][-1])})
    constraints = Constraints(apart=apart, together=together, placed=placed)
    _, changes = anew(database, replace(DEFAULT, window=timedelta(hours=hours)), constraints)
    after = changes.survival.event_of
    assert after.keys() == placed.keys()
    for one, other in apart:
        assert after[one] != after[other]
    for one, other in together:
        assert after[one] == after[other]
