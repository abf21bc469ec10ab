"""What the headers of an answer say about when and how to ask again. Pure.

Names are lower case; values are text of Latin-1, so that they go back byte for byte.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from urllib.request import parse_http_list

from aggregator.model import Freshness, Validators

Headers = Sequence[tuple[str, str]]

_LONGEST_VALIDATOR = 4096  # characters; a longer one sent back would be refused with 431 for ever
_LONGEST_AGE = 10 * 365 * 86_400  # seconds; RFC 9111 §1.2.2 lets a cache clamp, and this cannot overflow a date
_LONGEST_DIRECTIVES = 2000  # characters


def value(headers: Headers, name: str) -> str | None:
    """Give the first field of that name."""
    return next((text for field, text in headers if field == name), None)


def validators(headers: Headers, url: str, known: Validators | None = None) -> Validators | None:
    """Keep what the answer gave to ask again with, untouched; `known` fills in what a 304 left out.

    RFC 9110 §8.8, RFC 9111 §4.3.4. None: nothing to ask with.
    """
    etag = _usable(value(headers, "etag"))
    last_modified = _usable(value(headers, "last-modified"))
    if known is not None and known.url == url:
        etag, last_modified = etag or known.etag, last_modified or known.last_modified
    if etag is None and last_modified is None:
        return None
    return Validators(url=url, etag=etag, last_modified=last_modified)


def _usable(text: str | None) -> str | None:
    return text if text and len(text) <= _LONGEST_VALIDATOR else None


def date(text: str | None) -> datetime | None:
    """Read an HTTP-date (RFC 9110 §5.6.7), or what servers take for one; None: there is none."""
    if text is None or len(text) > 100:
        return None
    try:
        when = parsedate_to_datetime(text)
        return when.replace(tzinfo=UTC) if when.tzinfo is None else when.astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def freshness(headers: Headers) -> Freshness:
    """Say how long the answer stays fresh for a client of its own: max-age minus Age, else Expires minus Date.

    RFC 9111 §4.2.1. s-maxage is for shared caches; no-cache and no-store mean that nothing was promised.
    """
    directives = _directives(headers)
    if "no-cache" in directives or "no-store" in directives:
        return Freshness()
    if "max-age" in directives:
        seconds = _seconds(directives["max-age"])
        if seconds is None:
            return Freshness()
        return Freshness(lifetime=max(seconds - (_seconds(value(headers, "age")) or timedelta()), timedelta()))
    expires, sent = date(value(headers, "expires")), date(value(headers, "date"))
    if expires is None or sent is None:
        return Freshness()
    return Freshness(lifetime=min(max(expires - sent, timedelta()), timedelta(seconds=_LONGEST_AGE)))


def _directives(headers: Headers) -> dict[str, str]:
    """Read Cache-Control; of a directive given twice the first counts (RFC 9111 §4.2.1)."""
    said = ",".join(text for field, text in headers if field == "cache-control")
    found: dict[str, str] = {}
    for directive in parse_http_list(said[:_LONGEST_DIRECTIVES]):
        name, _, argument = directive.partition("=")
        found.setdefault(name.strip().lower(), argument.strip().strip('"'))
    return found


def _seconds(text: str | None) -> timedelta | None:
    """Read delta-seconds (RFC 9111 §1.2.2): digits of ASCII alone."""
    text = (text or "").strip()
    if not (text.isascii() and text.isdigit()):
        return None
    return timedelta(seconds=min(int(text[:12]), _LONGEST_AGE))


def retry_after(headers: Headers, now: datetime) -> timedelta | None:
    """Say how long the server asks to be left alone, from now (RFC 9110 §10.2.3).

    A date counts from the server's own Date: its clock may be wrong. None: it did not say.
    """
    text = value(headers, "retry-after")
    if text is None:
        return None
    seconds = _seconds(text)
    if seconds is not None:
        return seconds
    until = date(text)
    if until is None:
        return None
    return min(max(until - (date(value(headers, "date")) or now), timedelta()), timedelta(seconds=_LONGEST_AGE))
