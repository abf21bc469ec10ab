"""MinHash signatures of whole batches, bit for bit those of datasketch (Broder 1997). The only user of datasketch."""

import sys
from collections.abc import Sequence
from importlib import import_module
from importlib.util import find_spec
from itertools import chain
from types import ModuleType
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

SCHEME = "affine32"
SEED = 1
EMPTY = np.uint32(0xFFFFFFFF)  # what datasketch gives for a set without members
ROWS_AT_ONCE = 8192  # hashes permuted in one go: 8192 x 128 x 4 bytes = 4 MB


class Signer:
    """Sign sets of 32-bit hashes with datasketch's own permutations."""

    def __init__(self, num_perm: int) -> None:
        self.num_perm = num_perm
        self._hash = _part("hashfunc").sha1_hash32
        a, b = _part("minhash").MinHash(num_perm=num_perm, seed=SEED, scheme=SCHEME).permutations
        self._a: NDArray[np.uint32] = a
        self._b: NDArray[np.uint32] = b

    def hash(self, token: bytes) -> int:
        """Hash one member of a set to 32 bits, as datasketch does."""
        value: int = self._hash(token)
        return value

    def sign(self, sets: Sequence[Sequence[int]]) -> "NDArray[np.uint32]":
        """Sign each set: an array of shape (len(sets), num_perm).

        The estimate of two signatures has a standard error of at most 1 / (2 √num_perm).
        """
        total = sum(map(len, sets))
        hashes = np.fromiter(chain.from_iterable(sets), np.uint32, total)
        return self.sign_parted(hashes, np.array([len(members) for members in sets], np.int64))

    def sign_parted(self, hashes: "NDArray[np.uint32]", sizes: "NDArray[np.int64]") -> "NDArray[np.uint32]":
        """Sign sets whose members follow one another."""
        signatures = np.full((len(sizes), self.num_perm), EMPTY, dtype=np.uint32)
        filled = np.flatnonzero(sizes)
        ends = np.cumsum(sizes[filled])
        starts, mixed, begin = ends - sizes[filled], _mix(hashes), 0
        while begin < len(filled):
            end = max(begin + 1, int(np.searchsorted(ends, starts[begin] + ROWS_AT_ONCE, side="right")))
            some = mixed[starts[begin] : ends[end - 1]]
            permuted = some[:, None] * self._a[None, :] + self._b[None, :]
            smallest = np.minimum.reduceat(permuted, starts[begin:end] - starts[begin], axis=0)
            signatures[filled[begin:end]] = smallest
            begin = end
        return signatures


def _part(name: str) -> Any:
    """Import a module of datasketch without the package around it, whose other modules bring scipy: 47 MB and 0.6 s."""
    full = f"datasketch.{name}"
    if full not in sys.modules and "datasketch" not in sys.modules:
        found = find_spec("datasketch")
        package = ModuleType("datasketch")
        package.__path__ = list(found.submodule_search_locations or ()) if found is not None else []
        sys.modules["datasketch"] = package
        try:
            return import_module(full)
        finally:
            del sys.modules["datasketch"]  # who imports the whole gets the whole
    return import_module(full) if full not in sys.modules else sys.modules[full]


def _mix(hashes: "NDArray[np.uint32]") -> "NDArray[np.uint32]":
    """Finalise as MurmurHash3 does: datasketch's fixed bijection before its affine permutations."""
    hashes = hashes ^ (hashes >> np.uint32(16))
    hashes = hashes * np.uint32(0x85EBCA6B)
    hashes = hashes ^ (hashes >> np.uint32(13))
    hashes = hashes * np.uint32(0xC2B2AE35)
    return hashes ^ (hashes >> np.uint32(16))


def jaccard(one: "NDArray[np.uint32]", other: "NDArray[np.uint32]") -> float:
    """Estimate the Jaccard similarity of two signed sets; 0 where one is empty."""
    if one[0] == EMPTY or other[0] == EMPTY:
        return 0.0
    return float(np.count_nonzero(one == other)) / len(one)
