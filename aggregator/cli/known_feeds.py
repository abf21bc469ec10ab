"""Which feed a person means, and what the store knows of it."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from aggregator.cli.console import Context
    from aggregator.database.engine import Database
    from aggregator.database.feeds import StoredFeed

LONGEST = 19  # digits; SQLite has no larger numbers


def database_of(context: "Context", now: "datetime") -> "Database | None":
    """Open the store; None where nothing was polled yet."""
    from aggregator.database.store import open_existing
    from aggregator.errors import NotFound

    try:
        return open_existing(context.instance().store, now)
    except NotFound:
        return None


def stored_feeds(context: "Context", now: "datetime") -> "tuple[Mapping[str, StoredFeed], Mapping[str, int]]":
    """Give what the store knows of feeds and how many entries it has of each, by their URL."""
    from aggregator.database.feeds import all_feeds, entry_counts

    database = database_of(context, now)
    if database is None:
        return {}, {}
    with database.read() as connection:
        known, counts = all_feeds(connection), entry_counts(connection)
    return {feed.url: feed for feed in known}, {feed.url: counts.get(feed.id, 0) for feed in known}


def named(context: "Context", word: str) -> str:
    """Give the URL of the feed with this id, else the word as it is."""
    if not (word.isascii() and word.isdigit() and len(word) < LONGEST):
        return word
    from datetime import UTC, datetime

    from aggregator.database import feeds

    database = database_of(context, datetime.now(UTC))
    if database is None:
        return word
    with database.read() as connection:
        return feeds.url_of(connection, int(word)) or word
