"""What is published and where it is served: the sections `publishing` and `server` of feeds.yaml."""

import re
from collections import Counter
from collections.abc import Mapping
from datetime import timedelta
from ipaddress import ip_address
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from aggregator.config import access, addresses
from aggregator.config.fields import Duration, Language, Line, OnOff, Section, at_least, mistake
from aggregator.config.secrets import read_secret

_LONGEST_SEARCH = 400
STANDARD = ("events", "singles", "all")  # exist from the start


def _several(value: Any) -> Any:
    """Take one value for a list of one."""
    return (value,) if isinstance(value, str) else value


def _feed_name(name: str) -> str:
    if not re.fullmatch(r"[a-z0-9][a-z0-9_-]{0,40}", name):
        raise ValueError(f"{name!r} cannot stand in an address; write lower-case letters, digits and hyphens")
    if name in STANDARD:
        raise ValueError(f"{name!r} exists already; {', '.join(STANDARD)} are there from the start")
    return name


def _search(text: str) -> str:
    """Check what is wrong at sight; the words are read when feeds are made of the configuration."""
    if len(text) > _LONGEST_SEARCH:
        raise ValueError(f"is {len(text)} characters long; {_LONGEST_SEARCH} are allowed")
    if text.count('"') % 2:
        raise ValueError("has a quotation mark that is not closed")
    outside = re.sub(r'"[^"]*"', "", text)
    if outside.count("(") != outside.count(")"):
        raise ValueError("has a bracket without its other")
    return text


Languages = Annotated[tuple[Language, ...], BeforeValidator(_several)]
Words = Annotated[tuple[Line, ...], BeforeValidator(_several)]
Search = Annotated[str, AfterValidator(_search)]
Format = Literal["atom", "rss", "json"]


class OutputConfig(Section):
    """An output feed of its own, beside `events`, `singles` and `all`."""

    name: Annotated[Line, AfterValidator(_feed_name)] = Field(description="its name in addresses: feeds/NAME.atom")
    formats: Annotated[tuple[Format, ...], BeforeValidator(_several)] = Field(
        default=("atom", "rss", "json"), min_length=1, description="which documents are written"
    )
    min_sources: int = Field(default=1, ge=1, le=10_000, strict=True, description="outlets that report an event")
    min_independent: int = Field(
        default=1, ge=1, le=10_000, strict=True, description="the same, copies and families counted once"
    )
    language: Languages = Field(default=(), description="languages of its events; unset: all")
    tags: Words = Field(default=(), description="tags of feeds, one of which a report must come from")
    search: Search | None = Field(default=None, description='what a report must say: panjshir OR taliban, "a phrase"')
    exclude: Search | None = Field(default=None, description="what no report may say")
    hold: Annotated[Duration, at_least(timedelta(), timedelta(days=1))] | None = Field(
        default=None, description="as publishing.hold, for this feed"
    )
    keep: Annotated[Duration, at_least(timedelta(hours=1), timedelta(days=30))] | None = Field(
        default=None, description="as publishing.keep, for this feed"
    )
    limit: Annotated[int, Field(ge=1, le=100_000, strict=True)] | None = Field(
        default=None, description="as publishing.limit, for this feed"
    )
    updates: Literal["stable", "milestones", "every"] = Field(
        default="stable",
        description="stable: an entry per event; milestones: another when it has 3, 5, 10, 20 ... independent sources;"
        " every: another for each significant update",
    )
    id_scope: Literal["global", "feed"] = Field(
        default="global", description="feed: ids of its own, for readers that know entries by id alone"
    )
    content: Literal["list", "summaries", "full"] = Field(
        default="summaries", description="the source list alone, with summaries, or with the reports' own text"
    )
    title: Literal["headline", "headline+count"] = Field(
        default="headline", description="headline+count adds the number of outlets"
    )
    words: Literal["en", "id"] | None = Field(default=None, description="as publishing.words, for this feed")


class PublishingConfig(Section):
    """What the combined feeds hold."""

    title: Line = Field(default="Events", description="title of the combined feed")
    link: Literal["article", "event"] | None = Field(
        default=None,
        description="where an entry leads: the representative's article, or the event's page; unset: the page where"
        " server.public_url is set",
    )
    hold: Annotated[Duration, at_least(timedelta(), timedelta(days=1))] = Field(
        default=timedelta(minutes=20),
        description="an event is published after this time, or at once when three outlets have it",
    )
    keep: Annotated[Duration, at_least(timedelta(hours=1), timedelta(days=30))] = Field(
        default=timedelta(hours=48),
        description="an event stays in the feed this long after its last significant growth",
    )
    limit: int = Field(
        default=2_000, ge=1, le=100_000, strict=True, description="most entries in a feed, whatever `keep` says"
    )
    pictures: OnOff = Field(default="on", description="off: no pictures, which readers fetch from the outlets' servers")
    words: Literal["en", "id"] = Field(
        default="en", description="language of what the feeds say themselves: English or Indonesian"
    )
    feeds: tuple[OutputConfig, ...] = Field(default=(), description="output feeds of your own")

    @model_validator(mode="after")
    def _each_name_once(self) -> Self:
        for name, number in Counter(feed.name for feed in self.feeds).items():
            if number > 1:
                raise mistake("feeds", f"the name {name} is given {number} times")
        return self


class ServerConfig(Section):
    """Where the feeds are served."""

    host: Line = Field(default="127.0.0.1", description="address to listen at; 127.0.0.1 is this machine alone")
    port: int = Field(default=8650, ge=0, le=65_535, strict=True, description="port to listen at; 0 takes any free one")
    public_url: Annotated[str, AfterValidator(addresses.base_url)] | None = Field(
        default=None,
        description="URL under which others reach this server, through a proxy",
    )
    hosts: Words = Field(default=(), description="further names that requests may come for; others are refused")
    token_env: access.Variable | None = Field(
        default=None, description="variable of the environment with a token that who asks must know"
    )
    token_file: access.WholePath | None = Field(default=None, description="file with that token")
    public: bool = Field(
        default=False, strict=True, description="true: may be reached from other machines without a token"
    )

    @model_validator(mode="after")
    def _guarded(self) -> Self:
        if self.token_env is not None and self.token_file is not None:
            raise mistake("token_file", "names the token a second time; keep token_env or token_file")
        guarded = self.token_env is not None or self.token_file is not None or self.public
        if not guarded and not _is_loopback(self.host):
            raise mistake(
                "host",
                f"{self.host} is reached from other machines; name a token (token_env or token_file), or write"
                " public: true",
            )
        return self

    def address(self, port: int | None = None) -> str:
        """Give the URL under which this server is known; `port`: where 0 asked for any."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return self.public_url or f"http://{host}:{port or self.port}"

    def token(self, environment: Mapping[str, str]) -> str | None:
        """Give the token that who asks must know; None where none is asked for.

        Raises:
            ValueError: it is not where it is said to be.
        """
        if self.token_env is None and self.token_file is None:
            return None
        return read_secret(self.token_env, self.token_file, environment)


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
