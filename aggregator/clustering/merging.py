"""Two events that turn out to be one become one."""

from aggregator.clustering.events import Events, OpenEvent, Why
from aggregator.clustering.scoring import score


def merge(events: Events, positions: range) -> None:
    """Join events between which a new entry stands, if their members fit each other."""
    for _ in range(events.settings.merge_rounds):
        joined = False
        for a, b in _linked(events, positions):
            if a in events.open and b in events.open:
                joined |= _join_if_alike(events, events.open[a], events.open[b])
        if not joined:
            break


def _linked(events: Events, positions: range) -> list[tuple[int, int]]:
    """List the pairs of events linked by a neighbour of a new entry, the strongest link first."""
    links: dict[tuple[int, int], float] = {}
    for position in positions:
        here = events.of(position).id
        for minus, other in events.neighbours(position):
            if -minus < events.settings.merge_link:
                break
            there = int(events.window.event[other - events.window.base])
            if there not in (here, *(-1, -2)):
                pair = (min(here, there), max(here, there))
                links[pair] = max(-minus, links.get(pair, 0.0))
    return sorted(links, key=lambda pair: (-links[pair], pair))


def _join_if_alike(events: Events, one: OpenEvent, other: OpenEvent) -> bool:
    if affinity(events, one, other) < events.settings.merge:
        return False
    large, small = sorted((one, other), key=lambda event: (-len(event.members), event.id))
    for position in list(small.members):
        events.why[position] = Why("merge", None, len(large.members))
        events.remove(position)
        events.add(position, large)
    events.absorb(small, large)
    return True


def affinity(events: Events, one: OpenEvent, other: OpenEvent) -> float:
    """Return the mean score of the newest members of each against the other event, over both ways."""
    return (_mean_score(events, one, other) + _mean_score(events, other, one)) / 2


def _mean_score(events: Events, source: OpenEvent, target: OpenEvent) -> float:
    settings = events.settings
    newest = source.members[-settings.merge_members :]
    total = 0.0
    for position in newest:
        cosines = events.cosines_to(position, target)
        twin = events.twin_in(position, target)
        total += score(
            events.terms(position), target, cosines, twin, entries=events.entries_like(position), settings=settings
        ).total
    return total / len(newest)
