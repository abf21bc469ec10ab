"""`aggregator events merge`, `split`, `move`, `pin`, `mute`, `unmute`, `corrections` and `aggregator undo`."""

from typing import TYPE_CHECKING, Annotated

import typer

from aggregator.cli.console import Context, JsonOption, command, flush, print_json, print_table, print_text
from aggregator.cli.events import EventArgument, NowOption, app
from aggregator.errors import InputError

if TYPE_CHECKING:
    from datetime import datetime

    from aggregator.database.corrections import Correction
    from aggregator.database.engine import Database
    from aggregator.pipeline.correcting import Ask

PATIENCE = 20.0  # seconds that a running daemon is given to carry a correction out
PAUSE = 0.1

EventsArgument = Annotated[list[str], typer.Argument(help="Their ids, or the beginnings of them.", metavar="EVENT")]
EntryArgument = Annotated[str, typer.Argument(help="The entry's number in `events show`.", metavar="ENTRY")]
EntriesArgument = Annotated[
    list[str], typer.Argument(help="Their numbers in `events show`: these are parted.", metavar="ENTRY")
]
ReasonOption = Annotated[
    str, typer.Option("--reason", help="Why, for `events history` and `events why`.", metavar="TEXT")
]


def register(program: typer.Typer) -> None:
    """Add `undo` to the program."""
    command(program, "undo")(undo)


@command(app)
def merge(
    context: Context,
    events: EventsArgument,
    *,
    reason: ReasonOption = "",
    json: JsonOption = False,
    now: NowOption = None,
) -> None:
    """Make events one, and keep their reports together; the one with most reports keeps its id."""
    from aggregator.pipeline import correcting

    _correct(context, lambda connection, at: correcting.merge(connection, events, reason, at), json=json, now=now)


@command(app)
def split(
    context: Context,
    event: EventArgument,
    entries: EntriesArgument,
    *,
    reason: ReasonOption = "",
    json: JsonOption = False,
    now: NowOption = None,
) -> None:
    """Part reports from an event, and keep them apart; the larger half keeps the id."""
    from aggregator.pipeline import correcting

    wanted = [_entry(word) for word in entries]
    _correct(
        context, lambda connection, at: correcting.split(connection, event, wanted, reason, at), json=json, now=now
    )


@command(app)
def move(
    context: Context,
    entry: EntryArgument,
    event: EventArgument,
    *,
    reason: ReasonOption = "",
    json: JsonOption = False,
    now: NowOption = None,
) -> None:
    """Put a report into another event, and keep it there."""
    from aggregator.pipeline import correcting

    wanted = _entry(entry)
    _correct(context, lambda connection, at: correcting.move(connection, wanted, event, reason, at), json=json, now=now)


@command(app)
def pin(
    context: Context,
    event: EventArgument,
    entry: EntryArgument,
    *,
    reason: ReasonOption = "",
    json: JsonOption = False,
    now: NowOption = None,
) -> None:
    """Have one report speak for its event: its headline and link."""
    from aggregator.pipeline import correcting

    wanted = _entry(entry)
    _correct(context, lambda connection, at: correcting.pin(connection, event, wanted, reason, at), json=json, now=now)


@command(app)
def mute(
    context: Context,
    event: EventArgument,
    *,
    reason: ReasonOption = "",
    json: JsonOption = False,
    now: NowOption = None,
) -> None:
    """Leave an event out of the feeds and alerts; it is stored and shown as before, and marked."""
    from aggregator.pipeline import correcting

    _correct(context, lambda connection, at: correcting.mute(connection, event, reason, at), json=json, now=now)


@command(app)
def unmute(
    context: Context,
    event: EventArgument,
    *,
    reason: ReasonOption = "",
    json: JsonOption = False,
    now: NowOption = None,
) -> None:
    """Have a muted event in the feeds again."""
    from aggregator.pipeline import correcting

    _correct(context, lambda connection, at: correcting.unmute(connection, event, reason, at), json=json, now=now)


@command(app, "corrections", paged=True)
def corrections_(
    context: Context,
    *,
    all: Annotated[bool, typer.Option("--all", help="Those that were undone too.")] = False,  # noqa: A002
    json: JsonOption = False,
) -> None:
    """List what was put right, the last first; `aggregator undo N` takes one back."""
    from aggregator.cli.arguments import the_time
    from aggregator.cli.correction_text import COLUMNS, correction_row, correction_shape
    from aggregator.cli.shapes import SCHEMA_VERSION
    from aggregator.database import corrections
    from aggregator.database import events as rows
    from aggregator.database.store import open_existing

    with open_existing(context.instance().store, the_time(None)).read() as connection:
        known = corrections.everything(connection) if all else corrections.in_force(connection)
        found = [one for one in reversed(known) if all or one.kind != "undo"]
        names = rows.names(connection, {event for one in found for event in one.mentioned})
    if json:
        shapes = [correction_shape(one, names) for one in found]
        print_json({"schema_version": SCHEMA_VERSION, "corrections": shapes})
        return
    print_table(COLUMNS, (correction_row(one, names) for one in found), right=("number",))
    if not found:
        print_text("nothing was put right" + ("" if all else ", or it was undone; see --all"))


def undo(
    context: Context,
    number: Annotated[int | None, typer.Argument(help="The correction's number; the last one.", metavar="N")] = None,
    *,
    reason: ReasonOption = "",
    json: JsonOption = False,
    now: NowOption = None,
) -> None:
    """Take a correction back: what it moved goes back, and clustering is free again."""
    from aggregator.pipeline import correcting

    _correct(context, lambda connection, at: correcting.undo(connection, number, reason, at), json=json, now=now)


def _entry(word: str) -> int:
    """Read the number of an entry.

    Raises:
        InputError: it is none.
    """
    number = word.removeprefix("entry:")
    if not (number.isascii() and number.isdigit() and len(number) < 19):
        raise InputError(f"{word!r} is no entry; entries are numbers, `aggregator events show EVENT` names them")
    return int(number)


def _correct(context: Context, ask: "Ask", *, json: bool, now: str | None) -> None:
    """Store what is asked for, see it carried out, and say what became of it."""
    from aggregator.cli.arguments import the_time
    from aggregator.cli.correction_text import correction_shape, correction_text, said
    from aggregator.cli.shapes import SCHEMA_VERSION
    from aggregator.database import corrections
    from aggregator.database import events as rows
    from aggregator.database.store import open_existing

    time = the_time(now)
    database = open_existing(context.instance().store, time)
    with database.write() as connection:
        asked = ask(connection, time)
    if not json:
        print_text(f"correction {asked.id}: {said(asked)}")
        flush()  # carrying it out takes its time
    done = _carried_out(context, database, asked, time)
    with database.read() as connection:
        names = rows.names(connection, done.mentioned)
        events = rows.by_ids(connection, done.mentioned)
        again = corrections.again_in_force(connection, done)
    if json:
        print_json({"schema_version": SCHEMA_VERSION, "correction": correction_shape(done, names)})
    else:
        print_text(*correction_text(done, events, names, again))


def _carried_out(context: Context, database: "Database", asked: "Correction", now: "datetime") -> "Correction":
    """Wait until whoever clusters the store has carried a correction out; where nobody does, do it."""
    import time

    from aggregator.database import corrections
    from aggregator.database.lock import sole
    from aggregator.errors import ConfigError, StoreInUse
    from aggregator.pipeline.opening import carry_out_waiting

    instance, end = context.instance(), time.monotonic() + PATIENCE
    while True:
        with database.read() as connection:
            found = corrections.numbered(connection, asked.id) or asked
        if found.applied is not None or time.monotonic() > end:
            return found
        try:
            with sole(instance.store, "a correction"):
                try:
                    config = context.load()
                except ConfigError:
                    config = None
                carry_out_waiting(instance, config, database, now)
            end = 0.0  # it is carried out, or cannot be: that was told
        except StoreInUse:
            time.sleep(PAUSE)
