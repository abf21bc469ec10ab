"""What worker and daemon say to one another: length-prefixed JSON, checked, for the worker reads hostile bytes."""

import json
import struct
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from aggregator.model import ParsedEntry, ParsedFeed

LENGTH = struct.Struct(">I")  # bytes that follow; network order
ANSWER_LIMIT = 128 * 1024 * 1024  # bytes; 500 entries of 64 KiB, as text and as HTML, stay below

_TEXTS = {"guid", "url", "title", "summary", "html", "language", "outlet", "outlet_url", "image"}
_FEED_TEXTS = {"format", "title", "site_url", "language", "self_url", "hub_url"}
_REQUIRED = {"title", "summary", "html", "format"}

ENTRY_FIELDS = tuple(field.name for field in fields(ParsedEntry))  # an entry is sent as a list, in this order

T = TypeVar("T")


class BadAnswer(ValueError):
    """The worker sent what it does not send unless it was taken over or broke down."""


def frame(message: dict[str, Any], *bodies: bytes) -> bytes:
    """Give a message as bytes, and after it the document of a request: each with its length before it."""
    parts = (json.dumps(message, ensure_ascii=False).encode("utf-8", "replace"), *bodies)
    return b"".join(LENGTH.pack(len(part)) + part for part in parts)


def encode(feed: ParsedFeed) -> dict[str, Any]:
    """Make plain data of a feed."""
    message = {field.name: _plain(getattr(feed, field.name)) for field in fields(feed) if field.name != "entries"}
    message["entries"] = [[_plain(getattr(entry, name)) for name in ENTRY_FIELDS] for entry in feed.entries]
    return message


def decode(message: dict[str, Any]) -> ParsedFeed:
    """Build the feed again.

    Raises: BadAnswer when a value is not of the kind that belongs there.
    """
    try:
        entries = tuple(
            ParsedEntry(**{name: _entry_value(name, value) for name, value in zip(ENTRY_FIELDS, entry, strict=True)})
            for entry in message.pop("entries")
        )
        return ParsedFeed(entries=entries, **{name: _feed_value(name, value) for name, value in message.items()})
    except (TypeError, ValueError, KeyError, OverflowError) as error:
        raise BadAnswer(str(error)) from error


def _plain(value: Any) -> Any:
    match value:
        case datetime():
            return value.isoformat()
        case timedelta():
            return value.total_seconds()
        case frozenset():
            return sorted(value)
        case _:
            return value


def _entry_value(name: str, value: Any) -> Any:
    if name in _TEXTS:
        return _text(name, value)
    if name in {"published", "updated"}:
        return None if value is None else datetime.fromisoformat(value).astimezone(UTC)
    return tuple(_of(str, each) for each in _of(list, value))


def _feed_value(name: str, value: Any) -> Any:
    if name in _FEED_TEXTS:
        return _text(name, value)
    match name:
        case "ttl":
            return None if value is None else timedelta(seconds=value)
        case "skip_hours" | "skip_days":
            return frozenset(_of(int, each) for each in _of(list, value))
        case "problems":
            return tuple(_of(str, each) for each in _of(list, value))
        case "truncated":
            return _of(bool, value)
        case _:
            return _of(int, value)


def _text(name: str, value: Any) -> str | None:
    return None if value is None and name not in _REQUIRED else _of(str, value)


def _of(kind: type[T], value: Any) -> T:
    if not isinstance(value, kind):
        raise TypeError(f"{kind.__name__} expected, not {type(value).__name__}")
    return value
