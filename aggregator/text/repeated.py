"""Find what a feed prints under title after title: lines about cookies, a notice, its whole text in each entry.

A summary is cut into pieces, its sentences. A feed that has printed a piece under several titles says nothing with it.
A piece is kept as a hash, its titles as bits of a small set: memory is bounded, and the order within a batch changes
nothing.
"""

from collections.abc import Iterable, Iterator, Sequence
from zlib import crc32

import regex

LEAST_TITLES = 4  # under which a feed prints a piece that says nothing; an outlet tells anew under two or three
_PIECES = 128  # of a feed that are remembered; a text repeated as a whole has some forty
_BITS = 32  # of the set of titles
_LONGEST = 20_000  # characters of a text that are looked at
_MOST = 200  # pieces of a text, some 20,000 characters of news; what follows is one more
_SENTENCE = regex.compile(r"(?<=[.!?…])\s+|(?<=[。！？])\s*|\n+")
_LONG = 300  # characters of a sentence: texts without full stops are cut within
_LEAST_UNITS = 6
_MOST_UNITS = 60
# A word; where none are parted, a sign.
_UNIT = regex.compile(
    r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}]|"
    r"[^\s\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}]+"
)
_DIGITS = regex.compile(r"\d+")  # "Read 1,204 times", "Updated 10:42"

Titles = dict[int, int]  # by piece, the bits of the titles under which it was printed; the newest last


def pieces(text: str) -> Iterator[tuple[int, int]]:
    """Give where the sentences of a text begin and end; a long one is cut where its own words say, not by counting."""
    end = 0
    for _, (begin, end) in zip(range(_MOST), _sentences(text), strict=False):
        yield begin, end
    if end < len(text) and (rest := text[end:]).strip():
        yield end + len(rest) - len(rest.lstrip()), len(text)


def _sentences(text: str) -> Iterator[tuple[int, int]]:
    begin = 0
    for found in _SENTENCE.finditer(text, 0, _LONGEST):
        if found.end() > found.start() or found.start() > begin:
            yield from _cut(text, begin, found.start())
            begin = found.end()
    yield from _cut(text, begin, len(text))


def _cut(text: str, begin: int, end: int) -> Iterator[tuple[int, int]]:
    if end - begin <= _LONG:
        if end > begin:
            yield begin, end
        return
    units = 0
    for found in _UNIT.finditer(text, begin, min(end, _LONGEST)):
        units += 1
        # The same words are cut at the same places, whatever stands before them.
        if units >= _MOST_UNITS or (units >= _LEAST_UNITS and _hash(found.group()) % 8 == 0):
            yield begin, found.end()
            begin, units = found.end(), 0
    if begin < end:
        yield begin, end


def _hash(text: str) -> int:
    return crc32(text.encode("utf-8", "surrogatepass"))


def _hashes(text: str) -> Iterator[tuple[int, int, int]]:
    """Give each piece's place and hash; a number is as good as another."""
    for begin, end in pieces(text):
        yield begin, end, _hash(_DIGITS.sub("0", text[begin:end].strip().casefold()))


def note(known: Titles, texts: Iterable[tuple[str, str]]) -> Titles:
    """Add the pieces of a whole batch of (title, summary) to what a feed is known to have printed."""
    fresh: Titles = {}
    for title, summary in texts:
        if not summary:
            continue
        bit = 1 << _hash(title.strip().casefold()) % _BITS
        for _, _, piece in _hashes(summary):
            fresh[piece] = fresh.get(piece, known.get(piece, 0)) | bit
    if not fresh:
        return known
    kept = {piece: titles for piece, titles in known.items() if piece not in fresh}
    kept |= {piece: fresh[piece] for piece in sorted(fresh)}
    if len(kept) > _PIECES:
        # Those of most titles stay, and of the others the newest.
        ranked = sorted(enumerate(kept), key=lambda one: (-min(LEAST_TITLES, kept[one[1]].bit_count()), -one[0]))
        chosen = {piece for _, piece in ranked[:_PIECES]}
        kept = {piece: titles for piece, titles in kept.items() if piece in chosen}
    return kept


def aged(known: Titles) -> Titles:
    """Forget half of the titles of each piece, and the pieces without any."""
    halves = {piece: titles & 0x55555555 for piece, titles in known.items()}
    return {piece: titles for piece, titles in halves.items() if titles}


def strip(known: Titles, text: str) -> str:
    """Give a text without the pieces that were printed under several titles."""
    if not known:
        return text
    kept: list[str] = []
    left_out = False
    for begin, end, piece in _hashes(text):
        if known.get(piece, 0).bit_count() >= LEAST_TITLES:
            left_out = True
        else:
            kept.append(text[begin:end])
    return " ".join(kept) if left_out else text


def to_values(known: Titles) -> list[list[int]]:
    """Give what is known as JSON-able values."""
    return [[piece, titles] for piece, titles in known.items()]


def from_values(values: Sequence[Sequence[int]]) -> Titles:
    """Take up what `to_values` gave."""
    return {int(piece): int(titles) for piece, titles in values}
