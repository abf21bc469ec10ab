"""A batch after a restart is decided as if there had been none."""

from datetime import timedelta
from pathlib import Path

from sqlalchemy import select

from aggregator.database.tables import entries
from tests.pipeline.newsstand import HOUR, START, cycle, serve, working, write_config
from tests.pipeline.test_pipeline import QUAKE, QUAKE_TOO
from tests.server import Server

WINDOW = timedelta(days=1)


async def test_entries_that_waited_for_a_restart_look_back_from_when_they_were_seen(
    tmp_path: Path, server: Server, other: Server
) -> None:
    urls = [("A", serve(server, "/a", QUAKE)), ("B", serve(other, "/b"))]
    instance = write_config(tmp_path, urls, "clustering: {window: 1d}\n")
    seen = START + 20 * HOUR
    async with working(instance) as pipeline:
        await cycle(pipeline, START)
        serve(other, "/b", QUAKE_TOO)
        await pipeline.poll(await pipeline.claim(seen), seen)  # and here the process dies
    restarted = seen + 10 * HOUR
    assert restarted - START > WINDOW
    async with working(instance, restarted) as pipeline:
        await pipeline.settle(restarted)
        with pipeline.database.read() as connection:
            assert set(connection.scalars(select(entries.c.event_id))) == {1}
