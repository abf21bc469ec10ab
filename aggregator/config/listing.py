"""feeds.yaml as lists show it: plain values, which are kept so that a list need not read and check the file anew."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from aggregator.config.values import Config, FeedConfig


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedFeed:
    """A subscription; None and empty where nothing is set."""

    url: str
    name: str | None
    outlet: str
    family: str
    language: str | None
    tags: tuple[str, ...]
    every: timedelta | None
    settings: dict[str, Any] = field(default_factory=dict)  # its other keys, as JSON has them; secrets are masked

    def to_json(self) -> dict[str, Any]:
        """Give it as JSON holds it; `every` in seconds."""
        return {
            "url": self.url,
            "name": self.name,
            "outlet": self.outlet,
            "family": self.family,
            "language": self.language,
            "tags": list(self.tags),
            "every": None if self.every is None else self.every.total_seconds(),
            "settings": self.settings,
        }

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> "ListedFeed":
        """Read what `to_json` gave."""
        every = None if values["every"] is None else timedelta(seconds=values["every"])
        return cls(**{**values, "tags": tuple(values["tags"]), "every": every})


@dataclass(frozen=True, slots=True)
class Listing:
    """The subscriptions, in the order of the file."""

    feeds: tuple[ListedFeed, ...]


def listed(config: "Config") -> Listing:
    """Give a configuration as lists show it."""
    feeds = []
    for feed in config.feeds:
        outlet, family = config.outlet_of(feed)
        feeds.append(
            ListedFeed(
                url=feed.url,
                name=feed.name,
                outlet=outlet,
                family=family,
                language=feed.language,
                tags=feed.tags,
                every=feed.every,
                settings=other_settings(feed),
            )
        )
    return Listing(tuple(feeds))


def other_settings(feed: "FeedConfig") -> dict[str, Any]:
    """Give what is set of how a feed is clustered and asked: `cluster`, `headers`, `auth` ...; secrets are masked."""
    listed_apart = {"url", "name", "outlet", "language", "tags", "every"}
    return feed.model_dump(mode="json", exclude=listed_apart, exclude_defaults=True)


def setting_in_words(value: Any) -> str:
    """Give one of these settings on a line."""
    if not isinstance(value, dict):
        return str(value)
    return ", ".join(setting_in_words(v) if k == "value" else f"{k} {setting_in_words(v)}" for k, v in value.items())
