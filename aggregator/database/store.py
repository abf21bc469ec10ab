"""The store: the data folder of an instance, its lock, its schema, its backups.

store/aggregator.db     the database (SQLite, WAL)
store/feeds/            the published feeds
store/backups/          copies made before an upgrade
store/daemon.lock       held by the one process that polls and clusters
"""

import logging
import os
import secrets
import sqlite3
from collections.abc import Callable
from contextlib import closing, suppress
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, insert, inspect, select, text, update

from aggregator.database.engine import FILE_NAME, Database, connect
from aggregator.database.lock import sole
from aggregator.database.tables import SCHEMA_VERSION, SEARCH, metadata, settings
from aggregator.errors import InputError, NotFound, StoreError, StoreTooNew

log = logging.getLogger(__name__)

BACKUP_PAGES = 2_000  # pages copied between two pauses: a running daemon's writer is never kept waiting for long


def open_store(folder: Path, now: datetime) -> Database:
    """Open the database of a store; make or upgrade it first where that is due.

    Raises:
        StoreTooNew: a newer version wrote it; it is not touched.
        StoreError: the folder or file cannot be used.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(f"{folder}: cannot be made: {error.strerror}; name another folder with --store") from error
    path = folder / FILE_NAME
    version = schema_version(path)
    if version is None and not_instead_of_a_lost_one(path):
        log.warning("%s: was not there, though this store has published feeds; a new database is begun", path)
    if version is not None and version > SCHEMA_VERSION:
        raise StoreTooNew(
            f"{path}: has schema {version}, this version knows up to {SCHEMA_VERSION}; "
            "it was not touched. Install the newer aggregator, or name another store with --store"
        )
    database = connect(path)
    if version is None:
        _make(database, now)
    elif version != SCHEMA_VERSION:
        backup(path, folder / "backups" / f"before-{SCHEMA_VERSION}-{now:%Y%m%dT%H%M%S}.db")
        _migrate(database)
    return database


def not_instead_of_a_lost_one(path: Path) -> bool:
    """See that no new database takes the place of an empty one, unnoticed; tell whether it would of one that is gone.

    Raises:
        StoreError: the file is there and empty; a disk that ran full or a crash of the machine can do that.
    """
    if not any((path.parent / "feeds").glob("*.atom")):
        return False
    if path.exists() and not path.with_name(f"{path.name}-wal").exists():
        raise StoreError(
            f"{path}: is empty, though this store has published feeds: restore a backup with `aggregator store restore"
            " FILE`, or delete the file to begin anew"
        )
    return not path.exists()


def open_existing(folder: Path, now: datetime) -> Database:
    """Open a store that has been used before.

    Raises:
        NotFound: there is none in that folder.
    """
    if not (folder / FILE_NAME).exists():
        raise NotFound(
            f"{folder} holds no store yet; run `aggregator poll` or `aggregator run` first, or name it with --store"
        )
    return open_store(folder, now)


def schema_version(path: Path) -> str | None:
    """Read which schema a database file has; None where there is no file or it is empty.

    Raises:
        StoreError: the file is not a database, or cannot be read.
    """
    if not path.exists() or path.stat().st_size == 0:
        return None
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as file:
            row = file.execute("SELECT version_num FROM alembic_version").fetchone()
    except sqlite3.OperationalError as error:
        if "no such table" in str(error):
            return None
        raise StoreError(f"{path}: cannot be read: {error}") from error
    except sqlite3.DatabaseError as error:
        raise StoreError(
            f"{path}: {error}: restore a backup with `aggregator store restore FILE`; the file was left as it is"
        ) from error
    return None if row is None else str(row[0])


def _make(database: Database, now: datetime) -> None:
    """Make all tables at once, as the migrations would: they come to the same schema, and alembic takes 8 MB.

    The file is for this user alone, as its -wal is then too: URLs of feeds may hold passwords.
    """
    with suppress(OSError):  # SQLite says it better
        os.close(os.open(database.path, os.O_CREAT, 0o600))
    with database.write() as connection:
        metadata.create_all(connection)
        connection.execute(text(SEARCH))
        version = "version_num VARCHAR(32) NOT NULL, CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)"
        connection.execute(text(f"CREATE TABLE IF NOT EXISTS alembic_version ({version})"))
        connection.execute(text("INSERT INTO alembic_version VALUES (:version)"), {"version": SCHEMA_VERSION})
        if setting(connection, "installation") is None:
            set_setting(connection, "installation", secrets.token_hex(8))
            set_setting(connection, "made", now.isoformat())


def _migrate(database: Database) -> None:
    from alembic import command  # noqa: PLC0415  imported only when there is something to migrate
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", "aggregator.database:migrations")
    with database.write() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, SCHEMA_VERSION)


def setting(connection: Connection, key: str) -> object:
    """Read what the store knows under a key; None where it knows nothing."""
    return connection.scalar(select(settings.c.value).where(settings.c.key == key))


def set_setting(connection: Connection, key: str, value: object) -> None:
    """Store a value under a key; nothing is written where it is there already."""
    known = setting(connection, key)
    if known is None:
        connection.execute(insert(settings).values(key=key, value=value))
    elif known != value:
        connection.execute(update(settings).where(settings.c.key == key).values(value=value))


# --- backups ------------------------------------------------------------------------------------


def backup(path: Path, target: Path, progress: Callable[[int, int], None] | None = None) -> None:
    """Copy a database into a new file while others read and write it.

    `progress` is called with pages left and pages in all. The copy appears under its name only when it is whole.

    Raises:
        InputError: the target is there already.
        StoreError: it cannot be written.
    """
    if target.exists():
        raise InputError(f"{target} is there already; name another file")
    draft = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(draft, os.O_CREAT, 0o600))  # as the store's own: URLs of feeds may hold passwords
        with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(draft)) as copy:
            source.backup(
                copy, pages=BACKUP_PAGES, progress=lambda _s, left, total: progress(left, total) if progress else None
            )
            copy.execute("PRAGMA journal_mode = DELETE")
        draft.rename(target)
    except (OSError, sqlite3.Error) as error:
        draft.unlink(missing_ok=True)
        raise StoreError(f"{target}: cannot be written: {error}; the store was not touched") from error


def restore(folder: Path, source: Path, now: datetime) -> Path | None:
    """Put a backup in the place of the store's database; give where under backups/ the present one went, if any.

    Raises:
        StoreInUse: a daemon runs on the store.
        InputError: the file is no backup of this program.
        StoreTooNew: a newer version made it.
    """
    if not source.exists():
        raise NotFound(f"{source}: there is no such file")
    version = schema_version(source)
    if version is None:
        raise InputError(f"{source} is not a backup of aggregator")
    if version > SCHEMA_VERSION:
        raise StoreTooNew(
            f"{source} has schema {version}, this version knows up to {SCHEMA_VERSION}; nothing was changed"
        )
    with sole(folder, "store restore"):
        present, kept = folder / FILE_NAME, None
        if present.exists():
            kept = folder / "backups" / f"before-restore-{now:%Y%m%dT%H%M%S}.db"
            kept.parent.mkdir(exist_ok=True)
            # What the log holds belongs to it. Of a damaged one, which is why people restore, both are kept.
            with suppress(sqlite3.DatabaseError), closing(sqlite3.connect(present)) as file:
                file.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            present.rename(kept)
        for leftover in ("-wal", "-shm"):
            path = present.with_name(present.name + leftover)
            if path.exists() and kept is not None:
                path.rename(kept.with_name(kept.name + leftover))
            path.unlink(missing_ok=True)
        backup(source, present)
    return kept


def sizes(database: Database) -> dict[str, int]:
    """Count the rows of each table, and the bytes of the file and of its free pages."""
    with database.read() as connection:
        tables = {
            name: int(connection.scalar(text(f'SELECT count(*) FROM "{name}"')) or 0)  # noqa: S608  names of our schema
            for name in sorted(inspect(connection).get_table_names())
            if not name.startswith(("sqlite_", "alembic_", "search"))
        }
        # a row for each indexed entry; the index itself reads all its words to count them
        tables["search"] = int(connection.scalar(text("SELECT count(*) FROM search_docsize")) or 0)
        page = int(connection.scalar(text("PRAGMA page_size")) or 0)
        free = int(connection.scalar(text("PRAGMA freelist_count")) or 0)
    return {"bytes": file_bytes(database), "free_bytes": page * free, **dict(sorted(tables.items()))}


def file_bytes(database: Database) -> int:
    """Give the size of the database on disk, with what is not merged into it yet."""
    wal = database.path.with_name(database.path.name + "-wal")
    return database.path.stat().st_size + (wal.stat().st_size if wal.exists() else 0)
