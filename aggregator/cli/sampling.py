"""`aggregator events sample`: pairs of reports for a person to label, in the form that `evaluate` takes back."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from aggregator.cli.console import Context, command, progress
from aggregator.cli.events import app
from aggregator.errors import NotFound, OtherRules

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from aggregator.clustering.assign import Clusterer
    from aggregator.clustering.settings import Settings
    from aggregator.database.engine import Database
    from aggregator.evaluation.borderline import Borderline
    from aggregator.model import EntryId, Source

STEP = 100  # entries between two steps of the bar


@command(app)
def sample(
    context: Context,
    *,
    borderline: Annotated[int, typer.Option(help="How many pairs near what joining and merging need.", min=1)] = 50,
    seed: Annotated[int, typer.Option(help="Another number gives other pairs, the same the same.")] = 0,
    out: Annotated[Path | None, typer.Option(help="The file to write; none prints it.", metavar="FILE")] = None,
) -> None:
    """Write pairs of reports about which clustering was least sure, as JSON lines: set `same` to 1 or 0 in each."""
    from aggregator.cli.arguments import the_time
    from aggregator.cli.asking import settings_in_force
    from aggregator.cli.cluster import replacing, write_rows
    from aggregator.database import events as rows
    from aggregator.database.store import open_existing
    from aggregator.evaluation.borderline import chosen

    now = the_time(None)
    database = open_existing(context.instance().store, now)
    clusterer = _restored(database, settings_in_force(context), now)
    found = chosen(_measured(clusterer), borderline, seed)
    with database.read() as connection:
        sources = rows.sources_of(connection, {entry for pair in found for entry in (pair.one, pair.other)})
    lines = [_line(pair, sources) for pair in found]
    if out is None:
        write_rows(sys.stdout, lines)
    else:
        with replacing(out) as file:
            write_rows(file, lines)
    told = f"{len(lines)} pairs; set `same` in each to 1 (one event) or 0 (two), then "
    print(f"{told}`aggregator evaluate {out or 'FILE'} --stored`", file=sys.stderr)


def _restored(database: "Database", settings: "Settings", now: "datetime") -> "Clusterer":
    """Give the clusterer with the stored window, seen from its newest entry.

    Raises:
        NotFound: nothing was clustered yet.
        OtherRules: another version clustered it, whose numbers this one does not compare with its own.
    """
    from aggregator.database import decisions
    from aggregator.evaluation import comparing

    with database.read() as connection:
        newest = decisions.newest_record(connection)
        if newest is None:
            raise NotFound("nothing was clustered yet; `aggregator poll` brings entries")
        try:
            return comparing.restored(settings, decisions.snapshot(connection, min(now, newest) - settings.window))
        except OtherRules as error:
            raise OtherRules(
                f"what is stored was clustered by other rules than those in force ({error}), so there is nothing to"
                " measure by; `aggregator recluster` clusters it anew by them, `--dry-run` first says what that changes"
            ) from error


def _measured(clusterer: "Clusterer") -> "Iterator[Borderline]":
    from aggregator.evaluation.borderline import joins, merges

    window = clusterer.linker.window
    with progress("measuring", len(window)) as advance:
        for start in range(window.first, window.end, STEP):
            some = range(start, min(start + STEP, window.end))
            yield from joins(clusterer, some)
            advance(len(some))
        yield from merges(clusterer, range(window.first, window.end))


def _line(pair: "Borderline", sources: "Mapping[EntryId, Source]") -> dict[str, Any]:
    near = {"threshold": pair.threshold, "score": round(pair.score, 4), "needed": round(pair.needed, 4)}
    sides = {"a": _side(sources[pair.one]), "b": _side(sources[pair.other])}
    return {**sides, "same": None, "together": pair.together, **near}


def _side(source: "Source") -> dict[str, Any]:
    from aggregator.cli.shapes import stamp

    return {
        "id": str(source.entry),
        "title": source.title,
        "summary": source.summary,
        "lang": source.language,
        "source": source.outlet,
        "url": source.url,
        "published": stamp(source.first_seen),
    }
