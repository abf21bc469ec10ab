"""The rhythm against a fixed interval, in a small simulation; benchmarks/rhythm.py is the large one."""

import random
from statistics import median

from aggregator.scheduling.state import Settings
from benchmarks.rhythm import published, run


def test_a_third_of_the_requests_at_no_more_than_one_and_a_half_times_the_median_delay() -> None:
    rng = random.Random(3)  # a simulation, to be repeated
    feeds = [published(rng, 5) for _ in range(16)]
    fixed, adaptive = run(feeds, 5, Settings(adaptive=False)), run(feeds, 5, Settings())
    assert len(adaptive.delays) > 500
    assert adaptive.requests < fixed.requests / 3
    assert median(adaptive.delays) < 1.5 * median(fixed.delays)
