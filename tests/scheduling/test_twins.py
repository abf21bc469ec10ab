"""Subscriptions that end at one document. Polling rule 43."""

from dataclasses import replace

import pytest

from aggregator.scheduling.state import Health
from aggregator.scheduling.twins import twins
from tests.scheduling.states import state


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


def test_a_disabled_feed_is_nobodys_twin() -> None:
    disabled = state(feed=1, health=Health.DISABLED)
    assert twins([disabled, state(feed=2)]) == {}


def test_who_brought_the_document_goes_on_whoever_was_subscribed_first() -> None:
    late = state(feed=1, url="http://old.example/", answered_url="http://feeds.example/rss")
    known = state(feed=2, url="http://feeds.example/rss", body_hash="1")
    assert twins([late, known]) == {1: 2}
    assert twins([replace(late, body_hash="1"), known]) == {2: 1}
