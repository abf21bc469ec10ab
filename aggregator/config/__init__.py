"""feeds.yaml: what is subscribed and how; read, checked, found and edited here, and nowhere else.

Names are imported when they are first used: a command that only has to find the store does not wait 0.2 s for pydantic
and ruamel.yaml.
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from aggregator.config.addresses import without_credentials
    from aggregator.config.alerts import AlertConfig
    from aggregator.config.durations import format_duration, parse_duration
    from aggregator.config.editing import add_feed, import_feeds, make_feed, remove_feed, set_feed
    from aggregator.config.fields import Duration
    from aggregator.config.finding import find_feed
    from aggregator.config.listing import ListedFeed, Listing, listed
    from aggregator.config.loading import load, parse
    from aggregator.config.locating import Instance, locate, personal_instance
    from aggregator.config.outputs import OutputConfig, PublishingConfig, ServerConfig
    from aggregator.config.values import (
        ClusteringConfig,
        Config,
        FeedConfig,
        OutletConfig,
        PollingConfig,
        StoreConfig,
    )

__all__ = [
    "AlertConfig",
    "ClusteringConfig",
    "Config",
    "Duration",
    "FeedConfig",
    "Instance",
    "ListedFeed",
    "Listing",
    "OutletConfig",
    "OutputConfig",
    "PollingConfig",
    "PublishingConfig",
    "ServerConfig",
    "StoreConfig",
    "add_feed",
    "find_feed",
    "format_duration",
    "import_feeds",
    "listed",
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

_MODULES = {
    "alerts": ("AlertConfig",),
    "addresses": ("without_credentials",),
    "durations": ("format_duration", "parse_duration"),
    "editing": ("add_feed", "import_feeds", "make_feed", "remove_feed", "set_feed"),
    "fields": ("Duration",),
    "finding": ("find_feed",),
    "listing": ("ListedFeed", "Listing", "listed"),
    "loading": ("load", "parse"),
    "locating": ("Instance", "locate", "personal_instance"),
    "outputs": ("OutputConfig", "PublishingConfig", "ServerConfig"),
}
_PLACES = {name: module for module, names in _MODULES.items() for name in names}


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_PLACES.get(name, 'values')}"), name)
