"""feeds.yaml: what is subscribed and how; read, checked, found and edited here, and nowhere else."""

from aggregator.config.addresses import without_credentials
from aggregator.config.durations import Duration, format_duration, parse_duration
from aggregator.config.editing import add_feed, find_feed, import_feeds, make_feed, remove_feed, set_feed
from aggregator.config.loading import load, parse
from aggregator.config.locating import Instance, locate, personal_instance
from aggregator.config.values import (
    ClusteringConfig,
    Config,
    FeedConfig,
    OutletConfig,
    PollingConfig,
    PublishingConfig,
    ServerConfig,
    StoreConfig,
)

__all__ = [
    "ClusteringConfig",
    "Config",
    "Duration",
    "FeedConfig",
    "Instance",
    "OutletConfig",
    "PollingConfig",
    "PublishingConfig",
    "ServerConfig",
    "StoreConfig",
    "add_feed",
    "find_feed",
    "format_duration",
    "import_feeds",
    "load",
    "locate",
    "make_feed",
    "parse",
    "parse_duration",
    "personal_instance",
    "remove_feed",
    "set_feed",
    "without_credentials",
]
