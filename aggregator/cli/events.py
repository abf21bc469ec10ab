"""`aggregator events`: what is going on, and why reports are together."""

from typing import TYPE_CHECKING, Annotated, Literal

import typer

from aggregator.cli.console import Context, JsonOption, command, new_app, print_json, print_text
from aggregator.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from aggregator.database.engine import Database
    from aggregator.model import Event

app = new_app("Look into events: what is going on, who reports it, why reports are together.")

NowOption = Annotated[str | None, typer.Option("--now", help="Take this time for now (ISO 8601).", hidden=True)]
SinceOption = Annotated[str | None, typer.Option(help="Updated since: a date, a time or a span.", metavar="24h|DATE")]
UntilOption = Annotated[str | None, typer.Option(help="First seen before.", metavar="24h|DATE")]
LanguageOption = Annotated[list[str] | None, typer.Option(help="Only this language; may be repeated.")]
OutletOption = Annotated[list[str] | None, typer.Option(help="Reported by this outlet; may be repeated.")]
TagOption = Annotated[list[str] | None, typer.Option(help="A report or its feed has this tag; may be repeated.")]
SourcesOption = Annotated[int | None, typer.Option(help="Reported by at least so many outlets.", min=1)]
IndependentOption = Annotated[int, typer.Option(help="The same after copies and families count once.", min=1)]
LimitOption = Annotated[int, typer.Option(help="Print at most so many.", min=1)]
OffsetOption = Annotated[int, typer.Option(help="Leave out so many of the first.", min=0)]
JsonLinesOption = Annotated[bool, typer.Option("--jsonl", help="Print one event a line as JSON.")]
CsvOption = Annotated[bool, typer.Option("--csv", help="Print comma-separated values.")]
EventArgument = Annotated[str, typer.Argument(help="The event's id, or the beginning of it.", metavar="EVENT")]
Order = Literal["sources", "updated", "first-seen"]


@command(app, "list", paged=True)
def list_(
    context: Context,
    *,
    since: SinceOption = None,
    until: UntilOption = None,
    min_sources: SourcesOption = None,
    min_independent: IndependentOption = 1,
    language: LanguageOption = None,
    outlet: OutletOption = None,
    tag: TagOption = None,
    sort: Annotated[Order, typer.Option(help="What comes first.")] = "sources",
    limit: Annotated[int | None, typer.Option(help="Print at most so many; 30 without --all.", min=1)] = None,
    offset: OffsetOption = 0,
    all: Annotated[bool, typer.Option("--all", help="Of any age, from one outlet too, without a limit.")] = False,  # noqa: A002
    json: JsonOption = False,
    jsonl: JsonLinesOption = False,
    csv: CsvOption = False,
    now: NowOption = None,
) -> None:
    """List events; by default those of the last 24 hours that two or more outlets report, most sources first."""
    from aggregator.cli.arguments import instant, the_time
    from aggregator.database import events as rows
    from aggregator.database import naming

    time = the_time(now)
    outlets, most = min_sources or (1 if all or outlet else 2), None if all else 30
    begin, end = instant(since or (None if all else "24h"), time), instant(until, time)
    with _open(context, time).read() as connection:
        wanted = rows.Filter(
            since=begin,
            until=end,
            min_sources=outlets,
            min_independent=min_independent,
            languages=_codes(language),
            outlets=naming.outlets(connection, outlet) if outlet else (),
            tags=tuple(tag or ()),
        )
        found = rows.in_pages(connection, wanted, order=sort, limit=limit or most, offset=offset)
        printed = _print(found, time, json=json, jsonl=jsonl, csv=csv)
        if json or jsonl or csv:
            return
        total, stored = rows.count(connection, wanted), rows.count(connection)
        meant = {word: naming.outlets_like(connection, word) for word in wanted.outlets if not total}
    span = "of any age" if wanted.since is None else f"since {wanted.since:%Y-%m-%d %H:%M} UTC"
    what = f"reported by {outlets} or more outlets" if outlets > 1 else "from any number of outlets"
    hint = "" if all else f" (of {stored} in the store; see --since, --min-sources, --all)"
    print_text(f"{_of(printed, total, offset)}, {what}, {span}, by {sort}{hint}")
    for word, close in meant.items():
        if close:
            print_text(f"no outlet is called {word}; did you mean {' or '.join(close)}?")


@command(app, paged=True)
def search(
    context: Context,
    words: Annotated[list[str], typer.Argument(help='Words; "a phrase"; OR; -without; beginning*.')],
    *,
    since: SinceOption = None,
    until: UntilOption = None,
    min_sources: SourcesOption = None,
    min_independent: IndependentOption = 1,
    language: LanguageOption = None,
    limit: LimitOption = 30,
    offset: OffsetOption = 0,
    json: JsonOption = False,
    jsonl: JsonLinesOption = False,
    csv: CsvOption = False,
    now: NowOption = None,
) -> None:
    """Find events by what their reports say, the newest first."""
    from aggregator.cli.arguments import instant, the_time
    from aggregator.database import events as rows
    from aggregator.text.query import parse

    time, query = the_time(now), parse(" ".join(words))
    with _open(context, time).read() as connection:
        wanted = rows.Filter(
            since=instant(since, time),
            until=instant(until, time),
            min_sources=min_sources or 1,
            min_independent=min_independent,
            languages=_codes(language),
            search=query,
        )
        found = rows.in_pages(connection, wanted, order="updated", limit=limit, offset=offset)
        printed = _print(found, time, json=json, jsonl=jsonl, csv=csv)
        if json or jsonl or csv:
            return
        total = rows.count(connection, wanted)
    print_text(f"{_of(printed, total, offset)}, newest first")


@command(app, paged=True)
def show(
    context: Context,
    event: EventArgument,
    *,
    revisions: Annotated[bool, typer.Option("--revisions", help="What outlets changed in their reports.")] = False,
    json: JsonOption = False,
) -> None:
    """Print an event: its time line, its sources with their copies, and why each is in it."""
    from aggregator.cli.arguments import the_time
    from aggregator.cli.event_text import event_text
    from aggregator.cli.revisions import revision_shapes, revision_text
    from aggregator.cli.shapes import SCHEMA_VERSION, event_shape, related_shape
    from aggregator.database import entries
    from aggregator.database import events as rows
    from aggregator.database.overview import in_order
    from aggregator.database.reasons import evidence_of
    from aggregator.database.related import related_events

    with _open(context, the_time(None)).read() as connection:
        found = rows.named(connection, event)
        reasons = evidence_of(connection, found.id)
        near = in_order(connection, related_events(connection, found.id))
        edits = entries.revisions_of(connection, [source.entry for source in found.sources]) if revisions else {}
    if json:
        shape = {"schema_version": SCHEMA_VERSION, "event": event_shape(found)}
        shape["related"] = [related_shape(one) for one in near]
        shape["evidence"] = {str(entry): [reason.detail for reason in those] for entry, those in reasons.items()}
        print_json({**shape, "revisions": revision_shapes(found, edits)} if revisions else shape)
        return
    print_text(*(revision_text(found, edits) if revisions else event_text(found, reasons, near)))


@command(app, paged=True)
def history(context: Context, event: EventArgument, *, json: JsonOption = False) -> None:
    """Print what was decided about an event over time, and put right: which reports came, left and moved, and why."""
    from aggregator.cli.arguments import the_time
    from aggregator.cli.history import history_shape, history_text
    from aggregator.database import corrections
    from aggregator.database import events as rows
    from aggregator.database.reasons import history_of

    with _open(context, the_time(None)).read() as connection:
        found = rows.named(connection, event)
        decisions = history_of(connection, found.id)
        ids = {one.event for one in decisions} | {one.from_event for one in decisions if one.from_event is not None}
        put_right = corrections.touching(connection, found.id)
        names = rows.names(connection, ids.union(*(one.mentioned for one in put_right)))
        titles = rows.sources_of(connection, {one.entry for one in decisions})
    if json:
        print_json(history_shape(found, decisions, put_right, names=names, titles=titles))
        return
    print_text(*history_text(found, decisions, put_right, names=names, titles=titles))


def _open(context: Context, now: "datetime") -> "Database":
    from aggregator.database.store import open_existing

    return open_existing(context.instance().store, now)


def _print(found: "Iterable[Event]", now: "datetime", *, json: bool, jsonl: bool, csv: bool) -> int:
    """Print events as they are read, in the form asked for; give how many.

    Raises:
        InputError: two forms are asked for.
    """
    from aggregator.cli import listing

    if json + jsonl + csv > 1:
        raise InputError("--json, --jsonl and --csv exclude each other; give one")
    if json:
        return listing.print_events_json(found)
    if jsonl:
        return listing.print_events_jsonl(found)
    if csv:
        return listing.print_events_csv(found)
    return listing.print_events(found, now)


def _of(printed: int, total: int, offset: int) -> str:
    """Say how many of how many were printed, and how to see the next."""
    if printed == total:
        return f"{printed} events"
    following = offset + printed
    more = f"; more with --offset {following} or --limit" if following < total else ""
    return f"{printed} events of {total}{more}"


def _codes(languages: list[str] | None) -> tuple[str, ...]:
    """Give languages as they are stored: en, whatever the case."""
    return tuple(language.strip().lower() for language in languages or ())
