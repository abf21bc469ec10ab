"""What is written, and what is not: disks wear out."""

from pathlib import Path

from sqlalchemy import text

from aggregator.database import feeds, overview
from aggregator.database.feeds import Poll
from aggregator.pipeline.pipeline import Pipeline
from tests.pipeline.newsstand import HOUR, START, Told, cycle, serve, working, write_config
from tests.pipeline.test_pipeline import QUAKE, QUAKE_TOO, VOTE
from tests.server import Reply, Server


async def frames(pipeline: Pipeline) -> int:
    """Count the pages that were written since the last count."""

    def work() -> int:
        with pipeline.database.writer.connect() as connection:
            driver = connection.connection.driver_connection
            assert driver is not None
            size = pipeline.database.path.with_name("aggregator.db-wal").stat().st_size
            driver.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            return int(max(size - 32, 0) / 4120)

    return await pipeline.in_store(work)


async def test_a_poll_that_brings_nothing_writes_five_pages_at_most(tmp_path: Path, server: Server) -> None:
    url = server.on("/a", Reply(200, (("ETag", '"1"'),), serve_body(server)), Reply(304, (("ETag", '"1"'),)))
    async with working(write_config(tmp_path, [("A", url)])) as pipeline:
        await cycle(pipeline, START)
        await polled(pipeline, 25)
        await frames(pipeline)
        now = START + 31 * HOUR
        claimed = await pipeline.claim(now)
        assert len(claimed) == 1
        assert await frames(pipeline) == 1
        await pipeline.poll(claimed, now)
        assert await frames(pipeline) <= 4
        await pipeline.settle(now)
        assert await pipeline.prune(now) == 0
        assert await frames(pipeline) == 0


async def polled(pipeline: Pipeline, times: int) -> None:
    """Note polls, an hour apart."""

    def work() -> None:
        with pipeline.database.write() as connection:
            for hour in range(times):
                feeds.add_poll(connection, 1, Poll(at=START + hour * HOUR, outcome="nothing new", status=200))

    await pipeline.in_store(work)


def serve_body(server: Server) -> bytes:
    serve(server, "/body", QUAKE)
    page = server.pages["/body"]
    assert isinstance(page, list)
    return page[0].body


async def test_the_last_20_polls_are_kept_newest_first(tmp_path: Path, server: Server) -> None:
    async with working(write_config(tmp_path, [("A", serve(server, "/a", QUAKE))])) as pipeline:
        await polled(pipeline, 25)
        with pipeline.database.read() as connection:
            told = [poll.at for poll in feeds.last_polls(connection, 1)]
            assert overview.last_outcomes(connection) == {"nothing new": 1}
            assert connection.execute(text("SELECT count(*) FROM polls")).scalar_one() == 20
    assert told == [START + hour * HOUR for hour in range(24, 4, -1)]


async def test_documents_written_lately_rest_and_are_written_then(
    tmp_path: Path, server: Server, other: Server
) -> None:
    urls = [("A", serve(server, "/a", QUAKE)), ("B", serve(other, "/b", QUAKE_TOO))]
    async with working(write_config(tmp_path, urls)) as pipeline:
        await cycle(pipeline, START)
        path = tmp_path / "store/feeds/singles.json"
        before = path.read_bytes()
        for hour, told in ((1, VOTE), (2, Told("more", "Ferry service between islands resumes after storm"))):
            serve(server, "/a", QUAKE, told)
            now = START + hour * HOUR
            await pipeline.poll(await pipeline.claim(now), now)
            (batch,) = await pipeline.cluster(now)
            now += HOUR / 2  # the hold is over
            written = await pipeline.publish(batch.changed, now, moment=100.0 + hour)
            assert (path in written) is (hour == 1)
        assert b"Ferry" not in path.read_bytes() != before
        assert path in await pipeline.publish([], now, moment=200.0)
        assert b"Ferry" in path.read_bytes()
