"""The band index: for each band of a signature, the chain of entries that had the same value, newest first.

A dict of buckets takes 2-8 KB an entry; a chain takes 4 bytes a band: the head of a bucket is its newest entry, and
`previous[entry, band]` the one before it. Values of a band that share a slot share a chain; who asks compares values.
Entries leave from the old end, so that a chain that reaches one that has left is over.
"""

import numpy as np
from numpy.typing import NDArray

NONE = -1
SLOTS = 1 << 16  # of each band (256 KB); a fixed number, so that chains do not depend on when an index was built


class BandIndex:
    """Heads of the chains. Entries are positions in the stream (0, 1, 2 ...)."""

    def __init__(self, bands: int) -> None:
        self._head: NDArray[np.int32] = np.full(bands * SLOTS, NONE, dtype=np.int32)
        self._start = np.arange(bands, dtype=np.int64)[None, :] * SLOTS

    def insert(self, first: int, values: NDArray[np.uint64], used: NDArray[np.bool_]) -> NDArray[np.int32]:
        """Add entries, the first at position `first`; return for each band the entry that was newest in its bucket.

        `values` has shape (entries, bands). `used` has shape (entries,): one without tokens is in no bucket.
        """
        entries, bands = values.shape
        mixed = values * np.uint64(0x9E3779B97F4A7C15)  # Fibonacci hashing (Knuth 6.4)
        flat = (self._start + (mixed >> np.uint64(48)).astype(np.int64)).ravel()
        which = np.flatnonzero(np.repeat(used, bands))
        previous = np.full(entries * bands, NONE, dtype=np.int32)
        if len(which):
            order = which[np.argsort(flat[which], kind="stable")]  # by slot, then entry: earlier ones of a batch first
            slot, entry = flat[order], (order // bands + first).astype(np.int32)
            starts = np.concatenate(([True], slot[1:] != slot[:-1]))
            previous[order] = np.where(starts, self._head[slot], np.concatenate((entry[:1], entry[:-1])))
            ends = np.concatenate((starts[1:], [True]))
            self._head[slot[ends]] = entry[ends]
        return previous.reshape(entries, bands)

    def bypass(self, entry: int, previous: NDArray[np.int32], values: NDArray[np.uint64]) -> None:
        """Put the buckets' next entry in place of `entry` where it is the newest."""
        mixed = values * np.uint64(0x9E3779B97F4A7C15)
        slots = self._start[0] + (mixed >> np.uint64(48)).astype(np.int64)
        newest = self._head[slots] == entry
        self._head[slots[newest]] = previous[newest]
