"""How common a token is in news at large, so that forty entries in all weigh their words sensibly.

A table per token space lies in data/, built from wordfreq by tools/build_background.py: general text, not news, so it
is a prior that the counts of the stream itself soon outweigh.
"""

import gzip
import math
from array import array
from bisect import bisect_left
from functools import lru_cache
from importlib.resources import files
from zlib import crc32

STEP = 8  # levels of a table in a factor of e: shares are right within 6 %
_UNKNOWN_SPACE = 1e-4
# By the number of digits: "5" stands in every hundredth headline, "48213" in hardly any.
_NUMBERS = (0.01, 0.01, 0.004, 0.001, 0.0005)
_LONG_NUMBER = 1e-4
_YEARS = range(1990, 2041)
_YEAR = 0.005


class _Table:
    """Shares of one space: sorted CRC-32 of tokens, a byte of level each; 100 KB for 20,000 tokens.

    An unknown token is taken for a known one once in 200,000.
    """

    __slots__ = ("_hashes", "_levels", "floor")

    def __init__(self, text: str) -> None:
        rows: list[tuple[int, int]] = []
        for line in text.splitlines():
            if not line.startswith("#"):
                level, tokens = line.split("\t")
                rows.extend((crc32(token.encode()), int(level)) for token in tokens.split(" "))
        rows.sort()
        self._hashes = array("I", (row[0] for row in rows))
        self._levels = bytes(min(row[1], 255) for row in rows)
        # What the table leaves out is rarer than all it holds.
        self.floor = math.exp(-max(self._levels) / STEP) / 2

    def share(self, token: str) -> float:
        """Give the share of a token; the floor for one that is not held."""
        wanted = crc32(token.encode("utf-8", "surrogatepass"))
        place = bisect_left(self._hashes, wanted)
        if place < len(self._hashes) and self._hashes[place] == wanted:
            return math.exp(-self._levels[place] / STEP)
        return self.floor


@lru_cache(maxsize=128)
def _table(space: str) -> _Table | None:
    if not (space.isascii() and space.isalpha()):
        return None
    file = files("aggregator.text") / "data" / f"{space}.txt.gz"
    return _Table(gzip.decompress(file.read_bytes()).decode()) if file.is_file() else None


def known(space: str) -> bool:
    """Tell whether there is a table for a space."""
    return _table(space) is not None


def frequency(space: str, token: str) -> float:
    """Give the expected share, in 0..1, of headlines with lead that hold a token of `Features.title`."""
    if token[:1].isdigit():
        return _of_number(token)
    table = _table(space)
    return table.share(token) if table else _UNKNOWN_SPACE


def _of_number(token: str) -> float:
    if len(token) == 4 and token.isdecimal() and int(token) in _YEARS:
        return _YEAR
    return _NUMBERS[len(token)] if len(token) < len(_NUMBERS) else _LONG_NUMBER
