"""What fails over and over is said once."""

import logging

import pytest

from aggregator.errors import StoreError
from aggregator.pipeline.outages import AGAIN, APART, CALM, Outages


@pytest.fixture
def told(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    caplog.set_level(logging.INFO)
    return caplog


def test_an_outage_is_said_when_it_begins_once_an_hour_and_when_it_is_over(told: pytest.LogCaptureFixture) -> None:
    outages = Outages()
    for second in range(0, int(2 * AGAIN), 2):
        outages.failed("settle", StoreError("a.db: full"), now=float(second))
    outages.over("settle", 2 * AGAIN + CALM)
    outages.over("settle", 2 * AGAIN + CALM)
    assert told.messages == ["a.db: full", "a.db: full", "settle works again"]


def test_an_outage_of_what_is_tried_now_and_then_is_not_over_in_between(told: pytest.LogCaptureFixture) -> None:
    outages = Outages()
    for second in range(0, 600, 2):
        if second % 30:
            outages.over("settle", float(second))  # there was nothing to publish
        else:
            outages.failed("settle", StoreError("a.db: full"), now=float(second))
    assert told.messages == ["a.db: full"]


def test_messages_that_differ_are_a_minute_apart(told: pytest.LogCaptureFixture) -> None:
    outages = Outages()
    for second in range(int(APART) + 1):
        outages.failed("poll", StoreError(f"the {second}th"), now=float(second))
    assert told.messages == ["the 0th", f"the {APART:.0f}th"]


def test_what_works_does_not_hide_what_fails(told: pytest.LogCaptureFixture) -> None:
    outages = Outages()
    outages.failed("settle", StoreError("full"), now=0.0)
    outages.over("tick")
    outages.failed("tick", StoreError("full"), now=1.0)
    assert told.messages == ["full", "full"]


def test_our_own_mistakes_have_a_traceback_and_the_operators_have_none(told: pytest.LogCaptureFixture) -> None:
    outages = Outages()
    outages.failed("settle", StoreError("full"), now=0.0)
    outages.failed("tick", KeyError("x"), now=0.0)
    assert [record.exc_info is not None for record in told.records] == [False, True]
