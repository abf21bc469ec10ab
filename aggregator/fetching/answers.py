"""What an answer means for a feed: statuses and challenge pages put into words. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus

from aggregator.fetching.headers import Headers, retry_after, value
from aggregator.model import FailureKind

REDIRECTS = frozenset({301, 302, 303, 307, 308})
LONGEST_RETRY = timedelta(hours=24)

_CHALLENGES = (b"challenge-platform", b"<title>Just a moment...</title>", b"cf-browser-verification")
_OTHERS_TRY = "the feed's headers or user_agent, if the publisher gave you a way in, or proxy"


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """Why an answer is no document."""

    kind: FailureKind
    reason: str
    retry_after: timedelta | None = None


def judge(status: int, headers: Headers, start: bytes, now: datetime) -> Refusal:
    """Say what an answer that is neither 200, 304 nor a redirect means. `start` is the beginning of its body."""
    named = _named(status)
    asked = retry_after(headers, now)
    if _challenge(status, headers, start):
        return Refusal(
            kind=FailureKind.BLOCKED,
            reason=f"{named}: the server wants a browser to solve a challenge; try {_OTHERS_TRY}",
        )
    if status == HTTPStatus.TOO_MANY_REQUESTS or (status == HTTPStatus.SERVICE_UNAVAILABLE and asked is not None):
        wait = min(asked, LONGEST_RETRY) if asked is not None else None
        said = f"; it asked for a pause of {_minutes(wait)}" if wait is not None else ""
        return Refusal(kind=FailureKind.THROTTLED, reason=f"{named}{said}", retry_after=wait)
    if status == HTTPStatus.UNAUTHORIZED:
        return Refusal(kind=FailureKind.BLOCKED, reason=f"{named}: it asks for a password; set the feed's auth")
    if status == HTTPStatus.FORBIDDEN:
        return Refusal(kind=FailureKind.BLOCKED, reason=f"{named}: the server turns us away; try {_OTHERS_TRY}")
    if status == HTTPStatus.GONE:
        return Refusal(kind=FailureKind.GONE, reason=f"{named}: the publisher says the feed is gone for good")
    return Refusal(kind=FailureKind.STATUS, reason=named, retry_after=asked)


def _named(status: int) -> str:
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return f"status {status}"


def _minutes(wait: timedelta) -> str:
    seconds = round(wait.total_seconds())
    return f"{seconds} s" if seconds < 120 else f"{round(seconds / 60)} min"


def _challenge(status: int, headers: Headers, start: bytes) -> bool:
    """Tell a Cloudflare challenge: by its header, or by its page where that is missing."""
    if (value(headers, "cf-mitigated") or "").strip().lower() == "challenge":
        return True
    cloudflare = "cloudflare" in (value(headers, "server") or "").lower()
    return cloudflare and status in (403, 429, 503) and any(mark in start for mark in _CHALLENGES)
