"""What people put right holds: groups of entries that belong together, and groups that must stay apart."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from aggregator.clustering.bonds import Bonds
from aggregator.clustering.constraints import Constraints, grouped, mend
from aggregator.clustering.events import Events, Why
from aggregator.clustering.evidence import Evidence
from aggregator.clustering.result import BatchResult, Move
from aggregator.clustering.window import GONE
from aggregator.model import EntryId, EventId


def note(events: Events, constraints: Constraints) -> None:
    """Tell the events which entries are bound together or kept apart, and where those are that have left the window."""
    events.bonds = Bonds(events.event_of)
    if not constraints.together and not constraints.apart:
        return
    groups, bonds = grouped(constraints), events.bonds
    positions = _positions(events, groups.of)
    bonds.apart = groups.apart
    for entry, group in groups.of.items():
        position = positions.get(entry)
        if position is not None:
            bonds.bind(position, group)
        elif entry in constraints.placed:
            bonds.leave(group, constraints.placed[entry])


def enforce(events: Events, constraints: Constraints) -> None:
    """Move the entries of the window that are not where they have to be."""
    if not constraints.together and not constraints.apart:
        return
    positions = _positions(events, grouped(constraints).of)
    event_of = dict(constraints.placed)
    event_of |= {entry: events.event_of[at] for entry, at in positions.items() if at in events.event_of}
    fresh = {}
    for entry, number in mend(grouped(constraints), event_of).items():
        position = positions.get(entry)
        if position is None:
            continue
        if number < 0 and number not in fresh:
            fresh[number] = events.found().id
        target = events.opened(fresh.get(number, number))
        members, present = len(target.members), events.remove(position)
        events.add(position, target)
        events.close_if_empty(present)
        events.why[position] = Why("correction", None, members)


def mended(result: BatchResult, constraints: Constraints) -> BatchResult:
    """Give what a batch came to with the moves that keep every constraint, where entries outside the window matter.

    The clusterer keeps them by itself as far as it sees; an event that is absorbed takes along what it does not see.
    """
    event_of = _after(result, constraints)
    moves = mend(grouped(constraints), event_of) if event_of else {}
    if not moves:
        return result
    number_of = {fresh: result.next_event + at for at, fresh in enumerate(sorted(set(moves.values()) - _known(moves)))}
    further = tuple(
        Move(
            entry=entry,
            from_event=event_of[entry],
            to_event=number_of.get(event, event),
            reason="correction",
            evidence=Evidence(rule="correction"),
        )
        for entry, event in moves.items()
    )
    return replace(result, moves=result.moves + further, next_event=result.next_event + len(number_of))


def _known(moves: Mapping[EntryId, EventId]) -> set[EventId]:
    return {event for event in moves.values() if event > 0}


def _after(result: BatchResult, constraints: Constraints) -> dict[EntryId, EventId]:
    """Say where the entries with constraints are after a batch."""
    bound = {entry for pair in (*constraints.together, *constraints.apart) for entry in pair}
    event_of = dict(constraints.placed)
    into = {merge.absorbed: merge.survivor for merge in result.merges}
    event_of |= {new.entry: new.event for new in result.assignments if new.entry in bound}
    event_of |= {move.entry: move.to_event for move in result.moves if move.entry in bound}
    return {entry: into.get(event, event) for entry, event in event_of.items()}


def _positions(events: Events, entries: Mapping[EntryId, int]) -> dict[EntryId, int]:
    """Find where entries are in the window; of an edited one, where its present revision is."""
    window = events.window
    rows = slice(window.first - window.base, window.end - window.base)
    wanted = np.isin(window.id[rows], np.fromiter(entries, np.int64, len(entries))) & (window.event[rows] != GONE)
    return {int(window.id[rows][at]): at + window.first for at in np.flatnonzero(wanted).tolist()}
