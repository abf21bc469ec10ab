"""Events -> output feeds: decide what is released, store it, write the documents that changed."""

import logging
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from math import inf
from pathlib import Path

from sqlalchemy import Connection

from aggregator.config import Config, OutputConfig, PublishingConfig
from aggregator.config.durations import format_duration
from aggregator.database import corrections, publications
from aggregator.database import events as event_rows
from aggregator.database.engine import Database
from aggregator.database.feeds import all_feeds
from aggregator.database.publications import Mark, StoredPublication
from aggregator.database.store import setting
from aggregator.errors import ConfigError, InputError
from aggregator.fetching.shown import shown
from aggregator.model import Event, EventId, FeedId
from aggregator.pipeline.documents import Documents
from aggregator.publishing.channel import Channel, Origin, Place, compose
from aggregator.publishing.ids import Installation
from aggregator.publishing.publication import Content, OutputFeed, Publication, Updates, standard_feeds
from aggregator.publishing.release import decide, due_at, in_document
from aggregator.text.query import Query, parse

log = logging.getLogger(__name__)

REST = 30.0  # least seconds between two rewritings of a feed's documents
WEAR = 50_000  # bytes a second that they may cost a disk while news keeps coming: at most 4.3 GB a day and feed


def output_feeds(config: Config) -> tuple[OutputFeed, ...]:
    """Give the output feeds that a configuration asks for, beside the three that are always there.

    Raises:
        ConfigError: a search cannot be read; names its feed.
    """
    publishing = config.publishing
    standard = standard_feeds(
        publishing.title,
        hold=publishing.hold,
        keep=publishing.keep,
        limit=publishing.limit,
        words=publishing.words,
    )
    return (*standard, *(_output_feed(wanted, publishing) for wanted in publishing.feeds))


def _output_feed(wanted: OutputConfig, publishing: PublishingConfig) -> OutputFeed:
    return OutputFeed(
        name=wanted.name,
        title=f"{publishing.title}: {wanted.name}",
        min_sources=wanted.min_sources,
        min_independent=wanted.min_independent,
        languages=frozenset(code.partition("-")[0].lower() for code in wanted.language),
        tags=frozenset(wanted.tags),
        search=_query(wanted, "search", wanted.search),
        exclude=_query(wanted, "exclude", wanted.exclude),
        hold=publishing.hold if wanted.hold is None else wanted.hold,
        keep=publishing.keep if wanted.keep is None else wanted.keep,
        limit=publishing.limit if wanted.limit is None else wanted.limit,
        updates=Updates(wanted.updates),
        own_ids=wanted.id_scope == "feed",
        content=Content(wanted.content),
        count_in_title=wanted.title == "headline+count",
        words=wanted.words or publishing.words,
        formats=wanted.formats,
    )


def _query(wanted: OutputConfig, key: str, text: str | None) -> Query | None:
    try:
        return parse(text) if text is not None else None
    except InputError as error:
        raise ConfigError(f"publishing.feeds: {key} of {wanted.name}: {error}") from error


def place_of(connection: Connection, config: Config, port: int | None = None) -> Place:
    """Say as whose, and under which address, the documents of a store are published; `port`: where 0 asked for any."""
    since = datetime.fromisoformat(str(setting(connection, "made"))).date()
    return Place(
        installation=Installation(str(setting(connection, "installation")), since),
        base_url=config.server.address(port),
        pages=config.server.public_url is not None,
        link_pages=config.links_pages,
        pictures=config.publishing.pictures == "on",
    )


def _origins(connection: Connection) -> dict[FeedId, Origin]:
    """Name the subscribed feeds as they are known now."""
    return {
        feed.id: Origin(title=feed.label, url=shown(feed.url), site=feed.site_url) for feed in all_feeds(connection)
    }


@dataclass(slots=True, kw_only=True)
class Publisher:
    """Keeps the output feeds of a store up to date.

    `waiting` are events whose hold has not ended, `stale` feeds whose documents may say less than the store.
    """

    database: Database
    folder: Path
    feeds: tuple[OutputFeed, ...]
    place: Place
    store_made: datetime
    silent: frozenset[FeedId] = frozenset()  # whose headlines are not to speak for events
    waiting: set[EventId] = field(default_factory=set)
    stale: set[str] = field(default_factory=set)
    _rest: dict[str, float] = field(default_factory=dict, init=False)  # until when a feed's documents are left alone
    _full: set[str] = field(default_factory=set, init=False)  # feeds that have come to their limit
    _documents: Documents = field(init=False)

    def __post_init__(self) -> None:
        self._documents = Documents(self.folder)

    def resume(self, now: datetime) -> None:
        """Look again at every event that may have been decided, held or left behind when the last run ended.

        The documents too: it may have ended between what it stored and what it wrote.
        """
        self.doubt()
        horizon = now - max((feed.keep for feed in self.feeds), default=timedelta())
        with self.database.read() as connection:
            self.waiting |= event_rows.ids_updated_since(connection, horizon)

    def doubt(self) -> None:
        """See to it that every document is written anew: something shows in them that no release tells, as a mute."""
        self._documents.forget()
        self.stale |= {feed.name for feed in self.feeds}

    def publish(self, changed: Collection[EventId], now: datetime, moment: float = inf) -> list[Path]:
        """Release what is due of the changed and waiting events; gives the files that were written anew.

        Documents are whole files, and disks wear out: with a `moment` (monotonic seconds) those that were written
        lately wait, the longer the larger they are.
        """
        self.stale |= self.release(changed, now)
        written = []
        for feed in self.feeds:
            missing = not all(path.exists() for path in self._documents.paths(feed))
            if missing or (feed.name in self.stale and moment >= self._rest.get(feed.name, -inf)):
                files = self.write(feed)
                self.stale.discard(feed.name)
                if files and moment < inf:
                    self._rest[feed.name] = moment + max(REST, sum(path.stat().st_size for path in files) / WEAR)
                written += files
        return written

    def release(self, changed: Collection[EventId], now: datetime) -> set[str]:
        """Decide about the changed and the waiting events, and store it; gives the feeds that may say something else.

        Also where nothing is decided: a report that was edited stands in the list of an event that has not grown.
        """
        with self.database.read() as connection:
            events = event_rows.by_ids(connection, {*changed, *self.waiting})
            told = {
                feed.name: publications.latest(connection, feed.name, [e.id for e in events]) for feed in self.feeds
            }
            corrected = corrections.corrected_at(connection)
        decided: list[Publication] = []
        released = {name: set(rows) for name, rows in told.items()}
        for feed in self.feeds:
            for event in events:
                stored = told[feed.name].get(event.id)
                before = read_publication(stored) if stored else None
                publication = decide(
                    feed,
                    event,
                    before,
                    now=now,
                    store_age=now - self.store_made,
                    released_elsewhere=feed.unless is not None and event.id in released.get(feed.unless, ()),
                    corrected_at=now if self._silenced(event, before) else corrected.get(event.id),
                )
                if publication is not None:
                    decided.append(publication)
                    released[feed.name].add(event.id)
        if decided:
            with self.database.write() as connection:
                publications.save(connection, [_stored(one) for one in decided])
        self.waiting = {event.id for event in events if self._held(event, released, now)}
        return {one.feed for one in decided} | {
            name for name, rows in told.items() if not rows.keys().isdisjoint(changed)
        }

    def _silenced(self, event: Event, before: Publication | None) -> bool:
        """Tell whether a feed that is not to speak for events any more spoke for this one when it was last told."""
        if before is None or before.representative == event.representative:
            return False
        return any(source.entry == before.representative and source.feed in self.silent for source in event.sources)

    def _held(self, event: Event, released: Mapping[str, set[EventId]], now: datetime) -> bool:
        return (
            event.merged_into is None
            and not event.muted
            and any(
                event.id not in released[feed.name] and due_at(feed, event) > now
                for feed in self.feeds
                if event.sources
            )
        )

    def write(self, feed: OutputFeed) -> list[Path]:
        """Write the documents of one output feed from what is stored; gives those that changed."""
        with self.database.read() as connection:
            (marks, cut), place = _standing(connection, feed), self._place(connection)
        self._tell(feed, cut)
        return self._documents.write(feed, place, marks, lambda some: self._shown(feed, some, place))

    def channel(self, feed: OutputFeed) -> Channel:
        """Show one output feed as it is stored."""
        with self.database.read() as connection:
            (marks, _), place = _standing(connection, feed), self._place(connection)
        return self._shown(feed, marks, place)

    def _tell(self, feed: OutputFeed, cut: int) -> None:
        """Log once that a feed has come to its limit: what is past it is not seen by who polls seldom."""
        if cut and feed.name not in self._full:
            log.warning(
                "feed %s: `limit` leaves out %d events of the last %s", feed.name, cut, format_duration(feed.keep)
            )
        (self._full.add if cut else self._full.discard)(feed.name)

    def _place(self, connection: Connection) -> Place:
        return replace(self.place, origins=_origins(connection))

    def _shown(self, feed: OutputFeed, marks: Sequence[Mark], place: Place) -> Channel:
        with self.database.read() as connection:
            told = [read_publication(row) for row in publications.marked(connection, feed.name, marks)]
            ids = {one.event for one in told} | {one.merged_into for one in told if one.merged_into is not None}
            events = {event.id: event for event in event_rows.by_ids(connection, ids)}
        return compose(feed, told, events, place)


def _standing(connection: Connection, feed: OutputFeed) -> tuple[tuple[Mark, ...], int]:
    """Give what stands in a feed's documents, newest update first; also count what its limit leaves out."""
    newest = publications.newest(connection, feed.name)
    if newest is None:
        return (), 0
    muted = corrections.muted(connection)
    marks = publications.marks(connection, feed.name, newest - feed.keep)
    return in_document(feed, [mark for mark in marks if mark.event not in muted])


def read_publication(row: StoredPublication) -> Publication:
    """Give what a row of the database says was released."""
    return Publication.of(
        feed=row.feed,
        event=row.event,
        serial=row.serial,
        published=row.published,
        updated=row.updated,
        detail=row.detail,
    )


def _stored(one: Publication) -> StoredPublication:
    return StoredPublication(
        feed=one.feed,
        event=one.event,
        serial=one.serial,
        published=one.published,
        updated=one.updated,
        detail=one.detail(),
    )
