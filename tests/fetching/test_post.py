"""Messages to webhooks: what is sure to have arrived, what is sure not to have, and what nobody can know."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest

from aggregator.fetching.guard import AllowList
from aggregator.fetching.post import Fate, Posted, post
from tests.server import Reply, Server, reply, serving

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
LOOPBACK = AllowList.parse(["127.0.0.0/8"])


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    async with serving() as running:
        yield running


async def sent(url: str, allow: AllowList = LOOPBACK) -> Posted:
    return await post(url, b'{"a": 1}', {"idempotency-key": '"k"'}, now=NOW, allow=allow)


async def test_a_message_arrives_whole(server: Server) -> None:
    url = server.on("/hook?x=1", reply(204)).replace("http://", "http://me:secret@")
    assert await sent(url) == Posted(fate=Fate.DELIVERED)
    (asked,) = server.asked
    assert (asked.method, asked.body) == ("POST", b'{"a": 1}')
    assert asked.headers["content-type"] == "application/json"
    assert asked.headers["idempotency-key"] == '"k"'
    assert asked.headers["authorization"].startswith("Basic ")


async def test_an_address_inside_is_refused_unless_it_is_allowed(server: Server) -> None:
    posted = await sent(server.on("/hook", reply(200)), AllowList())
    assert posted.fate is Fate.REFUSED
    assert server.asked == []


async def test_a_redirect_is_not_followed(server: Server) -> None:
    posted = await sent(server.on("/hook", reply(302, Location=server.on("/other", reply(200)))))
    assert (posted.fate, posted.reason) == (Fate.REFUSED, "it answered 302")
    assert len(server.asked) == 1


async def test_a_server_may_ask_for_a_pause(server: Server) -> None:
    posted = await sent(server.on("/hook", reply(429, Retry_After="600")))
    assert posted.fate is Fate.REFUSED
    assert posted.retry_after == timedelta(minutes=10)


async def test_what_was_not_answered_may_have_arrived(server: Server) -> None:
    assert (await sent(server.on("/hook", Reply(raw=b"")))).fate is Fate.UNKNOWN


async def test_without_a_connection_nothing_was_sent() -> None:
    async with serving() as gone:
        url = gone.url("/hook")
    assert (await sent(url)).fate is Fate.REFUSED


@pytest.mark.parametrize("url", ["ftp://a.example/", "http://[broken", "https://"])
async def test_a_url_that_cannot_be_used_is_refused(url: str) -> None:
    assert (await sent(url)).fate is Fate.REFUSED
