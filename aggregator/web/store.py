"""What the web application is told, out of a store."""

from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from aggregator.config import PublishingConfig, ServerConfig
from aggregator.database import corrections, decisions, entries, feeds, overview, publications, related, search
from aggregator.database import events as event_rows
from aggregator.database.decisions import Decision
from aggregator.database.events import Filter
from aggregator.database.feeds import Poll, StoredFeed
from aggregator.database.store import setting
from aggregator.database.telling import Teller, tellers
from aggregator.errors import ConfigError, NotFound, StoreError
from aggregator.fetching.shown import shown
from aggregator.model import Event, EventId, FeedId
from aggregator.parsing.opml import Subscription
from aggregator.pipeline.publish import Publisher, read_publication
from aggregator.publishing.channel import Channel
from aggregator.publishing.publication import Change
from aggregator.text.query import parse
from aggregator.web.app import WebSettings
from aggregator.web.documents import Document, PublishedFolder
from aggregator.web.feeds import MEDIA_TYPES
from aggregator.web.reader import (
    Bond,
    Contribution,
    EventView,
    FeedHealth,
    FeedView,
    Measures,
    OutletView,
    Overlap,
    PollSeen,
    PutRight,
    SharedFeed,
)
from aggregator.web.terms import as_written

_COMPARED = timedelta(days=14)  # of reports, for what outlets share
_MOST_OUTLETS = 40
_MOST_TERMS = 8


@dataclass(slots=True)
class StoreReader:
    """Reads the published files and the database of one store."""

    publisher: Publisher  # its feeds and place are those in force
    polls: Counter[str] = field(default_factory=Counter)  # since the start, by outcome; the daemon counts
    seconds: Mapping[str, tuple[int, float]] = field(default_factory=dict)  # by stage; the pipeline measures
    _files: PublishedFolder = field(init=False)

    def __post_init__(self) -> None:
        self._files = PublishedFolder(self.publisher.folder, MEDIA_TYPES)

    def generation(self) -> Hashable:
        """Give a value that changes with every batch, correction and change of the published files."""
        with self.publisher.database.read() as connection:
            decided = overview.state_of_decisions(connection)
        return decided, tuple(self._files.version(f"{feed.name}.{feed.formats[0]}") for feed in self.publisher.feeds)

    def not_ready(self) -> str | None:
        """Say why feeds cannot be served; None when all is well."""
        try:
            with self.publisher.database.read() as connection:
                setting(connection, "installation")
        except StoreError as error:
            return str(error)
        return None if self._files.version("events.atom") is not None else "nothing has been published yet"

    def document(self, name: str) -> Document | None:
        """Give a published file (`events.atom`); None where there is none, or none any more."""
        return self._files.document(name) if self._is_published(name) else None

    def held(self, name: str) -> Document | None:
        """Give a published file that is in memory; else None."""
        return self._files.held(name) if self._is_published(name) else None

    def _is_published(self, name: str) -> bool:
        return any(name == f"{feed.name}.{suffix}" for feed in self.publisher.feeds for suffix in feed.formats)

    def channel(self, name: str) -> Channel | None:
        """Give an output feed as its documents are written from."""
        found = next((feed for feed in self.publisher.feeds if feed.name == name), None)
        return self.publisher.channel(found) if found is not None else None

    def outputs(self) -> Sequence[tuple[str, str]]:
        """Give name and title of the output feeds."""
        return [(feed.name, feed.title) for feed in self.publisher.feeds]

    def recent(self, limit: int, *, min_outlets: int = 1, language: str | None = None) -> Sequence[Event]:
        """Give the events updated last, without the muted ones."""
        wanted = Filter(min_sources=min_outlets, languages=(language,) if language else ())
        with self.publisher.database.read() as connection:
            return [event for event in event_rows.listed(connection, wanted, limit=limit) if not event.muted]

    def languages(self) -> Sequence[str]:
        """Give the languages of the last days' events, the commonest first."""
        with self.publisher.database.read() as connection:
            newest = overview.newest_update(connection)
            return overview.languages(connection, newest - timedelta(days=3)) if newest else []

    def event(self, name: str) -> EventView:
        """Give an event by its name or the beginning of it; a merged one names its successor."""
        with self.publisher.database.read() as connection:
            event = event_rows.named(connection, name)
            decided = decisions.evidence_of(connection, event.id)
            near = related.related_events(connection, event.id)
            put_right = corrections.touching(connection, event.id)
            texts = {source.entry: f"{source.title} {source.summary}" for source in event.sources}
            return EventView(
                event=event,
                bonds=tuple(_bond(history[-1], texts.get(entry, "")) for entry, history in decided.items()),
                related=tuple(overview.in_order(connection, near)),
                changes=self._changes(event.id),
                corrections=tuple(
                    PutRight(at=one.at, kind=one.kind, reason=one.reason, undone=one.undone)
                    for one in put_right
                    if one.kind != "undo"
                ),
                successor=None if event.name.startswith(name.strip().lower()) else event.name,
            )

    def _changes(self, event: EventId) -> tuple[Change, ...]:
        """Give the change log of the first feed that has released the event."""
        for feed in self.publisher.feeds:
            with self.publisher.database.read() as connection:
                row = publications.latest(connection, feed.name, [event]).get(event)
            if row is not None:
                return read_publication(row).changes
        return ()

    def search(self, query: str, limit: int) -> Sequence[Event]:
        """Give the events in which a report satisfies a query, newest first."""
        wanted = parse(query)
        with self.publisher.database.read() as connection:
            return overview.in_order(connection, search.events_with(connection, wanted, limit))

    def outlet(self, name: str, limit: int) -> OutletView:
        """Give an outlet with the newest of its events."""
        with self.publisher.database.read() as connection:
            own = [feed for feed in feeds.all_feeds(connection) if feed.subscribed and feed.outlet == name]
            events = overview.in_order(connection, overview.of_outlet(connection, name, limit))
            if not own and not events:
                raise NotFound(f"no feed and no report is of {name!r}")
            newest = overview.newest_update(connection)
            since = newest - _COMPARED if newest else None
            told = tellers(connection, since, outlet=name) if since else []
            _, common = overview.outlets_in_common(connection, name, since) if since else (0, [])
            number = feeds.entry_counts(connection)
        return OutletView(
            outlet=name,
            told=_contribution(told[0]) if told else Contribution(),
            feeds=tuple(_health(feed, number.get(feed.id, 0)) for feed in own),
            shares=tuple(common),
            events=tuple(events),
        )

    def feeds(self) -> Sequence[FeedHealth]:
        """Give the subscribed feeds, by name."""
        with self.publisher.database.read() as connection:
            stored = [feed for feed in feeds.all_feeds(connection) if feed.subscribed]
            number = feeds.entry_counts(connection)
        found = [_health(feed, number.get(feed.id, 0)) for feed in stored]
        return sorted(found, key=lambda feed: feed.name.casefold())

    def feed(self, number: FeedId) -> FeedView:
        """Give a subscribed feed with its last polls and what it shares with others."""
        with self.publisher.database.read() as connection:
            stored = {feed.id: feed for feed in feeds.all_feeds(connection) if feed.subscribed}
            if number not in stored:
                raise NotFound(f"no feed {number}; the page of feeds lists them")
            newest = overview.newest_update(connection)
            own, common = overview.in_common(connection, number, newest - _COMPARED) if newest else (0, [])
            polls = feeds.last_polls(connection, number)
            entries_ = feeds.entry_counts(connection).get(number, 0)
        return FeedView(
            health=_health(stored[number], entries_),
            polls=tuple(_poll(poll) for poll in polls),
            events=own,
            shares=tuple(
                SharedFeed(feed=other, name=stored[other].label, events=count)
                for other, count in common
                if other in stored
            ),
        )

    def overlap(self) -> Overlap:
        """Give the outlets with most events and what they share."""
        with self.publisher.database.read() as connection:
            newest = overview.newest_update(connection)
            told = overview.outlets_of_events(connection, newest - _COMPARED) if newest else {}
        names, matrix = overview.shared(list(told.values()), _MOST_OUTLETS)
        return Overlap(
            outlets=tuple(names),
            events=tuple(matrix[n][n] for n in range(len(names))),
            shared=tuple(tuple(row) for row in matrix),
        )

    def subscriptions(self) -> Sequence[Subscription]:
        """Give the subscriptions for OPML, without secrets."""
        with self.publisher.database.read() as connection:
            stored = [feed for feed in feeds.all_feeds(connection) if feed.subscribed]
        return [
            Subscription(
                url=shown(feed.url), name=feed.label, site_url=feed.site_url, tags=feed.tags, language=feed.language
            )
            for feed in stored
        ]

    def measures(self) -> Measures:
        """Give the figures for /metrics."""
        database = self.publisher.database
        with database.read() as connection:
            stored, known, last = overview.counts(connection)
            subscribed = [feed for feed in feeds.all_feeds(connection) if feed.subscribed]
            return Measures(
                polls=dict(self.polls),
                joins=overview.joins(connection),
                entries=stored,
                events=known,
                feeds=Counter(feed.state.health.value for feed in subscribed),
                queue=entries.count_pending(connection),
                database_bytes=database.path.stat().st_size,
                last_batch=last,
                seconds=dict(self.seconds),
            )


def _bond(decision: Decision, text: str) -> Bond:
    why = decision.evidence
    if decision.reason == "founded":
        return Bond(entry=decision.entry, compared=None, rule=decision.reason)
    terms = sorted(why.terms, key=lambda term: -term[1])[:_MOST_TERMS]
    return Bond(
        entry=decision.entry,
        compared=why.compared,
        rule=decision.reason,
        likeness=why.cosine if why.cosine is not None else why.jaccard,
        terms=as_written((term for term, _ in terms), text),
    )


def _contribution(told: Teller) -> Contribution:
    return Contribution(
        reports=told.reports, events=told.events, shared=told.shared, first=told.first, copies=told.copies
    )


def _health(feed: StoredFeed, number: int) -> FeedHealth:
    state = feed.state
    return FeedHealth(
        id=feed.id,
        name=feed.label,
        outlet=feed.outlet,
        url=shown(feed.url),
        state=state.health.value,
        reason=state.reason,
        site=feed.site_url,
        language=feed.language,
        last_success=state.last_success,
        next_check=state.next_check,
        interval=state.interval,
        entries=number,
        hours=tuple(round(weight * 10) for weight in state.history.hours),
    )


def _poll(poll: Poll) -> PollSeen:
    return PollSeen(
        at=poll.at,
        outcome=poll.outcome,
        status=poll.status,
        reason=poll.reason,
        bytes=poll.bytes,
        milliseconds=round(poll.elapsed / timedelta(milliseconds=1)),
        new=poll.new,
        edited=poll.edited,
    )


def web_settings(server: ServerConfig, publishing: PublishingConfig, environment: Mapping[str, str]) -> WebSettings:
    """Say under which address and names the server answers, and to whom.

    Raises:
        ConfigError: the token is not where the configuration says it is.
    """
    try:
        token = server.token(environment)
    except ValueError as error:
        raise ConfigError(f"server: {error}") from error
    own = [server.host] if server.host not in {"0.0.0.0", "::"} else []  # noqa: S104  a comparison, nothing is bound
    names = dict.fromkeys(["127.0.0.1", "localhost", "[::1]", *own, *server.hosts])
    return WebSettings(base_url=server.address(), hosts=tuple(names), token=token, title=publishing.title)
