"""`aggregator export`: everything in the store as JSON lines."""

import json
import sys
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from aggregator.cli.console import Context, command, progress
from aggregator.cli.shapes import SCHEMA_VERSION, stamp

HIDDEN = {"record", "html"}  # what only this program reads; `--html` brings the second back


def register(app: typer.Typer) -> None:
    """Add the command to the program."""
    command(app)(export)


def export(
    context: Context,
    *,
    since: Annotated[
        str | None, typer.Option(help="What is newer: a date, a time or a span.", metavar="24h|DATE")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="The file to write; none prints it.", metavar="FILE")] = None,
    html: Annotated[bool, typer.Option("--html", help="With the sanitised HTML of entries.")] = False,
) -> None:
    """Write feeds, entries, former revisions, events, decisions and corrections as JSON lines, each with its `type`."""
    from contextlib import nullcontext

    from aggregator.cli.arguments import instant, the_time
    from aggregator.cli.cluster import replacing
    from aggregator.database.changes import exported
    from aggregator.database.store import open_existing

    now = the_time(None)
    begin = instant(since, now)
    database = open_existing(context.instance().store, now)
    hidden = HIDDEN - ({"html"} if html else set())
    where = replacing(out) if out is not None else nullcontext(sys.stdout)
    with database.read() as connection, where as file, progress("exporting", None) as advance:
        head = {"type": "export", "schema_version": SCHEMA_VERSION, "at": stamp(now), "since": stamp(begin)}
        file.write(json.dumps(head) + "\n")
        for kind, row in exported(connection, begin):
            file.write(json.dumps(_shape(kind, row, hidden), ensure_ascii=False) + "\n")
            advance(1)


def _shape(kind: str, row: dict[str, Any], hidden: set[str]) -> dict[str, Any]:
    from aggregator.fetching.shown import shown

    values: dict[str, Any] = {"type": kind}
    for key, value in row.items():
        if key not in hidden:
            values[key] = stamp(value) if isinstance(value, datetime) else value
    if kind == "feed":
        values["url"] = shown(row["url"])
    if kind == "decision":
        values["detail"] = json.loads(row["detail"])
    return values
