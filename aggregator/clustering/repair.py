"""Second thoughts after a batch: new entries and their nearest neighbours are taken out and placed again."""

from aggregator.clustering.deciding import place_again
from aggregator.clustering.events import Events


def repair(events: Events, positions: range) -> None:
    """Move new entries, and those nearest to them, to the event that fits better by now."""
    settings, near = events.settings, set(positions)
    for position in positions:
        near.update(other for _, other in events.neighbours(position)[: settings.repair_neighbours])
    for _ in range(settings.repair_passes):
        moved = [position for position in sorted(near) if reconsider(events, position)]
        if not moved:
            break


def reconsider(events: Events, position: int) -> bool:
    """Take an entry out and place it again; tell whether it moved."""
    return place_again(events, position, events.remove(position))
