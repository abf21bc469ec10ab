"""The command line: `aggregator COMMAND`. Commands import what they need when they run, so that --help is fast."""

import gc
import importlib
import sys
from functools import cache
from typing import Annotated

import typer

from aggregator import __version__
from aggregator.cli.console import new_app

app = new_app("Poll news feeds, group the reports of one happening into one event, publish the events as a feed.")

# Modules of commands: each has an `app` (a group) or adds its commands by `register(app)`.
GROUPS: tuple[str, ...] = ("feeds", "events", "outlets", "config", "store", "service")
COMMANDS: tuple[str, ...] = (
    "init",
    "run",
    "poll",
    "recluster",
    "status",
    "doctor",
    "cluster",
    "evaluate",
    "export",
    "correcting",
    "demo",
)

MORE: tuple[str, ...] = (
    "watching",
    "asking",
    "sampling",
    "feed_asking",
)  # these add commands to groups of other modules

# Most of what a command makes at first is modules, and they stay: looking for garbage among them takes 0.05 s.
COLLECTED = (50_000, 10, 10)


def _tell_version(wanted: bool) -> None:
    if wanted:
        print(f"aggregator {__version__}")
        raise typer.Exit


@app.callback()
def root(
    version: Annotated[
        bool,
        typer.Option("--version", help="Print the version and exit.", callback=_tell_version, is_eager=True),
    ] = False,
) -> None:
    """Poll news feeds, group the reports of one happening into one event, publish the events as a feed."""


@cache
def assemble() -> typer.Typer:
    """Add every module's commands to the program, once."""
    for name in COMMANDS:
        importlib.import_module(f"aggregator.cli.{name}").register(app)
    for name in MORE:
        importlib.import_module(f"aggregator.cli.{name}")
    for name in GROUPS:
        app.add_typer(importlib.import_module(f"aggregator.cli.{name}").app, name=name)
    return app


def main() -> None:
    """Run the program."""
    gc.set_threshold(*COLLECTED)
    sys.exit(assemble()())
