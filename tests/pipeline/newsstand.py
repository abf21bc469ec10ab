"""Feeds to poll: documents made of a few words, on a loopback server, and a pipeline over a store of their own."""

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from html import escape
from pathlib import Path

from aggregator.config import Instance, load
from aggregator.fetching.request import Limits
from aggregator.pipeline.opening import opened
from aggregator.pipeline.pipeline import Pipeline
from tests.server import Reply, Server

START = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
EAGER = Limits(gap=timedelta(milliseconds=1))  # an hour is over at once here, so no host needs a second's rest


@dataclass(frozen=True, slots=True)
class Told:
    """An entry of a document."""

    guid: str
    title: str
    summary: str = ""
    published: datetime | None = None


def rss(entries: Iterable[Told], *, title: str = "Newsstand") -> bytes:
    items = "".join(
        f"<item><guid isPermaLink='false'>{one.guid}</guid><title>{escape(one.title)}</title>"
        f"<link>http://news.example/{one.guid}</link><description>{escape(one.summary)}</description>"
        + (f"<pubDate>{format_datetime(one.published)}</pubDate>" if one.published else "")
        + "</item>"
        for one in entries
    )
    return f"<rss version='2.0'><channel><title>{title}</title><language>en</language>{items}</channel></rss>".encode()


def serve(server: Server, path: str, *entries: Told, etag: str | None = None) -> str:
    """Have a page answer with a feed of these entries; gives its URL."""
    headers = (("Content-Type", "application/rss+xml"), *((("ETag", etag),) if etag else ()))
    return server.on(path, Reply(200, headers, rss(entries)))


def write_config(folder: Path, urls: Iterable[tuple[str, str]], more: str = "") -> Instance:
    """Write a configuration of (outlet, URL); gives the instance."""
    feeds = "".join(f"  - {{url: '{url}', outlet: {outlet}, every: 15m}}\n" for outlet, url in urls)
    instance = Instance(config=folder / "feeds.yaml", store=folder / "store")
    instance.config.write_text(f"polling:\n  allow: [127.0.0.0/8]\n{more}feeds:\n{feeds}", encoding="utf-8")
    return instance


@asynccontextmanager
async def working(instance: Instance, now: datetime = START) -> AsyncIterator[Pipeline]:
    async with opened(instance, load(instance.config), now, EAGER) as pipeline:
        yield pipeline


async def cycle(pipeline: Pipeline, now: datetime) -> None:
    """Poll what is due, cluster and publish."""
    await pipeline.poll(await pipeline.claim(now), now)
    await pipeline.settle(now)
