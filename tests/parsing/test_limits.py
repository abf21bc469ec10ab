"""How much of one document is taken."""

from hypothesis import given
from hypothesis import strategies as st

from aggregator.model import ParsedEntry
from aggregator.parsing import limits


def entry(text: int, html: int = 0) -> ParsedEntry:
    return ParsedEntry(guid=None, url="https://e.org/1", title="One", summary="x" * text, html="h" * html)


def size(entry: ParsedEntry) -> int:
    return len(entry.summary) + len(entry.html)


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
