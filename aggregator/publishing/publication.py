"""What an output feed promises, and what it has told about an event: values that are stored."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from aggregator.model import EntryId, EventId
from aggregator.text.query import Query


class Updates(StrEnum):
    """What significant growth does to an output feed."""

    STABLE = "stable"  # one entry per event, updated in place
    MILESTONES = "milestones"  # a further entry when the number of independent sources reaches the next class
    EVERY = "every"  # a further entry for each significant update


class ChangeKind(StrEnum):
    """What happened to an event between two versions."""

    GREW = "grew"
    SHRANK = "shrank"
    HEADLINE = "headline"
    CORRECTED = "corrected"
    MERGED = "merged"
    RESTORED = "restored"


class Content(StrEnum):
    """How much an entry of an output feed holds."""

    LIST = "list"
    SUMMARIES = "summaries"
    FULL = "full"


@dataclass(frozen=True, slots=True, kw_only=True)
class OutputFeed:
    """The rules of one output feed."""

    name: str
    title: str
    min_sources: int = 1
    max_sources: int | None = None  # an event with more is left as it was told
    min_independent: int = 1
    languages: frozenset[str] = frozenset()  # empty: all
    tags: frozenset[str] = frozenset()
    search: Query | None = None  # one report has to satisfy all of it
    exclude: Query | None = None  # no report may satisfy it
    unless: str | None = None  # another feed: what it has released is not released here any more
    hold: timedelta = timedelta(minutes=20)
    keep: timedelta = timedelta(hours=48)
    limit: int = 2_000
    updates: Updates = Updates.STABLE
    own_ids: bool = False  # for readers that know entries by id alone, across feeds
    content: Content = Content.SUMMARIES
    count_in_title: bool = False
    words: str = "en"  # language of what it says itself
    formats: tuple[str, ...] = ("atom", "rss", "json")


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A line of an entry's change log."""

    at: datetime
    kind: ChangeKind
    entries: tuple[EntryId, ...] = ()
    text: str = ""  # the headline before


@dataclass(frozen=True, slots=True, kw_only=True)
class Publication:
    """What an output feed has told about an event: stored as decided, it fixes the bytes of the feed."""

    feed: str
    event: EventId
    serial: int = 1  # from 2: milestones
    published: datetime
    updated: datetime
    version_before: datetime | None = None  # `updated` of the version before; what came after it is marked as new
    headline: str
    url: str | None
    language: str | None
    representative: EntryId
    entries: tuple[EntryId, ...]  # told, in the order of the source list
    outlets: int  # these two as of `updated`: a title with counts does not change with minor growth
    independent: int
    merged_into: EventId | None = None
    changes: tuple[Change, ...] = ()

    def detail(self) -> dict[str, Any]:
        """Give all but feed, event, serial, published and updated as JSON values."""
        return {
            "version_before": self.version_before and self.version_before.isoformat(),
            "headline": self.headline,
            "url": self.url,
            "language": self.language,
            "representative": self.representative,
            "entries": list(self.entries),
            "outlets": self.outlets,
            "independent": self.independent,
            "merged_into": self.merged_into,
            "changes": [
                [change.at.isoformat(), change.kind.value, list(change.entries), change.text] for change in self.changes
            ],
        }

    @classmethod
    def of(
        cls, *, feed: str, event: EventId, serial: int, published: datetime, updated: datetime, detail: dict[str, Any]
    ) -> "Publication":
        """Read a stored publication back."""
        before = detail["version_before"]
        return cls(
            feed=feed,
            event=event,
            serial=serial,
            published=published,
            updated=updated,
            **detail
            | {
                "version_before": before and datetime.fromisoformat(before),
                "entries": tuple(detail["entries"]),
                "changes": tuple(
                    Change(at=datetime.fromisoformat(at), kind=ChangeKind(kind), entries=tuple(entries), text=text)
                    for at, kind, entries, text in detail["changes"]
                ),
            },
        )


def standard_feeds(
    title: str, *, hold: timedelta, keep: timedelta, limit: int, words: str = "en"
) -> tuple[OutputFeed, ...]:
    """Give the three feeds that exist from the start: between them every event is released."""
    events = OutputFeed(name="events", title=title, min_sources=2, hold=hold, keep=keep, limit=limit, words=words)
    return (
        events,
        replace(events, name="singles", title=f"{title}: one outlet", min_sources=1, max_sources=1, unless="events"),
        replace(events, name="all", title=f"{title}: all", min_sources=1),
    )
