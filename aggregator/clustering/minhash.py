"""MinHash signatures of whole batches, bit for bit those of datasketch (Broder 1997). The only user of datasketch."""

import sys
from collections.abc import Sequence
from importlib import import_module
from importlib.util import find_spec
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
        signatures = np.full((len(sets), self.num_perm), EMPTY, dtype=np.uint32)
        filled = [row for row, members in enumerate(sets) if members]
        start = 0
        while start < len(filled):
            end, total = start, 0
            while end < len(filled) and (end == start or total + len(sets[filled[end]]) <= ROWS_AT_ONCE):
                total += len(sets[filled[end]])
                end += 1
            rows = filled[start:end]
            signatures[rows] = self._sign_some([sets[row] for row in rows], total)
            start = end
        return signatures

    def _sign_some(self, sets: Sequence[Sequence[int]], total: int) -> "NDArray[np.uint32]":
        hashes = np.fromiter((value for members in sets for value in members), dtype=np.uint32, count=total)
        ends = np.cumsum([len(members) for members in sets])
        starts = np.concatenate(([0], ends[:-1]))
        permuted = _mix(hashes)[:, None] * self._a[None, :] + self._b[None, :]
        smallest: NDArray[np.uint32] = np.minimum.reduceat(permuted, starts, axis=0)
        return smallest


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
