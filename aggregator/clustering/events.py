"""The events in the window: their members, and how often each word occurs among them."""

from bisect import bisect_left, insort
from collections.abc import Sequence
from dataclasses import dataclass
from math import log
from typing import TYPE_CHECKING

import numpy as np

from aggregator.clustering.bonds import Bonds
from aggregator.clustering.settings import Settings
from aggregator.clustering.window import FREE, GONE, Window

if TYPE_CHECKING:
    from aggregator.clustering.scoring import Score


class Terms:
    """An entry's words as the score needs them."""

    __slots__ = ("floor", "gap_free", "gap_most", "information", "numbers", "words")

    def __init__(self, words: list[tuple[int, float, float, int]], numbers: list[int], settings: Settings) -> None:
        miss = 1.0 - settings.hit
        ratio = settings.hit / miss
        self.words = [(token, tf, ratio * rarity, shared) for token, tf, rarity, shared in words]
        self.numbers = numbers  # tokens
        self.floor = log(miss) * sum(tf for _, tf, _, _ in words)
        self.information = max(1e-9, sum(tf * log(miss + settings.hit * rarity) for _, tf, rarity, _ in words))
        self.gap_free = settings.gap_free.total_seconds()
        self.gap_most = settings.gap_most.total_seconds()


class Nearness:
    """What an entry's neighbours in an event say."""

    __slots__ = ("contrasts", "gap", "inside", "missing", "outside", "twin")

    def __init__(self, missing: float) -> None:
        self.contrasts: list[float] = []  # cosines less the crowd around both, highest first
        self.gap = 0.0  # seconds to the nearest in time
        self.missing = missing  # the contrast of a member that is no neighbour, at most
        self.inside = 0  # bits of the slots of the neighbours in the event ...
        self.outside = 0  # ... and of those in other events
        self.twin = 0.0  # Jaccard estimate with the entry that it is a copy of; 0: that is not in the event


@dataclass(frozen=True, slots=True)
class Neighbours:
    """An entry's neighbours, nearest first."""

    missing: float
    near: list[tuple[int, float, float, float, int]]  # position, cosine, contrast, seconds apart, bit of its slot


@dataclass(frozen=True, slots=True)
class Why:
    """The decision that put an entry where it is."""

    rule: str  # see evidence.Evidence
    score: "Score | None"  # of the best event that was tried
    members: int  # of the event before
    bonus: float = 0.0  # beside the parts of the score: what its present event is given, what large ones ask more
    ways: tuple[float, float] | None = None  # of a merge: how well the event that went fitted the other, and back
    needed: float | None = None  # what the score, or the worse way, was compared with; None: it was not


class OpenEvent:
    """An event with members in the window."""

    __slots__ = ("counts", "earlier", "first", "id", "members", "numbered")

    def __init__(self, number: int) -> None:
        self.id = number
        self.members: list[int] = []  # positions in order
        self.counts: dict[int, int] = {}  # in how many of them a token occurs
        self.numbered = 0  # how many of them state a number
        self.earlier: int | None = None  # time of the first of its entries that have left the window, seconds
        self.first: int | None = None  # time of its first entry; None: to be found out


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
        self.event_of: dict[int, int] = {}  # by position: the window's column, quicker to read one by one
        self.bonds = Bonds(self.event_of)
        self._terms: dict[int, Terms] = {}
        self._neighbours: dict[int, Neighbours] = {}

    def found(self) -> OpenEvent:
        """Open an event; it has no member yet."""
        event = OpenEvent(self.next_id)
        self.open[event.id] = event
        self.next_id += 1
        return event

    def opened(self, number: int) -> OpenEvent:
        """Return an event, also one without members in the window, or that was founded before a restart."""
        return self.open.get(number) or self.open.setdefault(number, OpenEvent(number))

    def terms(self, position: int) -> Terms:
        """Return an entry's words; kept until the end of the batch."""
        known = self._terms.get(position)
        if known is None:
            window, where = self.window, self.window.terms(position)
            columns = (window.token[where], window.tf[where], window.rarity[where], window.shared[where])
            words = list(zip(*(column.tolist() for column in columns), strict=True))
            numbers = window.token[where][window.number[where]].tolist()
            known = self._terms[position] = Terms(words, numbers, self.settings)
        return known

    def forget_terms(self) -> None:
        """Free what was kept for the batch."""
        self._terms.clear()
        self._neighbours.clear()
        self.why.clear()

    def add(self, position: int, event: OpenEvent) -> None:
        """Make an entry a member."""
        self.open.setdefault(event.id, event)
        self.window.event[position - self.window.base] = self.event_of[position] = event.id
        insort(event.members, position)
        event.first = None
        counts, terms = event.counts, self.terms(position)
        event.numbered += bool(terms.numbers)
        for token, _, _, _ in terms.words:
            counts[token] = counts.get(token, 0) + 1

    def remove(self, position: int) -> OpenEvent:
        """Take an entry out of its event, which stays open even when it is empty."""
        row = position - self.window.base
        event = self.open[self.event_of.pop(position)]
        self.window.event[row] = FREE
        del event.members[bisect_left(event.members, position)]
        event.first = None
        counts, terms = event.counts, self.terms(position)
        event.numbered -= bool(terms.numbers)
        for token, _, _, _ in terms.words:
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
        event.first = None
        self.sizes[space] -= 1
        self.close_if_empty(event)

    def of(self, position: int) -> OpenEvent:
        """Return the event of an entry."""
        return self.open[self.event_of[position]]

    def first_seen(self, event: OpenEvent) -> int:
        """Return the time of its first entry, seconds."""
        if event.first is None:
            members = np.array(event.members, np.int64) - self.window.base
            times = [int(self.window.time[members].min())] if event.members else []
            event.first = min(times + ([] if event.earlier is None else [event.earlier]), default=0)
        return event.first

    def neighbours(self, position: int) -> Neighbours:
        """Return the nearest neighbours, the earlier first among equals; kept until the end of the batch."""
        known = self._neighbours.get(position)
        if known is None:
            self.look_around([position])
            known = self._neighbours[position]
        return known

    def look_around(self, positions: Sequence[int]) -> None:
        """Find the neighbours of many entries at once; those of one cost nearly as much."""
        wanted = [position for position in positions if position not in self._neighbours]
        if not wanted:
            return
        window, settings, rows = self.window, self.settings, np.array(wanted, np.int64) - self.window.base
        near, cosine = window.near[rows], window.cosine[rows]
        others = np.maximum(near - window.base, 0)
        alive = (near >= window.first) & (window.event[others] != GONE)
        order = np.lexsort((near, np.where(alive, -cosine, 2.0)), axis=1)[:, : settings.consulted]
        near, cosine, others, alive = (np.take_along_axis(each, order, 1) for each in (near, cosine, others, alive))
        density = window.density[rows]
        contrast = cosine - settings.crowd * (window.density[others] + density[:, None])
        apart = np.abs(window.time[others] - window.time[rows][:, None])
        counts = alive.sum(axis=1)
        # A list that is full tells that who is not in it is no nearer than its last.
        least = np.where(
            counts == settings.consulted, np.maximum(settings.pair_least, cosine[:, -1]), settings.pair_least
        )
        missing = least - 2.0 * settings.crowd * density
        bits = np.uint64(1) << order.astype(np.uint64)
        columns = (counts, missing, near, cosine, contrast, apart, bits)
        for position, count, miss, *lists in zip(wanted, *(column.tolist() for column in columns), strict=True):
            self._neighbours[position] = Neighbours(miss, list(zip(*(values[:count] for values in lists), strict=True)))

    def around(self, position: int) -> dict[int, Nearness]:
        """Return what the nearest neighbours say of each of their events."""
        event_of, neighbours = self.event_of, self.neighbours(position)
        found: dict[int, Nearness] = {}
        every = 0
        for near, _, contrast, apart, bit in neighbours.near:
            number = event_of.get(near)
            if number is None:
                continue
            every |= bit
            known = found.get(number)
            if known is None:
                known = found[number] = Nearness(neighbours.missing)
                known.gap = apart
            elif apart < known.gap:
                known.gap = apart
            known.contrasts.append(contrast)
            known.inside |= bit
        row = position - self.window.base
        original = event_of.get(int(self.window.twin[row]))
        if original is not None:
            found.setdefault(original, Nearness(neighbours.missing)).twin = float(self.window.likeness[row])
        for known in found.values():
            known.outside = every & ~known.inside
            if len(known.contrasts) > 1:
                known.contrasts.sort(reverse=True)
        return found

    def towards(self, position: int, event: OpenEvent) -> Nearness:
        """Return what an entry's neighbours say of another event than its own."""
        number, event_of, neighbours = event.id, self.event_of, self.neighbours(position)
        own, found = event_of.get(position), Nearness(neighbours.missing)
        for near, _, contrast, apart, bit in neighbours.near:
            there = event_of.get(near)
            if there == number:
                found.gap = min(found.gap, apart) if found.contrasts else apart
                found.contrasts.append(contrast)
            elif there != own and there is not None:
                found.outside |= bit
        found.contrasts.sort(reverse=True)
        row = position - self.window.base
        if event_of.get(int(self.window.twin[row])) == number:
            found.twin = float(self.window.likeness[row])
        return found

    def begin(self, event: OpenEvent, first: int) -> None:
        """Note the time of an event's first entry (seconds), which may have left the window."""
        event.earlier, event.first = None, None
        if first < self.first_seen(event):
            event.earlier, event.first = first, None

    def entries_like(self, position: int) -> int:
        """Count the entries of an entry's token space in the window."""
        return self.sizes[int(self.window.space[position - self.window.base])]

    def takes(self, event: OpenEvent, position: int, *, member: bool) -> bool:
        """Tell whether an event is young enough for an entry, and holds none that must stay apart from it.

        `member`: the entry has been in it, at whatever age.
        """
        if self.bonds.keep_out(position, event.id):
            return False
        if member:
            return True
        age = int(self.window.time[position - self.window.base]) - self.first_seen(event)
        return age <= self.max_age

    def kept_apart(self, one: int, other: int) -> bool:
        """Tell whether a correction keeps entries of two events apart, those that have left the window too."""
        ones, others = (self.open[number].members if number in self.open else () for number in (one, other))
        return self.bonds.keep_apart(one, ones, other, others)

    def bound_to(self, position: int) -> OpenEvent | None:
        """Return the event of an entry that this one belongs together with, by a correction."""
        home = self.bonds.home_of(position)
        return None if home is None else self.opened(home)

    def close_if_empty(self, event: OpenEvent) -> None:
        """Forget an event without members in the window."""
        if not event.members:
            self.open.pop(event.id, None)

    def absorb(self, small: OpenEvent, large: OpenEvent) -> None:
        """Close an event whose members went to another."""
        if small.earlier is not None:
            large.earlier = small.earlier if large.earlier is None else min(small.earlier, large.earlier)
            large.first = None
        self.bonds.absorb(small.id, large.id)
        self.close_if_empty(small)
