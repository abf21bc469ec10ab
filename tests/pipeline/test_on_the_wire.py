"""What a server sees over days: requests counted, their headers read. Polling rules 14 to 32."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from sqlalchemy import select

from aggregator.database import feeds
from aggregator.database.tables import entries
from aggregator.fetching.client import Client
from aggregator.fetching.guard import AllowList
from aggregator.fetching.request import Limits
from aggregator.pipeline.pipeline import Pipeline
from aggregator.scheduling.state import FeedState
from tests.pipeline.newsstand import START, Told, rss, working, write_config
from tests.server import Asked, Reply, Server, reply

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
ONE, TWO = Told("1", "Harbour ferry runs aground"), Told("2", "Parliament votes on the budget")
CONDITIONAL = {"if-none-match", "if-modified-since"}
PAGE = reply(200, b"<!doctype html><html><title>Welcome</title></html>", Content_Type="text/html", ETag='"page"')


def document(*told: Told, **headers: str) -> Reply:
    return reply(200, rss(told), Content_Type="application/rss+xml", **headers)


class Watched:
    """A pipeline over feeds, and how time passes for it."""

    def __init__(self, pipeline: Pipeline) -> None:
        self.pipeline = pipeline
        self.now = START

    async def until(self, end: datetime) -> None:
        """Poll whenever something is due, as the daemon does."""
        while (due := self._next()) <= end:
            self.now = max(due, self.now)
            await self.pipeline.poll(await self.pipeline.claim(self.now), self.now)
        self.now = end

    async def once(self) -> None:
        """Poll what is due next."""
        await self.until(self._next())

    def _next(self) -> datetime:
        with self.pipeline.database.read() as connection:
            known = [feed for feed in feeds.all_feeds(connection) if not feed.state.disabled]
        return min((feed.state.next_check or START for feed in known), default=START + 10_000 * DAY)

    def state(self) -> FeedState:
        with self.pipeline.database.read() as connection:
            return feeds.all_feeds(connection)[0].state

    def titles(self) -> list[str]:
        with self.pipeline.database.read() as connection:
            return list(connection.scalars(select(entries.c.title).order_by(entries.c.id)))


@asynccontextmanager
async def watching(tmp_path: Path, url: str, every: str = "15m") -> AsyncIterator[Watched]:
    instance = write_config(tmp_path, [("A", url)])
    instance.config.write_text(instance.config.read_text().replace("every: 15m", f"every: {every}"))
    limits = Limits(gap=timedelta(milliseconds=1), read=timedelta(seconds=1), total=timedelta(seconds=2))
    async with working(instance) as pipeline:
        allow = AllowList.parse(pipeline.config.polling.allow)
        async with Client(allow=allow, limits=limits) as client:
            pipeline.client = client
            yield Watched(pipeline)


def sent(server: Server, name: str = "if-none-match") -> list[str | None]:
    return [asked.headers.get(name) for asked in server.asked]


async def test_new_validators_on_the_same_body_are_sent_back(tmp_path: Path, server: Server) -> None:
    url = server.on("/a", document(ONE, ETag='"1"'), document(ONE, ETag='"2"'), reply(304))
    async with watching(tmp_path, url) as watched:
        await watched.until(START + 40 * MINUTE)
    assert sent(server)[:3] == [None, '"1"', '"2"']


async def test_a_200_without_a_validator_ends_conditional_requests(tmp_path: Path, server: Server) -> None:
    url = server.on("/a", document(ONE, ETag='"1"', Last_Modified="x"), document(ONE, TWO), reply(304))
    async with watching(tmp_path, url) as watched:
        for _ in range(3):
            await watched.once()
    assert server.asked[1].headers.keys() >= CONDITIONAL
    assert server.asked[2].headers.keys().isdisjoint(CONDITIONAL)


async def test_a_304_renews_what_it_carries(tmp_path: Path, server: Server) -> None:
    url = server.on("/a", document(ONE, ETag='W/"1"', Last_Modified="x"), reply(304, ETag='W/"2"'), reply(304))
    async with watching(tmp_path, url) as watched:
        for _ in range(3):
            await watched.once()
    assert sent(server) == [None, 'W/"1"', 'W/"2"']
    assert sent(server, "if-modified-since") == [None, "x", "x"]


@pytest.mark.parametrize(
    "bad",
    [
        PAGE,
        reply(500, b"", ETag='"err"'),
        reply(200, b"", ETag='"empty"'),
        replace(document(ONE, TWO, ETag='"half"'), length=5_000, close=True),
        reply(200, rss([ONE, TWO])[:-60], ETag='"cut"'),
        reply(200, b"junk", Content_Encoding="gzip", ETag='"gz"'),
    ],
)
async def test_after_an_answer_that_is_no_feed_the_last_good_validators_are_sent(
    tmp_path: Path, server: Server, bad: Reply
) -> None:
    url = server.on("/a", document(ONE, ETag='"good"', Last_Modified="x"), bad, reply(304))
    async with watching(tmp_path, url) as watched:
        for _ in range(3):
            await watched.once()
        assert "Harbour ferry runs aground" in watched.titles()
    assert sent(server) == [None, '"good"', '"good"']
    assert sent(server, "if-modified-since") == [None, "x", "x"]


async def test_validators_of_a_redirect_go_to_neither_url_but_the_targets_own(
    tmp_path: Path, server: Server, other: Server
) -> None:
    target = other.on("/b", document(ONE, ETag='"of-b"'), reply(304))
    url = server.on("/a", reply(302, Location=target, ETag='"of-a"'), document(TWO, ETag='"now-a"'), reply(304))
    async with watching(tmp_path, url) as watched:
        for _ in range(3):
            await watched.once()
    assert sent(server) == [None, None, '"now-a"']
    assert sent(other) == [None]


async def test_a_day_of_failures_costs_seven_requests_and_ends_with_the_first_success(
    tmp_path: Path, server: Server
) -> None:
    url = server.on("/a", document(ONE, ETag='"1"'), *[reply(500)] * 7, document(ONE, TWO, ETag='"2"'))
    async with watching(tmp_path, url) as watched:
        await watched.until(START + DAY)
        assert len(server.asked) == 7  # 15 min apart, then 30, 60 ... 480
        await watched.until(START + 3 * DAY)
        assert watched.titles() == [ONE.title, TWO.title]
        assert watched.state().errors == 0


async def test_a_throttling_server_is_left_alone_as_long_as_it_says(tmp_path: Path, server: Server) -> None:
    url = server.on("/a", document(ONE, ETag='"1"'), reply(429, Retry_After="7200"), reply(304))
    async with watching(tmp_path, url) as watched:
        await watched.once()
        await watched.once()
        at = watched.now
        await watched.until(at + 119 * MINUTE)
        assert len(server.asked) == 2
        await watched.until(at + 140 * MINUTE)
        assert sent(server) == [None, '"1"', '"1"']


async def test_a_feed_that_is_gone_is_asked_twice_and_never_again(tmp_path: Path, server: Server) -> None:
    url = server.on("/a", document(ONE), reply(410))
    async with watching(tmp_path, url) as watched:
        await watched.until(START + 365 * DAY)
        assert watched.state().health == "disabled"
        assert watched.titles() == [ONE.title]
    assert len(server.asked) == 3


async def test_a_404_is_asked_for_ever_at_most_weekly_in_the_end(tmp_path: Path, server: Server) -> None:
    url = server.on("/a", reply(404))
    async with watching(tmp_path, url) as watched:
        await watched.until(START + 100 * DAY)
        first = len(server.asked)
        await watched.until(START + 128 * DAY)
    assert 3 <= len(server.asked) - first <= 5


async def test_after_a_permanent_move_the_old_url_is_asked_for_two_days_and_then_no_more(
    tmp_path: Path, server: Server, other: Server
) -> None:
    target = other.on("/b", document(ONE, ETag='"1"'), reply(304))
    url = server.on("/a", reply(301, Location=target))
    async with watching(tmp_path, url, "5h") as watched:
        await watched.until(START + 47 * HOUR)
        assert len(server.asked) == len(other.asked)
        await watched.until(START + 54 * HOUR)
        asked = len(server.asked)
        await watched.until(START + 90 * HOUR)
        assert (len(server.asked), watched.state().learned_url) == (asked, target)
    assert len(other.asked) > asked
    assert sent(other)[1:] == ['"1"'] * (len(other.asked) - 1)


async def test_after_a_temporary_redirect_the_feeds_own_url_is_asked_first_for_ever(
    tmp_path: Path, server: Server, other: Server
) -> None:
    target = other.on("/b", document(ONE, ETag='"1"'), reply(304))
    url = server.on("/a", reply(307, Location=target))
    async with watching(tmp_path, url, "8h") as watched:
        await watched.until(START + 10 * DAY)
    assert len(server.asked) == len(other.asked) > 25


async def test_a_permanent_redirect_to_a_page_is_never_stored(tmp_path: Path, server: Server, other: Server) -> None:
    url = server.on("/a", document(ONE, ETag='"1"'), reply(301, Location=other.url("/")))
    other.on("/", PAGE)
    async with watching(tmp_path, url) as watched:
        await watched.until(START + 8 * DAY)
        known = watched.state()
        assert (known.learned_url, known.health, watched.titles()) == (None, "failing", [ONE.title])
    assert set(sent(server)[1:]) == {'"1"'}
    assert set(sent(other)) == {None}


async def test_thirty_days_of_304s_bring_one_unconditional_request(tmp_path: Path, server: Server) -> None:
    def answer(asked: Asked) -> Reply:
        return reply(304) if "if-none-match" in asked.headers else document(ONE, ETag='"1"', Cache_Control="max-age=9")

    url = server.do("/a", answer)
    async with watching(tmp_path, url, "1d") as watched:
        await watched.until(START + 45 * DAY)
    unconditional = [number for number, tag in enumerate(sent(server)) if tag is None]
    assert unconditional[0] == 0
    assert len(unconditional) == 2
    assert 28 <= unconditional[1] <= 33


async def test_a_blocked_feed_is_asked_daily_with_the_agent_it_always_had(tmp_path: Path, server: Server) -> None:
    url = server.on("/a", reply(403))
    async with watching(tmp_path, url) as watched:
        await watched.until(START + 10 * DAY)
    assert 10 <= len(server.asked) <= 12
    assert {agent and agent.partition("/")[0] for agent in sent(server, "user-agent")} == {"aggregator"}


async def test_nothing_but_get_and_nothing_that_follows_people_is_ever_sent(tmp_path: Path, server: Server) -> None:
    server.on("/b", replace(document(ONE, ETag='"1"', Set_Cookie="id=1")))
    url = server.on("/a", reply(302, Location="/b", Set_Cookie="id=2"))
    async with watching(tmp_path, url) as watched:
        await watched.until(START + 2 * HOUR)
    assert {asked.method for asked in server.asked} == {"GET"}
    assert {asked.target for asked in server.asked} == {"/a", "/b"}
    for asked in server.asked:
        assert asked.headers.keys().isdisjoint({"cookie", "referer", "cache-control", "pragma", "from", "dnt"})


async def test_a_feed_is_never_asked_twice_within_its_minimum_whatever_it_answers(
    tmp_path: Path, server: Server
) -> None:
    answers = [
        document(ONE, Cache_Control="max-age=1"),
        reply(500),
        reply(429, Retry_After="1"),
        reply(304),
        reply(403),
    ]
    times: list[datetime] = []

    def answer(asked: Asked) -> Reply:
        times.append(watched.now)
        return answers[len(times) % len(answers)]

    url = server.do("/a", answer)
    async with watching(tmp_path, url) as watched:
        await watched.until(START + 6 * DAY)
    assert len(times) > 12
    assert min(later - sooner for sooner, later in pairwise(times)) >= 15 * MINUTE
