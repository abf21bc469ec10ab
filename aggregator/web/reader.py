"""What the web application has to be told, and the values it is told in."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from aggregator.model import EntryId, Event, FeedId
from aggregator.parsing.opml import Subscription
from aggregator.publishing.channel import Channel
from aggregator.publishing.publication import Change
from aggregator.web.documents import Document


@dataclass(frozen=True, slots=True, kw_only=True)
class Bond:
    """Why an entry is in its event: what it was compared with, and what they share."""

    entry: EntryId
    compared: EntryId | None  # None: it founded the event
    rule: str
    likeness: float | None = None  # 0 to 1
    terms: tuple[str, ...] = ()  # rare words of both, the weightiest first


@dataclass(frozen=True, slots=True, kw_only=True)
class PutRight:
    """What a person put right about an event."""

    at: datetime
    kind: str  # merge, split, move, pin, mute
    reason: str = ""
    undone: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EventView:
    """An event with what its page shows beside the sources."""

    event: Event
    bonds: tuple[Bond, ...] = ()
    related: tuple[Event, ...] = ()  # that just missed the threshold
    changes: tuple[Change, ...] = ()
    corrections: tuple[PutRight, ...] = ()  # in the order of time
    successor: str | None = None  # name of the event that absorbed it


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedHealth:
    """A subscribed feed and how it is doing. `url` is without secrets."""

    id: FeedId
    name: str
    outlet: str
    url: str
    state: str  # fine, slow, failing, blocked, gone, moved, disabled, new
    reason: str = ""
    site: str | None = None
    language: str | None = None
    last_success: datetime | None = None
    next_check: datetime | None = None
    interval: timedelta | None = None
    entries: int = 0
    hours: tuple[int, ...] = ()  # entries by hour of the day (UTC), 24 of them


@dataclass(frozen=True, slots=True, kw_only=True)
class PollSeen:
    """What a request brought."""

    at: datetime
    outcome: str
    status: int | None = None
    reason: str | None = None
    bytes: int = 0
    milliseconds: int = 0
    new: int = 0
    edited: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedFeed:
    """Another feed, and how many events it has in common with one."""

    feed: FeedId
    name: str
    events: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedView:
    """A feed with what its page shows."""

    health: FeedHealth
    polls: tuple[PollSeen, ...] = ()  # newest first
    events: int = 0  # of the last two weeks
    shares: tuple[SharedFeed, ...] = ()  # of these, the most first


@dataclass(frozen=True, slots=True, kw_only=True)
class Contribution:
    """What an outlet has told in the last two weeks."""

    reports: int = 0
    events: int = 0
    shared: int = 0  # events that others report too
    first: int = 0  # of these, those that it reported first
    copies: int = 0  # reports that repeat another's text


@dataclass(frozen=True, slots=True, kw_only=True)
class OutletView:
    """An outlet with what its page shows."""

    outlet: str
    told: Contribution
    feeds: tuple[FeedHealth, ...] = ()
    shares: tuple[tuple[str, int], ...] = ()  # other outlets and how many of its events they tell too, the most first
    events: tuple[Event, ...] = ()  # the newest first

    @property
    def hours(self) -> tuple[int, ...]:
        """Give the entries of its feeds by hour of the day (UTC)."""
        return tuple(map(sum, zip(*(feed.hours for feed in self.feeds if feed.hours), strict=True)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Overlap:
    """How many events outlets have in common; `shared[a][b]` of the events of a are also told by b."""

    outlets: tuple[str, ...]
    events: tuple[int, ...]  # of each outlet
    shared: tuple[tuple[int, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Measures:
    """Counters since the start and gauges, for /metrics."""

    polls: Mapping[str, int]  # by outcome
    joins: Mapping[str, int]  # by rule
    entries: int
    events: int
    feeds: Mapping[str, int]  # by state
    queue: int  # entries that wait for the clusterer
    database_bytes: int
    last_batch: datetime | None = None
    seconds: Mapping[str, tuple[int, float]] | None = None  # by stage: how often, and how long in all


class Reader(Protocol):
    """What the web application needs to know. Called in threads; answers come from caches or short reads."""

    def generation(self) -> Hashable:
        """Give a value that changes whenever an answer may: after a batch, a correction, a poll."""

    def not_ready(self) -> str | None:
        """Say why feeds cannot be served yet or any more; None when all is well."""

    def document(self, name: str) -> Document | None:
        """Give a published file (`events.atom`); None where there is none."""

    def held(self, name: str) -> Document | None:
        """Give a published file where that takes no time to speak of, for it is in memory; else None."""

    def channel(self, name: str) -> Channel | None:
        """Give an output feed as its documents are written from; None where there is none of that name."""

    def outputs(self) -> Sequence[tuple[str, str]]:
        """Give name and title of the output feeds, the one to subscribe to first."""

    def recent(self, limit: int, *, min_outlets: int = 1, language: str | None = None) -> Sequence[Event]:
        """Give the events updated last."""

    def languages(self) -> Sequence[str]:
        """Give the languages of recent events, the commonest first."""

    def event(self, name: str) -> EventView:
        """Give an event by its name or the beginning of it.

        Raises:
            NotFound: no event has that name, or several begin so.
        """

    def search(self, query: str, limit: int) -> Sequence[Event]:
        """Give the events in which a report satisfies a query, newest first.

        Raises:
            InputError: the query cannot be read.
        """

    def outlet(self, name: str, limit: int) -> OutletView:
        """Give an outlet with the newest of its events.

        Raises:
            NotFound: neither a feed nor a report is of that name.
        """

    def feeds(self) -> Sequence[FeedHealth]:
        """Give the subscribed feeds, by name."""

    def feed(self, number: FeedId) -> FeedView:
        """Give a subscribed feed with what its page shows.

        Raises:
            NotFound: none has that number.
        """

    def overlap(self) -> Overlap:
        """Give the outlets with most events and what they share."""

    def subscriptions(self) -> Sequence[Subscription]:
        """Give the subscriptions for OPML, without secrets."""

    def measures(self) -> Measures:
        """Give the figures for /metrics."""
