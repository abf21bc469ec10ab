"""Features: what of a text is compared."""

import pytest

from aggregator.text.features import analyse

CASES = [
    ("Biden's troops hit 1,000 in Kabul", "en-US", ("biden", "troop", "hit", "1000", "kabul")),
    ("Taliban Gempur Oposisi di Panjshir", "id", ("talib", "gempur", "oposisi", "panjshir")),
    ("Предсједник Србије Вучић у Београду", "sr", ("predse", "srbij", "vucic", "beogra")),
    ("윤석열 대통령은 서울에서 회의를", "ko", ("윤석열", "대통령", "서울", "회의")),
    ("गज़ा में तालिबान", "hi", ("गज़", "तालिबान")),
    ("中国增长5.2%", "zh", ("中国", "国增", "增长", "5.2")),
    ("東京を訪問", "ja", ("東京", "訪問")),
    ("L'Ukraine s'engage", "fr", ("ukrain", "engag")),
]


@pytest.mark.parametrize(("title", "declared", "expected"), CASES)
def test_content_words_of_a_title(title: str, declared: str, expected: tuple[str, ...]) -> None:
    assert analyse(title, declared=declared).title == expected


def test_near_languages_share_a_space_and_tokens() -> None:
    indonesian = analyse("Presiden Jokowi bertemu pemimpin Malaysia", declared="id")
    malay = analyse("Presiden Jokowi bertemu pemimpin Malaysia", declared="ms")
    assert (indonesian.space, indonesian.title) == (malay.space, malay.title)
