"""Whether everything that the daemon needs is there: each check gives a value that says what to do."""

import asyncio
import shutil
import socket
import tempfile
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

from aggregator.config import Config, ServerConfig
from aggregator.database.engine import FILE_NAME, connect
from aggregator.database.feeds import StoredFeed, save_attempt
from aggregator.database.health import Findings, examine
from aggregator.database.lock import holder
from aggregator.database.store import not_instead_of_a_lost_one, schema_version
from aggregator.database.tables import SCHEMA_VERSION
from aggregator.errors import ConfigError, FeedError, ParserDown, StoreError
from aggregator.fetching.backend import UnknownHost, resolve
from aggregator.fetching.client import Client
from aggregator.fetching.guard import AllowList
from aggregator.fetching.headers import date, value
from aggregator.fetching.shown import shown
from aggregator.model import Fetched, FetchFailed, FetchResult
from aggregator.parsing.worker import ParserPool
from aggregator.pipeline.access import PLAIN, accesses
from aggregator.pipeline.wanted import polling_settings
from aggregator.scheduling.intervals import earliest
from aggregator.scheduling.reach import NETWORK
from aggregator.scheduling.state import FeedState, Settings
from aggregator.scheduling.transitions import attempt, request_for

_LEAST_FREE = 200_000_000  # bytes
_RECENT = timedelta(hours=1)
_NAMES, _NAME_WAIT = 3, timedelta(seconds=5)  # asked for at most, and how long
_OFF = timedelta(minutes=5)  # what a clock may differ by; certificates and dates of entries bear that
_SAMPLE = b"<rss version='2.0'><channel><title>A</title><item><title>One</title></item></channel></rss>"


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """What was looked at, how it is, and what to do where it is not as it should be."""

    about: str
    text: str
    remedy: str = ""

    @property
    def fine(self) -> bool:
        """Tell whether nothing is to be done."""
        return not self.remedy


async def examined(config: Config, store: Path, now: datetime, environment: Mapping[str, str]) -> AsyncIterator[Check]:
    """Look at everything but the configuration, which was read already; asks one feed at most, and politely."""
    found, checks = of_store(store)
    for check in checks:
        yield check
    running = holder(store) if store.is_dir() else None
    yield check_port(config.server, running.what if running else None)
    yield await check_parser()
    answer = None
    async for check, answer in check_network(config, store, found, now, environment):  # noqa: B007  the last one counts
        yield check
    yield check_clock(now, found.newest if found else None, answer)


def of_store(store: Path) -> tuple[Findings | None, list[Check]]:
    """Look at folder, database and disk."""
    found: Findings | None = None
    try:
        found, database = check_database(store)
    except StoreError as error:
        text, said, more = str(error).partition(": restore a backup")  # what the error advises is said once
        remedy = f"restore a backup{more}" if said else "restore a backup: `aggregator store restore FILE`"
        database = Check(about="database", text=text, remedy=remedy)
    return found, [check_folder(store), database, check_disk(store, found.bytes if found else 0)]


def check_folder(store: Path) -> Check:
    """See whether files can be made in the store, or where it would be made."""
    folder = store
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    try:
        with tempfile.NamedTemporaryFile(dir=folder, prefix=".doctor."):
            pass
    except OSError as error:
        return Check(
            about="store",
            text=f"{folder}: {error.strerror}",
            remedy="make it a folder that this user may write, or name another with --store",
        )
    return Check(about="store", text=f"{store} can be written")


def check_database(store: Path) -> tuple[Findings | None, Check]:
    """Check the database, if there is one; it is not changed.

    Raises:
        StoreError: it cannot be read.
    """
    path = store / FILE_NAME
    version = schema_version(path)
    if version is None:
        not_instead_of_a_lost_one(path)
        return None, Check(about="database", text="there is none yet; the first `aggregator run` makes it")
    if version > SCHEMA_VERSION:
        return None, Check(
            about="database",
            text=f"{path} has schema {version}, this version knows up to {SCHEMA_VERSION}",
            remedy="install the newer aggregator",
        )
    if version < SCHEMA_VERSION:
        return None, Check(about="database", text=f"schema {version}; the next start upgrades it, after a backup")
    found = examine(path)
    if found.problems:
        return found, Check(
            about="database",
            text=f"{path} is damaged: {'; '.join(found.problems)}",
            remedy="stop the daemon and restore a backup: `aggregator store restore FILE`",
        )
    return found, Check(about="database", text=f"{path}, {found.bytes / 1e6:.1f} MB, no damage found")


def check_disk(store: Path, database_bytes: int) -> Check:
    """See whether there is room for the database to grow, and for a copy of it before an upgrade."""
    folder = next(folder for folder in (store, *store.parents) if folder.exists())
    free, needed = shutil.disk_usage(folder).free, max(_LEAST_FREE, database_bytes)
    told = f"{free / 1e9:.1f} GB free for {store}"
    if free >= needed:
        return Check(about="disk", text=told)
    remedy = f"free some space, {needed / 1e9:.1f} GB at least, or keep less with store.entries"
    return Check(about="disk", text=told, remedy=remedy)


def check_port(server: ServerConfig, running: str | None) -> Check:
    """See whether the port can be had, or is had by our own daemon."""
    place = f"{server.host}:{server.port}"
    if running is not None:
        return Check(about="port", text=f"{place}, served by {running}")
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(server.host, server.port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as listener:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(address)
    except OSError as error:
        return Check(
            about="port",
            text=f"{place}: {error.strerror}",
            remedy="set server.host to an address of this machine and server.port to a free port, or to 0 for any",
        )
    return Check(about="port", text=f"{place} is free")


async def check_parser() -> Check:
    """See whether the parser's process starts and answers."""
    try:
        async with ParserPool() as parser:
            await parser.parse(_SAMPLE, url="http://sample.invalid/", content_type="application/rss+xml")
    except (FeedError, ParserDown, OSError, RuntimeError) as error:
        return Check(about="parser", text=f"does not work: {error}", remedy="install aggregator anew; is memory free?")
    return Check(about="parser", text="starts and answers")


async def check_network(
    config: Config, store: Path, found: Findings | None, now: datetime, environment: Mapping[str, str]
) -> AsyncIterator[tuple[Check, FetchResult | None]]:
    """See whether feeds can be reached: from what was stored lately, else by asking one that may be asked now."""
    known = [feed for feed in (found.feeds if found else ()) if feed.subscribed]
    lately = [feed for feed in known if feed.state.last_success and now - feed.state.last_success <= _RECENT]
    failing = [feed for feed in known if feed.state.health.troubled]
    if known and len(failing) == len(known):
        remedy = "look at their reasons: `aggregator feeds list --failing`"
        yield Check(about="feeds", text=f"all {len(known)} are in trouble", remedy=remedy), None
    elif known:
        told = (
            f"{len(failing)} of them in trouble: see `aggregator feeds list --failing`"
            if failing
            else "none of them in trouble"
        )
        yield Check(about="feeds", text=f"{len(known)}, {told}"), None
    elif not config.feeds:
        yield Check(about="feeds", text="none", remedy="add one: `aggregator feeds add URL`"), None
    if lately:
        yield Check(about="network", text=f"{len(lately)} feeds have answered in the last hour"), None
        return
    feed, settings = next(_may_be_asked(known, config, now), (None, Settings()))
    if feed is None:
        yield Check(about="network", text="not tried: all were asked lately") if known else await _names(config), None
        return
    try:
        access = accesses(config, environment).get(feed.url, PLAIN)
    except ConfigError as error:
        yield Check(about="network", text=str(error), remedy="set it where the daemon runs"), None
        return
    await asyncio.to_thread(_store_attempt, store, attempt(feed.state, now, settings))
    async with Client(allow=AllowList.parse(config.polling.allow), contact=config.polling.contact) as client:
        answer = await client.fetch(access.added_to(request_for(feed.state, now)))
    yield _of_answer(feed, answer), answer


async def _names(config: Config) -> Check:
    """See whether the names of a few feeds are found, where the store says nothing of when they may be asked."""
    hosts = {urlsplit(feed.url).hostname or "" for feed in config.feeds if feed.proxy is None}
    asked = sorted(hosts)[:_NAMES]
    if not asked:
        return Check(about="network", text="not tried: there is no feed to ask")

    async def trouble(host: str) -> str:
        try:
            async with asyncio.timeout(_NAME_WAIT / timedelta(seconds=1)):
                await resolve(host, 443)
        except UnknownHost as error:
            return str(error)
        except TimeoutError:
            return f"no name server says in {_NAME_WAIT.seconds} s where {host} is"
        return ""

    lost = [said for said in await asyncio.gather(*map(trouble, asked)) if said]
    if len(lost) == len(asked):
        return Check(about="network", text="; ".join(lost), remedy="check this machine's name server and connection")
    told = "; ".join([f"the names of {len(asked) - len(lost)} of {len(hosts)} servers were asked for and found", *lost])
    return Check(about="network", text=f"{told}; `aggregator feeds check` asks every feed")


def _may_be_asked(known: Sequence[StoredFeed], config: Config, now: datetime) -> Iterator[tuple[StoredFeed, Settings]]:
    """Give the feeds that no rule keeps from being asked now, those that did best first."""
    configured = {feed.url: feed for feed in config.feeds}
    for feed in sorted(known, key=lambda one: (one.state.errors, one.id)):
        settings = polling_settings(config, configured.get(feed.url))
        at = earliest(feed.state, settings)
        if not feed.state.disabled and (at is None or at <= now):
            yield feed, settings


def _store_attempt(store: Path, state: FeedState) -> None:
    database = connect(store / FILE_NAME)
    try:
        with database.write() as connection:
            save_attempt(connection, state)
    finally:
        database.close()


def _of_answer(feed: StoredFeed, answer: FetchResult) -> Check:
    url = shown(feed.url)
    if isinstance(answer, FetchFailed) and answer.kind in NETWORK:
        remedy = "check this machine's name server, its way to the Internet, and the feed's address in a browser"
        return Check(about="network", text=f"{url}: {answer.reason}", remedy=remedy)
    if isinstance(answer, FetchFailed):
        return Check(about="network", text=f"{url} was reached; its answer: {answer.reason}")
    return Check(about="network", text=f"{url} answered in {answer.elapsed / timedelta(milliseconds=1):.0f} ms")


def check_clock(now: datetime, newest: datetime | None, answer: FetchResult | None) -> Check:
    """Compare the clock with what was stored by it, and with the date of a server."""
    remedy = "set the clock, and keep it so: `timedatectl set-ntp true`"
    if newest is not None and newest > now + _OFF:
        text = f"it is {now:%Y-%m-%d %H:%M} UTC by this machine, and the store has reports of {newest:%Y-%m-%d %H:%M}"
        return Check(about="clock", text=text, remedy=remedy)
    said = date(value(answer.headers, "date")) if isinstance(answer, Fetched) else None
    if said is not None and abs(said - now) > _OFF:
        text = f"it is {now:%Y-%m-%d %H:%M} UTC by this machine, {said:%Y-%m-%d %H:%M} by a server"
        return Check(about="clock", text=text, remedy=remedy)
    return Check(about="clock", text=f"{now:%Y-%m-%d %H:%M} UTC" + (", as a server says" if said else ""))
