"""How long until the next check. Polling rules 18, 20, 30, 33, 44."""

from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from traceback import format_exception

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.errors import StoreError
from aggregator.scheduling.intervals import (
    backed_off,
    brought_forward,
    due,
    forwarded,
    fraction,
    jittered,
    out_of_window,
    rebased,
    retried,
    spread,
    wanted,
)
from aggregator.scheduling.state import (
    FeedState,
    Health,
    Hints,
    HostPause,
    Settings,
    Standing,
    dumped,
    loaded,
    standing,
)
from tests.scheduling.states import (
    DAY,
    HELD,
    HOUR,
    MINUTE,
    NOW,
    PLAIN,
    URL,
    failed,
    fresh,
    hops,
    not_modified,
    parsed,
    poll,
    state,
    wait,
)


@pytest.mark.parametrize(
    ("lifetime", "ttl", "minutes", "why"),
    [
        (None, None, 15, "polling.interval"),
        (5 * MINUTE, 5 * MINUTE, 15, "polling.interval"),
        (40 * MINUTE, None, 40, "its Cache-Control"),
        (None, 60 * MINUTE, 60, "its ttl"),
        (40 * MINUTE, 60 * MINUTE, 60, "its ttl"),
        (60 * MINUTE, 40 * MINUTE, 60, "its Cache-Control"),
        (400 * DAY, None, 1440, "its Cache-Control, at most a day"),
    ],
)
def test_the_longest_of_own_interval_cache_control_and_ttl_counts_up_to_a_day(
    lifetime: timedelta | None, ttl: timedelta | None, minutes: int, why: str
) -> None:
    interval = wanted(state(lifetime=lifetime, hints=Hints(ttl=ttl)), PLAIN, NOW)
    assert (interval.length, interval.why) == (minutes * MINUTE, why)


def test_no_interval_is_under_the_minimum() -> None:
    settings = Settings(interval=5 * MINUTE, minimum=20 * MINUTE, adaptive=False)
    assert wanted(state(), settings, NOW).length == 20 * MINUTE


@pytest.mark.parametrize("every", [MINUTE, 2 * HOUR, 3 * DAY])
def test_every_beats_what_publishers_say(every: timedelta) -> None:
    feed = state(lifetime=7 * HOUR, hints=Hints(ttl=9 * HOUR, skip_hours=frozenset(range(24))))
    settings = Settings(every=every)
    assert wanted(feed, settings, NOW).length == every
    assert wanted(feed, settings, NOW).why == "set by `every`"
    assert wait(poll(feed, parsed(), NOW, settings)) >= every * 0.9


def test_the_answer_of_today_replaces_that_of_yesterday() -> None:
    feed = poll(state(), parsed(freshness=fresh(3 * HOUR), hints=Hints(ttl=2 * HOUR)))
    assert feed.interval == 3 * HOUR
    assert poll(feed, parsed(), NOW + DAY).interval == 15 * MINUTE


def test_a_304_that_does_not_say_how_long_it_holds_leaves_that_as_it_was() -> None:
    feed = poll(state(), parsed(freshness=fresh(3 * HOUR)))
    assert poll(feed, not_modified(), NOW + DAY).interval == 3 * HOUR
    assert poll(feed, not_modified(freshness=fresh(HOUR)), NOW + DAY).interval == HOUR


@given(
    st.timedeltas(timedelta(minutes=1), timedelta(days=30)),
    st.integers(1, 10**6),
    st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1)).map(lambda time: time.replace(tzinfo=UTC)),  # noqa: DTZ001  # hypothesis takes naive bounds
    st.timedeltas(timedelta(minutes=1), timedelta(hours=1)),
)
def test_jitter_is_a_tenth_at_most_and_never_under_the_minimum(
    length: timedelta, feed: int, now: datetime, floor: timedelta
) -> None:
    result = jittered(length, feed, now, floor)
    assert result >= floor
    assert result == floor or 0.9 * length <= result <= 1.1 * length
    assert result == jittered(length, feed, now, floor)
    if length * 1.1 <= DAY:
        assert result >= length


def test_feeds_of_one_interval_part_ways() -> None:
    first = [wait(poll(FeedState(feed=number, url=URL), parsed())) for number in range(100)]
    assert min(first) >= 15 * MINUTE
    assert max(first) <= 32 * MINUTE
    assert max(first) - min(first) > 10 * MINUTE


@given(st.timedeltas(MINUTE, DAY), st.integers(0, 10**9), st.timedeltas(timedelta(), 400 * DAY))
def test_back_off_is_between_the_interval_and_a_week(base: timedelta, errors: int, failing_for: timedelta) -> None:
    result = backed_off(base, errors, failing_for)
    assert base <= result <= 7 * DAY
    assert result <= DAY or failing_for >= 30 * DAY


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("when", "hours", "days", "moved"),
    [
        ("2026-03-04 12:20", set(), set(), "2026-03-04 12:20"),
        ("2026-03-04 12:20", {13}, {6}, "2026-03-04 12:20"),
        ("2026-03-04 12:20", {12}, set(), "2026-03-04 13:00"),
        ("2026-03-04 22:59", {22, 23, 0, 1}, set(), "2026-03-05 02:00"),
        ("2026-03-04 12:20", set(), {2}, "2026-03-05 00:00"),
        ("2026-03-04 12:20", {0, 1}, {2}, "2026-03-05 02:00"),
        ("2026-03-07 10:00", set(), {5, 6}, "2026-03-08 10:00"),
        ("2026-03-04 12:20", set(range(24)), set(), "2026-03-05 12:20"),
    ],
)
def test_skipped_hours_and_days_are_waited_out_by_at_most_a_day(
    when: str, hours: set[int], days: set[int], moved: str
) -> None:
    hints = Hints(skip_hours=frozenset(hours), skip_days=frozenset(days))
    assert out_of_window(at(when), hints) == at(moved)


def test_skipped_hours_move_the_next_check() -> None:
    feed = poll(state(), parsed(hints=Hints(skip_hours=frozenset({12, 13}))))
    assert feed.next_check == NOW + 2 * HOUR


def test_a_feed_never_asked_is_due_at_once() -> None:
    assert due(FeedState(feed=1, url=URL), NOW)


def overdue(count: int) -> list[FeedState]:
    return [state(feed=number, next_check=NOW - HOUR, last_attempt=NOW - DAY) for number in range(count)]


def test_a_start_with_200_overdue_feeds_spreads_nothing() -> None:
    assert spread(overdue(200), NOW, PLAIN) == []


def test_a_start_with_more_overdue_feeds_spreads_the_known_over_15_minutes() -> None:
    known, new = overdue(300), [FeedState(feed=1000 + number, url=URL) for number in range(50)]
    moved = spread([*known, *new], NOW, Settings(interval=HOUR))
    assert {feed.feed for feed in moved} == set(range(300))
    waits = sorted(wait(feed) for feed in moved)
    assert timedelta() <= waits[0]
    assert waits[-1] < 15 * MINUTE
    assert waits[75] < 6 * MINUTE < 9 * MINUTE < waits[225]
    assert list(moved) == list(spread([*known, *new], NOW, Settings(interval=HOUR)))


def test_a_short_interval_is_the_most_that_a_start_spreads_over() -> None:
    assert max(wait(feed) for feed in spread(overdue(300), NOW, Settings(interval=5 * MINUTE))) < 5 * MINUTE


def test_a_clock_set_back_a_day_brings_no_silence() -> None:
    feed = poll(state(), parsed())
    yesterday = NOW - DAY
    back = rebased(feed, yesterday)
    assert wait(back, yesterday) == wait(feed)
    assert back.last_attempt == yesterday
    assert rebased(feed, NOW + HOUR) is feed


@given(st.integers(1, 10**6), st.text(max_size=10))
def test_the_hash_of_a_feed_lies_between_0_and_1(feed: int, salt: str) -> None:
    assert 0 <= fraction(feed, salt) < 1


def test_a_state_survives_its_row() -> None:
    feed = poll(state(validators=HELD), parsed(new=2, published=[NOW - HOUR], hints=Hints(skip_days=frozenset({5}))))
    feed = poll(feed, parsed("http://b.example/", hops=hops(301, target="http://b.example/")), NOW + HOUR)
    feed = poll(feed, failed(retry_after=HOUR), NOW + 2 * HOUR)
    assert loaded(dumped(feed)) == feed
    assert len(dumped(feed)) < 2000
    assert loaded('{"feed": 1, "url": "u", "of_a_later_version": 1}') == FeedState(feed=1, url="u")


def test_a_shorter_every_holds_from_the_last_attempt_on() -> None:
    daily = state(last_attempt=NOW - HOUR, next_check=NOW + 23 * HOUR, interval=DAY)
    assert brought_forward(daily, Settings(every=2 * HOUR)).next_check == NOW + HOUR
    assert brought_forward(daily, Settings(every=MINUTE)).next_check == NOW - HOUR + MINUTE
    for unchanged in (Settings(), Settings(every=2 * DAY)):
        assert brought_forward(daily, unchanged) == daily
    for kept in (replace(daily, errors=1), replace(daily, throttled=1)):
        assert brought_forward(kept, Settings(every=MINUTE)) == kept


def test_taken_up_again_an_every_changes_nothing() -> None:
    often = brought_forward(state(last_attempt=NOW, next_check=NOW + DAY, interval=DAY), Settings(every=HOUR))
    assert brought_forward(often, Settings(every=HOUR)) == often


def test_a_feed_that_a_person_wants_is_asked_as_soon_as_politeness_lets_it() -> None:
    blocked = state(health=Health.BLOCKED, errors=3, last_attempt=NOW - HOUR, next_check=NOW + DAY)
    assert retried(blocked, Settings(), NOW).next_check == NOW
    assert retried(replace(blocked, last_attempt=NOW - MINUTE), Settings(), NOW).next_check == NOW + 14 * MINUTE
    assert retried(replace(blocked, not_before=NOW + HOUR), Settings(), NOW).next_check == NOW + HOUR
    gone = retried(replace(blocked, health=Health.DISABLED, gone_seen=NOW - DAY, next_check=None), Settings(), NOW)
    assert (gone.disabled, gone.gone_seen, due(gone, NOW)) == (False, None, True)


@pytest.mark.parametrize("more", ['"reason":4}', '"health":"odd', '"errors":"http://me:w0rd@h.example/"}'])
def test_a_state_that_cannot_be_read_is_an_error_that_does_not_repeat_it(more: str) -> None:
    text = '{"feed":1,"url":"http://me:w0rd@h.example/",' + more
    with pytest.raises(StoreError, match="cannot be read") as caught:
        loaded(text)
    assert "w0rd" not in "".join(format_exception(caught.value))


@pytest.mark.parametrize(
    "more",
    ['"health":"odd', '"errors":"http://me:w0rd@h.example/"}', '"interval":"1h"}', '"next_check":"soon"}', '"why":1}]'],
)
def test_a_state_that_cannot_be_read_in_short_is_an_error_that_does_not_repeat_it(more: str) -> None:
    for text in ('{"feed":1,"url":"http://me:w0rd@h.example/",' + more, '["http://me:w0rd@h.example/"]'):
        with pytest.raises(StoreError, match="cannot be read") as caught:
            standing(text)
        assert "w0rd" not in "".join(format_exception(caught.value))


@given(st.timedeltas(timedelta(days=-2000), timedelta(days=2000)))
def test_any_interval_is_read_in_short(interval: timedelta) -> None:
    assert standing(dumped(state(interval=interval))).interval == interval


def test_a_state_in_short_has_the_defaults_of_a_whole_one() -> None:
    whole = loaded('{"feed":1,"url":"http://h.example/"}')
    short = standing('{"feed":1,"url":"http://h.example/","of_a_later_version":1}')
    assert short == Standing(**{part.name: getattr(whole, part.name) for part in fields(Standing)})
    assert standing('{"health":"napping"}').health is Health.FAILING


def test_a_clock_set_forward_while_we_ran_keeps_the_waits() -> None:
    pause = HostPause(host="h", until=NOW + HOUR)
    feed = state(last_attempt=NOW, next_check=NOW + HOUR, not_before=NOW + HOUR, pause=pause)
    moved = forwarded(feed, DAY)
    assert (moved.last_attempt, moved.next_check, moved.not_before) == (NOW + DAY, NOW + 25 * HOUR, NOW + 25 * HOUR)
    assert moved.pause == HostPause(host="h", until=NOW + 25 * HOUR)
    assert rebased(moved, NOW).next_check == feed.next_check
    never = FeedState(feed=1, url=URL)
    assert forwarded(never, DAY) == never


def test_a_feed_that_failed_while_the_clock_was_years_behind_has_not_failed_for_years() -> None:
    feed = poll(state(), failed())
    after = forwarded(replace(feed, gone_seen=NOW), 50 * 365 * DAY)
    assert (after.failing_since, after.gone_seen) == (NOW + 50 * 365 * DAY, NOW + 50 * 365 * DAY)


def test_a_state_word_of_a_newer_version_is_a_feed_in_trouble() -> None:
    assert loaded('{"feed":1,"url":"http://h.example/","health":"napping"}').health is Health.FAILING
