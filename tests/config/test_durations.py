from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.config import format_duration, parse_duration


@given(st.integers(0, 36_500 * 86_400))
def test_what_is_printed_is_read_back(seconds: int) -> None:
    assert parse_duration(format_duration(timedelta(seconds=seconds))) == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("90s", 90), ("15m", 900), ("1h30m", 5_400), ("48h", 172_800), ("2w", 1_209_600), (" 1D 2H ", 93_600), ("0", 0)],
)
def test_durations_are_read_as_people_write_them(text: str, seconds: int) -> None:
    assert parse_duration(text) == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("duration", "text"),
    [
        (timedelta(hours=48), "48h"),
        (timedelta(days=90), "90d"),
        (timedelta(minutes=90), "1h30m"),
        (timedelta(), "0m"),
    ],
)
def test_durations_are_printed_as_people_write_them(duration: timedelta, text: str) -> None:
    assert format_duration(duration) == text


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("15", "has no unit; write 15m"),
        ("", "not a duration"),
        ("m", "not a duration"),
        ("1m1h", "not a duration"),  # the largest unit first
        ("-1h", "not a duration"),
        ("1.5h", "not a duration"),
        ("1h\n", None),
        ("١٥m", "not a duration"),  # digits of another script
        ("9" * 400, "has no unit"),
        ("999999999w", "longer than a century"),
        ("36501d", "longer than a century"),
    ],
)
def test_what_is_no_duration_is_refused(text: str, message: str | None) -> None:
    if message is None:
        assert parse_duration(text) == timedelta(hours=1)
        return
    with pytest.raises(ValueError, match=message):
        parse_duration(text)
