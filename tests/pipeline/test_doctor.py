"""What the doctor finds, and what it says is to be done."""

import os
import socket
from datetime import timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest

from aggregator.config import Instance, ServerConfig, load
from aggregator.database.engine import FILE_NAME
from aggregator.model import Fetched
from aggregator.pipeline import doctor
from aggregator.pipeline.doctor import Check, examined
from tests.cli.running import Here
from tests.faults.test_database import damaged
from tests.pipeline.newsstand import HOUR, START, cycle, serve, working, write_config
from tests.pipeline.test_pipeline import QUAKE
from tests.server import Reply, Server, reply


@pytest.fixture
async def polled(tmp_path: Path, server: Server) -> Instance:
    """Give an instance whose one feed was asked at the start."""
    instance = write_config(tmp_path, [("A", serve(server, "/a", QUAKE, etag='"1"'))], "server: {port: 0}\n")
    async with working(instance) as pipeline:
        await cycle(pipeline, START)
    return instance


async def look(instance: Instance, now: object) -> dict[str, Check]:
    config = load(instance.config)
    return {check.about: check async for check in examined(config, instance.store, now, os.environ)}  # type: ignore[arg-type]


async def test_where_all_is_well_nothing_is_to_be_done_and_no_feed_is_asked(polled: Instance, server: Server) -> None:
    found = await look(polled, START + HOUR / 2)
    assert [check.text for check in found.values() if not check.fine] == []
    assert list(found) == ["store", "database", "disk", "port", "parser", "feeds", "network", "clock"]
    assert "1 feeds have answered" in found["network"].text
    assert len(server.asked) == 1


async def test_one_feed_is_asked_where_none_has_answered_lately_and_not_again_within_its_minimum(
    polled: Instance, server: Server
) -> None:
    now = START + 2 * HOUR
    server.pages["/a"] = [Reply(304, (("ETag", '"1"'),))]
    assert (await look(polled, now))["network"].fine
    assert [asked.headers.get("if-none-match") for asked in server.asked] == [None, '"1"']
    again = await look(polled, now + timedelta(minutes=5))
    assert "asked lately" in again["network"].text
    assert len(server.asked) == 2
    async with working(polled, now) as pipeline:
        assert await pipeline.claim(now + timedelta(minutes=5)) == []


async def test_a_server_that_answers_with_an_error_is_no_fault_of_the_network(polled: Instance, server: Server) -> None:
    server.pages["/a"] = [reply(503)]
    found = (await look(polled, START + 2 * HOUR))["network"]
    assert found.fine
    assert "was reached; its answer: 503" in found.text


async def test_a_server_that_cannot_be_reached_is_one(tmp_path: Path) -> None:
    instance = write_config(tmp_path, [("A", "http://127.0.0.1:1/feed")], "server: {port: 0}\n")
    async with working(instance) as pipeline:
        await cycle(pipeline, START)
    found = await look(instance, START + 2 * HOUR)
    assert "name server" in found["network"].remedy
    assert "--failing" in found["feeds"].remedy


async def test_a_damaged_database_is_found(tmp_path: Path, server: Server, other: Server) -> None:
    await damaged(tmp_path, server, other)
    found = await look(Instance(config=tmp_path / "feeds.yaml", store=tmp_path / "store"), START + HOUR)
    assert not found["database"].fine
    assert "restore" in found["database"].remedy
    assert "restore" not in found["database"].text
    assert "polled" not in found["network"].text


async def test_an_emptied_database_is_found_where_feeds_were_published(tmp_path: Path, polled: Instance) -> None:
    path = polled.store / FILE_NAME
    path.write_bytes(b"")
    found = (await look(polled, START + HOUR))["database"]
    assert "is empty, though this store has published feeds" in found.text
    assert "or delete the file" in found.remedy
    path.unlink()
    assert (await look(polled, START + HOUR))["database"].fine


async def test_before_the_first_poll_the_names_of_servers_are_looked_up(tmp_path: Path) -> None:
    lost = "http://nothing-is-there.invalid/rss"
    instance = write_config(tmp_path, [("A", "http://127.0.0.1:1/rss")], "server: {port: 0}\n")
    assert "1 of 1 servers" in (await look(instance, START))["network"].text
    instance = write_config(tmp_path, [("A", "http://127.0.0.1:1/rss"), ("B", lost)], "server: {port: 0}\n")
    found = (await look(instance, START))["network"]
    assert (found.fine, "nothing-is-there.invalid does not resolve" in found.text) == (True, True)
    instance = write_config(tmp_path, [("B", lost)], "server: {port: 0}\n")
    assert "name server" in (await look(instance, START))["network"].remedy


async def test_a_store_that_is_no_folder_is_found(tmp_path: Path) -> None:
    instance = write_config(tmp_path, [])
    instance.store.write_text("a file")
    found = doctor.check_folder(instance.store)
    assert not found.fine
    assert "--store" in found.remedy


def test_a_taken_port_is_found_unless_it_is_our_own() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        server = ServerConfig(port=taken.getsockname()[1])
        assert "server.port" in doctor.check_port(server, None).remedy
        assert doctor.check_port(server, "a daemon, process 1").fine


def test_a_disk_with_less_room_than_the_database_takes_is_found(tmp_path: Path) -> None:
    assert doctor.check_disk(tmp_path / "store", 0).fine
    assert "store.entries" in doctor.check_disk(tmp_path / "store", 10**18).remedy


def test_a_clock_that_is_off_is_found() -> None:
    answer = Fetched(url="", body=b"", headers=(("date", format_datetime(START + 2 * HOUR, usegmt=False)),))
    assert doctor.check_clock(START + 2 * HOUR, START, answer).fine
    for newest, seen in ((None, answer), (START + HOUR, None)):
        assert "set the clock" in doctor.check_clock(START, newest, seen).remedy


def test_the_command_prints_what_to_do_and_ends_with_1(tmp_path: Path) -> None:
    here = Here(tmp_path)
    here.config.write_text("feeds: []\nserver: {port: 0}\n")
    ran = here.run("doctor")
    assert ran.code == 1
    assert "! feeds" in ran.out
    assert "aggregator feeds add URL" in ran.out
    told = here.run("doctor", "--json").json
    assert [one["about"] for one in told["checks"] if not one["fine"]] == ["feeds"]
    here.config.write_text("feedz: []\n")
    ran = here.run("doctor")
    assert (ran.code, "did you mean 'feeds'" in ran.out) == (1, True)
