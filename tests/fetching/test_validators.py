"""Conditional requests. Polling rules 13 to 18."""

import pytest

from aggregator.fetching.client import Client
from aggregator.model import Validators
from tests.fetching.asking import failed, fetched, not_modified
from tests.server import Reply, Server, reply, serving

ODD = [
    ('"plain"', "Wed, 04 Mar 2026 11:00:00 GMT"),
    ('W/"weak"', "Wed, 04 Mar 2026 11:00:00 GMT"),
    ("no-quotes-at-all", "yesterday"),
    ('"half', "2026-03-04 11:00:00"),
    ('"abc-gzip"', "Wed, 4 Mar 2026 11:00:00 +0000"),
    ('W/"a", "b"', "0"),
    ("''", "Mit, 04 Mär 2026 11:00:00 GMT"),
    ('"\xe9\xff"', "-1"),
    ('"two  spaces"', "Thu, 01 Jan 1970 00:00:00 GMT"),
]


@pytest.mark.parametrize(("etag", "modified"), ODD)
async def test_validators_go_back_byte_for_byte(server: Server, client: Client, etag: str, modified: str) -> None:
    url = server.on("/feed", Reply(200, (("ETag", etag), ("Last-Modified", modified)), b"<rss/>"), reply(304))
    first = await fetched(client, url)
    assert first.validators == Validators(url=url, etag=etag, last_modified=modified)
    await not_modified(client, url, validators=first.validators)
    assert server.asked[0].headers.keys().isdisjoint({"if-none-match", "if-modified-since"})
    assert server.asked[1].headers["if-none-match"] == etag
    assert server.asked[1].headers["if-modified-since"] == modified


async def test_no_date_is_invented_for_a_feed_without_one(server: Server, client: Client) -> None:
    url = server.on("/feed", reply(200, b"<rss/>", ETag='"1"'), reply(304))
    first = await fetched(client, url)
    await not_modified(client, url, validators=first.validators)
    assert "if-modified-since" not in server.asked[1].headers


async def test_new_validators_on_an_unchanged_body_are_taken(server: Server, client: Client) -> None:
    url = server.on("/feed", reply(200, b"<rss/>", ETag='"1"'), reply(200, b"<rss/>", ETag='"2"'))
    first = await fetched(client, url)
    second = await fetched(client, url, validators=first.validators)
    assert second.body == first.body
    assert second.validators == Validators(url=url, etag='"2"')


async def test_a_200_without_validators_gives_none_to_keep(server: Server, client: Client) -> None:
    url = server.on(
        "/feed",
        reply(200, b"<rss/>", ETag='"1"', Last_Modified="x"),
        reply(200, b"<rss/>", Last_Modified="y"),
        reply(200, b""),
    )
    first = await fetched(client, url)
    second = await fetched(client, url, validators=first.validators)
    assert second.validators == Validators(url=url, last_modified="y")
    assert (await fetched(client, url, validators=second.validators)).validators is None


async def test_a_304_with_new_validators_renews_them_and_keeps_the_rest(server: Server, client: Client) -> None:
    url = server.on("/feed", reply(304, ETag='"2"'), reply(304))
    held = Validators(url=url, etag='"1"', last_modified="long ago")
    renewed = (await not_modified(client, url, validators=held)).validators
    assert renewed == Validators(url=url, etag='"2"', last_modified="long ago")
    assert (await not_modified(client, url, validators=renewed)).validators == renewed


async def test_validators_are_not_sent_to_another_url(server: Server, client: Client) -> None:
    server.on("/feed", reply(200, b"<rss/>"))
    other = server.url("/other")
    await fetched(client, server.url("/feed"), validators=Validators(url=other, etag='"1"', last_modified="x"))
    assert server.asked[0].headers.keys().isdisjoint({"if-none-match", "if-modified-since"})


async def test_behind_a_redirect_validators_go_to_the_url_that_gave_them(server: Server, client: Client) -> None:
    async with serving("127.0.0.2") as target:
        target.on("/b", reply(200, b"<rss/>", ETag='"of-b"'), reply(304))
        url = server.on("/a", reply(301, Location=target.url("/b"), ETag='"of-a"'))
        first = await fetched(client, url)
        assert first.url == target.url("/b")
        assert first.validators == Validators(url=target.url("/b"), etag='"of-b"')
        second = await not_modified(client, url, validators=first.validators)
        assert second.url == target.url("/b")
        assert all("if-none-match" not in asked.headers for asked in server.asked)
        assert target.asked[1].headers["if-none-match"] == '"of-b"'


async def test_a_304_to_an_unconditional_request_is_an_error(server: Server, client: Client) -> None:
    url = server.on("/feed", reply(304))
    assert (await failed(client, url)).status == 304


async def test_a_validator_too_long_to_be_sent_back_is_not_kept(server: Server, client: Client) -> None:
    url = server.on("/feed", reply(200, b"<rss/>", ETag='"' + "x" * 5000 + '"'))
    assert (await fetched(client, url)).validators is None
