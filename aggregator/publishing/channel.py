"""What a reader is shown of an output feed: the view that every format writes. Pure."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time, tzinfo

from aggregator.model import EntryId, Event, EventId, FeedId, Source
from aggregator.publishing import escaping
from aggregator.publishing.ids import Installation
from aggregator.publishing.publication import Content, OutputFeed, Publication
from aggregator.publishing.sources import Line, lines
from aggregator.publishing.words import Manner, translator


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """A subscribed feed, as a release with one source names it (RFC 4287 §4.2.11)."""

    title: str
    url: str  # without secrets
    site: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where the documents are published, and as whose."""

    installation: Installation
    base_url: str  # where the server answers, without a slash at the end
    pages: bool = False  # others reach the server, so event pages may be linked
    link_pages: bool = False  # link to the event's page rather than to the representative's article
    hub_url: str | None = None
    language: str | None = None
    zone: tzinfo = UTC  # of the times inside the content
    pictures: bool = True
    origins: Mapping[FeedId, Origin] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """One publication of an event: what stands in a document as an entry or item."""

    id: str
    event: Event  # with the sources that were told alone
    lines: tuple[Line, ...]
    title: str
    link: str | None
    article: str | None  # the representative's
    page: str | None
    publication: Publication
    language: str | None
    author: str
    image: str | None
    tags: tuple[str, ...]
    new: Mapping[EntryId, datetime]  # told since the version before, and when
    previous_id: str | None = None  # of the milestone before
    successor: Event | None = None  # the event that absorbed it
    successor_link: str | None = None
    origin: Origin | None = None  # where the only source comes from

    @property
    def published(self) -> datetime:
        """Say when the event was first released in this feed; never changes."""
        return self.publication.published

    @property
    def updated(self) -> datetime:
        """Say when it last changed significantly."""
        return self.publication.updated


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """An output feed with its releases, newest update first."""

    name: str
    title: str
    id: str
    place: Place
    updated: datetime
    content: Content
    releases: tuple[Release, ...]
    words: str = "en"  # language of what the feed says itself
    query: str = ""  # of a narrowed document: what stands after its path

    @property
    def manner(self) -> Manner:
        """Say how the feed speaks."""
        return Manner(self.words, self.place.zone)

    @property
    def home_url(self) -> str:
        """Give the address of the page beside the feed."""
        return f"{self.place.base_url}/"

    def self_url(self, suffix: str) -> str:
        """Give the address of the document in one format."""
        return f"{self.place.base_url}/feeds/{self.name}.{suffix}" + (f"?{self.query}" if self.query else "")


def compose(
    feed: OutputFeed, publications: Iterable[Publication], events: Mapping[EventId, Event], place: Place
) -> Channel:
    """Show publications, in their order, with the sources of their events.

    `events` holds every event that a publication names, also the one it was merged into. The newest instant in the
    document is its `updated`; an empty one was updated when the installation was made.
    """
    releases = tuple(_release(feed, one, events, place) for one in publications if one.event in events)
    return replace(empty(feed, place), updated=_newest(releases, place), releases=releases)


def empty(feed: OutputFeed, place: Place) -> Channel:
    """Give an output feed without its releases."""
    return Channel(
        name=feed.name,
        title=escaping.one_line(feed.title) or feed.name,
        id=place.installation.channel_id(feed.name),
        place=place,
        updated=_newest((), place),
        content=feed.content,
        releases=(),
        words=feed.words,
    )


def narrow(channel: Channel, query: str, keep: Callable[[Release], bool]) -> Channel:
    """Give a part of a channel as a channel of its own: with its own id, address and `updated`.

    `query` says which part, as it stands in the address: the same part must always be written the same way.
    """
    releases = tuple(release for release in channel.releases if keep(release))
    return replace(
        channel,
        id=f"{channel.id}?{query}",
        query=query,
        updated=_newest(releases, channel.place),
        releases=releases,
    )


def _newest(releases: Iterable[Release], place: Place) -> datetime:
    made = datetime.combine(place.installation.since, time(), UTC)
    return max((release.updated for release in releases), default=made)


def _release(feed: OutputFeed, told: Publication, events: Mapping[EventId, Event], place: Place) -> Release:
    successor = events.get(told.merged_into) if told.merged_into is not None else None
    event = _as_told(told, events[told.event], successor)
    page = f"{place.base_url}/events/{event.name}" if place.pages else None
    article = _article(told, event)
    speaker, say = _speaker(told, event), translator(feed.words)
    return Release(
        id=_id(feed, told, event.name, place, told.serial),
        event=event,
        lines=lines(event.sources),
        title=_title(feed, told),
        link=page if page is not None and (place.link_pages or article is None) else article,
        article=article,
        page=page,
        publication=told,
        language=escaping.language_tag(told.language),
        author=(escaping.one_line(speaker.outlet, 100) if speaker else "") or say("Unknown"),  # readers want one
        image=escaping.web_url(speaker.image) if speaker and place.pictures else None,
        tags=_tags(event.sources),
        new=_new(told),
        previous_id=_id(feed, told, event.name, place, told.serial - 1) if told.serial > 1 else None,
        successor=successor,
        successor_link=_successor_link(successor, place),
        origin=place.origins.get(event.sources[0].feed) if len(event.sources) == 1 else None,
    )


def _as_told(told: Publication, event: Event, successor: Event | None) -> Event:
    """Give the event with the reports that this feed has told, also where they have moved on with a merge."""
    wanted = set(told.entries)
    found = {source.entry: source for source in (*(successor.sources if successor else ()), *event.sources)}
    kept = [source for entry, source in found.items() if entry in wanted]
    return replace(event, sources=tuple(sorted(kept, key=lambda source: (source.first_seen, source.entry))))


def _id(feed: OutputFeed, told: Publication, name: str, place: Place, serial: int) -> str:
    return place.installation.event_id(name, serial=serial, feed=told.feed if feed.own_ids else None)


def _title(feed: OutputFeed, told: Publication) -> str:
    say = translator(feed.words)
    headline = escaping.one_line(told.headline) or say("Untitled")
    if told.serial > 1:
        return f"{say('Update ({n} sources)', n=told.independent)}: {headline}"
    return f"{headline} ({told.outlets})" if feed.count_in_title and told.outlets > 1 else headline


def _article(told: Publication, event: Event) -> str | None:
    urls = (told.url, *(source.url for source in event.sources))
    return next((clean for url in urls if (clean := escaping.web_url(url)) is not None), None)


def _speaker(told: Publication, event: Event) -> Source | None:
    sources = event.sources
    return next((source for source in sources if source.entry == told.representative), sources[0] if sources else None)


def _tags(sources: Iterable[Source]) -> tuple[str, ...]:
    tags = {escaping.one_line(tag, 60): None for source in sources for tag in source.tags}
    return tuple(tag for tag in tags if tag)[:20]


def _new(told: Publication) -> dict[EntryId, datetime]:
    """Find what was told after the version before the present one: a reader that has that one sees it marked."""
    before = told.version_before or told.published
    return {entry: change.at for change in told.changes if change.at > before for entry in change.entries}


def _successor_link(successor: Event | None, place: Place) -> str | None:
    if successor is None:
        return None
    article = escaping.web_url(successor.url)
    return f"{place.base_url}/events/{successor.name}" if place.pages and (place.link_pages or not article) else article
