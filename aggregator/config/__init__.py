"""feeds.yaml: what is subscribed and how; read, checked, found and edited here, and nowhere else."""

from aggregator.config.addresses import without_credentials
from aggregator.config.durations import Duration, format_duration, parse_duration
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
    "format_duration",
    "load",
    "locate",
    "parse",
    "parse_duration",
    "personal_instance",
    "without_credentials",
]
