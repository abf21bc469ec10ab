"""Searches: `taliban OR panjshir`, `"new government"`, `kabul -airport`, `afghan*`, `(kabul OR herat) bom`.

Words are cut and folded as the texts are, so that Chinese, Thai, Arabic and Indonesian are found; several words are all
wanted. One value serves both SQLite's index (`fts`) and the filters of feeds and alerts (`matches`).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import regex

from aggregator.errors import InputError
from aggregator.text.stems import fold
from aggregator.text.words import clean, pairs, split

LONGEST = 400  # characters of a query
_PIECE = regex.compile(r'\s*(?:(?P<mark>[()])|(?P<minus>-)?(?:"(?P<phrase>[^"]*)"|(?P<word>[^\s()"]+)))')


@dataclass(frozen=True, slots=True)
class Words:
    """Words that stand next to one another; the last may go on where `prefix` is set."""

    words: tuple[str, ...]
    prefix: bool = False

    def fts(self) -> str:
        """Give it as an FTS5 expression."""
        return '"' + " ".join(self.words) + '"' + ("*" if self.prefix else "")

    def matches(self, text: Sequence[str]) -> bool:
        """Say whether a text, cut by `search_words`, holds them."""
        *whole, last = self.words
        for start in range(len(text) - len(whole)):
            end = text[start + len(whole)]
            ends = end.startswith(last) if self.prefix else end == last
            if ends and list(text[start : start + len(whole)]) == whole:
                return True
        return False


@dataclass(frozen=True, slots=True)
class Both:
    """All of the wanted and none of the unwanted."""

    wanted: "tuple[Query, ...]"
    unwanted: "tuple[Query, ...]" = ()

    def fts(self) -> str:
        """Give it as an FTS5 expression."""
        expression = " AND ".join(part.fts() for part in self.wanted)
        return "(" + "".join([f"({expression})", *(f" NOT {part.fts()}" for part in self.unwanted)]) + ")"

    def matches(self, text: Sequence[str]) -> bool:
        """Say whether a text, cut by `search_words`, satisfies it."""
        return all(part.matches(text) for part in self.wanted) and not any(part.matches(text) for part in self.unwanted)


@dataclass(frozen=True, slots=True)
class Either:
    """Any of several."""

    parts: "tuple[Query, ...]"

    def fts(self) -> str:
        """Give it as an FTS5 expression."""
        return "(" + " OR ".join(part.fts() for part in self.parts) + ")"

    def matches(self, text: Sequence[str]) -> bool:
        """Say whether a text, cut by `search_words`, satisfies one of them."""
        return any(part.matches(text) for part in self.parts)


Query = Words | Both | Either


def search_words(text: str, limit: int = 20_000) -> list[str]:
    """Cut the first `limit` characters of a text into words as searches know them: lower case, without accents."""
    words: list[str] = []
    for word in split(clean(text, limit)):
        run = pairs(word)
        words += run if run is not None else fold(word.lower()).removesuffix("'s").split("'")
    return [word for word in words if word]


def parse(text: str) -> Query:
    """Read a search.

    Raises:
        InputError: it is empty, too long, not closed, or says only what is not wanted.
    """
    if len(text) > LONGEST:
        raise InputError(f"the search is {len(text)} characters long; {LONGEST} are allowed")
    if text.count('"') % 2:
        raise InputError(f"the search {text!r} has a quotation mark that is not closed")
    reader = _Reader(text, _pieces(text))
    query = reader.either()
    if reader.pieces:
        raise InputError(f"the search {text!r} has a closing bracket too many")
    return query


def _pieces(text: str) -> list[tuple[str, str]]:
    """Cut a search into (kind, value): mark, not, or, words, prefix."""
    pieces: list[tuple[str, str]] = []
    for found in _PIECE.finditer(text):
        mark, minus, phrase, word = found.group("mark", "minus", "phrase", "word")
        if mark:
            pieces.append(("mark", mark))
            continue
        if minus or word == "NOT":
            pieces.append(("not", ""))
        if word in ("OR", "|"):
            pieces.append(("or", ""))
        elif phrase is not None or (word and word not in ("AND", "NOT")):
            value = phrase if phrase is not None else word
            pieces.append(("prefix" if phrase is None and value.endswith("*") else "words", value))
    return pieces


class _Reader:
    """Reads pieces from the left (recursive descent)."""

    def __init__(self, text: str, pieces: list[tuple[str, str]]) -> None:
        self.text = text
        self.pieces = pieces[::-1]

    def either(self) -> Query:
        parts = [self.both()]
        while self.pieces and self.pieces[-1][0] == "or":
            self.pieces.pop()
            parts.append(self.both())
        return parts[0] if len(parts) == 1 else Either(tuple(parts))

    def both(self) -> Query:
        wanted: list[Query] = []
        unwanted: list[Query] = []
        while self.pieces and self.pieces[-1][0] != "or" and self.pieces[-1] != ("mark", ")"):
            kind, value = self.pieces.pop()
            if kind == "not":
                if not self.pieces:
                    break
                kind, value = self.pieces.pop()
                unwanted += self.one(kind, value)
            else:
                wanted += self.one(kind, value)
        if not wanted:
            hint = "say what it should hold beside what it should not" if unwanted else "type a word"
            raise InputError(f"the search {self.text!r} holds nothing to look for; {hint}")
        return wanted[0] if len(wanted) == 1 and not unwanted else Both(tuple(wanted), tuple(unwanted))

    def one(self, kind: str, value: str) -> list[Query]:
        if kind == "mark":
            inner = self.either()
            if not self.pieces or self.pieces.pop() != ("mark", ")"):
                raise InputError(f"the search {self.text!r} has a bracket that is not closed")
            return [inner]
        words = search_words(value)
        return [Words(tuple(words), prefix=kind == "prefix")] if words else []
