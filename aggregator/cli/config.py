"""`aggregator config`: check feeds.yaml, print what is in force, print its JSON Schema."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import typer

from aggregator.cli.console import FAILED, Context, JsonOption, command, new_app, print_json, print_table
from aggregator.errors import ConfigError, Mistake

if TYPE_CHECKING:
    from aggregator.config import Config

FEED_COLUMNS = ("outlet", "family", "feed", "language", "every", "tags", "settings")

app = new_app("Check the configuration and show what is in force.")


@command(app)
def check(context: Context, *, json: JsonOption = False) -> None:
    """Check feeds.yaml; print what is in force, or every mistake."""
    instance = context.instance()
    try:
        config = context.load(secrets=True)
    except ConfigError as error:
        if not json:
            raise
        print_json({"schema_version": 1, "file": str(instance.config), "mistakes": [*map(_told, error.mistakes)]})
        raise typer.Exit(FAILED) from error
    if json:
        where = {"file": str(instance.config), "store": str(instance.store)}
        print_json({"schema_version": 1, **where, "mistakes": [], "config": in_force(config)})
        return
    print(f"configuration  {instance.config}")
    print(f"store          {instance.store}\n")
    print_table(("setting", "value", ""), settings(config))
    print()
    leaving = ("settings", "tags", "family", "language")
    print_table(FEED_COLUMNS, feeds(config), below=leaving, names=("outlet", "feed"))
    print(f"\n{len(config.feeds)} feeds; no mistakes")


@command(app)
def schema(context: Context) -> None:
    """Print the JSON Schema of feeds.yaml, for an editor."""
    from aggregator.config.schema import json_schema

    print_json(json_schema())


def _told(mistake: Mistake | str) -> dict[str, Any]:
    if isinstance(mistake, str):
        return {"message": mistake}
    return {"line": mistake.line, "column": mistake.column, "key": mistake.key, "message": mistake.message}


def in_force(config: "Config") -> dict[str, Any]:
    """Give the whole configuration, defaults included, each feed with its outlet, without credentials."""
    from aggregator.fetching.shown import shown

    values = config.model_dump(mode="json")
    for feed, row in zip(config.feeds, values["feeds"], strict=True):
        row["url"] = shown(feed.url)
        row["outlet"], row["family"] = config.outlet_of(feed)
    for alert in values["alerts"]:
        if alert["webhook"] is not None:  # services keep their secret in the path
            parts = urlsplit(alert["webhook"])
            alert["webhook"] = f"{parts.scheme}://{parts.hostname}/***"
    return values


def settings(config: "Config") -> Iterator[tuple[str, str, str]]:
    """List the settings that are no feeds, and whether each is a default."""
    for section, values in config.model_dump(mode="json", exclude={"feeds", "outlets", "alerts"}).items():
        given = getattr(config, section).model_fields_set
        for key, value in values.items():
            told = ", ".join(map(str, value)) if isinstance(value, list) else "" if value is None else str(value)
            yield f"{section}.{key}", told, "" if key in given else "default"
    yield "alerts", ", ".join(alert.label for alert in config.alerts), "" if config.alerts else "default"


def feeds(config: "Config") -> Iterator[tuple[str | None, ...]]:
    """List the feeds with what their entries will be credited to."""
    from aggregator.config import format_duration
    from aggregator.config.listing import other_settings, setting_in_words
    from aggregator.fetching.shown import shown

    for feed in config.feeds:
        outlet, family = config.outlet_of(feed)
        every = format_duration(feed.every) if feed.every else None
        more = "; ".join(f"{key}: {setting_in_words(value)}" for key, value in other_settings(feed).items())
        yield outlet, family, feed.name or shown(feed.url), feed.language, every, ", ".join(feed.tags), more
