"""The few jobs that recur, run by APScheduler in the event loop.

Never a job per feed: a feed's schedule is a column that the tick asks for. APScheduler computes the next run by the
wall clock, so an interval job stops firing when that is set back a day; a watch on the monotonic clock puts it right.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

from apscheduler.schedulers.asyncio import AsyncIOScheduler

log = logging.getLogger(__name__)

LATE = 3  # intervals without a run, after which a job is taken for stuck


class Scheduler:
    """Runs jobs at intervals; each at most once at a time, a missed run is made up for by one."""

    def __init__(self, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._clock = clock
        # max_instances and coalesce: a tick that is late is run once; misfire_grace_time None: and however late it is
        defaults = {"max_instances": 1, "coalesce": True, "misfire_grace_time": None}
        self._scheduler = AsyncIOScheduler(timezone=UTC, job_defaults=defaults)
        self._last: dict[str, float] = {}
        self._every: dict[str, float] = {}
        self._watch: asyncio.Task[None] | None = None

    def add(self, name: str, every: timedelta, run: Callable[[], Awaitable[None]]) -> None:
        """Run `run` at once and then at an interval; what it raises is logged and does not end the job."""

        async def job() -> None:
            self._last[name] = asyncio.get_running_loop().time()
            try:
                await run()
            except Exception:  # a job must outlive whatever one run meets
                log.exception("%s failed; it is tried again in %s", name, every)

        self._every[name] = every.total_seconds()
        self._scheduler.add_job(
            job, "interval", seconds=every.total_seconds(), id=name, next_run_time=self._clock(), replace_existing=True
        )

    def start(self) -> None:
        """Start within the running event loop."""
        now = asyncio.get_running_loop().time()
        self._last = dict.fromkeys(self._every, now)
        self._scheduler.start()
        self._watch = asyncio.create_task(self._keep_firing(), name="scheduler watch")

    async def stop(self) -> None:
        """Start no further run; one under way goes on."""
        if self._watch is not None:
            self._watch.cancel()
            await asyncio.gather(self._watch, return_exceptions=True)
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)

    async def _keep_firing(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(min(self._every.values(), default=1.0))
            for name, last in self._last.items():
                if loop.time() - last > LATE * self._every[name]:
                    self._last[name] = loop.time()
                    self._scheduler.modify_job(name, next_run_time=self._clock())
                    self._scheduler.wakeup()
