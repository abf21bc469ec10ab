"""Feeds as the database keeps them, and in short."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from aggregator.database import feeds
from aggregator.database.store import open_store
from aggregator.scheduling.intervals import due
from aggregator.scheduling.state import Health

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def test_a_feed_in_short_is_due_when_its_whole_state_is(tmp_path: Path) -> None:
    database = open_store(tmp_path, NOW)
    changes = (
        {},
        {"next_check": NOW},
        {"next_check": NOW - timedelta(microseconds=1)},
        {"next_check": NOW + timedelta(microseconds=1)},
        {"health": Health.DISABLED},
        {"health": Health.FAILING, "reason": "no answer", "next_check": NOW - timedelta(days=1)},
    )
    with database.write() as connection:
        wanted = [feeds.Subscription(url=f"https://{n}.example/feed") for n in range(len(changes) + 1)]
        feeds.subscribe(connection, wanted, NOW)
        for feed, values in zip(feeds.all_feeds(connection), changes, strict=False):  # the last is never asked
            feeds.save_state(connection, replace(feed.state, **values))
    with database.read() as connection:
        short = feeds.conditions(connection)
        assert [feed.due(NOW) for feed in short] == [due(feed.state, NOW) for feed in feeds.all_feeds(connection)]
        assert [feed.due(NOW) for feed in short] == [True, True, True, False, False, True, True]
        assert short[5].state.reason == "no answer"


def test_what_is_no_longer_subscribed_is_not_due(tmp_path: Path) -> None:
    database = open_store(tmp_path, NOW)
    with database.write() as connection:
        feeds.subscribe(connection, [feeds.Subscription(url="https://a.example/feed")], NOW)
        feeds.subscribe(connection, [], NOW)
    with database.read() as connection:
        [feed] = feeds.conditions(connection)
    assert not feed.due(NOW)


def test_a_feed_is_found_by_its_number(tmp_path: Path) -> None:
    database = open_store(tmp_path, NOW)
    with database.write() as connection:
        feeds.subscribe(connection, [feeds.Subscription(url="https://a.example/feed")], NOW)
        assert feeds.url_of(connection, 1) == "https://a.example/feed"
        assert feeds.url_of(connection, 2) is None
        assert feeds.entry_count(connection, 1) == 0
