"""The search index over entries: SQLite FTS5. Words are cut in Python (text.query), SQLite splits at spaces alone."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Integer, Select, column, select, text

from aggregator.model import EntryId, EventId

if TYPE_CHECKING:
    from aggregator.text.query import Query

LONGEST = 2_000  # characters of title and summary that are found


def index(connection: Connection, rows: Iterable[tuple[EntryId, str, str]]) -> None:
    """Make entries findable: (id, title, summary); an entry that is there already is replaced."""
    from aggregator.text.query import search_words  # noqa: PLC0415  who only reads cuts no words

    values = [
        {"id": entry_id, "words": " ".join(search_words(f"{title}\n{summary}", LONGEST))}
        for entry_id, title, summary in rows
    ]
    if values:
        connection.execute(text("DELETE FROM search WHERE rowid = :id"), [{"id": row["id"]} for row in values])
        connection.execute(text("INSERT INTO search (rowid, words) VALUES (:id, :words)"), values)


def remove(connection: Connection, ids: Iterable[EntryId]) -> None:
    """Take entries out of the index."""
    values = [{"id": entry_id} for entry_id in ids]
    if values:
        connection.execute(text("DELETE FROM search WHERE rowid = :id"), values)


def merge(connection: Connection, pages: int, *, anew: bool) -> None:
    """Merge what the index holds in pieces, some pages a call: what was deleted stays in it until then.

    SQLite merges pieces of a size as entries come, and seldom the large ones, so that an index from which as much goes
    as comes grows to several times its size (https://www.sqlite.org/fts5.html#the_merge_command). `anew`: begin to
    merge all of it; else go on with what was begun.
    """
    connection.execute(
        text("INSERT INTO search (search, rank) VALUES ('merge', :pages)"), {"pages": -pages if anew else pages}
    )


def reported(query: "Query") -> Select[tuple[EventId]]:
    """Select the events that hold an entry which a search finds; all of them, for a filter."""
    found = text(
        "SELECT entries.event_id FROM search JOIN entries ON entries.id = search.rowid"
        " WHERE search MATCH :query AND entries.event_id IS NOT NULL"
    )
    rows = found.bindparams(query=query.fts()).columns(column("event_id", Integer)).subquery("found")
    return select(rows.c.event_id)


def events_with(connection: Connection, query: "Query", limit: int = 1_000) -> list[EventId]:
    """Give the events that hold an entry which a search finds, newest entry first."""
    found = text(
        "SELECT entries.event_id FROM search JOIN entries ON entries.id = search.rowid"
        " WHERE search MATCH :query AND entries.event_id IS NOT NULL ORDER BY search.rowid DESC LIMIT :limit"
    )
    rows = connection.execute(found, {"query": query.fts(), "limit": limit * 5})
    return list(dict.fromkeys(row.event_id for row in rows))[:limit]
