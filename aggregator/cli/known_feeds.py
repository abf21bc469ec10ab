"""Which feed a person means, and what the store knows of it."""

from typing import TYPE_CHECKING

from aggregator.cli.parameters import DIGITS

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from aggregator.cli.console import Context
    from aggregator.config import Listing
    from aggregator.database.engine import Database
    from aggregator.database.feeds import Condition, StoredFeed


def database_of(context: "Context", now: "datetime") -> "Database | None":
    """Open the store; None where nothing was polled yet."""
    from aggregator.database.store import open_existing
    from aggregator.errors import NotFound

    try:
        return open_existing(context.instance().store, now)
    except NotFound:
        return None


def listed_feeds(context: "Context", database: "Database | None") -> "Listing":
    """Give what feeds.yaml subscribes to: as it was taken up where it has not changed since, else read anew.

    Raises:
        ConfigError: it is missing or holds mistakes.
    """
    from aggregator.config.text import fingerprint, read_text
    from aggregator.database import taken_up

    path = context.instance().config
    text = read_text(path)
    if database is not None:
        with database.read() as connection:
            kept = taken_up.kept(connection, fingerprint(text))
        if kept is not None:
            return kept
    from aggregator.config import listed, parse

    return listed(parse(text, str(path)))


def stored_feeds(context: "Context", now: "datetime") -> "Mapping[str, StoredFeed]":
    """Give what the store knows of feeds, by their URL."""
    from aggregator.database.feeds import all_feeds

    database = database_of(context, now)
    if database is None:
        return {}
    with database.read() as connection:
        return {feed.url: feed for feed in all_feeds(connection)}


def pauses(context: "Context", now: "datetime") -> "list[tuple[str, datetime]]":
    """Give the hosts that asked to be left alone, and until when."""
    from aggregator.pipeline import clock_waits

    database = database_of(context, now)
    if database is None:
        return []
    try:
        return clock_waits.pauses(database, now)
    finally:
        database.close()


def conditions_of(database: "Database | None") -> "tuple[Mapping[str, Condition], Mapping[str, int]]":
    """Give how feeds do and how many entries a store has of each, by their URL."""
    from aggregator.database.feeds import conditions, entry_counts

    if database is None:
        return {}, {}
    with database.read() as connection:
        known, counts = conditions(connection), entry_counts(connection)
    return {feed.url: feed for feed in known}, {feed.url: counts.get(feed.id, 0) for feed in known}


def named(context: "Context", word: str) -> str:
    """Give the URL of the feed with this id, else the word as it is."""
    from datetime import UTC, datetime

    return url_of(database_of(context, datetime.now(UTC)), word) if _is_number(word) else word


def url_of(database: "Database | None", word: str) -> str:
    """Give the URL of the feed that has this id in a store, else the word as it is."""
    from aggregator.database import feeds

    if database is None or not _is_number(word):
        return word
    with database.read() as connection:
        return feeds.url_of(connection, int(word)) or word


def _is_number(word: str) -> bool:
    return word.isascii() and word.isdigit() and len(word) < DIGITS
