"""The background tables: every common word is known, in the form our own pipeline gives it."""

import pytest

from aggregator.text import background
from aggregator.text.features import analyse

# A common and a rare word of a language.
WORDS = [
    ("en", "police", "bassoon"),
    ("id", "polisi", "kecapi"),
    ("ms", "polis", "gamelan"),
    ("de", "Polizei", "Fagott"),
    ("es", "policía", "fagot"),
    ("fr", "président", "basson"),
    ("pt", "presidente", "fagote"),
    ("it", "presidente", "fagotto"),
    ("tr", "polis", "zurna"),
    ("pl", "prezydent", "fagot"),
    ("ru", "президент", "фагот"),
    ("uk", "президент", "бандура"),
    ("sr", "председник", "тамбура"),
    ("nb", "politiet", "fagott"),
    ("da", "politiet", "fagot"),
    ("ar", "رئيس", "ربابة"),
    ("fa", "دولت", "سنتور"),
    ("hi", "सरकार", "सारंगी"),
    ("ko", "대통령", "가야금"),
    ("zh", "中国", "唢呐"),
    ("ja", "日本", "三味"),
]


def share(language: str, word: str) -> float:
    features = analyse(word, declared=language)
    return max(background.frequency(features.space, token) for token in features.title)


@pytest.mark.parametrize(("language", "common", "rare"), WORDS)
def test_a_common_word_is_commoner_than_a_rare_one(language: str, common: str, rare: str) -> None:
    assert background.known(analyse(common, declared=language).space)
    assert share(language, common) > 1e-3 > share(language, rare) > 0 or share(language, common) > 5 * share(
        language, rare
    )


def test_an_unknown_word_is_rarer_than_any_known_one() -> None:
    assert 0 < background.frequency("en", "panjshirqq") < background.frequency("en", "afghanistan") < 0.1


def test_a_language_without_a_table_still_has_shares() -> None:
    assert not background.known("th")
    assert 0 < background.frequency("th", "กข") < 0.01


@pytest.mark.parametrize("space", ["../../etc/passwd", "", "han-simplified", "é"])
def test_only_a_space_names_a_table(space: str) -> None:
    assert not background.known(space)


def test_numbers_are_common_by_their_length_in_every_language() -> None:
    for space in ("en", "th"):
        assert (
            background.frequency(space, "5") > background.frequency(space, "317") > background.frequency(space, "48213")
        )
        assert background.frequency(space, "2024") > background.frequency(space, "3024")


def test_a_country_in_capitals_is_not_taken_for_an_unknown_word() -> None:
    assert background.frequency("en", "us") > 1e-3
