"""Decide what an output feed says about an event. Pure; decided once, stored, and never taken back.

Several readers keep the first version of an entry for ever, so an event waits (`hold`) until its source list is worth
reading, or is released at once when three outlets have it. From then on its id and `published` are fixed. Every
growth is told in its source list, but `updated` moves, and headline and link change, for significant growth only:
another class of independent sources, a headline that its outlet changed, a correction, a merge or a split.
"""

import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Protocol, TypeVar

from aggregator.model import Event, EventId, Source
from aggregator.publishing.publication import Change, ChangeKind, OutputFeed, Publication, Updates
from aggregator.text.query import Query, search_words

AT_ONCE = 3  # outlets that make holding back needless
YOUNG_STORE = timedelta(hours=1)  # until then a person waits for the first events: nothing is held
RECENT = timedelta(hours=24)  # of a feed's first document, older entries are stored, not published
_STEPS = (2, 3, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000)
_MOST_CHANGES = 50


def decide(
    feed: OutputFeed,
    event: Event,
    previous: Publication | None,
    *,
    now: datetime,
    store_age: timedelta,
    released_elsewhere: bool = False,
    corrected_at: datetime | None = None,
) -> Publication | None:
    """Decide what `feed` is to say about an event beyond `previous`, its latest publication there; None: nothing.

    `released_elsewhere` tells that the feed `unless` has the event, `corrected_at` when a person last changed it. The
    answer has the previous serial, and replaces it, or the next.
    """
    if event.muted:
        return None
    if previous is None:
        wanted = not (feed.unless is not None and released_elsewhere) and fits(feed, event)
        return _first(feed, event, now, store_age) if wanted else None
    if event.merged_into is not None:
        return _absorbed(previous, event, now)
    if feed.max_sources is not None and event.outlets > feed.max_sources:
        return None
    return _next(feed, event, previous, now, corrected_at)


def fits(feed: OutputFeed, event: Event) -> bool:
    """Tell whether an event passes the filter of a feed."""
    return (
        event.merged_into is None
        and not event.muted
        and feed.min_sources <= event.outlets
        and (feed.max_sources is None or event.outlets <= feed.max_sources)
        and feed.min_independent <= event.independent
        and (not feed.languages or (event.language or "").partition("-")[0] in feed.languages)
        and (not feed.tags or any(feed.tags & set(source.tags) for source in event.sources))
        and (feed.search is None or says(event, feed.search))
        and not (feed.exclude is not None and says(event, feed.exclude))
    )


def says(event: Event, query: Query) -> bool:
    """Tell whether a report of an event satisfies a search by itself, as the search index finds them."""
    return any(query.matches(search_words(f"{source.title}\n{source.summary}")) for source in event.sources)


def reach(sources: int) -> int:
    """Give the class of a number of independent sources: how many of the steps 2, 3, 5, 10, 20, 50 ... it has taken."""
    return sum(sources >= step for step in _STEPS)


class Dated(Protocol):
    """A publication, or what stands for one."""

    @property
    def event(self) -> EventId:
        """Give its event."""

    @property
    def serial(self) -> int:
        """Give its place among those of the event."""

    @property
    def updated(self) -> datetime:
        """Say when it last changed significantly."""


D = TypeVar("D", bound=Dated)


def in_document(feed: OutputFeed, publications: Iterable[D]) -> tuple[tuple[D, ...], int]:
    """Choose what stands in the document, newest update first; also count what the limit cut off.

    `keep` runs back from the newest update, not from now: a document changes when something is told, never by itself.
    """
    newest_first = sorted(publications, key=lambda one: (one.updated, one.event, one.serial), reverse=True)
    if not newest_first:
        return (), 0
    horizon = newest_first[0].updated.replace(microsecond=0) - feed.keep
    kept = [one for one in newest_first if one.updated >= horizon]
    return tuple(kept[: feed.limit]), max(0, len(kept) - feed.limit)


def due_at(feed: OutputFeed, event: Event) -> datetime:
    """Say when the hold of an event ends: counted from the report that made it fit the feed."""
    outlets: set[str] = set()
    met = event.first_seen
    for source in event.sources:
        if len(outlets) >= feed.min_sources:
            break
        met = source.first_seen
        outlets.add(source.outlet)
    return met + feed.hold


def _first(feed: OutputFeed, event: Event, now: datetime, store_age: timedelta) -> Publication | None:
    recent = [source for source in event.sources if _is_recent(source, now)]
    if not recent:
        return None
    released = store_age < YOUNG_STORE or event.outlets >= AT_ONCE or now >= due_at(feed, event)
    if not released:
        return None
    imported = all(source.imported for source in event.sources)
    at = min(now, max(_claimed(source) for source in recent)) if imported else now
    stamp = _stamp(at, event.id)
    return Publication(feed=feed.name, event=event.id, published=stamp, updated=stamp, **_told(event))


def is_recent(event: Event, now: datetime) -> bool:
    """Tell whether a report of an event is news, rather than what a feed's first document had of former days."""
    return any(_is_recent(source, now) for source in event.sources)


def _is_recent(source: Source, now: datetime) -> bool:
    return not source.imported or _claimed(source) >= now - RECENT


def _claimed(source: Source) -> datetime:
    """Date a report as its outlet does, but not later than we saw it."""
    return min(source.published or source.first_seen, source.first_seen)


def _stamp(at: datetime, event: EventId, after: datetime | None = None) -> datetime:
    """Give an instant that no other event of a document shares, later than `after`.

    The W3C validator warns of entries with one `updated`; a batch decides many at one time, so the id fills the
    fraction of the second.
    """
    stamp = at.replace(microsecond=event % 1_000_000)
    return stamp if after is None or stamp > after else after + timedelta(seconds=1)


def _told(event: Event) -> dict[str, Any]:
    return {
        "headline": event.headline,
        "url": event.url,
        "language": event.language,
        "representative": event.representative,
        "entries": tuple(source.entry for source in event.sources),
        "outlets": event.outlets,
        "independent": event.independent,
    }


def _absorbed(previous: Publication, event: Event, now: datetime) -> Publication | None:
    """Say once that an event was merged into another; its id stays, and so does what it told."""
    if previous.merged_into == event.merged_into:
        return None
    change = Change(at=now, kind=ChangeKind.MERGED)
    told = replace(previous, merged_into=event.merged_into)
    return _updated(told, now, (change,))


def _next(
    feed: OutputFeed, event: Event, previous: Publication, now: datetime, corrected_at: datetime | None
) -> Publication | None:
    changes = _changes(event, previous, now, corrected_at)
    if not changes:
        return None
    grown = reach(event.independent) > reach(previous.independent)
    kinds = {change.kind for change in changes}
    split = ChangeKind.SHRANK in kinds and previous.representative not in {source.entry for source in event.sources}
    if not (grown or split or kinds & {ChangeKind.HEADLINE, ChangeKind.CORRECTED, ChangeKind.RESTORED}):
        entries = tuple(source.entry for source in event.sources)
        return replace(previous, entries=entries, changes=(*previous.changes, *changes)[-_MOST_CHANGES:])
    told = replace(previous, merged_into=None, **_told(event))
    if feed.updates is Updates.EVERY or (feed.updates is Updates.MILESTONES and grown):
        stamp = _stamp(now, event.id, after=previous.updated)
        return replace(
            told,
            serial=previous.serial + 1,
            published=stamp,
            updated=stamp,
            version_before=previous.updated,
            changes=changes,
        )
    return _updated(told, now, changes)


def _updated(told: Publication, now: datetime, changes: tuple[Change, ...]) -> Publication:
    return replace(
        told,
        updated=_stamp(now, told.event, after=told.updated),
        version_before=told.updated,
        changes=(*told.changes, *changes)[-_MOST_CHANGES:],
    )


def _changes(event: Event, previous: Publication, now: datetime, corrected_at: datetime | None) -> tuple[Change, ...]:
    told = set(previous.entries)
    present = [source.entry for source in event.sources]
    gained = tuple(entry for entry in present if entry not in told)
    lost = tuple(entry for entry in previous.entries if entry not in set(present))
    found = []
    if gained:
        found.append(Change(at=now, kind=ChangeKind.GREW, entries=gained))
    if lost:
        found.append(Change(at=now, kind=ChangeKind.SHRANK, entries=lost))
    if previous.merged_into is not None:
        found.append(Change(at=now, kind=ChangeKind.RESTORED))
    if event.representative == previous.representative and _differs(event.headline, previous.headline):
        found.append(Change(at=now, kind=ChangeKind.HEADLINE, text=previous.headline))
    if corrected_at is not None and corrected_at > previous.updated:
        found.append(Change(at=now, kind=ChangeKind.CORRECTED))
    return tuple(found)


def _differs(headline: str, told: str) -> bool:
    """Compare headlines by their words: an outlet that adds a full stop says nothing new."""
    return re.findall(r"\w+", headline.casefold()) != re.findall(r"\w+", told.casefold())
