"""What is asked of a server, and within which limits."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from aggregator import HOMEPAGE, __version__
from aggregator.fetching.decoding import ACCEPTED
from aggregator.fetching.politeness import Priority
from aggregator.fetching.shown import same_origin, shown
from aggregator.model import Validators

USER_AGENT = f"aggregator/{__version__} (+{HOMEPAGE})"
ACCEPT = (
    "application/atom+xml, application/rss+xml, application/feed+json, application/rdf+xml;q=0.9, "
    "application/xml;q=0.8, text/xml;q=0.8, application/json;q=0.7, text/html;q=0.5, */*;q=0.1"
)
PAUSE = timedelta(minutes=15)  # of a host that throttled without saying for how long


def user_agent(contact: str | None) -> str:
    """Say who asks: the program, its homepage, and by which page or address its operator is reached."""
    return USER_AGENT if contact is None else f"{USER_AGENT.removesuffix(')')}; {contact})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one fetch may take, and how many go at a time."""

    connect: timedelta = timedelta(seconds=10)
    read: timedelta = timedelta(seconds=20)  # between two pieces
    total: timedelta = timedelta(seconds=60)  # redirects included, waiting for slots not
    hops: int = 5
    wire_bytes: int = 5 * 1024 * 1024
    body_bytes: int = 10 * 1024 * 1024
    pieces: int = 100_000  # of a body; in chunks of one byte 5 MiB would cost a minute of this processor
    requests: int = 32
    lesser: int = 8  # of them for feeds that are new or fail
    gap: timedelta = timedelta(seconds=1)  # between two requests to one host
    pause: timedelta = PAUSE


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class FetchRequest:
    """One document to ask for. Credentials in the URL are sent as Authorization, to its origin alone."""

    url: str
    validators: Validators | None = None  # sent to the URL they came from, none other
    priority: Priority = Priority.STEADY
    now: datetime | None = None  # None: the system's time
    user_agent: str | None = None
    authorization: str | None = None  # value of the header; beats credentials in the URL
    headers: tuple[tuple[str, str], ...] = field(default=())  # to the origin of the URL alone
    secrets: tuple[str, ...] = ()  # among those headers: what no answer may make us show or keep
    proxy: str | None = None
    ca_file: str | None = None  # PEM; trusted beside the public authorities

    def __repr__(self) -> str:
        return f"FetchRequest({shown(self.url)!r})"


def fields(request: FetchRequest, first: str, url: str, authorization: str | None, agent: str) -> dict[bytes, bytes]:
    """Give the header fields of the request for one hop; `first` is the URL that was asked to begin with.

    Validators go to the URL that gave them (RFC 9110 §13.1), secrets to the origin that they were given for.
    """
    sent = {
        b"user-agent": (request.user_agent or agent).encode("latin-1", "replace"),
        b"accept": ACCEPT.encode(),
        b"accept-encoding": ACCEPTED.encode(),
    }
    if same_origin(first, url):
        if authorization is not None:
            sent[b"authorization"] = authorization.encode("latin-1", "replace")
        for name, text in request.headers:
            sent[name.lower().encode("ascii", "replace")] = text.encode("latin-1", "replace")
    held = request.validators
    if held is not None and held.url == url:
        if held.etag:
            sent[b"if-none-match"] = held.etag.encode("latin-1", "replace")
        if held.last_modified:
            sent[b"if-modified-since"] = held.last_modified.encode("latin-1", "replace")
    return sent
