"""Freshness, Retry-After, validators. Polling rules 13, 15, 20, 21."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.fetching import headers as said
from aggregator.model import Validators

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)


def lifetime(*fields: tuple[str, str]) -> timedelta | None:
    return said.freshness(fields).lifetime


@pytest.mark.parametrize(
    ("cache_control", "minutes"),
    [
        ("max-age=600", 10),
        ("public, max-age=600", 10),
        ("public,max-age=600,must-revalidate", 10),
        ("MAX-AGE=600", 10),
        ('max-age="600"', 10),
        ("max-age = 600", 10),
        ("max-age=600, max-age=1200", 10),
        ("s-maxage=9000, max-age=600", 10),
        ('private="x, max-age=9000", max-age=600', 10),
        ("max-age=0", 0),
        ("s-maxage=600", None),
        ("no-cache, max-age=600", None),
        ("max-age=600, no-cache", None),
        ("no-store, max-age=600", None),
        ("max-age", None),
        ("max-age=", None),
        ("max-age=-5", None),
        ("max-age=1.5", None),
        ("max-age=٣٠٠", None),
        ("max-age=600s", None),
        ("", None),
        (",,,;=", None),
    ],
)
def test_max_age_is_read_and_nothing_else(cache_control: str, minutes: int | None) -> None:
    expected = None if minutes is None else timedelta(minutes=minutes)
    assert lifetime(("cache-control", cache_control)) == expected


def test_age_is_taken_off() -> None:
    assert lifetime(("cache-control", "max-age=600"), ("age", "200")) == timedelta(seconds=400)
    assert lifetime(("cache-control", "max-age=600"), ("age", "900")) == timedelta()
    assert lifetime(("cache-control", "max-age=600"), ("age", "soon")) == timedelta(seconds=600)


def test_cache_control_on_several_lines_is_one() -> None:
    assert lifetime(("cache-control", "public"), ("cache-control", "max-age=60")) == timedelta(minutes=1)
    assert lifetime(("cache-control", "max-age=60"), ("cache-control", "no-cache")) is None


def test_a_header_made_to_be_read_slowly_is_read_at_once() -> None:
    slow = "a" * 660 + " " * 1300 + '"'  # a minute and more, were each of its parts tried with each
    assert lifetime(*[("cache-control", slow)] * 30) is None


def test_without_max_age_expires_minus_date_counts() -> None:
    date, later = format_datetime(NOW, usegmt=True), format_datetime(NOW + timedelta(hours=1), usegmt=True)
    assert lifetime(("date", date), ("expires", later)) == timedelta(hours=1)
    assert lifetime(("date", later), ("expires", date)) == timedelta()
    assert lifetime(("expires", later)) is None
    assert lifetime(("date", date), ("expires", "0")) is None
    assert lifetime(("date", date), ("expires", "-1")) is None
    assert lifetime(("date", date), ("expires", later), ("cache-control", "max-age=60")) == timedelta(minutes=1)
    assert lifetime(("date", date), ("expires", later), ("cache-control", "no-cache")) is None


def test_retry_after_is_seconds_or_a_date_by_the_servers_clock() -> None:
    server = NOW - timedelta(days=400)
    until = format_datetime(server + timedelta(minutes=7), usegmt=True)
    assert said.retry_after([("retry-after", "120")], NOW) == timedelta(minutes=2)
    dated = [("retry-after", until), ("date", format_datetime(server, usegmt=True))]
    assert said.retry_after(dated, NOW) == timedelta(minutes=7)
    by_our_clock = [("retry-after", format_datetime(NOW + timedelta(minutes=3), usegmt=True))]
    assert said.retry_after(by_our_clock, NOW) == timedelta(minutes=3)
    assert said.retry_after([("retry-after", until)], NOW) == timedelta()


@pytest.mark.parametrize("text", ["", "soon", "-5", "1.5", "never", "²", "Mon, 99 Foo 2026"])
def test_a_retry_after_that_cannot_be_read_is_none(text: str) -> None:
    assert said.retry_after([("retry-after", text)], NOW) is None


def test_there_is_no_retry_after_without_the_header() -> None:
    assert said.retry_after([], NOW) is None


@given(st.text(max_size=60), st.text(max_size=60), st.text(max_size=60))
def test_any_text_in_any_header_gives_a_sane_duration_or_none(one: str, two: str, three: str) -> None:
    fields = [("cache-control", one), ("age", two), ("expires", three), ("date", two), ("retry-after", three)]
    for result in (said.freshness(fields).lifetime, said.retry_after(fields, NOW)):
        assert result is None or timedelta() <= result <= timedelta(days=3650)


@given(st.integers(0, 10**30), st.integers(0, 10**30))
def test_any_number_of_seconds_is_clamped_and_not_an_overflow(age: int, limit: int) -> None:
    result = lifetime(("cache-control", f"max-age={limit}"), ("age", str(age)))
    assert result is not None
    assert timedelta() <= result <= timedelta(days=3650)
    NOW + result


@given(st.integers(631_152_000, 3_786_912_000), st.integers(0, 10**6))
def test_a_date_in_retry_after_means_the_same_as_seconds(stamp: int, seconds: int) -> None:
    date = datetime.fromtimestamp(stamp, UTC)
    until = format_datetime(date + timedelta(seconds=seconds), usegmt=True)
    fields = [("date", format_datetime(date, usegmt=True)), ("retry-after", until)]
    assert said.retry_after(fields, NOW) == said.retry_after([("retry-after", str(seconds))], NOW)


OPAQUE = st.none() | st.text(st.characters(min_codepoint=33, max_codepoint=255), min_size=1, max_size=30)


@given(OPAQUE, OPAQUE, OPAQUE, OPAQUE)
def test_a_304_changes_only_the_validators_that_it_carries(
    etag: str | None, modified: str | None, new_etag: str | None, new_modified: str | None
) -> None:
    known = Validators(url="u", etag=etag, last_modified=modified)
    fields = [(name, text) for name, text in (("etag", new_etag), ("last-modified", new_modified)) if text]
    kept = said.validators(fields, "u", known)
    assert (kept.etag if kept else None) == (new_etag or etag)
    assert (kept.last_modified if kept else None) == (new_modified or modified)


def test_validators_of_another_url_fill_in_nothing() -> None:
    known = Validators(url="other", etag='"1"')
    assert said.validators([], "u", known) is None
