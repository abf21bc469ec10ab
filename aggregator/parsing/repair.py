"""Mend the slip that most ill-formed feeds consist of, so that the strict parser reads them: it is faster and right.

feedparser's fallback makes "AT&T;" of "AT&T", and needs three times as long.
"""

import re
from dataclasses import dataclass
from html.entities import name2codepoint

from aggregator.parsing.doctype import Entities

# An ampersand that begins none of the references XML knows without a DTD (XML 1.0 §4.6).
_STRAY = re.compile(r"&(?!#\d{1,7};|#x[0-9a-fA-F]{1,6};|(?:amp|lt|gt|quot|apos);)(?:([^\W\d][\w.:-]{0,60});)?")
_OPAQUE = (("<![CDATA[", "]]>"), ("<!--", "-->"))
_GROWTH = 1_048_576  # characters that a document's own entities may come to


@dataclass(frozen=True, slots=True, kw_only=True)
class Mended:
    """A text in which every reference is one that XML knows."""

    text: str
    slips: int = 0  # ampersands escaped, and HTML's names spelled out
    kept: int = 0  # references to entities of the document's own that are not expanded, and read as they are written


def references(text: str, own: Entities) -> Mended:
    """Escape stray ampersands, spell out HTML's names and the document's own entities outside CDATA and comments."""
    if _STRAY.search(text) is None:
        return Mended(text=text)
    slips = kept = grown = 0

    def mend(match: re.Match[str]) -> str:
        nonlocal slips, kept, grown
        name = match[1]
        if name in own:
            value = own[name]
            if value is not None and grown + len(value) <= _GROWTH:
                grown += len(value)
                return value
            kept += 1
            return f"&amp;{name};"
        slips += 1
        if name is None:
            return "&amp;"
        return f"&#{name2codepoint[name]};" if name in name2codepoint else f"&amp;{name};"

    pieces: list[str] = []
    position = 0
    while position < len(text):
        start, end = _opaque(text, position)
        pieces += (_STRAY.sub(mend, text[position:start]), text[start:end])
        position = end
    return Mended(text="".join(pieces), slips=slips, kept=kept)


def _opaque(text: str, position: int) -> tuple[int, int]:
    """Give where the next CDATA section or comment begins and ends; one that never ends takes the rest."""
    starts = [(text.find(opening, position), closing) for opening, closing in _OPAQUE]
    start, closing = min(((at, closing) for at, closing in starts if at >= 0), default=(len(text), ""))
    end = text.find(closing, start) if closing else len(text)
    return start, end + len(closing) if end >= 0 else len(text)
