"""What is old goes, in small steps, and the file with it."""

import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

from sqlalchemy import Connection, func, insert, select, text, update

from aggregator.database import alerts, entries, feeds, identities, search, store
from aggregator.database import events as event_rows
from aggregator.database.engine import Database
from aggregator.database.feeds import Subscription
from aggregator.database.publications import StoredPublication, save
from aggregator.database.retention import PAGES, STEP, prune_step
from aggregator.database.store import open_store, sizes
from aggregator.database.tables import batches, events, metadata, revisions
from aggregator.database.tables import entries as table
from aggregator.parsing.keys import Keys
from benchmarks.year import START, options_of, year
from tests.publishing.values import event, source

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def filled(folder: Path, count: int) -> Database:
    """Make a store with so many clustered entries, an hour apart, the last of them now."""
    database = open_store(folder, NOW)
    with database.write() as connection:
        feeds.subscribe(connection, [Subscription(url="https://a.example/")], NOW)
        for number in range(count):
            add(connection, NOW - (count - 1 - number) * timedelta(hours=1), number + 1)
        connection.execute(insert(batches).values(number=1, at=NOW, entries=count, events=count))
    return database


def add(connection: Connection, seen: datetime, event_id: int) -> None:
    values = {"feed_id": 1, "title": f"{event_id}", "summary": "x" * 2_000, "html": "", "author": "", "tags": []}
    values |= {"outlet": "A", "first_seen": seen, "time": seen, "batch": 1, "event_id": event_id}
    entries.add(connection, values)


def checkpoint(path: Path) -> None:
    with closing(sqlite3.connect(path)) as file:
        file.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def test_what_is_older_goes_in_steps_and_what_is_not_stays(tmp_path: Path) -> None:
    database = filled(tmp_path, 1_300)
    before = NOW - 10 * DAY
    steps = []
    while step := prune_step(database, before, NOW):
        steps.append(step)
    with database.read() as connection:
        left = list(connection.scalars(select(table.c.first_seen).order_by(table.c.id)))
    database.close()
    assert steps == [STEP, STEP, 59]
    assert left[0] == before
    assert len(left) == 241


def test_a_file_shrinks_step_by_step_to_a_tenth_of_slack_and_is_then_left_alone(tmp_path: Path) -> None:
    database = filled(tmp_path, 2_000)
    full = sizes(database)["bytes"]
    while prune_step(database, NOW - DAY, NOW):
        pass
    freed = []
    while True:
        free = sizes(database)["free_bytes"]
        prune_step(database, NOW - DAY, NOW)
        freed.append((free - sizes(database)["free_bytes"]) // 4096)
        if not freed[-1]:
            break
    checkpoint(database.path)
    found = sizes(database)
    database.close()
    assert max(freed) <= PAGES
    assert found["bytes"] < full / 3
    assert found["free_bytes"] <= found["bytes"] * 0.11


def test_nothing_is_written_where_nothing_is_old(tmp_path: Path) -> None:
    database = filled(tmp_path, 10)
    checkpoint(database.path)
    assert prune_step(database, NOW - 30 * DAY, NOW) == 0
    assert (tmp_path / store.FILE_NAME).with_name(f"{store.FILE_NAME}-wal").stat().st_size == 0
    database.close()


def counts(database: Database) -> dict[str, int]:
    with database.read() as connection:
        return {
            one.name: connection.scalar(select(func.count()).select_from(one)) or 0 for one in metadata.sorted_tables
        }


def test_an_event_that_is_left_empty_goes_with_all_that_was_told_of_it(tmp_path: Path) -> None:
    database = filled(tmp_path, 1)
    with database.write() as connection:
        event_rows.save(connection, event(source(1, "A"), number=1))
        event_rows.save(connection, event(source(2, "A"), number=2))
        connection.execute(update(events).values(updated=NOW - 9 * DAY))
        alerts.note(connection, "panjshir", [1, 2], NOW)
        told = {"serial": 0, "published": NOW, "updated": NOW, "detail": {}}
        save(connection, [StoredPublication(feed="events", event=number, **told) for number in (1, 2)])
    while prune_step(database, NOW - DAY, NOW):
        pass
    found = counts(database)
    database.close()
    assert (found["events"], found["alerts"], found["publications"]) == (1, 1, 1)


def test_a_pruned_entry_is_remembered_until_its_feed_has_shown_others_for_weeks(tmp_path: Path) -> None:
    database = filled(tmp_path, 100)
    with database.write() as connection:
        for number in range(1, 101):
            values = {"published": None, "digest": "", "now": NOW - (100 - number) * timedelta(hours=1)}
            identities.add(connection, number, 1, Keys(guid=f"{number}", link=None, text=""), **values)
        identities.seen(connection, [1], NOW + 30 * DAY)
    left = []
    for after, brings in ((1, False), (40, False), (41, True), (80, True)):
        now = NOW + after * DAY
        if brings:
            with database.write() as connection:
                add(connection, now, 1)
        while prune_step(database, NOW - DAY, now):
            pass
        left.append(counts(database)["identities"])
    database.close()
    assert left == [100, 100, 26, 25]  # an unchanged document may still show them all; 25 entries are not old


def test_an_entry_that_is_edited_for_ever_keeps_its_newest_revisions(tmp_path: Path) -> None:
    database = filled(tmp_path, 1)
    with database.write() as connection:
        for number in range(1, 121):
            entries.edit(connection, 1, {"title": f"News at {number}"}, NOW)
    with database.read() as connection:
        kept = list(connection.scalars(select(revisions.c.title).order_by(revisions.c.revision)))
        assert [report.revision for report in entries.edited(connection, 10)] == [120]
    database.close()
    assert kept == [f"News at {number}" for number in range(120 - entries.REVISIONS, 120)]


def test_after_the_retention_time_no_table_grows(tmp_path: Path) -> None:
    wanted = ["--feeds", "2", "--entries", "12", "--keep", "4"]
    run, now, found = year(tmp_path, options_of(wanted)), START, []
    run.publisher.feeds = tuple(replace(feed, formats=()) for feed in run.publisher.feeds)
    for day in range(1, 34):
        while now < START + day * DAY:
            now += timedelta(hours=4)
            run.tick(now, timedelta(hours=4))
        run.prune(now)
        found.append(counts(run.database))
    run.database.close()
    early, late = found[19:26], found[26:]  # entries are remembered for two weeks longer
    learnt = {"frequencies", "boilerplate"}  # what words are worth is known long after the entries are gone
    for name in found[0].keys() - learnt:
        assert max(day[name] for day in late) <= 1.1 * max(day[name] for day in early) + 3, name
    assert 30 < found[-1]["entries"] < 100


def test_the_log_of_the_database_shrinks_again_after_a_large_transaction(tmp_path: Path) -> None:
    database = filled(tmp_path, 1)
    log = database.path.with_name(f"{database.path.name}-wal")
    with database.write() as connection:
        connection.execute(text("CREATE TABLE large AS SELECT randomblob(60000000) AS bytes"))
    grown = log.stat().st_size
    with database.write() as connection:  # the checkpoint came with the transaction before; this one begins anew
        feeds.subscribe(connection, [Subscription(url="https://b.example/")], NOW)
    shrunk = log.stat().st_size
    database.close()
    assert grown > 60_000_000 > shrunk


def test_a_search_index_from_which_as_much_goes_as_comes_does_not_grow(tmp_path: Path) -> None:
    database, rng = filled(tmp_path, 1), Random(1)
    words = ["".join(rng.choices("abcdefgh", k=6)) for _ in range(3_000)]
    sizes = []
    for day in range(90):
        now = NOW + day * DAY
        for hour in range(12):
            with database.write() as connection:
                for n in range(10):
                    add(connection, now, number := day * 120 + hour * 10 + n + 2)
                    search.index(connection, [(number, " ".join(rng.choices(words, k=20)), "")])
        prune_step(database, now - 15 * DAY, now)
        with database.read() as connection:
            sizes.append(connection.scalar(text("SELECT sum(length(block)) FROM search_data")))
    database.close()
    assert max(sizes[30:]) < 1.5 * max(sizes[:20])
