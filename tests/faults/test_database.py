"""A database that another process holds, that is damaged, or that is gone."""

import asyncio
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import select

from aggregator.config import load
from aggregator.daemon import Daemon
from aggregator.database import engine, feeds
from aggregator.database.engine import FILE_NAME
from aggregator.database.tables import entries
from aggregator.errors import StoreError
from aggregator.scheduling.clock import FixedClock
from tests.cli.running import Here
from tests.pipeline.newsstand import HOUR, START, cycle, serve, working, write_config
from tests.pipeline.test_pipeline import QUAKE, QUAKE_TOO, VOTE
from tests.server import Server
from tests.test_daemon import run_to_its_end

LOCKED = 3.0  # seconds


HOLD = f"""
import sqlite3, sys, time
file = sqlite3.connect(sys.argv[1])
file.execute("BEGIN IMMEDIATE")
print("held", flush=True)
time.sleep({LOCKED})
file.execute("COMMIT")
"""


async def test_a_database_locked_by_another_process_for_3_seconds_fails_nothing(tmp_path: Path, server: Server) -> None:
    async with working(write_config(tmp_path, [("A", serve(server, "/a", QUAKE))])) as pipeline:
        command = [sys.executable, "-c", HOLD, str(pipeline.database.path)]
        holder = subprocess.Popen(command, stdout=subprocess.PIPE)
        assert holder.stdout is not None
        with holder.stdout:
            assert holder.stdout.readline() == b"held\n"
        with pipeline.database.read() as connection:  # a page is not kept waiting
            assert connection.execute(select(entries.c.id)).all() == []
        assert holder.poll() is None
        await cycle(pipeline, START)
        assert holder.wait(10) == 0
        with pipeline.database.read() as connection:
            assert list(connection.scalars(select(entries.c.event_id))) == [1]
    assert len(server.asked) == 1


async def test_a_configuration_that_could_not_be_stored_is_taken_up_at_the_next_look(
    tmp_path: Path, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "BUSY_MILLISECONDS", 50)
    urls = [("A", serve(server, "/a", QUAKE)), ("B", serve(server, "/b", VOTE))]
    instance = write_config(tmp_path, urls[:1])
    async with working(instance) as pipeline:
        daemon, before = Daemon(instance=instance, clock=FixedClock(START)), pipeline.config
        await daemon._look_at_configuration(pipeline)
        write_config(tmp_path, urls, more="  minimum: 7m\n")
        with closing(sqlite3.connect(pipeline.database.path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            with pytest.raises(StoreError, match="locked"):
                await daemon._look_at_configuration(pipeline)
        assert pipeline.config.polling.minimum == before.polling.minimum
        await daemon._look_at_configuration(pipeline)
        assert pipeline.config == load(instance.config)
        with pipeline.database.read() as connection:
            assert [feed.outlet for feed in feeds.all_feeds(connection) if feed.subscribed] == ["A", "B"]


async def damaged(tmp_path: Path, server: Server, other: Server) -> tuple[Path, bytes]:
    """Make a store with an event, and overwrite all of its database but the first pages."""
    urls = [("A", serve(server, "/a", QUAKE, VOTE)), ("B", serve(other, "/b", QUAKE_TOO))]
    async with working(write_config(tmp_path, urls)) as pipeline:
        await cycle(pipeline, START)
    path = tmp_path / "store" / FILE_NAME
    with closing(sqlite3.connect(path)) as file:
        file.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    content = bytearray(path.read_bytes())
    content[4096 * 4 :] = b"\xa5" * (len(content) - 4096 * 4)
    path.write_bytes(content)
    return path, bytes(content)


async def test_a_damaged_database_is_named_with_the_remedy_and_left_as_it_is(
    tmp_path: Path, server: Server, other: Server
) -> None:
    path, content = await damaged(tmp_path, server, other)
    published = (tmp_path / "store/feeds/events.atom").read_bytes()
    with pytest.raises(StoreError, match=r"aggregator\.db: .*restore a backup"):
        async with working(write_config(tmp_path, []), START + HOUR) as pipeline:
            await cycle(pipeline, START + HOUR)
    assert path.read_bytes()[4096 * 4 :] == content[4096 * 4 :]
    assert (tmp_path / "store/feeds/events.atom").read_bytes() == published


async def test_commands_over_a_damaged_database_say_so_without_a_traceback(
    tmp_path: Path, server: Server, other: Server
) -> None:
    await damaged(tmp_path, server, other)
    ended = run_to_its_end(tmp_path, "run")
    assert (ended.returncode, "Traceback" in ended.stderr) == (1, False)
    assert "restore a backup" in ended.stderr
    for words in (("poll",), ("feeds", "list"), ("events", "list"), ("status",)):
        ran = await asyncio.to_thread(Here(tmp_path).run, *words)
        assert ran.code == 1, words
        assert "restore a backup" in ran.err, words


async def test_no_new_database_takes_the_place_of_an_emptied_one(
    tmp_path: Path, server: Server, other: Server, caplog: pytest.LogCaptureFixture
) -> None:
    urls = [("A", serve(server, "/a", QUAKE)), ("B", serve(other, "/b", QUAKE_TOO))]
    instance = write_config(tmp_path, urls)
    async with working(instance) as pipeline:
        await cycle(pipeline, START)
    path = tmp_path / "store" / FILE_NAME
    path.write_bytes(b"")
    with pytest.raises(StoreError, match=r"aggregator\.db: is empty.*restore"):
        async with working(instance):
            pass
    assert path.read_bytes() == b""
    path.unlink()
    async with working(instance):
        pass
    assert "a new database is begun" in caplog.text
