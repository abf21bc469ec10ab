"""Find the frame of titles that a feed fills in: "Results: ... 3-1 ...", "Flight ... cancelled", "Weather for ...".

What such a title tells is what the frame is filled with. A frame is known by a few other titles of the feed that share
half of the words; the words that they share are the frame.
"""

from collections import Counter
from collections.abc import Iterable, Sequence

LEAST_MATES = 3  # other titles of one frame; an outlet tells one happening under two or three much alike
_TITLES = 32  # of a feed that are remembered
_LONGEST = 150  # characters of a title that are looked at
_LEAST_WORDS = 2  # of a frame
_PLAIN = str.maketrans("0123456789/-|", "0000000000   ")
_SIGNS = ".,:;!?()[]|\"'«»“”„‘’–—-…%&+/"


class Titles:
    """The latest titles of a feed, each in lower case, once."""

    __slots__ = ("_count", "latest")

    def __init__(self, latest: Sequence[str] = ()) -> None:
        self.latest = list(latest)
        self._count: Counter[str] = Counter()
        for title in self.latest:
            self._count.update(_words(title))

    def note(self, batch: Iterable[str]) -> None:
        """Add the titles of a whole batch; their order changes nothing."""
        fresh = {title[:_LONGEST].casefold() for title in batch}
        fresh.discard("")
        known = [title for title in self.latest if title not in fresh] + sorted(fresh)
        kept = set(known[-_TITLES:])
        for title in fresh.difference(self.latest):
            if title in kept:
                self._count.update(_words(title))
        for title in self.latest:
            if title not in kept:
                self._count.subtract(_words(title))
        self.latest = known[-_TITLES:]

    def frame(self, title: str) -> frozenset[str]:
        """Give the words of a title, in lower case, that are its feed's frame; none where it has none."""
        title = title[:_LONGEST].casefold()
        words, count = _words(title), self._count
        recurring = sum(1 for word in words if count[word] >= LEAST_MATES)
        if recurring < _LEAST_WORDS or 2 * recurring < len(words):
            return frozenset()
        shared: Counter[str] = Counter()
        mates = 0
        for other in self.latest:
            if other != title and _alike(words, theirs := _words(other)):
                mates += 1
                shared.update(words & theirs)
        if mates < LEAST_MATES:
            return frozenset()
        return frozenset(word for word, number in shared.items() if number >= LEAST_MATES)


def _words(title: str) -> set[str]:
    """Give the words of a title in lower case, one number as good as another: a frame has a place for it."""
    return {bare for word in title.translate(_PLAIN).split() if (bare := word.strip(_SIGNS))}


def _alike(words: set[str], others: set[str]) -> bool:
    both = len(words & others)
    return both >= _LEAST_WORDS and 2 * both >= len(words) and 2 * both >= len(others)
