"""Pairs of entries about which the clusterer was least sure: nearest to what joining and merging need.

A person who says which of them report one event tells most about where the thresholds should be.
"""

import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from aggregator.clustering.assign import Clusterer
from aggregator.clustering.deciding import choices
from aggregator.clustering.events import OpenEvent
from aggregator.clustering.merging import affinity, least_affinity, linked
from aggregator.evaluation.comparing import newest
from aggregator.model import EntryId

CHOSEN_FROM = 3  # times as many as are wanted of a kind: the nearest ones, among which chance chooses


@dataclass(frozen=True, slots=True, kw_only=True)
class Borderline:
    """Two entries, and the measure that says whether they are of one event."""

    one: EntryId
    other: EntryId
    threshold: Literal["join", "merge"]
    score: float
    needed: float
    together: bool  # they are in one event now

    @property
    def margin(self) -> float:
        """Give how far the score is above what is needed; below zero: under it."""
        return self.score - self.needed


def joins(clusterer: Clusterer, positions: Iterable[int]) -> Iterator[Borderline]:
    """Score entries as if they had just come; give each with the nearest member of the event that suits it best."""
    events, window = clusterer.events, clusterer.linker.window
    for position in positions:
        if position not in events.event_of:
            continue
        present = events.remove(position)
        try:
            tried = choices(events, position)
        finally:
            events.add(position, present)
        near = _nearest(clusterer, position, tried[0].event) if tried else None
        if near is not None:
            yield Borderline(
                one=int(window.id[position - window.base]),
                other=int(window.id[near - window.base]),
                threshold="join",
                score=tried[0].total,
                needed=events.settings.join,
                together=tried[0].event is present,
            )


def merges(clusterer: Clusterer, positions: Iterable[int]) -> Iterator[Borderline]:
    """Measure the events between which near neighbours stand; give each two with the nearest pair of their entries."""
    events, window = clusterer.events, clusterer.linker.window
    now = newest(clusterer)
    for a, b in linked(events, [position for position in positions if position in events.event_of]):
        one, other = events.open[a], events.open[b]
        pair = _nearest_pair(clusterer, one, other)
        if pair is not None:
            yield Borderline(
                one=int(window.id[pair[0] - window.base]),
                other=int(window.id[pair[1] - window.base]),
                threshold="merge",
                score=affinity(events, one, other),
                needed=least_affinity(events, one, other, now),
                together=False,
            )


def chosen(found: Iterable[Borderline], wanted: int, seed: int) -> list[Borderline]:
    """Choose pairs evenly of each kind - under and over what joining and merging need - near the threshold, by chance.

    Each pair once; the same seed and store give the same pairs. Where a kind has too few, others have more.
    """
    once: dict[tuple[EntryId, EntryId], Borderline] = {}
    for one in sorted(found, key=lambda one: (abs(one.margin), one.one, one.other)):
        once.setdefault((min(one.one, one.other), max(one.one, one.other)), one)
    kinds: dict[tuple[str, bool], list[Borderline]] = {}
    for one in once.values():
        kinds.setdefault((one.threshold, one.margin >= 0), []).append(one)
    rng = random.Random(seed)  # noqa: S311  chance, no secret
    taken: list[Borderline] = []
    for left, kind in enumerate(sorted(kinds, key=lambda kind: (len(kinds[kind]), kind))):
        share = -(-(wanted - len(taken)) // (len(kinds) - left))
        near = kinds[kind][: share * CHOSEN_FROM]
        taken += rng.sample(near, min(share, len(near), wanted - len(taken)))
    return sorted(taken, key=lambda one: (one.threshold, one.margin, one.one))


def _nearest(clusterer: Clusterer, position: int, event: OpenEvent) -> int | None:
    """Return the member of an event that is nearest to an entry; None where none is its neighbour."""
    event_of = clusterer.events.event_of
    near = clusterer.events.neighbours(position).near
    return next((other for other in near if event_of.get(other) == event.id and other != position), None)


def _nearest_pair(clusterer: Clusterer, one: OpenEvent, other: OpenEvent) -> tuple[int, int] | None:
    neighbours, event_of = clusterer.events.neighbours, clusterer.events.event_of
    pairs = [
        (-cosine, position, near)
        for position in one.members
        for near, cosine in neighbours(position).cosines()
        if event_of.get(near) == other.id
    ]
    return min(pairs)[1:] if pairs else None
