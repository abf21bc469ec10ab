"""`aggregator events why` and `events why-not`: what decided, and what was missing."""

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

import typer

from aggregator.cli.console import Context, JsonOption, command, flush, print_json, print_text
from aggregator.cli.events import EventArgument, app
from aggregator.errors import InputError, NotFound

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from aggregator.cli.why import Member
    from aggregator.clustering.settings import Settings
    from aggregator.database.engine import Database
    from aggregator.evaluation.comparing import Comparison
    from aggregator.model import EntryId, Event, Report

MOST_MEMBERS = 12  # of an event that are measured one by one: the newest

OneArgument = Annotated[str, typer.Argument(help="An event's id, or an entry's number.", metavar="A")]
OtherArgument = Annotated[str, typer.Argument(help="Another event's id, or entry's number.", metavar="B")]


@command(app, paged=True)
def why(
    context: Context,
    event: EventArgument,
    entry: Annotated[int | None, typer.Argument(help="One of its entries, for all its numbers.")] = None,
    *,
    json: JsonOption = False,
) -> None:
    """Say why reports are in an event: which rule, compared with what, what they share, which thresholds held."""
    from aggregator.cli import why as text
    from aggregator.cli.arguments import the_time
    from aggregator.database import events as rows
    from aggregator.database.store import open_existing

    database = open_existing(context.instance().store, the_time(None))
    with database.read() as connection:
        found = rows.named(connection, event)
    wanted = [source for source in found.sources if entry is None or source.entry == entry]
    if not wanted:
        entries = ", ".join(str(source.entry) for source in found.sources)
        raise NotFound(f"entry {entry} is not in event {found.name}; its entries are {entries}")
    if not json:
        print_text(f"{text.headline(found)}\n")
        flush()  # what follows has to cut and stem texts first
    members = _members(database, found, [source.entry for source in wanted])
    if json:
        print_json(text.why_shape(found, members))
    elif entry is None:
        text.print_members(members)
    else:
        text.print_member(members[0])


def _members(database: "Database", event: "Event", wanted: "Sequence[EntryId]") -> "list[Member]":
    """Gather what was decided about entries, with the texts of what they were compared with at that revision."""
    from aggregator.cli.why import Member
    from aggregator.database import entries
    from aggregator.database import events as rows
    from aggregator.database.decisions import stored_boilerplate
    from aggregator.database.reasons import evidence_of
    from aggregator.text.boilerplate import Boilerplate

    with database.read() as connection:
        reasons = evidence_of(connection, event.id)
        boilerplate = Boilerplate.from_values(stored_boilerplate(connection))
        compared = {
            one.detail["compared"] for entry in wanted for one in reasons.get(entry, ()) if one.detail["compared"]
        }
        sources = rows.sources_of(connection, {*wanted, *compared})
        edits = entries.revisions_of(connection, sorted(sources))
    return [
        Member.of(sources[entry], reasons[entry][-1] if reasons.get(entry) else None, sources, edits, boilerplate)
        for entry in wanted
    ]


@command(app, name="why-not", paged=True)
def why_not(context: Context, one: OneArgument, other: OtherArgument, *, json: JsonOption = False) -> None:
    """Say what keeps two entries or events apart: measured now, with the thresholds, and which would join them."""
    from aggregator.cli import why_not as text
    from aggregator.cli.arguments import the_time
    from aggregator.database.store import open_existing

    now = the_time(None)
    database = open_existing(context.instance().store, now)
    asked = [_asked(database, word) for word in (one, other)]
    (left, ones), (right, others) = asked
    if left.id == right.id:
        raise InputError(f"both are in event {left.name}; `aggregator events why {left.name}` says why")
    if not json:
        print_text(text.asked_text(left, ones, right, others))
        flush()  # restoring the window takes its time
    comparison = _compared(context, database, ones, others, now)
    comparison = replace(comparison, kept_apart=_kept_apart(database, left, right, ones, others))
    if json:
        print_json(text.why_not_shape(left, right, comparison))
    else:
        text.print_comparison(comparison, {source.entry: source for event in (left, right) for source in event.sources})


def _kept_apart(
    database: "Database", left: "Event", right: "Event", ones: "Sequence[Report]", others: "Sequence[Report]"
) -> tuple[str, ...]:
    """Say which corrections keep what was asked about apart; of an event, any of its entries."""
    from aggregator.cli.correction_text import because
    from aggregator.database.corrections import keeping_apart

    sides = []
    for event, asked in ((left, ones), (right, others)):
        alone = len(asked) == 1 < len(event.sources)
        sides.append([asked[0].id] if alone else [source.entry for source in event.sources])
    with database.read() as connection:
        return tuple(f"a person keeps them apart, {because(one)}" for one in keeping_apart(connection, *sides))


def _asked(database: "Database", word: str) -> "tuple[Event, list[Report]]":
    """Find what a word names: an event with its newest members, or an entry with its event.

    Raises:
        NotFound: neither has that name.
    """
    from aggregator.database import entries
    from aggregator.database import events as rows

    kind, colon, name = word.partition(":")
    name = name if colon else word
    if colon and kind not in {"entry", "event"}:
        raise InputError(f"{word!r} names neither entry:NUMBER nor event:ID")
    with database.read() as connection:
        if kind == "entry" or (not colon and name.isascii() and name.isdigit()):
            event = entries.event_of(connection, int(name)) if name.isdigit() else None
            if event is not None:
                return rows.by_ids(connection, [event])[0], entries.reports(connection, [int(name)])
            if colon:
                raise NotFound(f"no entry {name} in any event; `aggregator events show EVENT` names its entries")
        found = rows.named(connection, name)
        ids = [source.entry for source in found.sources]
        return found, entries.reports(connection, ids[-MOST_MEMBERS:])


def _compared(
    context: Context, database: "Database", ones: "list[Report]", others: "list[Report]", now: "datetime"
) -> "Comparison":
    """Restore the clusterer, or one that knows the entries alone where they have left the window, and measure."""
    from aggregator.database import decisions, entries
    from aggregator.database import events as rows
    from aggregator.errors import OtherRules
    from aggregator.evaluation import comparing

    settings = settings_in_force(context)
    ids = [report.id for report in (*ones, *others)]
    begin = min(now - settings.window, *(report.time for report in (*ones, *others)))
    with database.read() as connection:
        snapshot = decisions.snapshot(connection, begin)
        try:
            clusterer = comparing.restored(settings, snapshot)
            window = comparing.holds(clusterer, ids)
        except OtherRules:  # an upgrade since: as after the window
            window = False
        if not window:
            events = [entries.event_of(connection, report.id) for report in (ones[0], others[0])]
            found = rows.by_ids(connection, [event for event in events if event is not None])
            event_of = {source.entry: event.id for event in found for source in event.sources}
            members = [(report, event_of[report.id]) for report in entries.reports(connection, sorted(event_of))]
            newest = max(report.time for report, _ in members)
            size = entries.seen_between(connection, newest - settings.window, newest)
            clusterer = comparing.alone(settings, members, snapshot, size)
    return comparing.compare(clusterer, ones, others, window=window)


def settings_in_force(context: Context) -> "Settings":
    """Give the settings in force; the defaults where there is no configuration."""
    from aggregator.clustering.settings import Settings
    from aggregator.errors import ConfigError
    from aggregator.pipeline.numbers import clustering_settings

    try:
        return clustering_settings(context.load())
    except ConfigError:
        if context.instance().config.exists():
            raise
        return Settings()
