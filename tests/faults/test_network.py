"""Names that stop resolving, and do again."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from aggregator.config import Instance
from aggregator.database.feeds import all_feeds
from aggregator.fetching.backend import UnknownHost
from aggregator.fetching.client import Client
from aggregator.fetching.guard import AllowList
from aggregator.fetching.request import Limits
from aggregator.pipeline.pipeline import Pipeline
from aggregator.scheduling.state import FeedState
from tests.pipeline.newsstand import HOUR, START, cycle, serve, working, write_config
from tests.pipeline.test_pipeline import QUAKE, VOTE
from tests.server import Server

QUARTER = timedelta(minutes=15)


class Names:
    """A name server that may be out of reach."""

    def __init__(self) -> None:
        self.up = True
        self.gone: set[str] = set()

    async def resolve(self, host: str, port: int) -> Sequence[str]:
        if not self.up or host in self.gone:
            raise UnknownHost(f"the name {host} cannot be resolved")
        return ["127.0.0.1" if host.startswith("a") else "127.0.0.2"]


def named(tmp_path: Path, server: Server, other: Server) -> list[tuple[str, str]]:
    for one, told in ((server, QUAKE), (other, VOTE)):
        serve(one, "/feed", told)
        one.on("/feed", *(replace(reply, close=True) for reply in one.pages["/feed"]))  # type: ignore[union-attr]
    return [("A", server.url("/feed", name="a.example")), ("B", other.url("/feed", name="b.example"))]


def states(pipeline: Pipeline) -> dict[str, FeedState]:
    with pipeline.database.read() as connection:
        return {feed.outlet: feed.state for feed in all_feeds(connection)}


@asynccontextmanager
async def asking(instance: Instance, names: Names) -> AsyncIterator[Pipeline]:
    async with working(instance) as pipeline:
        allow = AllowList.parse(pipeline.config.polling.allow)
        async with Client(allow=allow, resolver=names.resolve, limits=Limits(gap=timedelta(milliseconds=1))) as client:
            pipeline.client = client
            yield pipeline


async def test_a_day_without_names_is_ours_and_is_over_at_once(tmp_path: Path, server: Server, other: Server) -> None:
    names = Names()
    async with asking(write_config(tmp_path, named(tmp_path, server, other)), names) as pipeline:
        await cycle(pipeline, START)
        names.up = False
        for quarter in range(4, 100):
            await cycle(pipeline, START + quarter * QUARTER)
        away = states(pipeline)
        assert all("we are probably offline" in state.reason for state in away.values())
        assert [state.errors for state in away.values()] == [0, 0]
        names.up = True
        await cycle(pipeline, START + 101 * QUARTER + timedelta(minutes=10))
        assert [state.health for state in states(pipeline).values()] == ["fine", "fine"]
    assert len(server.asked) == len(other.asked) == 2


async def test_a_name_that_is_gone_alone_is_that_feeds_error(tmp_path: Path, server: Server, other: Server) -> None:
    names = Names()
    async with asking(write_config(tmp_path, named(tmp_path, server, other)), names) as pipeline:
        await cycle(pipeline, START)
        names.gone.add("a.example")
        for hour in range(1, 4):
            await cycle(pipeline, START + hour * HOUR)
        gone = states(pipeline)["A"]
        assert (gone.health, gone.errors) == ("failing", 2)  # of the third the back-off spared it
        assert "cannot be resolved" in gone.reason
        assert states(pipeline)["B"].health == "fine"
