"""Terms that reports share, as a reader of the page would write them. Pure."""

import re
from collections.abc import Iterable

_CUT = 2  # letters that a stem may change at its end: resistent, resistencia


def as_written(terms: Iterable[str], text: str) -> tuple[str, ...]:
    """Give for each stem the word of a text that it was made of; the stem where there is none."""
    words = {word.casefold(): word for word in reversed(re.findall(r"\w+", text))}  # the first of its kind
    return tuple(dict.fromkeys(_word(term, words) for term in terms))


def _word(term: str, words: dict[str, str]) -> str:
    near = {word: _shared(word, term) for word in words if word[:2] == term[:2]}
    best = min(near, key=lambda word: (-near[word], len(word)), default=None)
    return words[best] if best is not None and near[best] >= max(2, len(term) - _CUT) else term


def _shared(word: str, term: str) -> int:
    """Count the letters that both begin with."""
    return next((n for n, (a, b) in enumerate(zip(word, term, strict=False)) if a != b), min(len(word), len(term)))
