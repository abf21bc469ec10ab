"""The events in the window: their members, and how often each word occurs among them."""

from bisect import bisect_left, insort
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from aggregator.clustering.bonds import Bonds
from aggregator.clustering.company import Company, World
from aggregator.clustering.nearness import Nearness, Neighbours, Terms, read_neighbours, read_terms
from aggregator.clustering.settings import Settings
from aggregator.clustering.window import FREE, Window

if TYPE_CHECKING:
    from aggregator.clustering.scoring import Score


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

    __slots__ = ("changed", "counts", "earlier", "feeds", "first", "id", "members", "numbered")

    def __init__(self, number: int) -> None:
        self.id = number
        self.members: list[int] = []  # positions in order
        self.counts: dict[int, int] = {}  # in how many of them a token occurs
        self.feeds: dict[int, int] = {}  # how many of them each feed brought
        self.numbered = 0  # how many of them state a number
        self.earlier: int | None = None  # time of the first of its entries that have left the window, seconds
        self.first: int | None = None  # time of its first entry; None: to be found out
        self.changed = 0  # by the clock of all events


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
        self.company = Company()
        self.clock = 0  # counts changes
        self.absorbed: dict[int, int] = {}  # the event that each went to in this batch, whole
        self.bereft: set[int] = set()  # events of this batch whose members in the window all went, others stay behind
        self.decided: dict[int, int] = {}  # when the entries placed in this batch were last decided about
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
        """Return an entry's words; kept until entries come."""
        known = self._terms.get(position)
        if known is None:
            self.read([position])
            known = self._terms[position]
        return known

    def read(self, positions: Iterable[int]) -> None:
        """Read the words of many entries at once; those of one cost nearly as much."""
        wanted = [position for position in positions if position not in self._terms]
        if wanted:
            self._terms.update(zip(wanted, read_terms(self.window, self.settings, wanted), strict=True))

    def forget_near(self) -> None:
        """Free what was read of words and neighbours: new links change both."""
        self._terms.clear()
        self._neighbours.clear()
        self.decided.clear()

    def forget_terms(self) -> None:
        """Free what was kept for the batch."""
        self.forget_near()
        self.why.clear()
        self.absorbed.clear()
        self.bereft.clear()

    def add(self, position: int, event: OpenEvent) -> None:
        """Make an entry a member."""
        self.open.setdefault(event.id, event)
        self.window.event[position - self.window.base] = self.event_of[position] = event.id
        insort(event.members, position)
        if event.first is not None:
            time = int(self.window.time[position - self.window.base])
            event.first = min(event.first, time) if len(event.members) > 1 else None
        size = len(event.members)
        self.company.regrouped(self._space(position), size - 1, size)
        self._note_change(event)
        counts, terms = event.counts, self.terms(position)
        event.numbered += bool(terms.numbers)
        event.feeds[terms.feed] = event.feeds.get(terms.feed, 0) + 1
        for token in terms.tokens:
            counts[token] = counts.get(token, 0) + 1

    def remove(self, position: int) -> OpenEvent:
        """Take an entry out of its event, which stays open even when it is empty."""
        row = position - self.window.base
        event = self.open[self.event_of.pop(position)]
        self.window.event[row] = FREE
        del event.members[bisect_left(event.members, position)]
        if event.first == self.window.time[row]:
            event.first = None
        size = len(event.members)
        self.company.regrouped(self._space(position), size + 1, size)
        self._note_change(event)
        counts, terms = event.counts, self.terms(position)
        event.numbered -= bool(terms.numbers)
        event.feeds[terms.feed] -= 1
        for token in terms.tokens:
            left = counts[token] - 1
            if left:
                counts[token] = left
            else:
                del counts[token]
        return event

    def _note_change(self, event: OpenEvent) -> None:
        self.clock += 1
        event.changed = self.clock

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

    def look_around(self, positions: Iterable[int]) -> None:
        """Read the words and neighbours of many entries at once; those of one cost nearly as much."""
        wanted = [position for position in positions if position not in self._neighbours]
        if wanted:
            self.read(wanted)
            self._neighbours.update(zip(wanted, read_neighbours(self.window, self.settings, wanted), strict=True))

    def around(self, position: int) -> dict[int, Nearness]:
        """Return what the nearest neighbours say of each of their events."""
        event_of, all_near = self.event_of, self.neighbours(position)
        missing = all_near.missing
        found: dict[int, Nearness] = {}
        every = 0
        for near, contrast, apart, bit in zip(
            all_near.near, all_near.contrast, all_near.apart, all_near.bit, strict=True
        ):
            number = event_of.get(near)
            if number is None:
                continue
            every |= bit
            known = found.get(number)
            if known is None:
                known = found[number] = Nearness(missing)
                known.gap = apart
            elif apart < known.gap:
                known.gap = apart
            known.contrasts.append(contrast)
            known.inside |= bit
        row = position - self.window.base
        original = event_of.get(int(self.window.twin[row]))
        if original is not None:
            found.setdefault(original, Nearness(missing)).twin = float(self.window.likeness[row])
        for known in found.values():
            known.outside = every & ~known.inside
            if len(known.contrasts) > 1:
                known.contrasts.sort(reverse=True)
        return found

    def towards(self, position: int, event: OpenEvent) -> Nearness:
        """Return what an entry's neighbours say of another event than its own."""
        number, event_of, all_near = event.id, self.event_of, self.neighbours(position)
        own, found = event_of.get(position), Nearness(all_near.missing)
        for near, contrast, apart, bit in zip(
            all_near.near, all_near.contrast, all_near.apart, all_near.bit, strict=True
        ):
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

    def world(self, position: int) -> World:
        """Return what an entry's token space is like in the window."""
        space = self._space(position)
        return World(self.sizes[space], self.company.log_odds(space, self.settings))

    def _space(self, position: int) -> int:
        return int(self.window.space[position - self.window.base])

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
            if event.earlier is not None:
                self.bereft.add(event.id)

    def absorb(self, small: OpenEvent, large: OpenEvent) -> None:
        """Close an event whose members went to another: what has left the window goes along."""
        if small.earlier is not None:
            large.earlier = small.earlier if large.earlier is None else min(small.earlier, large.earlier)
            large.first = None
        self.bonds.absorb(small.id, large.id)
        self.absorbed[small.id] = large.id
        self.open.pop(small.id, None)

    def survivor(self, number: int) -> int | None:
        """Return the event that took an event whole in this batch, or whatever that went to in turn."""
        while number in self.absorbed and number not in self.open:
            number = self.absorbed[number]
            if number in self.open or number in self.bereft:
                return number
        return None
