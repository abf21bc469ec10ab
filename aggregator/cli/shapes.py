"""The shapes of what commands print as JSON (docs/cli.md); `schema_version` rises when one changes incompatibly."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from aggregator.model import Event, Source

SCHEMA_VERSION = 1


def stamp(when: datetime | None) -> str | None:
    """Write an instant in UTC, with Z, to the second."""
    return None if when is None else when.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def source_shape(source: "Source") -> dict[str, Any]:
    """Give a line of the source list."""
    return {
        "outlet": source.outlet,
        "entry": source.entry,
        "feed": source.feed,
        "title": source.title,
        "url": source.url,
        "language": source.language,
        "published": stamp(source.published),
        "first_seen": stamp(source.first_seen),
        "copy_of": source.copy_of,
        "agency": source.agency or None,
    }


def event_shape(event: "Event") -> dict[str, Any]:
    """Give an event with its source list."""
    return {
        "id": event.name,
        "headline": event.headline,
        "url": event.url,
        "language": event.language,
        "first_seen": stamp(event.first_seen),
        "updated": stamp(event.updated),
        "entries": len(event.sources),
        "outlets": event.outlets,
        "independent": event.independent,
        "muted": event.muted,
        "sources": [source_shape(source) for source in event.sources],
    }


def related_shape(event: "Event") -> dict[str, Any]:
    """Give an event as another names it that it nearly belongs to."""
    return {"id": event.name, "headline": event.headline, "url": event.url, "outlets": event.outlets}
