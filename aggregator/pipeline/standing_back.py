"""Subscriptions that stand back for another which brings the same document (polling rule 43)."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from aggregator.database import feeds
from aggregator.database.feeds import StoredFeed
from aggregator.model import FeedId, Fetched
from aggregator.scheduling.intervals import earliest
from aggregator.scheduling.state import FeedState, Settings
from aggregator.scheduling.twins import left_alone, redirected, stood_back, twins, wants_a_look


def standing_back(connection: Connection, due: Sequence[StoredFeed], now: datetime) -> dict[FeedId, FeedState]:
    """Give the due feeds whose document another subscription brings, as they stand back for it."""
    subscribed = {feed.id: feed for feed in feeds.all_feeds(connection) if feed.subscribed}
    asked_for = twins(feed.state for feed in subscribed.values())
    return {
        feed.id: stood_back(feed.state, asked_for[feed.id], subscribed[asked_for[feed.id]].label, now)
        for feed in due
        if feed.id in asked_for and not wants_a_look(feed.state)
    }


def call_back(connection: Connection, other: FeedId, now: datetime, settings: Settings) -> None:
    """Have the feeds asked that stood back for another, where that no longer brings their document."""
    if not feeds.anyone_stands_back(connection, other):
        return
    subscribed = (feed.state for feed in feeds.all_feeds(connection) if feed.subscribed)
    for state in left_alone(subscribed, other):
        at = max(earliest(state, replace(settings, every=None)) or now, now)
        why = "its other subscription brings it no longer"
        feeds.save_state(connection, replace(state, stands_back=None, reason="", next_check=at, why=why))


def twin_of(connection: Connection, feed: StoredFeed, fetched: Fetched) -> StoredFeed | None:
    """Give the subscription that has brought this document, where this feed has no document of its own there."""
    if feed.state.answered_url == fetched.url and not redirected(feed.state):
        return None
    subscribed = {other.id: other for other in feeds.all_feeds(connection) if other.subscribed}
    states = [other.state for other in subscribed.values() if other.id != feed.id]
    found = twins([*states, replace(feed.state, answered_url=fetched.url)]).get(feed.id)
    return subscribed[found] if found is not None and subscribed[found].state.body_hash is not None else None
