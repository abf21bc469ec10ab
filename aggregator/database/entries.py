"""Entries: what feeds brought, by what it is known again, and what was said before an edit."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select, update
from sqlalchemy.dialects.sqlite import insert as upsert

from aggregator.database import search
from aggregator.database.tables import entries, keys, revisions
from aggregator.model import EntryId, FeedId, Report

KEY_RENEWAL = timedelta(days=1)  # a key's last_seen is not written more often: most polls change nothing
KEY_KEPT = timedelta(days=14)  # a pruned entry's key is remembered so long after its feed last showed it
VARIABLES = 500  # of one statement; SQLite's default limit is far above, old builds' is 999


def known(connection: Connection, feed_id: FeedId, wanted: Collection[str]) -> list[tuple[str, EntryId | None]]:
    """Look up which of these keys the feed showed before: (key, entry); the entry is None where it was pruned."""
    rows = []
    for some in _slices(sorted(wanted)):
        found = select(keys.c.key, keys.c.entry_id).where(keys.c.feed_id == feed_id, keys.c.key.in_(some))
        rows += [(row.key, row.entry_id) for row in connection.execute(found)]
    return rows


def remember(connection: Connection, feed_id: FeedId, seen: Mapping[str, EntryId | None], now: datetime) -> None:
    """Store under which keys a feed showed which entries; a key that is known is renewed once a day."""
    if not seen:
        return
    statement = upsert(keys)
    fresh = statement.on_conflict_do_update(
        index_elements=["feed_id", "key"],
        set_={"entry_id": statement.excluded.entry_id, "last_seen": statement.excluded.last_seen},
        where=(keys.c.last_seen < now - KEY_RENEWAL) | keys.c.entry_id.is_distinct_from(statement.excluded.entry_id),
    )
    rows = [
        {"feed_id": feed_id, "key": key, "entry_id": entry_id, "last_seen": now}
        for key, entry_id in sorted(seen.items())
    ]
    connection.execute(fresh, rows)


def add(connection: Connection, values: Mapping[str, Any]) -> EntryId:
    """Store a new entry, pending; gives its id."""
    return connection.execute(insert(entries).values(**values).returning(entries.c.id)).scalar_one()


def edit(connection: Connection, entry_id: EntryId, values: Mapping[str, Any], now: datetime) -> None:
    """Replace what an entry says; what it said before is kept as a revision that the clusterer has yet to judge."""
    before = connection.execute(
        select(entries.c.revision, entries.c.title, entries.c.summary).where(entries.c.id == entry_id)
    ).one()
    connection.execute(
        insert(revisions).values(
            entry_id=entry_id, revision=before.revision, title=before.title, summary=before.summary, until=now
        )
    )
    connection.execute(update(entries).where(entries.c.id == entry_id).values(revision=before.revision + 1, **values))


def identities(connection: Connection, ids: Collection[EntryId]) -> list[dict[str, Any]]:
    """Give what entries are compared by: id, url, title, content_hash, revision."""
    columns = entries.c.id, entries.c.url, entries.c.title, entries.c.content_hash, entries.c.revision
    rows: list[dict[str, Any]] = []
    for some in _slices(sorted(ids)):
        rows += [dict(row._mapping) for row in connection.execute(select(*columns).where(entries.c.id.in_(some)))]
    return rows


_REPORT = (
    entries.c.id,
    entries.c.title,
    entries.c.summary,
    entries.c.language,
    entries.c.outlet,
    entries.c.feed_id,
    entries.c.url,
    entries.c.first_seen,
    entries.c.time,
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


def judged(connection: Connection, ids: Collection[EntryId]) -> None:
    """Note that the clusterer has seen the present revision of these entries."""
    for some in _slices(sorted(ids)):
        connection.execute(update(revisions).where(revisions.c.entry_id.in_(some)).values(pending=False))


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
        revision=row["revision"],
    )


def prune(connection: Connection, before: datetime, kept_events: Collection[int], limit: int) -> int:
    """Delete up to `limit` of the oldest entries seen before an instant, those of corrected events apart.

    Their keys stay while their feed shows them, so that they do not return as new. Gives how many were deleted.
    """
    old = select(entries.c.id).where(
        entries.c.first_seen < before, entries.c.batch.is_not(None), entries.c.event_id.not_in(kept_events)
    )
    ids = list(connection.scalars(old.order_by(entries.c.id).limit(limit)))
    for some in _slices(ids):
        connection.execute(update(keys).where(keys.c.entry_id.in_(some)).values(entry_id=None))
        connection.execute(delete(entries).where(entries.c.id.in_(some)))
    search.remove(connection, ids)
    return len(ids)


def forget_keys(connection: Connection, now: datetime) -> int:
    """Delete the keys of pruned entries that their feed has not shown for a while."""
    stale = keys.c.entry_id.is_(None) & (keys.c.last_seen < now - KEY_KEPT)
    return connection.execute(delete(keys).where(stale)).rowcount


def _slices(values: Sequence[Any]) -> Iterable[Sequence[Any]]:
    return (values[start : start + VARIABLES] for start in range(0, len(values), VARIABLES))
