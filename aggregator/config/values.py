"""feeds.yaml as frozen values, with their defaults and bounds. Descriptions end up in the JSON Schema."""

from collections import Counter
from contextlib import suppress
from datetime import timedelta
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, PrivateAttr, model_validator

from aggregator.config import access, addresses
from aggregator.config.alerts import AlertConfig
from aggregator.config.durations import format_duration, parse_duration
from aggregator.config.fields import Duration, Language, Line, OnOff, Section, at_least, mistake
from aggregator.config.outputs import PublishingConfig, ServerConfig

FeedUrl = Annotated[str, AfterValidator(addresses.feed_url)]
Allowed = Annotated[str, AfterValidator(addresses.allowed)]
Contact = Annotated[str, AfterValidator(addresses.contact)]
Domain = Annotated[str, AfterValidator(addresses.domain)]

SHORTEST_EVERY = timedelta(minutes=1)
LONGEST_INTERVAL = timedelta(days=1)


class FeedConfig(Section):
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
    every: Annotated[Duration, at_least(SHORTEST_EVERY, timedelta(days=30))] | None = Field(
        default=None,
        description="poll at this interval, down to 1m, whatever polling.minimum and the publisher's hints say",
    )
    cluster: OnOff = Field(
        default="on", description="off: its entries are stored and published, each as an event of its own"
    )
    represent: Literal["may", "never"] = Field(
        default="may", description="never: its headline speaks for an event only where no other feed reports it"
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
    proxy: access.ProxyConfig | None = Field(
        default=None, description="http or https URL of the proxy to ask through, or the variable or file that holds it"
    )
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
            raise mistake(f"headers.{name}", "stands twice; upper and lower case make no difference")
        if self.auth is not None and "@" in urlsplit(self.url).netloc:
            raise mistake("auth", "its url holds a name and password too; keep one of the two")
        return self


class OutletConfig(Section):
    """Who publishes: a bare name, or a mapping with these keys."""

    name: Line = Field(description="name of the outlet, as its readers know it")
    family: Line | None = Field(
        default=None,
        description="owner; outlets of one family count as one independent source. Unset: as our table of owners knows",
    )
    preferred: bool = Field(
        default=False, strict=True, description="true: its headline speaks for an event rather than an equally good one"
    )

    @model_validator(mode="before")
    @classmethod
    def _bare_name(cls, value: Any) -> Any:
        return {"name": value} if isinstance(value, str) else value


class PollingConfig(Section):
    """How feeds are polled."""

    interval: Annotated[Duration, at_least(SHORTEST_EVERY, LONGEST_INTERVAL)] = Field(
        default=timedelta(minutes=15), description="interval of a feed about which nothing else is known"
    )
    minimum: Annotated[Duration, at_least(SHORTEST_EVERY, LONGEST_INTERVAL)] = Field(
        default=timedelta(minutes=15), description="no feed is asked more often, unless its own `every` says so"
    )
    allow: tuple[Allowed, ...] = Field(
        default=(),
        description="addresses, networks and host:port inside your own network that feeds may be fetched from",
    )
    contact: Contact | None = Field(
        default=None, description="web page or mail address by which publishers reach you; told to each that is asked"
    )

    @model_validator(mode="before")
    @classmethod
    def _interval_follows_the_minimum(cls, value: Any) -> Any:
        """Raise an interval that is not set to a minimum that is; what is wrong with that is told by its own key."""
        if not isinstance(value, dict) or "interval" in value:
            return value
        with suppress(ValueError):
            if cls.model_fields["interval"].default < parse_duration(str(value.get("minimum"))) <= LONGEST_INTERVAL:
                return value | {"interval": value["minimum"]}
        return value

    @model_validator(mode="after")
    def _interval_reaches_the_minimum(self) -> Self:
        if self.interval < self.minimum:
            least = format_duration(self.minimum)
            raise mistake(
                "interval",
                f"{format_duration(self.interval)} is below polling.minimum, {least}; raise it, or lower that",
            )
        return self


class ClusteringConfig(Section):
    """How entries are grouped into events."""

    window: Annotated[Duration, at_least(timedelta(hours=1), timedelta(days=30))] = Field(
        default=timedelta(days=3), description="an entry is compared with the entries of this time before it"
    )
    max_age: Annotated[Duration, at_least(timedelta(hours=1), timedelta(days=90))] = Field(
        default=timedelta(days=7), description="an event takes in no new entries after this age"
    )
    strictness: Literal["careful", "balanced", "wide"] = Field(
        default="balanced", description="careful: when in doubt, apart; wide: when in doubt, together"
    )

    @model_validator(mode="after")
    def _events_live_as_long_as_the_window(self) -> Self:
        if self.max_age < self.window:
            least = format_duration(self.window)
            raise mistake("max_age", f"{format_duration(self.max_age)} is below clustering.window, {least}")
        return self


class StoreConfig(Section):
    """What is kept, and how long."""

    entries: Annotated[Duration, at_least(timedelta(days=1))] = Field(
        default=timedelta(days=90), description="entries and their events are deleted after this time"
    )


class Config(Section):
    """The whole of feeds.yaml."""

    feeds: tuple[FeedConfig, ...] = Field(default=(), description="what is subscribed")
    outlets: dict[Domain, OutletConfig] = Field(default_factory=dict, description="names and owners, by domain")
    polling: PollingConfig = PollingConfig()
    clustering: ClusteringConfig = ClusteringConfig()
    publishing: PublishingConfig = PublishingConfig()
    store: StoreConfig = StoreConfig()
    server: ServerConfig = ServerConfig()
    alerts: tuple[AlertConfig, ...] = Field(default=(), description="who is told at once of which events")
    _fingerprint: str = PrivateAttr(default="")

    @property
    def fingerprint(self) -> str:
        """Tell which text it was read from (config.text.fingerprint); empty: from no file."""
        return self._fingerprint

    def of_text(self, fingerprint: str) -> Self:
        """Note which text it was read from."""
        self._fingerprint = fingerprint
        return self

    @model_validator(mode="after")
    def _kept_as_long_as_needed(self) -> Self:
        for key in ("clustering.max_age", "publishing.keep"):
            section, name = key.split(".")
            needed: timedelta = getattr(getattr(self, section), name)
            if self.store.entries < needed:
                kept = format_duration(self.store.entries)
                raise mistake("store.entries", f"{kept} is below {key}, {format_duration(needed)}")
        return self

    @model_validator(mode="after")
    def _alerts_have_names_of_their_own(self) -> Self:
        for name, number in Counter(alert.label for alert in self.alerts).items():
            if number > 1:
                raise mistake("alerts", f"{name} stands {number} times; give each a name")
        return self

    @property
    def preferred_outlets(self) -> frozenset[str]:
        """Name the outlets whose headlines are preferred."""
        return frozenset(outlet.name for outlet in self.outlets.values() if outlet.preferred)

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
