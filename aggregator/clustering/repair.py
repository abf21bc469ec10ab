"""Second thoughts after a batch: new entries and their nearest neighbours are taken out and placed again."""

from aggregator.clustering.deciding import place_again
from aggregator.clustering.events import Events


def repair(events: Events, positions: range, now: int) -> None:
    """Move new entries, and those nearest to them, to the event that fits better by now.

    What has been seen for longer than `settle` stays: people have read it where it is.
    """
    settings, window = events.settings, events.window
    oldest = now - settings.settle.total_seconds()
    near = set(positions)
    for position in positions:
        nearest = events.neighbours(position).near[: settings.repair_neighbours]
        near.update(
            other for other in nearest if other in events.event_of and window.time[other - window.base] >= oldest
        )
    events.look_around(sorted(near))
    changed: set[int] | None = None  # events that the last pass changed; None: any may have been
    for _ in range(settings.repair_passes):
        again: set[int] = set()
        for position in sorted(near):
            touched = changed is None or _touches(events, position, changed)
            if touched and not _as_decided(events, position):
                again |= reconsider(events, position)
        if not again:
            break
        changed = again


def _touches(events: Events, position: int, changed: set[int]) -> bool:
    """Tell whether one of some events is around an entry."""
    event_of = events.event_of
    return any(event_of.get(other) in changed for other in events.neighbours(position).near)


def _as_decided(events: Events, position: int) -> bool:
    """Tell whether all around an entry is as it was when the entry was placed: it would be placed there again."""
    decided = events.decided.get(position)
    if decided is None:
        return False
    twin = int(events.window.twin[position - events.window.base])
    around = {events.event_of.get(other) for other in (position, twin, *events.neighbours(position).near)}
    return all(number is None or events.open[number].changed <= decided for number in around)


def reconsider(events: Events, position: int) -> set[int]:
    """Take an entry out and place it again; give the events that this changed: none or two."""
    before = events.of(position).changed
    present = events.remove(position)
    place_again(events, position, present)
    target = events.event_of[position]
    if target == present.id:
        present.changed = before
        return set()
    return {target, present.id}
