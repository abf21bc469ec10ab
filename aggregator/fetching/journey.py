"""One fetch under way: where it has been, and where it may go next."""

import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import httpx

from aggregator.fetching.answers import Known, brief
from aggregator.fetching.failures import Way
from aggregator.fetching.guard import AllowList, url_refusal
from aggregator.fetching.headers import value
from aggregator.fetching.request import FetchRequest
from aggregator.fetching.shown import blanked, held_in, holds, parted, same_origin, shown
from aggregator.model import FailureKind, FetchFailed, Hop

_LONGEST = 4096  # characters of a URL that is followed; it is stored, shown and sent again
_NO_URL = "it redirects to what is not a URL"


class CannotGo(Exception):  # a value of this package's own, caught by the client
    """The next URL is not one to ask; says why."""

    def __init__(self, kind: FailureKind, reason: str) -> None:
        super().__init__(reason)
        self.kind = kind


@dataclass(frozen=True, slots=True)
class Answer:
    """The head of a response, and as much of its body as was wanted."""

    status: int
    headers: tuple[tuple[str, str], ...]  # names in lower case, values of Latin-1
    body: bytes = b""  # as sent: not yet decoded


@dataclass(slots=True)
class Journey:
    """The chain of hops of one fetch."""

    request: FetchRequest
    first: str  # asked to begin with, without credentials
    authorization: str | None = field(repr=False)
    now: datetime
    left: float  # seconds on the network
    secrets: tuple[str, ...] = field(default=(), repr=False)  # that were sent, and may come back
    spent: float = 0.0
    hops: list[Hop] = field(default_factory=list)
    reading: bool = False  # the head of an answer has come
    started: float = field(default_factory=time.monotonic)

    @property
    def elapsed(self) -> timedelta:
        """Give the time spent on the network."""
        return timedelta(seconds=self.spent)

    @property
    def waited(self) -> timedelta:
        """Give the time spent in queues."""
        return timedelta(seconds=max(time.monotonic() - self.started - self.spent, 0.0))

    @property
    def moment(self) -> datetime:
        """Give the present, by the clock of the request: a server's pause begins when it answers."""
        return self.now + timedelta(seconds=time.monotonic() - self.started)

    @property
    def way(self) -> Way:
        """Give whom the last request went to."""
        url = self.hops[-1].target if self.hops else self.first
        return Way(url=url, proxy=self.request.proxy, ca_file=self.request.ca_file)

    def known_at(self, url: str) -> Known:
        """Say what the server of a URL was told of who asks."""
        if self.authorization is None:
            return Known.NOBODY
        return Known.SENT if same_origin(self.first, url) else Known.WITHHELD

    def failed(
        self, kind: FailureKind, reason: str, *, status: int | None = None, wait: timedelta | None = None
    ) -> FetchFailed:
        """Give the journey's end as a failure."""
        return FetchFailed(
            url=self.first,
            kind=kind,
            reason=brief(blanked(reason, self.secrets)),
            status=status,
            retry_after=wait,
            hops=tuple(self.hops),
            elapsed=self.elapsed,
            waited=self.waited,
        )


def begin(request: FetchRequest, allow: AllowList, seconds: float) -> Journey:
    """Set out for the request's URL.

    Raises:
        CannotGo: it is not http or https, or names an address that the guard refuses.
    """
    bare, authorization = parted(_web(request.url.strip()))
    authorization = request.authorization or authorization
    journey = Journey(
        request=request,
        first=shown(bare),
        authorization=authorization,
        secrets=_secrets(request, bare, authorization),
        now=request.now or datetime.now(UTC),
        left=seconds,
    )
    journey.first = _url(httpx.URL(bare), allow, FailureKind.REFUSED)
    return journey


def _secrets(request: FetchRequest, url: str, authorization: str | None) -> tuple[str, ...]:
    """Give what is sent in confidence; what stands in the feed's own URL goes wherever that goes."""
    of_proxy = parted(request.proxy)[1] if request.proxy is not None else None
    sent = (*request.secrets, *(one for text in (authorization, of_proxy) if text for one in held_in(text)))
    return tuple(secret for secret in sent if not holds(url, (secret,)))


def _web(url: str) -> str:
    """Read the pseudo-scheme feed: as http."""
    if url[:5].lower() != "feed:":
        return url
    rest = url[5:]
    return rest if rest.lower().startswith(("http:", "https:")) else "http://" + rest.lstrip("/")


def _url(url: httpx.URL, allow: AllowList, kind: FailureKind) -> str:
    text = str(url.copy_with(fragment=None))
    if why := url_refusal(text, allow):
        raise CannotGo(kind, why)
    return text


def onward(journey: Journey, url: str, answer: Answer, allow: AllowList, most_hops: int) -> str:
    """Follow one redirect, by the rules: so many, no loop, no refused target, no secret over a plain line.

    User name and password in a Location are dropped: they are the server's, not the user's.

    Raises:
        CannotGo: one of them is broken.
    """
    location = value(answer.headers, "location")
    if not location:
        raise CannotGo(FailureKind.REDIRECT, f"{answer.status} without a Location")
    joined = _joined(url, location)
    if len(str(joined)) > _LONGEST:
        raise CannotGo(FailureKind.REDIRECT, f"it redirects to a URL of over {_LONGEST:,} characters")
    if holds(str(joined), journey.secrets):  # what is shown and stored of a redirect is its target
        raise CannotGo(FailureKind.REDIRECT, "it redirects to a URL that repeats the feed's secret; ask the publisher")
    try:
        target = _url(httpx.URL(parted(str(joined))[0]), allow, FailureKind.REDIRECT)
    except (httpx.InvalidURL, ValueError) as error:
        raise CannotGo(FailureKind.REDIRECT, _NO_URL) from error
    except CannotGo as refused:
        raise CannotGo(refused.kind, f"it redirects to {shown(str(joined))}: {refused}") from refused
    if target == url or target in (journey.first, *(hop.target for hop in journey.hops)):
        raise CannotGo(FailureKind.REDIRECT, f"it redirects in a loop, to {shown(target)}")
    if len(journey.hops) >= most_hops:
        raise CannotGo(FailureKind.REDIRECT, f"over {most_hops} redirects, the last to {shown(target)}")
    secret = journey.authorization is not None or journey.request.headers
    if secret and url.startswith("https:") and target.startswith("http:"):
        raise CannotGo(FailureKind.REDIRECT, f"it redirects a feed with credentials to plain http: {shown(target)}")
    journey.hops.append(Hop(status=answer.status, target=target))
    return target


def _joined(url: str, location: str) -> httpx.URL:
    try:
        return httpx.URL(url).join(_text(location))
    except (httpx.InvalidURL, ValueError) as error:
        raise CannotGo(FailureKind.REDIRECT, _NO_URL) from error


def _text(location: str) -> str:
    """Read a Location with other than ASCII as UTF-8, which is what servers send (RFC 9110 §10.2.2 has none)."""
    try:
        return location.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return location
