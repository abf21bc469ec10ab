"""The store: its lock, its schema, its backups, and what is said when the file cannot be used."""

import multiprocessing
import re
import sqlite3
import threading
from contextlib import closing
from datetime import UTC, datetime
from multiprocessing.connection import Connection
from pathlib import Path

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import insert, text
from sqlalchemy.exc import IntegrityError

from aggregator.database import lock, store
from aggregator.database.engine import FILE_NAME, connect
from aggregator.database.health import examine
from aggregator.database.tables import SCHEMA_VERSION, feeds
from aggregator.errors import InputError, NotFound, StoreError, StoreInUse, StoreTooNew

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def set_version(path: Path, version: str) -> None:
    with closing(sqlite3.connect(path)) as file:
        file.execute("UPDATE alembic_version SET version_num = ?", (version,))
        file.commit()


def test_the_schema_version_is_the_newest_migration() -> None:
    config = Config()
    config.set_main_option("script_location", "aggregator.database:migrations")
    assert ScriptDirectory.from_config(config).get_current_head() == SCHEMA_VERSION


def test_a_new_store_gets_an_installation_id_that_stays(tmp_path: Path) -> None:
    ids = []
    for _ in range(2):
        database = store.open_store(tmp_path, NOW)
        with database.read() as connection:
            ids.append(store.setting(connection, "installation"))
        database.close()
    assert ids[0] == ids[1]
    assert len(str(ids[0])) == 16


def test_a_database_of_a_newer_version_is_refused_and_untouched(tmp_path: Path) -> None:
    store.open_store(tmp_path, NOW).close()
    path = tmp_path / FILE_NAME
    set_version(path, "9999")
    before = path.read_bytes()
    with pytest.raises(StoreTooNew, match=r"schema 9999.*not touched"):
        store.open_store(tmp_path, NOW)
    assert path.read_bytes() == before


def test_a_file_that_is_no_database_is_named_and_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / FILE_NAME
    path.write_bytes(b"not a database at all" * 100)
    with pytest.raises(StoreError, match=rf"{FILE_NAME}.*restore a backup"):
        store.open_store(tmp_path, NOW)
    assert path.read_bytes() == b"not a database at all" * 100


def test_a_store_that_was_never_used_is_not_found(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="aggregator run"):
        store.open_existing(tmp_path, NOW)
    assert not (tmp_path / FILE_NAME).exists()


def hold(folder: Path, channel: Connection) -> None:
    with lock.sole(folder, "a daemon"):
        channel.send("held")
        channel.recv()


def test_a_second_daemon_is_refused_and_told_who_holds_the_store(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=hold, args=(tmp_path, theirs))
    process.start()
    assert ours.recv() == "held"
    try:
        with pytest.raises(StoreInUse, match=rf"a daemon, process {process.pid}.*--store"), lock.sole(tmp_path, "me"):
            pass
        found = lock.holder(tmp_path)
        assert found is not None
        assert f"process {process.pid}" in found.what
    finally:
        ours.send("end")
        process.join(10)
    assert lock.holder(tmp_path) is None
    with lock.sole(tmp_path, "me"):
        pass


def test_a_killed_daemon_leaves_the_store_free(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=hold, args=(tmp_path, theirs))
    process.start()
    assert ours.recv() == "held"
    process.kill()
    process.join(10)
    with lock.sole(tmp_path, "me"):
        pass


def test_a_backup_is_a_whole_database_that_can_be_restored(tmp_path: Path) -> None:
    database = store.open_store(tmp_path / "store", NOW)
    with database.write() as connection:
        store.set_setting(connection, "mark", "before")
    store.backup(database.path, tmp_path / "backup.db")
    with database.write() as connection:
        store.set_setting(connection, "mark", "after")
    database.close()
    kept = store.restore(tmp_path / "store", tmp_path / "backup.db", NOW)
    database = store.open_store(tmp_path / "store", NOW)
    with database.read() as connection:
        assert store.setting(connection, "mark") == "before"
    database.close()
    assert kept is not None
    with closing(sqlite3.connect(kept)) as file:
        assert file.execute("SELECT value FROM settings WHERE key = 'mark'").fetchone() == ('"after"',)


@pytest.mark.parametrize("damage", [b"\0" * 100, b"hello", b"SQLite format 3\0" + b"\xa5" * 9000])
def test_a_backup_takes_the_place_of_a_damaged_database_which_is_kept(tmp_path: Path, damage: bytes) -> None:
    database = store.open_store(tmp_path, NOW)
    store.backup(database.path, tmp_path / "good.db")
    database.close()
    path = tmp_path / "aggregator.db"
    path.write_bytes(damage)
    path.with_name("aggregator.db-wal").write_bytes(b"what was not merged yet")
    kept = store.restore(tmp_path, tmp_path / "good.db", NOW)
    assert kept is not None
    assert kept.read_bytes() == damage
    database = store.open_store(tmp_path, NOW)
    with database.read() as connection:
        assert store.setting(connection, "installation")
    database.close()


def test_the_database_and_its_backups_are_for_this_user_alone(tmp_path: Path) -> None:
    database = store.open_store(tmp_path, NOW)
    seen: list[int] = []

    def look(_left: int, _total: int) -> None:
        seen.extend(path.stat().st_mode & 0o077 for path in tmp_path.glob(".copy.db*"))

    store.backup(database.path, tmp_path / "copy.db", look)
    assert set(seen) == {0}
    for path in (*tmp_path.glob("aggregator.db*"), tmp_path / "copy.db"):
        assert path.stat().st_mode & 0o077 == 0, path
    database.close()


def test_an_error_of_the_database_quotes_no_values(tmp_path: Path) -> None:
    database = store.open_store(tmp_path, NOW)
    row = {"url": "http://me:w0rd@h.example/", "added": NOW, "name": "", "outlet": "", "family": "", "tags": []}
    twice = insert(feeds).values([row, row])
    with pytest.raises(IntegrityError) as caught, database.write() as connection:
        connection.execute(twice)
    assert "w0rd" not in str(caught.value)
    database.close()


def test_a_backup_never_replaces_a_file(tmp_path: Path) -> None:
    database = store.open_store(tmp_path / "store", NOW)
    target = tmp_path / "precious.txt"
    target.write_text("precious")
    with pytest.raises(InputError, match="name another file"):
        store.backup(database.path, target)
    database.close()
    assert target.read_text() == "precious"


@pytest.mark.parametrize(("content", "error"), [(None, NotFound), (b"", InputError), (b"text" * 1000, StoreError)])
def test_restoring_what_is_no_backup_changes_nothing(tmp_path: Path, content: bytes | None, error: type) -> None:
    store.open_store(tmp_path / "store", NOW).close()
    before = (tmp_path / "store" / FILE_NAME).read_bytes()
    source = tmp_path / "file.db"
    if content is not None:
        source.write_bytes(content)
    with pytest.raises(error):
        store.restore(tmp_path / "store", source, NOW)
    assert (tmp_path / "store" / FILE_NAME).read_bytes() == before


def test_a_backup_of_a_newer_version_is_not_restored(tmp_path: Path) -> None:
    store.open_store(tmp_path / "newer", NOW).close()
    set_version(tmp_path / "newer" / FILE_NAME, "9999")
    with pytest.raises(StoreTooNew):
        store.restore(tmp_path / "store", tmp_path / "newer" / FILE_NAME, NOW)


def test_a_reader_never_waits_for_a_writer(tmp_path: Path) -> None:
    database = store.open_store(tmp_path, NOW)
    with database.write() as writing:
        store.set_setting(writing, "mark", 1)
        with database.read() as reading:
            assert store.setting(reading, "mark") is None
    with database.read() as reading:
        assert store.setting(reading, "mark") == 1
    database.close()


def test_two_writers_wait_for_one_another(tmp_path: Path) -> None:
    first, second = store.open_store(tmp_path, NOW), store.open_store(tmp_path, NOW)
    entered = threading.Event()

    def write() -> None:
        with second.write() as connection:
            entered.set()
            store.set_setting(connection, "second", 1)

    with first.write() as connection:
        other = threading.Thread(target=write)
        other.start()
        assert not entered.wait(0.3)
        store.set_setting(connection, "first", 1)
    other.join(20)
    with first.read() as connection:
        assert store.setting(connection, "first") == store.setting(connection, "second") == 1
    first.close()
    second.close()


def test_a_reader_cannot_write(tmp_path: Path) -> None:
    database = store.open_store(tmp_path, NOW)
    with pytest.raises(StoreError, match="make the file"), database.read() as connection:
        connection.execute(text("DELETE FROM settings"))
    database.close()


def test_a_corrupt_database_is_named_with_the_remedy(tmp_path: Path) -> None:
    database = store.open_store(tmp_path, NOW)
    database.close()
    path = tmp_path / FILE_NAME
    content = bytearray(path.read_bytes())
    content[4096 * 2 : 4096 * 12] = b"\xff" * 4096 * 10
    path.write_bytes(content)
    with pytest.raises(StoreError, match=r"aggregator\.db.*restore"):
        store.sizes(store.open_store(tmp_path, NOW))


def test_a_new_store_has_the_schema_that_the_migrations_come_to(tmp_path: Path) -> None:
    made = store.open_store(tmp_path / "made", NOW)
    migrated = connect(tmp_path / FILE_NAME)
    store._migrate(migrated)
    schemas = []
    for database in (made, migrated):
        with database.read() as connection:
            rows = connection.execute(text("SELECT type, name, sql FROM sqlite_master"))
            schemas.append({(row.type, row.name, re.sub(r"\W+", " ", row.sql or "").strip()) for row in rows})
        database.close()
    assert schemas[0] == schemas[1]


def test_what_a_daemon_has_written_counts_before_it_is_merged_into_the_file(tmp_path: Path) -> None:
    database = store.open_store(tmp_path, NOW)
    size = examine(database.path).bytes
    with database.write() as connection:
        store.set_setting(connection, "much", "x" * 1_000_000)
    assert examine(database.path).bytes > size + 900_000
    database.close()
