"""Whose text a report is: the news agency that its dateline, signature, byline or address names. Pure.

Only what stands where agencies and editors put it counts: "KABUL (Reuters) -" before a text, "(AFP)" or "- AFP" behind
it, an author who is an agency. "Told Reuters" in a sentence says nothing. Of several agencies none is meant: an outlet
that has put a report together from two has made it its own.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from urllib.parse import urlsplit

import regex

_HEAD, _TAIL = 160, 80  # characters of a text in which a dateline or a signature stands
_LONGEST_BYLINE = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Agencies:
    """The table: which agency a mark, a byline or a domain names."""

    marks: dict[str, str]  # in texts, case counts: AP is an agency, ap is not
    doubtful: frozenset[str]  # of these, those that have other meanings too
    bylines: dict[str, str]  # in lower case
    domains: dict[str, str]


def agency_of(*, text: str, authors: Iterable[str] = (), outlet: str = "", url: str | None = None) -> str:
    """Name the agency whose text a report is; empty where nothing says so.

    `text` is plain, from its beginning. An agency's own reports are its own, unless they are marked as another's.
    """
    own = agency_called(outlet) or agency_at(url)
    found = {*_in_text(text), *_in_bylines(authors)}
    if len(found) > 1:
        found.discard(own)
    return found.pop() if len(found) == 1 else own


@cache
def agency_called(name: str) -> str:
    """Give the agency that an outlet's name means, which may be its domain; empty where it is none."""
    return _table().bylines.get(name.strip().casefold(), "") or _agency_on(name)


def agency_at(url: str | None) -> str:
    """Give the agency on whose site a URL leads; empty where it is none's."""
    try:
        host = (urlsplit(url or "").hostname or "").rstrip(".")
    except ValueError:
        return ""
    return _agency_on(host)


def _agency_on(host: str) -> str:
    labels = host.split(".")
    domains = _table().domains
    return next((found for n in range(len(labels) - 1) if (found := domains.get(".".join(labels[n:])))), "")


def family_of(domains: Iterable[str]) -> str:
    """Give the owner of the outlet with one of these domains, as far as the table knows; empty where it does not."""
    table = _families()
    return next((table[domain] for domain in domains if domain in table), "")


def _in_text(text: str) -> set[str]:
    head, tail = text[:_HEAD].lstrip(), text[-_TAIL:].rstrip()
    dateline, signature = _patterns()
    found = dateline.match(head)
    if found is None and (found := signature.search(tail)) is not None and found["one"] in _table().doubtful:
        return set()
    if found is None:
        return set()
    marks = _table().marks
    return {marks[mark] for mark in (found["one"], *found.captures("more")) if mark in marks}


def _in_bylines(authors: Iterable[str]) -> set[str]:
    parts = (part for author in authors for part in _BETWEEN.split(author[:_LONGEST_BYLINE]))
    named = (_ABOUT.sub("", part).strip(" .()").casefold() for part in parts)
    table = _table().bylines
    return {table[name] for name in named if name in table}


_BETWEEN = regex.compile(r"\s*(?:[|/,;()–—]|\s-\s|\b(?:and|und|dan|et|y|via|with|for|from)\b)\s*", regex.I)
_ABOUT = regex.compile(
    r"^\s*(?:by|oleh|von|por|par|di|source:?|sumber:?|quelle:?)\s+|\s+(?:staff|reporters?|writers?|newsroom|redaksi)\s*$",
    regex.I,
)


@cache
def _patterns() -> tuple[regex.Pattern[str], regex.Pattern[str]]:
    any_mark = "|".join(regex.escape(mark) for mark in sorted(_table().marks, key=len, reverse=True))
    listed = rf"(?P<one>{any_mark})(?:\s*[/,&+-]\s*(?:(?P<more>{any_mark})(?![\w])|[^\s()]{{1,20}}))*"
    # KABUL, Sept 3 (Xinhua) --   Berlin (dpa/lno) -   MOSCOW, September 3. /TASS/.   (ANSA) - ROMA   (서울=연합뉴스)
    word = r"[\p{Lu}\p{Lo}\p{N}][\p{L}\p{M}\p{N}.'’-]*+"
    place = (
        rf"(?:{word}[\s,.]{{0,3}}+/?|(?:de|del|la|le|el|al|di|of)\s|(?<=\d\.?\s)\p{{Ll}}{{3,10}}\.?[\s,]{{1,2}}){{0,7}}"
    )
    behind = r"\s*\.?\s*(?:[-–—:=.]|(?<=[）】\]]))"
    bracketed = rf"[(（\[【]\s*{listed}(?:\s[^()]{{0,20}})?[)）\]】]{behind}|[(\[][^\s()=]{{1,20}}={listed}[)\]]"
    dateline = rf"{place}\s*(?:{bracketed}|/{listed}/\.?|(?P<one>新华社|新華社))"
    bare = rf"(?P<one>{any_mark})\s+[-–—]{{1,2}}\s"
    named = r"(?:\s[-–—]{1,2}\s*|\s/\s?|\b(?:Source|Sumber|Quelle|Fuente|Kaynak):\s*)"
    signed = rf"(?:[(（\[]\s*{listed}\s*[)）\]]|{named}{listed})\s*[.…]?$"
    return regex.compile(rf"(?:{bare}|{dateline})"), regex.compile(signed)


@cache
def _table() -> Agencies:
    marks: dict[str, str] = {}
    doubtful: set[str] = set()
    bylines: dict[str, str] = {}
    domains: dict[str, str] = {}
    for name, written, sites in _rows("agencies.txt"):
        bylines[name.casefold()] = name
        for mark in written.split(", "):
            plain = mark.removesuffix("~")
            marks[plain] = name
            bylines.setdefault(plain.casefold(), name)
            if plain != mark:
                doubtful.add(plain)
        domains |= dict.fromkeys(sites.split(", "), name)
    return Agencies(marks=marks, doubtful=frozenset(doubtful), bylines=bylines, domains=domains)


@cache
def _families() -> dict[str, str]:
    return {domain: name for name, domains in _rows("families.txt") for domain in domains.split(", ")}


def _rows(name: str) -> Iterable[list[str]]:
    lines = (files("aggregator.text") / "data" / name).read_text(encoding="utf-8").splitlines()
    return (line.split(" | ") for line in lines if line and not line.startswith("#"))
