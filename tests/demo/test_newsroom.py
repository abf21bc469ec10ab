import asyncio
import io
import json
from datetime import UTC, datetime

import feedparser
import httpx
import pytest
from lxml import etree

from aggregator.config import parse
from aggregator.demo.newsroom import FIRST_ROUND, SECOND_ROUND, Newsroom, edition_of
from aggregator.demo.reports import outlets, reports


def told_by(outlet, now):
    return {(r.url, r.title, r.text, r.published) for r in reports() if r.outlet == outlet and r.published <= now}


def entries_of(outlet, body):
    if outlet.format == "json":
        return {
            (item["url"], item["title"], item["content_text"], datetime.fromisoformat(item["date_published"]))
            for item in json.loads(body)["items"]
        }
    parsed = feedparser.parse(io.BytesIO(body))
    assert not parsed.bozo
    return {(e.link, e.title, e.summary, dated(e)) for e in parsed.entries}


def dated(entry):
    # RSS 1.0 has dc:date alone, which feedparser calls updated.
    field = "published_parsed" if "published_parsed" in entry else "updated_parsed"
    return datetime(*entry[field][:6], tzinfo=UTC)


async def get(url, **fields):
    async with httpx.AsyncClient(trust_env=False) as client:
        return await client.get(url, headers={name.replace("_", "-"): value for name, value in fields.items()})


@pytest.mark.parametrize("now", [FIRST_ROUND, SECOND_ROUND])
@pytest.mark.parametrize("outlet", outlets(), ids=lambda outlet: outlet.key)
def test_a_feed_holds_exactly_what_its_outlet_has_published(outlet, now):
    body = edition_of(outlet, now, "http://127.0.0.1:1/feed").body
    assert entries_of(outlet, body) == told_by(outlet, now)


@pytest.mark.parametrize("outlet", outlets(), ids=lambda outlet: outlet.key)
def test_a_feed_before_the_first_report_is_empty_and_well_formed(outlet):
    edition = edition_of(outlet, datetime(2021, 8, 1, tzinfo=UTC), "http://127.0.0.1:1/feed")
    assert entries_of(outlet, edition.body) == set()
    assert edition.modified is None


@pytest.mark.parametrize("outlet", [o for o in outlets() if o.format != "json"], ids=lambda outlet: outlet.key)
def test_a_feed_names_its_outlet_and_language(outlet):
    parsed = feedparser.parse(io.BytesIO(edition_of(outlet, SECOND_ROUND, "http://127.0.0.1:1/feed").body))
    assert (parsed.feed.title, parsed.feed.language) == (outlet.name, outlet.language)


@pytest.mark.parametrize("outlet", [o for o in outlets() if o.format == "atom"], ids=lambda outlet: outlet.key)
def test_an_atom_feed_is_valid(outlet, shared):
    grammar = etree.RelaxNG(etree.parse(shared / "schema" / "atom.rng"))
    grammar.assertValid(etree.fromstring(edition_of(outlet, SECOND_ROUND, "http://127.0.0.1:1/feed").body))


@pytest.mark.parametrize("outlet", outlets(), ids=lambda outlet: outlet.key)
def test_labels_are_not_served(outlet):
    body = edition_of(outlet, SECOND_ROUND, "http://127.0.0.1:1/feed").body.decode()
    assert not [report.id for report in reports() if report.id in body]


async def test_each_outlet_answers_at_a_port_of_its_own():
    async with Newsroom(FIRST_ROUND) as room:
        assert len({httpx.URL(feed.url).port for feed in room.feeds}) == len(outlets())
        answers = await asyncio.gather(*(get(feed.url) for feed in room.feeds))
    for outlet, answer in zip(outlets(), answers, strict=True):
        assert answer.status_code == 200
        assert entries_of(outlet, answer.content) == told_by(outlet, FIRST_ROUND)


async def test_the_same_edition_is_not_sent_twice():
    async with Newsroom(FIRST_ROUND) as room:
        url = room.feeds[0].url
        first = await get(url)
        by_tag = await get(url, if_none_match=first.headers["etag"])
        by_date = await get(url, if_modified_since=first.headers["last-modified"])
        other_tag = await get(url, if_none_match='"other"', if_modified_since=first.headers["last-modified"])
    assert [a.status_code for a in (first, by_tag, by_date, other_tag)] == [200, 304, 304, 200]
    assert by_tag.content == b""


async def test_a_later_edition_has_new_validators_and_the_follow_up():
    async with Newsroom(FIRST_ROUND) as room:
        url = room.feeds[0].url
        first = await get(url)
        room.advance(SECOND_ROUND)
        second = await get(url, if_none_match=first.headers["etag"])
    assert second.status_code == 200
    assert second.headers["etag"] != first.headers["etag"]
    assert "Hari Ketiga" in second.text
    assert "Hari Ketiga" not in first.text


async def test_an_unreadable_date_or_another_path_or_method_is_answered():
    async with Newsroom(FIRST_ROUND) as room:
        url = room.feeds[0].url
        assert (await get(url, if_modified_since="yesterday")).status_code == 200
        assert (await get(url, if_modified_since="Wed, 01 Sep 2021 00:00:00 -0000")).status_code == 200
        assert (await get(url + "/other")).status_code == 404
        async with httpx.AsyncClient(trust_env=False) as client:
            assert (await client.post(url)).status_code == 405
    assert [answer.status for answer in room.answers] == [200, 200, 404, 405]


async def test_the_ports_are_free_again_after_the_demo():
    async with Newsroom(FIRST_ROUND) as room:
        url = room.feeds[0].url
    with pytest.raises(httpx.ConnectError):
        await get(url)


async def test_the_configuration_subscribes_to_every_feed_and_lets_it_through():
    async with Newsroom(FIRST_ROUND) as room:
        config = parse(room.config())
    assert [(f.name, f.url, f.language) for f in config.feeds] == [tuple(feed) for feed in room.feeds]
    assert [config.outlet_of(f)[0] for f in config.feeds] == [outlet.name for outlet in outlets()]
    assert list(config.polling.allow) == [f"127.0.0.1:{httpx.URL(feed.url).port}" for feed in room.feeds]
