"""The values that the stages hand to one another. All frozen; datetimes are aware and UTC."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

FeedId = int
EntryId = int
EventId = int


# --- fetching -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Validators:
    """What a server gave to ask again with (RFC 9110 §8.8): opaque, sent back byte for byte, to `url` alone."""

    url: str
    etag: str | None = None
    last_modified: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Freshness:
    """How long a server says its answer holds (RFC 9111 §4.2); None where it says nothing usable."""

    lifetime: timedelta | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Hop:
    """One redirect that was followed."""

    status: int
    target: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """A 200 with a whole body."""

    url: str  # that answered, after redirects
    body: bytes  # decoded of its content coding
    content_type: str | None = None
    validators: Validators | None = None
    freshness: Freshness = Freshness()
    hops: tuple[Hop, ...] = ()
    wire_bytes: int = 0
    elapsed: timedelta = timedelta()  # on the network
    waited: timedelta = timedelta()  # before and between its requests, for slots
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class NotModified:
    """A 304. `validators` are those to keep: the stored ones, renewed where the answer carried newer."""

    url: str
    validators: Validators | None = None
    freshness: Freshness = Freshness()
    hops: tuple[Hop, ...] = ()
    elapsed: timedelta = timedelta()
    waited: timedelta = timedelta()


class FailureKind(StrEnum):
    """Why a fetch or a parse brought nothing."""

    REFUSED = "refused"  # by our own guard: scheme or address
    DNS = "dns"
    CONNECT = "connect"
    TLS = "tls"
    TIMEOUT = "timeout"
    TRUNCATED = "truncated"
    TOO_LARGE = "too large"
    ENCODING = "encoding"  # a content coding that cannot be decoded
    REDIRECT = "redirect"  # too many, a loop, or a target that is refused
    STATUS = "status"
    BLOCKED = "blocked"  # 401, 403, a challenge page
    THROTTLED = "throttled"  # 429, or 503 with Retry-After
    PAUSED = "paused"  # not asked: another feed of the host was throttled
    GONE = "gone"  # 410
    NOT_A_FEED = "not a feed"
    PARSE = "parse"
    PROTOCOL = "protocol"


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchFailed:
    """An expected failure. `reason` is a sentence for a person, without secrets."""

    url: str
    kind: FailureKind
    reason: str
    status: int | None = None
    retry_after: timedelta | None = None  # from now, as the server asked
    hops: tuple[Hop, ...] = ()
    elapsed: timedelta = timedelta()
    waited: timedelta = timedelta()


FetchResult = Fetched | NotModified | FetchFailed


# --- parsing ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedEntry:
    """One entry as its document holds it: text is plain, HTML sanitised, URLs absolute http(s)."""

    guid: str | None
    url: str | None
    title: str
    summary: str  # plain text of the description or content
    html: str = ""  # the same, sanitised
    published: datetime | None = None  # as claimed; None without a usable date
    updated: datetime | None = None
    authors: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    language: str | None = None
    outlet: str | None = None  # who the entry says it is from (<source>, atom:source)
    outlet_url: str | None = None
    image: str | None = None
    enclosures: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedFeed:
    """A document: its own data and its entries in the order of the document."""

    format: str  # "rss 2.0", "atom 1.0", "json feed 1.1" ...
    title: str
    entries: tuple[ParsedEntry, ...]
    site_url: str | None = None
    language: str | None = None
    self_url: str | None = None
    hub_url: str | None = None
    ttl: timedelta | None = None  # the longer of rss ttl and sy:update*
    skip_hours: frozenset[int] = frozenset()  # 0..23, GMT
    skip_days: frozenset[int] = frozenset()  # 0..6, Monday is 0
    problems: tuple[str, ...] = ()  # what was wrong with the document, for its publisher
    dropped: int = 0  # entries past the cap
    truncated: bool = False  # it breaks off: keep its entries, but not its validators


# --- entries and events -------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """An entry as the clusterer sees it."""

    id: EntryId
    title: str
    summary: str = ""
    language: str | None = None  # declared by the feed or the entry; None: detect
    outlet: str = ""
    feed: FeedId = 0
    url: str | None = None
    time: datetime  # of first sight
    published: datetime | None = None  # as its feed dates it
    revision: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A line of an event's source list: one report."""

    entry: EntryId
    outlet: str
    feed: FeedId
    title: str
    url: str | None
    language: str | None
    published: datetime | None
    first_seen: datetime
    summary: str = ""
    html: str = ""
    image: str | None = None
    family: str = ""  # outlets of one owner share it; the outlet itself where unset
    copy_of: EntryId | None = None  # the earliest entry of the event with nearly the same text
    agency: str = ""  # whose text it is, where that is a news agency's (text.agencies)
    tags: tuple[str, ...] = ()
    imported: bool = False  # came with its feed's first document


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One happening, with its sources in the order of first sight."""

    id: EventId
    name: str  # short, typeable, never re-used
    headline: str
    url: str | None  # the representative's article
    language: str | None
    first_seen: datetime
    updated: datetime
    representative: EntryId
    sources: tuple[Source, ...] = field(default=())
    merged_into: EventId | None = None
    muted: bool = False  # by a person: left out of the output feeds

    @property
    def outlets(self) -> int:
        """Count the outlets that report it."""
        return len({source.outlet for source in self.sources})

    @property
    def independent(self) -> int:
        """Count the outlets after families, copies and dispatches of one agency are counted once.

        Who has a report of its own stands for itself; who only carries an agency's stands for that agency. An event of
        copies alone, whose original has moved on, has one.
        """
        marked = {source.copy_of: source.agency for source in self.sources if source.copy_of and source.agency}
        told: dict[str, list[str]] = {}
        for source in self.sources:
            if source.copy_of is None:
                told.setdefault(source.family or source.outlet, []).append(
                    source.agency or marked.get(source.entry, "")
                )
        spoken = {outlet if "" in agencies else agencies[0] for outlet, agencies in told.items()}
        return max(1, len(spoken)) if self.sources else 0
