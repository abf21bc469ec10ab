"""Is it them or us? Polling rule 23."""

import pytest

from aggregator.model import FailureKind
from aggregator.scheduling.reach import Reach
from aggregator.scheduling.state import FeedState
from tests.scheduling.states import failed, not_modified, parsed, state, unreadable

LOST = failed(FailureKind.DNS)


def feed(host: str, **more: object) -> FeedState:
    return state(url=f"http://{host}.example/rss", **more)


def test_when_every_host_fails_we_are_offline() -> None:
    reach = Reach().after(feed("a"), LOST)
    assert not reach.offline
    assert reach.after(feed("b"), failed(FailureKind.TIMEOUT)).offline


@pytest.mark.parametrize("answer", [parsed(), not_modified(), unreadable(), failed(FailureKind.STATUS, status=500)])
def test_any_answer_at_all_means_that_we_are_not(answer: object) -> None:
    reach = Reach().after(feed("a"), LOST).after(feed("b"), LOST)
    assert not reach.after(feed("c"), answer).offline  # type: ignore[arg-type]


def test_one_host_with_many_feeds_is_that_host_failing() -> None:
    reach = Reach()
    for _ in range(9):
        reach = reach.after(feed("a"), LOST)
    assert not reach.offline


def test_at_the_start_nobody_has_answered_so_any_two_hosts_tell() -> None:
    reach = Reach().after(feed("a", last_success=None), LOST)
    assert not reach.offline
    assert reach.after(feed("b", errors=3), LOST).offline


def test_feeds_that_failed_before_say_nothing_about_our_line_once_a_host_has_answered() -> None:
    reach = Reach(answered=True)
    for name in "abcdef":
        reach = reach.after(feed(name, errors=3), LOST).after(feed(name, last_success=None), LOST)
    assert not reach.offline


def test_a_refusal_of_our_own_guard_says_nothing() -> None:
    lost = Reach().after(feed("a"), LOST).after(feed("b"), LOST)
    assert lost.after(feed("c"), failed(FailureKind.REFUSED)).offline
    assert lost.after(feed("c"), failed(FailureKind.PAUSED)).offline
