"""Who holds a store, and who waits for it."""

import asyncio
import fcntl
import os
import threading
from contextlib import ExitStack
from pathlib import Path

import pytest

from aggregator.database.lock import sole
from aggregator.errors import StoreInUse
from aggregator.pipeline.opening import DAEMON, alone


async def test_who_holds_the_store_for_a_moment_is_waited_for_and_named(tmp_path: Path) -> None:
    told: list[str] = []
    with ExitStack() as correction:
        correction.enter_context(sole(tmp_path, "a correction"))

        async def start() -> None:
            async with alone(tmp_path, DAEMON, told.append):
                told.append("started")

        starting = asyncio.create_task(start())
        while not told:
            await asyncio.sleep(0.01)
        correction.close()
        await starting
    [waiting, started] = told
    assert "in use by a correction, process" in waiting
    assert started == "started"


async def test_who_holds_it_for_long_is_not_waited_for_for_ever(tmp_path: Path) -> None:
    told: list[str] = []
    with sole(tmp_path, "`aggregator poll`"), pytest.raises(StoreInUse, match="aggregator poll"):
        async with alone(tmp_path, DAEMON, told.append, patience=0.2):
            pass
    assert len(told) == 1


async def test_who_only_looks_is_waited_for_though_a_daemon_that_was_killed_left_its_name(tmp_path: Path) -> None:
    file, told = tmp_path / "daemon.lock", list[str]()
    file.write_text("a daemon, process 4711")
    with file.open() as looking:
        fcntl.flock(looking, fcntl.LOCK_SH)
        threading.Timer(0.1, fcntl.flock, (looking, fcntl.LOCK_UN)).start()
        async with alone(tmp_path, DAEMON, told.append):
            assert file.read_text() == f"a daemon, process {os.getpid()}"
    assert told == []


async def test_a_daemon_is_not_waited_for(tmp_path: Path) -> None:
    told: list[str] = []
    with sole(tmp_path, DAEMON), pytest.raises(StoreInUse, match="a daemon, process"):
        async with alone(tmp_path, DAEMON, told.append):
            pass
    assert told == []
