"""The events in the window: their members, and how often each word occurs among them."""

from bisect import insort
from collections.abc import Iterator
from dataclasses import dataclass
from math import log
from typing import TYPE_CHECKING

from aggregator.clustering.settings import Settings
from aggregator.clustering.window import FREE, GONE, Window

if TYPE_CHECKING:
    from aggregator.clustering.scoring import Score


class Terms:
    """An entry's words as the score needs them."""

    __slots__ = ("floor", "information", "words")

    def __init__(self, words: list[tuple[int, float, float]], settings: Settings) -> None:
        miss = 1.0 - settings.hit
        ratio = settings.hit / miss
        self.words = [(token, tf, ratio * rarity) for token, tf, rarity in words]
        self.floor = log(miss) * sum(tf for _, tf, _ in words)
        self.information = sum(tf * log(miss + settings.hit * rarity) for _, tf, rarity in words)


@dataclass(frozen=True, slots=True)
class Why:
    """The decision that put an entry where it is."""

    rule: str  # see evidence.Evidence
    score: "Score | None"  # of the best event that was tried
    members: int  # of the event before


class OpenEvent:
    """An event with members in the window."""

    __slots__ = ("counts", "earlier", "id", "members")

    def __init__(self, number: int) -> None:
        self.id = number
        self.members: list[int] = []  # positions in order
        self.counts: dict[int, int] = {}  # in how many of them a token occurs
        self.earlier: int | None = None  # time of the first of its entries that have left the window, seconds


class Events:
    """All open events; knows where each entry is."""

    def __init__(self, window: Window, settings: Settings, next_id: int = 1) -> None:
        self.window = window
        self.settings = settings
        self.next_id = next_id
        self.open: dict[int, OpenEvent] = {}
        self.max_age = int(settings.max_age.total_seconds())
        self.sizes: dict[int, int] = {}  # entries of each token space in the window
        self.why: dict[int, Why] = {}  # of the entries placed in this batch
        self._terms: dict[int, Terms] = {}

    def found(self) -> OpenEvent:
        """Open an event; it has no member yet."""
        event = OpenEvent(self.next_id)
        self.open[event.id] = event
        self.next_id += 1
        return event

    def reopen(self, number: int) -> OpenEvent:
        """Open an event that was founded before a restart."""
        event = self.open[number] = OpenEvent(number)
        return event

    def terms(self, position: int) -> Terms:
        """Return an entry's words; kept until the end of the batch."""
        known = self._terms.get(position)
        if known is None:
            window, where = self.window, self.window.terms(position)
            words = zip(
                window.token[where].tolist(), window.tf[where].tolist(), window.rarity[where].tolist(), strict=True
            )
            known = self._terms[position] = Terms(list(words), self.settings)
        return known

    def forget_terms(self) -> None:
        """Free what was kept for the batch."""
        self._terms.clear()
        self.why.clear()

    def add(self, position: int, event: OpenEvent) -> None:
        """Make an entry a member."""
        self.open.setdefault(event.id, event)
        self.window.event[position - self.window.base] = event.id
        insort(event.members, position)
        counts = event.counts
        for token, _, _ in self.terms(position).words:
            counts[token] = counts.get(token, 0) + 1

    def remove(self, position: int) -> OpenEvent:
        """Take an entry out of its event, which stays open even when it is empty."""
        row = position - self.window.base
        event = self.open[int(self.window.event[row])]
        self.window.event[row] = FREE
        event.members.remove(position)
        counts = event.counts
        for token, _, _ in self.terms(position).words:
            left = counts[token] - 1
            if left:
                counts[token] = left
            else:
                del counts[token]
        return event

    def leave(self, position: int) -> None:
        """Take out an entry that leaves the window."""
        row = position - self.window.base
        time, space = int(self.window.time[row]), int(self.window.space[row])
        event = self.remove(position)
        event.earlier = time if event.earlier is None else min(event.earlier, time)
        self.sizes[space] -= 1
        self.close_if_empty(event)

    def of(self, position: int) -> OpenEvent:
        """Return the event of an entry."""
        return self.open[int(self.window.event[position - self.window.base])]

    def first_seen(self, event: OpenEvent) -> int:
        """Return the time of its first entry, seconds."""
        times = self.window.time
        first = min((int(times[member - self.window.base]) for member in event.members), default=event.earlier or 0)
        return first if event.earlier is None else min(first, event.earlier)

    def neighbours(self, position: int) -> list[tuple[float, int]]:
        """Return the nearest neighbours (minus cosine, position), nearest first, the earlier first among equals."""
        window, row = self.window, position - self.window.base
        first, base, event = window.first, window.base, window.event
        pairs = zip((-window.cosine[row]).tolist(), window.near[row].tolist(), strict=True)
        alive = (pair for pair in pairs if pair[1] >= first and event[pair[1] - base] != GONE)
        return sorted(alive)[: self.settings.consulted]

    def around(self, position: int) -> Iterator[tuple[OpenEvent, list[float], float]]:
        """Yield the events of the nearest neighbours: their cosines, highest first, and likeness to a copy in it."""
        window = self.window
        found: dict[int, list[float]] = {}
        for minus, near in self.neighbours(position):
            number = int(window.event[near - window.base])
            if number >= 0:
                found.setdefault(number, []).append(-minus)
        row = position - window.base
        twin = int(window.twin[row])
        original = int(window.event[twin - window.base]) if twin >= window.first else FREE
        if original >= 0:
            found.setdefault(original, [])
        for number, cosines in found.items():
            yield self.open[number], cosines, float(window.likeness[row]) if number == original else 0.0

    def cosines_to(self, position: int, event: OpenEvent) -> list[float]:
        """Return the cosines of an entry's neighbours in an event, highest first."""
        number, base, numbers = event.id, self.window.base, self.window.event
        return [-minus for minus, near in self.neighbours(position) if numbers[near - base] == number]

    def twin_in(self, position: int, event: OpenEvent) -> float:
        """Return how alike an entry is to its original, if that is in the event; else 0."""
        window, row = self.window, position - self.window.base
        twin = int(window.twin[row])
        inside = twin >= window.first and int(window.event[twin - window.base]) == event.id
        return float(window.likeness[row]) if inside else 0.0

    def entries_like(self, position: int) -> int:
        """Count the entries of an entry's token space in the window."""
        return self.sizes[int(self.window.space[position - self.window.base])]

    def takes(self, event: OpenEvent, position: int) -> bool:
        """Tell whether an event is young enough for an entry."""
        age = int(self.window.time[position - self.window.base]) - self.first_seen(event)
        return age <= self.max_age

    def close_if_empty(self, event: OpenEvent) -> None:
        """Forget an event without members in the window."""
        if not event.members:
            self.open.pop(event.id, None)

    def absorb(self, small: OpenEvent, large: OpenEvent) -> None:
        """Close an event whose members went to another."""
        if small.earlier is not None:
            large.earlier = small.earlier if large.earlier is None else min(small.earlier, large.earlier)
        self.close_if_empty(small)
