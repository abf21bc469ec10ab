"""Document frequencies of tokens, learnt as the stream passes, per token space; they make rare words weigh more.

They age: at the turn of each period of stream time all counts are halved, and what comes to nothing is forgotten. So
the vocabulary is that of some months, however long a stream runs, and what was news last year does not count as common.
"""

from collections.abc import Callable, Iterable, Sequence
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from aggregator.clustering.result import Frequency

CLOCK = ""  # the space of which the total is the number of the period
Background = Callable[[str, str], float]  # (space, token) -> expected share of headlines that contain it


class Frequencies:
    """Tokens with their numbers, their hashes and the count of entries that contain them."""

    def __init__(self, hash_token: Callable[[bytes], int], background: Background, prior: float) -> None:
        self._hash = hash_token
        self._background = background
        self._prior = prior
        self._numbers: dict[str, dict[str, int]] = {}
        self.total: dict[str, float] = {}
        self._names: list[tuple[str, str]] = []
        self._hashes: NDArray[np.uint32] = np.zeros(1024, np.uint32)
        self._expected: NDArray[np.float64] = np.zeros(1024)
        self._counts: NDArray[np.float64] = np.zeros(1024)
        self.period: int | None = None  # of the stream's time, by number; None: nothing was counted yet
        self._free: list[int] = []  # numbers of forgotten tokens
        self._idle: list[int] = []  # numbers of tokens that came to nothing and no entry has
        self._changed: set[int] = set()
        self._changed_spaces: set[str] = set()

    def __len__(self) -> int:
        return len(self._names)

    def numbers(self, space: str, tokens: Iterable[str]) -> list[int]:
        """Number each token of a space, new ones included."""
        known = self._numbers.setdefault(space, {})
        return [known[token] if token in known else self._add(space, token) for token in tokens]

    def _add(self, space: str, token: str) -> int:
        if not self._free:
            self._grow()
        number = self._free.pop()
        self._numbers[space][token] = number
        self._names[number] = (space, token)
        self._hashes[number] = self._hash(f"{space} {token}".encode())
        self._counts[number] = 0.0
        self._expected[number] = self._background(space, token)
        return number

    def _grow(self) -> None:
        number = len(self._names)
        if number == len(self._counts):
            self._counts = np.concatenate((self._counts, np.zeros(number)))
            self._expected = np.concatenate((self._expected, np.zeros(number)))
            self._hashes = np.concatenate((self._hashes, np.zeros(number, np.uint32)))
        self._names.append(("", ""))
        self._free.append(number)

    def age(self, period: int, held: NDArray[np.int32]) -> None:
        """Halve all counts once for each period that has begun; `held` are the tokens of the entries in the window."""
        if self.period == period or (self.period is not None and self.period > period):
            return
        periods = 0 if self.period is None else period - self.period
        self.period = period
        self._changed_spaces.add(CLOCK)
        if not periods:
            return
        share = 0.5 ** min(periods, 64)
        known = np.array([number for numbers in self._numbers.values() for number in numbers.values()], np.int64)
        self._counts[known] = np.floor(self._counts[known] * share)
        self.total = {space: total // (1.0 / share) for space, total in self.total.items()}
        self._changed.update(known.tolist())
        self._changed_spaces.update(self.total)
        self._idle = np.setdiff1d(known[self._counts[known] == 0.0], held).tolist()

    def settle(self) -> None:
        """Forget the tokens that came to nothing, once that was told."""
        for number in self._idle:
            if self._counts[number] == 0.0:
                space, token = self._names[number]
                del self._numbers[space][token]
                self._free.append(number)
        self._idle = []
        self._changed.clear()
        self._changed_spaces.clear()

    def hashes(self, numbers: NDArray[np.int32]) -> NDArray[np.uint32]:
        """Return the 32-bit hashes of tokens."""
        return self._hashes[numbers]

    def token(self, number: int) -> str:
        """Return a token by its number."""
        return self._names[number][1]

    def count(self, spaces: Iterable[str], numbers: Sequence[Sequence[int]]) -> None:
        """Count entries by their token spaces and the tokens that each contains (each given once)."""
        for space in spaces:
            self.total[space] = self.total.get(space, 0.0) + 1.0
            self._changed_spaces.add(space)
        chosen = list(chain.from_iterable(numbers))
        np.add.at(self._counts, chosen, 1.0)
        self._changed.update(chosen)

    def uncount(self, space: str, numbers: Sequence[int]) -> None:
        """Take an entry back that was counted."""
        self.total[space] = max(0.0, self.total.get(space, 0.0) - 1.0)
        chosen = list(numbers)
        self._counts[chosen] = np.maximum(0.0, self._counts[chosen] - 1.0)  # what was counted may have been halved
        self._changed.update(numbers)
        self._changed_spaces.add(space)

    def changes(self) -> tuple[Frequency, ...]:
        """Give the counts that changed since `settle`, to be stored; the empty token counts the entries."""
        counts = [
            Frequency(space=self._names[number][0], token=self._names[number][1], count=float(self._counts[number]))
            for number in sorted(self._changed)
        ]
        totals = self.total if self.period is None else self.total | {CLOCK: float(self.period)}
        counts += [Frequency(space=space, token="", count=totals[space]) for space in sorted(self._changed_spaces)]
        return tuple(counts)

    def restore(self, stored: Iterable[Frequency]) -> None:
        """Take up stored counts."""
        for one in stored:
            if one.token:
                (number,) = self.numbers(one.space, [one.token])
                self._counts[number] = one.count
            elif one.space == CLOCK:
                self.period = int(one.count)
            else:
                self.total[one.space] = one.count

    def rarity(self, totals: NDArray[np.float64], numbers: Sequence[int]) -> NDArray[np.float64]:
        """Return one in how many entries contains each token: at least 1, smoothed by the background.

        `totals` are the entries of each token's space.
        """
        seen = self._counts[numbers] + self._prior * self._expected[numbers] + 0.5
        rarity: NDArray[np.float64] = np.maximum(1.0, (totals + self._prior + 1.0) / seen)
        return rarity
