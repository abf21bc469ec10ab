"""What a configuration asks of the store. Pure."""

from collections.abc import Sequence
from datetime import datetime

from aggregator.config import Config, FeedConfig, Listing
from aggregator.config.addresses import outlet_keys
from aggregator.database.feeds import StoredFeed, Subscription
from aggregator.model import FeedId
from aggregator.pipeline.composing import Speakers
from aggregator.scheduling.budget import Budget, shared
from aggregator.scheduling.rhythm import BUDGET
from aggregator.scheduling.state import Settings as PollingSettings
from aggregator.text.agencies import family_of


def subscriptions(listing: Listing) -> list[Subscription]:
    """Say what a configuration subscribes to, as the database stores it."""
    return [
        Subscription(
            url=feed.url,
            name=feed.name or "",
            outlet=feed.outlet,
            family=feed.family or family_of(outlet_keys(feed.url)),
            language=feed.language,
            tags=feed.tags,
        )
        for feed in listing.feeds
    ]


def polling_settings(config: Config, feed: FeedConfig | None, budget: float = BUDGET) -> PollingSettings:
    """Give how a feed is to be polled; None: one that is not configured."""
    polling = config.polling
    return PollingSettings(
        interval=polling.interval,
        minimum=polling.minimum,
        every=feed.every if feed is not None else None,
        budget=budget,
    )


def budget_of(config: Config, stored: Sequence[StoredFeed], now: datetime) -> Budget:
    """Find what the feeds that are asked share."""
    configured = {feed.url: feed for feed in config.feeds}
    asked = (feed for feed in stored if feed.subscribed and not feed.state.disabled)
    return shared(((feed.state.history, polling_settings(config, configured.get(feed.url))) for feed in asked), now)


def alone(config: Config, stored: Sequence[StoredFeed]) -> frozenset[FeedId]:
    """Give the feeds that are not clustered."""
    urls = {feed.url for feed in config.feeds if feed.cluster == "off"}
    return frozenset(feed.id for feed in stored if feed.url in urls)


def speakers(config: Config, stored: Sequence[StoredFeed]) -> Speakers:
    """Say who is to speak for events rather than others."""
    urls = {feed.url for feed in config.feeds if feed.represent == "never"}
    silent = frozenset(feed.id for feed in stored if feed.url in urls)
    return Speakers(preferred=config.preferred_outlets, silent=silent)
