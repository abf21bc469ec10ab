"""A busy daemon that is killed again and again loses nothing, doubles nothing, tears nothing, and decides the same."""

import json
import random
import sqlite3
import time
from contextlib import closing
from pathlib import Path

import psutil
import pytest
from lxml import etree

from aggregator.config import load
from aggregator.database.feeds import all_feeds
from aggregator.database.store import open_store
from aggregator.pipeline.numbers import clustering_settings
from tests.faults.nursery import nursery
from tests.faults.press import START, Press, printing
from tests.faults.replay import Replayed, replayed
from tests.test_daemon import daemon, wait_until


def rows(folder: Path, query: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(folder / "store/aggregator.db", timeout=15)) as file:
        return file.execute(query).fetchall()


def torn(folder: Path) -> list[str]:
    """Read every published file; give those that are not whole."""
    found = []
    for path in sorted((folder / "store/feeds").glob("[!.]*")):
        try:
            json.loads(path.read_bytes()) if path.suffix == ".json" else etree.fromstring(path.read_bytes())
        except (ValueError, etree.XMLSyntaxError) as error:
            found.append(f"{path.name}: {error}")
    return found


def replay(folder: Path) -> Replayed:
    config = load(folder / "feeds.yaml")
    database = open_store(folder / "store", START)
    with database.read() as connection:
        alone = {feed.id for feed in all_feeds(connection) if feed.outlet == f"Outlet {len(config.feeds) - 1}"}
        found = replayed(connection, clustering_settings(config), alone)
    database.close()
    return found


GUIDS = "SELECT replace(url, 'http://news.example/', ''), title FROM entries"


def all_clustered(folder: Path) -> bool:
    return not rows(folder, "SELECT 1 FROM entries WHERE batch IS NULL UNION SELECT 1 FROM revisions WHERE pending")


def everything_is_stored(folder: Path, press: Press) -> bool:
    return dict(rows(folder, GUIDS)) == press.everything() and all_clustered(folder)


@pytest.mark.parametrize(
    "kills", [pytest.param(3, id="3"), pytest.param(50, id="50", marks=[pytest.mark.soak, pytest.mark.timeout(3600)])]
)
def test_a_daemon_killed_at_random_loses_and_doubles_nothing(tmp_path: Path, kills: int) -> None:
    rng = random.Random(kills)
    workers_before, memory = parsers(), list[int]()
    with printing(Press(seed=kills)) as press, nursery() as daemons:
        press.configure(tmp_path)
        for _ in range(kills):
            with daemon(tmp_path, "--clock", press.clock, start=daemons.start) as running:
                if rng.random() < 0.8:  # else while it starts
                    running.event("started")
                time.sleep(rng.uniform(0.0, 3.0))
                memory.append(psutil.Process(running.process.pid).memory_info().rss // 2**20)
                running.process.kill()
                running.process.wait(10)
            assert torn(tmp_path) == []
        press.stop_printing()
        with daemon(tmp_path, "--clock", press.clock, start=daemons.start) as running:
            wait_until(lambda: everything_is_stored(tmp_path, press), 60)
            memory.append(psutil.Process(running.process.pid).memory_info().rss // 2**20)
            printed = press.everything()
            running.process.terminate()
            assert running.process.wait(10) == 0
            assert not [line for line in running.lines() if line["level"] == "error"]
    guids = [row[0] for row in rows(tmp_path, GUIDS)]
    assert sorted(guids) == sorted(printed)
    assert rows(tmp_path, "SELECT count(*) FROM entries") == [(len(printed),)]
    assert torn(tmp_path) == []
    assert rows(tmp_path, "PRAGMA integrity_check") == [("ok",)]
    again = replay(tmp_path)
    assert again.again == again.stored
    wait_until(lambda: parsers() <= workers_before, 10)
    events = len(set(again.stored.values()))
    print(f"\n{kills} kills: {len(printed)} entries, {again.edits} edits, {again.batches} batches, {events} events, ")
    print(f"{press.asked} requests; lost 0, doubled 0, torn 0, differing from the replay 0; ")
    print(f"memory {memory[0]} MB at the first kill, {memory[-1]} MB at the end, {max(memory)} MB at most")


def parsers() -> int:
    """Count the parser processes that nobody owns any more."""
    found = 0
    for process in psutil.process_iter(["ppid", "cmdline"]):
        found += process.info["ppid"] == 1 and "aggregator.parsing" in (process.info["cmdline"] or [])
    return found
