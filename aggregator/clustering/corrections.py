"""What people put right holds: entries that belong together, and entries that must stay apart."""

from collections.abc import Iterable

from aggregator.clustering.deciding import place_again
from aggregator.clustering.events import Events, Why
from aggregator.clustering.merging import join
from aggregator.clustering.result import Constraints
from aggregator.model import EntryId


def note(events: Events, constraints: Constraints) -> None:
    """Tell the events which entries of the window are bound together or kept apart."""
    events.together, events.apart = {}, {}
    if not constraints.together and not constraints.apart:
        return
    window = events.window
    rows = range(window.first - window.base, window.end - window.base)
    places: dict[EntryId, int] = {int(window.id[row]): row + window.base for row in rows if window.event[row] != -2}
    for pairs, table in ((constraints.together, events.together), (constraints.apart, events.apart)):
        for one, other in sorted(pairs):
            if one in places and other in places:
                table.setdefault(places[one], set()).add(places[other])
                table.setdefault(places[other], set()).add(places[one])


def enforce(events: Events) -> None:
    """Join the events of entries that belong together, then part those that must stay apart."""
    for one, other in _pairs(events.together):
        a, b = events.event_of.get(one), events.event_of.get(other)
        if a is not None and b is not None and a != b:
            stays, goes = sorted((events.open[a], events.open[b]), key=lambda event: (-len(event.members), event.id))
            join(events, stays, goes, Why("correction", None, len(stays.members)))
    for one, other in _pairs(events.apart):
        a, b = events.event_of.get(one), events.event_of.get(other)
        if a is not None and a == b:
            place_again(events, other, events.remove(other))
            events.why[other] = Why("correction", None, len(events.of(other).members) - 1)


def _pairs(table: dict[int, set[int]]) -> Iterable[tuple[int, int]]:
    return [(one, other) for one in sorted(table) for other in sorted(table[one]) if one < other]
