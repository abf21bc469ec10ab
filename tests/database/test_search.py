"""A search looks at everything that is stored."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert

from aggregator.database import events as rows
from aggregator.database import search
from aggregator.database.engine import Database
from aggregator.database.feeds import Subscription, subscribe
from aggregator.database.store import open_store
from aggregator.database.tables import entries, events
from aggregator.publishing.ids import event_name
from aggregator.text.query import parse

NOW = datetime(2026, 3, 1, tzinfo=UTC)
EVENTS = 6_000


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Database:
    """Give a store of events of one report each, all about Kabul; the first has five outlets."""
    database = open_store(Path(tmp_path_factory.mktemp("store")), NOW)
    reports, told = [], []
    for number in range(1, EVENTS + 1):
        seen, title = NOW + timedelta(minutes=number), f"Kabul report {number}"
        reports.append(
            {"id": number, "feed_id": 1, "title": title, "summary": "", "html": "", "author": "", "tags": [],
             "outlet": "Outlet", "first_seen": seen, "time": seen, "batch": 1, "event_id": number}
        )  # fmt: skip
        told.append(
            {"id": number, "name": event_name(number), "headline": title, "first_seen": seen, "updated": seen,
             "entries": 1, "outlets": 5 if number == 1 else 1, "independent": 1}
        )  # fmt: skip
    with database.write() as connection:
        subscribe(connection, [Subscription(url="https://a.example/feed")], NOW)
        connection.execute(insert(entries), reports)
        connection.execute(insert(events), told)
        search.index(connection, ((row["id"], row["title"], "") for row in reports))
    return database


def test_a_search_counts_every_match(database: Database) -> None:
    with database.read() as connection:
        assert rows.count(connection, rows.Filter(search=parse("kabul"))) == EVENTS
        assert rows.count(connection, rows.Filter(search=parse("kabul -report"))) == 0


def test_an_old_match_is_found_where_a_filter_leaves_newer_ones_out(database: Database) -> None:
    with database.read() as connection:
        [found] = rows.listed(connection, rows.Filter(search=parse("kabul"), min_sources=5))
        assert found.headline == "Kabul report 1"
        [last] = rows.listed(connection, rows.Filter(search=parse("kabul")), offset=EVENTS - 1)
        assert last.headline == "Kabul report 1"
