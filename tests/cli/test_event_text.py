"""How text for a terminal says when something was."""

from datetime import UTC, datetime, timedelta

import pytest

from aggregator.cli.event_text import ago

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("span", "told"),
    [
        (timedelta(seconds=-5), "now"),
        (timedelta(seconds=59), "now"),
        (timedelta(minutes=61), "1h ago"),
        (timedelta(days=29, hours=23), "29d ago"),
        (timedelta(days=30), "2026-01-30"),
        (timedelta(days=1905), "2020-12-12"),
    ],
)
def test_a_span_is_told_until_a_date_says_more(span: timedelta, told: str) -> None:
    assert ago(NOW - span, NOW) == told
