"""Open a store for polling and clustering, and leave it in order."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, asynccontextmanager
from datetime import datetime
from pathlib import Path

from aggregator.clustering.settings import Settings
from aggregator.config import Config, Instance
from aggregator.database import feeds
from aggregator.database.engine import Database
from aggregator.database.lock import sole
from aggregator.database.store import open_store, setting
from aggregator.errors import StoreInUse
from aggregator.fetching.client import Client
from aggregator.fetching.guard import AllowList
from aggregator.fetching.request import Limits
from aggregator.model import EventId
from aggregator.parsing.worker import ParserPool
from aggregator.pipeline.alerts import Alarm
from aggregator.pipeline.batch import Clustering
from aggregator.pipeline.numbers import clustering_settings
from aggregator.pipeline.pipeline import Pipeline
from aggregator.pipeline.publish import Publisher, output_feeds, place_of
from aggregator.pipeline.wanted import speakers
from aggregator.publishing.files import remove_temporaries

DAEMON = "a daemon"  # how one is named to others who want its store
PATIENCE = 10.0  # seconds; a correction beside no daemon takes a few, most of them for imports
PAUSE = 0.1


def publisher_of(instance: Instance, config: Config, database: Database) -> Publisher:
    """Give the publisher of a store."""
    with database.read() as connection:
        made = datetime.fromisoformat(str(setting(connection, "made")))
        place = place_of(connection, config)
    return Publisher(
        database=database, folder=instance.store / "feeds", feeds=output_feeds(config), place=place, store_made=made
    )


def carry_out_waiting(instance: Instance, config: Config | None, database: Database, now: datetime) -> None:
    """Carry out the corrections that wait and publish what they change, beside no daemon; the caller holds the lock.

    Without a configuration nothing is published: the next daemon looks at what changed lately.
    """
    clustering = Clustering(database=database, settings=Settings())
    if config is not None:
        with database.read() as connection:
            clustering.speakers = speakers(config, feeds.all_feeds(connection))
    changed: set[EventId] = set()
    while (batch := clustering.correct(now)) is not None:
        changed |= batch.changed
    if config is not None and changed:
        publisher = publisher_of(instance, config, database)
        publisher.silent = clustering.speakers.silent
        publisher.doubt()
        publisher.publish(changed, now)


@asynccontextmanager
async def alone(
    folder: Path, what: str, told: Callable[[str], object], *, patience: float = PATIENCE
) -> AsyncIterator[None]:
    """Hold a store as its one poller and clusterer; wait a while for who holds it for a moment, as a correction does.

    `told` hears that it waits, and for whom; `patience` is in seconds.

    Raises:
        StoreInUse: a daemon holds it, or another for longer than that.
    """
    end = None
    with ExitStack() as stack:
        while True:
            try:
                stack.enter_context(sole(folder, what))
                break
            except StoreInUse as error:
                if error.by.startswith(DAEMON) or (end is not None and time.monotonic() > end):
                    raise
                if end is None:
                    end = time.monotonic() + patience
                    told(f"{folder} is in use by {error.by}; waiting up to {patience:.0f} s for that to end")
                await asyncio.sleep(PAUSE)
        yield


@asynccontextmanager
async def opened(
    instance: Instance, config: Config, now: datetime, limits: Limits | None = None
) -> AsyncIterator[Pipeline]:
    """Open a store for polling and clustering; the caller holds its lock (`database.lock.sole`)."""
    thread = ThreadPoolExecutor(1, thread_name_prefix="store")
    loop = asyncio.get_running_loop()
    database = await loop.run_in_executor(thread, open_store, instance.store, now)
    try:
        async with Client(allow=AllowList.parse(config.polling.allow), limits=limits) as client, ParserPool() as parser:
            publisher = publisher_of(instance, config, database)
            pipeline = Pipeline(
                config=config,
                database=database,
                client=client,
                parser=parser,
                clustering=Clustering(database=database, settings=clustering_settings(config)),
                publisher=publisher,
                alarm=Alarm(database=database, place=publisher.place, allow=AllowList()),
                thread=thread,
            )
            await pipeline.reconfigure(config, now)
            await pipeline.rebase(now)
            await pipeline.remember_pauses(now)
            await pipeline.in_store(lambda: remove_temporaries(publisher.folder))
            await pipeline.in_store(lambda: publisher.resume(now))
            yield pipeline
    finally:
        await loop.run_in_executor(None, thread.shutdown)  # what it is at is finished first
        database.close()


async def last_poll(pipeline: Pipeline) -> datetime | None:
    """Say when any feed was last asked; None: never."""

    def work() -> datetime | None:
        with pipeline.database.read() as connection:
            return feeds.last_poll(connection)

    return await pipeline.in_store(work)
