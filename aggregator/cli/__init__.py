"""The command line: `aggregator COMMAND`. Commands import what they need when they run, so that --help is fast."""

import gc
import importlib
import sys
from functools import cache
from typing import Annotated, Any

import typer

from aggregator import __version__
from aggregator.cli.console import new_app

# Modules of commands. A group is a module's `app`; other modules add commands to it when they are imported. A command
# of the program itself is added by its module's `register(app)`.
GROUPS: dict[str, tuple[str, ...]] = {
    "feeds": ("feed_asking", "outlets"),
    "events": ("correcting", "watching", "asking", "sampling"),
    "outlets": (),
    "config": (),
    "store": (),
    "service": (),
}
COMMANDS: dict[str, str] = {
    "init": "init",
    "run": "run",
    "poll": "poll",
    "recluster": "recluster",
    "status": "status",
    "doctor": "doctor",
    "cluster": "cluster",
    "evaluate": "evaluate",
    "export": "export",
    "undo": "correcting",
    "demo": "demo",
}

# Most of what a command makes at first is modules, and they stay: some 110,000 objects before it says something, and
# looking for garbage among them takes 0.05 s.
COLLECTED = (150_000, 10, 10)


def _tell_version(wanted: bool) -> None:
    if wanted:
        print(f"aggregator {__version__}")
        raise typer.Exit


def root(
    version: Annotated[
        bool,
        typer.Option("--version", help="Print the version and exit.", callback=_tell_version, is_eager=True),
    ] = False,
) -> None:
    """Poll news feeds, group the reports of one happening into one event, publish the events as a feed."""


@cache
def assemble(word: str | None = None) -> typer.Typer:
    """Make the program: all of it, or what the first word of a command line names alone, which is sooner made."""
    app = new_app("Poll news feeds, group the reports of one happening into one event, publish the events as a feed.")
    app.callback()(root)
    for name, module in COMMANDS.items():
        if word in (None, name):
            _module(module).register(app)
    for name, more in GROUPS.items():
        if word in (None, name):
            group = _module(name).app
            for module in more:
                _module(module)
            app.add_typer(group, name=name)
    return app


def _module(name: str) -> Any:
    return importlib.import_module(f"aggregator.cli.{name}")


def main() -> None:
    """Run the program."""
    gc.set_threshold(*COLLECTED)
    first = next(iter(sys.argv[1:]), None)
    known = first in COMMANDS or first in GROUPS
    sys.exit(assemble(first if known else None)())
