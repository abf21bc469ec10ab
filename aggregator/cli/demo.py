"""`aggregator demo`: a small newsroom on this machine, polled by the real program into a store of its own."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from aggregator.cli.console import Context, command, progress

if TYPE_CHECKING:
    from datetime import datetime

    from aggregator.config import Instance


def register(app: typer.Typer) -> None:
    """Add the command to the program."""
    command(app, "demo")(demo)


def demo(
    _context: Context,
    *,
    keep: Annotated[Path | None, typer.Option(help="Keep its store in this folder.", metavar="DIR")] = None,
) -> None:
    """Poll a newsroom of invented outlets and print what comes of it; needs neither network nor configuration."""
    import asyncio
    import tempfile

    from aggregator.demo.run import instance_in

    folder = keep or Path(tempfile.mkdtemp(prefix="aggregator-demo-"))
    folder.mkdir(parents=True, exist_ok=True)
    asyncio.run(_rounds(folder))
    _print(instance_in(folder))


async def _rounds(folder: Path) -> None:
    from aggregator.cli.poll import poll_once
    from aggregator.config import load
    from aggregator.demo import run

    async def poll(instance: "Instance", now: "datetime") -> None:
        await poll_once(instance, load(instance.config), now)

    with progress("two rounds of polls", 2) as advance:
        async for round_ in run.demo(folder, poll):
            print(f"{round_.now:%d %B %Y}: {round_.feeds} feeds polled, {round_.changed} had news")
            advance(1)


def _print(instance: "Instance") -> None:
    """Print the events as `events list` does, the largest as `events show` does, and where the combined feed lies."""
    import shlex

    from aggregator.cli.console import print_text
    from aggregator.cli.event_text import event_text
    from aggregator.cli.listing import print_events
    from aggregator.database import events, reasons
    from aggregator.database.engine import FILE_NAME, connect
    from aggregator.demo.newsroom import SECOND_ROUND

    with connect(instance.store / FILE_NAME).read() as connection:
        found = events.listed(connection, events.Filter(min_sources=2), order="sources")
        singles = events.count(connection) - len(found)
        why = reasons.evidence_of(connection, found[0].id)
    print()
    print_events(found, SECOND_ROUND)
    print(f"{len(found)} events that two or more outlets report; {singles} more from one outlet\n")
    print_text(*event_text(found[0], why))
    print(f"\nThe combined feed: {instance.store / 'feeds' / 'events.atom'}")
    here = f"--config {shlex.quote(str(instance.config))} --store {shlex.quote(str(instance.store))}"
    print(f"Look on: aggregator events list --all {here}")
    print(f"Its pages and feeds, at that time: aggregator run --now {SECOND_ROUND:%Y-%m-%dT%H:%MZ} {here}")
