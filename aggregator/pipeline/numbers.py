"""The numbers that clustering decides by: those that a configuration asks for, and those that a person tries. Pure."""

from collections.abc import Mapping
from dataclasses import fields, replace
from datetime import timedelta
from difflib import get_close_matches
from math import isfinite
from typing import TYPE_CHECKING, Any

from aggregator.clustering.settings import Settings
from aggregator.config.durations import parse_duration
from aggregator.errors import InputError

if TYPE_CHECKING:
    from aggregator.config import Config


def clustering_settings(config: "Config") -> Settings:
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
    own = {name.removeprefix("clustering."): name for name in known}
    close = [own[name] for name in get_close_matches(key.removeprefix("clustering."), own, n=1)]
    return f"{key} is not known" + (f"; did you mean {close[0]}?" if close else f"; there are {', '.join(known)}")
