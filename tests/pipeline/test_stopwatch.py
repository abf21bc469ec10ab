"""Stages are measured while they run."""

from pathlib import Path

import pytest

from aggregator.pipeline.stopwatch import Stopwatch
from tests.pipeline.newsstand import START, cycle, serve, working, write_config
from tests.pipeline.test_outputs import ASSAULT
from tests.server import Server


async def test_every_stage_of_a_cycle_is_measured(tmp_path: Path, server: Server) -> None:
    async with working(write_config(tmp_path, [("Tempo", serve(server, "/a", ASSAULT))])) as pipeline:
        await cycle(pipeline, START)
        spent = pipeline.stopwatch.spent
    assert {stage: count for stage, (count, _) in spent.items()} == {"fetch": 1, "store": 1, "cluster": 1, "publish": 1}
    assert all(seconds > 0 for _, seconds in spent.values())


def test_a_stage_that_fails_is_measured_too() -> None:
    stopwatch = Stopwatch()
    with pytest.raises(ValueError, match="x"), stopwatch.running("store"):
        raise ValueError("x")
    assert stopwatch.spent["store"][0] == 1
