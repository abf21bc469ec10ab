"""Ninety hours of fifteen real outlets, polled, clustered, published, and read by ten kinds of readers."""

import json
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from lxml import etree
from sqlalchemy import func, select

from aggregator.config import Instance
from aggregator.database.tables import entries, events, publications
from aggregator.pipeline.pipeline import Pipeline
from tests.pipeline.newsstand import cycle, working
from tests.readers import READERS, Subscriber

STEP = timedelta(minutes=30)
STEPS = 90 * 2 + 16  # and eight hours more, for who polls last
EVERY = (STEP, timedelta(hours=2), timedelta(hours=8))

pytestmark = [pytest.mark.soak, pytest.mark.timeout(3600)]


class Newsroom:
    """The outlets' servers, and the clock that moves them."""

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}/clock"

    def now(self, advance: timedelta | None = None) -> datetime:
        seconds = f"?advance={advance.total_seconds():.0f}" if advance else ""
        request = urllib.request.Request(self.url + seconds, method="POST" if advance else "GET")
        with urllib.request.urlopen(request, timeout=10) as answer:
            return datetime.fromisoformat(answer.read().decode().strip())


@pytest.fixture
def newsroom(shared: Path, tmp_path: Path) -> Iterator[Newsroom]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, str(shared / "newsroom" / "replay.py"), "--port", str(port)]
    configured = subprocess.run([*command, "--print-feeds"], capture_output=True, text=True, check=True)
    (tmp_path / "feeds.yaml").write_text(configured.stdout, encoding="utf-8")
    with subprocess.Popen([*command, "--speed", "0"], stdout=subprocess.DEVNULL) as server:
        room = Newsroom(port)
        for _ in range(100):
            try:
                room.now()
                break
            except (urllib.error.URLError, ConnectionError):
                time.sleep(0.1)
        yield room
        server.terminate()


async def test_nobody_misses_an_event_and_nobody_sees_one_twice(
    newsroom: Newsroom, shared: Path, tmp_path: Path
) -> None:
    subscribers = [(Subscriber(how), every) for how in READERS for every in EVERY]
    now = newsroom.now()
    instance = Instance(config=tmp_path / "feeds.yaml", store=tmp_path / "store")
    feeds = instance.store / "feeds"
    async with working(instance, now) as pipeline:
        for step in range(STEPS):
            await cycle(pipeline, now)
            document = {"events": (feeds / "events.atom").read_bytes()}
            for subscriber, every in subscribers:
                if step % (every // STEP) == 0:
                    subscriber.poll(document)
            now = newsroom.now(STEP)
        told = released(pipeline)
        absorbed, stored, distinct = figures(pipeline)
    assert len(told) > 150
    assert stored == distinct > 2_000
    for subscriber, every in subscribers:
        seen = Counter(item.id for item in subscriber.items.values())
        assert set(seen) == told, (subscriber.behaviour.name, every)
        assert set(seen.values()) == {1}
    print(f"{stored} entries; {len(told)} events seen once by each of {len(subscribers)}, {absorbed} of them absorbed")
    grammar = etree.RelaxNG(etree.parse(str(shared / "schema" / "atom.rng")))
    for name in ("events", "singles", "all"):
        grammar.assertValid(etree.parse(str(feeds / f"{name}.atom")))
        assert len(json.loads((feeds / f"{name}.json").read_bytes())["items"]) > 0


def released(pipeline: Pipeline) -> set[str]:
    """Give the ids of the events that the feed `events` has told."""
    rows = select(events.c.name).join(publications, publications.c.event_id == events.c.id)
    with pipeline.database.read() as connection:
        names = connection.scalars(rows.where(publications.c.feed == "events").distinct()).all()
    return {pipeline.publisher.place.installation.event_id(name) for name in names}


def figures(pipeline: Pipeline) -> tuple[int, int, int]:
    """Count told events that were absorbed, entries, and entries by feed and link."""
    merged = select(func.count()).select_from(publications).join(events, publications.c.event_id == events.c.id)
    once = select(entries.c.feed_id, entries.c.url, entries.c.title).distinct().subquery()
    with pipeline.database.read() as connection:
        return (
            connection.scalar(merged.where(publications.c.feed == "events", events.c.merged_into.is_not(None))) or 0,
            connection.scalar(select(func.count()).select_from(entries)) or 0,
            connection.scalar(select(func.count()).select_from(once)) or 0,
        )
