"""The daemon: builds everything, owns its life from start over signals to stop.

Recurring jobs, none of which waits for another: *tick* claims due feeds and sets their polls going, *settle* clusters
what they brought and publishes it, *alerts* sends word of it to who waits for it, *configuration* takes up a changed
feeds.yaml, *prune* deletes what is old.
"""

import asyncio
import logging
import os
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable, Coroutine, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from math import inf

from aggregator import memory, systemd
from aggregator.config import Instance, load
from aggregator.database.feeds import StoredFeed
from aggregator.errors import ConfigError
from aggregator.model import EventId
from aggregator.pipeline.batch import BatchReport
from aggregator.pipeline.opening import DAEMON, alone, last_poll, opened
from aggregator.pipeline.outages import Outages
from aggregator.pipeline.pipeline import Pipeline
from aggregator.pipeline.poll import PollReport
from aggregator.scheduling.clock import Clock, SystemClock
from aggregator.scheduling.clock_watch import ClockWatch, awake_or_not
from aggregator.scheduling.scheduler import Scheduler
from aggregator.web.app import create_app
from aggregator.web.server import WebServer
from aggregator.web.store import StoreReader, web_settings

log = logging.getLogger(__name__)

TICK = SETTLE = ALERTS = timedelta(seconds=2)
CONFIGURATION = timedelta(seconds=5)
PRUNE = timedelta(hours=1)
PUBLISH = 30.0  # seconds between two looks at what may be published; how often files are written is the publisher's
SWITCH = (
    0.0005  # seconds a thread may keep the interpreter from another that waits; with Python's 5 ms an answer takes 10
)
SET_BACK, SET_FORWARD = (
    timedelta(seconds=-60),
    timedelta(seconds=60),
)  # what is less is the drift that time servers put right
ENDING = 3.0  # seconds that polls under way are given when the daemon stops


@dataclass(slots=True, kw_only=True)
class Daemon:
    """One instance at work."""

    instance: Instance
    clock: Clock
    stopping: asyncio.Event = field(default_factory=asyncio.Event)
    _polls: set[asyncio.Task[None]] = field(default_factory=set, init=False)
    _working: set[asyncio.Task[None]] = field(default_factory=set, init=False)  # jobs under way
    _outcomes: Counter[str] = field(default_factory=Counter, init=False)  # of polls since the start, for /metrics
    _changed: set[EventId] = field(default_factory=set, init=False)
    _at_once: bool = field(default=True, init=False)  # we have just started, or a person looks whether a change worked
    _published: float = field(default=float("-inf"), init=False)
    _seen: tuple[int, int, int] | None = field(default=None, init=False)  # the configuration file's inode, size, time
    _reloading: asyncio.Lock = field(default_factory=asyncio.Lock, init=False)  # the last that was read is in force
    _outages: Outages = field(default_factory=Outages, init=False)
    _watch: ClockWatch = field(default_factory=ClockWatch, init=False)

    async def run(self, started: Callable[[Pipeline, str], None]) -> None:
        """Work until `stopping` is set; `started` is called when everything is up, with the feeds' base URL.

        Raises:
            ConfigError, StoreError: nothing was started.
        """
        memory.use_few_arenas()
        sys.setswitchinterval(SWITCH)
        async with alone(self.instance.store, DAEMON, log.info):
            self._seen = self._stamp()
            config = await asyncio.to_thread(load, self.instance.config, os.environ)
            async with AsyncExitStack() as stack:
                now = await self.clock.now()
                pipeline = await stack.enter_async_context(opened(self.instance, config, now))
                self._watch.began(now, await last_poll(pipeline), awake_or_not())
                reader = StoreReader(pipeline.publisher, self._outcomes, pipeline.stopwatch.spent)
                app = create_app(reader, web_settings(config.server, config.publishing, os.environ))
                server = WebServer(app, config.server.host, config.server.port)
                await server.start()
                stack.push_async_callback(server.stop)
                await pipeline.served_at(server.port, await self.clock.now())
                scheduler = self._jobs(pipeline)
                self._watch_signals(pipeline)
                started(pipeline, server.url)
                scheduler.start()
                systemd.notify("READY=1")
                await self.stopping.wait()
                systemd.notify("STOPPING=1")
                await self._finish()
                await scheduler.stop()

    def _jobs(self, pipeline: Pipeline) -> Scheduler:
        scheduler = Scheduler()
        jobs = {
            "tick": (TICK, self._tick),
            "settle": (SETTLE, self._settle),
            "configuration": (CONFIGURATION, self._look_at_configuration),
            "alerts": (ALERTS, self._alert),
            "prune": (PRUNE, self._prune),
        }
        for name, (every, job) in jobs.items():
            scheduler.add(name, every, partial(self._run, name, job, pipeline))
        return scheduler

    async def _run(self, name: str, job: Callable[[Pipeline], Coroutine[None, None, None]], pipeline: Pipeline) -> None:
        """Run a job; what goes wrong is told once, and must not end it. None begins once we are stopping."""
        if self.stopping.is_set():
            return
        work = asyncio.create_task(job(pipeline), name=name)
        self._working.add(work)
        work.add_done_callback(self._working.discard)
        await asyncio.wait([work])
        if work.cancelled():
            return
        error = work.exception()
        if error is None:
            self._outages.over(name)
        elif isinstance(error, Exception):
            self._outages.failed(name, error)
        else:
            raise error

    def _watch_signals(self, pipeline: Pipeline) -> None:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self.stopping.set)
        reload = partial(self._run, "configuration", self._reload, pipeline)
        loop.add_signal_handler(signal.SIGHUP, lambda: loop.create_task(reload()))

    # --- jobs

    async def _tick(self, pipeline: Pipeline) -> None:
        """Set the polls of due feeds going; what a slow server does delays nobody else's next tick."""
        systemd.notify("WATCHDOG=1")
        now = await self.clock.now()
        await self._mind_the_clock(pipeline, now)
        if claimed := await pipeline.claim(now):
            task = asyncio.create_task(self._poll(pipeline, claimed, now))
            self._polls.add(task)
            task.add_done_callback(self._polls.discard)

    async def _poll(self, pipeline: Pipeline, claimed: list[StoredFeed], now: datetime) -> None:
        try:
            tell_offline(await pipeline.poll(claimed, now, self._told))
        except Exception as error:  # noqa: BLE001  told by `outages`; the feeds are asked again when they are due
            self._outages.failed("poll", error)
        else:
            self._outages.over("poll")

    def _told(self, report: PollReport) -> None:
        self._outcomes[report.poll.outcome] += 1
        tell(report)

    async def _settle(self, pipeline: Pipeline) -> None:
        """Cluster what is pending; publish at once at the start and what a person changed, else now and then."""
        now = await self.clock.now()
        await pipeline.cluster(now, self._clustered)
        due = time.monotonic() - self._published >= PUBLISH
        if self._at_once or (due and (self._changed or pipeline.publisher.waiting or pipeline.publisher.stale)):
            await self._publish(pipeline, now)

    def _clustered(self, batch: BatchReport) -> None:
        self._changed |= batch.changed
        self._at_once |= batch.correction is not None
        tell_batch(batch)

    async def _publish(self, pipeline: Pipeline, now: datetime) -> None:
        """Publish what changed; where that fails, it is tried again at the next turn of what comes now and then."""
        changed, self._changed = self._changed, set()
        at_once, self._at_once = self._at_once, False
        try:
            written = await pipeline.publish(changed, now, inf if at_once else time.monotonic())
            memory.give_back()
        except BaseException:
            self._changed |= changed
            self._published = time.monotonic()
            raise
        if not at_once:  # news need not wait for what was published beside their turn
            self._published = time.monotonic()
        if written:
            log.info("published", extra={"fields": {"event": "published", "files": [path.name for path in written]}})

    async def _alert(self, pipeline: Pipeline) -> None:
        await pipeline.alert(await self.clock.now())

    async def _prune(self, pipeline: Pipeline) -> None:
        if self._watch.doubted(awake_or_not()):
            return
        now = await self.clock.now()
        while await pipeline.prune(now) and not self.stopping.is_set():
            await asyncio.sleep(0.05)  # others' turn at the store
        memory.keep()

    async def _look_at_configuration(self, pipeline: Pipeline) -> None:
        if self._stamp() != self._seen:
            await self._reload(pipeline)

    # --- configuration and clock

    def _stamp(self) -> tuple[int, int, int] | None:
        try:
            found = self.instance.config.stat()
        except OSError:
            return None
        return found.st_ino, found.st_size, found.st_mtime_ns

    async def _reload(self, pipeline: Pipeline) -> None:
        """Take up the configuration file; a broken one is reported, and what was in force stays so."""
        async with self._reloading:
            seen = self._stamp()
            try:
                # beside the loop, for the secrets that it names may lie on a disk that is slow to answer
                config = await asyncio.to_thread(load, self.instance.config, os.environ)
                restated = await pipeline.reconfigure(config, await self.clock.now())
            except ConfigError as error:
                self._seen = seen
                log.error("%s\nthe configuration that was in force stays in force", error)  # noqa: TRY400  for the operator
                return
            self._seen = seen  # not before it is stored: where that fails, the next look takes it up
        self._at_once |= restated
        log.info(
            "configuration taken up: %d feeds",
            len(config.feeds),
            extra={"fields": {"event": "configuration", "feeds": len(config.feeds)}},
        )

    async def _mind_the_clock(self, pipeline: Pipeline, now: datetime) -> None:
        """Notice a wall clock that was set: all feeds would fall silent, or be asked anew all at once."""
        by = self._watch.look(now, awake_or_not())
        replayed = not isinstance(self.clock, SystemClock)  # whose clock goes forward to make feeds due
        if by < SET_BACK or (by > SET_FORWARD and not replayed):
            await pipeline.rebase(now, by)

    async def _finish(self) -> None:
        """Let polls and jobs under way end and store what they bring; what takes longer is done again next time."""
        if under_way := self._polls | self._working:
            _done, late = await asyncio.wait(under_way, timeout=ENDING)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)


def tell(report: PollReport) -> None:
    """Log a poll that brought something: entries, or an error that is new."""
    feed, poll = report.feed, report.poll
    fields = {"event": "poll", "feed": feed.label, "outcome": poll.outcome, "new": poll.new, "edited": poll.edited}
    if report.failed:
        if feed.state.reason != report.state.reason and not report.offline:
            log.warning("%s: %s", feed.label, report.state.reason, extra={"fields": fields | {"reason": poll.reason}})
    elif poll.new or poll.edited:
        edited = f", {poll.edited} edited" if poll.edited else ""
        log.info("%s: %d new%s", feed.label, poll.new, edited, extra={"fields": fields})


def tell_offline(reports: Sequence[PollReport]) -> None:
    """Log once that no host was reached, rather than once a feed."""
    unreached = [report for report in reports if report.offline]
    if unreached:
        log.warning(
            "%d feeds were not reached, nor any host: we are probably offline; they are asked again when due",
            len(unreached),
            extra={"fields": {"event": "offline", "feeds": len(unreached)}},
        )


def tell_batch(batch: BatchReport) -> None:
    """Log what became of a batch, or of a correction."""
    if batch.correction is not None:
        fields = {"event": "correction", "number": batch.correction, "moved": batch.moved}
        log.info("correction %d: %d reports moved", batch.correction, batch.moved, extra={"fields": fields})
        return
    log.info(
        "%d reports: %d new events, %d joined one",
        batch.entries,
        batch.founded,
        batch.joined,
        extra={
            "fields": {
                "event": "batch",
                "number": batch.number,
                "entries": batch.entries,
                "founded": batch.founded,
                "joined": batch.joined,
                "moved": batch.moved,
            }
        },
    )
