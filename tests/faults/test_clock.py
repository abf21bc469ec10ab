"""A clock that jumps by a day, forward and back: no burst, and no silence."""

import time
from datetime import timedelta
from pathlib import Path

import pytest

from aggregator.config import load
from aggregator.daemon import Daemon
from aggregator.database.feeds import all_feeds
from aggregator.scheduling.clock import Clock, SystemClock, UrlClock
from tests.faults.press import Press, printing
from tests.faults.test_kill import GUIDS, all_clustered, replay, rows
from tests.pipeline.newsstand import HOUR, START, Told, cycle, serve, working, write_config
from tests.pipeline.test_pipeline import QUAKE, VOTE
from tests.server import Server, reply
from tests.test_daemon import daemon, wait_until

DAY = timedelta(days=1)


async def test_a_jump_of_a_day_forward_asks_every_feed_once(tmp_path: Path, server: Server, other: Server) -> None:
    urls = [("A", serve(server, "/a", QUAKE)), ("B", serve(other, "/b", VOTE))]
    async with working(write_config(tmp_path, urls)) as pipeline:
        await cycle(pipeline, START)
        for minute in range(10):
            await cycle(pipeline, START + DAY + timedelta(minutes=minute))
    assert (len(server.asked), len(other.asked)) == (2, 2)


async def test_a_jump_of_a_day_back_leaves_no_feed_silent_and_asks_none_early(tmp_path: Path, server: Server) -> None:
    async with working(write_config(tmp_path, [("A", serve(server, "/a", QUAKE))])) as pipeline:
        await cycle(pipeline, START + DAY)
        await pipeline.rebase(START)
        for minute in (0, 5, 10, 14):
            assert await pipeline.claim(START + timedelta(minutes=minute)) == []
        assert len(await pipeline.claim(START + HOUR)) == 1


async def test_what_comes_after_a_jump_back_is_clustered_and_published(
    tmp_path: Path, server: Server, other: Server
) -> None:
    urls = [("A", serve(server, "/a", QUAKE)), ("B", serve(other, "/b", VOTE))]
    instance = write_config(tmp_path, urls)
    async with working(instance, START + DAY) as pipeline:
        await cycle(pipeline, START + DAY)
        await pipeline.rebase(START)
        serve(server, "/a", QUAKE, Told("vote2", VOTE.title, VOTE.summary))
        await cycle(pipeline, START + HOUR)
        assert await pipeline.pending() == 0
        with pipeline.database.read() as connection:
            assert [feed.state.health for feed in all_feeds(connection)] == ["fine", "fine"]
    assert b"pension reform" in (tmp_path / "store/feeds/events.atom").read_bytes()


async def test_a_clock_that_was_ahead_while_nothing_ran_is_noticed_at_the_start(tmp_path: Path, server: Server) -> None:
    instance = write_config(tmp_path, [("A", serve(server, "/a", QUAKE))])
    async with working(instance, START + DAY) as pipeline:
        await cycle(pipeline, START + DAY)
    async with working(instance, START) as pipeline:
        assert len(await pipeline.claim(START + HOUR)) == 1


@pytest.mark.parametrize(("clock", "asked"), [(SystemClock(), 0), (UrlClock("http://replay.example/clock"), 1)])
async def test_a_jump_forward_of_the_machines_clock_asks_nobody_and_that_of_a_replay_does(
    tmp_path: Path, server: Server, clock: Clock, asked: int
) -> None:
    instance = write_config(tmp_path, [("A", serve(server, "/a", QUAKE))])
    async with working(instance) as pipeline:
        await cycle(pipeline, START)
        daemon = Daemon(instance=instance, clock=clock)
        for now in (START, START + DAY):
            await daemon._mind_the_clock(pipeline, now)
        assert len(await pipeline.claim(START + DAY)) == asked


async def test_a_machine_that_starts_behind_and_is_then_told_the_time_asks_nobody_early(
    tmp_path: Path, server: Server
) -> None:
    instance = write_config(tmp_path, [("A", serve(server, "/a", QUAKE))])
    async with working(instance, START) as pipeline:
        await cycle(pipeline, START)
    behind = START - timedelta(minutes=40)
    async with working(instance, behind) as pipeline:
        assert await pipeline.claim(behind) == []
        now = START + timedelta(minutes=1)
        await pipeline.rebase(now, now - behind)
        assert await pipeline.claim(now) == []
        assert await pipeline.claim(now + timedelta(minutes=14)) == []
        assert len(await pipeline.claim(now + timedelta(minutes=35))) == 1


@pytest.mark.parametrize("by", [-DAY, DAY])
async def test_a_poll_that_was_under_way_when_the_clock_was_set_is_stored_by_the_new_one(
    tmp_path: Path, server: Server, by: timedelta
) -> None:
    instance = write_config(tmp_path, [("A", serve(server, "/a", QUAKE))])
    async with working(instance) as pipeline:
        claimed = await pipeline.claim(START)
        now = START + by
        await pipeline.rebase(now, by)
        (report,) = await pipeline.poll(claimed, START)
        assert report.poll.at == now
        assert await pipeline.claim(now + timedelta(minutes=14)) == []
        assert len(await pipeline.claim(now + HOUR)) == 1


@pytest.mark.parametrize("by", [-DAY, DAY])
async def test_a_host_that_asked_for_a_pause_is_left_alone_as_long_as_it_said_whatever_the_clock(
    tmp_path: Path, server: Server, by: timedelta
) -> None:
    throttled = server.on("/a", reply(429, Retry_After="3600"))
    instance = write_config(tmp_path, [("A", throttled)])
    async with working(instance) as pipeline:
        await cycle(pipeline, START)
        write_config(tmp_path, [("A", throttled), ("B", serve(server, "/b", VOTE))])
        now = START + by
        await pipeline.rebase(now, by)
        await pipeline.reconfigure(load(instance.config), now)
        await cycle(pipeline, now + timedelta(minutes=30))
        assert [asked.target for asked in server.asked] == ["/a"]
        await cycle(pipeline, now + 2 * HOUR)
        assert [asked.target for asked in server.asked].count("/b") == 1


@pytest.mark.soak
def test_a_daemon_whose_clock_jumps_a_day_either_way_goes_on(tmp_path: Path) -> None:
    with printing(Press(seed=2, feeds=4, speed=60.0, every=HOUR)) as press:
        press.configure(tmp_path)
        press.jump(2 * DAY)
        printed = set(press.everything())
        with daemon(tmp_path, "--clock", press.clock) as running:
            running.event("batch")
            for jump in (DAY, -DAY, -DAY, DAY):
                press.jump(jump)
                at, asked = time.monotonic(), press.asked
                wait_until(lambda asked=asked: press.asked >= asked + 2 * press.feeds, 15)
                ticks = (time.monotonic() - at) / 2 + 2
                assert press.asked - asked <= ticks * press.feeds, "a burst"
                printed |= set(press.everything())
            wait_until(lambda: all_clustered(tmp_path), 30)
            assert not [line for line in running.lines() if line["level"] == "error"]
        assert {row[0] for row in rows(tmp_path, GUIDS)} >= printed
        again = replay(tmp_path)
        assert again.again == again.stored
