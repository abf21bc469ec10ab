"""`aggregator outlets` and `aggregator feeds overlap`: who is first, who copies, which feeds tell the same."""

from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer

from aggregator.cli.console import Context, JsonOption, command, new_app, print_json, print_table, print_text
from aggregator.cli.feeds import app as feeds

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from aggregator.database.engine import Database
    from aggregator.database.feeds import Condition
    from aggregator.database.telling import Overlap, Teller

app = new_app("See what outlets contribute: who is first, who copies, who reports independently.")

SinceOption = Annotated[str, typer.Option(help="Reports since: a date, a time or a span.", metavar="7d|DATE")]
NowOption = Annotated[str | None, typer.Option("--now", help="Take this time for now (ISO 8601).", hidden=True)]

NEARLY_ALL = 0.9  # of a feed's events another tells too: hardly anything would be missed without it
RARELY = 0.1  # of these it tells first


@command(app, "list", paged=True)
def list_(context: Context, *, since: SinceOption = "30d", json: JsonOption = False, now: NowOption = None) -> None:
    """List the outlets with their reports: how many were first, copies, independent."""
    from aggregator.cli.shapes import SCHEMA_VERSION, stamp
    from aggregator.database.telling import tellers

    database, begin = _opened(context, since, now)
    with database.read() as connection:
        found = tellers(connection, begin)
    if json:
        shapes = [_teller_shape(one) for one in found]
        print_json({"schema_version": SCHEMA_VERSION, "since": stamp(begin), "outlets": shapes})
        return
    columns = ("outlet", "reports", "events", "shared", "first", "copies", "independent")
    print_table(columns, map(_teller_row, found), right=columns[1:])
    print_text(
        f"{len(found)} outlets since {begin:%Y-%m-%d %H:%M} UTC; shared: events that others report too, "
        "first: of these, reported before the others"
    )


@command(feeds, "overlap", paged=True)
def overlap(
    context: Context,
    *,
    since: SinceOption = "7d",
    limit: Annotated[int, typer.Option(help="Print at most so many pairs.", min=1)] = 30,
    json: JsonOption = False,
    now: NowOption = None,
) -> None:
    """Show which feeds tell of the same events, who is first, and which could be dropped."""
    from aggregator.cli.shapes import SCHEMA_VERSION, stamp
    from aggregator.database.feeds import conditions
    from aggregator.database.telling import FEWEST, overlaps

    database, begin = _opened(context, since, now)
    with database.read() as connection:
        found = overlaps(connection, begin)
        known = {feed.id: feed for feed in conditions(connection)}
    found = [one for one in found if known[one.feed].subscribed and known[one.other].subscribed]
    if json:
        shapes = [_overlap_shape(one, known) for one in found[:limit]]
        dropped = [_drop_shape(one, known) for one in droppable(found)]
        head = {"schema_version": SCHEMA_VERSION, "since": stamp(begin)}
        print_json({**head, "pairs": shapes, "could_drop": dropped})
        return
    columns = ("feed", "events", "with", "common", "share", "first", "copies")
    rows = (_overlap_row(one, known) for one in found[:limit])
    print_table(columns, rows, right=("events", "common", "share", "first", "copies"))
    more = "" if len(found) <= limit else f" of {len(found)}; more with --limit"
    print_text(
        f"{min(limit, len(found))} pairs{more} with {FEWEST} or more common events since {begin:%Y-%m-%d %H:%M} UTC"
    )
    for one in droppable(found):
        print_text(_advice(one, known))


def droppable(found: "Sequence[Overlap]") -> "list[Overlap]":
    """Give for each feed that could be dropped the pair that says so; never both feeds of a pair."""
    chosen: dict[int, Overlap] = {}
    for one in found:
        spare = one.share >= NEARLY_ALL and one.first <= RARELY * one.common
        if spare and one.feed not in chosen and one.other not in chosen:
            chosen[one.feed] = one
    return list(chosen.values())


def _advice(one: "Overlap", known: "dict[int, Condition]") -> str:
    return (
        f"you could drop {known[one.feed].label}: {known[one.other].label} tells {one.share:.0%} of its events, "
        f"and it was first {one.first} times in {one.common} (aggregator feeds remove {one.feed})"
    )


def _opened(context: Context, since: str, now: str | None) -> "tuple[Database, datetime]":
    from aggregator.cli.arguments import instant, the_time
    from aggregator.database.store import open_existing

    time = the_time(now)
    database = open_existing(context.instance().store, time)
    return database, instant(since, time) or time - timedelta(days=7)


def _share(part: int, whole: int) -> str:
    return f"{part} ({part / whole:.0%})" if whole else "0"


def _teller_row(one: "Teller") -> tuple[object, ...]:
    first, copies = _share(one.first, one.shared), _share(one.copies, one.reports)
    return one.outlet, one.reports, one.events, one.shared, first, copies, _share(one.independent, one.reports)


def _teller_shape(one: "Teller") -> dict[str, Any]:
    return {
        "outlet": one.outlet,
        "reports": one.reports,
        "events": one.events,
        "shared_events": one.shared,
        "first": one.first,
        "first_share": round(one.first / one.shared, 4) if one.shared else None,
        "copies": one.copies,
        "independent": one.independent,
    }


def _overlap_row(one: "Overlap", known: "dict[int, Condition]") -> tuple[object, ...]:
    feed, other = known[one.feed].label, known[one.other].label
    return feed, one.events, other, one.common, f"{one.share:.0%}", _share(one.first, one.common), one.copies


def _overlap_shape(one: "Overlap", known: "dict[int, Condition]") -> dict[str, Any]:
    return {
        "feed": {"id": one.feed, "name": known[one.feed].label, "events": one.events},
        "with": {"id": one.other, "name": known[one.other].label, "events": one.other_events},
        "common": one.common,
        "share": round(one.share, 4),
        "first": one.first,
        "copies": one.copies,
    }


def _drop_shape(one: "Overlap", known: "dict[int, Condition]") -> dict[str, Any]:
    return {"feed": one.feed, "name": known[one.feed].label, "told_by": one.other, "share": round(one.share, 4)}
