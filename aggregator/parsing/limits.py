"""How much of one document is taken."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TypeVar

from aggregator.model import ParsedEntry
from aggregator.parsing.html import cut

BODY = 10 * 1024 * 1024  # bytes, decoded of the content coding; a larger document is an error
ENTRIES = 500  # of one fetch
TEXT = 2_000_000  # characters of text and HTML that one fetch brings: of 500 entries 2,000 each, and as much of HTML

T = TypeVar("T")


def newest(entries: Sequence[T], claimed: Callable[[T], datetime | None]) -> list[T]:
    """Keep the newest `ENTRIES` by their claims, in the order of the document.

    Without dates nobody knows at which end a document grows: as many are kept from its beginning as from its end.
    Beside dated ones they have half of the room, and what these leave.
    """
    if len(entries) <= ENTRIES:
        return list(entries)
    times = [claimed(entry) for entry in entries]
    undated = [position for position, time in enumerate(times) if time is None]
    dated = sorted(((time, -position) for position, time in enumerate(times) if time is not None), reverse=True)
    room = max(ENTRIES // 2, ENTRIES - len(dated))
    if len(undated) > room:
        undated = undated[: room - room // 2] + undated[-(room // 2) :]
    kept = [*undated, *(-position for _, position in dated[: ENTRIES - len(undated)])]
    return [entries[position] for position in sorted(kept)]


def shortened(entries: Sequence[ParsedEntry]) -> list[ParsedEntry]:
    """Shorten the longest entries, and these alone, to one length, so that all together have at most `TEXT`.

    A shortened entry has no HTML. Titles and links stay; nothing depends on the order.
    """
    sizes = [len(entry.summary) + len(entry.html) for entry in entries]
    most = _share(sizes)
    return [
        entry if size <= most else replace(entry, summary=cut(entry.summary, most), html="")
        for entry, size in zip(entries, sizes, strict=True)
    ]


def _share(sizes: Sequence[int]) -> int:
    """Give how much each may have at most, where what the small ones leave is the large ones'."""
    room, share = TEXT, TEXT
    for number, size in enumerate(sorted(sizes)):
        share = room // (len(sizes) - number)
        if size > share:
            return share
        room -= size
    return max(share, *sizes, 0)
