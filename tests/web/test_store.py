"""The pages over a real store, filled by the real pipeline."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from aggregator.config import load, parse
from aggregator.database.corrections import Correction, add, save
from aggregator.errors import ConfigError, InputError, NotFound
from aggregator.pipeline.pipeline import Pipeline
from aggregator.publishing.files import write_if_changed
from aggregator.web.app import create_app
from aggregator.web.documents import PublishedFolder
from aggregator.web.feeds import MEDIA_TYPES
from aggregator.web.reader import PutRight, Reader
from aggregator.web.server import WebServer
from aggregator.web.store import StoreReader, web_settings
from tests.pipeline.newsstand import START, Told, cycle, serve, working, write_config
from tests.server import serving

ASSAULT = "Taliban forces storm the Panjshir valley after the talks in Parwan failed"


@pytest.fixture
async def pipeline(tmp_path: Path) -> AsyncIterator[Pipeline]:
    async with serving() as one, serving("127.0.0.2") as other:
        urls = [
            ("Tempo", serve(one, "/tempo", Told("1", ASSAULT, "Fighting was reported in the Shotul district."))),
            (
                "Antara",
                serve(
                    other,
                    "/antara",
                    Told("2", ASSAULT + " on Wednesday", "Fighting was reported in the Shotul district."),
                    Told(
                        "3", "Rupiah strengthens as exports of palm oil reach a record", "The currency closed higher."
                    ),
                ),
            ),
        ]
        async with working(write_config(tmp_path, urls)) as running:
            await cycle(running, START)
            yield running


@pytest.fixture
def reader(pipeline: Pipeline) -> Reader:
    return StoreReader(pipeline.publisher)


async def test_a_store_tells_what_its_pages_show(reader: Reader) -> None:
    (event,) = reader.recent(10, min_outlets=2)
    assert {source.outlet for source in event.sources} == {"Tempo", "Antara"}
    assert len(reader.recent(10)) == 2
    assert [one.id for one in reader.search('"panjshir valley" -rupiah', 10)] == [event.id]
    view = reader.event(event.name[:4])
    assert {bond.entry for bond in view.bonds} == {source.entry for source in event.sources}
    assert any(bond.compared is not None and bond.likeness for bond in view.bonds)
    assert {feed.name for feed in reader.feeds()} == {"Newsstand"}
    assert reader.overlap().outlets == ("Antara", "Tempo")
    assert reader.overlap().shared == ((2, 1), (1, 1))
    assert [name for name, _ in reader.outputs()] == ["events", "singles", "all"]
    figures = reader.measures()
    assert (figures.entries, figures.events, figures.queue) == (3, 2, 0)
    assert sum(figures.joins.values()) == 3
    assert len(reader.subscriptions()) == 2


async def test_a_feed_is_shown_with_its_polls_and_what_it_shares(reader: Reader) -> None:
    feeds = {feed.outlet: feed for feed in reader.feeds()}
    view = reader.feed(feeds["Antara"].id)
    assert (view.events, [(other.feed, other.events) for other in view.shares]) == (2, [(feeds["Tempo"].id, 1)])
    assert [poll.outcome for poll in view.polls] == ["new"]
    with pytest.raises(NotFound):
        reader.feed(99)


async def test_an_outlet_is_shown_with_what_it_tells_and_who_tells_the_same(reader: Reader) -> None:
    antara, tempo = reader.outlet("Antara", 10), reader.outlet("Tempo", 10)
    assert [feed.outlet for feed in antara.feeds] == ["Antara"]
    assert (antara.told.reports, antara.told.events, antara.told.shared) == (2, 2, 1)
    assert (tempo.told.reports, tempo.told.events, tempo.told.shared) == (1, 1, 1)
    assert antara.told.first + tempo.told.first == 1
    assert antara.told.copies + tempo.told.copies <= 1
    assert (antara.shares, tempo.shares) == ((("Tempo", 1),), (("Antara", 1),))
    assert len(antara.events) == 2
    assert [event.id for event in tempo.events] == [event.id for event in reader.recent(10, min_outlets=2)]
    assert len(reader.outlet("Antara", 1).events) == 1


async def test_what_a_person_put_right_stands_on_the_page(reader: Reader, pipeline: Pipeline) -> None:
    (event,) = reader.recent(10, min_outlets=2)
    put_right = Correction(at=START, kind="mute", reason="a rumour", events=(event.id,))
    with pipeline.database.write() as connection:
        add(connection, put_right)
    assert reader.event(event.name).corrections == (PutRight(at=START, kind="mute", reason="a rumour"),)


async def test_a_muted_event_is_found_but_not_on_the_front_page(reader: Reader, pipeline: Pipeline) -> None:
    (event,) = reader.recent(10, min_outlets=2)
    with pipeline.database.write() as connection:
        mute = Correction(at=START, kind="mute", events=(event.id,))
        save(connection, replace(mute, id=add(connection, mute), applied=1))
    assert event.id not in {one.id for one in reader.recent(10)}
    assert reader.event(event.name).event.muted
    assert [one.muted for one in reader.search("panjshir", 10)] == [True]


async def test_what_is_not_there_is_said(reader: Reader) -> None:
    with pytest.raises(NotFound):
        reader.event("zzzzz")
    with pytest.raises(InputError):
        reader.search('"open', 10)
    with pytest.raises(NotFound):
        reader.outlet("Nobody", 10)
    assert reader.channel("none") is None
    assert reader.document("events.atom") is not None
    assert reader.document("none.atom") is None
    assert reader.not_ready() is None


async def test_a_batch_changes_the_generation_and_nothing_else_does(reader: Reader, pipeline: Pipeline) -> None:
    before = reader.generation()
    assert reader.generation() == before
    await pipeline.settle(START)
    assert reader.generation() == before


async def test_every_page_of_a_store_is_served(reader: Reader, pipeline: Pipeline, tmp_path: Path) -> None:
    config = load(tmp_path / "feeds.yaml")
    server = WebServer(create_app(reader, web_settings(config.server, config.publishing, {})), "127.0.0.1", 0)
    await server.start()
    try:
        async with httpx.AsyncClient(base_url=server.url, trust_env=False) as client:
            (event,) = reader.recent(10, min_outlets=2)
            for path in (
                "/",
                "/?all=1",
                f"/events/{event.name}",
                "/search?q=panjshir",
                "/outlets/Tempo",
                "/health",
                "/health/1",
                "/overlap",
                "/subscribe",
                "/metrics",
                "/readyz",
                "/opml/subscriptions.opml",
                "/feeds/events.atom",
                "/feeds/all.json?search=rupiah&since=2d",
            ):
                answer = await client.get(path)
                assert answer.status_code == 200, (path, answer.text[:300])
            assert (await client.get("/feeds/all.json?search=rupiah")).json()["items"][0]["title"].startswith("Rupiah")
            assert ASSAULT in (await client.get("/")).text
    finally:
        await server.stop()


def test_a_token_that_is_not_there_names_the_section() -> None:
    config = parse("server: {host: 0.0.0.0, token_env: EVENTS_TOKEN, hosts: [news.lan]}")
    with pytest.raises(ConfigError, match="server: the variable EVENTS_TOKEN is not set"):
        web_settings(config.server, config.publishing, {})
    settings = web_settings(config.server, config.publishing, {"EVENTS_TOKEN": "s3cret"})
    assert settings.token == "s3cret"
    assert "news.lan" in settings.hosts


def test_a_file_is_held_once_it_was_read_and_until_it_changes(tmp_path: Path) -> None:
    write_if_changed(tmp_path / "events.atom", b"one")
    folder = PublishedFolder(tmp_path, MEDIA_TYPES)
    assert folder.held("events.atom") is None
    document = folder.document("events.atom")
    assert document is not None
    assert folder.held("events.atom") is document
    write_if_changed(tmp_path / "events.atom", b"another")
    assert folder.held("events.atom") is None
    (tmp_path / "events.atom").unlink()
    assert folder.held("events.atom") is None
