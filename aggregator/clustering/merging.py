"""Two events that turn out to be one become one."""

from aggregator.clustering.events import Events, OpenEvent, Why
from aggregator.clustering.scoring import score


def merge(events: Events, positions: range, now: int) -> None:
    """Join events between which a new entry stands, if their members fit each other."""
    grown: set[int] | None = None  # by the last round; None: any may have
    for _ in range(events.settings.merge_rounds):
        joined = set()
        for a, b in _linked(events, positions):
            both_open = a in events.open and b in events.open
            if both_open and (grown is None or a in grown or b in grown):
                one, other = events.open[a], events.open[b]
                if affinity(events, one, other) >= _needed(events, one, other, now):
                    joined.add(_join(events, one, other))
        if not joined:
            break
        grown = joined


def _needed(events: Events, one: OpenEvent, other: OpenEvent, now: int) -> float:
    """Return the affinity that two events need: more when people have seen the one that would go for a while."""
    _, small = _by_size(one, other)
    settled = events.first_seen(small) < now - events.settings.settle.total_seconds()
    return events.settings.merge + (events.settings.merge_settled if settled else 0.0)


def _by_size(one: OpenEvent, other: OpenEvent) -> tuple[OpenEvent, OpenEvent]:
    """Give the larger event first, the older one among equals."""
    return (one, other) if (-len(one.members), one.id) < (-len(other.members), other.id) else (other, one)


def _linked(events: Events, positions: range) -> list[tuple[int, int]]:
    """List the pairs of events linked by a neighbour of a new entry, the strongest link first."""
    links: dict[tuple[int, int], float] = {}
    for position in positions:
        here = events.of(position).id
        for other, cosine, _, _ in events.neighbours(position).near:
            if cosine < events.settings.merge_link:
                break
            there = events.event_of.get(other, here)
            if there != here:
                pair = (min(here, there), max(here, there))
                links[pair] = max(cosine, links.get(pair, 0.0))
    return sorted(links, key=lambda pair: (-links[pair], pair))


def _join(events: Events, one: OpenEvent, other: OpenEvent) -> int:
    """Move the members of the smaller event to the larger; return the number of that."""
    large, small = _by_size(one, other)
    for position in list(small.members):
        events.why[position] = Why("merge", None, len(large.members))
        events.remove(position)
        events.add(position, large)
    events.absorb(small, large)
    return large.id


def affinity(events: Events, one: OpenEvent, other: OpenEvent) -> float:
    """Return the mean score of the newest members of each against the other event, over both ways."""
    return (_mean_score(events, one, other) + _mean_score(events, other, one)) / 2


def _mean_score(events: Events, source: OpenEvent, target: OpenEvent) -> float:
    settings = events.settings
    newest = source.members[-settings.merge_members :]
    total = 0.0
    for position in newest:
        near = events.towards(position, target)
        parts = score(events.terms(position), target, near, entries=events.entries_like(position), settings=settings)
        total += sum(parts)
    return total / len(newest)
