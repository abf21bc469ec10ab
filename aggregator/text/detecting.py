"""Which of some languages a text of one script is in: py3langid's model, cut down to what such texts can reach.

The model finds its 100,000 features, runs of bytes of UTF-8, with an automaton: a table of 38,000 rows of 256 moves,
39 MB, with 28 MB of weights beside it. A text in Latin letters holds few of the bytes; the rows that they lead to, with
one column for all bytes that move alike, and the weights of the candidates alone take a third, and give the same
scores. What begins a letter of another script is read as a space: it says nothing about languages not written in it.
"""

import unicodedata
import warnings
from array import array
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import regex
from numpy.typing import NDArray

_CONTINUATIONS = range(0x80, 0xC0)
_COMMON = "\u00a0\u2013\u2603\uff01\U0001f600"  # punctuation, symbols, full width, emoji: in any text
_LETTERS = range(0x80, 0x2000)  # where alphabets lie; what follows are rare forms of their letters


class Detector:
    """Scores texts of a script for the candidates that the model knows; `languages` names these."""

    def __init__(self, script: str, candidates: Sequence[str]) -> None:
        whole = _whole()
        columns = np.array([place for place, name in enumerate(whole.nb_classes) if name in candidates], np.intp)
        self.languages = [whole.nb_classes[column] for column in columns]
        moves = np.frombuffer(whole.tk_nextmove, _dtype(whole.tk_nextmove)).reshape(-1, 256)
        row_of = np.frombuffer(whole.tk_row, _dtype(whole.tk_row)).astype(np.intp)
        bytes_ = _bytes_of(script)
        states = _reached(moves, row_of, bytes_)
        rows, row_of_new = np.unique(row_of[states], return_inverse=True)
        number = np.zeros(len(row_of), np.uint32)  # of a state, among those that are kept
        number[states] = np.arange(len(states))
        kinds, kind_of = _told_apart(number[moves[np.ix_(rows, bytes_)]])
        self._kinds = _translation(bytes_, kind_of)
        self._moves = array("I", kinds.tobytes())
        self._starts = array("I", (row_of_new * kinds.shape[1]).astype(np.uint32).tobytes())
        found = np.asarray(whole.tk_output, np.int32)[states]
        features = np.unique(found[found >= 0])
        self._found = array("i", np.where(found >= 0, np.searchsorted(features, found), -1).astype(np.int32).tobytes())
        self._weights = whole.nb_ptc[np.ix_(features, columns)].copy()
        self._prior = whole.nb_pc[columns].copy()

    def scores(self, text: str) -> dict[str, float]:
        """Give the log-likelihood of each language; the better of two where the model has a language in two scripts."""
        visits = self._visits(_bytes(text).translate(self._kinds))
        if not visits:
            return dict.fromkeys(self.languages, 0.0)
        counts = np.fromiter(visits.values(), np.float32, len(visits))
        weights = self._weights[np.fromiter(visits, np.intp, len(visits))]
        found: NDArray[np.float32] = np.log1p(counts) @ weights + self._prior
        best: dict[str, float] = {}
        for language, score in zip(self.languages, found.tolist(), strict=True):
            best[language] = max(score, best.get(language, score))
        return best

    def _visits(self, kinds: bytes) -> dict[int, int]:
        """Walk the automaton; give how often each feature was met, in the order of the first time."""
        moves, starts, found = self._moves, self._starts, self._found
        visits: dict[int, int] = {}
        state = 0
        for kind in kinds:
            state = moves[starts[state] + kind]
            feature = found[state]
            if feature >= 0:
                visits[feature] = visits.get(feature, 0) + 1
        return visits


@lru_cache(maxsize=16)
def detector(script: str, candidates: tuple[str, ...]) -> Detector:
    """Give a detector; it is made when it is first asked for, which takes some tenths of a second."""
    return Detector(script, candidates)


def _whole() -> Any:
    """Read the whole model: 73 MB that are let go at once."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from py3langid.langid import MODEL_FILE, LanguageIdentifier  # noqa: PLC0415  read when first needed
    return LanguageIdentifier.from_model_file(MODEL_FILE)


def _dtype(numbers: "array[int]") -> str:
    return f"u{numbers.itemsize}"


def _bytes(text: str) -> bytes:
    """Write a text as the model was taught: composed, and not shouting."""
    text = text.lower() if text.isupper() else text
    return unicodedata.normalize("NFC", text).encode("utf-8", "surrogatepass")


def _bytes_of(script: str) -> NDArray[np.intp]:
    """Give the bytes of texts in a script."""
    letters = regex.findall(rf"\p{{{script}}}", "".join(map(chr, _LETTERS)))
    first = {letter.encode()[0] for letter in [*letters, *_COMMON]}
    return np.array(sorted({*range(0x80), *_CONTINUATIONS, *first}), np.intp)


def _reached(moves: NDArray[Any], row_of: NDArray[np.intp], bytes_: NDArray[np.intp]) -> NDArray[np.intp]:
    """Give the states that texts of these bytes alone can be in, the first one first."""
    seen = np.zeros(len(row_of), np.bool_)
    front = np.zeros(1, np.intp)
    while len(front):
        seen[front] = True
        following = np.zeros(len(row_of), np.bool_)
        following[moves[np.ix_(np.unique(row_of[front]), bytes_)]] = True
        front = np.flatnonzero(following & ~seen)
    return np.flatnonzero(seen)


def _told_apart(table: NDArray[np.uint32]) -> tuple[NDArray[np.uint32], list[int]]:
    """Give the columns that differ, and for each column which of these it is."""
    places: dict[bytes, int] = {}
    kinds = [places.setdefault(column.tobytes(), len(places)) for column in np.ascontiguousarray(table.T)]
    firsts = [kinds.index(place) for place in range(len(places))]
    return np.ascontiguousarray(table[:, firsts]), kinds


def _translation(bytes_: NDArray[np.intp], kind_of: Sequence[int]) -> bytes:
    """Give the table that turns bytes into columns; what is not there is a space."""
    kinds: dict[int, int] = dict(zip(bytes_.tolist(), kind_of, strict=True))
    return bytes(kinds.get(byte, kinds[0x20]) for byte in range(256))
