"""Counts of words age: what is stored is bounded, and decisions go on as if nothing had stopped."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator.clustering.assign import Clusterer
from aggregator.clustering.frequencies import CLOCK
from aggregator.model import Report
from tests.clustering.streams import START, Kept, batches, cluster, reports


def slow(seed: int, count: int, hours: int) -> list[Report]:
    """Give a stream in which a batch of 20 comes every so many hours, each of its own week's happenings."""
    made = reports(seed, count, happenings=count // 4)
    return [replace(one, time=START + timedelta(hours=hours * (number // 20))) for number, one in enumerate(made)]


def stored(kept: Kept) -> dict[tuple[str, str], float]:
    return {key: one.count for key, one in kept.counts.items() if one.count > 0}


@given(seed=st.integers(0, 10_000), every=st.integers(1, 5), hours=st.integers(20, 200))
@settings(max_examples=8, deadline=None)
def test_a_restart_after_ageing_changes_no_decision(seed: int, every: int, hours: int) -> None:
    stream = batches(slow(seed, 300, hours), 20)
    one, two = cluster(stream), cluster(stream, restart_every=every)
    assert one.event_of == two.event_of
    assert stored(one) == stored(two)


def test_counts_are_halved_once_a_period() -> None:
    clusterer = Clusterer()
    one = replace(reports(1, 1)[0], title="Harbour bridge reopens", summary="")
    kept = Kept()
    for number, days in enumerate([0, 0, 0, 0, 0, 60], 1):
        batch = [replace(one, id=number, time=START + timedelta(days=days))]
        kept.take(clusterer.assign(batch, number), batch)
    assert kept.counts["en", "harbour"].count == pytest.approx(5 // 4 + 1)
    assert kept.counts["en", ""].count == pytest.approx(5 // 4 + 1)


def test_what_comes_to_nothing_is_told_once_and_forgotten() -> None:
    clusterer = Clusterer()
    first = replace(reports(1, 1)[0], title="Zorvik gleams", summary="")
    later = replace(first, id=2, title="Harbour bridge reopens", time=START + timedelta(days=31))
    clusterer.assign([first], 1)
    told = {one.token: one.count for one in clusterer.assign([later], 2).frequencies}
    assert told["zorvik"] == 0
    assert told["harbour"] == 1
    assert "zorvik" not in {one.token for one in clusterer.assign([replace(later, id=3)], 3).frequencies}


def test_a_word_that_comes_back_as_it_is_forgotten_is_counted() -> None:
    clusterer = Clusterer()
    first = replace(reports(1, 1)[0], title="Zorvik gleams", summary="")
    clusterer.assign([first], 1)
    again = clusterer.assign([replace(first, id=2, time=START + timedelta(days=31))], 2)
    assert [one.count for one in again.frequencies if one.token == "zorvik"] == [1]


def test_vocabulary_and_store_stay_bounded_in_an_endless_stream() -> None:
    clusterer, kept, rows = Clusterer(), Kept(), []
    stream = [replace(one, title=f"{one.title} word{one.id}x other{one.id}y") for one in slow(3, 1600, 96)]
    for number, batch in enumerate(batches(stream, 20), 1):
        kept.take(clusterer.assign(batch, number), batch)
        kept.counts = {key: one for key, one in kept.counts.items() if one.count > 0}
        rows.append(len(kept.counts))
    assert max(rows) < 2 * len(stream) / 2  # of what was coined alone
    assert max(rows[len(rows) // 2 :]) <= 1.3 * max(rows[len(rows) // 4 : len(rows) // 2])
    assert len(clusterer.linker.frequencies) <= 2 * max(rows)


def test_the_number_of_the_period_is_stored_with_the_counts() -> None:
    kept = cluster(batches(slow(1, 40, 24), 20))
    assert kept.counts[CLOCK, ""].count == START.timestamp() // timedelta(days=30).total_seconds()


def test_an_edit_of_what_was_halved_leaves_no_negative_count() -> None:
    clusterer = Clusterer()
    first = replace(reports(1, 1)[0], title="Zorvik gleams", summary="", time=START + timedelta(days=24))
    clusterer.assign([first], 1)
    edit = replace(first, title="Zorvik shines", revision=1, time=first.time + timedelta(days=2))
    other = replace(first, id=5, title="Harbour", time=edit.time)
    counts = [one.count for one in clusterer.assign([edit, other], 2).frequencies]
    assert min(counts) >= 0
