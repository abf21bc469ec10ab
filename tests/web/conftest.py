"""A reader over plain values, and a real server on loopback."""

from collections.abc import AsyncIterator, Hashable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from aggregator.errors import NotFound
from aggregator.model import Event
from aggregator.parsing.opml import Subscription
from aggregator.publishing.channel import Channel, compose
from aggregator.publishing.files import write_if_changed
from aggregator.publishing.release import decide
from aggregator.text.query import parse, search_words
from aggregator.web.app import WebSettings, create_app
from aggregator.web.documents import Document, PublishedFolder
from aggregator.web.feeds import MEDIA_TYPES
from aggregator.web.reader import EventView, FeedHealth, Measures, Overlap
from aggregator.web.server import WebServer
from tests.publishing.values import ALL, NOW, OLD_STORE, PLACE

NOTHING_SHARED = Overlap(outlets=(), events=(), shared=())
NO_FIGURES = Measures(polls={}, joins={}, entries=0, events=0, feeds={}, queue=0, database_bytes=0)


@dataclass
class ValueReader:
    """Tells what it was given."""

    folder: Path
    events: Sequence[EventView] = ()
    health: Sequence[FeedHealth] = ()
    shared: Overlap = NOTHING_SHARED
    figures: Measures = NO_FIGURES
    reason: str | None = None
    batch: int = 0
    asked: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._files = PublishedFolder(self.folder, MEDIA_TYPES)

    def generation(self) -> Hashable:
        return self.batch

    def not_ready(self) -> str | None:
        return self.reason

    def document(self, name: str) -> Document | None:
        return self._files.document(name)

    def channel(self, name: str) -> Channel | None:
        if name != "events":
            return None
        feed = replace(ALL, name="events")
        found = [view.event for view in self.events if view.event.sources]
        told = [decide(feed, event, None, now=NOW + timedelta(days=9), store_age=OLD_STORE) for event in found]
        return compose(feed, [one for one in told if one], {event.id: event for event in found}, PLACE)

    def outputs(self) -> Sequence[tuple[str, str]]:
        return [("events", "Events"), ("singles", "Events: one outlet")]

    def recent(self, limit: int, *, min_outlets: int = 1, language: str | None = None) -> Sequence[Event]:
        self.asked.append("recent")
        return [
            view.event
            for view in self.events
            if view.event.outlets >= min_outlets and language in (None, view.event.language)
        ][:limit]

    def languages(self) -> Sequence[str]:
        return ["en", "id"]

    def event(self, name: str) -> EventView:
        for view in self.events:
            if view.event.name.startswith(name):
                return view
        raise NotFound(f"no event {name}")

    def search(self, query: str, limit: int) -> Sequence[Event]:
        wanted = parse(query)
        return [view.event for view in self.events if wanted.matches(search_words(view.event.headline))][:limit]

    def of_outlet(self, outlet: str, limit: int) -> Sequence[Event]:
        return [view.event for view in self.events if outlet in {one.outlet for one in view.event.sources}][:limit]

    def feeds(self) -> Sequence[FeedHealth]:
        return self.health

    def overlap(self) -> Overlap:
        return self.shared

    def subscriptions(self) -> Sequence[Subscription]:
        return [Subscription(url=feed.url, name=feed.name) for feed in self.health]

    def measures(self) -> Measures:
        return self.figures


@pytest.fixture
def published(tmp_path: Path) -> Path:
    folder = tmp_path / "feeds"
    write_if_changed(folder / "events.atom", b"<feed>" + b"news " * 1000 + b"</feed>")
    write_if_changed(folder / "events.json", b"{}")
    return folder


@asynccontextmanager
async def serving(reader: ValueReader, settings: WebSettings | None = None) -> AsyncIterator[httpx.AsyncClient]:
    server = WebServer(create_app(reader, settings or WebSettings()), "127.0.0.1", 0)
    await server.start()
    try:
        async with httpx.AsyncClient(base_url=server.url, trust_env=False) as client:
            yield client
    finally:
        await server.stop()
