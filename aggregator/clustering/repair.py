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
            if changed is None or _touches(events, position, changed):
                again |= reconsider(events, position)
        if not again:
            break
        changed = again


def _touches(events: Events, position: int, changed: set[int]) -> bool:
    """Tell whether one of some events is around an entry."""
    event_of = events.event_of
    return any(event_of.get(other) in changed for other in events.neighbours(position).near)


def reconsider(events: Events, position: int) -> set[int]:
    """Take an entry out and place it again; give the events that this changed: none or two."""
    present = events.remove(position)
    place_again(events, position, present)
    target = events.event_of[position]
    return set() if target == present.id else {target, present.id}
