"""Subscriptions that end at one document. Polling rule 43."""

from dataclasses import replace

import pytest

from aggregator.scheduling.state import Health
from aggregator.scheduling.twins import left_alone, look_after, stood_back, twins
from tests.scheduling.states import DAY, HOUR, NOW, state


@pytest.mark.parametrize(
    "other",
    [
        "https://feeds.example/rss",
        "http://www.feeds.example/rss",
        "http://feeds.example/rss/",
        "http://FEEDS.example/rss",
    ],
)
def test_two_subscriptions_that_end_at_one_url_are_one(other: str) -> None:
    one = state(feed=1, answered_url="http://feeds.example/rss")
    assert twins([state(feed=2, url="http://old.example/", answered_url=other), one]) == {2: 1}


def test_other_documents_of_a_host_are_others() -> None:
    urls = [
        "http://feeds.example/rss",
        "http://feeds.example/rss?lang=en",
        "http://feeds.example/sport",
        "http://feeds.example:81/rss",
    ]
    assert twins(state(feed=number, answered_url=url) for number, url in enumerate(urls)) == {}


def test_a_feed_that_fails_stands_in_for_nobody() -> None:
    failing = state(feed=1, answered_url="http://feeds.example/rss", errors=2)
    fine = state(feed=2, answered_url="http://feeds.example/rss")
    assert twins([failing, fine]) == {1: 2}


def test_of_two_that_fail_neither_waits_for_the_other() -> None:
    url = "http://feeds.example/rss"
    gone, failing = state(feed=1, url=url, health=Health.DISABLED), state(feed=2, answered_url=url, errors=1)
    assert twins([gone, failing]) == {}
    assert twins([state(feed=1, answered_url=url, errors=3), failing]) == {}


def test_a_disabled_feed_is_nobodys_twin() -> None:
    disabled = state(feed=1, health=Health.DISABLED)
    assert twins([disabled, state(feed=2)]) == {}


def test_who_brought_the_document_goes_on_whoever_was_subscribed_first() -> None:
    late = state(feed=1, url="http://old.example/", answered_url="http://feeds.example/rss")
    known = state(feed=2, url="http://feeds.example/rss", body_hash="1")
    assert twins([late, known]) == {1: 2}
    moved = replace(late, body_hash="1", learned_url="http://feeds.example/rss")
    assert twins([moved, known]) == {2: 1}


def test_a_redirect_that_may_be_for_a_while_silences_no_feed_that_answers_from_its_own_url() -> None:
    redirected = state(feed=1, url="http://old.example/", answered_url="http://feeds.example/rss", body_hash="1")
    assert twins([redirected, state(feed=2, url="http://feeds.example/rss", body_hash="2")]) == {1: 2}


def test_a_redirected_feed_is_looked_at_ever_more_rarely_and_one_that_never_had_a_document_daily() -> None:
    had = state(body_hash="1", interval=HOUR)
    waits = []
    for _ in range(7):
        waits.append(look_after(had))
        had = stood_back(had, 2, "another", NOW, waits[-1])
    assert waits == [HOUR, 2 * HOUR, 4 * HOUR, 8 * HOUR, 16 * HOUR, DAY, DAY]
    assert look_after(state(interval=HOUR)) == DAY


def test_who_stood_back_for_a_feed_that_fails_or_has_its_own_document_again_is_called_back() -> None:
    url = "http://feeds.example/rss"
    other = state(feed=1, url="http://www.feeds.example/rss", answered_url=url, body_hash="1")
    back = stood_back(state(feed=2, url=url, answered_url=url), 1, "another", NOW)
    assert left_alone([other, back], 1) == []
    assert left_alone([replace(other, errors=1), back], 1) == [back]
    assert left_alone([replace(other, answered_url="http://feeds.example/own"), back], 1) == [back]
    assert left_alone([replace(other, errors=1), replace(back, stands_back=3)], 1) == []
