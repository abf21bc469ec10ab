"""What a configuration asks of the store and of the clusterer. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from datetime import timedelta
from difflib import get_close_matches
from math import isfinite
from typing import Any

from aggregator.clustering.settings import Settings
from aggregator.config import Config, FeedConfig
from aggregator.config.addresses import outlet_keys
from aggregator.config.durations import parse_duration
from aggregator.database.feeds import StoredFeed, Subscription
from aggregator.errors import InputError
from aggregator.model import FeedId
from aggregator.pipeline.composing import Speakers
from aggregator.scheduling.state import Settings as PollingSettings
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


def polling_settings(config: Config, feed: FeedConfig | None) -> PollingSettings:
    """Give how a feed is to be polled; None: one that is not configured."""
    polling = config.polling
    return PollingSettings(
        interval=polling.interval, minimum=polling.minimum, every=feed.every if feed is not None else None
    )


def clustering_settings(config: Config) -> Settings:
    """Give the clusterer's settings that a configuration asks for."""
    chosen = Settings.for_strictness(config.clustering.strictness)
    return replace(chosen, window=config.clustering.window, max_age=config.clustering.max_age)


def tried(settings: Settings, given: Mapping[str, str]) -> Settings:
    """Give settings with some numbers other: `clustering.join` = 0.05; strictness first, for it sets two of them.

    Raises:
        InputError: there is no such key, or the value is none for it; names those that there are.
    """
    chosen = settings
    if "clustering.strictness" in given:
        chosen = _strict(settings, given["clustering.strictness"])
    known = {f"clustering.{each.name}": getattr(settings, each.name) for each in fields(Settings)}
    for key, text in given.items():
        if key == "clustering.strictness":
            continue
        if key not in known:
            raise InputError(_unknown(key, ["clustering.strictness", *known]))
        chosen = replace(chosen, **{key.removeprefix("clustering."): _value(key, text, known[key])})
    return chosen


def _strict(settings: Settings, level: str) -> Settings:
    if level not in {"careful", "balanced", "wide"}:
        raise InputError(f"clustering.strictness={level}: careful, balanced and wide are known")
    strict = Settings.for_strictness(level)  # type: ignore[arg-type]  # checked above
    return replace(settings, join=strict.join, merge=strict.merge)


def _value(key: str, text: str, default: Any) -> Any:
    """Read a value of the kind that its default has."""
    if isinstance(default, timedelta):
        try:
            return parse_duration(text)
        except ValueError as error:
            raise InputError(f"{key}: {error}") from error
    whole = isinstance(default, int)
    try:
        number = int(text) if whole else float(text)
    except ValueError as error:
        raise InputError(f"{key}: {text!r} is not a {'whole ' if whole else ''}number") from error
    if not isfinite(number) or (whole and number < 1):
        raise InputError(f"{key}: {text} is out of range")
    return number


def _unknown(key: str, known: list[str]) -> str:
    close = [f"clustering.{key}"] if f"clustering.{key}" in known else get_close_matches(key, known, n=1)
    return f"{key} is not known" + (f"; did you mean {close[0]}?" if close else f"; there are {', '.join(known)}")


def alone(config: Config, stored: Sequence[StoredFeed]) -> frozenset[FeedId]:
    """Give the feeds that are not clustered."""
    urls = {feed.url for feed in config.feeds if feed.cluster == "off"}
    return frozenset(feed.id for feed in stored if feed.url in urls)


def speakers(config: Config, stored: Sequence[StoredFeed]) -> Speakers:
    """Say who is to speak for events rather than others."""
    urls = {feed.url for feed in config.feeds if feed.represent == "never"}
    silent = frozenset(feed.id for feed in stored if feed.url in urls)
    return Speakers(preferred=config.preferred_outlets, silent=silent)
