"""Who may ask when. Polling rules 22 and 29."""

import asyncio
from collections.abc import Awaitable
from datetime import timedelta
from itertools import pairwise

import pytest

from aggregator.fetching.client import Client
from aggregator.fetching.politeness import Politeness, Priority, host_of
from aggregator.model import FailureKind
from tests.fetching.asking import LOOPBACK, NOW, Names, ask, failed, fetched, limits
from tests.server import Reply, Server, reply, serving

NONE, SECOND = timedelta(), timedelta(seconds=1)


class Requests:
    """Pretended requests that last until they are let go."""

    def __init__(self, politeness: Politeness) -> None:
        self.politeness = politeness
        self.running: list[str] = []
        self.gates: dict[str, asyncio.Event] = {}
        self.tasks: dict[str, asyncio.Task[None]] = {}

    async def _run(self, name: str, host: str, priority: Priority) -> None:
        async with self.politeness.slot(host, priority):
            self.running.append(name)
            await self.gates[name].wait()
            self.running.remove(name)

    async def start(self, name: str, host: str | None = None, priority: Priority = Priority.STEADY) -> None:
        self.gates[name] = asyncio.Event()
        self.tasks[name] = asyncio.ensure_future(self._run(name, host or name, priority))
        await settled()

    async def end(self, name: str) -> None:
        self.gates[name].set()
        await settled()

    async def end_all(self) -> None:
        for gate in self.gates.values():
            gate.set()
        await asyncio.gather(*self.tasks.values(), return_exceptions=True)


async def settled() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


def polite(requests: int = 4, lesser: int = 1, gap: timedelta = NONE) -> Requests:
    return Requests(Politeness(requests=requests, lesser=lesser, gap=gap))


async def test_one_request_at_a_time_goes_to_a_host() -> None:
    room = polite()
    for name in ("a1", "a2", "b1"):
        await room.start(name, name[0])
    assert room.running == ["a1", "b1"]
    await room.end("a1")
    assert room.running == ["b1", "a2"]
    await room.end_all()


async def test_so_many_requests_go_at_a_time_in_all() -> None:
    room = polite(requests=3)
    for name in "abcde":
        await room.start(name)
    assert room.running == ["a", "b", "c"]
    await room.end("b")
    assert room.running == ["a", "c", "d"]
    await room.end_all()


async def test_feeds_that_fail_or_are_new_share_a_part_of_the_slots() -> None:
    room = polite(requests=4, lesser=1)
    for name in "xyz":
        await room.start(name, priority=Priority.NEW_OR_FAILING)
    assert room.running == ["x"]
    for name in "abc":
        await room.start(name)
    assert room.running == ["x", "a", "b", "c"]
    await room.end("x")
    assert room.running == ["a", "b", "c", "y"]
    await room.end_all()


async def test_a_host_that_hangs_delays_no_other_host() -> None:
    room = polite(requests=4, lesser=2)
    await room.start("hang", "h", Priority.NEW_OR_FAILING)
    for number in range(5):
        await room.start(f"behind {number}", "h", Priority.NEW_OR_FAILING)
    await room.start("new", "n", Priority.NEW_OR_FAILING)
    await room.start("steady", "s")
    assert room.running == ["hang", "new", "steady"]
    await room.end_all()


async def test_of_one_host_the_steady_feeds_go_first() -> None:
    room = polite(requests=4, lesser=4)
    await room.start("first", "h")
    await room.start("failing", "h", Priority.NEW_OR_FAILING)
    await room.start("steady", "h")
    await room.end("first")
    assert room.running == ["steady"]
    await room.end("steady")
    assert room.running == ["failing"]
    await room.end_all()


async def test_who_gives_up_waiting_takes_no_slot() -> None:
    room = polite(requests=1)
    await room.start("a")
    await room.start("b")
    await room.start("c")
    room.tasks["b"].cancel()
    await settled()
    await room.end("a")
    assert room.running == ["c"]
    await room.end_all()
    await room.start("d")
    assert room.running == ["d"]
    await room.end_all()


async def test_who_is_cancelled_on_the_way_gives_the_slot_back() -> None:
    room = polite(requests=1)
    await room.start("a")
    room.tasks["a"].cancel()
    await settled()
    await room.start("b")
    assert "b" in room.running
    await room.end_all()


async def test_hosts_that_nobody_waits_for_are_forgotten() -> None:
    room = polite()
    for number in range(50):
        await room.start(f"host {number}")
        await room.end(f"host {number}")
    await asyncio.sleep(0.01)
    assert room.politeness._hosts == {}
    assert all(not ready for ready in room.politeness._ready.values())


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("http://a.example/x", "a.example"),
        ("https://A.example:8443/", "a.example"),
        ("http://a.example./", "a.example"),
        ("http://127.0.0.1:8600/x", "127.0.0.1:8600"),
        ("http://127.0.0.1/", "127.0.0.1:80"),
        ("https://localhost/", "localhost:443"),
        ("http://[::1]:90/", "::1:90"),
        ("http://192.168.1.1:90/", "192.168.1.1"),
    ],
)
def test_a_host_is_its_name_and_on_loopback_its_port_too(url: str, host: str) -> None:
    assert host_of(url) == host


async def test_requests_to_one_host_keep_their_distance(server: Server) -> None:
    """Measured at the server from the end of one to the start of the next; a lower bound, which load cannot break."""
    gap = timedelta(milliseconds=60)
    urls = [server.on(f"/{number}", reply(200, b"<rss/>")) for number in range(4)]
    async with Client(allow=LOOPBACK, limits=limits(gap=gap)) as client:
        await asyncio.gather(*(fetched(client, url) for url in urls))
    times = sorted(asked.at for asked in server.asked)
    assert server.most_busy == 1
    assert min(later - sooner for sooner, later in pairwise(times)) >= gap.total_seconds()


async def test_a_redirect_within_a_host_keeps_the_distance_too(server: Server) -> None:
    server.on("/b", reply(200, b"<rss/>"))
    url = server.on("/a", reply(301, Location="/b"))
    async with Client(allow=LOOPBACK, limits=limits(gap=timedelta(milliseconds=60))) as client:
        await fetched(client, url)
    assert server.asked[1].at - server.asked[0].at >= 0.06


async def test_150_new_feeds_on_120_hosts_go_within_the_limits(server: Server) -> None:
    names = Names({f"h{number}.example": [["127.0.0.1"]] for number in range(120)})
    server.on("/feed", Reply(200, (), b"<rss/>", delay=0.01))
    async with Client(allow=LOOPBACK, resolver=names, limits=limits(gap=timedelta(milliseconds=10))) as client:
        waits: list[Awaitable[object]] = [
            fetched(client, server.url("/feed", name=f"h{number % 120}.example"), priority=Priority.NEW_OR_FAILING)
            for number in range(150)
        ]
        await asyncio.gather(*waits)
    assert len(server.asked) == 150
    assert server.most_busy <= 8


@pytest.mark.parametrize("answer", [reply(429), reply(429, Retry_After="60"), reply(503, Retry_After="60")])
async def test_a_throttling_answer_pauses_the_other_feeds_of_the_host(
    server: Server, client: Client, answer: Reply
) -> None:
    server.on("/a", answer)
    other = server.on("/b", reply(200, b"<rss/>"))
    await failed(client, server.url("/a"))
    result = await failed(client, other)
    assert result.kind is FailureKind.PAUSED
    assert result.retry_after is not None
    assert result.retry_after >= timedelta(seconds=59)
    assert len(server.asked) == 1
    await fetched(client, other, now=NOW + result.retry_after + SECOND)


async def test_feeds_that_wait_for_their_turn_are_paused_as_well(server: Server, client: Client) -> None:
    server.on("/a", Reply(429, (("Retry-After", "60"),), delay=0.02))
    others = [server.on(f"/{number}", reply(200, b"<rss/>")) for number in range(3)]
    _, *rest = await asyncio.gather(ask(client, server.url("/a")), *(failed(client, url) for url in others))
    assert [result.kind for result in rest] == [FailureKind.PAUSED] * 3
    assert len(server.asked) == 1


async def test_a_host_that_another_redirects_to_is_paused_for_a_short_while(server: Server, client: Client) -> None:
    away = server.on("/search", reply(429, Retry_After="86400"))
    async with serving("127.0.0.2") as other:
        redirected = await failed(client, other.on("/h", reply(302, Location=away)))
    assert redirected.retry_after == timedelta(hours=24)
    rest = (await failed(client, server.url("/feed"))).retry_after
    assert rest is not None
    assert timedelta(minutes=14) < rest <= timedelta(minutes=15) + SECOND


async def test_a_503_without_retry_after_pauses_nobody(server: Server, client: Client) -> None:
    server.on("/a", reply(503))
    assert (await failed(client, server.url("/a"))).kind is FailureKind.STATUS
    await fetched(client, server.on("/b", reply(200, b"<rss/>")))


async def test_a_pause_is_at_most_a_day(server: Server, client: Client) -> None:
    server.on("/a", reply(429, Retry_After="99999999"))
    assert (await failed(client, server.url("/a"))).retry_after == timedelta(hours=24)
    rest = (await failed(client, server.url("/b"))).retry_after
    assert rest is not None
    assert timedelta(hours=23, minutes=59) < rest <= timedelta(hours=24) + SECOND


async def test_a_pause_from_before_a_restart_can_be_set(server: Server, client: Client) -> None:
    url = server.on("/feed", reply(200, b"<rss/>"))
    client.pause(host_of(url), NOW + timedelta(minutes=5))
    rest = (await failed(client, url)).retry_after
    assert rest is not None
    assert timedelta(minutes=4) < rest <= timedelta(minutes=5)
    assert server.connections == 0
    await fetched(client, url, now=NOW + timedelta(minutes=5))


async def test_the_time_in_queues_is_told_apart_from_the_time_on_the_network(server: Server) -> None:
    slow = server.on("/slow", Reply(200, (), b"<rss/>", delay=0.1))
    quick = server.on("/quick", reply(200, b"<rss/>"))
    async with Client(allow=LOOPBACK, limits=limits()) as client:
        _, result = await asyncio.gather(fetched(client, slow), fetched(client, quick))
    assert result.waited >= timedelta(seconds=0.1)
    assert result.elapsed < result.waited
