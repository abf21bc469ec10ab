"""RSS 0.9x, 1.0 (RDF), 2.0, Atom 0.3 and 1.0 by feedparser, the parser of record; nothing else imports it."""

import io
import re
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import feedparser

from aggregator.model import ParsedEntry, ParsedFeed
from aggregator.parsing import entries, html, limits, urls
from aggregator.parsing.entries import Raw, mappings, text
from aggregator.parsing.languages import language

_FORMATS = {
    "rss090": "rss 0.90", "rss091n": "rss 0.91", "rss091u": "rss 0.91", "rss092": "rss 0.92", "rss093": "rss 0.93",
    "rss094": "rss 0.94", "rss10": "rss 1.0", "rss20": "rss 2.0", "rss": "rss", "atom01": "atom 0.1",
    "atom02": "atom 0.2", "atom03": "atom 0.3", "atom10": "atom 1.0", "atom": "atom", "cdf": "cdf",
}  # fmt: skip
_PERIODS = {"hourly": 1, "daily": 24, "weekly": 168, "monthly": 720, "yearly": 8760}  # hours
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_SKIP_HOURS = re.compile(r"<skipHours>(.{0,4000}?)</skipHours>", re.IGNORECASE | re.DOTALL)
_SKIP_DAYS = re.compile(r"<skipDays>(.{0,4000}?)</skipDays>", re.IGNORECASE | re.DOTALL)
_HOUR = re.compile(r"<hour>\s*(\d{1,2})\s*</hour>", re.IGNORECASE)
_DAY = re.compile(r"<day>\s*([a-z]+)\s*</day>", re.IGNORECASE)
ILL_FORMED = "not well-formed XML"  # how that problem begins
_DECLARATION = '<?xml version="1.0"?>'  # feedparser puts one on a line of its own where there is none
_HEAD = 65_536  # characters in which the channel's own elements are looked for


def read(document: str, *, url: str, last_is_whole: bool = True) -> ParsedFeed:
    """Parse a decoded document without its XML declaration; leave out the last entry where it is not whole.

    Raises: whatever feedparser raises on what it cannot read.
    """
    headers = {"content-type": "application/xml; charset=utf-8"}
    if "base=" in document:  # xml:base starts from where the document is; without it we resolve links ourselves,
        headers["content-location"] = url  # a sixth faster, and a guid does not change when its feed moves
    parsed = feedparser.parse(
        io.BytesIO(f"{_DECLARATION}{document}".encode()),
        response_headers=headers,
        resolve_relative_uris=False,  # nh3 resolves them; feedparser's way is quadratic
        sanitize_html=False,  # nh3 again: feedparser lets scripts through
    )
    feed: Raw = parsed["feed"]
    raw_entries: list[Raw] = parsed["entries"] if last_is_whole else parsed["entries"][:-1]
    version = str(parsed.get("version") or "")
    kept = limits.newest(raw_entries, entries.claimed)
    read_entries, problems = _entries(kept, url=url, atom=version.startswith("atom"))
    if parsed.get("bozo"):
        problems = (_complaint(parsed.get("bozo_exception")), *problems)
    return ParsedFeed(
        format=_FORMATS.get(version, ""),
        title=html.title(text(feed, "title"), entries.NAME_LIMIT),
        entries=read_entries,
        site_url=_site(feed, url),
        language=language(text(feed, "language")),
        self_url=_related(feed, "self", url),
        hub_url=_related(feed, "hub", url),
        ttl=_ttl(feed),
        skip_hours=_skip_hours(document),
        skip_days=_skip_days(document),
        problems=problems,
        dropped=len(raw_entries) - len(kept),
    )


def _entries(raw: Sequence[Raw], *, url: str, atom: bool) -> tuple[tuple[ParsedEntry, ...], tuple[str, ...]]:
    """Read every entry; one that cannot be read is a problem of its document and costs nothing else."""
    good: list[ParsedEntry] = []
    problems: list[str] = []
    unread = [date for each in raw if (date := entries.unread_date(each))]
    if unread:
        problems.append(f"{len(unread)} dates cannot be read, such as {unread[0]!r}")
    for number, each in enumerate(raw, 1):
        try:
            good.append(entries.read(each, feed_url=url, atom=atom))
        except (ValueError, TypeError, KeyError, AttributeError, IndexError, OverflowError) as error:
            problems.append(f"entry {number} cannot be read ({type(error).__name__})")
    return tuple(good), tuple(problems[:10])


def _complaint(error: Any) -> str:
    """Say what feedparser found wrong, with the line where the XML parser knows it."""
    message = getattr(error, "getMessage", lambda: str(error))()
    line = getattr(error, "getLineNumber", lambda: None)()
    return html.title(f"{ILL_FORMED}: {message}" + (f" (line {line})" if line else ""), 300)


def _site(feed: Raw, base: str) -> str | None:
    pages = (text(each, "href") for each in mappings(feed, "links") if text(each, "rel") == "alternate")
    return next((found for page in (text(feed, "link"), *pages) if (found := urls.link(page, base))), None)


def _related(feed: Raw, relation: str, base: str) -> str | None:
    found = (text(each, "href") for each in mappings(feed, "links") if text(each, "rel") == relation)
    return next((url for each in found if (url := urls.absolute(each, base))), None)


def _ttl(feed: Raw) -> timedelta | None:
    """Give the longer of ttl (minutes) and sy:updatePeriod / sy:updateFrequency, at most a week."""
    hints = []
    if (minutes := _number(text(feed, "ttl"))) is not None:
        hints.append(timedelta(minutes=minutes))
    if period := _PERIODS.get(text(feed, "sy_updateperiod").strip().lower()):
        hints.append(timedelta(hours=period) / max(1, _number(text(feed, "sy_updatefrequency")) or 1))
    longest = max(hints, default=timedelta())
    return min(longest, timedelta(days=7)) if longest > timedelta() else None


def _number(value: str) -> int | None:
    value = value.strip()
    return int(value) if value.isascii() and value.isdigit() and len(value) <= 6 else None


def _skip_hours(document: str) -> frozenset[int]:
    """Read skipHours off the text: feedparser keeps the last hour only. Some publishers write 24 for 0."""
    block = _SKIP_HOURS.search(document, 0, _HEAD)
    hours = {int(hour) % 24 for hour in _HOUR.findall(block[1]) if int(hour) <= 24} if block else set()
    return frozenset(hours) if len(hours) < 24 else frozenset()


def _skip_days(document: str) -> frozenset[int]:
    block = _SKIP_DAYS.search(document, 0, _HEAD)
    days = {_DAYS.index(day.lower()) for day in _DAY.findall(block[1]) if day.lower() in _DAYS} if block else set()
    return frozenset(days) if len(days) < 7 else frozenset()
