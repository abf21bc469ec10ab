"""Which entry repeats which text, where entries changed their events without the clusterer."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import Connection, select, update

from aggregator.clustering.evidence import Versions
from aggregator.clustering.records import unpack
from aggregator.database.tables import entries, records
from aggregator.errors import OtherRules
from aggregator.model import EntryId, EventId

SLICE = 400  # ids in one statement


@dataclass(frozen=True, slots=True)
class _Place:
    """Where an entry was in the stream, and where the earlier one is that it nearly repeats."""

    position: int
    twin: int


def recognise(connection: Connection, events: Collection[EventId]) -> None:
    """Note who is whose copy in some events, as `clustering.copies` would: an entry's twin counts while it is there."""
    for event in sorted(events):
        rows = connection.execute(select(entries.c.id, entries.c.copy_of).where(entries.c.event_id == event)).all()
        before = {row.id: row.copy_of for row in rows}
        for entry, original in _originals(before, _places(connection, before)).items():
            if original != before[entry]:
                connection.execute(update(entries).where(entries.c.id == entry).values(copy_of=original))


def part(connection: Connection, events: Collection[EventId]) -> None:
    """See that no entry of some events is noted as the copy of one that is in another event."""
    original = entries.alias()
    elsewhere = (original.c.id == entries.c.copy_of) & (original.c.event_id != entries.c.event_id)
    ordered = sorted(events)
    for start in range(0, len(ordered), SLICE):
        copies = entries.c.event_id.in_(ordered[start : start + SLICE]) & entries.c.copy_of.is_not(None)
        parted = copies & select(original.c.id).where(elsewhere).exists()
        connection.execute(update(entries).where(parted).values(copy_of=None))


def _places(connection: Connection, ids: Collection[EntryId]) -> dict[EntryId, _Place]:
    """Read where entries were in the stream by their last revision, as far as that is stored and comparable."""
    found: dict[EntryId, _Place] = {}
    for entry in sorted(ids):
        for data in connection.scalars(select(records.c.record).where(records.c.entry_id == entry)):
            try:
                stored = unpack(data, Versions())
            except OtherRules:
                continue
            if entry not in found or found[entry].position < stored.links.position:
                found[entry] = _Place(stored.links.position, stored.twin)
    return found


def _originals(before: dict[EntryId, EntryId | None], places: dict[EntryId, _Place]) -> dict[EntryId, EntryId | None]:
    """Say what each entry of an event is a copy of; what was found stays while the original is in the event."""
    at = {place.position: entry for entry, place in places.items()}
    found = {entry: original if original in before else None for entry, original in before.items()}
    for entry in sorted(places, key=lambda one: places[one].position):
        nearest = at.get(places[entry].twin)
        if nearest is not None:
            found[entry] = nearest if found[nearest] is None else found[nearest]
    return found
