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
from aggregator.publishing.publication import Change, ChangeKind
from aggregator.publishing.release import decide
from aggregator.text.query import parse, search_words
from aggregator.web.app import WebSettings, create_app
from aggregator.web.documents import Document, PublishedFolder
from aggregator.web.feeds import MEDIA_TYPES
from aggregator.web.reader import (
    Bond,
    Contribution,
    EventView,
    FeedHealth,
    FeedView,
    Measures,
    OutletView,
    Overlap,
    PollSeen,
    PutRight,
    SharedFeed,
)
from aggregator.web.server import WebServer
from tests.publishing.values import ALL, NOW, OLD_STORE, PLACE, event, outlets, source

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

    def held(self, name: str) -> Document | None:
        return self._files.held(name)

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

    def outlet(self, name: str, limit: int) -> OutletView:
        told = [view.event for view in self.events if name in {one.outlet for one in view.event.sources}][:limit]
        own = tuple(feed for feed in self.health if feed.outlet == name)
        if not told and not own:
            raise NotFound(f"no feed and no report is of {name!r}")
        contribution = Contribution(reports=12, events=10, shared=4, first=1, copies=3)
        return OutletView(outlet=name, told=contribution, feeds=own, shares=((EVIL, 4),), events=tuple(told))

    def feeds(self) -> Sequence[FeedHealth]:
        return self.health

    def feed(self, number: int) -> FeedView:
        for health in self.health:
            if health.id == number:
                polls = (
                    PollSeen(at=NOW, outcome="status", status=500, reason=EVIL, milliseconds=12),
                    PollSeen(at=NOW - timedelta(hours=1), outcome="new", status=200, bytes=12_345, new=3, edited=1),
                )
                return FeedView(
                    health=health, polls=polls, events=12, shares=(SharedFeed(feed=2, name=EVIL, events=5),)
                )
        raise NotFound(f"no feed {number}")

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
    server = WebServer(create_app(reader, settings or WebSettings(lag=0.0)), "127.0.0.1", 0)
    await server.start()
    try:
        async with httpx.AsyncClient(base_url=server.url, trust_env=False) as client:
            yield client
    finally:
        await server.stop()


EVIL = "</a><script>alert('x')</script>\"'><img src=x onerror=y> \u202e"


def hostile_view() -> EventView:
    sources = (
        source(1, EVIL, title=EVIL, url="javascript:alert(1)", summary=EVIL, language='"><script>', tags=(EVIL,)),
        source(2, "b" + EVIL, 5, title="x" * 10_000, url='https://b.example/"onclick="x', copy_of=1),
    )
    bonds = (
        Bond(entry=1, compared=None, rule="founded"),
        Bond(entry=2, compared=1, rule="copy", likeness=0.97, terms=(EVIL, "panjshir")),
    )
    changes = (Change(at=NOW, kind=ChangeKind.HEADLINE, text=EVIL), Change(at=NOW, kind=ChangeKind.GREW, entries=(2,)))
    put_right = (PutRight(at=NOW, kind="split", reason=EVIL, undone=NOW), PutRight(at=NOW, kind="pin"))
    return EventView(event=event(*sources, headline=EVIL), bonds=bonds, changes=changes, corrections=put_right)


def rtl_view() -> EventView:
    sources = (
        source(11, "الجزيرة", title="طالبان تهاجم بنجشير", language="ar", summary="بعد فشل المحادثات"),
        source(12, "BBC عربي", 60, title="هجوم على بنجشير", language="ar"),
        source(13, "الأناضول", 61, title="هجوم على بنجشير بعد المحادثات", language="ar", copy_of=11),
    )
    return EventView(event=event(*sources, number=2, language="ar"))


@pytest.fixture
def reader(published: Path) -> ValueReader:
    large = event(*(source(n, f"Outlet {n % 700}", n / 20) for n in range(1, 2_001)), number=5, headline="Large event")
    plain = EventView(
        event=event(*outlets(5), number=3, headline="Taliban storm Panjshir"),
        bonds=(Bond(entry=2, compared=1, rule="joined", likeness=0.4, terms=("panjshir", "parwan")),),
        related=(rtl_view().event,),
    )
    merged = EventView(event=replace(event(*outlets(2), number=4), merged_into=3), successor=plain.event.name)
    health = [
        FeedHealth(
            id=1,
            name=EVIL,
            outlet="Tempo & Co/1",
            url="https://tempo.example/rss",
            state="failing",
            reason="the server answers 500",
            last_success=NOW,
            next_check=NOW,
            interval=timedelta(minutes=15),
            entries=12,
            hours=tuple(range(24)),
        ),
        FeedHealth(id=2, name="New", outlet="Antara", url="https://antara.example/rss", state="new"),
    ]
    shared = Overlap(outlets=("A", EVIL), events=(10, 5), shared=((10, 4), (4, 5)))
    views = [hostile_view(), rtl_view(), plain, merged, EventView(event=large)]
    return ValueReader(published, views, health, shared)


def pages(reader: ValueReader) -> list[str]:
    names = [view.event.name for view in reader.events if view.successor is None]
    return [
        "/",
        "/?all=1&language=en",
        "/?page=2",
        "/search",
        "/search?q=panjshir",
        "/search?q=unfindable",
        "/outlets/Outlet%201",
        "/outlets/Tempo%20%26%20Co%2F1",
        "/health",
        "/health/1",
        "/overlap",
        "/subscribe",
        *(f"/events/{name}" for name in names),
    ]
