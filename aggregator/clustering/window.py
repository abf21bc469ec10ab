"""The entries of the time window in columns: a row is an entry, its position its place in the stream."""

import numpy as np
from numpy.typing import NDArray

FREE = -1  # the event of an entry that has none yet
GONE = -2  # the event of an entry that an edit replaced

_ROWS = 256


class Window:
    """Columns that grow at the end and lose rows at the start; positions stay what they are."""

    def __init__(self, *, bands: int, copy_rows: int, copy_bands: int, neighbours: int) -> None:
        self.base = 0  # position of row 0
        self.first = 0  # position of the first entry that is still in the window; rows before it are freed in bulk
        self.end = 0  # one past the last position
        self.keep = neighbours
        self.id = np.zeros(_ROWS, np.int64)
        self.time = np.zeros(_ROWS, np.int64)  # seconds
        self.told = np.zeros(_ROWS, np.int64)  # seconds: when the outlet published it, as far as is known
        self.feed = np.zeros(_ROWS, np.int64)
        self.event = np.full(_ROWS, FREE, np.int64)
        self.copy_of = np.full(_ROWS, -1, np.int64)  # position of the original in its event
        self.twin = np.full(_ROWS, -1, np.int64)  # position of the earlier entry with the most alike text, if a copy's
        self.likeness = np.zeros(_ROWS, np.float32)  # the Jaccard estimate of the two
        self.revision = np.zeros(_ROWS, np.int32)
        self.space = np.zeros(_ROWS, np.int32)
        self.words = np.zeros(_ROWS, np.int32)  # of title and summary
        self.start = np.zeros(_ROWS, np.int64)  # in the term arrays
        self.length = np.zeros(_ROWS, np.int32)
        self.bands = np.zeros((_ROWS, bands), np.uint32)
        self.chain = np.full((_ROWS, bands), -1, np.int32)
        self.signature = np.zeros((_ROWS, copy_rows), np.uint32)
        self.copy_chain = np.full((_ROWS, copy_bands), -1, np.int32)
        self.density = np.zeros(_ROWS, np.float32)  # how alike the nearest neighbours are: the crowd it stands in
        self.near = np.full((_ROWS, neighbours), -1, np.int32)
        self.cosine = np.full((_ROWS, neighbours), -1.0, np.float32)
        self.token = np.zeros(_ROWS * 8, np.int32)
        self.tf = np.zeros(_ROWS * 8, np.float32)
        self.rarity = np.zeros(_ROWS * 8, np.float32)
        self.weight = np.zeros(_ROWS * 8, np.float32)
        self.number = np.zeros(_ROWS * 8, np.bool_)  # whether the word is a number
        self.shared = np.zeros(_ROWS * 8, np.uint64)  # bit s: the neighbour in slot s of `near` has the word too
        self.terms_end = 0

    ROWS = (
        "id", "time", "told", "feed", "event", "copy_of", "twin", "likeness", "revision", "space", "words", "start",
        "length", "bands", "chain", "signature", "copy_chain",  "density", "near", "cosine",
    )  # fmt: skip
    TERMS = ("token", "tf", "rarity", "weight", "number", "shared")

    def __len__(self) -> int:
        return self.end - self.first

    def row(self, position: int) -> int:
        """Return the row of an entry."""
        return position - self.base

    def extend(self, rows: int, terms: int) -> slice:
        """Make room for entries and terms at the end; return the rows."""
        used = self.end - self.base
        if used + rows > len(self.id):
            for name in self.ROWS:
                setattr(self, name, _grown(getattr(self, name), used, used + rows))
        if self.terms_end + terms > len(self.token):
            for name in self.TERMS:
                setattr(self, name, _grown(getattr(self, name), self.terms_end, self.terms_end + terms))
        new = slice(used, used + rows)
        self.event[new] = FREE
        self.copy_of[new] = -1
        self.twin[new] = -1
        self.likeness[new] = 0.0
        self.density[new] = 0.2  # candidates.CROWD_LEAST
        self.shared[self.terms_end : self.terms_end + terms] = 0
        self.near[new] = -1
        self.cosine[new] = -1.0
        self.end += rows
        return new

    def drop(self, until: int) -> None:
        """Let the entries before position `until` leave; free their rows once they are an eighth of all."""
        self.first = max(self.first, until)
        gone, used = self.first - self.base, self.end - self.base
        if gone * 8 < used or gone == 0:
            return
        terms = int(self.start[gone]) if gone < used else self.terms_end
        for name in self.ROWS:
            setattr(self, name, _shifted(getattr(self, name), gone, used))
        for name in self.TERMS:
            setattr(self, name, _shifted(getattr(self, name), terms, self.terms_end))
        self.start[: used - gone] -= terms
        self.terms_end -= terms
        self.base = self.first

    def terms(self, position: int) -> slice:
        """Return where the terms of an entry are."""
        row = position - self.base
        start = int(self.start[row])
        return slice(start, start + int(self.length[row]))

    def terms_of(self, positions: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return the terms of some entries in turn: the number of the entry among them, and where the term is."""
        rows = positions - self.base
        sizes = self.length[rows].astype(np.int64)
        owner = np.repeat(np.arange(len(rows)), sizes)
        ends = np.cumsum(sizes)
        return owner, np.arange(len(owner)) + np.repeat(self.start[rows] - (ends - sizes), sizes)

    @property
    def nbytes(self) -> int:
        """Size of all columns in memory."""
        return sum(int(getattr(self, name).nbytes) for name in (*self.ROWS, *self.TERMS))


def _grown(column: NDArray[np.generic], used: int, needed: int) -> NDArray[np.generic]:
    larger = np.empty((max(needed, len(column) * 9 // 8), *column.shape[1:]), column.dtype)
    larger[:used] = column[:used]
    return larger


def _shifted(column: NDArray[np.generic], gone: int, used: int) -> NDArray[np.generic]:
    room = max(_ROWS, (used - gone) * 9 // 8)
    rest = np.empty((room, *column.shape[1:]), column.dtype)
    rest[: used - gone] = column[gone:used]
    return rest
