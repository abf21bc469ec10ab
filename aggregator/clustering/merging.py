"""Two events that turn out to be one become one."""

from collections.abc import Iterable, Sequence
from math import inf, log

from aggregator.clustering.events import Events, OpenEvent, Why
from aggregator.clustering.scoring import score


def merge(events: Events, positions: range, now: int) -> None:
    """Join events between which a new entry stands, if their members fit each other."""
    grown: set[int] | None = None  # by the last round; None: any may have
    for _ in range(events.settings.merge_rounds):
        joined = set()
        pairs = linked(events, positions)
        events.look_around(_asked_first(events, pairs, grown))
        for a, b in pairs:
            both_open = a in events.open and b in events.open
            if both_open and (grown is None or a in grown or b in grown):
                one, other = events.open[a], events.open[b]
                if min(events.first_seen(one), events.first_seen(other)) < now - events.max_age:
                    continue  # closed
                if events.kept_apart(one.id, other.id):
                    continue
                ways = both_ways(events, one, other, events.settings.merge)
                if min(ways) < events.settings.merge:
                    continue
                stays, goes = _ranked(events, one, other, now)
                needed = _needed(events, goes, now)
                if min(ways) >= needed:
                    there = ways if goes is one else ways[::-1]
                    joined.add(join(events, stays, goes, Why("merge", None, len(stays.members), 0.0, there, needed)))
        if not joined:
            break
        grown = joined


def least_affinity(events: Events, one: OpenEvent, other: OpenEvent, now: int) -> float:
    """Return the affinity at which two events would be merged."""
    return _needed(events, _ranked(events, one, other, now)[1], now)


def _needed(events: Events, goes: OpenEvent, now: int) -> float:
    """Return the affinity that two events need.

    It is more the larger the one that goes, and when people have seen it for a while.
    """
    settings = events.settings
    age = now - events.first_seen(goes)
    seen = settings.merge_settled if age > settings.settle.total_seconds() else 0.0
    if age > settings.old.total_seconds():
        seen += settings.merge_old
    return settings.merge + seen + settings.merge_tighten * log(len(goes.members))


def _ranked(events: Events, one: OpenEvent, other: OpenEvent, now: int) -> tuple[OpenEvent, OpenEvent]:
    """Give the event that stays, then the one that goes: more members that people know, more members, older."""
    settled = now - events.settings.settle.total_seconds()
    times, base = events.window.time, events.window.base

    def rank(event: OpenEvent) -> tuple[int, int, int]:
        known = sum(1 for member in event.members if times[member - base] < settled)
        return -known, -len(event.members), event.id

    return (one, other) if rank(one) < rank(other) else (other, one)


def linked(events: Events, positions: Iterable[int]) -> list[tuple[int, int]]:
    """List the pairs of events linked by a neighbour of a new entry, the strongest link first."""
    links: dict[tuple[int, int], float] = {}
    for position in positions:
        here = events.of(position).id
        for other, cosine in events.neighbours(position).cosines():
            if cosine < events.settings.merge_link:
                break
            there = events.event_of.get(other, here)
            if there != here:
                pair = (min(here, there), max(here, there))
                links[pair] = max(cosine, links.get(pair, 0.0))
    return sorted(links, key=lambda pair: (-links[pair], pair))


def _asked_first(events: Events, pairs: Sequence[tuple[int, int]], grown: set[int] | None) -> set[int]:
    """List the members that are asked how well they fit the other event; many are looked up as quickly as one."""
    asked = [pair for pair in pairs if grown is None or not grown.isdisjoint(pair)]
    first = {min((events.open[number] for number in pair), key=_quicker).id for pair in asked}
    return {position for number in first for position in _newest(events, events.open[number])}


def _quicker(event: OpenEvent) -> tuple[int, int]:
    """Order events by how long it takes to ask their members."""
    return len(event.members), event.id


def _newest(events: Events, event: OpenEvent) -> list[int]:
    return event.members[-events.settings.merge_members :]


def join(events: Events, stays: OpenEvent, goes: OpenEvent, why: Why) -> int:
    """Move the members of one event to the other; return the number of that."""
    for position in list(goes.members):
        events.why[position] = why
        events.remove(position)
        events.add(position, stays)
    events.absorb(goes, stays)
    return stays.id


def affinity(events: Events, one: OpenEvent, other: OpenEvent, least: float = -inf) -> float:
    """Return the mean score of the newest members of each against the other event, the lower of both ways.

    A happening fits its topic better than the topic fits it. When one way is less than `least`, the other is not tried.
    """
    return min(both_ways(events, one, other, least))


def both_ways(events: Events, one: OpenEvent, other: OpenEvent, least: float = -inf) -> tuple[float, float]:
    """Return how well the one fits the other, and back; the first found twice where that is less than `least`."""
    first, second = sorted((one, other), key=_quicker)
    there = _mean_score(events, first, second)
    back = there if there < least else _mean_score(events, second, first)
    return (there, back) if first is one else (back, there)


def _mean_score(events: Events, source: OpenEvent, target: OpenEvent) -> float:
    settings = events.settings
    newest = _newest(events, source)
    events.look_around(newest)
    total = 0.0
    for position in newest:
        near = events.towards(position, target)
        parts = score(events.terms(position), target, near, world=events.world(position), settings=settings)
        total += sum(parts)
    return total / len(newest)
