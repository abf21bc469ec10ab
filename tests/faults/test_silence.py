"""A feed that is silent for longer than anything is kept."""

from datetime import timedelta
from pathlib import Path

from sqlalchemy import select

from aggregator.database.tables import entries, identities
from tests.pipeline.newsstand import START, Told, cycle, serve, working, write_config
from tests.pipeline.test_pipeline import QUAKE, QUAKE_TOO, VOTE
from tests.server import Server

DAY = timedelta(days=1)


async def test_what_a_feed_showed_before_a_long_silence_does_not_come_back_as_new(
    tmp_path: Path, server: Server
) -> None:
    async with working(write_config(tmp_path, [("A", serve(server, "/a", QUAKE, VOTE))])) as pipeline:
        for day in range(0, 130, 10):
            await cycle(pipeline, START + day * DAY)
            while await pipeline.prune(START + day * DAY):
                pass
        with pipeline.database.read() as connection:
            assert connection.scalars(select(entries.c.id)).all() == []
        serve(server, "/a", QUAKE_TOO, QUAKE, VOTE)
        await cycle(pipeline, START + 130 * DAY)
        with pipeline.database.read() as connection:
            assert connection.scalars(select(entries.c.title)).all() == [QUAKE_TOO.title]
        for day in range(140, 260, 10):
            serve(server, "/a", Told(f"{day}", f"News of day {day}"))
            await cycle(pipeline, START + day * DAY)
            while await pipeline.prune(START + day * DAY):
                pass
        with pipeline.database.read() as connection:
            assert min(connection.scalars(select(identities.c.entry_id))) > 3  # by then they are forgotten
