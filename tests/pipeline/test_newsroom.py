"""Ninety hours of fifteen real outlets, polled, clustered, published, and read by ten kinds of readers."""

import json
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from lxml import etree
from sqlalchemy import func, select

from aggregator.config import Instance
from aggregator.database.tables import entries, events, publications
from aggregator.pipeline.pipeline import Pipeline
from tests.newsroom import Newsroom, replaying
from tests.pipeline.newsstand import cycle, working
from tests.readers import READERS, Subscriber

STEP = timedelta(minutes=30)
STEPS = 90 * 2 + 16  # and eight hours more, for who polls last
EVERY = (STEP, timedelta(hours=2), timedelta(hours=8))

pytestmark = [pytest.mark.soak, pytest.mark.timeout(3600)]


@pytest.fixture
def newsroom(shared: Path, tmp_path: Path) -> Iterator[Newsroom]:
    with replaying(shared, tmp_path) as room:
        yield room


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
