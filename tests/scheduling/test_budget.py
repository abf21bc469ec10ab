"""What all feeds share: a third of the requests of a fixed interval, where they are busy."""

from collections.abc import Sequence
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.scheduling.budget import MOST, Budget, shared
from aggregator.scheduling.history import History, remembered
from aggregator.scheduling.intervals import wanted
from aggregator.scheduling.rhythm import BUDGET, requests_ahead
from aggregator.scheduling.state import Settings
from tests.scheduling.states import DAY, HOUR, MINUTE, NOW, state

ADAPTIVE = Settings()


def steady(gap: timedelta) -> History:
    """A feed that has published evenly for ten days."""
    times = [NOW - number * gap for number in range(int(10 * DAY / gap))]
    return remembered(History(since=NOW - 10 * DAY, as_of=NOW - 10 * DAY), times, NOW)


def of(gaps: Sequence[timedelta], settings: Settings = ADAPTIVE) -> float:
    return shared([(steady(gap), settings) for gap in gaps], NOW).entries


def share(gaps: Sequence[timedelta], budget: float) -> float:
    """Foresee the share of the requests of a fixed interval."""
    ahead = [requests_ahead(steady(gap), NOW, ADAPTIVE.floor) for gap in gaps]
    return sum(one(budget) for one in ahead if one is not None) / len(gaps) / (DAY / ADAPTIVE.interval)


def test_quiet_feeds_have_the_least() -> None:
    assert of([10 * HOUR] * 20) == BUDGET
    assert of([]) == BUDGET


def test_busy_feeds_share_what_brings_them_to_a_third() -> None:
    gaps = [30 * MINUTE, HOUR, HOUR, 2 * HOUR, 6 * HOUR]
    budget = of(gaps)
    assert BUDGET < budget < MOST
    assert share(gaps, budget) <= 1 / 3 < share(gaps, BUDGET)


def test_a_feed_that_brings_news_every_ten_minutes_is_asked_at_its_minimum_among_the_busiest_too() -> None:
    budget = of([12 * MINUTE] * 20)
    assert budget == pytest.approx(MOST, abs=0.02)
    busy = state(history=steady(10 * MINUTE))
    for minute in range(10):
        length = wanted(busy, Settings(budget=budget), NOW + minute * MINUTE).length
        assert length == ADAPTIVE.minimum


def test_one_busy_feed_among_quiet_ones_is_asked_as_if_it_were_alone() -> None:
    assert of([20 * MINUTE] + [12 * HOUR] * 9) == BUDGET


@pytest.mark.parametrize("flooding", [1, 3, 30])
def test_feeds_that_flood_us_have_no_other_feed_asked_more_rarely(flooding: int) -> None:
    others = [2 * HOUR] * 9
    assert BUDGET < of(others) == of([*others, *[MINUTE] * flooding])


def test_feeds_of_a_set_interval_take_no_part() -> None:
    own = Settings(every=5 * MINUTE)
    busy = [(steady(20 * MINUTE), own)] * 10
    assert shared([*busy, (steady(12 * HOUR), ADAPTIVE)], NOW).entries == BUDGET
    assert shared([(history, ADAPTIVE) for history, _ in busy], NOW).entries > BUDGET


def test_a_feed_that_nobody_knows_yet_takes_no_part() -> None:
    others = [(steady(HOUR), ADAPTIVE)] * 6
    assert shared([*others, *[(History(), ADAPTIVE)] * 20], NOW) == shared(others, NOW)
    assert shared([(History(), ADAPTIVE)], NOW).entries == BUDGET


def test_of_many_feeds_a_part_tells() -> None:
    few, many = [20 * MINUTE, 3 * HOUR] * 50, [20 * MINUTE, 3 * HOUR] * 500
    assert of(few) == pytest.approx(of(many), abs=0.05)


def test_it_holds_for_an_hour_and_not_when_the_clock_was_set_back() -> None:
    found = Budget(0.5, NOW)
    assert found.holds(NOW + 59 * MINUTE)
    assert not found.holds(NOW + HOUR)
    assert not found.holds(NOW - MINUTE)
    assert not Budget().holds(NOW)


@given(st.lists(st.timedeltas(5 * MINUTE, 9 * DAY), max_size=12), st.timedeltas(MINUTE, DAY))
def test_whatever_feeds_there_are_it_is_within_bounds(gaps: list[timedelta], minimum: timedelta) -> None:
    assert BUDGET <= of(gaps, Settings(minimum=minimum, interval=max(minimum, 15 * MINUTE))) <= MOST
