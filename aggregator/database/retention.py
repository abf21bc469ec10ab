"""Forget what is old, in small steps, so that nobody waits for the write lock."""

from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, exists, func, select, text

from aggregator.database import corrections, search
from aggregator.database import entries as entry_rows
from aggregator.database.engine import Database
from aggregator.database.identities import forget
from aggregator.database.store import set_setting, setting
from aggregator.database.tables import alerts, batches, entries, events, evidence, publications, records, related

STEP = 500  # entries a transaction
RECORDS_KEPT = timedelta(days=2)  # beyond the window: none is needed, but a clock may be set back
PAGES = 200  # free pages handed back to the disk a step
SLACK = 0.1  # of a file's pages that may stay free
MERGE_PAGES = 500  # of the search index that are merged a step
MERGE_AFTER = timedelta(days=7)  # all of the search index is written anew for it


def prunable(database: Database, before: datetime) -> int:
    """Count the entries that were seen before an instant."""
    with database.read() as connection:
        return connection.scalar(select(func.count()).select_from(entries).where(entries.c.first_seen < before)) or 0


def prune_step(database: Database, before: datetime, now: datetime) -> int:
    """Delete some of the oldest entries, then of the events that are left empty, with what hangs on them alone.

    Gives how many; 0: nothing is left to delete.
    """
    with database.write() as connection:
        deleted = entry_rows.prune(connection, before, STEP)
        if not deleted:
            forget(connection, before, now)
            corrections.forget(connection)
            deleted = _forget_empty_events(connection, before)
        if deleted:
            _merge_search(connection, now)
        _give_back(connection)
    return deleted


def _give_back(connection: Connection) -> None:
    """Hand some free pages back to the disk where they are more than new entries will soon fill again.

    A page moves to be handed back, so that a file which breathes by a tenth would be written over and over. SQLite
    gives one back for each step of the statement, and Python's driver takes one step.
    """
    free = connection.scalar(text("PRAGMA freelist_count")) or 0
    pages = connection.scalar(text("PRAGMA page_count")) or 0
    for _ in range(min(PAGES, free - int(pages * SLACK))):
        connection.execute(text("PRAGMA incremental_vacuum(1)"))


def _merge_search(connection: Connection, now: datetime) -> None:
    """Go on with the merging of the search index, which begins anew once a week."""
    began = setting(connection, "search_merge")
    anew = not isinstance(began, str) or abs(now - datetime.fromisoformat(began)) >= MERGE_AFTER
    if anew:
        set_setting(connection, "search_merge", now.isoformat())
    search.merge(connection, MERGE_PAGES, anew=anew)


def forget_records(connection: Connection, oldest_needed: datetime) -> int:
    """Delete what clustering stored of entries that have left its window."""
    return connection.execute(delete(records).where(records.c.time < oldest_needed - RECORDS_KEPT)).rowcount


def _forget_empty_events(connection: Connection, before: datetime) -> int:
    """Delete some events whose last entry is gone, with all that was told of them, and the batches before them."""
    alive = exists().where(entries.c.event_id == events.c.id)
    empty = select(events.c.id).where(events.c.updated < before, ~alive).limit(STEP)
    gone = list(connection.scalars(empty))
    for table in (publications, related, evidence, alerts):
        connection.execute(delete(table).where(table.c.event_id.in_(gone)))
    connection.execute(delete(events).where(events.c.id.in_(gone)))
    connection.execute(delete(batches).where(batches.c.at < before))
    return len(gone)
