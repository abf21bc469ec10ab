"""`aggregator run`: the daemon."""

from typing import TYPE_CHECKING, Annotated, Literal

import typer

from aggregator.cli.clocks import ClockOption, NowOption
from aggregator.cli.console import Context, command

if TYPE_CHECKING:
    from aggregator.config import Instance
    from aggregator.pipeline.pipeline import Pipeline


def register(app: typer.Typer) -> None:
    """Add the command to the program."""
    command(app, "run")(run)


def run(
    context: Context,
    *,
    log_format: Annotated[Literal["text", "json"], typer.Option(help="Lines for a person, or JSON.")] = "text",
    now: NowOption = None,
    clock: ClockOption = None,
) -> None:
    """Poll, cluster and publish until told to stop (Ctrl-C, SIGTERM); SIGHUP takes up a changed configuration."""
    import asyncio
    import gc

    from aggregator.cli.clocks import clock_of
    from aggregator.cli.logs import start_logging
    from aggregator.daemon import Daemon

    gc.set_threshold(700, 10, 10)  # Python's own: what a daemon leaves behind is to go soon
    start_logging(log_format)
    instance = context.instance()
    context.load(secrets=True)  # a mistake in it is told before anything starts
    asyncio.run(Daemon(instance=instance, clock=clock_of(now, clock)).run(_started))
    _stopped(instance)


def _started(pipeline: "Pipeline", url: str) -> None:
    """Say that everything is up, and where to subscribe."""
    import logging

    from aggregator.database import events

    with pipeline.database.read() as connection:
        stored = events.count(connection)
    feeds = len(pipeline.config.feeds)
    address = f"{url}/feeds/events.atom"
    logging.getLogger("aggregator").info(
        "%d feeds, %d events; subscribe: %s",
        feeds,
        stored,
        address,
        extra={"fields": {"event": "started", "feeds": feeds, "events": stored, "subscribe": address}},
    )


def _stopped(instance: "Instance") -> None:
    """Say that all has ended well, and what is left for the next start."""
    import logging

    from aggregator.database import corrections, entries
    from aggregator.database.engine import FILE_NAME, connect

    with connect(instance.store / FILE_NAME).read() as connection:
        reports, asked = entries.count_pending(connection), len(corrections.waiting(connection))
    group = f"{reports} report{'s' * (reports > 1)} to group" if reports else ""
    carry = f"{asked} correction{'s' * (asked > 1)} to carry out" if asked else ""
    left = " and ".join(filter(None, (group, carry)))
    logging.getLogger("aggregator").info(
        "stopped; nothing is lost%s",
        f": the next start goes on with {left}" if left else ", the next start goes on from here",
        extra={"fields": {"event": "stopped", "pending": reports, "corrections": asked}},
    )
