"""The whole way of an entry over one store: what `aggregator poll` does once and the daemon for years.

Fetching is asynchronous; everything that touches the store runs in one thread beside the event loop, in turn, so that
there is one writer and no page or feed waits for it.
"""

import asyncio
import os
import time
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from math import inf
from pathlib import Path
from typing import TypeVar

from aggregator.config import Config, FeedConfig
from aggregator.database import entries, feeds
from aggregator.database.engine import Database
from aggregator.database.feeds import StoredFeed
from aggregator.database.retention import prune_step
from aggregator.fetching.client import Client
from aggregator.fetching.guard import AllowList
from aggregator.model import EventId, FeedId, FetchFailed
from aggregator.parsing.worker import ParserPool
from aggregator.pipeline import clock_waits
from aggregator.pipeline.access import PLAIN, Access, accesses, changed_among
from aggregator.pipeline.alerts import Alarm, alerts_of
from aggregator.pipeline.batch import BatchReport, Clustering, changed_by, corrected
from aggregator.pipeline.numbers import clustering_settings
from aggregator.pipeline.poll import Answer, PollReport, Read, ask, retime, store
from aggregator.pipeline.publish import Publisher, output_feeds, place_of
from aggregator.pipeline.standing_back import standing_back
from aggregator.pipeline.stopwatch import Stopwatch
from aggregator.pipeline.subscribing import subscribe
from aggregator.pipeline.wanted import alone, budget_of, polling_settings, speakers
from aggregator.scheduling.budget import Budget
from aggregator.scheduling.intervals import moved, spread
from aggregator.scheduling.reach import NETWORK, Reach
from aggregator.scheduling.state import Settings
from aggregator.scheduling.transitions import attempt

T = TypeVar("T")
_VERDICT = 60.0  # seconds: a fetch has so long, so others have answered by then if they can be reached
Told = Callable[[PollReport], None]
ToldBatch = Callable[[BatchReport], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """What became of the entries that waited."""

    batches: tuple[BatchReport, ...] = ()
    written: tuple[Path, ...] = ()


@dataclass(slots=True, kw_only=True)
class Pipeline:
    """A store with everything that fills it. Made by `opening.opened`."""

    config: Config
    database: Database
    client: Client
    parser: ParserPool
    clustering: Clustering
    publisher: Publisher
    alarm: Alarm
    thread: ThreadPoolExecutor
    stopwatch: Stopwatch = field(default_factory=Stopwatch)
    port: int | None = None  # where the feeds are served, once they are
    _reach: Reach = field(default_factory=Reach, init=False)  # whether it is the servers that fail, or our own line
    _budget: Budget = field(default_factory=Budget, init=False)  # of the feeds that follow their own rhythm
    _clock_set: timedelta = field(default=timedelta(), init=False)  # in all, since we began
    _asked: dict[FeedId, timedelta] = field(default_factory=dict, init=False)  # feeds under way, `_clock_set` before
    _configured: dict[str, FeedConfig] = field(default_factory=dict, init=False)  # by URL, as the next
    _access: dict[str, Access] = field(default_factory=dict, init=False)

    async def in_store(self, work: Callable[[], T]) -> T:
        """Run something that touches the store in the store's thread."""
        return await asyncio.get_running_loop().run_in_executor(self.thread, work)

    # --- polling

    async def claim(self, now: datetime) -> list[StoredFeed]:
        """Take the feeds that are due; that they are about to be asked is stored first, so that no crash asks early."""
        return await self.in_store(lambda: self._claim(now))

    def _claim(self, now: datetime) -> list[StoredFeed]:
        with self.database.read() as connection:
            due = [feed for feed in feeds.due(connection, now) if feed.id not in self._asked]
            later = standing_back(connection, due, now) if due else {}
            if due and not self._budget.holds(now):
                self._budget = budget_of(self.config, feeds.all_feeds(connection), now)
        overdue = (feed.state for feed in due if feed.id not in later)
        later |= {state.feed: state for state in spread(overdue, now, self._settings(None))}
        claimed = [
            replace(feed, state=attempt(feed.state, now, self._settings(feed))) for feed in due if feed.id not in later
        ]
        if due:
            with self.database.write() as connection:
                for state in later.values():
                    feeds.save_state(connection, state)
                for feed in claimed:
                    feeds.save_attempt(connection, feed.state)
        self._asked |= {feed.id: self._clock_set for feed in claimed}
        return claimed

    async def poll(
        self, claimed: Sequence[StoredFeed], now: datetime, told: Told = lambda _report: None
    ) -> list[PollReport]:
        """Ask claimed feeds and store what they bring, each as soon as it is there.

        A host that could not be reached waits for a while: whether it is our own line is known when others are through.

        Raises:
            StoreError: of some it could not be stored; these are asked again.
        """
        reports: list[PollReport] = []
        asking, through = {feed.id for feed in claimed}, asyncio.Event()

        async def asked(feed: StoredFeed, access: Access) -> Answer:
            try:
                answer = await ask(feed.state, self.client, self.parser, now, access)
                self._reach = self._reach.after(feed.state, answer.fetched if isinstance(answer, Read) else answer)
            finally:
                asking.discard(feed.id)
                if not asking:
                    through.set()
            return answer

        async def one(feed: StoredFeed) -> None:
            access = self._access.get(feed.url, PLAIN)
            try:
                answer = await asked(feed, access)
                if isinstance(answer, FetchFailed) and answer.kind in NETWORK:
                    with suppress(TimeoutError):
                        await asyncio.wait_for(through.wait(), _VERDICT)
                report = await self._store(feed, answer, access, now)
            finally:
                self._asked.pop(feed.id, None)
            self.stopwatch.add("fetch", report.poll.elapsed.total_seconds())
            reports.append(report)
            told(report)

        ended = await asyncio.gather(*(one(feed) for feed in claimed), return_exceptions=True)
        for failure in ended:  # of the store, or our own mistake; it has cost no other feed anything
            if failure is not None:
                raise failure
        return reports

    async def _store(self, feed: StoredFeed, answer: Answer, access: Access, now: datetime) -> PollReport:
        by = self._clock_set - self._asked.get(feed.id, self._clock_set)  # meanwhile: what is stored is of one clock
        offline = self._reach.offline

        def work() -> PollReport:
            with self.stopwatch.running("store"), self.database.write() as connection:
                return store(
                    connection,
                    replace(feed, state=moved(feed.state, by, now + by)),
                    answer,
                    now=now + by,
                    settings=self._settings(feed),
                    outlet_of=self.config.outlet_named,
                    offline=offline,
                    otherwise=access != self._access.get(feed.url, PLAIN),
                )

        return await self.in_store(work)

    def _settings(self, feed: StoredFeed | None) -> Settings:
        configured = self._configured.get(feed.url) if feed is not None else None
        return polling_settings(self.config, configured, self._budget.entries)

    # --- clustering and publishing

    async def cluster(self, now: datetime, told: ToldBatch = lambda _batch: None) -> list[BatchReport]:
        """Put every pending entry into an event; `told` is called after each batch, whatever becomes of the next.

        Corrections that wait are carried out first, and then nothing else, so that they need not wait for news.
        """
        batches: list[BatchReport] = []

        def work() -> BatchReport | None:
            begun = time.monotonic()
            batch = self.clustering.correct(now)
            if batch is None and not corrected(batches):
                batch = self.clustering.run(now)
            if batch is not None:  # nothing waits, most of the time
                self.stopwatch.add("cluster", time.monotonic() - begun)
            return batch

        while (batch := await self.in_store(work)) is not None:
            batches.append(batch)
            told(batch)
            if batch.correction is not None:
                self.publisher.doubt()
            await self.in_store(
                partial(self.alarm.notice, batch.changed, now)
            )  # word of it need not wait for documents
        return batches

    async def publish(self, changed: Collection[EventId], now: datetime, moment: float = inf) -> list[Path]:
        """Release what is due of the changed and the waiting events; gives the documents that were written.

        With a `moment` (monotonic seconds) documents that were written lately wait.
        """

        def work() -> list[Path]:
            self.alarm.notice(changed, now)
            with self.stopwatch.running("publish"):
                return self.publisher.publish(changed, now, moment)

        return await self.in_store(work)

    async def alert(self, now: datetime) -> int:
        """Send word of the events that somebody waits for; gives how much was tried."""
        return await self.alarm.deliver(now, self.in_store)

    async def settle(self, now: datetime) -> Settled:
        """Put every pending entry into an event, then publish what is due, and send word of it."""
        batches: list[BatchReport] = []
        while more := await self.cluster(now):
            batches += more
        written = await self.publish(changed_by(batches), now)
        await self.alert(now)
        return Settled(batches=tuple(batches), written=tuple(written))

    async def pending(self) -> int:
        """Count the entries that are in no event yet."""

        def work() -> int:
            with self.database.read() as connection:
                return entries.count_pending(connection)

        return await self.in_store(work)

    async def prune(self, now: datetime) -> int:
        """Delete one step of what is older than `store.entries`; 0 where nothing is."""
        return await self.in_store(lambda: prune_step(self.database, now - self.config.store.entries, now))

    # --- configuration and clock

    async def reconfigure(self, config: Config, now: datetime) -> bool:
        """Take up a configuration: feeds and who speaks for events at once, all else from the next poll or batch on.

        Tells whether events speak differently now, which wait to be published.

        Raises:
            ConfigError: a secret that it names is not there, or a search cannot be read; nothing has changed.
        """
        return await self.in_store(lambda: self._reconfigure(config, now))

    def _reconfigure(self, config: Config, now: datetime) -> bool:
        wanted, alerts = output_feeds(config), alerts_of(config, os.environ)  # raise before anything has changed
        access = accesses(config, os.environ)
        changed = changed_among(self._access, access) if self._configured else frozenset()
        configured, allow = {feed.url: feed for feed in config.feeds}, AllowList.parse(config.polling.allow)
        budget = self._budget.entries
        with self.database.write() as connection:  # may fail, and then what was in force stays so as a whole
            subscribe(connection, config, now)
            retime(connection, lambda feed: polling_settings(config, configured.get(feed.url), budget), changed, now)
        self.config, self._configured, self._access = config, configured, access
        self.client.configure(allow, config.polling.contact)
        self.clustering.configure(clustering_settings(config))
        with self.database.read() as connection:
            self.publisher.place = self.alarm.place = place_of(connection, config, self.port)
            stored = feeds.all_feeds(connection)
        self.clustering.alone, heard = alone(config, stored), speakers(config, stored)
        restated = self.clustering.hear(heard, now - config.publishing.keep, now)
        self.publisher.silent = heard.silent
        self.publisher.waiting |= restated
        if {alert.name for alert in alerts} - {alert.name for alert in self.alarm.alerts}:
            self.alarm.begin(alerts, now)
        self.alarm.allow, self.alarm.alerts = allow, alerts
        known = {feed.name for feed in self.publisher.feeds}
        self.publisher.feeds = wanted
        self.publisher.doubt()  # titles, families and names of feeds stand in the documents
        if not known.issuperset(feed.name for feed in wanted):
            self.publisher.resume(now)  # a new feed begins with the events of the last days
        return bool(restated)

    async def served_at(self, port: int, now: datetime) -> None:
        """Take up the port at which the feeds are served: documents name their own address."""
        self.port = port
        await self.reconfigure(self.config, now)

    async def remember_pauses(self, now: datetime) -> None:
        """Leave hosts alone that asked for it before the program was started (Retry-After)."""
        for host, until in await self.in_store(partial(clock_waits.pauses, self.database, now)):
            self.client.pause(host, until)

    async def rebase(self, now: datetime, by: timedelta = timedelta()) -> None:
        """Keep the waits of feeds and hosts where the clock was set: back since they were last asked, or by so much."""
        self.client.clock_set(by)
        self._clock_set += by  # polls under way see it when they are stored, which comes after this
        await self.in_store(partial(clock_waits.move, self.database, now, by))
