"""How much of one document is taken."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import TypeVar

BODY = 10 * 1024 * 1024  # bytes, decoded of the content coding; a larger document is an error
ENTRIES = 500  # of one fetch

T = TypeVar("T")
_OLDEST = datetime.min.replace(tzinfo=UTC)


def newest(entries: Sequence[T], claimed: Callable[[T], datetime | None]) -> list[T]:
    """Keep the newest `ENTRIES` by their claims, in the order of the document; without dates the first ones."""
    if len(entries) <= ENTRIES:
        return list(entries)
    times = [claimed(entry) or _OLDEST for entry in entries]
    order = sorted(range(len(entries)), key=lambda position: (times[position], -position), reverse=True)
    return [entries[position] for position in sorted(order[:ENTRIES])]
