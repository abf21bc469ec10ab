"""`aggregator status`: is a daemon running, what is due and failing, how much there is."""

from typing import TYPE_CHECKING

import typer

from aggregator.cli.console import Context, JsonOption, bytes_shown, command, print_json, print_text, shown

if TYPE_CHECKING:
    from datetime import datetime


def register(app: typer.Typer) -> None:
    """Add the command to the program."""
    command(app, "status")(status)


def status(context: Context, *, json: JsonOption = False) -> None:
    """Print whether a daemon runs, which feeds are due or failing, and how much the store holds."""
    from datetime import UTC, datetime

    from aggregator.cli.shapes import SCHEMA_VERSION, stamp
    from aggregator.database import feeds
    from aggregator.database.lock import holder
    from aggregator.database.overview import counts
    from aggregator.database.store import file_bytes, open_existing

    instance, now = context.instance(), datetime.now(UTC)
    database = open_existing(instance.store, now)
    running = holder(instance.store)
    with database.read() as connection:
        known = [feed for feed in feeds.conditions(connection) if feed.subscribed]
        last = feeds.last_poll(connection)
        entries, events, _ = counts(connection)
    size = file_bytes(database)
    due = [feed for feed in known if feed.due(now)]
    failing = [feed for feed in known if feed.state.health.troubled]
    shape = {
        "schema_version": SCHEMA_VERSION,
        "config": str(instance.config),
        "store": str(instance.store),
        "running": running and running.what,
        "running_since": stamp(running.since) if running else None,
        "feeds": len(known),
        "due": len(due),
        "failing": len(failing),
        "last_poll": stamp(last),
        "entries": entries,
        "events": events,
        "database_bytes": size,
    }
    if json:
        print_json(shape)
        return
    since = f"since {running.since.astimezone():%Y-%m-%d %H:%M}" if running else ""
    print(f"{'running':14}{f'{running.what}, {since}' if running else 'no; start it with `aggregator run`'}")
    print(f"{'configuration':14}{instance.config}")
    print(f"{'store':14}{instance.store}, {bytes_shown(size)}")
    print(f"{'feeds':14}{len(known)}, {len(due)} due, {len(failing)} in trouble")
    for feed in failing[:10]:
        print_text(f"{'':14}  {shown(feed.label)}: {shown(feed.state.reason)}")
    if len(failing) > 10:
        print(f"{'':14}  and {len(failing) - 10} more; `aggregator feeds list --failing` shows all")
    print(f"{'last poll':14}{_ago(last, now)}")
    print(f"{'holds':14}{entries:,} reports in {events:,} events")


def _ago(when: "datetime | None", now: "datetime") -> str:
    from aggregator.cli.event_text import ago

    return "never" if when is None else ago(when, now)
