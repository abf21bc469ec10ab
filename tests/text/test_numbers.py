"""Numbers are compared as values, whatever signs a language writes them with."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator.text.numbers import normalise, numbers_of
from aggregator.text.words import clean

WRITTEN = [
    ("1,000", "en", "1000"),
    ("1.000", "de", "1000"),
    ("1.000", "id", "1000"),
    ("1,234,567", "en", "1234567"),
    ("1.234.567", "es", "1234567"),
    ("1,5", "de", "1.5"),
    ("1.5", "en", "1.5"),
    ("3.50", "en", "3.5"),
    ("1,234.50", "en", "1234.5"),
    ("1.234,50", "de", "1234.5"),
    ("0.125", "en", "0.125"),
    ("007", "en", "7"),
    ("0", "en", "0"),
    ("2021", "en", "2021"),
]


@pytest.mark.parametrize(("number", "language", "expected"), WRITTEN)
def test_a_number_has_one_form(number: str, language: str, expected: str) -> None:
    assert normalise(number, language) == expected


@pytest.mark.parametrize(
    ("title", "language", "expected"),
    [
        ("54% of 1,000 voters in 2021", "en", {"54%", "1000", "2021"}),
        ("54 % der 1.000 Wähler", "de", {"54%", "1000"}),
        ("10 000 manifestants à Paris", "fr", {"10000"}),
        ("١٢٣ قتيلا في الهجوم", "ar", {"123"}),
        ("中国经济增长5.2%", "zh", {"5.2%"}),
        ("ผู้เสียชีวิต ๑๒ ราย", "th", {"12"}),
        ("Airbus A320 and COVID-19", "en", {"19"}),
        ("No numbers", "en", set()),
    ],
)
def test_the_numbers_of_a_title(title: str, language: str, expected: set[str]) -> None:
    assert numbers_of(clean(title, 300), language) == expected


@settings(deadline=None)
@given(st.from_regex(r"[0-9]{1,9}([.,][0-9]{1,4}){0,3}", fullmatch=True), st.sampled_from(["en", "de", "fr"]))
def test_normalising_never_fails_and_keeps_digits(number: str, language: str) -> None:
    once = normalise(number, language)
    assert once
    assert set(once) <= set("0123456789.")
