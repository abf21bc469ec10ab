"""Dates as feeds write them."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.parsing.dates import parse, plausible, sort_time

SEEN = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("Mon, 02 Jan 2006 15:04:05 GMT", "2006-01-02T15:04:05"),
        ("Mon, 02 Jan 2006 15:04:05 +0700", "2006-01-02T08:04:05"),
        ("Mon, 02 Jan 2006 15:04:05 -07:00", "2006-01-02T22:04:05"),
        ("Mon, 02 Jan 2006 15:04:05 GMT+0200", "2006-01-02T13:04:05"),
        ("Mon, 02 Jan 2006 15:04:05 EST", "2006-01-02T20:04:05"),
        ("2 Jan 06 15:04 UT", "2006-01-02T15:04:00"),
        ("Monday, 02-Jan-06 15:04:05 GMT", "2006-01-02T15:04:05"),
        ("Mon Jan  2 15:04:05 2006", "2006-01-02T15:04:05"),
        ("Mon,02 Jan 2006 15:04:05GMT", "2006-01-02T15:04:05"),
        ("Thu, 31 Dec 1998 23:59:60 GMT", "1998-12-31T23:59:59"),
        ("Fri, 13 Nov 2020 24:00:00 GMT", "2020-11-14T00:00:00"),
        ("2006-01-02T15:04:05Z", "2006-01-02T15:04:05"),
        ("2006-01-02T15:04:05.123456+03:00", "2006-01-02T12:04:05"),
        ("2006-01-02t15:04z", "2006-01-02T15:04:00"),
        ("2006-01-02 15:04:05", "2006-01-02T15:04:05"),
        ("2006-01-02 15:04:05 +0530", "2006-01-02T09:34:05"),
        ("20060102T150405Z", "2006-01-02T15:04:05"),
        ("2006-01-02", "2006-01-02T00:00:00"),
        ("2006-01", "2006-01-01T00:00:00"),
        ("2003-335", "2003-12-01T00:00:00"),
        ("12/31/2021 5:04 PM", "2021-12-31T17:04:00"),
        ("31/12/2021 17:04", "2021-12-31T17:04:00"),
        ("31.12.2021 17:04 Uhr", "2021-12-31T17:04:00"),
        ("2021/12/31 17:04:05", "2021-12-31T17:04:05"),
        ("January 5, 2012 12:30 am EST", "2012-01-05T05:30:00"),
        ("1631234567", "2021-09-10T00:42:47"),
        ("1772061500", "2026-02-25T23:18:20"),
        ("1772061500000", "2026-02-25T23:18:20"),
        ("1631234567000", "2021-09-10T00:42:47"),
        ("Sel, 05 Okt 2021 10:00:00 WIB", "2021-10-05T03:00:00"),
        ("Rabu, 1 September 2021 10:00 WITA", "2021-09-01T02:00:00"),
        ("Minggu, 15 Agustus 2021 10:00:00 +0700", "2021-08-15T03:00:00"),
        ("Pzt, 03 Ağu 2021 03:04:00 +0300", "2021-08-03T00:04:00"),
        ("5 Şubat 2021 Cuma 10:00", "2021-02-05T10:00:00"),
        ("Di, 05 Okt 2021 10:00:00 MESZ", "2021-10-05T08:00:00"),
        ("Mi, 3 März 2021 10:00:00 +0100", "2021-03-03T09:00:00"),
        ("mar, 05 ene 2021 10:00:00 GMT", "2021-01-05T10:00:00"),
        ("5 de enero de 2021, 10:00", "2021-01-05T10:00:00"),
        ("mar., 05 janv. 2021 10:00:00 +0100", "2021-01-05T09:00:00"),
        ("jeu, 5 août 2021 10:00:00 +0200", "2021-08-05T08:00:00"),
        ("qui, 05 fev 2021 10:00:00 -0300", "2021-02-05T13:00:00"),
        ("gio, 05 ago 2021 10:00:00 +0200", "2021-08-05T08:00:00"),
        ("mer, 5 mag 2021 10:00:00 +0200", "2021-05-05T08:00:00"),
        ("Вт, 05 янв 2021 10:00:00 +0300", "2021-01-05T07:00:00"),
        ("5 мая 2021 г., 10:00", "2021-05-05T10:00:00"),
        ("Fri, 01 Mar 2024 08:00:00 GMT", "2024-03-01T08:00:00"),
        ("Mar, 05 Jan 2021 10:00:00 GMT", "2021-01-05T10:00:00"),
    ],
)
def test_a_date_is_read_as_utc(text: str, utc: str) -> None:
    assert parse(text) == datetime.fromisoformat(utc).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [None, "", "yesterday", "Mon, 32 Jan 2006 10:00:00 GMT", "2006-13-01", "99:99", "0000-00-00 00:00:00", "1" * 5000],
)
def test_what_is_no_date_is_none(text: str | None) -> None:
    assert parse(text) is None


@pytest.mark.parametrize("year", [1899, 1970, 1989])
def test_a_claim_before_1990_is_no_claim(year: int) -> None:
    claim = datetime(year, 1, 1, tzinfo=UTC)
    assert plausible(claim) is None
    assert sort_time(claim, SEEN) == SEEN


def test_an_entry_without_a_date_is_sorted_by_first_sight() -> None:
    assert sort_time(None, SEEN) == SEEN


def test_a_claim_more_than_a_day_ahead_is_sorted_by_first_sight() -> None:
    assert sort_time(SEEN + timedelta(hours=24), SEEN) == SEEN + timedelta(hours=24)
    assert sort_time(SEEN + timedelta(hours=24, seconds=1), SEEN) == SEEN


def test_a_past_claim_is_believed() -> None:
    assert sort_time(SEEN - timedelta(days=400), SEEN) == SEEN - timedelta(days=400)


DATETIMES = st.datetimes(min_value=datetime(1990, 1, 1), max_value=datetime(2089, 1, 1)).map(  # noqa: DTZ001 - zoned here
    lambda when: when.replace(microsecond=0, tzinfo=UTC)
)


@given(DATETIMES)
def test_every_moment_survives_both_standards(when: datetime) -> None:
    assert parse(when.isoformat()) == when
    assert parse(when.strftime("%a, %d %b %Y %H:%M:%S +0000")) == when


@given(st.text(max_size=120))
def test_whatever_comes_in_is_a_utc_date_or_none(text: str) -> None:
    when = parse(text)
    assert when is None or when.tzinfo is UTC
