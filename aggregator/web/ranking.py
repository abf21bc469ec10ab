"""What stands first on the front page: weight and freshness. Pure."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from math import log2

from aggregator.model import Event

_HALF_LIFE = timedelta(hours=9)  # the morning's main story gives way in the evening, unless it grows
_RUN = timedelta(hours=6)  # reports of this time make an event run


def ranked(events: Iterable[Event]) -> list[Event]:
    """Order events as an editor would: by independent sources, halved for each nine hours without a new report.

    Time is counted from the newest report of all, so that the same events give the same page.
    """
    given = [event for event in events if event.sources]
    if not given:
        return []
    newest = max(last_report(event) for event in given)
    return sorted(given, key=lambda event: (-weight(event, newest), event.id))


def weight(event: Event, now: datetime) -> float:
    """Weigh an event: the logarithm of its sources, copies for a quarter, a third more while it runs, halved by age."""
    independent = event.independent
    told = log2(1 + independent + (event.outlets - independent) / 4)
    running = sum(now - source.first_seen <= _RUN for source in event.sources) / len(event.sources)
    freshness: float = 0.5 ** ((now - last_report(event)) / _HALF_LIFE)
    return told * (1 + running / 3) * freshness


def last_report(event: Event) -> datetime:
    """Say when the newest report was first seen."""
    return max(source.first_seen for source in event.sources)
