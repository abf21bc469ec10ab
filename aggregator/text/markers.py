"""Words that any outlet may put before, behind or below a text without saying anything of the event."""

import re
from functools import lru_cache
from importlib.resources import files

import regex


def _words(name: str) -> list[str]:
    """Read a list of regular expressions, the longest first."""
    lines = (files("aggregator.text") / "data" / name).read_text(encoding="utf-8").splitlines()
    found = {word for line in lines if not line.startswith("#") for word in line.split(", ")}
    return sorted(found, key=lambda word: (-len(word), word))


_ANY = "|".join(_words("markers.txt"))
_BRACKETED = rf"[\[(【〔「［（]\s*(?:{_ANY})(?:\s*[/,&+]\s*(?:{_ANY}))*\s*[\])】〕」］）]"
_BEFORE = regex.compile(
    rf"^\s*(?:{_BRACKETED}\s*[:|–—-]?"
    rf"|(?:{_ANY})(?:\s*(?:[:|：｜]|//|>>|»)|\s+[–—·•-](?=\s)|\s*!\s)|update \d+-|rpt-|brief-)\s*",
    regex.I,
)
_OPENING = regex.compile(rf"^(?:{_ANY}):\s+", regex.I)  # "OPINION: ..."
_SHOUTED = regex.compile(
    r"^\s*(?:LIVE|BREAKING|WATCH|VIDEO|FOTO|UPDATE|JUST IN|EXCLUSIVE|URGENT)\s+(?=\p{Lu}?\p{Ll}|\d)"
)
_BEHIND = regex.compile(rf"\s*(?:{_BRACKETED}|[|–—·•]\s*(?:{_ANY})|\s-\s(?:{_ANY}))\s*$", regex.I)
# What every pattern above needs; tried first, since most titles have none and the alternations are long.
_POSSIBLE = re.compile(r"[:|–—·•>»!：｜\[(【〔「［（]| - |//|^\s*[A-Z]{3}")
_PARTING = re.compile("[|–—·•»｜:/-]")  # what both of these need, and most titles have not
_PARTED = re.compile(r"\s*(?:[|–—·•»｜]|\s-|::|//)\s*")
_OPENED = re.compile(r"\s*(?:[|–—·•»｜:]|\s-|//)\s*")
# Longer ones are no titles; patterns are tried at every place of a text.
_LONGEST_TITLE = 1000
_LONGEST_SUMMARY = 10_000
_PLAIN = regex.compile(r"[^\p{L}\p{M}\p{N}]+")
_DOMAIN = regex.compile(r"\.(?:com|org|net|co\.\p{L}{2}|com\.\p{L}{2}|\p{L}{2,3})$")

# What a feed's software or an editor appends to a summary, up to the end of its line.
_OPENINGS = (
    "The post|Der Beitrag|La entrada|L[’']article|Cet article|O post|L[’']articolo|Artykuł|Het bericht|Запись|Inlägget"
    "|Articolul|Artikel|Postingan"
)
_FIRST = (
    "(?:appeared first|first appeared) on|erschien zuerst auf|(?:se publicó|apareció) primero|est apparu en premier"
    "|apareceu primeiro|proviene da|sembra essere il primo|pochodzi z serwisu|verscheen eerst|впервые появилась"
    "|dök först upp|apare prima dată|pertama kali tampil"
)
_APPENDED = regex.compile(
    rf"(?:(?<=^|\n|[.!?…»”\"\])。！？]\s{{0,3}})(?:{'|'.join(_words('appended.txt'))}).{{0,200}}"
    rf"|\b(?:{_OPENINGS})\b.{{1,400}}?\b(?:{_FIRST})\b.{{0,120}})"
)
_MORE = regex.compile(r"(?:\[(?:…|\.\.\.|&#8230;|&hellip;)\]|\(…\)|…|\.\.\.)\s*$")
_AGENCY = regex.compile(
    r"^(.{0,60}?)\((?:Reuters|AP|AFP|ANTARA|Xinhua|dpa|DPA|UPI|ANI|PTI|IANS|Bloomberg|EFE|ANSA|TASS|KUNA|WAM|SPA|Bernama|Yonhap|Kyodo|AA)"
    r"(?:\s?/[^)]{0,20})?\)\s*[-–—:]+\s*",
    regex.I,
)


def strip_markers(title: str) -> str:
    """Take "LIVE:", "Opinion |", "[VIDEO]" and the like off both ends of a title; all of it is never taken."""
    if len(title) > _LONGEST_TITLE or not _POSSIBLE.search(title):
        return title
    for _ in range(3):
        rest = _BEHIND.sub("", _SHOUTED.sub("", _BEFORE.sub("", title)))
        if rest == title or not _PLAIN.sub("", rest):
            break
        title = rest
    return title


@lru_cache(maxsize=4096)
def _bare(name: str) -> str:
    return str(
        _DOMAIN.sub("", _PLAIN.sub(" ", name.casefold()) if "." not in name else name.casefold().strip())
    ).strip()


def strip_outlet(title: str, outlet: str) -> str:
    """Take the outlet's own name off the end ("... - BBC News") or beginning ("Reuters: ...") of a title."""
    name = _bare(outlet)
    if len(name) < 2 or len(title) > _LONGEST_TITLE or not _PARTING.search(title):
        return title
    end = list(_PARTED.finditer(title))
    if end and _same(title[end[-1].end() :], name) and end[-1].start() > 0:
        title = title[: end[-1].start()]
    start = _OPENED.search(title)
    if start and start.start() > 0 and _same(title[: start.start()], name) and start.end() < len(title):
        title = title[start.end() :]
    return title


def _same(segment: str, name: str) -> bool:
    segment = _bare(segment)
    return segment == name or segment.replace(" ", "") == name.replace(" ", "") or segment == f"the {name}"


_POINTER = regex.compile(r"(?m)^[^\n]{0,300}?(?:https?://|www\.)[^\n]*$")


def _without_pointers(summary: str) -> str:
    """Leave out lines that hold an address ("Subscribe: https://..."): they point elsewhere and report nothing."""
    bare = str(_POINTER.sub("", summary)).strip() if "://" in summary or "www." in summary else summary
    return bare or summary


def strip_appended(summary: str) -> str:
    """Take "The post ... appeared first on ...", "Baca juga: ..." and an agency's brackets out of a summary."""
    if not summary:
        return ""
    summary = _without_pointers(summary)
    head, tail = summary[:_LONGEST_SUMMARY], summary[_LONGEST_SUMMARY:]
    bare = str(_AGENCY.sub(r"\1", _APPENDED.sub(" ", head)) + tail).strip()
    bare = _OPENING.sub("", bare) or bare
    return bare[: ended.start()].rstrip() if (ended := _MORE.search(bare, max(0, len(bare) - 20))) else bare
