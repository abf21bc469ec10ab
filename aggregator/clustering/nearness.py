"""What the score asks of an entry: its words, and what its neighbours say of an event.

Both are read from the window for many entries at once: for one alone the arrays cost nearly as much as for hundreds.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import log
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aggregator.clustering.settings import Settings
from aggregator.clustering.window import GONE, Window


@dataclass(slots=True)
class Terms:
    """An entry's words as the score needs them."""

    tokens: list[int]
    common: list[tuple[int, float, float, int]]  # token, tf, rarity times hit / miss, bits of the neighbours with it
    lone: list[tuple[int, float, float]]  # the same of those that no neighbour has
    numbers: list[int]  # tokens of those that are rare
    feed: int
    floor: float  # what the words say for an event that has none of them
    information: float  # what they add to that for one that explains them wholly
    gap_free: float  # seconds
    gap_most: float


@dataclass(frozen=True, slots=True)
class Neighbours:
    """An entry's neighbours in columns, nearest first, the earlier first among equals."""

    missing: float  # the contrast of an entry that is none of them, at most
    near: list[int]  # positions
    cosine: list[float]
    contrast: list[float]  # cosine less the crowd around both
    apart: list[int]  # seconds
    bit: list[int]  # of their slots in the window's lists

    def cosines(self) -> Iterator[tuple[int, float]]:
        """Give each with its cosine."""
        return zip(self.near, self.cosine, strict=True)


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


def read_terms(window: Window, settings: Settings, positions: Sequence[int]) -> list[Terms]:
    """Return the words of some entries."""
    count, miss = len(positions), 1.0 - settings.hit
    owner, where = window.terms_of(np.array(positions, np.int64))
    tokens, tf, rarity = window.token[where], window.tf[where].astype(float), window.rarity[where].astype(float)
    shared, number = window.shared[where], np.flatnonzero(window.number[where] & (rarity >= settings.number_rarity))
    ratio = settings.hit / miss * rarity
    common, lone = np.flatnonzero(shared), np.flatnonzero(shared == 0)
    columns = (
        _parted(tokens.tolist(), owner, count),
        _parted(list(_rows(common, tokens, tf, ratio, shared)), owner[common], count),
        _parted(list(_rows(lone, tokens, tf, ratio)), owner[lone], count),
        _parted(tokens[number].tolist(), owner[number], count),
        window.feed[np.array(positions, np.int64) - window.base].tolist(),
        (log(miss) * np.bincount(owner, tf, count)).tolist(),
        np.maximum(1e-9, np.bincount(owner, tf * np.log(miss + settings.hit * rarity), count)).tolist(),
    )
    free, most = settings.gap_free.total_seconds(), settings.gap_most.total_seconds()
    return [
        Terms(all_of, with_others, alone, stated, feed, floor, information, free, most)
        for all_of, with_others, alone, stated, feed, floor, information in zip(*columns, strict=True)
    ]


def _rows(chosen: NDArray[np.int64], *columns: NDArray[Any]) -> Iterator[tuple[Any, ...]]:
    return zip(*(column[chosen].tolist() for column in columns), strict=True)


def _parted(values: list[Any], owner: NDArray[np.int64], count: int) -> list[list[Any]]:
    """Part values by their owners, which are in order."""
    ends = np.cumsum(np.bincount(owner, minlength=count)).tolist()
    return [values[begin:end] for begin, end in pairwise([0, *ends])]


def read_neighbours(window: Window, settings: Settings, positions: Sequence[int]) -> list[Neighbours]:
    """Return the nearest neighbours of some entries."""
    rows = np.array(positions, np.int64) - window.base
    near, cosine = window.near[rows], window.cosine[rows]
    others = np.maximum(near - window.base, 0)
    alive = (near >= window.first) & (window.event[others] != GONE)
    order = np.lexsort((near, np.where(alive, -cosine, 2.0)), axis=1)[:, : settings.consulted]
    lines = np.arange(len(rows))[:, None]
    near, cosine, others = near[lines, order], cosine[lines, order], others[lines, order]
    density = window.density[rows]
    contrast = cosine - settings.crowd * (window.density[others] + density[:, None])
    apart = np.abs(window.told[others] - window.told[rows][:, None])
    counts = alive.sum(axis=1).clip(max=settings.consulted)
    # A list that is full tells that who is not in it is no nearer than its last.
    full = counts == settings.consulted
    least = np.where(full, np.maximum(settings.pair_least, cosine[:, -1]), settings.pair_least)
    missing = least - 2.0 * settings.crowd * density
    bits = np.uint64(1) << order.astype(np.uint64)
    columns = (counts, missing, near, cosine, contrast, apart, bits)
    return [
        Neighbours(miss, ids, cosines, contrasts, gaps, slots)
        if count == settings.consulted
        else Neighbours(miss, ids[:count], cosines[:count], contrasts[:count], gaps[:count], slots[:count])
        for count, miss, ids, cosines, contrasts, gaps, slots in zip(
            *(column.tolist() for column in columns), strict=True
        )
    ]
