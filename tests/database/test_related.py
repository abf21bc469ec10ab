"""Events that just missed each other, as they are kept."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import func, select

from aggregator.clustering.result import Merge, Related
from aggregator.database import entries, feeds, related
from aggregator.database.engine import Database
from aggregator.database.feeds import Subscription
from aggregator.database.store import open_store
from aggregator.database.tables import entries as entry_table
from aggregator.database.tables import related as table

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def filled(folder: Path, events: Sequence[int]) -> Database:
    """Make a store with an entry for each of these events, numbered from 1."""
    database = open_store(folder, NOW)
    with database.write() as connection:
        feeds.subscribe(connection, [Subscription(url="https://a.example/")], NOW)
        for event in events:
            values = {"feed_id": 1, "title": "", "summary": "", "html": "", "author": "", "tags": [], "outlet": "A"}
            entries.add(connection, values | {"first_seen": NOW, "time": NOW, "batch": 1, "event_id": event})
    return database


def miss(entry: int, event: int, score: float) -> Related:
    return Related(entry=entry, event=event, score=score, time=NOW)


def near(database: Database, event: int) -> list[int]:
    with database.read() as connection:
        return related.related_events(connection, event)


def test_events_are_related_both_ways_the_nearest_first(tmp_path: Path) -> None:
    database = filled(tmp_path, [1, 2, 3])
    with database.write() as connection:
        related.save(connection, [miss(2, 1, -0.05), miss(3, 1, -0.01)], [])
    assert near(database, 1) == [3, 2]
    assert near(database, 2) == [1]
    database.close()


def test_an_event_keeps_its_five_nearest_others_each_once(tmp_path: Path) -> None:
    database = filled(tmp_path, [1, 2, 2, 3, 4, 5, 6, 7])
    with database.write() as connection:
        related.save(connection, [miss(entry, 1, -0.01 * entry) for entry in range(2, 9)], [])
    assert near(database, 1) == [2, 3, 4, 5, 6]
    with database.read() as connection:
        assert connection.scalar(select(func.count()).select_from(table)) == 5
    database.close()


def test_what_an_absorbed_event_was_related_to_goes_to_the_survivor(tmp_path: Path) -> None:
    database = filled(tmp_path, [1, 2, 3])
    with database.write() as connection:
        related.save(connection, [miss(3, 2, -0.02), miss(1, 2, -0.01)], [])
        connection.execute(entry_table.update().where(entry_table.c.event_id == 2).values(event_id=1))
        related.save(connection, [], [Merge(absorbed=2, survivor=1)])
    assert near(database, 1) == [3]
    assert near(database, 3) == [1]
    with database.read() as connection:
        assert connection.execute(select(table.c.event_id, table.c.entry_id)).all() == [(1, 3)]
    database.close()
