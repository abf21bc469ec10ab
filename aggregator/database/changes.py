"""What changed since a reader last looked: events in the order of their batches, and everything as rows."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, func, select, union_all

from aggregator.database.events import by_ids
from aggregator.database.tables import batches, corrections, entries, events, evidence, feeds, revisions
from aggregator.errors import InputError
from aggregator.model import Event, EventId

ROWS = 500  # read at once


@dataclass(frozen=True, slots=True, order=True)
class Cursor:
    """How far a reader has come: the batch and the event of the last change it saw."""

    batch: int
    event: EventId = 0

    def __str__(self) -> str:
        return f"{self.batch}.{self.event}"

    @classmethod
    def parse(cls, text: str) -> "Cursor":
        """Read what `str` wrote.

        Raises:
            InputError: it is something else.
        """
        batch, _, event = text.partition(".")
        if not (batch.isdecimal() and (event or "0").isdecimal()):
            raise InputError(f"{text!r} is no cursor; give the `cursor` of a line that `events watch --jsonl` printed")
        return cls(int(batch), int(event or "0"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """An event that gained or lost entries in a batch; `new`: it began there."""

    event: EventId
    cursor: Cursor
    new: bool


def latest(connection: Connection) -> Cursor:
    """Give the cursor of who has seen everything."""
    batch = connection.scalar(select(func.max(batches.c.number))) or 0
    told = _touched(batch).subquery()
    return Cursor(batch, connection.scalar(select(func.max(told.c.event_id)).where(told.c.batch == batch)) or 0)


def changes(connection: Connection, after: Cursor) -> list[Change]:
    """Give each event that gained or lost an entry after a cursor, once for each batch, in the order of the batches.

    Who goes on from the cursor of any of them misses nothing and sees nothing twice.
    """
    told = _touched(after.batch).subquery()
    rows = connection.execute(select(told.c.batch, told.c.event_id).distinct()).all()
    since = (
        select(evidence.c.event_id, func.min(evidence.c.batch).label("batch"))
        .where(evidence.c.event_id.in_(select(told.c.event_id)))
        .group_by(evidence.c.event_id)
    )
    begun = {row.event_id: row.batch for row in connection.execute(since)}
    later = sorted(cursor for row in rows if (cursor := Cursor(row.batch, row.event_id)) > after)
    return [Change(event=cursor.event, cursor=cursor, new=begun.get(cursor.event) == cursor.batch) for cursor in later]


def _touched(batch: int) -> Any:
    """Select (event, batch) of decisions in that batch or later: where entries came, and where they left."""
    came = select(evidence.c.event_id, evidence.c.batch).where(evidence.c.batch >= batch)
    left = select(evidence.c.from_event.label("event_id"), evidence.c.batch).where(
        evidence.c.batch >= batch, evidence.c.from_event.is_not(None)
    )
    return union_all(came, left)


def exported(connection: Connection, since: datetime | None) -> Iterator[tuple[str, dict[str, Any]]]:
    """Give (kind, row) of all feeds, and since an instant of entries, revisions, events, decisions and corrections."""
    queries: tuple[tuple[str, Select[Any], Any], ...] = (
        ("feed", select(*feeds.c["id", "url", "name", "title", "outlet", "family", "language", "tags", "added"]), None),
        ("entry", select(entries), entries.c.first_seen),
        ("revision", select(*revisions.c["entry_id", "revision", "title", "summary", "until"]), revisions.c.until),
        ("event", select(events), events.c.updated),
        ("decision", select(evidence), evidence.c.at),
        ("correction", select(corrections), corrections.c.at),
    )
    for kind, query, when in queries:
        wanted = query if since is None or when is None else query.where(when >= since)
        for rows in connection.execution_options(yield_per=ROWS).execute(wanted).partitions():
            for row in rows:
                yield kind, dict(row._mapping)


def told(connection: Connection, after: Cursor) -> list[tuple[Change, Event, Event | None]]:
    """Give the changes after a cursor with the events as they are now; one that went up in another with that one."""
    found = changes(connection, after)
    known = {event.id: event for event in by_ids(connection, {change.event for change in found})}
    into = {event.merged_into for event in known.values() if event.merged_into is not None}
    survivors = {event.id: event for event in by_ids(connection, into)}
    return [
        (change, event, survivors.get(event.merged_into) if event.merged_into is not None else None)
        for change in found
        if (event := known.get(change.event)) is not None
    ]
