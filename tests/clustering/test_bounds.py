"""The work that an entry makes is bounded, whatever it says and whoever says the same."""

import random
from collections import Counter
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from aggregator.clustering.assign import Clusterer
from aggregator.clustering.candidates import walk
from aggregator.clustering.linking import MOST_SHINGLES
from aggregator.clustering.settings import DEFAULT
from aggregator.model import Report
from tests.clustering.streams import START, batches, cluster, names, reports

LONG = 260  # content words in 500 characters of summary and 400 of title, at most


def clustered(stream: list[Report]) -> Clusterer:
    clusterer = Clusterer(explain=False)
    for number, batch in enumerate(batches(stream, 100), 1):
        clusterer.assign(batch, number)
    return clusterer


def looked_at(clusterer: Clusterer) -> int:
    """Count what the newest hundred entries would be compared with, at most."""
    window = clusterer.linker.window
    new, _ = walk(window, window.end - 100, window.bands, window.chain, DEFAULT.bucket)
    return int(np.unique(new, return_counts=True)[1].max())


def test_an_entry_of_many_with_one_title_is_compared_with_no_more_than_buckets_hold() -> None:
    one = reports(1, 1)[0]
    few, many = (
        clustered([replace(one, id=number, feed=number % 50) for number in range(count)]) for count in (300, 1200)
    )
    assert looked_at(few) == looked_at(many) <= DEFAULT.bands * DEFAULT.bucket
    rows = slice(0, many.linker.window.end - many.linker.window.base)
    assert (many.linker.window.near[rows] >= 0).sum(axis=1).max() <= DEFAULT.neighbours
    assert len(set(many.linker.window.event[rows].tolist())) == 1


def test_a_flood_of_one_feed_is_no_event() -> None:
    made = reports(2, 500, happenings=400)
    flood = [replace(one, feed=1, outlet="One", time=START + timedelta(seconds=at // 9)) for at, one in enumerate(made)]
    clusterer = clustered(flood)
    sizes = np.unique(clusterer.linker.window.event[:500], return_counts=True)[1]
    assert sizes.max() <= 50
    assert looked_at(clusterer) <= DEFAULT.bands * DEFAULT.bucket


def test_of_a_long_summary_the_beginning_is_weighed_and_a_part_signed() -> None:
    one = reports(3, 1)[0]
    words = " ".join(f"w{number}x" for number in range(10_000))
    clusterer = clustered([replace(one, id=number, summary=f"{number} {words}") for number in range(20)])
    window = clusterer.linker.window
    assert int(window.length[:20].max()) <= LONG
    assert int(window.words[:20].max()) <= 4 * MOST_SHINGLES


def test_the_window_takes_no_more_memory_than_was_promised() -> None:
    stream = [replace(one, time=START + timedelta(seconds=20 * at)) for at, one in enumerate(reports(4, 3000, 600))]
    window = clustered(stream).linker.window
    assert window.nbytes / len(window) <= 3 * 1024


def telling(feeds: int, *, sentence: bool, shared: bool = False, count: int = 500) -> list[Report]:
    """Give entries of short titles, each with the same words in its feed's summaries."""
    rng = random.Random(5)
    texts = [". ".join(" ".join(names(rng, 12)) for _ in range(50)) for _ in range(feeds)]
    return [
        Report(
            id=number,
            title=" ".join(names(rng, 4)),
            summary=f"{texts[0 if shared else number % feeds]}. {' '.join(names(rng, 8)) if sentence else ''}",
            language="en",
            outlet=f"Outlet {number % feeds}",
            feed=1 + number % feeds,
            time=START + timedelta(minutes=number),
        )
        for number in range(count)
    ]


@pytest.mark.parametrize(("batch", "count"), [(1, 60), (30, 500), (500, 500)])
@pytest.mark.parametrize("sentence", [False, True])
def test_a_feed_that_repeats_its_whole_text_makes_no_large_event(batch: int, count: int, sentence: bool) -> None:
    clusterer = Clusterer(explain=False)
    for number, part in enumerate(batches(telling(1, sentence=sentence, count=count), batch), 1):
        clusterer.assign(part, number)
    assert max(Counter(clusterer.linker.window.event[:count].tolist()).values()) <= 5


@pytest.mark.parametrize("shared", [False, True])
def test_two_feeds_that_repeat_a_text_make_no_large_event(shared: bool) -> None:
    events = cluster(batches(telling(2, sentence=True, shared=shared, count=200), 20), restart_every=3).event_of
    assert max(Counter(events.values()).values()) <= 5
