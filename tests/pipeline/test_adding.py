"""A feed that was found is subscribed beside whatever else happens to the store."""

from functools import partial
from pathlib import Path

from aggregator.config import load
from aggregator.database import feeds
from aggregator.database.store import open_store
from aggregator.pipeline.adding import take_up
from aggregator.pipeline.poll import Read, ask
from aggregator.scheduling.state import FeedState
from tests.pipeline.newsstand import HOUR, START, cycle, serve, working, write_config
from tests.pipeline.test_pipeline import QUAKE, VOTE
from tests.server import Server


async def test_adding_a_feed_leaves_one_subscribed_that_was_added_meanwhile(
    tmp_path: Path, server: Server, other: Server
) -> None:
    urls = [("A", serve(server, "/a", QUAKE)), ("B", serve(other, "/b", VOTE))]
    instance = write_config(tmp_path, urls[:1])
    before = load(instance.config)
    async with working(write_config(tmp_path, urls)) as pipeline:
        await cycle(pipeline, START)
        answer = await ask(FeedState(feed=0, url=urls[0][1]), pipeline.client, pipeline.parser, START)
        assert isinstance(answer, Read)
        assert take_up(partial(open_store, instance.store, START), before, urls[0][1], answer, START) is not None
        with pipeline.database.read() as connection:
            assert [feed.outlet for feed in feeds.all_feeds(connection) if feed.subscribed] == ["A", "B"]
        assert len(await pipeline.claim(START + HOUR)) == 2
