"""A wall clock that is set. Polling rule 44."""

from datetime import timedelta

import pytest

from aggregator.scheduling.clock_watch import ClockWatch
from tests.scheduling.states import DAY, HOUR, MINUTE, NOW

SECONDS = DAY.total_seconds()


def test_time_that_passes_is_no_jump() -> None:
    watch = ClockWatch()
    watch.look(NOW, 100.0)
    assert watch.look(NOW + HOUR, 3_700.0) == timedelta()
    assert not watch.doubted(3_700.0)


@pytest.mark.parametrize("by", [-DAY, -HOUR, MINUTE, DAY])
def test_a_jump_is_told_once(by: timedelta) -> None:
    watch = ClockWatch()
    watch.look(NOW, 100.0)
    assert watch.look(NOW + by, 100.0) == by
    assert watch.look(NOW + by, 100.0) == timedelta()


@pytest.mark.parametrize(("by", "doubted"), [(DAY, False), (3 * DAY, True), (-3 * DAY, False)])
def test_a_clock_set_forward_by_days_is_doubted_for_a_day(by: timedelta, doubted: bool) -> None:
    watch = ClockWatch()
    watch.look(NOW, 0.0)
    watch.look(NOW + by, 0.0)
    assert watch.doubted(SECONDS - 1) is doubted
    assert not watch.doubted(SECONDS)


def test_a_machine_that_starts_years_ahead_deletes_nothing_at_first(caplog: pytest.LogCaptureFixture) -> None:
    watch = ClockWatch()
    watch.began(NOW, None, 0.0)
    watch.began(NOW, NOW - DAY, 0.0)
    assert not watch.doubted(1.0)
    watch.began(NOW + 3650 * DAY, NOW, 0.0)
    assert watch.doubted(1.0)
    assert caplog.messages == ["the clock is 3650 days after the last poll; nothing old is deleted for a day"]
