import asyncio
import io
from datetime import timedelta

import feedparser
import httpx
import pytest

from aggregator.cli.poll import poll_once
from aggregator.config import load
from aggregator.database import events
from aggregator.database.retention import prunable
from aggregator.database.store import open_existing
from aggregator.demo.newsroom import FIRST_ROUND, SECOND_ROUND
from aggregator.demo.reports import reports
from aggregator.demo.run import demo, instance_in


async def test_the_second_round_brings_the_follow_ups_alone(tmp_path):
    tags: dict[str, str] = {}
    polled = []

    async def poll(instance, now):
        polled.append((instance, now))
        async with httpx.AsyncClient(trust_env=False) as client:
            urls = [feed.url for feed in load(instance.config).feeds]
            headers = [{"if-none-match": tags[url]} if url in tags else {} for url in urls]
            pairs = zip(urls, headers, strict=True)
            answers = await asyncio.gather(*(client.get(url, headers=header) for url, header in pairs))
        tags.update({str(answer.url): answer.headers["etag"] for answer in answers})

    rounds = [one async for one in demo(tmp_path, poll)]

    assert polled == [(instance_in(tmp_path), FIRST_ROUND), (instance_in(tmp_path), SECOND_ROUND)]
    assert [(one.changed, one.unchanged) for one in rounds] == [(15, 0), (13, 2)]
    assert (tmp_path / "feeds.yaml").exists()


@pytest.fixture(scope="module")
def newsroom_polled(tmp_path_factory):
    """Run the demo as the command does: the newsroom, the daemon's polls, a store."""
    folder = tmp_path_factory.mktemp("demo")

    async def poll(instance, now):
        await poll_once(instance, load(instance.config), now)

    async def rounds():
        return [one async for one in demo(folder, poll)]

    return folder, asyncio.run(rounds())


@pytest.fixture
def stored(newsroom_polled):
    store = instance_in(newsroom_polled[0]).store
    with open_existing(store, SECOND_ROUND).read() as connection:
        return events.listed(connection, events.Filter(), order="first-seen")


def test_the_daemons_polls_ask_each_feed_once_a_round(newsroom_polled):
    assert [(one.changed, one.unchanged) for one in newsroom_polled[1]] == [(15, 0), (13, 2)]


def test_every_report_is_in_one_source_list(stored):
    listed = sorted(source.url for event in stored for source in event.sources)
    assert listed == sorted(report.url for report in reports())


def test_no_event_mixes_two_happenings_or_languages(stored):
    label = {report.url: (report.happening, report.language) for report in reports()}
    assert [event.headline for event in stored if len({label[source.url] for source in event.sources}) > 1] == []


def test_wire_copy_is_marked_and_nothing_else(stored):
    copies = {source.url for event in stored for source in event.sources if source.copy_of is not None}
    assert copies == {report.url for report in reports() if report.copy_of}


def test_the_combined_feed_links_every_report_of_an_event_with_two_outlets(newsroom_polled, stored):
    document = (instance_in(newsroom_polled[0]).store / "feeds" / "events.atom").read_bytes()
    feed = feedparser.parse(io.BytesIO(document))
    assert not feed.bozo
    linked = {link.href for entry in feed.entries for link in entry.links}
    assert {source.url for event in stored if event.outlets > 1 for source in event.sources} <= linked
    assert {r.url for r in reports() if r.id.startswith("panjshir") and r.id.endswith("wire")} <= linked


def test_a_daemon_that_is_started_on_its_store_years_later_deletes_nothing(newsroom_polled):
    instance = instance_in(newsroom_polled[0])
    later = SECOND_ROUND + timedelta(days=3650)
    assert prunable(open_existing(instance.store, later), later - load(instance.config).store.entries) == 0
