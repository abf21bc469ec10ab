"""Entries: what feeds brought, and what was said before an edit."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select, update

from aggregator.database import search
from aggregator.database.tables import entries, revisions
from aggregator.model import EntryId, EventId, Report


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    """What an entry said until it was edited."""

    number: int
    title: str
    summary: str
    until: datetime


REVISIONS = 50  # kept of an entry, the newest; some feeds put a clock into their titles
VARIABLES = 500  # of one statement; SQLite's default limit is far above, old builds' is 999


def add(connection: Connection, values: Mapping[str, Any]) -> EntryId:
    """Store a new entry, pending; gives its id."""
    return connection.execute(insert(entries).values(**values).returning(entries.c.id)).scalar_one()


def edit(connection: Connection, entry_id: EntryId, values: Mapping[str, Any], now: datetime) -> None:
    """Replace what an entry says; what it said before is kept as a revision that the clusterer has yet to judge.

    Of an entry that is edited for ever the oldest revisions go.
    """
    before = connection.execute(
        select(entries.c.revision, entries.c.title, entries.c.summary).where(entries.c.id == entry_id)
    ).one()
    connection.execute(
        insert(revisions).values(
            entry_id=entry_id, revision=before.revision, title=before.title, summary=before.summary, until=now
        )
    )
    too_old = (revisions.c.entry_id == entry_id) & (revisions.c.revision <= before.revision - REVISIONS)
    connection.execute(delete(revisions).where(too_old))
    connection.execute(update(entries).where(entries.c.id == entry_id).values(revision=before.revision + 1, **values))


_REPORT = (
    entries.c.id,
    entries.c.title,
    entries.c.summary,
    entries.c.language,
    entries.c.outlet,
    entries.c.feed_id,
    entries.c.url,
    entries.c.first_seen,
    entries.c.published,
    entries.c.revision,
)


def pending(connection: Connection, limit: int) -> list[Report]:
    """Give entries that are in no event yet, in the order of first sight (time, feed, position)."""
    order = entries.c.first_seen, entries.c.feed_id, entries.c.id
    rows = connection.execute(select(*_REPORT).where(entries.c.batch.is_(None)).order_by(*order).limit(limit))
    return [_report(row._mapping) for row in rows]


def edited(connection: Connection, limit: int) -> list[Report]:
    """Give assigned entries whose edit the clusterer has not judged yet."""
    waiting = select(revisions.c.entry_id).where(revisions.c.pending).distinct()
    judged = entries.c.batch.is_not(None) & entries.c.id.in_(waiting)
    rows = connection.execute(select(*_REPORT).where(judged).order_by(entries.c.id).limit(limit))
    return [_report(row._mapping) for row in rows]


def reports(connection: Connection, ids: Collection[EntryId]) -> list[Report]:
    """Give entries as the clusterer sees them, in the order of their ids; those that are gone are left out."""
    found: list[Report] = []
    for some in _slices(sorted(ids)):
        rows = connection.execute(select(*_REPORT).where(entries.c.id.in_(some)).order_by(entries.c.id))
        found += [_report(row._mapping) for row in rows]
    return found


def event_of(connection: Connection, entry_id: EntryId) -> EventId | None:
    """Give the event of an entry; None while it is pending, and where there is no such entry."""
    return connection.scalar(select(entries.c.event_id).where(entries.c.id == entry_id))


def seen_between(connection: Connection, begin: datetime, end: datetime) -> int:
    """Count the entries first seen in a span of time."""
    within = entries.c.first_seen.between(begin, end)
    return connection.scalar(select(func.count()).select_from(entries).where(within)) or 0


def revisions_of(connection: Connection, ids: Collection[EntryId]) -> dict[EntryId, list[Revision]]:
    """Give what edited entries said before, oldest first."""
    found: dict[EntryId, list[Revision]] = {}
    for some in _slices(sorted(ids)):
        rows = select(revisions).where(revisions.c.entry_id.in_(some))
        for row in connection.execute(rows.order_by(revisions.c.entry_id, revisions.c.revision)):
            before = Revision(number=row.revision, title=row.title, summary=row.summary, until=row.until)
            found.setdefault(row.entry_id, []).append(before)
    return found


def judged(connection: Connection, ids: Collection[EntryId]) -> None:
    """Note that the clusterer has seen the present revision of these entries."""
    for some in _slices(sorted(ids)):
        connection.execute(update(revisions).where(revisions.c.entry_id.in_(some)).values(pending=False))


def events_of(connection: Connection, ids: Collection[EntryId]) -> set[EventId]:
    """Give the events that these entries are in."""
    found: set[EventId] = set()
    for some in _slices(sorted(ids)):
        placed = select(entries.c.event_id).where(entries.c.id.in_(some), entries.c.event_id.is_not(None))
        found |= set(connection.scalars(placed))
    return found


def count_pending(connection: Connection) -> int:
    """Count the entries that are in no event yet."""
    return int(connection.scalar(select(func.count()).select_from(entries).where(entries.c.batch.is_(None))) or 0)


def _report(row: Mapping[Any, Any]) -> Report:
    return Report(
        id=row["id"],
        title=row["title"],
        summary=row["summary"],
        language=row["language"],
        outlet=row["outlet"],
        feed=row["feed_id"],
        url=row["url"],
        time=row["first_seen"],
        published=row["published"],
        revision=row["revision"],
    )


def prune(connection: Connection, before: datetime, limit: int) -> int:
    """Delete up to `limit` of the oldest entries seen before an instant.

    Their identities stay while their feed shows them, so that they do not return as new. Gives how many were deleted.
    """
    old = select(entries.c.id).where(entries.c.first_seen < before, entries.c.batch.is_not(None))
    ids = list(connection.scalars(old.order_by(entries.c.id).limit(limit)))
    for some in _slices(ids):
        connection.execute(delete(entries).where(entries.c.id.in_(some)))
    search.remove(connection, ids)
    return len(ids)


def _slices(values: Sequence[Any]) -> Iterable[Sequence[Any]]:
    return (values[start : start + VARIABLES] for start in range(0, len(values), VARIABLES))
