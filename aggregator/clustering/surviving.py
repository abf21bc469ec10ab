"""Events made anew take the ids of those that were there: each id goes where most of its entries are. Pure."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from aggregator.clustering.constraints import NONE, Constraints, grouped, mend
from aggregator.clustering.result import Merge, Split
from aggregator.model import EntryId, EventId


@dataclass(frozen=True, slots=True, kw_only=True)
class Survival:
    """Where entries are under the ids that survive, and what became of the events that were there."""

    event_of: Mapping[EntryId, EventId]
    merges: tuple[Merge, ...]  # an event that no longer is, and the one that has most of it
    splits: tuple[Split, ...]  # a new event, and the one that most of it was in
    next_event: EventId
    corrected: frozenset[EntryId] = frozenset()  # moved so that a correction holds


def surviving(
    fresh: Mapping[EntryId, EventId],
    present: Mapping[EntryId, EventId],
    outside: Mapping[EventId, int],
    next_event: EventId,
    constraints: Constraints = NONE,
) -> Survival:
    """Give the events of `fresh` the ids of `present` by majority, each id once; new ones are numbered on.

    `outside`: how many entries a present event has that were not clustered anew. They stay under its id, unless at
    least as many of it went to another event: an event is absorbed whole. `constraints` hold across that edge too:
    `placed` tells the present events of constrained entries, those that were not clustered anew among them.
    """
    shared = Counter((fresh[entry], present[entry]) for entry in fresh if entry in present)
    named = _named(shared, outside)
    for event in dict.fromkeys(fresh[entry] for entry in sorted(fresh)):  # by the first of its entries
        if event not in named:
            named[event], next_event = next_event, next_event + 1
    event_of = {entry: named[event] for entry, event in fresh.items()}
    was, left = dict(present), Counter(outside)
    corrected: set[EntryId] = set()
    merges = _merges(event_of, was, left)
    groups = grouped(constraints)
    while moves := mend(groups, _everywhere(event_of, constraints, merges)):
        for entry, event in moves.items():
            if entry not in event_of:  # from outside: it is one of those that move now
                was[entry] = constraints.placed[entry]
                left[was[entry]] -= 1
            event_of[entry] = event if event >= 0 else next_event - event - 1
        next_event -= min(0, *moves.values())
        corrected |= moves.keys()
        merges = _merges(event_of, was, left)
    return Survival(
        event_of=event_of,
        merges=merges,
        splits=_splits(event_of, was),
        next_event=next_event,
        corrected=frozenset(corrected),
    )


def _named(shared: Counter[tuple[EventId, EventId]], outside: Mapping[EventId, int]) -> dict[EventId, EventId]:
    """Match new events and present ids, the largest common share first; then the larger, the older id goes before."""
    named: dict[EventId, EventId] = {}
    taken: set[EventId] = set()
    for new, old in sorted(shared, key=lambda pair: (-shared[pair], -outside.get(pair[1], 0), pair[1], pair[0])):
        if new not in named and old not in taken:
            named[new] = old
            taken.add(old)
    return named


def _merges(
    event_of: Mapping[EntryId, EventId], present: Mapping[EntryId, EventId], outside: Mapping[EventId, int]
) -> tuple[Merge, ...]:
    taken: dict[EventId, Counter[EventId]] = {}
    for entry, event in event_of.items():
        taken.setdefault(present[entry], Counter())[event] += 1
    kept = set(event_of.values())
    return tuple(
        Merge(absorbed=event, survivor=_most(by))
        for event, by in sorted(taken.items())
        if event not in kept and sum(by.values()) >= outside.get(event, 0)
    )


def _splits(event_of: Mapping[EntryId, EventId], present: Mapping[EntryId, EventId]) -> tuple[Split, ...]:
    known = set(present.values())
    parted: dict[EventId, Counter[EventId]] = {}
    for entry, event in event_of.items():
        if event not in known:
            parted.setdefault(event, Counter())[present[entry]] += 1
    return tuple(Split(event=event, parted_from=_most(by)) for event, by in sorted(parted.items()))


def _everywhere(
    event_of: Mapping[EntryId, EventId], constraints: Constraints, merges: tuple[Merge, ...]
) -> dict[EntryId, EventId]:
    """Say where every constrained entry will be, those that were not clustered anew too."""
    goes_to = {merge.absorbed: merge.survivor for merge in merges}
    return {entry: goes_to.get(event, event) for entry, event in constraints.placed.items()} | dict(event_of)


def _most(counted: Counter[EventId]) -> EventId:
    return min(counted, key=lambda event: (-counted[event], event))
