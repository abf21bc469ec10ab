"""A configuration is taken up into the store: which feeds it subscribes to, and what lists show of them."""

from datetime import datetime

from sqlalchemy import Connection

from aggregator.config import Config, Listing, listed
from aggregator.database import feeds, taken_up
from aggregator.pipeline.wanted import subscriptions


def subscribe(connection: Connection, config: Config, now: datetime) -> None:
    """Make the store say what a configuration says of feeds; nothing is written where nothing changed."""
    listing = listed(config)
    feeds.subscribe(connection, subscriptions(listing), now)
    _keep(connection, config, listing)


def subscribe_one(connection: Connection, config: Config, url: str, now: datetime) -> None:
    """Have the store know one feed of a configuration; of the others it may know what is later than that."""
    listing, known = listed(config), feeds.by_url(connection, url)
    if known is None or not known.subscribed:
        feeds.enter(connection, [one for one in subscriptions(listing) if one.url == url], now)
        _keep(connection, config, listing)


def _keep(connection: Connection, config: Config, listing: Listing) -> None:
    if config.fingerprint:
        taken_up.keep(connection, config.fingerprint, listing)
