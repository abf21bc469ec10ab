"""`aggregator doctor`: whether everything that the daemon needs is there, and what to do where it is not."""

from itertools import chain, repeat
from typing import TYPE_CHECKING

import typer

from aggregator.cli.console import FAILED, Context, JsonOption, command, print_facts, print_json

if TYPE_CHECKING:
    from aggregator.pipeline.doctor import Check


def register(app: typer.Typer) -> None:
    """Add the command to the program."""
    command(app, "doctor")(doctor)


def doctor(context: Context, *, json: JsonOption = False) -> None:
    """Check configuration, store, database, disk, port, parser, network and clock; say what to do."""
    import asyncio

    checks = asyncio.run(_examined(context))
    if json:
        told = [
            {"about": one.about, "fine": one.fine, "text": one.text, "remedy": one.remedy or None} for one in checks
        ]
        print_json({"schema_version": 1, "fine": all(one.fine for one in checks), "checks": told})
    else:
        for one in checks:
            names = chain([f"{'  ' if one.fine else '! '}{one.about}"], repeat(""))
            remedy = [] if one.fine else [f"-> {one.remedy}"]
            print_facts(zip(names, [*(one.text.splitlines() or [""]), *remedy], strict=False), width=16)
    if not all(one.fine for one in checks):
        raise typer.Exit(FAILED)


async def _examined(context: Context) -> "list[Check]":
    import os
    from datetime import UTC, datetime

    from aggregator.errors import ConfigError
    from aggregator.pipeline.doctor import Check, examined, of_store

    instance = context.instance()
    try:
        config = context.load(secrets=True)
    except ConfigError as error:
        broken = Check(about="configuration", text=str(error), remedy="put it right; see docs/configuration.md")
        return [broken, *of_store(instance.store)[1]]
    first = Check(about="configuration", text=f"{instance.config}, {len(config.feeds)} feeds, no mistakes")
    return [first, *[check async for check in examined(config, instance.store, datetime.now(UTC), os.environ)]]
