"""`aggregator recluster`: cluster the stored window anew beside the present events, and take over what comes of it."""

from typing import TYPE_CHECKING, Annotated

import typer

from aggregator.cli.clocks import ClockOption, NowOption
from aggregator.cli.console import Context, JsonOption, command, flush, print_json, print_text, progress
from aggregator.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from aggregator.cli.changes_text import Told
    from aggregator.clustering.settings import Settings
    from aggregator.database.engine import Database
    from aggregator.model import FeedId
    from aggregator.pipeline.recluster import Changes, Reclustering

SIGNED = ("clustering.bands", "clustering.copy_rows", "clustering.copy_bands")  # what stored signatures are made by

DryOption = Annotated[bool, typer.Option("--dry-run", help="Only say what would change.")]
SetOption = Annotated[
    list[str] | None,
    typer.Option("--set", help="Decide by another number, as clustering.join=0.05; repeatable.", metavar="KEY=VALUE"),
]


def register(app: typer.Typer) -> None:
    """Add the command to the program."""
    command(app, "recluster", paged=True)(recluster)


def recluster(
    context: Context,
    *,
    dry_run: DryOption = False,
    set: SetOption = None,  # noqa: A002  the option's name
    json: JsonOption = False,
    now: NowOption = None,
    clock: ClockOption = None,
) -> None:
    """Cluster the stored window anew, with your corrections; print what changes, and change it unless --dry-run."""
    from aggregator.cli.asking import settings_in_force
    from aggregator.config import format_duration
    from aggregator.pipeline.numbers import tried

    given = _given(set or ())
    settings = tried(settings_in_force(context), given)
    if not dry_run and (signed := [key for key in given if key in SIGNED]):
        raise InputError(
            f"{signed[0]} makes signatures that the daemon cannot compare with its own; try it with --dry-run"
        )

    if not json:
        print_text(f"what is stored of the last {format_duration(settings.window)} is clustered anew\n")
        flush()  # that takes its time
    import asyncio

    from aggregator.cli.changes_text import changes_shape, print_changes
    from aggregator.cli.clocks import clock_of

    async def work() -> "Told":
        time = await clock_of(now, clock).now()
        return _tried(context, settings, time) if dry_run else await _carried_out(context, settings, time)

    told = asyncio.run(work())
    if json:
        print_json(changes_shape(told, dry_run=dry_run, given=given))
    else:
        print_changes(told, dry_run=dry_run)


def _given(words: "Sequence[str]") -> dict[str, str]:
    """Read KEY=VALUE.

    Raises:
        InputError: there is no =, or a key stands twice.
    """
    found: dict[str, str] = {}
    for word in words:
        key, sign, value = word.partition("=")
        if not sign or not value:
            raise InputError(f"--set {word}: write it as clustering.join=0.05")
        if key in found:
            raise InputError(f"--set: {key} is given twice")
        found[key.strip()] = value.strip()
    return found


def _tried(context: Context, settings: "Settings", now: "datetime") -> "Told":
    """Cluster anew and change nothing; a daemon may run meanwhile."""
    from aggregator.database.store import open_existing

    database = open_existing(context.instance().store, now)
    run = _read(context, database, settings)
    return _told(database, run, _run(run))


async def _carried_out(context: Context, settings: "Settings", now: "datetime") -> "Told":
    """Cluster anew, store what comes of it, and publish that.

    Raises:
        StoreInUse: a daemon runs on the store.
    """
    from aggregator.cli.console import teller
    from aggregator.database.store import open_existing
    from aggregator.pipeline.opening import alone, opened
    from aggregator.pipeline.recluster import carry_out

    instance, config = context.instance(), context.load(secrets=True)
    open_existing(instance.store, now).close()
    async with (
        alone(instance.store, "`aggregator recluster`", teller(context)),
        opened(instance, config, now) as pipeline,
    ):
        run = await pipeline.in_store(lambda: _read(context, pipeline.database, settings))
        changes = await pipeline.in_store(lambda: _run(run))
        told = await pipeline.in_store(lambda: _told(pipeline.database, run, changes))
        changed = await pipeline.in_store(lambda: carry_out(pipeline.clustering, run.past, changes, now))
        await pipeline.publish(changed, now)
    return told


def _read(context: Context, database: "Database", settings: "Settings") -> "Reclustering":
    from aggregator.database.corrections import constraints
    from aggregator.database.past import past
    from aggregator.pipeline.recluster import Reclustering

    off = {feed.url for feed in context.load().feeds if feed.cluster == "off"} if _configured(context) else set()
    with database.read() as connection:
        return Reclustering(
            past=past(connection, settings.window),
            settings=settings,
            constraints=constraints(connection),
            alone=frozenset(number for url, number in _feeds(database).items() if url in off),
        )


def _configured(context: Context) -> bool:
    return context.instance().config.exists()


def _feeds(database: "Database") -> "Mapping[str, FeedId]":
    from aggregator.database.feeds import all_feeds

    with database.read() as connection:
        return {feed.url: feed.id for feed in all_feeds(connection)}


def _run(run: "Reclustering") -> "Changes":
    with progress("clustering", run.past.entries) as advance:
        for done in run.run():
            advance(done)
    return run.changes()


def _told(database: "Database", run: "Reclustering", changes: "Changes") -> "Told":
    """Gather the names and headlines of the events that change, before they do."""
    from aggregator.cli.changes_text import Told
    from aggregator.database import events as rows

    moved = {one.entry for one in changes.moves}
    ids = {event for one in changes.moves for event in (one.from_event, one.to_event)}
    present = run.past.known.event_of
    parted = {split.event for split in changes.survival.splits}
    members = {entry for entry, event in changes.survival.event_of.items() if event in parted}
    with database.read() as connection:
        known = {event.id: event for event in rows.by_ids(connection, ids - parted)}
        sources = rows.sources_of(connection, moved | members)
    return Told(changes=changes, events=known, sources=sources, stayed=len(present) - len(moved))
