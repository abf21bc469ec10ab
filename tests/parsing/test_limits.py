"""How much of one document is taken."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from aggregator.model import ParsedEntry
from aggregator.parsing import limits

DAY = datetime(2000, 1, 1, tzinfo=UTC)


def entry(text: int, html: int = 0) -> ParsedEntry:
    return ParsedEntry(guid=None, url="https://e.org/1", title="One", summary="x" * text, html="h" * html)


def size(entry: ParsedEntry) -> int:
    return len(entry.summary) + len(entry.html)


def test_of_undated_entries_both_ends_of_a_document_are_kept() -> None:
    kept = limits.newest(range(800), lambda _: None)
    assert kept == [*range(250), *range(550, 800)]


def test_an_undated_entry_among_dated_ones_is_kept() -> None:
    assert 0 in limits.newest(range(501), lambda number: DAY + timedelta(number) if number else None)


@given(st.lists(st.none() | st.integers(0, 3000), min_size=480, max_size=1100))
def test_the_newest_dated_entries_have_at_least_half_of_the_room(days: list[int | None]) -> None:
    claims = {number: None if day is None else DAY + timedelta(day) for number, day in enumerate(days)}
    kept = limits.newest(range(len(days)), claims.__getitem__)
    assert len(kept) == min(len(days), limits.ENTRIES)
    assert kept == sorted(kept)
    dated = sorted((day for day in days if day is not None), reverse=True)
    found = sorted((day for day in (days[number] for number in kept) if day is not None), reverse=True)
    assert found == dated[: len(found)]
    assert len(found) >= min(len(dated), limits.ENTRIES // 2)


def test_what_fits_is_left_as_it_is() -> None:
    told = [entry(1000, 1500)] * limits.ENTRIES
    assert limits.shortened(told) == told


def test_long_texts_are_shortened_to_one_length_and_short_ones_are_left() -> None:
    told = [entry(100, 200), *[entry(60_000, 65_000)] * 400, entry(300, 300)]
    kept = limits.shortened(told)
    assert (kept[0], kept[-1]) == (told[0], told[-1])
    assert len({size(one) for one in kept[1:-1]}) == 1
    assert limits.TEXT * 0.99 < sum(map(size, kept)) <= limits.TEXT
    assert {(one.title, one.url) for one in kept} == {("One", "https://e.org/1")}


@given(st.lists(st.tuples(st.integers(0, 65_536), st.integers(0, 65_536)), max_size=60))
def test_no_document_brings_more_than_the_limit_and_no_order_matters(sizes: list[tuple[int, int]]) -> None:
    told = [entry(text, html) for text, html in sizes]
    kept = limits.shortened(told)
    assert sum(map(size, kept)) <= limits.TEXT
    assert limits.shortened(told[::-1]) == kept[::-1]
    assert all(one.summary for one, other in zip(kept, told, strict=True) if other.summary)
