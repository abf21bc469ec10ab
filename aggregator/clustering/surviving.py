"""Events made anew take the ids of those that were there: each id goes where most of its entries are. Pure."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from aggregator.clustering.result import Merge, Split
from aggregator.model import EntryId, EventId


@dataclass(frozen=True, slots=True, kw_only=True)
class Survival:
    """Where entries are under the ids that survive, and what became of the events that were there."""

    event_of: Mapping[EntryId, EventId]
    merges: tuple[Merge, ...]  # an event that no longer is, and the one that has most of it
    splits: tuple[Split, ...]  # a new event, and the one that most of it was in
    next_event: EventId


def surviving(
    fresh: Mapping[EntryId, EventId],
    present: Mapping[EntryId, EventId],
    outside: Mapping[EventId, int],
    next_event: EventId,
) -> Survival:
    """Give the events of `fresh` the ids of `present` by majority, each id once; new ones are numbered on.

    `outside`: how many entries a present event has that were not clustered anew. They stay under its id, unless at
    least as many of it went to another event: an event is absorbed whole.
    """
    shared = Counter((fresh[entry], present[entry]) for entry in fresh if entry in present)
    named = _named(shared, outside)
    for event in dict.fromkeys(fresh[entry] for entry in sorted(fresh)):  # by the first of its entries
        if event not in named:
            named[event], next_event = next_event, next_event + 1
    kept = set(named.values())
    merges, splits = [], []
    for old in sorted({event for _, event in shared} - kept):
        taken = Counter({named[new]: count for (new, event), count in shared.items() if event == old})
        if sum(taken.values()) >= outside.get(old, 0):
            merges.append(Merge(absorbed=old, survivor=_most(taken)))
    known = set(present.values())
    for new, number in named.items():
        parted = Counter({event: count for (other, event), count in shared.items() if other == new})
        if number not in known and parted:
            splits.append(Split(event=number, parted_from=_most(parted)))
    return Survival(
        event_of={entry: named[event] for entry, event in fresh.items()},
        merges=tuple(merges),
        splits=tuple(splits),
        next_event=next_event,
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


def _most(counted: Counter[EventId]) -> EventId:
    return min(counted, key=lambda event: (-counted[event], event))
