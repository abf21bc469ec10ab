"""The recurring jobs."""

import asyncio
import contextlib
from datetime import UTC, datetime, timedelta

import apscheduler.schedulers.base
import apscheduler.triggers.interval
import pytest

from aggregator.scheduling.scheduler import Scheduler

SHORT = timedelta(milliseconds=20)


@contextlib.asynccontextmanager
async def running(scheduler: Scheduler):
    scheduler.start()
    try:
        yield
    finally:
        await scheduler.stop()


async def until(condition, seconds: float = 10.0) -> None:
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.01)


async def test_a_job_runs_at_once_and_again() -> None:
    runs = []

    async def job() -> None:
        runs.append(1)

    scheduler = Scheduler()
    scheduler.add("tick", SHORT, job)
    async with running(scheduler):
        await until(lambda: len(runs) >= 3)


async def test_a_job_that_raises_runs_again(caplog: pytest.LogCaptureFixture) -> None:
    runs = []

    async def job() -> None:
        runs.append(1)
        raise ValueError("once in a while")

    scheduler = Scheduler()
    scheduler.add("tick", SHORT, job)
    async with running(scheduler):
        await until(lambda: len(runs) >= 2)
    assert "tick failed" in caplog.text


async def test_a_slow_job_never_runs_twice_at_a_time() -> None:
    under_way = most = runs = 0

    async def job() -> None:
        nonlocal under_way, most, runs
        under_way += 1
        most = max(most, under_way)
        await asyncio.sleep(0.1)
        under_way -= 1
        runs += 1

    scheduler = Scheduler()
    scheduler.add("tick", SHORT, job)
    async with running(scheduler):
        await until(lambda: runs >= 3)
    assert most == 1


async def test_a_wall_clock_set_back_by_a_day_does_not_stop_a_job(monkeypatch: pytest.MonkeyPatch) -> None:
    shift = timedelta()

    class Shifted(datetime):
        @classmethod
        def now(cls, tz=None):
            return datetime.now(tz) + shift

    for module in (apscheduler.schedulers.base, apscheduler.triggers.interval):
        monkeypatch.setattr(module, "datetime", Shifted)
    runs = []

    async def job() -> None:
        runs.append(1)

    scheduler = Scheduler(clock=lambda: datetime.now(UTC) + shift)
    scheduler.add("tick", SHORT, job)
    async with running(scheduler):
        await until(lambda: len(runs) >= 3)
        shift = timedelta(days=-1)
        before = len(runs)
        await until(lambda: len(runs) >= before + 5)
