"""A configuration is taken up into the store: which feeds it subscribes to, and what lists show of them."""

from datetime import datetime

from sqlalchemy import Connection

from aggregator.config import Config, listed
from aggregator.database import feeds, taken_up
from aggregator.pipeline.wanted import subscriptions


def subscribe(connection: Connection, config: Config, now: datetime) -> None:
    """Make the store say what a configuration says of feeds; nothing is written where nothing changed."""
    listing = listed(config)
    feeds.subscribe(connection, subscriptions(listing), now)
    if config.fingerprint:
        taken_up.keep(connection, config.fingerprint, listing)
