"""What a configuration asks of the store and of the clusterer. Pure."""

from dataclasses import replace

from aggregator.clustering.settings import Settings
from aggregator.config import Config
from aggregator.config.addresses import outlet_keys
from aggregator.database.feeds import Subscription
from aggregator.text.agencies import family_of


def subscriptions(config: Config) -> list[Subscription]:
    """Say what a configuration subscribes to, as the database stores it."""
    wanted = []
    for feed in config.feeds:
        outlet, family = config.outlet_of(feed)
        wanted.append(
            Subscription(
                url=feed.url,
                name=feed.name or "",
                outlet=outlet,
                family=family or family_of(outlet_keys(feed.url)),
                language=feed.language,
                tags=feed.tags,
            )
        )
    return wanted


def clustering_settings(config: Config) -> Settings:
    """Give the clusterer's settings that a configuration asks for."""
    chosen = Settings.for_strictness(config.clustering.strictness)
    return replace(chosen, window=config.clustering.window, max_age=config.clustering.max_age)
