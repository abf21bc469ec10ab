"""`aggregator events watch`: new and growing events as they come."""

import json
import sys
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from aggregator.cli.console import Context, command, shown
from aggregator.cli.event_text import outlets_shown
from aggregator.cli.events import (
    IndependentOption,
    JsonLinesOption,
    LanguageOption,
    SourcesOption,
    app,
)
from aggregator.cli.shapes import SCHEMA_VERSION, event_shape
from aggregator.model import Event

if TYPE_CHECKING:
    from aggregator.database.changes import Change
    from aggregator.text.query import Query

PAUSE = 1.0  # seconds between two looks at the database


@command(app)
def watch(
    context: Context,
    *,
    search: Annotated[str | None, typer.Option(help="A report has to satisfy this search.", metavar="WORDS")] = None,
    min_sources: SourcesOption = None,
    min_independent: IndependentOption = 1,
    language: LanguageOption = None,
    after: Annotated[
        str | None, typer.Option(help="Go on after this `cursor` of an earlier line; 0: from the beginning.")
    ] = None,
    once: Annotated[bool, typer.Option("--once", help="End when everything there is was told.")] = False,
    jsonl: JsonLinesOption = False,
) -> None:
    """Follow new and growing events as they come, until Ctrl-C; a daemon has to run for there to be any."""
    from aggregator.database.changes import Cursor, latest, told
    from aggregator.database.lock import holder
    from aggregator.database.store import open_existing
    from aggregator.text.query import parse

    query = parse(search) if search else None
    folder = context.instance().store
    database = open_existing(folder, datetime.now(UTC))
    with database.read() as connection:
        cursor = Cursor.parse(after) if after is not None else latest(connection)
    if not jsonl and not once:
        running = "" if holder(folder) else "; no daemon runs, start it with `aggregator run`"
        print(f"watching after {cursor}; Ctrl-C ends it{running}", file=sys.stderr)
    wanted = Wanted(query, min_sources or 1, min_independent, tuple(language or ()))
    while True:
        with database.read() as connection:
            news, newest = told(connection, cursor), latest(connection)
        for change, event, survivor in news:
            if wanted.keeps(survivor or event):
                print(_line(change, event, survivor, jsonl=jsonl), flush=True)
        cursor = max(cursor, newest)
        if once:
            return
        time.sleep(PAUSE)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which changes are told."""

    query: "Query | None"
    min_sources: int
    min_independent: int
    languages: tuple[str, ...]

    def keeps(self, event: Event) -> bool:
        """Tell whether an event passes the filters."""
        from aggregator.publishing.release import says

        return (
            bool(event.sources)
            and event.outlets >= self.min_sources
            and event.independent >= self.min_independent
            and (not self.languages or event.language in self.languages)
            and (self.query is None or says(event, self.query))
        )


def _line(change: "Change", event: Event, survivor: Event | None, *, jsonl: bool) -> str:
    kind = "merged" if survivor else "new" if change.new else "changed"
    if jsonl:
        shape: dict[str, Any] = {"schema_version": SCHEMA_VERSION, "cursor": str(change.cursor), "change": kind}
        shape["merged_into"] = survivor and survivor.name
        return json.dumps({**shape, "event": event_shape(event)}, ensure_ascii=False)
    if survivor:
        return f"{event.updated.astimezone():%H:%M}  {kind:7}  {event.name} went up in {survivor.name}"
    counts = f"{event.outlets} outlets, {len(event.sources)} reports"
    headline, outlets = shown(event.headline), shown(outlets_shown(event, 3))
    return f"{event.updated.astimezone():%H:%M}  {kind:7}  {event.name}  {headline} ({counts}: {outlets})"
