"""feeds.yaml: what is subscribed and how; read, checked, found and edited here, and nowhere else."""

from aggregator.config.durations import Duration, format_duration, parse_duration
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
    "OutletConfig",
    "PollingConfig",
    "PublishingConfig",
    "ServerConfig",
    "StoreConfig",
    "format_duration",
    "parse_duration",
]
