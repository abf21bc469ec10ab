"""Look a database over without changing it."""

from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import func, select, text

from aggregator.database.engine import connect
from aggregator.database.feeds import StoredFeed, all_feeds
from aggregator.database.store import file_bytes
from aggregator.database.tables import batches, entries

_MOST = 5  # problems that are named


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """What a database holds, and what is wrong with it."""

    problems: tuple[str, ...]  # as SQLite words them
    feeds: tuple[StoredFeed, ...]
    newest: datetime | None  # entry or batch
    bytes: int  # on disk, with what is not merged into it yet


def examine(path: Path) -> Findings:
    """Check the pages and rows of a database, and read its feeds; takes seconds for a gigabyte.

    Raises:
        StoreError: it cannot be read, or so badly that nothing more can be said.
    """
    with closing(connect(path)) as database, database.read() as connection:
        said = [str(row[0]) for row in connection.execute(text(f"PRAGMA quick_check({_MOST})"))]
        newest = [connection.scalar(select(func.max(column))) for column in (entries.c.first_seen, batches.c.at)]
        return Findings(
            problems=tuple(line for line in said if line != "ok"),
            feeds=tuple(all_feeds(connection)),
            newest=max((when for when in newest if when is not None), default=None),
            bytes=file_bytes(database),
        )
