"""What a batch of reports came to: values to store, show and publish."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from aggregator.clustering.evidence import Evidence
from aggregator.model import EntryId, EventId

Reason = Literal["repair", "merge", "split", "correction", "recluster"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Assignment:
    """The event of a new entry, and the language that its text was taken for."""

    entry: EntryId
    event: EventId
    language: str
    evidence: Evidence


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """An entry that was in another event before the batch."""

    entry: EntryId
    from_event: EventId
    to_event: EventId
    reason: Reason
    evidence: Evidence


@dataclass(frozen=True, slots=True, kw_only=True)
class Merge:
    """An event that has no entries in the window any more, and the one that took most of them in."""

    absorbed: EventId
    survivor: EventId


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """An event that was parted from another."""

    event: EventId
    parted_from: EventId


@dataclass(frozen=True, slots=True, kw_only=True)
class Copy:
    """An entry whose words are nearly those of an earlier one of its event; None: it no longer is a copy."""

    entry: EntryId
    original: EntryId | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Related:
    """An entry that just missed an event."""

    entry: EntryId
    event: EventId
    score: float
    time: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryRecord:
    """What to store of a revision of an entry, so that a clusterer can be restored; opaque."""

    entry: EntryId
    revision: int
    time: datetime
    data: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Frequency:
    """In how many entries of a token space a token occurred; the empty token counts the entries."""

    space: str
    token: str
    count: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """All that was stored: decisions after a restore are those of a clusterer that never stopped.

    `records` may hold more than the window needs, in any order. `event_of` tells where entries are now, `first_seen`
    the time of each event's first entry, `next_event` the next number to mint (one above the highest ever used),
    `boilerplate` what each feed repeats (text.boilerplate).
    """

    records: tuple[EntryRecord, ...]
    event_of: Mapping[EntryId, EventId]
    first_seen: Mapping[EventId, datetime]
    frequencies: tuple[Frequency, ...]
    next_event: EventId
    boilerplate: Mapping[str, Any] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchResult:
    """Everything that changed."""

    number: int
    assignments: tuple[Assignment, ...] = ()
    moves: tuple[Move, ...] = ()
    merges: tuple[Merge, ...] = ()
    splits: tuple[Split, ...] = ()
    copies: tuple[Copy, ...] = ()
    related: tuple[Related, ...] = ()
    records: tuple[EntryRecord, ...] = field(default=(), repr=False)
    frequencies: tuple[Frequency, ...] = field(default=(), repr=False)
    next_event: EventId = 1
    boilerplate: Mapping[str, Any] = field(
        default_factory=dict, repr=False
    )  # of the feeds of the batch, as they are now
