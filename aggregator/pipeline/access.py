"""How feeds are asked that want more than their URL: what the configuration says, with its secrets in place."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from aggregator.config import Config, FeedConfig, without_credentials
from aggregator.config.addresses import secretive
from aggregator.errors import ConfigError
from aggregator.fetching.request import FetchRequest
from aggregator.fetching.shown import basic, same_origin


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Access:
    """What a feed is asked with. It holds secrets: it is neither stored nor shown."""

    url: str = ""  # to whose origin headers and authorization go
    user_agent: str | None = None
    headers: tuple[tuple[str, str], ...] = ()
    authorization: str | None = None
    secrets: tuple[str, ...] = ()  # the values among the headers that are
    proxy: str | None = None
    ca_file: str | None = None

    def added_to(self, request: FetchRequest) -> FetchRequest:
        """Ask so; where the feed has moved to another origin, that gets no secrets (RFC 9110 §15.4)."""
        own = same_origin(self.url, request.url)
        return replace(
            request,
            user_agent=self.user_agent,
            headers=self.headers if own else (),
            authorization=(self.authorization if own else None) or request.authorization,
            secrets=self.secrets,
            proxy=self.proxy,
            ca_file=self.ca_file,
        )


PLAIN = Access()


def accesses(config: Config, environment: Mapping[str, str]) -> dict[str, Access]:
    """Give how the feeds are asked that want something of their own, by URL.

    Raises:
        ConfigError: a secret is not where it is said to be.
    """
    return {feed.url: _access(feed, environment) for feed in config.feeds if _wants_something(feed)}


def changed_among(before: Mapping[str, Access], now: Mapping[str, Access]) -> frozenset[str]:
    """Give the URLs that are asked otherwise than before."""
    return frozenset(url for url in {*before, *now} if before.get(url) != now.get(url))


def _wants_something(feed: FeedConfig) -> bool:
    return any((feed.user_agent, feed.headers, feed.auth, feed.proxy, feed.ca_file))


def _secretive(name: str) -> bool:
    return name.lower() == "cookie" or secretive(name)


def _access(feed: FeedConfig, environment: Mapping[str, str]) -> Access:
    authorization = None
    try:
        headers = tuple((name, header.read(environment)) for name, header in feed.headers.items())
        proxy = feed.proxy.read(environment) if feed.proxy is not None else None
        if feed.auth is not None:
            secret = feed.auth.secret(environment)
            authorization = basic(feed.auth.user, secret) if feed.auth.user is not None else f"Bearer {secret}"
    except ValueError as error:
        raise ConfigError(f"{without_credentials(feed.url)}: {error}") from error
    return Access(
        url=feed.url,
        user_agent=feed.user_agent,
        headers=headers,
        authorization=authorization,
        secrets=tuple(text for name, text in headers if feed.headers[name].value is None or _secretive(name)),
        proxy=proxy,
        ca_file=str(Path(feed.ca_file).expanduser()) if feed.ca_file else None,
    )
