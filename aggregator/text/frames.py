"""Find the frame of titles that a feed fills in: "Results: ... 3-1 ...", "Flight ... cancelled", "Weather for ...".

What such a title tells is what the frame is filled with. A frame is known by a few other titles of the feed that share
half of the words; the words that they share are the frame.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from functools import lru_cache

LEAST_MATES = 3  # other titles of one frame; an outlet tells one happening under two or three much alike
_TITLES = 32  # of a feed that are remembered
_LONGEST = 150  # characters of a title that are looked at
_LEAST_WORDS = 2  # of a frame
# Digits become one, signs part words, as where text.words splits them.
_PLAIN = str.maketrans({**dict.fromkeys("123456789", "0"), **dict.fromkeys('.,:;!?()[]|"«»“”„‘–—-…%&+/', " ")})


class Titles:
    """The latest titles of a feed, each in lower case, once."""

    __slots__ = ("_count", "latest")

    def __init__(self, latest: Sequence[str] = ()) -> None:
        self.latest = list(latest)
        self._count: Counter[str] = Counter()  # in how many of them a word is
        for title in self.latest:
            self._count.update(_words(title))

    def note(self, batch: Iterable[str]) -> None:
        """Add the titles of a whole batch; their order changes nothing."""
        fresh = {title[:_LONGEST].casefold() for title in batch}
        fresh.discard("")
        again = fresh.intersection(self.latest)
        for title in fresh - again:
            self._count.update(_words(title))
        if again:
            self.latest = [title for title in self.latest if title not in again]
        self.latest += sorted(fresh)
        if len(self.latest) > _TITLES:
            for title in self.latest[:-_TITLES]:
                self._forget(title)
            del self.latest[:-_TITLES]

    def _forget(self, title: str) -> None:
        count = self._count
        for word in _words(title):
            if count[word] > 1:
                count[word] -= 1
            else:
                del count[word]

    def frame(self, title: str) -> frozenset[str]:
        """Give the words of a title, in lower case, that are its feed's frame; none where it has none."""
        if len(self.latest) <= LEAST_MATES:
            return frozenset()
        title, count = title[:_LONGEST].casefold(), self._count
        words = _words(title)
        recurring = 0
        for word in words:
            if count.get(word, 0) >= LEAST_MATES:
                recurring += 1
        if recurring < _LEAST_WORDS or 2 * recurring < len(words):
            return frozenset()
        mates = [theirs for other in self.latest if other != title and _alike(words, theirs := _words(other))]
        if len(mates) < LEAST_MATES:
            return frozenset()
        shared = Counter(word for theirs in mates for word in words & theirs)
        return frozenset(word for word, number in shared.items() if number >= LEAST_MATES)


@lru_cache(maxsize=4096)
def _words(title: str) -> frozenset[str]:
    """Give the words of a title in lower case, one number as good as another: a frame has a place for it."""
    return frozenset(title.translate(_PLAIN).split())


def _alike(words: frozenset[str], others: frozenset[str]) -> bool:
    both = len(words & others)
    return both >= _LEAST_WORDS and 2 * both >= len(words) and 2 * both >= len(others)
