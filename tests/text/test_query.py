"""Searches, over texts and as SQLite understands them."""

import sqlite3

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.errors import InputError
from aggregator.text.query import parse, search_words

TEXT = "Taliban Gempur Panjshir: l'élite à Kaboul, 喀布尔机场 爆炸, เกิดระเบิด, هجوم على كابول"

FOUND = [
    "taliban",
    "TALIBAN panjshir",
    '"gempur panjshir"',
    "pan*",
    "elite",
    "kaboul OR berlin",
    "taliban -berlin",
    "机场",
]

FOUND += ["ระเบิด", "كابول", "(berlin OR kaboul) taliban", "taliban NOT berlin", "taliban AND kaboul"]
MISSED = [
    "berlin",
    "taliban -panjshir",
    '"panjshir gempur"',
    "panj",
    "berlin OR paris",
    "机爆",
    "(berlin OR paris) taliban",
]


@pytest.mark.parametrize("query", FOUND)
def test_a_search_finds_the_text(query: str) -> None:
    assert parse(query).matches(search_words(TEXT))
    assert found_by_sqlite(query)


@pytest.mark.parametrize("query", MISSED)
def test_a_search_passes_the_text_over(query: str) -> None:
    assert not parse(query).matches(search_words(TEXT))
    assert not found_by_sqlite(query)


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("", "nothing to look for"),
        ("   ", "nothing to look for"),
        ('"kabul', "not closed"),
        ("(kabul OR herat", "not closed"),
        ("kabul)", "too many"),
        ("-kabul", "beside what it should not"),
        ("kabul OR", "nothing to look for"),
        ("a" * 500, "500 characters"),
    ],
)
def test_a_search_that_makes_no_sense_is_refused_in_words(query: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        parse(query)


@given(st.text(max_size=60))
def test_any_text_is_a_search_that_sqlite_takes_or_an_input_error(query: str) -> None:
    try:
        parsed = parse(query)
    except InputError:
        return
    assert found_by_sqlite(query) == parsed.matches(search_words(TEXT))


def found_by_sqlite(query: str) -> bool:
    database = sqlite3.connect(":memory:")
    database.execute(
        "CREATE VIRTUAL TABLE t USING fts5(words, tokenize = \"unicode61 remove_diacritics 0 categories 'L* M* N*'\")"
    )
    database.execute("INSERT INTO t VALUES (?)", (" ".join(search_words(TEXT)),))
    found = database.execute("SELECT count(*) FROM t WHERE t MATCH ?", (parse(query).fts(),)).fetchone()[0]
    database.close()
    return bool(found)
