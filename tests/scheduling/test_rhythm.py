"""A feed's own rhythm."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.scheduling.history import History, remembered
from aggregator.scheduling.intervals import wanted
from aggregator.scheduling.rhythm import BUDGET, expected_per_hour, in_words, on_the_hour, requests_ahead, rhythm
from aggregator.scheduling.state import Hints, Settings
from tests.scheduling.states import DAY, HOUR, MINUTE, NOW, failed, fetched, not_modified, parsed, poll, state, wait

ADAPTIVE = Settings()


def history(times: Sequence[datetime], now: datetime = NOW) -> History:
    """Remember as a daemon would that has polled every hour: in the order of publication."""
    known = remembered(History(), [], min([*times, now]))
    for time in sorted(times):
        known = remembered(known, [time], time)
    return known


def every(gap: timedelta, over: timedelta, until: datetime = NOW) -> list[datetime]:
    return [until - number * gap for number in range(int(over / gap))]


def test_a_feed_that_brings_news_every_ten_minutes_is_asked_at_its_minimum() -> None:
    busy = state(history=history(every(10 * MINUTE, 3 * DAY)))
    assert wanted(busy, ADAPTIVE, NOW).length == ADAPTIVE.minimum
    assert wanted(busy, Settings(minimum=5 * MINUTE), NOW).length < 15 * MINUTE


def test_a_feed_that_is_silent_for_a_month_is_asked_daily() -> None:
    silent = state(history=history(every(4 * HOUR, 20 * DAY, NOW - 30 * DAY)))
    assert wanted(silent, ADAPTIVE, NOW).length == DAY
    assert rhythm(history([NOW - 31 * DAY]), NOW) == DAY


@pytest.mark.parametrize(("gap", "low", "high"), [(2 * HOUR, 25, 50), (11 * HOUR, 60, 120), (71 * HOUR, 120, 300)])
def test_between_them_the_interval_follows_the_gap(gap: timedelta, low: int, high: int) -> None:
    length = rhythm(history(every(gap, 40 * DAY)), NOW)
    assert length is not None
    assert low * MINUTE <= length <= high * MINUTE


def steady(gap: timedelta, budget: float = BUDGET) -> timedelta:
    length = rhythm(history(every(gap, 40 * DAY)), NOW, budget)
    assert length is not None
    return length


def test_the_busier_a_feed_the_more_its_requests_follow_its_entries() -> None:
    """Twice the entries: nearly twice the requests of a busy feed, about the cube root of two of a quiet one."""
    assert 1.5 < steady(34 * MINUTE, 1.5) / steady(17 * MINUTE, 1.5) < 2
    assert 1.2 < steady(11 * HOUR) / steady(5.5 * HOUR) < 1.5


@pytest.mark.parametrize(
    ("minute", "length", "ends"), [(10, 40, 63), (10, 60, 63), (40, 40, 63), (40, 15, 55), (5, 20, 25)]
)
def test_an_interval_ends_after_a_full_hour_that_is_near(minute: int, length: int, ends: int) -> None:
    start = NOW.replace(minute=0)
    now = start + minute * MINUTE
    assert now + on_the_hour(length * MINUTE, now) == start + ends * MINUTE


@given(st.timedeltas(MINUTE, DAY), st.integers(0, 3599))
def test_aiming_at_the_hour_moves_an_interval_by_half_at_most(length: timedelta, second: int) -> None:
    aimed = on_the_hour(length, NOW + timedelta(seconds=second))
    assert length / 2 <= aimed <= min(length * 1.5, DAY)


def test_a_first_document_of_the_last_hour_is_enough() -> None:
    """Ten entries within the hour: the first hours of a busy feed are not waited out at a fixed interval."""
    now = NOW - 5 * MINUTE
    known = remembered(History(), [now - number * 6 * MINUTE for number in range(10)], now)
    assert (rhythm(known, NOW) or DAY) < 20 * MINUTE
    quiet = remembered(History(), [NOW - 8 * HOUR, NOW - 3 * HOUR], NOW)
    assert (rhythm(quiet, NOW) or timedelta()) > 40 * MINUTE


def asked_in_a_day(known: History, budget: float, floor: timedelta) -> float:
    """Ask through a day that brings nothing; of the last interval count the part that lies in it."""
    at, asked = NOW, 0.0
    while at < NOW + DAY:
        length = max(rhythm(known, at, budget) or DAY, floor)
        asked += min(length, NOW + DAY - at) / length
        at += length
    return asked


@pytest.mark.parametrize("gap", [20 * MINUTE, 2 * HOUR, 5 * HOUR, 11 * HOUR, 30 * HOUR])
@pytest.mark.parametrize("budget", [BUDGET, 0.45, 1.0])
def test_the_requests_of_a_day_are_foreseen(gap: timedelta, budget: float) -> None:
    """To a twentieth, where the hours of the day differ too: entries at long gaps fall into some of them alone."""
    known = history(every(gap, 40 * DAY))
    ahead = requests_ahead(known, NOW, 15 * MINUTE)
    assert ahead is not None
    assert ahead(budget) == pytest.approx(asked_in_a_day(known, budget, 15 * MINUTE), rel=0.05)


def test_of_a_feed_that_nobody_knows_yet_nothing_is_believed() -> None:
    assert rhythm(History(), NOW) is None
    assert rhythm(remembered(History(), [], NOW - HOUR), NOW) is None
    assert wanted(state(), ADAPTIVE, NOW).why == "polling.interval"


def test_the_first_document_tells_the_rhythm_at_once() -> None:
    feed = poll(state(last_success=None), parsed(new=20, published=every(DAY, 20 * DAY, NOW - 6 * HOUR)), NOW, ADAPTIVE)
    assert feed.why == "its own rhythm: about one entry a day"
    assert feed.interval is not None
    assert feed.interval > HOUR


def test_a_feed_that_publishes_in_the_morning_is_asked_often_in_the_morning() -> None:
    midnight = NOW.replace(hour=0)
    mornings = [midnight - day * DAY + 7 * HOUR + part * 12 * MINUTE for day in range(1, 31) for part in range(5)]
    known = history(mornings)
    morning, night = rhythm(known, midnight + 7 * HOUR), rhythm(known, midnight + 20 * HOUR)
    assert morning is not None
    assert night is not None
    assert morning < 30 * MINUTE
    assert night > 2 * HOUR


def test_the_long_wait_of_a_night_ends_when_the_morning_begins() -> None:
    midnight = NOW.replace(hour=0)
    mornings = [midnight - day * DAY + 7 * HOUR + part * 6 * MINUTE for day in range(1, 31) for part in range(10)]
    length = rhythm(history(mornings), midnight + 5 * HOUR)
    assert length is not None
    assert length < 2.3 * HOUR


def test_a_burst_is_followed_closely() -> None:
    calm = every(DAY, 30 * DAY, NOW - DAY)
    burst = [NOW - number * 5 * MINUTE for number in range(8)]
    before, during = rhythm(history(calm), NOW), rhythm(history([*calm, *burst]), NOW)
    after = rhythm(history([*calm, *burst]), NOW + 12 * HOUR)
    assert before is not None
    assert during is not None
    assert after is not None
    assert during < 20 * MINUTE < HOUR < after


def test_weekends_are_learnt() -> None:
    working = [time for time in every(2 * HOUR, 56 * DAY) if time.weekday() < 5]
    known = history(working)
    saturday = NOW + 3 * DAY
    weekday, weekend = expected_per_hour(known, NOW), expected_per_hour(known, saturday)
    assert weekend < weekday / 2


def test_a_publishers_long_hint_is_not_believed_of_a_feed_with_hourly_news() -> None:
    busy = state(history=history(every(20 * MINUTE, 5 * DAY)), lifetime=6 * HOUR, hints=Hints(ttl=12 * HOUR))
    quiet = state(history=history(every(10 * HOUR, 5 * DAY)), lifetime=6 * HOUR)
    hinted = state(history=history(every(20 * MINUTE, 5 * DAY)), lifetime=HOUR)
    assert wanted(busy, ADAPTIVE, NOW).length < 30 * MINUTE
    assert wanted(quiet, ADAPTIVE, NOW).length == 6 * HOUR
    assert wanted(hinted, ADAPTIVE, NOW).length == HOUR


def test_every_switches_the_rhythm_off() -> None:
    busy = state(history=history(every(10 * MINUTE, 3 * DAY)))
    assert wanted(busy, Settings(every=3 * HOUR), NOW).length == 3 * HOUR


def test_a_claimed_time_before_the_last_look_is_not_believed() -> None:
    """An entry dated yesterday that the poll of an hour ago did not show has come within the hour."""
    feed = poll(state(last_success=None), parsed(), NOW - HOUR, ADAPTIVE)
    feed = poll(feed, parsed(body=b"2", new=1, published=[NOW - DAY]), NOW, ADAPTIVE)
    assert feed.history.last == NOW - HOUR


def test_entries_without_a_date_came_when_they_were_seen() -> None:
    feed = poll(state(last_success=None), parsed(new=30), NOW - HOUR, ADAPTIVE)
    assert sum(feed.history.hours) == 0
    feed = poll(feed, parsed(body=b"2", new=2), NOW, ADAPTIVE)
    assert feed.history.last == NOW
    assert feed.history.hours[NOW.hour] == 2


def test_nothing_is_remembered_where_nothing_came() -> None:
    """What has not changed is not written: the row's history stays the same value."""
    feed = poll(state(last_success=None), parsed(), NOW, ADAPTIVE)
    for outcome in (not_modified(), fetched(), parsed(body=b"2")):
        assert poll(feed, outcome, NOW + HOUR, ADAPTIVE).history == feed.history


@given(st.lists(st.timedeltas(-10 * DAY, 100 * DAY), max_size=40), st.timedeltas(timedelta(), 90 * DAY))
def test_any_history_gives_an_interval_of_at_most_a_day(ages: list[timedelta], later: timedelta) -> None:
    known = remembered(History(), [NOW - age for age in ages], NOW)
    length = rhythm(known, NOW + later)
    assert length is None or timedelta() < length <= DAY
    assert expected_per_hour(known, NOW + later) >= 0


@given(st.integers(1, 30), st.integers(0, 23))
def test_more_news_never_means_fewer_requests(count: int, hour: int) -> None:
    start = NOW.replace(hour=hour)
    few = [start - number * 9 * HOUR for number in range(60)]
    many = [*few, *(start - number * 9 * HOUR - HOUR for number in range(count))]
    assert (rhythm(history(many), NOW + DAY) or DAY) <= (rhythm(history(few), NOW + DAY) or DAY) * 1.35


def test_a_feed_with_a_slow_rhythm_backs_off_from_the_configured_interval() -> None:
    slow = state(history=history(every(3 * DAY, 40 * DAY)))
    assert wait(poll(slow, failed(), NOW, ADAPTIVE)) < 34 * MINUTE
    assert wait(poll(slow, failed(), NOW, Settings(every=2 * HOUR))) >= 4 * HOUR


def test_a_time_in_the_future_is_now() -> None:
    assert remembered(History(), [NOW + 3 * DAY], NOW).last == NOW


@pytest.mark.parametrize(
    ("gap", "words"),
    [
        (90 * MINUTE, "about 16 entries a day"),
        (8 * HOUR, "about 3 entries a day, one in 2 hours now"),  # at the same three hours each day
        (DAY, "about one entry a day"),
        (7 * DAY, "about one entry in 5 days"),
    ],
)
def test_the_interval_says_what_it_comes_from(gap: timedelta, words: str) -> None:
    interval = wanted(state(history=history(every(gap, 56 * DAY))), ADAPTIVE, NOW)
    assert interval.why == f"its own rhythm: {words}"
    assert in_words(history(every(gap, 56 * DAY)), NOW) == words


def test_the_interval_says_what_is_expected_at_this_hour_where_that_is_not_as_usual() -> None:
    mornings = [NOW - day * DAY + hour * HOUR for day in range(1, 57) for hour in (-6, -5, -4) for _ in range(4)]
    feed = history(mornings)
    assert in_words(feed, NOW - 5 * HOUR).endswith("entries a day, 3 an hour now")
    assert in_words(feed, NOW + 6 * HOUR).startswith("about 1")
    assert "one in " in in_words(feed, NOW + 6 * HOUR)
