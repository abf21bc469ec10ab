"""What just missed: the events that a new entry nearly joined, or would have joined but for a better one."""

from datetime import UTC, datetime

from aggregator.clustering.deciding import choices
from aggregator.clustering.events import Events
from aggregator.clustering.result import Related

MOST = 5  # of an event


def related(events: Events, fresh: range) -> tuple[Related, ...]:
    """Give the best misses of each event by the entries of a batch, one for each other event."""
    nearest: dict[tuple[int, int], tuple[float, int]] = {}  # by (event missed, own event): score, entry
    for position in fresh:
        own = events.of(position)
        for choice in choices(events, position):
            if choice.event is own or choice.total < events.settings.join - events.settings.related:
                continue
            pair = (choice.event.id, own.id)
            if pair not in nearest or choice.total > nearest[pair][0]:
                nearest[pair] = choice.total, position
    kept: dict[int, int] = {}
    found = []
    for (missed, _), (total, position) in sorted(nearest.items(), key=lambda each: (-each[1][0], each[0])):
        kept[missed] = kept.get(missed, 0) + 1
        if kept[missed] <= MOST:
            found.append(_miss(events, position, missed, total))
    return tuple(found)


def _miss(events: Events, position: int, event: int, total: float) -> Related:
    window, row = events.window, position - events.window.base
    time = datetime.fromtimestamp(int(window.time[row]), UTC)
    return Related(entry=int(window.id[row]), event=event, score=round(total, 6), time=time)
