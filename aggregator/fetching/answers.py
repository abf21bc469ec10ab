"""What an answer means for a feed: statuses and challenge pages put into words. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from http import HTTPStatus

from aggregator.fetching.headers import Headers, retry_after, value
from aggregator.model import FailureKind

REDIRECTS = frozenset({301, 302, 303, 307, 308})
LONGEST_RETRY = timedelta(hours=24)
_YEAR = timedelta(days=365)  # longer ones are not told in days: they were clamped, or never meant
_BEGINNING, _END = 220, 80  # characters of a reason that is too long to be kept and shown

_CHALLENGES = (b"challenge-platform", b"<title>Just a moment...</title>", b"cf-browser-verification")
OTHERS_TRY = "the feed's headers or user_agent, if the publisher gave you a way in, or proxy"
_TURNED_AWAY = {
    HTTPStatus.PAYMENT_REQUIRED: "it is for subscribers; set the feed's auth, if you are one",
    HTTPStatus.FORBIDDEN: f"the server turns us away; try {OTHERS_TRY}",
    HTTPStatus.NOT_ACCEPTABLE: "the server does not like how we ask; try the feed's headers (Accept) or user_agent",
    HTTPStatus.PROXY_AUTHENTICATION_REQUIRED: "a proxy asks for a name and password; write them into the feed's proxy",
    HTTPStatus.UNAVAILABLE_FOR_LEGAL_REASONS: "the law where we ask from forbids it; try the feed's proxy, elsewhere",
}


class Known(Enum):
    """What a server was told of who asks."""

    NOBODY = "nothing"
    SENT = "name and password, or token"
    WITHHELD = "nothing, for it is not the origin that the feed's are for"


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """Why an answer is no document."""

    kind: FailureKind
    reason: str
    retry_after: timedelta | None = None


def judge(status: int, headers: Headers, start: bytes, now: datetime, known: Known = Known.NOBODY) -> Refusal:
    """Say what an answer that is neither 200, a 304 to validators, nor a redirect means.

    `start` is the beginning of its body, decoded; `known` what was said of who asks.
    """
    named = _named(status)
    asked = retry_after(headers, now)
    if _challenge(status, headers, start):
        return Refusal(
            kind=FailureKind.BLOCKED,
            reason=f"{named}: the server wants a browser to solve a challenge; try {OTHERS_TRY}",
        )
    if status == HTTPStatus.TOO_MANY_REQUESTS or (status == HTTPStatus.SERVICE_UNAVAILABLE and asked is not None):
        wait = min(asked, LONGEST_RETRY) if asked is not None else None
        return Refusal(kind=FailureKind.THROTTLED, reason=f"{named}{_pause(asked)}", retry_after=wait)
    if status == HTTPStatus.UNAUTHORIZED:
        return Refusal(kind=FailureKind.BLOCKED, reason=f"{named}: {_password(headers, known)}")
    if status in _TURNED_AWAY:
        return Refusal(kind=FailureKind.BLOCKED, reason=f"{named}: {_TURNED_AWAY[HTTPStatus(status)]}")
    if status == HTTPStatus.GONE:
        return Refusal(kind=FailureKind.GONE, reason=f"{named}: the publisher says the feed is gone for good")
    said = ", though nothing was there to compare with" if status == HTTPStatus.NOT_MODIFIED else ""
    return Refusal(kind=FailureKind.STATUS, reason=f"{named}{said}", retry_after=asked)


def _password(headers: Headers, known: Known) -> str:
    """Say what to do about a 401, by who asked and by the scheme that the server wants (RFC 9110 §11.6.1)."""
    match known:
        case Known.SENT:
            return (
                "the server does not accept the name and password, or token, that it was sent; look at the feed's auth"
            )
        case Known.WITHHELD:
            return (
                "it asks for a password, and the feed's goes to the feed's own scheme, host and port alone;"
                " write the URL that it redirects to into the configuration"
            )
    schemes = {text.split(" ")[0].strip(",").lower() for name, text in headers if name == "www-authenticate"}
    if schemes and schemes <= {"bearer"}:
        return "it asks for a token; set the feed's auth (token_env or token_file)"
    if schemes and schemes.isdisjoint({"basic", "bearer"}):
        return f"it asks for a password by a scheme that we do not speak ({', '.join(sorted(schemes))[:60]})"
    return "it asks for a password; set the feed's auth"


def brief(reason: str) -> str:
    """Cut the middle out of a long reason: a server may put a long URL into it, and its end says what to do."""
    if len(reason) <= _BEGINNING + _END:
        return reason
    return f"{reason[:_BEGINNING]} ... {reason[-_END:]}"


def _named(status: int) -> str:
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return f"status {status}"


def _pause(asked: timedelta | None) -> str:
    """Say how long a server asked to be left alone, where it said."""
    if not asked:
        return ""
    if asked > LONGEST_RETRY:
        told = "over a year" if asked >= _YEAR else "over a day" if asked.days == 1 else f"{asked.days} days"
        return f"; it asked for a pause of {told}; we wait a day"
    seconds = round(asked.total_seconds())
    told = f"{seconds} s" if seconds < 120 else f"{round(seconds / 60)} min"
    return f"; it asked for a pause of {told if seconds < 7_200 else f'{seconds / 3600:.2g} h'}"


def _challenge(status: int, headers: Headers, start: bytes) -> bool:
    """Tell a Cloudflare challenge: by its header, or by its page where that is missing."""
    if (value(headers, "cf-mitigated") or "").strip().lower() == "challenge":
        return True
    cloudflare = "cloudflare" in (value(headers, "server") or "").lower()
    return cloudflare and status in (403, 429, 503) and any(mark in start for mark in _CHALLENGES)
