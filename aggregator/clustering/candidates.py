"""From the band index to neighbours: who shares bands with a new entry, and how alike their weighted words are."""

import numpy as np
from numpy.typing import NDArray

from aggregator.clustering.window import GONE, Window

CROWD = 5  # neighbours that tell how crowded it is around an entry
CROWD_CAP = 0.35  # a cosine above counts as this: a wire copy makes no crowd
CROWD_LEAST = 0.2  # an entry of a young stream has few neighbours yet


def walk(
    window: Window, start: int, values: NDArray[np.uint32] | None, chains: NDArray[np.int32], steps: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Follow the chains of the entries from `start` on; return pairs (entry, earlier entry), one for each shared band.

    `values` and `chains` are columns of the window; without `values` all of a chain count. `steps` caps how many of
    a bucket are looked at.
    """
    base, first = window.base, window.first
    previous = chains[start - base : window.end - base]
    entries, bands = previous.shape
    band = np.tile(np.arange(bands), entries)
    asker = np.repeat(np.arange(start, window.end), bands)
    current = previous.ravel().astype(np.int64)
    found_new, found_old = [], []
    for _ in range(steps):
        alive = current >= first
        if not alive.any():
            break
        current, band, asker = current[alive], band[alive], asker[alive]
        same = slice(None) if values is None else values[current - base, band] == values[asker - base, band]
        found_new.append(asker[same])
        found_old.append(current[same])
        current = chains[current - base, band].astype(np.int64)
    if not found_new:
        empty = np.zeros(0, np.int64)
        return empty, empty
    return np.concatenate(found_new), np.concatenate(found_old)


def best_shared(
    new: NDArray[np.int64], old: NDArray[np.int64], take: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Keep for each new entry the `take` that share most bands with it, the newer first among equals."""
    pairs, shared = np.unique((new << np.int64(32)) | old, return_counts=True)
    new, old = pairs >> np.int64(32), pairs & np.int64(0xFFFFFFFF)
    order = np.lexsort((-old, -shared, new))
    new, old = new[order], old[order]
    starts = np.flatnonzero(np.concatenate(([True], new[1:] != new[:-1]))) if len(new) else np.zeros(0, np.int64)
    rank = np.arange(len(new)) - np.repeat(starts, np.diff(np.append(starts, len(new))))
    kept = rank < take
    return new[kept], old[kept]


def cosines(
    window: Window, first: int, vocabulary: int, new: NDArray[np.int64], old: NDArray[np.int64]
) -> NDArray[np.float32]:
    """Compute the cosine of each pair: the new one's weights in a dense table, the earlier one's gathered from it."""
    if not len(new):
        return np.zeros(0, np.float32)
    count = window.end - first
    begin = int(window.start[first - window.base])
    tokens, column = np.unique(window.token[begin : window.terms_end], return_inverse=True)
    table = np.zeros((count, len(tokens) + 1), np.float32)
    lengths = window.length[first - window.base : window.end - window.base]
    table[np.repeat(np.arange(count), lengths), column] = window.weight[begin : window.terms_end]
    rows = old - window.base
    sizes = window.length[rows].astype(np.int64)
    ends = np.cumsum(sizes)
    where = np.arange(int(ends[-1])) + np.repeat(window.start[rows] - (ends - sizes), sizes)
    place = np.full(vocabulary, len(tokens), np.int64)
    place[tokens] = np.arange(len(tokens))
    products = table[np.repeat(new - first, sizes), place[window.token[where]]] * window.weight[where]
    starts = ends - sizes
    result: NDArray[np.float32] = np.add.reduceat(products, starts)
    return result


def link(
    window: Window, new: NDArray[np.int64], old: NDArray[np.int64], cosine: NDArray[np.float32], vocabulary: int
) -> None:
    """Note each pair in the neighbour lists of both, of which the nearest are kept; one that has left has no list."""
    held, newer, older = shared_terms(window, vocabulary, new, old)
    for here, there, terms in ((new, old, newer), (old, new, older)):
        rows = here - window.base
        slots = np.full(len(here), -1, np.int64)
        better = rows >= 0
        better[better] = cosine[better] > window.cosine[rows[better]].min(axis=1)
        for pair in np.flatnonzero(better).tolist():
            row = rows[pair]
            slot = int(window.cosine[row].argmin())
            if cosine[pair] > window.cosine[row, slot]:
                window.cosine[row, slot] = cosine[pair]
                window.near[row, slot] = there[pair]
                slots[pair] = slot
        _share(window, rows, there, slots, (held, terms))
    _crowd(window, np.unique(np.concatenate((new, old))) - window.base)


def shared_terms(
    window: Window, vocabulary: int, new: NDArray[np.int64], old: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Return for each word that a pair shares: the pair's number, and where its terms have the word, for both."""
    if not len(new):
        empty = np.zeros(0, np.int64)
        return empty, empty, empty
    askers, asker = np.unique(new, return_inverse=True)
    owner, where = _terms_of(window, askers)
    tokens, column = np.unique(window.token[where], return_inverse=True)
    table = np.full((len(askers), len(tokens) + 1), -1, np.int64)
    table[owner, column] = where
    place = np.full(vocabulary, len(tokens), np.int64)
    place[tokens] = np.arange(len(tokens))
    known = old >= window.base
    pair, there = _terms_of(window, np.where(known, old, new))
    here = table[asker[pair], place[window.token[there]]]
    kept = (here >= 0) & known[pair]
    return pair[kept], here[kept], there[kept]


def _terms_of(window: Window, positions: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the terms of some entries, one after the other: the number of the entry among them, and where it is."""
    rows = positions - window.base
    sizes = window.length[rows].astype(np.int64)
    owner = np.repeat(np.arange(len(rows)), sizes)
    ends = np.cumsum(sizes)
    return owner, np.arange(len(owner)) + np.repeat(window.start[rows] - (ends - sizes), sizes)


def _share(
    window: Window,
    rows: NDArray[np.int64],
    there: NDArray[np.int64],
    slots: NDArray[np.int64],
    shared: tuple[NDArray[np.int64], NDArray[np.int64]],
) -> None:
    """Note which words the neighbours have that were just put into slots, in place of what was noted for those.

    `shared` gives the pairs and the terms here that they share.
    """
    put = slots >= 0
    if not put.any():
        return
    bits = np.uint64(1) << np.maximum(slots, 0).astype(np.uint64)
    changed, which = np.unique(rows[put], return_inverse=True)
    stale = np.zeros(len(changed), np.uint64)
    np.bitwise_or.at(stale, which, bits[put])
    owner, where = _terms_of(window, changed + window.base)
    window.shared[where] &= ~stale[owner]
    put[put] = window.near[rows[put], slots[put]] == there[put]  # not put out by a later one
    pairs, terms = shared
    kept = put[pairs]
    np.bitwise_or.at(window.shared, terms[kept], bits[pairs[kept]])


def _crowd(window: Window, rows: NDArray[np.int64]) -> None:
    """Note how crowded it is around entries: the mean of their highest cosines, copies counting no more than others."""
    rows = rows[rows >= 0]
    if len(rows):
        highest = np.partition(window.cosine[rows], -CROWD, axis=1)[:, -CROWD:]
        window.density[rows] = np.clip(highest, 0.0, CROWD_CAP).mean(axis=1).clip(CROWD_LEAST)


def live(window: Window, new: NDArray[np.int64], old: NDArray[np.int64], seconds: int) -> NDArray[np.bool_]:
    """Tell which pairs lie within the time window, in one token space, the earlier entry not replaced."""
    a, b = new - window.base, old - window.base
    near: NDArray[np.bool_] = np.abs(window.time[a] - window.time[b]) <= seconds
    kept: NDArray[np.bool_] = near & (window.space[a] == window.space[b]) & (window.event[b] != GONE)
    return kept
