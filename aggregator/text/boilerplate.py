"""Learn what a feed puts into every entry, and leave it out: "- BBC News", "Opinion |", a line about cookies.

A batch is observed whole, then its texts are stripped, so that the order within a batch changes nothing: counts are
sums, and rests are kept by their smallest hashes. The state is plain values, so that a stored batch can be repeated.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple
from zlib import crc32

from . import frames, repeated
from .markers import strip_appended, strip_markers, strip_outlet

_SEPARATOR = re.compile(r"\s{0,3}[|｜»]\s{0,3}|\s{1,3}(?:[-–—·•/]|::|//)\s{1,3}|:\s{1,3}")
_POSSIBLE = re.compile("[|｜»–—·•/:-]")  # what every separator has, and most titles have not
_LONGEST = 60  # characters of a segment of a title
_SEGMENTS = 64  # of a feed
_FEEDS = 20_000
_REMEMBERED = 2000  # entries of a feed; then all counts are halved
_RESTS = 6  # different rests that a segment must be seen with

# The share of a feed's entries from which a segment is boilerplate. A bar parts sections and outlets from titles, a
# dash often, a colon as often a topic ("Gaza: ...") that says more than any other word.
_SHARES = {"|": 0.03, "-": 0.2, ":": 0.5}
_LEAST = {"|": 6, "-": 10, ":": 30}  # entries; a young feed may write of one thing only


class Segment(NamedTuple):
    """A piece at an end of a title: where ("<" its start, ">" its end), how parted."""

    place: str
    sign: str
    text: str


class _Feed:
    __slots__ = ("counts", "entries", "pieces", "rests", "titles")

    def __init__(self) -> None:
        self.entries = 0
        self.pieces: repeated.Titles = {}  # of summaries
        self.titles = frames.Titles()
        self.counts: dict[Segment, int] = {}
        self.rests: dict[Segment, list[int]] = {}

    def add(self, segment: Segment, rest: str) -> None:
        self.counts[segment] = self.counts.get(segment, 0) + 1
        hashes = set(self.rests.get(segment, ()))
        hashes.add(crc32(rest.encode("utf-8", "surrogatepass")))
        self.rests[segment] = sorted(hashes)[:_RESTS]

    def settle(self) -> None:
        """Forget what is old or rare."""
        while self.entries > _REMEMBERED:
            self.entries //= 2
            self.counts = {segment: count // 2 for segment, count in self.counts.items() if count > 1}
            self.pieces = repeated.aged(self.pieces)
        if len(self.counts) > _SEGMENTS:
            kept = sorted((-count, segment) for segment, count in self.counts.items())[:_SEGMENTS]
            self.counts = {segment: -count for count, segment in kept}
        if len(self.rests) > len(self.counts):
            self.rests = {segment: self.rests[segment] for segment in self.counts}

    def holds(self, segment: Segment) -> bool:
        """Tell whether a segment is boilerplate here."""
        count = self.counts.get(segment, 0)
        enough = self.entries >= _LEAST[segment.sign] and len(self.rests.get(segment, ())) >= _RESTS
        return enough and count >= _SHARES[segment.sign] * self.entries


class Boilerplate:
    """What each feed repeats.

    Memory: 64 segments of titles, 128 pieces of summaries and 32 titles a feed, of at most 20,000 feeds.
    """

    __slots__ = ("_feeds",)

    def __init__(self) -> None:
        self._feeds: dict[str, _Feed] = {}

    def observe(self, batch: Iterable[tuple[str, str, str]]) -> None:
        """Count the segments of a whole batch of (feed, title, summary), in any order."""
        told: dict[str, list[tuple[str, str]]] = {}
        for key, title, summary in batch:
            told.setdefault(key, []).append((title, summary))
        for key, texts in told.items():
            feed = self._feeds.setdefault(key, _Feed())
            feed.entries += len(texts)
            for title, _ in texts:
                for segment, rest in _title_segments(title):
                    feed.add(segment, rest)
            feed.pieces = repeated.note(feed.pieces, texts)
            feed.titles.note(title for title, _ in texts)
            feed.settle()
        if len(self._feeds) > _FEEDS:
            kept = sorted(self._feeds, key=lambda key: (-self._feeds[key].entries, key))[:_FEEDS]
            self._feeds = {key: self._feeds[key] for key in kept}

    def strip(self, key: str, title: str, *, outlet: str = "") -> str:
        """Give a title without markers, the outlet's name and what this feed repeats; never nothing of something."""
        bare = strip_outlet(title, outlet) if outlet else title
        bare = strip_markers(bare)
        feed = self._feeds.get(key)
        for _ in range(3):
            rest = next((rest for segment, rest in _title_segments(bare) if feed and feed.holds(segment)), bare)
            if rest == bare:
                break
            bare = rest
        return bare.strip() or title

    def strip_summary(self, key: str, summary: str) -> str:
        """Give a summary without what this feed repeats, and without appended sentences."""
        feed = self._feeds.get(key)
        return strip_appended(repeated.strip(feed.pieces, summary) if feed else summary)

    def frame(self, key: str, title: str) -> frozenset[str]:
        """Give the words of a title, in lower case, that this feed fills in from title to title."""
        feed = self._feeds.get(key)
        return feed.titles.frame(title) if feed else frozenset()

    def to_values(self, keys: Iterable[str] | None = None) -> dict[str, Any]:
        """Give the state, or that of some feeds alone, as JSON-able values."""
        wanted = self._feeds if keys is None else {key: self._feeds[key] for key in keys if key in self._feeds}
        return {
            key: [
                feed.entries,
                [[*segment, count, feed.rests[segment]] for segment, count in sorted(feed.counts.items())],
                repeated.to_values(feed.pieces),
                feed.titles.latest,
            ]
            for key, feed in sorted(wanted.items())
        }

    @classmethod
    def from_values(cls, values: Mapping[str, Any]) -> "Boilerplate":
        """Take the state up again that `to_values` gave."""
        made = cls()
        for key, (entries, rows, *later) in values.items():
            feed = made._feeds[key] = _Feed()
            feed.entries = entries
            pieces, titles = (*later, (), ())[:2]  # stored before they were learnt
            feed.pieces, feed.titles = repeated.from_values(pieces), frames.Titles(titles)
            for place, sign, text, count, rests in rows:
                segment = Segment(place, sign, text)
                if sign not in _SHARES:
                    continue
                feed.counts[segment] = count
                feed.rests[segment] = list(rests)
        return made


def _title_segments(title: str) -> Iterator[tuple[Segment, str]]:
    """Give what may be boilerplate at the ends of a title, each with the rest that would be left."""
    found = list(_SEPARATOR.finditer(title[:1000])) if _POSSIBLE.search(title) else ()
    if not found:
        return
    first, last = found[0], found[-1]
    if (ending := title[last.end() :]) and len(ending) <= _LONGEST and not last.group().startswith(":"):
        yield Segment(">", _sign(last.group()), ending.strip().casefold()), title[: last.start()]
    if (opening := title[: first.start()]) and len(opening) <= _LONGEST:
        yield Segment("<", _sign(first.group()), opening.strip().casefold()), title[first.end() :]


def _sign(separator: str) -> str:
    separator = separator.strip()
    return "|" if separator in {"|", "｜", "»"} else ":" if separator == ":" else "-"
