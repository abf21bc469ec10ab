"""What people put right: merges, splits, moves, headlines, muted events; and what follows for pairs of entries.

A correction is not changed but for what became of it: when it was undone, which batch carried it out, what that moved.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Connection, Select, delete, insert, select, update

from aggregator.clustering.constraints import Constraints, Link, grouped
from aggregator.database.tables import corrections, entries, events
from aggregator.model import EntryId, EventId

Kind = Literal["merge", "split", "move", "pin", "mute", "undo"]
Pair = tuple[EntryId, EntryId]

SLICE = 400  # ids in one statement


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """An entry that a correction took from one event to another."""

    entry: EntryId
    from_event: EventId
    to_event: EventId


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """One thing that a person put right."""

    id: int = 0  # given when it is stored
    at: datetime
    kind: Kind
    reason: str = ""
    events: tuple[EventId, ...] = ()  # that were named, the first for what happened to it; then those that it changed
    entries: tuple[EntryId, ...] = ()  # that were named, or all of what was merged
    together: tuple[Pair, ...] = ()
    apart: tuple[Pair, ...] = ()
    before: EntryId | None = None  # of a pin: who spoke for the event
    undoes: int | None = None
    instead_of: tuple[int, ...] = ()  # of a move: the earlier ones of its entry, which end with it
    moved: tuple[Moved, ...] = ()  # by the batch that carried it out
    undone: datetime | None = None
    applied: int | None = None  # that batch; None: not yet
    done: datetime | None = None  # when that was

    @property
    def mentioned(self) -> tuple[EventId, ...]:
        """Give the events that were named, and all that it changed."""
        moved = (event for one in self.moved for event in (one.from_event, one.to_event))
        return tuple(dict.fromkeys((*self.events, *moved)))

    @property
    def links(self) -> list[Link]:
        """Give its pairs with its number."""
        bound = [Link(one, other, apart=False, correction=self.id) for one, other in self.together]
        return bound + [Link(one, other, apart=True, correction=self.id) for one, other in self.apart]


def add(connection: Connection, correction: Correction) -> int:
    """Store a new correction; gives its number."""
    values = {"at": correction.at, "kind": correction.kind, "reason": correction.reason}
    statement = insert(corrections).values(**values, detail=_detail(correction)).returning(corrections.c.id)
    return connection.execute(statement).scalar_one()


def save(connection: Connection, correction: Correction) -> None:
    """Store what became of a correction."""
    became = {"detail": _detail(correction), "undone": correction.undone, "applied": correction.applied}
    connection.execute(update(corrections).where(corrections.c.id == correction.id).values(**became))


def in_force(connection: Connection) -> list[Correction]:
    """Give the corrections that were not undone, carried out or not, oldest first."""
    return _read(connection, select(corrections).where(corrections.c.undone.is_(None)))


def waiting(connection: Connection) -> list[Correction]:
    """Give the corrections that are to be carried out, oldest first."""
    return _read(connection, select(corrections).where(corrections.c.applied.is_(None)))


def everything(connection: Connection) -> list[Correction]:
    """Give all corrections, undone ones too, oldest first."""
    return _read(connection, select(corrections))


def by_number(connection: Connection, number: int) -> Correction:
    """Give the correction of a number that is known to be there."""
    return _read(connection, select(corrections).where(corrections.c.id == number))[0]


def numbered(connection: Connection, number: int) -> Correction | None:
    """Give the correction of this number; None where there is none."""
    return next(iter(_read(connection, select(corrections).where(corrections.c.id == number))), None)


def again_in_force(connection: Connection, undoing: Correction) -> list[int]:
    """Give the corrections that an undoing brought back: another had taken their place."""
    undone = numbered(connection, undoing.undoes or 0)
    ended = (numbered(connection, number) for number in (undone.instead_of if undone else ()))
    return [one.id for one in ended if one is not None and one.undone is None]


def constraints(connection: Connection, now: int | None = None) -> Constraints:
    """Give the pairs of entries that belong together or apart, by all corrections in force that were carried out.

    `now`: the correction that is being carried out. One that waits does not count: its entries are not yet where it
    wants them, and to mend that would tear its event apart.
    """
    counting = (one for one in in_force(connection) if one.applied is not None or one.id == now)
    links = [link for one in counting for link in one.links]
    if not links:
        return Constraints()
    return Constraints(
        together=frozenset((link.one, link.other) for link in links if not link.apart),
        apart=frozenset((link.one, link.other) for link in links if link.apart),
        placed=placed(connection, {entry for link in links for entry in (link.one, link.other)}),
    )


def keeping_apart(connection: Connection, ones: Collection[EntryId], others: Collection[EntryId]) -> list[Correction]:
    """Give the corrections by which an entry of one side must stay apart from one of the other, oldest first."""
    known = in_force(connection)
    links = [link for correction in known for link in correction.links]
    of = grouped(Constraints(together=frozenset((one.one, one.other) for one in links if not one.apart))).of
    left, right = ({of.get(entry, entry) for entry in side} for side in (ones, others))

    def between(one: EntryId, other: EntryId) -> bool:
        a, b = of.get(one, one), of.get(other, other)
        return (a in left and b in right) or (a in right and b in left)

    return [correction for correction in known if any(between(*pair) for pair in correction.apart)]


def placed(connection: Connection, ids: Collection[EntryId]) -> dict[EntryId, EventId]:
    """Give the events of entries, as far as they are stored and in one."""
    found: dict[EntryId, EventId] = {}
    ordered = sorted(ids)
    for start in range(0, len(ordered), SLICE):
        some = entries.c.id.in_(ordered[start : start + SLICE])
        rows = connection.execute(select(entries.c.id, entries.c.event_id).where(some, entries.c.event_id.is_not(None)))
        found.update((row.id, row.event_id) for row in rows)
    return found


def muted(connection: Connection) -> frozenset[EventId]:
    """Give the events that are left out of the output feeds; a merged one by its own number."""
    return frozenset(one.events[0] for one in _of_kind(connection, "mute"))


def pinned(connection: Connection) -> dict[EventId, EntryId]:
    """Give the entries that speak for their events because somebody chose them; the last choice counts."""
    chosen = _of_kind(connection, "pin")
    if not chosen:
        return {}
    survivors = survivors_of(connection, {one.events[0] for one in chosen})
    return {survivors[one.events[0]]: one.entries[0] for one in chosen}


def survivors_of(connection: Connection, ids: Collection[EventId]) -> dict[EventId, EventId]:
    """Give the event that each of these went up in, at last; the event itself where it did not."""
    found = {event: event for event in ids}
    while True:
        rows = select(events.c.id, events.c.merged_into).where(
            events.c.id.in_(sorted(set(found.values()))), events.c.merged_into.is_not(None)
        )
        further = {row.id: row.merged_into for row in connection.execute(rows)}
        if not further:
            return found
        found = {event: further.get(last, last) for event, last in found.items()}


def touching(connection: Connection, event: EventId) -> list[Correction]:
    """Give the corrections that named an event or changed it, undone ones too, oldest first."""
    return [one for one in everything(connection) if event in one.mentioned]


def corrected_at(connection: Connection) -> dict[EventId, datetime]:
    """Say when a person last changed events, as far as that shows in them."""
    told = [one for one in everything(connection) if one.done is not None and one.kind != "mute"]
    return {event: one.done for one in told for event in one.events if one.done is not None}


def forget(connection: Connection) -> int:
    """Delete the corrections of which nothing is stored any more, nor of what they are linked with; gives how many."""
    known = everything(connection)
    ids = {entry for one in known for entry in _touched(one)}
    stored = placed(connection, ids)
    left = set(connection.scalars(select(events.c.id).where(events.c.entries > 0)))
    alive = {one.id for one in known if any(entry in stored for entry in _touched(one))}
    alive |= {one.id for one in known if one.kind == "mute" and one.events[0] in left}
    while True:  # a chain from stored entry to stored entry may lead through others
        held = {entry for one in known if one.id in alive for entry in _touched(one)}
        more = {one.id for one in known if one.id not in alive and held.intersection(_touched(one))}
        if not more:
            break
        alive |= more
    gone = [one.id for one in known if one.id not in alive and one.kind != "undo"]
    gone += [one.id for one in known if one.kind == "undo" and one.undoes not in alive]
    for number in gone:
        connection.execute(delete(corrections).where(corrections.c.id == number))
    return len(gone)


def _touched(correction: Correction) -> tuple[EntryId, ...]:
    return correction.entries + tuple(entry for pair in correction.apart for entry in pair)


def _of_kind(connection: Connection, kind: Kind) -> list[Correction]:
    wanted = corrections.c.undone.is_(None) & corrections.c.applied.is_not(None)
    return _read(connection, select(corrections).where(corrections.c.kind == kind, wanted))


def _read(connection: Connection, query: Select[Any]) -> list[Correction]:
    return [_correction(row._mapping) for row in connection.execute(query.order_by(corrections.c.id))]


def _correction(row: Mapping[Any, Any]) -> Correction:
    detail = row["detail"]
    return Correction(
        id=row["id"],
        at=row["at"],
        kind=row["kind"],
        reason=row["reason"],
        events=tuple(detail["events"]),
        entries=tuple(detail["entries"]),
        together=_pairs(detail["together"]),
        apart=_pairs(detail["apart"]),
        before=detail["before"],
        undoes=detail["undoes"],
        instead_of=tuple(detail.get("instead_of", ())),
        moved=tuple(Moved(entry=entry, from_event=a, to_event=b) for entry, a, b in detail["moved"]),
        undone=row["undone"],
        applied=row["applied"],
        done=datetime.fromisoformat(detail["done"]) if detail["done"] else None,
    )


def _pairs(values: Iterable[Sequence[EntryId]]) -> tuple[Pair, ...]:
    return tuple((one, other) for one, other in values)


def _detail(correction: Correction) -> dict[str, Any]:
    return {
        "events": list(correction.events),
        "entries": list(correction.entries),
        "together": [list(pair) for pair in correction.together],
        "apart": [list(pair) for pair in correction.apart],
        "before": correction.before,
        "undoes": correction.undoes,
        "instead_of": list(correction.instead_of),
        "moved": [[one.entry, one.from_event, one.to_event] for one in correction.moved],
        "done": correction.done.isoformat() if correction.done else None,
    }
