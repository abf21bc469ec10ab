"""feeds.yaml as frozen values, with their defaults and bounds. Descriptions end up in the JSON Schema."""

import re
from datetime import timedelta
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    StringConstraints,
    WithJsonSchema,
    model_validator,
)
from pydantic_core import PydanticCustomError

from aggregator.config import access, addresses
from aggregator.config.durations import PATTERN, format_duration, parse_duration

Line = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200, pattern=r"^[^\x00-\x1f]*$")
]
FeedUrl = Annotated[str, AfterValidator(addresses.feed_url)]
Allowed = Annotated[str, AfterValidator(addresses.allowed)]
Domain = Annotated[str, AfterValidator(addresses.domain)]

SHORTEST_EVERY = timedelta(minutes=1)


def _duration(value: Any) -> timedelta:
    if isinstance(value, timedelta):
        return value
    if isinstance(value, (str, int)) and not isinstance(value, bool):
        return parse_duration(str(value))
    raise ValueError("expected a duration such as 15m, 48h or 7d")


Duration = Annotated[
    timedelta,
    BeforeValidator(_duration),
    PlainSerializer(format_duration, return_type=str),
    WithJsonSchema({"type": "string", "pattern": PATTERN, "examples": ["15m", "48h", "90d", "1h30m"]}),
]


def _language(code: str) -> str:
    """Check the shape of a BCP 47 tag (RFC 5646 §2.1)."""
    if not re.fullmatch(r"[A-Za-z]{2,3}([-_][A-Za-z0-9]{1,8}){0,4}", code):
        raise ValueError(f"{code!r} is not a language code; write it as en, id or pt-BR")
    return code.replace("_", "-")


def _at_least(shortest: timedelta, longest: timedelta | None = None) -> AfterValidator:
    def check(value: timedelta) -> timedelta:
        if value < shortest:
            raise ValueError(
                f"{format_duration(value)} is below {format_duration(shortest)}, the least that is allowed"
            )
        if longest is not None and value > longest:
            raise ValueError(f"{format_duration(value)} is above {format_duration(longest)}, the most that is allowed")
        return value

    return AfterValidator(check)


Language = Annotated[str, AfterValidator(_language)]


def _mistake(key: str, message: str) -> PydanticCustomError:
    """Blame one key of a section for a contradiction between two; `loading` reads the key back."""
    return PydanticCustomError("contradiction", "{message}", {"key": key, "message": message})


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


def _on_or_off(value: Any) -> Any:
    """Take YAML 1.2's true and false for what YAML 1.1 calls on and off."""
    return {True: "on", False: "off"}.get(value, value) if isinstance(value, bool) else value


class FeedConfig(_Section):
    """A subscription: a bare URL, or a mapping with these keys."""

    url: FeedUrl = Field(description="http or https URL of the feed; feed: is rewritten")
    name: Line | None = Field(default=None, description="what lists call it; the feed's own title where unset")
    outlet: Line | None = Field(
        default=None, description="who publishes it; from the outlets table or the domain where unset"
    )
    language: Language | None = Field(
        default=None, description="language of the feed, as en or pt-BR; what it declares where unset"
    )
    tags: tuple[Line, ...] = Field(default=(), description="your own words to group feeds by")
    every: Annotated[Duration, _at_least(SHORTEST_EVERY, timedelta(days=30))] | None = Field(
        default=None,
        description="poll at this interval, down to 1m, whatever polling.minimum and the publisher's hints say",
    )
    cluster: Annotated[Literal["on", "off"], BeforeValidator(_on_or_off)] = Field(
        default="on", description="off: its entries are stored and published, each as an event of its own"
    )
    user_agent: access.HeaderText | None = Field(
        default=None, description="User-Agent that this feed's server wants; ours says who we are where unset"
    )
    headers: dict[access.HeaderName, access.HeaderConfig] = Field(
        default_factory=dict, description="headers that are sent to this feed's server alone, by name"
    )
    auth: access.AuthConfig | None = Field(
        default=None, description="who asks: a user with a password, or a token; the secret in a variable or file"
    )
    proxy: access.ProxyUrl | None = Field(default=None, description="http or https URL of the proxy to ask through")
    ca_file: access.WholePath | None = Field(
        default=None, description="certificates in PEM that this feed's server may be signed by, as a whole path"
    )

    @model_validator(mode="before")
    @classmethod
    def _bare_url(cls, value: Any) -> Any:
        return {"url": value} if isinstance(value, str) else value

    @model_validator(mode="after")
    def _said_once(self) -> Self:
        for name in access.repeated(self.headers):
            raise _mistake(f"headers.{name}", "stands twice; upper and lower case make no difference")
        if self.auth is not None and "@" in urlsplit(self.url).netloc:
            raise _mistake("auth", "its url holds a name and password too; keep one of the two")
        return self


class OutletConfig(_Section):
    """Who publishes: a bare name, or a mapping with these keys."""

    name: Line = Field(description="name of the outlet, as its readers know it")
    family: Line | None = Field(
        default=None, description="owner; outlets of one family count as one independent source"
    )

    @model_validator(mode="before")
    @classmethod
    def _bare_name(cls, value: Any) -> Any:
        return {"name": value} if isinstance(value, str) else value


class PollingConfig(_Section):
    """How feeds are polled."""

    interval: Annotated[Duration, _at_least(SHORTEST_EVERY, timedelta(days=1))] = Field(
        default=timedelta(minutes=15), description="interval of a feed about which nothing else is known"
    )
    minimum: Annotated[Duration, _at_least(SHORTEST_EVERY, timedelta(days=1))] = Field(
        default=timedelta(minutes=15), description="no feed is asked more often, unless its own `every` says so"
    )
    allow: tuple[Allowed, ...] = Field(
        default=(),
        description="addresses, networks and host:port inside your own network that feeds may be fetched from",
    )

    @model_validator(mode="after")
    def _interval_reaches_the_minimum(self) -> Self:
        if self.interval < self.minimum:
            least = format_duration(self.minimum)
            raise _mistake("interval", f"{format_duration(self.interval)} is below polling.minimum, {least}")
        return self


class ClusteringConfig(_Section):
    """How entries are grouped into events."""

    window: Annotated[Duration, _at_least(timedelta(hours=1), timedelta(days=30))] = Field(
        default=timedelta(days=3), description="an entry is compared with the entries of this time before it"
    )
    max_age: Annotated[Duration, _at_least(timedelta(hours=1), timedelta(days=90))] = Field(
        default=timedelta(days=7), description="an event takes in no new entries after this age"
    )
    strictness: Literal["careful", "balanced", "wide"] = Field(
        default="balanced", description="careful: when in doubt, apart; wide: when in doubt, together"
    )

    @model_validator(mode="after")
    def _events_live_as_long_as_the_window(self) -> Self:
        if self.max_age < self.window:
            least = format_duration(self.window)
            raise _mistake("max_age", f"{format_duration(self.max_age)} is below clustering.window, {least}")
        return self


class PublishingConfig(_Section):
    """What the combined feeds hold."""

    title: Line = Field(default="Events", description="title of the combined feed")
    link: Literal["article", "event"] | None = Field(
        default=None,
        description="where an entry leads: the representative's article, or the event's page; unset: the page where"
        " server.public_url is set",
    )
    hold: Annotated[Duration, _at_least(timedelta(), timedelta(days=1))] = Field(
        default=timedelta(minutes=20),
        description="an event is published after this time, or at once when three outlets have it",
    )
    keep: Annotated[Duration, _at_least(timedelta(hours=1), timedelta(days=30))] = Field(
        default=timedelta(hours=48),
        description="an event stays in the feed this long after its last significant growth",
    )
    limit: int = Field(
        default=2_000, ge=1, le=100_000, strict=True, description="most entries in a feed, whatever `keep` says"
    )


class StoreConfig(_Section):
    """What is kept, and how long."""

    entries: Annotated[Duration, _at_least(timedelta(days=1))] = Field(
        default=timedelta(days=90), description="entries and their events are deleted after this time"
    )


class ServerConfig(_Section):
    """Where the feeds are served."""

    host: Line = Field(default="127.0.0.1", description="address to listen at; 127.0.0.1 is this machine alone")
    port: int = Field(default=8650, ge=0, le=65_535, strict=True, description="port to listen at; 0 takes any free one")
    public_url: Annotated[str, AfterValidator(addresses.base_url)] | None = Field(
        default=None,
        description="URL under which others reach this server, through a proxy",
    )


class Config(_Section):
    """The whole of feeds.yaml."""

    feeds: tuple[FeedConfig, ...] = Field(default=(), description="what is subscribed")
    outlets: dict[Domain, OutletConfig] = Field(default_factory=dict, description="names and owners, by domain")
    polling: PollingConfig = PollingConfig()
    clustering: ClusteringConfig = ClusteringConfig()
    publishing: PublishingConfig = PublishingConfig()
    store: StoreConfig = StoreConfig()
    server: ServerConfig = ServerConfig()

    @model_validator(mode="after")
    def _kept_as_long_as_needed(self) -> Self:
        for key in ("clustering.max_age", "publishing.keep"):
            section, name = key.split(".")
            needed: timedelta = getattr(getattr(self, section), name)
            if self.store.entries < needed:
                kept = format_duration(self.store.entries)
                raise _mistake("store.entries", f"{kept} is below {key}, {format_duration(needed)}")
        return self

    def outlet_of(self, feed: FeedConfig) -> tuple[str, str]:
        """Give the name and the family of a feed's outlet; the family is empty where none is set."""
        if feed.outlet is not None:
            named = (outlet.family for outlet in self.outlets.values() if outlet.name == feed.outlet and outlet.family)
            return feed.outlet, next(named, "")
        keys = addresses.outlet_keys(feed.url)
        for key in keys:
            if key in self.outlets:
                return self.outlets[key].name, self.outlets[key].family or ""
        # an address inside the user's own network says nothing to a reader; what they call the feed does
        return (feed.name or keys[-1]) if addresses.is_internal(feed.url) else keys[-1], ""

    @property
    def links_pages(self) -> bool:
        """Tell whether entries of the combined feed lead to event pages rather than to articles."""
        if self.publishing.link is None:
            return self.server.public_url is not None
        return self.publishing.link == "event"

    def outlet_named(self, name: str, url: str | None) -> str:
        """Give our name of an outlet that an entry names as its source: as in `outlets` where its domain is there."""
        keys = addresses.outlet_keys(url) if url else ()
        return next((self.outlets[key].name for key in keys if key in self.outlets), name)
