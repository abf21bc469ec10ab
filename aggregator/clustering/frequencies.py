"""Document frequencies of tokens, learnt as the stream passes, per token space; they make rare words weigh more."""

from collections.abc import Callable, Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from aggregator.clustering.result import Frequency

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
        self._hashes: list[int] = []
        self._expected: NDArray[np.float64] = np.zeros(1024)
        self._counts: NDArray[np.float64] = np.zeros(1024)
        self._changed: set[int] = set()
        self._changed_spaces: set[str] = set()

    def __len__(self) -> int:
        return len(self._names)

    def numbers(self, space: str, tokens: Sequence[str]) -> list[int]:
        """Number each token of a space, new ones included."""
        known = self._numbers.setdefault(space, {})
        return [known[token] if token in known else self._add(space, token) for token in tokens]

    def _add(self, space: str, token: str) -> int:
        number = len(self._names)
        if number == len(self._counts):
            self._counts = np.concatenate((self._counts, np.zeros(number)))
            self._expected = np.concatenate((self._expected, np.zeros(number)))
        self._numbers[space][token] = number
        self._names.append((space, token))
        self._hashes.append(self._hash(f"{space} {token}".encode()))
        self._expected[number] = self._background(space, token)
        return number

    def hashes(self, numbers: Iterable[int]) -> list[int]:
        """Return the 32-bit hashes of tokens."""
        return [self._hashes[number] for number in numbers]

    def token(self, number: int) -> str:
        """Return a token by its number."""
        return self._names[number][1]

    def count(self, space: str, numbers: Sequence[int], times: int = 1) -> None:
        """Count an entry that contains these tokens (each given once)."""
        self.total[space] = self.total.get(space, 0.0) + times
        self._counts[list(numbers)] += times
        self._changed.update(numbers)
        self._changed_spaces.add(space)

    def changes(self) -> tuple[Frequency, ...]:
        """Give the counts that changed since the last call, to be stored; the empty token counts the entries."""
        counts = [
            Frequency(space=self._names[number][0], token=self._names[number][1], count=float(self._counts[number]))
            for number in sorted(self._changed)
        ]
        counts += [Frequency(space=space, token="", count=self.total[space]) for space in sorted(self._changed_spaces)]
        self._changed.clear()
        self._changed_spaces.clear()
        return tuple(counts)

    def restore(self, stored: Iterable[Frequency]) -> None:
        """Take up stored counts."""
        for one in stored:
            if one.token:
                (number,) = self.numbers(one.space, [one.token])
                self._counts[number] = one.count
            else:
                self.total[one.space] = one.count

    def rarity(self, space: str, numbers: Sequence[int]) -> NDArray[np.float64]:
        """Return one in how many entries contains each token: at least 1, smoothed by the background."""
        chosen = list(numbers)
        seen = self._counts[chosen] + self._prior * self._expected[chosen] + 0.5
        rarity: NDArray[np.float64] = np.maximum(1.0, (self.total.get(space, 0.0) + self._prior + 1.0) / seen)
        return rarity
