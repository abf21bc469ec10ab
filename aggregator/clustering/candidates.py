"""From the band index to neighbours: who shares bands with a new entry, and how alike their weighted words are."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from aggregator.clustering.window import GONE, Window

CROWD = 5  # neighbours that tell how crowded it is around an entry
CROWD_CAP = 0.35  # a cosine above counts as this: a wire copy makes no crowd
CROWD_LEAST = 0.2  # an entry of a young stream has few neighbours yet
_TABLE = 1 << 22  # bytes of a table of counts: up to this it takes a third of the time that sorting does


def walk(
    window: Window, start: int, values: NDArray[np.uint32] | None, chains: NDArray[np.int32], steps: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Follow the chains of the entries from `start` on; return pairs (entry, earlier entry), one for each shared band.

    `values` and `chains` are columns of the window; without `values` all of a chain count. `steps` caps how many of
    a bucket are looked at.
    """
    base, first, bands = window.base, window.first, np.int64(chains.shape[1])
    links, rows = chains.reshape(-1), slice(start - base, window.end - base)
    current = chains[rows].ravel()
    lane = np.arange(len(current))  # the new entry and the band
    wanted = None if values is None else values[rows].ravel()
    held = None if values is None else values.reshape(-1)
    shift = lane % bands - base * bands
    lanes, found = [], []
    for _ in range(steps):
        alive = np.flatnonzero(current >= first)
        if not len(alive):
            break
        current, lane, shift = current.take(alive), lane.take(alive), shift.take(alive)
        place = current * bands + shift
        if held is None or wanted is None:
            lanes.append(lane)
            found.append(current)
        else:
            same = np.flatnonzero(held.take(place) == wanted.take(lane))
            lanes.append(lane.take(same))
            found.append(current.take(same))
        current = links.take(place)  # narrow: half of what a step reads and writes
    if not found:
        return _NO_PAIRS
    return np.concatenate(lanes) // bands + start, np.concatenate(found).astype(np.int64)


_NO_PAIRS: tuple[NDArray[np.int64], NDArray[np.int64]] = (np.zeros(0, np.int64), np.zeros(0, np.int64))


def best_shared(
    new: NDArray[np.int64], old: NDArray[np.int64], take: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Keep for each new entry the `take` that share most bands with it, of equals the newer; in the order of both."""
    if not len(new):
        return _NO_PAIRS
    first, earliest, latest = int(new.min()), int(old.min()), int(new.max())
    span, askers = latest - earliest + 1, latest - first + 1
    pairs, shared = _counted((new - first) * span + (old - earliest), askers * span)
    asker = pairs // span  # in order, and for each the earlier entries in order
    most = int(shared.max()) + 1
    counts = np.bincount(asker * most + shared, minlength=askers * most).reshape(askers, most)
    sharing = np.cumsum(counts[:, ::-1], axis=1)[:, ::-1]  # how many share so many bands and more
    # All that share more than `least` are kept, and the newest that share so many.
    least = np.count_nonzero(sharing >= take, axis=1) - 1
    room = take - np.where(least + 1 < most, sharing[np.arange(askers), np.minimum(least + 1, most - 1)], 0)
    kept = shared > least[asker]
    edge = np.flatnonzero(shared == least[asker])
    ends = np.cumsum(np.bincount(asker[edge], minlength=askers))
    kept[edge[ends[asker[edge]] - np.arange(len(edge)) <= room[asker[edge]]]] = True
    asker = asker[kept]
    return asker + first, pairs[kept] - asker * span + earliest


def _counted(numbers: NDArray[np.int64], limit: int = _TABLE + 1) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the different ones of some numbers below a limit, in order, and how often each occurs: under 256 times."""
    if limit <= _TABLE:
        table = np.zeros(limit, np.uint8)
        np.add.at(table, numbers, np.uint8(1))
        different = np.flatnonzero(table != 0)
        return different, table[different].astype(np.int64)
    ordered = np.sort(numbers)
    starts = np.flatnonzero(np.concatenate(([True], ordered[1:] != ordered[:-1]))[: len(ordered)])
    return ordered[starts], np.diff(np.append(starts, len(ordered)))


def distinct_pairs(new: NDArray[np.int64], old: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the different pairs, in order."""
    both, _ = _counted((new << np.int64(32)) | old)
    return both >> np.int64(32), both & np.int64(0xFFFFFFFF)


@dataclass(frozen=True, slots=True)
class SharedTerms:
    """The words that pairs share: of each the number of the pair, and where its terms have the word, for both."""

    pair: NDArray[np.int64]
    newer: NDArray[np.int64]
    older: NDArray[np.int64]

    def of(self, kept: NDArray[np.bool_]) -> "SharedTerms":
        """Return those of some of the pairs, which are numbered anew."""
        chosen = kept[self.pair]
        number = np.cumsum(kept) - 1
        return SharedTerms(number[self.pair[chosen]], self.newer[chosen], self.older[chosen])


def shared_terms(window: Window, vocabulary: int, new: NDArray[np.int64], old: NDArray[np.int64]) -> SharedTerms:
    """Find the words that each pair shares; one with an entry that has left shares none."""
    if not len(new):
        empty = np.zeros(0, np.int64)
        return SharedTerms(empty, empty, empty)
    askers, asker = np.unique(new, return_inverse=True)
    owner, where = window.terms_of(askers)
    tokens, column = np.unique(window.token[where], return_inverse=True)
    table = np.full((len(askers), len(tokens) + 1), -1, np.int64)
    table[owner, column] = where
    place = np.full(vocabulary, len(tokens), np.int64)
    place[tokens] = np.arange(len(tokens))
    known = old >= window.base
    pair, there = window.terms_of(np.where(known, old, new))
    here = table[asker[pair], place[window.token[there]]]
    kept = (here >= 0) & known[pair]
    return SharedTerms(pair[kept], here[kept], there[kept])


def cosines(window: Window, pairs: int, terms: SharedTerms) -> NDArray[np.float32]:
    """Compute the cosine of each pair from the words that it shares."""
    weights = window.weight[terms.newer] * window.weight[terms.older]
    return np.bincount(terms.pair, weights, pairs).astype(np.float32)


def link(
    window: Window, new: NDArray[np.int64], old: NDArray[np.int64], cosine: NDArray[np.float32], terms: SharedTerms
) -> None:
    """Note each pair in the neighbour lists of both, of which the nearest are kept; one that has left has no list."""
    for here, there, ours in ((new, old, terms.newer), (old, new, terms.older)):
        rows = here - window.base
        slots = _put(window, rows, there, cosine)
        _share(window, rows, there, slots, (terms.pair, ours))
    _crowd(window, _counted(np.concatenate((new, old)))[0] - window.base)


def _put(
    window: Window, rows: NDArray[np.int64], there: NDArray[np.int64], cosine: NDArray[np.float32]
) -> NDArray[np.int64]:
    """Put others into the neighbour lists of rows, one by one: into a free slot, else in place of the least near.

    Return the slots; -1 where all others in the list are as near, or the row has left.
    """
    slots = np.full(len(rows), -1, np.int64)
    pairs = np.flatnonzero(rows >= 0)
    pairs = pairs[np.argsort(rows[pairs], kind="stable")]
    row = rows[pairs]
    begins = np.flatnonzero(np.concatenate(([True], row[1:] != row[:-1]))) if len(row) else row
    turn = np.arange(len(row)) - np.repeat(begins, np.diff(np.append(begins, len(row))))  # of a pair in its row
    used = np.count_nonzero(window.near[row[begins]] >= 0, axis=1)
    slot = np.repeat(used, np.diff(np.append(begins, len(row)))) + turn  # lists fill from the first slot on
    free = slot < window.keep
    slots[pairs[free]] = slot[free]
    window.near[row[free], slot[free]], window.cosine[row[free], slot[free]] = there[pairs[free]], cosine[pairs[free]]
    full = np.flatnonzero(~free)
    # What is less near than all in the list now stays so: most need no turn.
    full = full[cosine[pairs[full]] > window.cosine[row[full]].min(axis=1)]
    turns = turn[full]
    for number in np.unique(turns).tolist():
        now = full[turns == number]  # no row twice
        place, near = row[now], cosine[pairs[now]]
        least = window.cosine[place].argmin(axis=1)
        better = near > window.cosine[place, least]
        now, place, least = now[better], place[better], least[better]
        window.cosine[place, least], window.near[place, least] = near[better], there[pairs[now]]
        slots[pairs[now]] = least
    return slots


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
    owner, where = window.terms_of(changed + window.base)
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
