"""The filters that narrow an output feed over HTTP: `?min_sources=3&language=id,en&search=panjshir`. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

from aggregator.config.durations import parse_duration
from aggregator.errors import InputError
from aggregator.publishing.channel import Channel, Release, narrow
from aggregator.publishing.release import says
from aggregator.text.query import Query, parse

_PARAMETERS = ("language", "min_independent", "min_sources", "search", "since", "tag")


@dataclass(frozen=True, slots=True, kw_only=True)
class Narrowing:
    """What of a feed is wanted."""

    min_sources: int = 1
    min_independent: int = 1
    languages: frozenset[str] = frozenset()
    tags: frozenset[str] = frozenset()
    search: Query | None = None
    since: datetime | timedelta | None = None  # updated since then; a span reaches back from the newest update
    query: str = field(default="", compare=False)  # how it is written in an address

    def apply(self, channel: Channel) -> Channel:
        """Give the wanted part of a channel."""
        since = channel.updated - self.since if isinstance(self.since, timedelta) else self.since
        return narrow(channel, self.query, lambda release: self._keeps(release, since))

    def _keeps(self, release: Release, since: datetime | None) -> bool:
        event = release.event
        return (
            event.outlets >= self.min_sources
            and event.independent >= self.min_independent
            and (not self.languages or (event.language or "").partition("-")[0].lower() in self.languages)
            and (not self.tags or any(self.tags & set(source.tags) for source in event.sources))
            and (since is None or release.updated >= since)
            and (self.search is None or says(event, self.search))
        )


def read(parameters: Sequence[tuple[str, str]]) -> Narrowing | None:
    """Read the parameters of a request; None where there are none.

    Raises:
        InputError: a parameter is unknown, given twice, or has a value that cannot be used; says what is allowed.
    """
    if not parameters:
        return None
    given = dict(parameters)
    for name in given:
        if name not in _PARAMETERS:
            raise InputError(f"unknown parameter {name!r}; known are {', '.join(_PARAMETERS)}")
    if len(given) < len(parameters):
        raise InputError("a parameter is given twice; several languages or tags are written as id,en")
    return Narrowing(
        min_sources=_number(given, "min_sources"),
        min_independent=_number(given, "min_independent"),
        languages=frozenset(code.lower() for code in _several(given, "language")),
        tags=frozenset(_several(given, "tag")),
        search=parse(given["search"]) if "search" in given else None,
        since=_since(given["since"]) if "since" in given else None,
        query="&".join(f"{name}={quote(given[name], safe=',:')}" for name in sorted(given)),
    )


def _number(given: dict[str, str], name: str) -> int:
    text = given.get(name, "1")
    if not (text.isascii() and text.isdigit() and 1 <= int(text[:6]) <= 10_000):
        raise InputError(f"{name}={text!r} is no whole number from 1 to 10000")
    return int(text)


def _several(given: dict[str, str], name: str) -> list[str]:
    if name not in given:
        return []
    values = [value.strip() for value in given[name].split(",") if value.strip()]
    if not values:
        raise InputError(f"{name} is empty; leave it out for all")
    return values


def _since(text: str) -> datetime | timedelta:
    try:
        return parse_duration(text)
    except ValueError:
        pass
    try:
        at = datetime.fromisoformat(text)
    except ValueError as error:
        raise InputError(f"since={text!r} is neither a span (6h, 2d) nor a time (2026-11-22T14:00Z)") from error
    return at if at.tzinfo is not None else at.replace(tzinfo=UTC)
