"""A disk that is full and a folder that cannot be written: said with the file and the remedy, and nothing is lost."""

import json
import subprocess
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from aggregator.database.lock import sole
from aggregator.database.store import open_store
from aggregator.database.tables import entries
from aggregator.errors import StoreError
from aggregator.pipeline.outages import CALM
from aggregator.pipeline.pipeline import Pipeline
from tests.faults.conftest import files_no_longer_than
from tests.faults.press import Press, printing
from tests.faults.test_kill import everything_is_stored, torn
from tests.pipeline.newsstand import HOUR, START, Told, cycle, serve, working, write_config
from tests.pipeline.test_pipeline import QUAKE, VOTE
from tests.server import Server
from tests.test_daemon import daemon, run_to_its_end, wait_until

MANY = [
    Told(f"n{number}", f"Report {number} of the harvest in district {number}", "Farmers brought it in. " * 20)
    for number in range(120)
]


def titles(pipeline: Pipeline) -> set[str]:
    with pipeline.database.read() as connection:
        return set(connection.scalars(select(entries.c.title)))


async def test_what_a_full_disk_kept_from_being_stored_is_asked_for_again(tmp_path: Path, server: Server) -> None:
    instance = write_config(tmp_path, [("A", serve(server, "/a", MANY[0], etag='"1"'))])
    async with working(instance) as pipeline:
        await cycle(pipeline, START)
        serve(server, "/a", *MANY, etag='"2"')
        claimed = await pipeline.claim(START + HOUR)
        with files_no_longer_than(50_000), pytest.raises(StoreError, match=r"aggregator\.db: .*disk"):
            await pipeline.poll(claimed, START + HOUR)
        assert titles(pipeline) == {MANY[0].title}
        await cycle(pipeline, START + 2 * HOUR)
        assert titles(pipeline) == {told.title for told in MANY}
    assert [asked.headers.get("if-none-match") for asked in server.asked] == [None, '"1"', '"1"']


async def test_a_feed_whose_answer_cannot_be_stored_costs_no_other_feed_its_own(
    tmp_path: Path, server: Server, other: Server
) -> None:
    urls = [("Large", serve(server, "/a", *MANY)), ("Small", serve(other, "/b", Told("one", "One")))]
    async with working(write_config(tmp_path, urls)) as pipeline:
        large, small = await pipeline.claim(START)
        log = (tmp_path / "store/aggregator.db-wal").stat().st_size
        with files_no_longer_than(log + 100_000), pytest.raises(StoreError):
            await pipeline.poll([large, small], START)
        assert titles(pipeline) == {"One"}
        assert len(await pipeline.claim(START + HOUR)) == 2


async def test_documents_that_could_not_be_written_are_written_later(
    tmp_path: Path, server: Server, other: Server
) -> None:
    urls = [("A", serve(server, "/a", MANY[0])), ("B", serve(other, "/b", MANY[0]))]
    feeds = tmp_path / "store/feeds"
    async with working(write_config(tmp_path, urls)) as pipeline:
        feeds.write_text("not a folder")
        with pytest.raises(StoreError, match=r"feeds.*cannot be written"):
            await cycle(pipeline, START)
        feeds.unlink()
        await pipeline.publish([], START + timedelta(minutes=1))
    told = json.loads((feeds / "events.json").read_text())["items"]
    assert [one["title"] for one in told] == [MANY[0].title]


async def test_documents_are_made_up_for_after_a_crash_between_storing_and_writing(
    tmp_path: Path, server: Server, other: Server
) -> None:
    urls = [("A", serve(server, "/a", QUAKE)), ("B", serve(other, "/b", QUAKE))]
    instance = write_config(tmp_path, urls)
    feeds = tmp_path / "store/feeds"
    async with working(instance) as pipeline:
        await cycle(pipeline, START)
        stale = (feeds / "events.atom").read_bytes()
        serve(server, "/a", QUAKE, VOTE)
        serve(other, "/b", QUAKE, VOTE)
        await pipeline.poll(await pipeline.claim(START + HOUR), START + HOUR)
        (batch,) = await pipeline.cluster(START + HOUR)
        await pipeline.in_store(lambda: pipeline.publisher.release(batch.changed, START + 2 * HOUR))
        assert (feeds / "events.atom").read_bytes() == stale  # and here the process dies
    async with working(instance, START + 2 * HOUR) as pipeline:
        await pipeline.publish([], START + 2 * HOUR)
    assert len(json.loads((feeds / "events.json").read_text())["items"]) == 2


async def test_a_start_removes_what_writes_that_were_cut_off_have_left(tmp_path: Path) -> None:
    feeds = tmp_path / "store/feeds"
    feeds.mkdir(parents=True)
    (feeds / ".events.atom.x1.part").write_bytes(b"<feed")
    async with working(write_config(tmp_path, [])):
        assert not list(feeds.iterdir())


Unwritable = Callable[[Path], AbstractContextManager[None]]


def test_a_folder_that_cannot_be_written_is_named_with_the_remedy(tmp_path: Path, unwritable: Unwritable) -> None:
    folder = tmp_path / "store"
    folder.mkdir()
    with unwritable(folder):
        for attempt in (lambda: sole(folder, "a daemon").__enter__(), lambda: open_store(folder, START)):
            with pytest.raises(StoreError, match=r"store/(daemon\.lock|aggregator\.db).*(writ|--store)"):
                attempt()
    with unwritable(tmp_path), pytest.raises(StoreError, match="cannot be made"):
        open_store(tmp_path / "another", START)


def test_a_folder_in_the_place_of_a_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "store/daemon.lock").mkdir(parents=True)
    with pytest.raises(StoreError, match=r"daemon\.lock.*Is a directory"), sole(tmp_path / "store", "a daemon"):
        pass
    (tmp_path / "other/aggregator.db").mkdir(parents=True)
    with pytest.raises(StoreError, match=r"aggregator\.db: cannot be read"):
        open_store(tmp_path / "other", START)


@pytest.mark.soak
@pytest.mark.timeout(300)
def test_a_daemon_outlives_a_disk_that_is_full_for_a_while(tmp_path: Path, small_disk: Path) -> None:
    with printing(Press(seed=1, feeds=4)) as press:
        press.configure(small_disk)
        with daemon(small_disk, "--clock", press.clock) as running:
            running.event("batch")
            _fill(small_disk)
            running.event("outage")
            time.sleep(10)
            said = [line for line in running.lines() if line["level"] == "error"]
            assert len(said) <= 6, "an outage fills the log"
            assert all("Traceback" not in line.get("traceback", "") for line in said)
            subprocess.run(["mount", "-o", "remount,size=64m", str(small_disk)], check=True)
            (small_disk / "ballast").unlink()
            press.stop_printing()
            wait_until(lambda: everything_is_stored(small_disk, press), 60)
            wait_until(lambda: torn(small_disk) == [], 5)
            running.wait_for(lambda line: line.get("event") == "recovered", CALM + 40)


def _fill(folder: Path) -> None:
    """Write until the disk has no room."""
    with (folder / "ballast").open("wb", buffering=0) as file:
        try:
            while True:
                file.write(b"x" * 4096)
        except OSError:
            return


@pytest.mark.soak
def test_a_daemon_does_not_start_where_it_cannot_write(tmp_path: Path, unwritable: Unwritable) -> None:
    (tmp_path / "feeds.yaml").write_text("feeds: []\nserver: {port: 0}\n")
    (tmp_path / "store").mkdir()
    with unwritable(tmp_path / "store"):
        for words in (["run"], ["poll"]):
            ended = run_to_its_end(tmp_path, *words)
            assert ended.returncode == 1
            assert "daemon.lock: cannot be written" in ended.stderr
            assert "Traceback" not in ended.stderr
