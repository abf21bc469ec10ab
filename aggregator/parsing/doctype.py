"""Take a document's type declaration off it, and read the entities that stand there.

feedparser drops the declaration, and what is left of one on a single line makes it take the document for ill-formed.
expat reads the declaration alone: its handlers are given entities without expanding any, and nothing external is read.
"""

import re
from collections.abc import Mapping
from contextlib import suppress
from xml.parsers import expat

_OPENING = b"<!DOCTYPE"
_HEAD = 65_536  # characters in which the whole declaration must lie
_MOST = 1_000  # entities; HTML has 253
_LONGEST = 1_000  # characters of one
# Neither markup nor a reference to another entity; characters and XML's own five may be referred to (XML 1.0 §4.6).
_PLAIN = re.compile(r"(?:[^<&]|&#\d{1,7};|&#x[0-9a-fA-F]{1,6};|&(?:amp|lt|gt|quot|apos);)*")
# Fits between the quotes of an attribute, ends no CDATA section, and moves no line.
_AS_DATA = str.maketrans({'"': "&quot;", "'": "&apos;", ">": "&gt;", "\n": "&#10;", "\r": "&#13;"})

Entities = Mapping[str, str | None]


class _Ended(Exception):  # never leaves this module
    pass


class _Prologue:
    """What expat says up to the end of the declaration, or to the first element."""

    def __init__(self, head: bytes) -> None:
        self.entities: dict[str, str | None] = {}
        self.span: tuple[int, int] | None = None  # of the declaration, in bytes
        self._head = head
        self._start = 0
        self._parser = parser = expat.ParserCreate("utf-8")
        parser.StartDoctypeDeclHandler = self._begin
        parser.EntityDeclHandler = self._declare
        parser.EndDoctypeDeclHandler = self._end
        parser.StartElementHandler = self._element
        with suppress(_Ended, expat.ExpatError):
            parser.Parse(head, False)

    def _begin(self, *_: object) -> None:
        self._start = self._head.rfind(_OPENING, 0, self._parser.CurrentByteIndex)

    def _declare(self, name: str, parameter: bool, value: str | None, *_: object) -> None:
        if not parameter and name not in self.entities:  # the first one binds (XML 1.0 §4.2)
            self.entities[name] = _plain(value) if len(self.entities) < _MOST else None

    def _end(self) -> None:
        self.span = self._start, self._parser.CurrentByteIndex + len(">")
        raise _Ended

    def _element(self, *_: object) -> None:
        raise _Ended


def without(text: str) -> tuple[str, Entities]:
    """Give the text without its type declaration, as many lines long, and what its entities stand for.

    None is for an entity that is not expanded: external, long, one of too many, of markup or of other entities.
    A declaration that is not well-formed stays.
    """
    if _OPENING.decode() not in text[:_HEAD]:
        return text, {}
    head = text[:_HEAD].encode()
    prologue = _Prologue(head)
    if prologue.span is None:
        return text, {}
    start, end = prologue.span
    blank = b"\n" * head.count(b"\n", start, end)
    return (head[:start] + blank + head[end:]).decode() + text[_HEAD:], prologue.entities


def _plain(value: str | None) -> str | None:
    if value is None or len(value) > _LONGEST or not _PLAIN.fullmatch(value):
        return None
    return value.translate(_AS_DATA)
