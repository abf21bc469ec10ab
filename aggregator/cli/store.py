"""`aggregator store`: how large the store is, deleting what is old, backups."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from aggregator.cli.console import Context, JsonOption, bytes_shown, command, new_app, print_json, print_table

app = new_app("Look after the store: size, old entries, backups.")


@command(app)
def size(context: Context, *, json: JsonOption = False) -> None:
    """Print how large the store is, and how much of what it holds."""
    from aggregator.database.store import open_existing, sizes

    database = open_existing(context.instance().store, datetime.now(UTC))
    found = sizes(database)
    if json:
        print_json({"schema_version": 1, "path": str(database.path), **found})
        return
    rows = [("database", bytes_shown(found.pop("bytes"))), ("of it free", bytes_shown(found.pop("free_bytes")))]
    print_table(
        ("what", "how much"), [*rows, *((name, f"{count:,}") for name, count in found.items())], right=["how much"]
    )


@command(app)
def prune(context: Context, *, json: JsonOption = False) -> None:
    """Delete entries older than `store.entries`, in small steps; a daemon does this by itself."""
    from aggregator.cli.console import progress
    from aggregator.database.retention import prunable, prune_step
    from aggregator.database.store import open_existing

    now = datetime.now(UTC)
    before = now - context.load().store.entries
    database = open_existing(context.instance().store, now)
    deleted = 0
    with progress("deleting", prunable(database, before)) as advance:
        while step := prune_step(database, before, now):
            deleted += step
            advance(step)
    if json:
        print_json({"schema_version": 1, "deleted": deleted, "before": before.isoformat()})
    else:
        print(f"{deleted} entries from before {before:%Y-%m-%d %H:%M} UTC deleted")


@command(app)
def backup(context: Context, file: Annotated[Path, typer.Argument(help="The file to write.")]) -> None:
    """Copy the database into a file, beside a running daemon."""
    from aggregator.cli.console import progress
    from aggregator.database.store import backup as copy
    from aggregator.database.store import open_existing

    database = open_existing(context.instance().store, datetime.now(UTC))
    with progress("copying", 100) as advance:
        done = 0

        def report(left: int, total: int) -> None:
            nonlocal done
            percent = 100 * (total - left) // max(1, total)
            advance(percent - done)
            done = percent

        copy(database.path, file, report)
    print(f"{file}: {bytes_shown(file.stat().st_size)}; put it back with `aggregator store restore {file}`")


@command(app)
def restore(context: Context, file: Annotated[Path, typer.Argument(help="A file that `store backup` wrote.")]) -> None:
    """Put a backup in the place of the database; the present one is kept."""
    from aggregator.database.store import restore as put_back

    kept = put_back(context.instance().store, file, datetime.now(UTC))
    print(f"restored from {file}" + (f"; what was there before is in {kept}" if kept else ""))
