"""What the schedule of one feed is decided from: one frozen value, one row."""

import json
import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cache
from shlex import quote
from typing import TYPE_CHECKING, Any, ClassVar

from aggregator.errors import StoreError
from aggregator.fetching.shown import shown
from aggregator.model import FailureKind, FeedId, Fetched, FetchResult, Validators
from aggregator.scheduling.history import History
from aggregator.scheduling.rhythm import BUDGET

if TYPE_CHECKING:
    from pydantic import TypeAdapter


class Health(StrEnum):
    """How a feed is doing, for a person."""

    NEW = "new"  # never answered
    FINE = "fine"
    SLOW = "slow"  # it answers, but takes long
    MOVED = "moved"  # it answers, at another URL than the configured one
    FAILING = "failing"
    BLOCKED = "blocked"  # it turns us away
    GONE = "gone"  # its publisher says so; asked once more
    DISABLED = "disabled"  # never asked again

    @property
    def troubled(self) -> bool:
        """Tell whether it does not answer as it should, so that somebody may have to do something."""
        return self in {Health.FAILING, Health.BLOCKED, Health.GONE, Health.DISABLED}

    @classmethod
    def _missing_(cls, value: object) -> "Health":
        """Read a word of a newer version as what makes the feed be looked at and asked."""
        return cls.FAILING


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How the operator wants feeds, or this feed, to be polled."""

    interval: timedelta = timedelta(minutes=15)  # until a feed's own rhythm is known
    minimum: timedelta = timedelta(minutes=15)
    every: timedelta | None = None  # this feed's own, beats what the publisher and the rhythm say
    adaptive: bool = True
    budget: float = BUDGET  # what the entries of a feed may count until it is asked (scheduling.rhythm)

    @property
    def floor(self) -> timedelta:
        """Give the least time between two requests for the feed."""
        return min(self.every, self.minimum) if self.every is not None else self.minimum


@dataclass(frozen=True, slots=True, kw_only=True)
class Hints:
    """What a document says about its own schedule."""

    ttl: timedelta | None = None  # rss ttl, sy:updatePeriod / updateFrequency: the longer
    skip_hours: frozenset[int] = frozenset()  # 0..23, GMT
    skip_days: frozenset[int] = frozenset()  # 0..6, Monday is 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """A permanent redirect that is being watched before it is believed."""

    NEEDED: ClassVar[int] = 5  # sightings
    WATCHED: ClassVar[timedelta] = timedelta(hours=48)

    target: str
    first_seen: datetime
    sightings: int = 1

    def believed(self, now: datetime) -> bool:
        """Tell whether it has been seen often and for long enough to be asked at once."""
        return self.sightings >= self.NEEDED and now - self.first_seen >= self.WATCHED


@dataclass(frozen=True, slots=True, kw_only=True)
class HostPause:
    """A host that throttled, to be left alone by all its feeds, over a restart too."""

    host: str  # as `politeness.host_of` names it
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedState:
    """All that is known of a feed's schedule. `next_check` of None: ask at once, unless it is disabled."""

    feed: FeedId
    url: str  # as configured
    health: Health = Health.NEW
    reason: str = ""  # why it is not fine, in words
    next_check: datetime | None = None
    interval: timedelta | None = None  # in force, before jitter and skipped hours
    why: str = ""  # why the interval is what it is
    not_before: datetime | None = None  # a server asked for this (Retry-After)
    last_attempt: datetime | None = None
    last_success: datetime | None = None
    last_new: datetime | None = None
    last_full: datetime | None = None  # the last 200: since then only 304s
    validators: Validators | None = None
    body_hash: str | None = None  # of the last body that was a feed
    lifetime: timedelta | None = None  # Cache-Control or Expires of the last answer
    hints: Hints = Hints()
    errors: int = 0  # in a row
    failing_since: datetime | None = None
    throttled: int = 0  # in a row
    pause: HostPause | None = None
    gone_seen: datetime | None = None
    answered_url: str | None = None  # after redirects
    learned_url: str | None = None  # asked in place of `url`
    aliases: tuple[str, ...] = ()  # URLs it has had
    move: Move | None = None
    history: History = field(default_factory=History)
    stands_back: FeedId | None = None  # for a feed that brings the same document

    @property
    def disabled(self) -> bool:
        """Tell whether it is never asked again."""
        return self.health is Health.DISABLED

    @property
    def moved_in_words(self) -> str:
        """Say where it has moved, and which command writes that down; an address with a secret is not shown whole."""
        new = shown(self.learned_url or self.url)
        written = quote(f"url={new}") if new == self.learned_url else "url=..."
        return f"it has moved for good to {new}: `aggregator feeds set {self.feed} {written}` writes it down"


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A feed's state in short: what lists show of it, as `FeedState` has it."""

    health: Health = Health.NEW
    reason: str = ""
    next_check: datetime | None = None
    interval: timedelta | None = None
    why: str = ""
    last_attempt: datetime | None = None
    last_success: datetime | None = None
    errors: int = 0
    failing_since: datetime | None = None
    learned_url: str | None = None
    validators: Validators | None = None
    move: Move | None = None

    @property
    def disabled(self) -> bool:
        """Tell whether it is never asked again."""
        return self.health is Health.DISABLED


@dataclass(frozen=True, slots=True, kw_only=True)
class Parsed:
    """A document that was read as a feed, and what it brought."""

    fetched: Fetched
    broke_off: bool = False  # what is whole of it was read
    new: int = 0  # entries never seen before
    published: tuple[datetime, ...] = ()  # of the new ones, as far as they say
    hints: Hints = Hints()


@dataclass(frozen=True, slots=True, kw_only=True)
class Unreadable:
    """A document that is no feed, or that the parser gave up on."""

    fetched: Fetched
    kind: FailureKind
    reason: str


# A `Fetched` alone is one whose body is the last one again: it was not parsed.
Outcome = Parsed | Unreadable | FetchResult


@cache
def _adapter() -> "TypeAdapter[FeedState]":
    from pydantic import TypeAdapter  # noqa: PLC0415  0.1 s that commands which read no state do not wait

    return TypeAdapter(FeedState)


def dumped(state: FeedState) -> str:
    """Write a state as JSON, for one column of one row."""
    return _adapter().dump_json(state, exclude_defaults=True).decode()


def loaded(text: str) -> FeedState:
    """Read a state back; fields that an older version did not write have their defaults.

    Raises:
        StoreError: it cannot be read; its text is not repeated, for it may hold a password.
    """
    try:
        return _adapter().validate_json(text)
    except ValueError as error:
        first = error.errors(include_input=False, include_url=False)[0] if hasattr(error, "errors") else {"msg": ""}
        raise _unreadable(first["msg"]) from None


def standing(text: str) -> Standing:
    """Read of a state what lists show, without pydantic: importing it takes longer than the list.

    Raises:
        StoreError: as `loaded` does.
    """
    try:
        values = json.loads(text)
        interval = values.get("interval")
        return Standing(
            health=Health(values.get("health", Health.NEW)),
            reason=str(values.get("reason", "")),
            next_check=_time(values.get("next_check")),
            interval=None if interval is None else _duration(interval),
            why=str(values.get("why", "")),
            last_attempt=_time(values.get("last_attempt")),
            last_success=_time(values.get("last_success")),
            errors=int(values.get("errors", 0)),
            failing_since=_time(values.get("failing_since")),
            learned_url=values.get("learned_url"),
            validators=_validators(values.get("validators")),
            move=_move(values.get("move")),
        )
    except (ValueError, TypeError, AttributeError, KeyError):
        raise _unreadable("not as it was written") from None


def _validators(values: dict[str, Any] | None) -> Validators | None:
    if not values:
        return None
    return Validators(url=values["url"], etag=values.get("etag"), last_modified=values.get("last_modified"))


def _move(values: dict[str, Any] | None) -> Move | None:
    if not values:
        return None
    seen = datetime.fromisoformat(values["first_seen"])
    return Move(target=values["target"], first_seen=seen, sightings=int(values.get("sightings", 1)))


def _time(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


_DURATION = re.compile(r"(-?)P(?:(\d+)Y)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?")


def _duration(text: str) -> timedelta:
    """Read a duration as pydantic writes it (ISO 8601, a year of 365 days)."""
    found = _DURATION.fullmatch(text)
    if found is None:
        raise ValueError
    years, days, hours, minutes, seconds = (float(part or 0) for part in found.groups()[1:])
    length = timedelta(days=365 * years + days, hours=hours, minutes=minutes, seconds=seconds)
    return -length if found[1] else length


def _unreadable(why: str) -> StoreError:
    return StoreError(
        f"what is stored of a feed's schedule cannot be read ({why[:80]}); was a newer version here? "
        "Install that, or restore a backup with `aggregator store restore FILE`"
    )
