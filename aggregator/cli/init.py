"""`aggregator init`: write a personal feeds.yaml."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from aggregator.cli.console import Context, command

if TYPE_CHECKING:
    from aggregator.config import FeedConfig


def register(app: typer.Typer) -> None:
    """Add the command to the program."""
    command(app)(init)


def init(
    context: Context,
    opml: Annotated[
        Path | None, typer.Option(help="Take the feeds of this OPML file, as a feed reader exports it.", metavar="FILE")
    ] = None,
) -> None:
    """Write a personal feeds.yaml, where every command finds it: in your configuration folder, or at --config."""
    from aggregator.config import locate, parse, personal_instance
    from aggregator.config.editing import create
    from aggregator.config.starter import starter

    personal = personal_instance(os.environ).config
    # a feeds.yaml of the present folder is somebody's already: only an option or AGGREGATOR_CONFIG overrules
    instance = locate(context.config or personal, context.store, os.environ, Path.cwd())
    feeds = _feeds_of(opml) if opml else None
    text = starter(feeds)
    count = len(parse(text, str(instance.config)).feeds)
    create(instance.config, text)
    print(f"{instance.config}: {count} feeds; change it as you like, `aggregator config check` finds mistakes")
    print(f"{instance.store}: will hold the database and the published feeds")
    print("Next: `aggregator run`, or `aggregator service install --user` to have it run in the background")


def _feeds_of(opml: Path) -> "list[FeedConfig]":
    from aggregator.cli.subscribing import read_opml

    feeds, refused = read_opml(opml)
    for line in refused:
        typer.echo(f"left out: {line}", err=True)
    return feeds
