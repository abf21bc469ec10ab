"""`aggregator poll`: one cycle over the feeds that are due."""

from typing import TYPE_CHECKING

import typer

from aggregator.cli.clocks import ClockOption, NowOption
from aggregator.cli.console import Context, JsonOption, command, print_json, progress, shown, teller

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from aggregator.config import Config, Instance
    from aggregator.pipeline.pipeline import Settled
    from aggregator.pipeline.poll import PollReport


def register(app: typer.Typer) -> None:
    """Add the command to the program."""
    command(app, "poll")(poll)


def poll(context: Context, *, json: JsonOption = False, now: NowOption = None, clock: ClockOption = None) -> None:
    """Poll the feeds that are due, cluster what they bring, publish it, and end."""
    import asyncio

    from aggregator.cli.clocks import clock_of
    from aggregator.cli.logs import start_logging

    start_logging("text")
    instance, config = context.instance(), context.load(secrets=True)

    async def cycle() -> "tuple[Sequence[PollReport], Settled]":
        return await poll_once(instance, config, await clock_of(now, clock).now(), context)

    reports, settled = asyncio.run(cycle())
    if json:
        print_json(_shape(reports, settled))
    else:
        _print(reports, settled)


async def poll_once(
    instance: "Instance", config: "Config", now: "datetime", context: Context | None = None
) -> "tuple[Sequence[PollReport], Settled]":
    """Run one cycle over the feeds that are due.

    Raises:
        StoreInUse: a daemon runs on the store, or something else for long.
    """
    from aggregator.pipeline.opening import alone, opened

    async with (
        alone(instance.store, "`aggregator poll`", teller(context or Context())),
        opened(instance, config, now) as pipeline,
    ):
        claimed = await pipeline.claim(now)
        with progress("polling", len(claimed)) as advance:
            reports = await pipeline.poll(claimed, now, lambda _report: advance(1))
        return reports, await pipeline.settle(now)


def _print(reports: "Sequence[PollReport]", settled: "Settled") -> None:
    for report in sorted(reports, key=lambda report: report.feed.id):
        if report.failed:
            print(f"{shown(report.feed.label)}: {shown(report.state.reason)}")
        elif report.poll.new or report.poll.edited:
            edited = f", {report.poll.edited} edited" if report.poll.edited else ""
            print(f"{shown(report.feed.label)}: {report.poll.new} new{edited}")
    failed = sum(report.failed for report in reports)
    entries = sum(batch.entries for batch in settled.batches)
    founded = sum(batch.founded for batch in settled.batches)
    print(f"{len(reports)} feeds polled, {failed} failed; {entries} reports, {founded} new events")


def _shape(reports: "Sequence[PollReport]", settled: "Settled") -> dict[str, object]:
    from aggregator.config import without_credentials

    return {
        "schema_version": 1,
        "feeds": [
            {
                "feed": without_credentials(report.feed.url),
                "outcome": report.poll.outcome,
                "status": report.poll.status,
                "reason": report.poll.reason,
                "new": report.poll.new,
                "edited": report.poll.edited,
            }
            for report in sorted(reports, key=lambda report: report.feed.id)
        ],
        "entries": sum(batch.entries for batch in settled.batches),
        "events": sum(batch.founded for batch in settled.batches),
        "written": [str(path) for path in settled.written],
    }
