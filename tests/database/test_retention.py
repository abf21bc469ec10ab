"""What is old goes, in small steps, and the file with it."""

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import insert, select

from aggregator.database import entries, feeds, store
from aggregator.database.engine import Database
from aggregator.database.feeds import Subscription
from aggregator.database.retention import PAGES, STEP, prune_step
from aggregator.database.store import open_store, sizes
from aggregator.database.tables import batches
from aggregator.database.tables import entries as table

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def filled(folder: Path, count: int) -> Database:
    """Make a store with so many clustered entries, an hour apart, the last of them now."""
    database = open_store(folder, NOW)
    with database.write() as connection:
        feeds.subscribe(connection, [Subscription(url="https://a.example/")], NOW)
        for number in range(count):
            seen = NOW - (count - 1 - number) * timedelta(hours=1)
            values = {"feed_id": 1, "title": f"{number}", "summary": "x" * 2_000, "html": "", "author": "", "tags": []}
            values |= {"outlet": "A", "first_seen": seen, "time": seen, "batch": 1, "event_id": number + 1}
            entries.add(connection, values)
        connection.execute(insert(batches).values(number=1, at=NOW, entries=count, events=count))
    return database


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
