"""What is remembered of alerts: each event once, and where word of it stands."""

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import inspect, text, update

from aggregator.database import alerts, store
from aggregator.database import events as event_rows
from aggregator.database.engine import Database
from aggregator.database.tables import events
from tests.publishing.values import event, source

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    with closing(store.open_store(tmp_path, NOW)) as opened:
        yield opened


def test_an_event_is_noted_once(database: Database) -> None:
    with database.write() as connection:
        alerts.note(connection, "panjshir", [1, 2], NOW)
        alerts.note(connection, "panjshir", [2, 3], NOW + MINUTE)
        alerts.note(connection, "other", [2], NOW + MINUTE, send=False)
    with database.read() as connection:
        assert [(met.event, met.at) for met in alerts.due(connection, NOW)] == [(1, NOW), (2, NOW)]
        assert [met.event for met in alerts.due(connection, NOW + MINUTE)] == [1, 2, 3]


def test_an_event_that_took_in_one_which_was_told_is_the_same(database: Database) -> None:
    with database.write() as connection:
        for number in (1, 2):
            event_rows.save(connection, event(source(number, f"Outlet {number}"), number=number))
        alerts.note(connection, "panjshir", [1], NOW)
        connection.execute(update(events).where(events.c.id == 1).values(merged_into=2))
        alerts.note(connection, "panjshir", [2], NOW)
    with database.read() as connection:
        assert [met.event for met in alerts.due(connection, NOW)] == [1]


def test_an_attempt_that_was_begun_is_not_due(database: Database) -> None:
    with database.write() as connection:
        alerts.note(connection, "panjshir", [1], NOW)
        (met,) = alerts.due(connection, NOW)
        alerts.save(connection, met, alerts.BEGUN)
        assert alerts.due(connection, NOW + MINUTE) == []
        assert alerts.left_behind(connection) == [met]
        alerts.save(connection, met, alerts.WAITING, NOW + MINUTE)
        assert alerts.due(connection, NOW) == []
        assert alerts.due(connection, NOW + MINUTE) == [met]
        assert alerts.left_behind(connection) == []


def test_alerts_that_have_begun_are_known(database: Database) -> None:
    with database.write() as connection:
        assert alerts.known(connection) == frozenset()
        alerts.begin(connection, ["b", "a"])
        alerts.begin(connection, ["c"])
        assert alerts.known(connection) == {"a", "b", "c"}


def test_a_store_from_before_gets_the_column_and_the_table(tmp_path: Path) -> None:
    with closing(store.open_store(tmp_path, NOW)) as old, old.write() as connection:
        connection.execute(text("ALTER TABLE entries DROP COLUMN agency"))
        connection.execute(text("DROP TABLE alerts"))
        connection.execute(text("UPDATE alembic_version SET version_num = '0002'"))
    with closing(store.open_store(tmp_path, NOW)) as new, new.read() as connection:
        found = inspect(connection)
        assert "agency" in {column["name"] for column in found.get_columns("entries")}
        assert found.has_table("alerts")
