"""Stems are shown as the words that they were made of."""

import pytest

from aggregator.web.terms import as_written

TEXT = "La resistencia de Panjshir dice haber frenado la ofensiva: Panjshir, 96 NEGOCIACIONES; İzmir"


@pytest.mark.parametrize(
    ("stem", "word"),
    [
        ("panjsh", "Panjshir"),
        ("resistent", "resistencia"),
        ("negoci", "NEGOCIACIONES"),
        ("96", "96"),
        ("la", "La"),
        ("kabul", "kabul"),
        ("ofens", "ofensiva"),
    ],
)
def test_a_stem_is_shown_as_the_word_of_the_report(stem: str, word: str) -> None:
    assert as_written([stem], TEXT) == (word,)


def test_stems_of_one_word_are_shown_once_and_a_text_without_words_is_borne() -> None:
    assert as_written(["panjsh", "panjshir", "kabul"], TEXT) == ("Panjshir", "kabul")
    assert as_written(["panjsh"], "") == ("panjsh",)
    assert as_written([], TEXT) == ()
