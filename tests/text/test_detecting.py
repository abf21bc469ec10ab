"""The cut-down model says what the whole one says."""

import pytest
from py3langid.langid import MODEL_FILE, LanguageIdentifier

from aggregator.text.detecting import Detector, detector
from aggregator.text.scripts import LANGUAGES_OF

LATIN = ("de", "en", "es", "fr", "id", "pl", "tr", "vi")
TEXTS = [
    ("Latin", LATIN, "Bundestag beschließt neues Gesetz über die Rente"),
    ("Latin", LATIN, "Thủ tướng “gặp” các nhà đầu tư – hôm nay 😀"),
    ("Latin", LATIN, "EL PRESIDENTE ANUNCIA MEDIDAS CONTRA LA INFLACIÓN"),
    ("Latin", LATIN, "Cafe\u0301 fermé"),
    ("Cyrillic", LANGUAGES_OF["Cyrillic"], "Пожар в центре Москвы потушен, NATO says"),
    ("Arabic", LANGUAGES_OF["Arabic"], "اندلاع حريق في القاهرة"),
    ("Devanagari", LANGUAGES_OF["Devanagari"], "अफगानिस्तान में तालिबान"),
]


@pytest.fixture(scope="module")
def whole() -> LanguageIdentifier:
    return LanguageIdentifier.from_model_file(MODEL_FILE)


@pytest.mark.parametrize(("script", "candidates", "text"), TEXTS)
def test_texts_of_the_script_score_as_in_the_whole_model(
    whole: LanguageIdentifier, script: str, candidates: tuple[str, ...], text: str
) -> None:
    known = [name for name in candidates if name in whole._full_model[2]]
    whole.set_languages(known)
    assert detector(script, candidates).scores(text) == pytest.approx(dict(whole.rank(text)))


def test_letters_of_another_script_do_not_decide() -> None:
    scores = detector("Latin", LATIN).scores("Bundeskanzler Olaf Scholz 北京 besucht am Montag")
    assert max(scores, key=lambda language: scores[language]) == "de"


def test_a_text_without_anything_to_tell_by_scores_alike() -> None:
    assert set(detector("Latin", LATIN).scores("").values()) == {0.0}


def test_languages_that_the_model_does_not_know_have_no_score() -> None:
    assert Detector("Latin", ("xx", "yy")).scores("Hello") == {}
    assert set(Detector("Latin", ("en", "xx")).scores("Hello")) == {"en"}
