"""A stored correction is carried out: entries move at once, whatever their age, and events keep their ids.

What moves is decided here from where the entries are by now, for a batch may have come in between. The event with more
entries keeps its id, in a merge and in a split alike; one that is left empty leads to where its entries went. Last of
all, every correction in force is seen to hold.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy import Connection

from aggregator.clustering.constraints import grouped, mend
from aggregator.clustering.evidence import Evidence
from aggregator.clustering.result import BatchResult, Merge, Move, Split
from aggregator.database import corrections, decisions, entries, twins
from aggregator.database import events as event_rows
from aggregator.database.corrections import Correction, Moved
from aggregator.model import EntryId, EventId
from aggregator.pipeline.composing import Speakers, composed

Goals = dict[EntryId, EventId]


@dataclass(frozen=True, slots=True, kw_only=True)
class Carried:
    """What a correction came to."""

    correction: Correction
    moves: Mapping[EntryId, EventId]
    changed: frozenset[EventId] = frozenset()
    first_seen: Mapping[EventId, datetime] = field(default_factory=dict)  # of those that have entries now
    next_event: EventId = 1


def carry_out(
    connection: Connection, correction: Correction, number: int, now: datetime, speakers: Speakers
) -> Carried:
    """Carry out a correction as batch `number`, and store what it came to."""
    next_event = decisions.next_event(connection)
    goals = _goals(connection, correction, next_event)
    goals, next_event = _mended(
        connection, goals, max([next_event, *(event + 1 for event in goals.values())]), correction
    )
    present = corrections.placed(connection, goals)
    goals = {entry: event for entry, event in goals.items() if present.get(entry, event) != event}
    result = _result(connection, correction, goals, present=present, number=number, next_event=next_event)
    decisions.save(connection, result, now)
    changed = {*goals.values(), *(present[entry] for entry in goals), *_shown(connection, correction)}
    twins.recognise(connection, changed)
    carried = replace(
        correction,
        applied=number,
        done=now,
        events=tuple(dict.fromkeys((*correction.events, *sorted(changed)))),
        moved=tuple(Moved(entry=e, from_event=present[e], to_event=event) for e, event in sorted(goals.items())),
    )
    corrections.save(connection, carried)
    return Carried(
        correction=carried,
        moves=goals,
        changed=frozenset(changed),
        first_seen=_compose(connection, changed, correction, merges=result.merges, now=now, speakers=speakers),
        next_event=next_event,
    )


# --- where entries are to be


def _goals(connection: Connection, correction: Correction, fresh: EventId) -> Goals:
    """Say where a correction wants entries to be, new events numbered from `fresh`."""
    if correction.undone is not None:
        return {}
    match correction.kind:
        case "merge":
            return _merged(connection, correction)
        case "split":
            return _split(connection, correction, fresh)
        case "move":
            return _moved(connection, correction)
        case "undo":
            return _taken_back(connection, correction)
        case _:
            return {}


def _merged(connection: Connection, correction: Correction) -> Goals:
    """Gather all events of the entries in the one with most of them, the oldest among equals."""
    found = _members(connection, set(corrections.placed(connection, correction.entries).values()))
    if not found:
        return {}
    stays = min(found, key=lambda event: (-len(found[event]), event))
    return {entry: stays for event, members in found.items() for entry in members if event != stays}


def _split(connection: Connection, correction: Correction, fresh: EventId) -> Goals:
    """Part the entries from the others of their event; the smaller half goes to a new one."""
    wanted = set(correction.entries)
    placed = corrections.placed(connection, wanted)
    goals: Goals = {}
    for members in _members(connection, set(placed.values())).values():
        others = [entry for entry in members if entry not in wanted]
        parted = [entry for entry in members if entry in wanted]
        if others:
            goals |= dict.fromkeys(others if len(parted) > len(others) else parted, fresh)
            fresh += 1
    return goals


def _moved(connection: Connection, correction: Correction) -> Goals:
    """Put the first entry where the other is that it was bound to."""
    placed = corrections.placed(connection, {entry for pair in correction.together for entry in pair})
    entry = correction.entries[0]
    there = next(
        (placed[each] for pair in correction.together for each in pair if each != entry if each in placed), None
    )
    return {} if there is None or entry not in placed else {entry: there}


def _taken_back(connection: Connection, correction: Correction) -> Goals:
    """Put back what an undone correction moved and nothing else has moved since, as far as its event is stored.

    Moves that come into force again by it go before that.
    """
    undone = corrections.numbered(connection, correction.undoes or 0)
    if undone is None:
        return {}
    placed = corrections.placed(connection, {moved.entry for moved in undone.moved})
    survivors = corrections.survivors_of(connection, {moved.to_event for moved in undone.moved})
    known = event_rows.names(connection, {moved.from_event for moved in undone.moved})
    into = corrections.survivors_of(connection, known)
    goals = {
        moved.entry: moved.from_event
        for moved in undone.moved
        if placed.get(moved.entry) == survivors[moved.to_event]
        and moved.from_event in known
        and into[moved.from_event] in {moved.from_event, survivors[moved.to_event]}
    }
    for number in corrections.again_in_force(connection, correction):
        goals |= _moved(connection, corrections.by_number(connection, number))
    return goals


def _mended(connection: Connection, goals: Goals, next_event: EventId, correction: Correction) -> tuple[Goals, EventId]:
    """Add the moves that make every correction in force hold; gives the next event's number too."""
    constraints = corrections.constraints(connection, correction.id)
    after = {entry: goals.get(entry, event) for entry, event in constraints.placed.items()}
    moves = mend(grouped(constraints), after)
    fresh = {event: next_event + at for at, event in enumerate(sorted({e for e in moves.values() if e < 0}))}
    return goals | {entry: fresh.get(event, event) for entry, event in moves.items()}, next_event + len(fresh)


def _members(connection: Connection, events: set[EventId]) -> dict[EventId, list[EntryId]]:
    return {event: event_rows.members(connection, event) for event in sorted(events)}


# --- what that comes to


def _result(
    connection: Connection,
    correction: Correction,
    goals: Goals,
    *,
    present: Mapping[EntryId, EventId],
    number: int,
    next_event: EventId,
) -> BatchResult:
    """Give the moves with their evidence, the events that they empty and those that they found."""
    before = _members(connection, {*goals.values(), *(present[entry] for entry in goals)})
    revision = {report.id: report.revision for report in entries.reports(connection, goals)}
    moves = tuple(
        Move(
            entry=entry,
            from_event=present[entry],
            to_event=event,
            reason="correction",
            evidence=Evidence(
                rule="correction",
                revision=revision[entry],
                members=len(before[event]),
                correction={"number": correction.id, "kind": correction.kind, "reason": correction.reason},
            ),
        )
        for entry, event in sorted(goals.items())
    )
    left = Counter(move.from_event for move in moves)
    came = {move.to_event for move in moves}
    taken = {event: Counter(move.to_event for move in moves if move.from_event == event) for event in sorted(left)}
    emptied = [event for event in taken if left[event] == len(before[event]) and event not in came]
    return BatchResult(
        number=number,
        moves=moves,
        merges=tuple(
            Merge(absorbed=event, survivor=min(taken[event], key=lambda other: (-taken[event][other], other)))
            for event in emptied
        ),
        splits=tuple(
            Split(event=event, parted_from=next(move.from_event for move in moves if move.to_event == event))
            for event in sorted(came)
            if not before[event]
        ),
        next_event=next_event,
    )


def _shown(connection: Connection, correction: Correction) -> set[EventId]:
    """Give the events that look different by a correction that moves nothing, or by its undoing."""
    undone = corrections.numbered(connection, correction.undoes) if correction.undoes else None
    about = undone or correction
    if about.kind not in {"pin", "mute"}:
        return set()
    return set(corrections.survivors_of(connection, event_rows.names(connection, about.events[:1])).values())


def _compose(
    connection: Connection,
    changed: set[EventId],
    correction: Correction,
    *,
    merges: Sequence[Merge],
    now: datetime,
    speakers: Speakers,
) -> dict[EventId, datetime]:
    """Store what the events say of themselves now; gives when each that has entries was first seen."""
    pinned = corrections.pinned(connection)
    undone = corrections.numbered(connection, correction.undoes) if correction.undoes else None
    first_seen = {}
    for event in event_rows.with_members(connection, changed):
        before = event if undone is None or undone.before is None else replace(event, representative=undone.before)
        if event.sources:
            told = composed(before, now, speakers, pinned.get(event.id))
            event_rows.save(connection, replace(told, merged_into=None))
            first_seen[event.id] = told.first_seen
    for merge in merges:
        event_rows.absorb(connection, merge.absorbed, merge.survivor, now)
    return first_seen
