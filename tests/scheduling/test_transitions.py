"""How outcomes change a feed's state. Polling rules 14 to 28 and 32."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from aggregator.fetching.politeness import Priority
from aggregator.fetching.shown import basic
from aggregator.model import FailureKind, Validators
from aggregator.scheduling.intervals import due, earliest
from aggregator.scheduling.state import FeedState, Health, HostPause, Parsed, Settings, Unreadable
from aggregator.scheduling.transitions import after, attempt, request_for, unchanged
from tests.scheduling.states import (
    DAY,
    HELD,
    HOUR,
    MINUTE,
    NOW,
    PLAIN,
    URL,
    failed,
    fetched,
    hops,
    not_modified,
    parsed,
    poll,
    state,
    unreadable,
    wait,
)

NEW_URL = "http://new.example/rss"


def test_the_attempt_is_noted_before_the_request_so_that_a_crash_does_not_ask_early() -> None:
    crashed = attempt(state(next_check=NOW), NOW, PLAIN)
    assert crashed.last_attempt == NOW
    assert not due(crashed, NOW + 14 * MINUTE)
    assert due(crashed, NOW + 15 * MINUTE)


def test_a_persons_wish_does_not_beat_the_minimum() -> None:
    asked = poll(state(), not_modified())
    assert earliest(asked, PLAIN) == NOW + 15 * MINUTE
    assert earliest(asked, Settings(every=MINUTE)) == NOW + MINUTE
    assert earliest(FeedState(feed=1, url=URL), PLAIN) is None


def test_a_persons_wish_does_not_beat_retry_after() -> None:
    asked = poll(state(), failed(FailureKind.THROTTLED, retry_after=5 * HOUR))
    limit = earliest(asked, PLAIN)
    assert limit is not None
    assert limit >= NOW + 5 * HOUR


def test_the_same_body_with_new_validators_updates_them() -> None:
    first = poll(state(validators=HELD), parsed())
    again = fetched(validators=Validators(url=URL, etag='"3"'))
    assert unchanged(first, again)
    assert poll(first, again).validators == Validators(url=URL, etag='"3"')


def test_a_200_without_validators_deletes_the_old_ones() -> None:
    assert poll(state(validators=HELD), parsed(validators=None)).validators is None


def test_a_304_keeps_or_renews_validators() -> None:
    renewed = Validators(url=URL, etag='"9"')
    assert poll(state(validators=HELD), not_modified()).validators == HELD
    assert poll(state(validators=HELD), not_modified(validators=renewed)).validators == renewed


@pytest.mark.parametrize(
    "outcome", [unreadable(), failed(), failed(FailureKind.TRUNCATED), failed(FailureKind.TIMEOUT)]
)
def test_a_failure_keeps_the_last_good_validators_and_body(outcome: object) -> None:
    good = poll(state(), parsed(body=b"<good/>", validators=HELD))
    bad = poll(good, outcome, NOW + HOUR)  # type: ignore[arg-type]
    assert (bad.validators, bad.body_hash) == (HELD, good.body_hash)
    assert request_for(bad, NOW + DAY).validators == HELD


def broken_off(*published: datetime) -> Parsed:
    return replace(parsed(new=len(published), published=published, body=b"<rss>"), broke_off=True)


def test_a_document_that_breaks_off_keeps_the_last_good_validators_and_body() -> None:
    good = poll(state(), parsed(body=b"<good/>", validators=HELD))
    bad = poll(good, broken_off(NOW), NOW + HOUR)
    assert (bad.validators, bad.body_hash, bad.health) == (HELD, good.body_hash, Health.FAILING)
    assert "breaks off" in bad.reason


def test_a_document_that_always_breaks_off_is_asked_for_in_its_rhythm() -> None:
    """It is retried once as after an error; its entries count for the rhythm, and errors do not add up."""
    feed, now, waits = state(), NOW, []
    for _ in range(40):
        feed = poll(feed, broken_off(*(now - number * 10 * MINUTE for number in range(3))), now, Settings())
        assert (feed.errors, feed.last_new) == (1, now)
        waits.append((feed.next_check or now) - now)
        now += waits[-1]
    assert waits[0] >= 30 * MINUTE
    assert max(waits[1:]) < 20 * MINUTE
    assert poll(feed, parsed(), now).health is Health.FINE


def test_validators_are_asked_with_again() -> None:
    request = request_for(state(validators=HELD), NOW)
    assert (request.url, request.validators, request.now) == (URL, HELD, NOW)


def test_after_30_days_of_nothing_but_304s_one_request_is_unconditional() -> None:
    feed = poll(state(validators=HELD), parsed(validators=HELD))
    for day in range(30):
        assert request_for(feed, NOW + day * DAY).validators == HELD
        feed = poll(feed, not_modified(), NOW + day * DAY)
    assert request_for(feed, NOW + 30 * DAY).validators is None
    feed = poll(feed, fetched(validators=HELD), NOW + 30 * DAY)
    assert request_for(feed, NOW + 31 * DAY).validators == HELD


def test_errors_double_the_interval_up_to_64_times_and_success_ends_them() -> None:
    feed, now, waits = state(), NOW, []
    for _ in range(8):
        feed = poll(feed, failed(), now)
        waits.append(wait(feed, now) / (15 * MINUTE))
        assert feed.next_check is not None
        now = feed.next_check
    for got, expected in zip(waits, [2, 4, 8, 16, 32, 64, 64, 64], strict=True):
        assert expected <= got <= expected * 1.1
    assert (feed.health, feed.errors, feed.failing_since) == (Health.FAILING, 8, NOW)
    fine = poll(feed, not_modified(), now)
    assert (fine.health, fine.errors, fine.failing_since, fine.reason) == (Health.FINE, 0, None, "")
    assert wait(fine, now) < 17 * MINUTE


def test_back_off_ends_at_a_day_and_after_30_days_of_errors_at_a_week() -> None:
    hourly = Settings(interval=HOUR, adaptive=False)
    feed = state(errors=9, failing_since=NOW - 29 * DAY)
    assert 0.9 * DAY <= wait(poll(feed, failed(), NOW, hourly)) <= DAY
    feed = state(errors=40, failing_since=NOW - 31 * DAY)
    assert 6 * DAY <= wait(poll(feed, failed(), NOW, hourly)) <= 7 * DAY


def test_a_404_never_disables() -> None:
    feed, now = state(), NOW
    for _ in range(60):
        feed = poll(feed, failed(reason="404 Not Found", status=404), now)
        assert not feed.disabled
        assert feed.next_check is not None
        now = feed.next_check
    assert now - NOW > 60 * DAY


@pytest.mark.parametrize("kind", [FailureKind.DNS, FailureKind.CONNECT, FailureKind.TIMEOUT])
def test_offline_no_errors_are_counted(kind: FailureKind) -> None:
    feed = after(attempt(state(), NOW, PLAIN), failed(kind), NOW, PLAIN, offline=True)
    assert (feed.errors, feed.failing_since) == (0, None)
    assert 15 * MINUTE <= wait(feed) < 17 * MINUTE
    assert after(state(), failed(FailureKind.STATUS), NOW, PLAIN, offline=True).errors == 1


def test_retry_after_is_obeyed_and_never_shortened() -> None:
    feed = poll(state(), failed(FailureKind.THROTTLED, "429", retry_after=3 * HOUR))
    assert 3 * HOUR <= wait(feed) <= 3.3 * HOUR
    assert feed.not_before is not None
    assert feed.not_before >= NOW + 3 * HOUR
    assert "the server asked for it" in feed.why


def test_retry_after_is_at_most_a_day_and_at_least_the_minimum() -> None:
    assert wait(poll(state(), failed(FailureKind.THROTTLED, retry_after=40 * DAY))) < 27 * HOUR
    assert wait(poll(state(), failed(FailureKind.THROTTLED, retry_after=MINUTE))) >= 15 * MINUTE


def test_every_does_not_beat_retry_after() -> None:
    often = Settings(every=MINUTE)
    assert wait(poll(state(), failed(FailureKind.THROTTLED, retry_after=3 * HOUR), NOW, often)) >= 3 * HOUR


def test_a_429_without_retry_after_at_least_doubles_the_interval() -> None:
    once = poll(state(), failed(FailureKind.THROTTLED, "429"))
    twice = poll(once, failed(FailureKind.THROTTLED, "429"), NOW + HOUR)
    assert 30 * MINUTE <= wait(once) < 34 * MINUTE
    assert 60 * MINUTE <= wait(twice, NOW + HOUR) < 67 * MINUTE
    assert poll(twice, not_modified(), NOW + 3 * HOUR).throttled == 0


def test_a_server_that_throttles_again_after_a_short_pause_is_asked_ever_more_rarely() -> None:
    feed, now, waits = state(), NOW, []
    for _ in range(4):
        feed = poll(feed, failed(FailureKind.THROTTLED, "429", retry_after=MINUTE), now)
        waits.append(wait(feed, now) / (15 * MINUTE))
        assert feed.next_check is not None
        now = feed.next_check
    for got, expected in zip(waits, [1, 2, 4, 8], strict=True):
        assert expected <= got <= expected * 1.1
    assert "doubled" in feed.why
    once = poll(state(), failed(FailureKind.THROTTLED, "429", retry_after=timedelta()))
    assert wait(once) >= 30 * MINUTE


def test_who_throttled_is_remembered_as_the_host_that_answered() -> None:
    there = hops(302, target="http://cdn.example/rss")
    feed = poll(state(), failed(FailureKind.THROTTLED, "429", retry_after=2 * HOUR, hops=there))
    assert feed.pause == HostPause(host="cdn.example", until=NOW + 15 * MINUTE), "another host sent us there"
    own = hops(302, target="http://feeds.example/busy")
    feed = poll(state(), failed(FailureKind.THROTTLED, "429", retry_after=2 * HOUR, hops=own))
    assert feed.pause == HostPause(host="feeds.example", until=NOW + 2 * HOUR)
    unsaid = poll(state(), failed(FailureKind.THROTTLED, "429", waited=MINUTE))
    assert unsaid.pause == HostPause(host="feeds.example", until=NOW + 16 * MINUTE)
    assert poll(unsaid, not_modified(), NOW + HOUR).pause is None


def test_retry_after_on_another_error_is_a_lower_bound() -> None:
    assert wait(poll(state(), failed(retry_after=5 * HOUR))) >= 5 * HOUR
    assert wait(poll(state(), failed(retry_after=MINUTE))) >= 30 * MINUTE


def test_a_pause_of_the_host_is_no_error_of_the_feed() -> None:
    feed = poll(state(), failed(FailureKind.PAUSED, retry_after=2 * HOUR))
    assert (feed.errors, feed.health) == (0, state().health)
    assert 2 * HOUR <= wait(feed) <= 2.2 * HOUR
    assert feed.why == "its host asked for a pause"


def test_a_410_disables_at_the_second_sighting_a_day_after_the_first() -> None:
    first = poll(state(), failed(FailureKind.GONE, "410 Gone", status=410))
    assert (first.health, first.disabled) == (Health.GONE, False)
    assert wait(first) >= DAY
    early = poll(first, failed(FailureKind.GONE, "410 Gone"), NOW + 23 * HOUR)
    assert not early.disabled
    second = poll(first, failed(FailureKind.GONE, "410 Gone"), NOW + 24 * HOUR)
    assert second.disabled
    assert second.next_check is None
    assert not due(second, NOW + 900 * DAY)
    assert "entries stay" in second.reason


def test_a_410_behind_a_temporary_redirect_never_disables() -> None:
    feed = state()
    for day in range(5):
        gone = failed(FailureKind.GONE, "410 Gone", hops=hops(301, 302, target=NEW_URL))
        feed = poll(feed, gone, NOW + day * DAY)
    assert (feed.health, feed.disabled) == (Health.FAILING, False)
    permanent = failed(FailureKind.GONE, "410 Gone", hops=hops(301, target=NEW_URL))
    assert poll(state(), permanent).health is Health.GONE


def test_a_410_at_the_learned_url_has_the_configured_one_asked_again() -> None:
    feed = poll(state(learned_url=NEW_URL), failed(FailureKind.GONE, "410 Gone"))
    assert (request_for(feed, NOW).url, feed.disabled) == (URL, False)


def test_a_success_between_two_410s_starts_anew() -> None:
    first = poll(state(), failed(FailureKind.GONE))
    back = poll(first, not_modified(), NOW + DAY)
    assert not poll(back, failed(FailureKind.GONE), NOW + 2 * DAY).disabled


def test_a_403_is_asked_again_after_a_day() -> None:
    feed = poll(state(), failed(FailureKind.BLOCKED, "403 Forbidden: try user_agent"))
    assert feed.health is Health.BLOCKED
    assert "user_agent" in feed.reason
    assert 0.9 * DAY <= wait(feed) <= DAY
    assert (feed.interval, feed.why) == (DAY, "asked daily while blocked")


def test_a_challenge_page_in_place_of_the_feed_is_a_block() -> None:
    page = Unreadable(fetched=fetched(), kind=FailureKind.BLOCKED, reason="a challenge; try proxy")
    feed = poll(state(validators=HELD), page)
    assert (feed.health, feed.reason, feed.validators) == (Health.BLOCKED, "a challenge; try proxy", HELD)
    assert 0.9 * DAY <= wait(feed) <= DAY


def moved(feed: FeedState, hour: int, *statuses: int, target: str = NEW_URL) -> FeedState:
    now = NOW + hour * HOUR
    return poll(feed, parsed(target, hops=hops(*(statuses or (301,)), target=target)), now)


def test_a_permanent_redirect_is_stored_after_five_sightings_over_two_days() -> None:
    feed = state()
    for hour in (0, 12, 24, 36, 47):
        feed = moved(feed, hour)
        assert feed.learned_url is None
        assert request_for(feed, NOW).url == URL
    feed = moved(feed, 48)
    assert (feed.learned_url, feed.aliases, feed.health) == (NEW_URL, (URL,), Health.MOVED)
    assert NEW_URL in feed.reason
    assert request_for(feed, NOW).url == NEW_URL


@pytest.mark.parametrize(
    ("target", "command"),
    [
        (NEW_URL, f"feeds set 7 url={NEW_URL}`"),
        ("http://x.example/?a=1&b=2", "feeds set 7 'url=http://x.example/?a=1&b=2'`"),
        ("http://x.example/?token=abc", "feeds set 7 url=...`"),
    ],
)
def test_a_feed_that_has_moved_names_the_command_that_writes_it_down(target: str, command: str) -> None:
    feed = state()
    for hour in (0, 12, 24, 36, 49):
        feed = moved(feed, hour, target=target)
    assert (feed.health, command in feed.reason) == (Health.MOVED, True), feed.reason
    assert "abc" not in feed.reason


def test_four_sightings_are_not_enough() -> None:
    feed = state()
    for hour in (0, 24, 48, 72):
        feed = moved(feed, hour)
    assert feed.learned_url is None
    assert moved(feed, 96).learned_url == NEW_URL


@pytest.mark.parametrize("statuses", [(302,), (303,), (307,), (301, 302), (307, 308)])
def test_a_temporary_hop_anywhere_is_never_stored(statuses: tuple[int, ...]) -> None:
    feed = state()
    for hour in range(0, 240, 12):
        feed = moved(feed, hour, *statuses)
    assert feed.learned_url is None
    assert request_for(feed, NOW).url == URL


def test_another_target_starts_the_count_anew() -> None:
    feed = state()
    for hour in (0, 12, 24, 36):
        feed = moved(feed, hour)
    feed = moved(feed, 50, target="http://other.example/rss")
    assert feed.move is not None
    assert feed.move.sightings == 1
    assert moved(feed, 51).learned_url is None


def test_a_304_behind_a_permanent_redirect_is_a_sighting() -> None:
    feed = state()
    for hour in (0, 15, 30, 45, 60):
        feed = poll(feed, not_modified(NEW_URL, hops=hops(308, target=NEW_URL)), NOW + hour * HOUR)
    assert feed.learned_url == NEW_URL


def test_a_permanent_redirect_to_a_page_is_an_error_and_never_stored() -> None:
    feed = state(validators=HELD)
    for hour in range(0, 240, 12):
        feed = poll(feed, unreadable("http://parked.example/", hops=hops(301, target="x")), NOW + hour * HOUR)
    assert (feed.learned_url, feed.move, feed.validators) == (None, None, HELD)
    assert "it has moved to http://parked.example/, which is no feed" in feed.reason


def test_when_the_learned_url_fails_the_configured_one_is_tried_now_and_then() -> None:
    feed, now, asked = state(learned_url=NEW_URL), NOW, []
    for _ in range(5):
        asked.append(request_for(feed, now).url)
        feed = poll(feed, failed(), now)
        now += DAY
    assert asked == [NEW_URL] * 3 + [URL, NEW_URL]


def test_a_configured_url_that_answers_itself_again_is_kept() -> None:
    feed = state(learned_url=NEW_URL, errors=3)
    assert request_for(feed, NOW).url == URL
    assert poll(feed, parsed()).learned_url is None


def test_credentials_stay_with_the_origin_that_they_were_given_for() -> None:
    url = "http://me:w0rd@feeds.example/rss"
    assert request_for(state(url=url), NOW).authorization == basic("me", "w0rd")
    assert request_for(state(url=url, learned_url="http://feeds.example/new"), NOW).authorization == basic("me", "w0rd")
    assert request_for(state(url=url, learned_url=NEW_URL), NOW).authorization is None


def test_feeds_that_are_new_or_fail_wait_in_their_own_queue() -> None:
    assert request_for(state(), NOW).priority is Priority.STEADY
    assert request_for(state(last_success=None), NOW).priority is Priority.NEW_OR_FAILING
    assert request_for(state(errors=1), NOW).priority is Priority.NEW_OR_FAILING


def test_a_slow_answer_makes_the_feed_slow_and_not_failing() -> None:
    feed = poll(state(), parsed(elapsed=timedelta(seconds=14)))
    assert (feed.health, feed.errors) == (Health.SLOW, 0)
    assert "14 s" in feed.reason


def test_what_was_learnt_when_is_noted() -> None:
    feed = poll(state(), parsed(new=3))
    assert (feed.last_success, feed.last_new, feed.last_full, feed.answered_url) == (NOW, NOW, NOW, URL)
    later = poll(feed, not_modified(), NOW + HOUR)
    assert (later.last_success, later.last_new, later.last_full) == (NOW + HOUR, NOW, NOW)


def test_a_learned_url_leaves_no_secret_among_the_aliases() -> None:
    feed = state(url="http://me:w0rd@feeds.example/rss")
    for hour in (0, 15, 30, 45, 60):
        feed = moved(feed, hour)
    assert feed.aliases == (URL,)


@pytest.mark.parametrize(
    "outcome",
    [
        parsed(waited=5 * MINUTE, elapsed=MINUTE),
        not_modified(waited=5 * MINUTE, elapsed=MINUTE),
        failed(waited=5 * MINUTE, elapsed=MINUTE),
        failed(FailureKind.THROTTLED, retry_after=15 * MINUTE, waited=5 * MINUTE, elapsed=MINUTE),
    ],
)
def test_what_a_queue_delayed_is_not_asked_again_before_the_minimum(outcome: object) -> None:
    feed = poll(state(), outcome)  # type: ignore[arg-type]
    assert wait(feed) >= 21 * MINUTE
    assert feed.not_before is None or feed.not_before >= NOW + 21 * MINUTE
