"""An entry of the window as bytes, and back: all that decisions about it depend on."""

import struct
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from aggregator.clustering.evidence import Versions
from aggregator.errors import OtherRules

_HEAD = struct.Struct("<4sBBHIqqqqqiiIIIH")
_MAGIC = b"AGG2"
_SCHEMES = ("affine32", "affine64", "legacy")


@dataclass(frozen=True, slots=True, kw_only=True)
class Links:
    """Where an entry was in the stream, and the earlier entries that it was linked with on arrival."""

    position: int
    near: NDArray[np.int32]
    cosine: NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredEntry:
    """One revision of an entry, as it was weighed, signed and linked on arrival."""

    entry: int
    time: int  # of first sight, seconds
    told: int  # when the outlet published it, as far as is known, seconds
    feed: int
    revision: int
    words: int
    space: str
    tokens: tuple[str, ...]
    tf: NDArray[np.float32]
    rarity: NDArray[np.float32]
    bands: NDArray[np.uint32]
    signature: NDArray[np.uint32]
    twin: int
    likeness: float
    links: Links


def pack(stored: StoredEntry, versions: Versions) -> bytes:
    """Write an entry, with the versions that its numbers belong to."""
    space, tokens = stored.space.encode(), " ".join(stored.tokens).encode()
    head = _HEAD.pack(
        _MAGIC, versions.features, versions.shingles, _SCHEMES.index(versions.scheme), versions.seed,
        stored.entry, stored.time, stored.told, stored.feed, stored.twin, stored.revision, stored.words,
        len(stored.tokens), len(tokens), len(stored.signature), len(space),
    )  # fmt: skip
    parts = [head, space, tokens, struct.pack("<fH", stored.likeness, len(stored.bands))]
    parts += [column.tobytes() for column in (stored.tf, stored.rarity, stored.bands, stored.signature)]
    return b"".join([*parts, _pack_links(stored.links)])


def _pack_links(links: Links) -> bytes:
    return struct.pack("<qH", links.position, len(links.near)) + links.near.tobytes() + links.cosine.tobytes()


class _Reader:
    def __init__(self, data: bytes) -> None:
        self.data, self.at = data, 0

    def bytes(self, count: int) -> bytes:
        self.at += count
        return self.data[self.at - count : self.at]

    def values(self, form: str) -> tuple[int, ...]:
        return struct.unpack(form, self.bytes(struct.calcsize(form)))

    def floats(self, count: int) -> NDArray[np.float32]:
        return np.frombuffer(self.bytes(4 * count), np.float32)

    def hashes(self, count: int) -> NDArray[np.uint32]:
        return np.frombuffer(self.bytes(4 * count), np.uint32)

    def links(self) -> Links:
        position, count = self.values("<qH")
        near = np.frombuffer(self.bytes(4 * count), np.int32)
        return Links(position=position, near=near, cosine=self.floats(count))


def _other(found: Versions, ours: Versions) -> str:
    """Say in which of their rules two versions differ."""
    differing = (each.name for each in fields(Versions) if getattr(found, each.name) != getattr(ours, each.name))
    told = ", ".join(f"{name} {getattr(found, name)}, not {getattr(ours, name)}" for name in differing)
    return f"stored signatures were made with {told}"


def unpack(data: bytes, versions: Versions) -> StoredEntry:
    """Read an entry.

    Raises:
        OtherRules: its numbers were made by other rules and cannot be compared with those of `versions`.
    """
    if data[:4] != _MAGIC:
        raise OtherRules("a stored signature is of an unknown format")
    reader = _Reader(data)
    _, features, shingles, scheme, seed, *rest = _HEAD.unpack(reader.bytes(_HEAD.size))
    entry, time, told, feed, twin, revision, words, terms, size, rows, space_size = rest
    found = Versions(features=features, shingles=shingles, scheme=_SCHEMES[scheme], seed=seed, num_perm=rows)
    if found != versions:
        raise OtherRules(_other(found, versions))
    space, tokens = reader.bytes(space_size).decode(), reader.bytes(size).decode()
    likeness, bands = struct.unpack("<fH", reader.bytes(6))
    return StoredEntry(
        entry=entry, time=time, told=told, feed=feed, twin=twin, revision=revision, words=words, space=space,
        tokens=tuple(tokens.split(" ")) if terms else (), likeness=likeness,
        tf=reader.floats(terms), rarity=reader.floats(terms), bands=reader.hashes(bands), signature=reader.hashes(rows),
        links=reader.links(),
    )  # fmt: skip
