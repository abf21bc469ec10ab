"""`aggregator events`: what is going on, and why reports are together."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from aggregator.cli.console import Context, JsonOption, command, new_app, print_json, print_jsonl

if TYPE_CHECKING:
    from datetime import datetime

    from aggregator.database.engine import Database
    from aggregator.model import Event

app = new_app("Look into events: what is going on, who reports it, why reports are together.")

NowOption = Annotated[str | None, typer.Option("--now", help="Take this time for now (ISO 8601).", hidden=True)]
SinceOption = Annotated[str | None, typer.Option(help="Updated since: a date, a time or a span.", metavar="24h|DATE")]
UntilOption = Annotated[str | None, typer.Option(help="First seen before.", metavar="24h|DATE")]
LanguageOption = Annotated[list[str] | None, typer.Option(help="Only this language; may be repeated.")]
LimitOption = Annotated[int, typer.Option(help="Print at most so many.", min=1)]
JsonLinesOption = Annotated[bool, typer.Option("--jsonl", help="Print one event a line as JSON.")]
Order = Literal["sources", "updated", "first-seen"]


@command(app, "list")
def list_(
    context: Context,
    *,
    since: SinceOption = None,
    until: UntilOption = None,
    min_sources: Annotated[int | None, typer.Option(help="Reported by at least so many outlets.", min=1)] = None,
    language: LanguageOption = None,
    sort: Annotated[Order, typer.Option(help="What comes first.")] = "sources",
    limit: LimitOption = 30,
    all: Annotated[bool, typer.Option("--all", help="Of any age, from one outlet too, without a limit.")] = False,  # noqa: A002
    json: JsonOption = False,
    jsonl: JsonLinesOption = False,
    now: NowOption = None,
) -> None:
    """List events; by default those of the last 24 hours that two or more outlets report, most sources first."""
    from aggregator.cli.arguments import instant, the_time
    from aggregator.database import events as rows

    time = the_time(now)
    outlets = min_sources or (1 if all else 2)
    wanted = rows.Filter(
        since=instant(since or (None if all else "24h"), time),
        until=instant(until, time),
        min_sources=outlets,
        languages=tuple(language or ()),
    )
    with _open(context, time).read() as connection:
        found = rows.listed(connection, wanted, order=sort, limit=None if all else limit)
        total, stored = rows.count(connection, wanted), rows.count(connection)
    if json or jsonl:
        _print_shapes(found, jsonl=jsonl)
        return
    print_events(found, time)
    span = "of any age" if wanted.since is None else f"since {wanted.since:%Y-%m-%d %H:%M} UTC"
    what = f"reported by {outlets} or more outlets" if outlets > 1 else "from any number of outlets"
    more = "" if len(found) == total else f" of {total}; more with --limit"
    hint = "" if all else f" (of {stored} in the store; see --since, --min-sources, --all)"
    print(f"{len(found)} events{more}, {what}, {span}, by {sort}{hint}")


@command(app)
def search(
    context: Context,
    words: Annotated[list[str], typer.Argument(help='Words; "a phrase"; OR; -without; beginning*.')],
    *,
    since: SinceOption = None,
    limit: LimitOption = 30,
    json: JsonOption = False,
    jsonl: JsonLinesOption = False,
    now: NowOption = None,
) -> None:
    """Find events by what their reports say."""
    from aggregator.cli.arguments import instant, the_time
    from aggregator.database import events as rows
    from aggregator.database.search import events_with
    from aggregator.text.query import parse

    time, query = the_time(now), parse(" ".join(words))
    with _open(context, time).read() as connection:
        ids = events_with(connection, query)
        wanted = rows.Filter(since=instant(since, time), ids=tuple(ids))
        found = rows.listed(connection, wanted, order="updated", limit=limit)
        total = rows.count(connection, wanted)
    if json or jsonl:
        _print_shapes(found, jsonl=jsonl)
        return
    print_events(found, time)
    more = "" if len(found) == total else f" of {total}; more with --limit"
    print(f"{len(found)} events{more}, newest first")


@command(app)
def show(
    context: Context,
    event: Annotated[str, typer.Argument(help="The event's id, or the beginning of it.")],
    *,
    json: JsonOption = False,
) -> None:
    """Print an event: its sources with their times, which are copies of which, and why each is in it."""
    from aggregator.cli.arguments import the_time
    from aggregator.cli.event_text import event_text
    from aggregator.cli.shapes import SCHEMA_VERSION, event_shape
    from aggregator.database import events as rows
    from aggregator.database.decisions import evidence_of

    with _open(context, the_time(None)).read() as connection:
        found = rows.named(connection, event)
        reasons = evidence_of(connection, found.id)
    if json:
        evidence = {str(entry): [reason.detail for reason in those] for entry, those in reasons.items()}
        print_json({"schema_version": SCHEMA_VERSION, "event": event_shape(found), "evidence": evidence})
        return
    for line in event_text(found, reasons):
        print(line)


def _open(context: Context, now: "datetime") -> "Database":
    from aggregator.database.store import open_existing

    return open_existing(context.instance().store, now)


def _print_shapes(found: "Sequence[Event]", *, jsonl: bool) -> None:
    from aggregator.cli.shapes import SCHEMA_VERSION, event_shape

    if jsonl:
        print_jsonl(event_shape(event) for event in found)
    else:
        print_json({"schema_version": SCHEMA_VERSION, "events": [event_shape(event) for event in found]})


def print_events(found: "Sequence[Event]", now: "datetime") -> None:
    """Print a table of events, a line each."""
    from aggregator.cli.console import print_table
    from aggregator.cli.event_text import ago, outlets_shown

    print_table(
        ("id", "outlets", "reports", "updated", "lang", "headline", "from"),
        [
            (
                event.name,
                event.outlets,
                len(event.sources),
                ago(now - event.updated),
                event.language or "",
                event.headline,
                outlets_shown(event, 3),
            )
            for event in found
        ],
        right=("outlets", "reports", "updated"),
    )
