"""Feeds: what is subscribed, what is due, what was learnt of each."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select, update

from aggregator.database.tables import entries, feeds, polls
from aggregator.fetching.shown import shown
from aggregator.model import FeedId
from aggregator.scheduling.intervals import due as is_due_by
from aggregator.scheduling.state import FeedState, Standing, dumped, loaded, standing

POLLS_KEPT = 20  # of each feed, for `feeds show`


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """What the configuration says of a feed."""

    url: str
    name: str = ""
    outlet: str = ""
    family: str = ""
    language: str | None = None
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredFeed:
    """A feed as the database has it."""

    id: FeedId
    url: str
    name: str
    title: str
    site_url: str | None
    outlet: str
    family: str
    language: str | None
    tags: tuple[str, ...]
    subscribed: bool
    added: datetime
    state: FeedState

    @property
    def label(self) -> str:
        """What lists call it: its name, else the title it gives itself, else its URL without secrets."""
        return self.name or self.title or shown(self.url)


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """A feed in short: what lists call it, and how it does."""

    id: FeedId
    url: str
    title: str
    label: str
    subscribed: bool
    state: Standing

    def due(self, now: datetime) -> bool:
        """Tell whether it is to be asked now."""
        return self.subscribed and is_due_by(self.state, now)


@dataclass(frozen=True, slots=True, kw_only=True)
class Poll:
    """What one request brought."""

    at: datetime
    outcome: str
    status: int | None = None
    reason: str | None = None
    bytes: int = 0
    elapsed: timedelta = timedelta()
    new: int = 0
    edited: int = 0


def _feed(row: Row[Any]) -> StoredFeed:
    values = dict(row._mapping)
    del values["next_check"]
    values["tags"] = tuple(values["tags"])
    values["state"] = loaded(row.state) if row.state else FeedState(feed=row.id, url=row.url)
    return StoredFeed(**values)


def subscribe(connection: Connection, wanted: Sequence[Subscription], now: datetime) -> None:
    """Make the feeds table say what the configuration says.

    A feed that is no longer configured keeps its entries and what was learnt, and is not polled; configured again, it
    goes on where it was. Nothing is written where nothing changed.
    """
    enter(connection, wanted, now)
    urls = {subscription.url for subscription in wanted}
    for feed in all_feeds(connection):
        if feed.subscribed and feed.url not in urls:
            connection.execute(update(feeds).where(feeds.c.id == feed.id).values(subscribed=False))


def enter(connection: Connection, wanted: Sequence[Subscription], now: datetime) -> None:
    """Have these subscribed, as they are given, and leave the others as they are."""
    known = {feed.url: feed for feed in all_feeds(connection)}
    for subscription in wanted:
        values = {
            "name": subscription.name,
            "outlet": subscription.outlet,
            "family": subscription.family,
            "language": subscription.language,
            "tags": list(subscription.tags),
            "subscribed": True,
        }
        feed = known.get(subscription.url)
        if feed is None:
            connection.execute(insert(feeds).values(url=subscription.url, added=now, **values))
        elif any(_plain(getattr(feed, key)) != value for key, value in values.items()):
            connection.execute(update(feeds).where(feeds.c.id == feed.id).values(**values))
            if feed.outlet != subscription.outlet:
                _rename_outlet(connection, feed, subscription.outlet)


def _plain(value: object) -> object:
    return list(value) if isinstance(value, tuple) else value


def _rename_outlet(connection: Connection, feed: StoredFeed, outlet: str) -> None:
    """Carry a new name of the outlet to its entries; those that name a source of their own keep it."""
    own = (entries.c.feed_id == feed.id) & (entries.c.outlet == feed.outlet)
    connection.execute(update(entries).where(own).values(outlet=outlet))


def all_feeds(connection: Connection) -> list[StoredFeed]:
    """Give every feed, subscribed or not, in the order they were added."""
    return [_feed(row) for row in connection.execute(select(feeds).order_by(feeds.c.id))]


def conditions(connection: Connection) -> list[Condition]:
    """Give every feed in short, in the order they were added; their states are not read whole."""
    return [_condition(row) for row in connection.execute(_IN_SHORT.order_by(feeds.c.id))]


def condition(connection: Connection, url: str) -> Condition | None:
    """Find a feed by its configured URL, in short."""
    row = connection.execute(_IN_SHORT.where(feeds.c.url == url)).one_or_none()
    return None if row is None else _condition(row)


_IN_SHORT = select(*feeds.c["id", "url", "name", "title", "subscribed", "state"])


def _condition(row: Row[Any]) -> Condition:
    return Condition(
        id=row.id,
        url=row.url,
        title=row.title,
        label=row.name or row.title or shown(row.url),
        subscribed=row.subscribed,
        state=standing(row.state) if row.state else Standing(),
    )


def by_url(connection: Connection, url: str) -> StoredFeed | None:
    """Find a feed by its configured URL."""
    row = connection.execute(select(feeds).where(feeds.c.url == url)).one_or_none()
    return None if row is None else _feed(row)


def url_of(connection: Connection, feed_id: FeedId) -> str | None:
    """Give the configured URL of a feed by its id."""
    return connection.scalar(select(feeds.c.url).where(feeds.c.id == feed_id))


def due(connection: Connection, now: datetime) -> list[StoredFeed]:
    """Give the subscribed feeds that may be asked now: those never polled first, then the longest overdue.

    The column may be behind the state, which counts: see `save_attempt`.
    """
    is_due = feeds.c.subscribed & ((feeds.c.state == "") | (feeds.c.next_check <= now))
    order = feeds.c.next_check.nulls_first(), feeds.c.id
    found = [_feed(row) for row in connection.execute(select(feeds).where(is_due).order_by(*order))]
    return [feed for feed in found if is_due_by(feed.state, now)]


def anyone_stands_back(connection: Connection, other: FeedId) -> bool:
    """Tell whether a feed stands back for another; without reading every feed's state."""
    rows = connection.execute(select(feeds).where(feeds.c.state.contains('"stands_back":')))
    return any(_feed(row).state.stands_back == other for row in rows)


def next_due(connection: Connection) -> datetime | None:
    """Say when the next subscribed feed is due; None where none is scheduled."""
    return connection.execute(select(func.min(feeds.c.next_check)).where(feeds.c.subscribed)).scalar_one()


def save_state(connection: Connection, state: FeedState) -> None:
    """Store what is known of a feed's schedule."""
    values = {"state": dumped(state), "next_check": state.next_check}
    connection.execute(update(feeds).where(feeds.c.id == state.feed).values(**values))


def save_attempt(connection: Connection, state: FeedState) -> None:
    """Store that a feed is about to be asked; its place in the index follows with the outcome, and so moves once."""
    own = feeds.c.id == state.feed
    connection.execute(update(feeds).where(own).values(state=dumped(state)))
    never_asked = own & feeds.c.next_check.is_(None)  # it has no place yet, and without one it would not be due again
    connection.execute(update(feeds).where(never_asked).values(next_check=state.next_check))


def save_title(connection: Connection, feed: StoredFeed, title: str, site_url: str | None) -> None:
    """Store what a feed calls itself and its site; nothing is written where that is known."""
    if (title, site_url) != (feed.title, feed.site_url):
        connection.execute(update(feeds).where(feeds.c.id == feed.id).values(title=title, site_url=site_url))


def add_poll(connection: Connection, feed_id: FeedId, poll: Poll) -> None:
    """Note what a request brought, in the place of the oldest once there are `POLLS_KEPT`: a 304 writes little."""
    values = {
        "at": poll.at,
        "outcome": poll.outcome,
        "status": poll.status,
        "reason": poll.reason,
        "bytes": poll.bytes,
        "milliseconds": round(poll.elapsed.total_seconds() * 1000),
        "new": poll.new,
        "edited": poll.edited,
    }
    newest_first = select(polls.c.id).where(polls.c.feed_id == feed_id).order_by(polls.c.at.desc(), polls.c.id.desc())
    oldest = connection.scalar(newest_first.offset(POLLS_KEPT - 1).limit(1))
    if oldest is None:
        connection.execute(insert(polls).values(feed_id=feed_id, **values))
    else:
        connection.execute(update(polls).where(polls.c.id == oldest).values(**values))


def last_polls(connection: Connection, feed_id: FeedId) -> list[Poll]:
    """Give the last polls of a feed, newest first."""
    order = polls.c.at.desc(), polls.c.id.desc()
    rows = connection.execute(select(polls).where(polls.c.feed_id == feed_id).order_by(*order))
    return [
        Poll(
            at=row.at,
            outcome=row.outcome,
            status=row.status,
            reason=row.reason,
            bytes=row.bytes,
            elapsed=timedelta(milliseconds=row.milliseconds),
            new=row.new,
            edited=row.edited,
        )
        for row in rows
    ]


def last_poll(connection: Connection) -> datetime | None:
    """Say when any feed was last asked; None: never."""
    return connection.execute(select(func.max(polls.c.at))).scalar_one()


def entry_count(connection: Connection, feed_id: FeedId) -> int:
    """Count the stored entries of one feed."""
    return connection.scalar(select(func.count()).select_from(entries).where(entries.c.feed_id == feed_id)) or 0


def entry_counts(connection: Connection) -> dict[FeedId, int]:
    """Count the stored entries of each feed."""
    counts = select(entries.c.feed_id, func.count()).group_by(entries.c.feed_id)
    return {row[0]: row[1] for row in connection.execute(counts)}
