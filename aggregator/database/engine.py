"""Open the database: one engine that reads, one that writes.

A reader's transaction is deferred and never waits; the writer's takes the write lock at once (BEGIN IMMEDIATE), so that
two writers wait for one another at the beginning and never fail in the middle. One hook for both would make readers
take it too.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import DatabaseError, OperationalError
from sqlalchemy.pool import QueuePool

from aggregator.errors import InputError, StoreError

BUSY_MILLISECONDS = 15_000  # another writer's transaction: a batch, a backup step
FILE_NAME = "aggregator.db"
CHECKPOINT = 4_000  # pages
READS = ("cache_size = -2000", "query_only = ON")  # nothing that would wait for a writer
WRITES = (
    "auto_vacuum = INCREMENTAL",  # takes effect where the file is new
    "journal_mode = WAL",
    "synchronous = NORMAL",
    "foreign_keys = ON",
    "cache_size = -2000",
    # Pages that change with every poll reach the file once in 16 MB of them, not once in 4: an eighth less is written.
    f"wal_autocheckpoint = {CHECKPOINT}",
    f"journal_size_limit = {2 * CHECKPOINT * 4096}",  # what a large transaction made it grow to is given back
)


@dataclass(frozen=True, slots=True)
class Database:
    """An open database file."""

    path: Path
    reader: Engine
    writer: Engine

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Give a connection that sees one state of the database throughout.

        Raises:
            StoreError: the file cannot be read.
            InputError: it was asked for a number that it cannot hold.
        """
        with _reported(self.path), _in_range(), self.reader.begin() as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """Give a transaction that holds the write lock; commits at the end, rolls back on an error.

        Raises:
            StoreError: the disk is full, the folder read-only, the file corrupt or locked for too long.
        """
        with _reported(self.path), self.writer.begin() as connection:
            yield connection

    def close(self) -> None:
        """Close all connections."""
        self.reader.dispose()
        self.writer.dispose()


def connect(path: Path) -> Database:
    """Give the engines of a database file; nothing is opened yet."""
    reader = _engine(path, "BEGIN DEFERRED", read_only=True)
    writer = _engine(path, "BEGIN IMMEDIATE", read_only=False)
    return Database(path, reader, writer)


def _engine(path: Path, begin: str, *, read_only: bool) -> Engine:
    engine = create_engine(
        f"sqlite:///{path}",
        poolclass=QueuePool,
        pool_size=2 if read_only else 1,
        max_overflow=8 if read_only else 0,
        hide_parameters=True,  # of what failed, in errors and so in logs: URLs of feeds may hold passwords
        connect_args={"timeout": BUSY_MILLISECONDS / 1000, "check_same_thread": False},
    )

    @event.listens_for(engine, "connect")
    def configure(connection: sqlite3.Connection, _record: Any) -> None:
        connection.isolation_level = None  # the hook below begins; sqlite3 must not begin by itself
        for pragma in READS if read_only else WRITES:
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def start(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    return engine


REMEDIES = {
    "full": "free some space on that disk; nothing was lost, the last transaction was rolled back",
    "readonly": "make the file and its folder writable for this user",
    "read-only": "make the file and its folder writable for this user",
    "malformed": "restore a backup with `aggregator store restore FILE`; the damaged file was left as it is",
    "not a database": "restore a backup with `aggregator store restore FILE`; the file was left as it is",
    "locked": "another program holds the file for long; end it and try again",
    "disk I/O": "look after that disk: it is full, was taken away or fails; the last transaction was rolled back",
    "unable to open": "check that the folder exists and that this user may write there",
    "no such table": "run `aggregator poll` or `aggregator run` once: they make the tables",
}


@contextmanager
def _in_range() -> Iterator[None]:
    """Turn what sqlite3 says of a number of more than 64 bits into an error of who asked for it."""
    try:
        yield
    except OverflowError as error:
        if "SQLite" not in str(error):
            raise
        raise InputError("that number is larger than anything the store counts; give a smaller one") from error


@contextmanager
def _reported(path: Path) -> Iterator[None]:
    """Turn what SQLite says of the file into an error that names it and the remedy."""
    try:
        yield
    except (OperationalError, DatabaseError) as error:
        said = str(error.orig)
        remedy = next((text for word, text in REMEDIES.items() if word in said), None)
        if remedy is None:
            raise
        raise StoreError(f"{path}: {said}: {remedy}") from error
