"""Features: what of a text is compared."""

import random
import string

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator.text.features import analyse
from aggregator.text.stems import fold, stop_words

TITLES = [
    ("Biden's troops hit 1,000 in Kabul", "en-US", ("biden", "troop", "hit", "1000", "kabul")),
    ("U.S. and the WHO say it is over", "en", ("us", "who")),
    ("USA", "en", ("us",)),
    ("Microsoft fire test in UK home", "en", ("microsoft", "fire", "test", "uk", "home")),
    ("Anti-piracy ops: #BreakingNews @navy https://example.org/x?y=1", "en", ("anti", "piraci", "op", "break", "news")),
    ("Fish &amp; <b>chips</b>", "en", ("fish", "chip")),
    ("O'Brien doesn’t sing", "en", ("obrien", "sing")),
    ("Taliban Gempur Oposisi di Panjshir", "id", ("talib", "gempur", "oposisi", "panjshir")),
    ("L'Ukraine s'engage", "fr", ("ukrain", "engag")),
    ("Erdoğan'ın İstanbul'da IMF görüşmesi", "tr", ("erdoga", "istanb", "imf", "gorusm")),
    ("Președintele a anunțat", "ro", ("presedint", "anunt")),
    ("Предсједник Србије Вучић у Београду", "sr", ("predse", "srbij", "vucic", "beogra")),
    ("Predsjednik Srbije Vučić u Beogradu", "hr", ("predse", "srbij", "vucic", "beogra")),
    ("Пожары в Якутии", "ru", ("пожар", "якут")),
    ("الرئيس المصري في القاهرة", "ar", ("رييس", "مصر", "قاهر")),
    ("گزارش تازه از تهران", "fa", ("گزارش", "تهران")),
    ("कश्मीर में सेना की बैठक", "hi", ("कश्मीर", "सेन", "बैठक")),
    ("윤석열 대통령은 서울에서 회의를", "ko", ("윤석열", "대통령", "서울", "회의")),
    ("中国增长5.2%", "zh", ("中国", "国增", "增长", "5.2")),
    ("東京を訪問", "ja", ("東京", "訪問")),
    ("เปิดตัว", "th", ("เปิ", "ปิด", "ดตั", "ตัว")),
    ("发布iPhone15", "zh", ("发布", "iphone15")),
]


@pytest.mark.parametrize(("title", "declared", "expected"), TITLES)
def test_content_words_of_a_title(title: str, declared: str, expected: tuple[str, ...]) -> None:
    assert analyse(title, declared=declared).title == expected


@pytest.mark.parametrize(
    ("one", "other", "language"),
    [
        ("臺灣總統訪問美國", "台湾总统访问美国", "zh"),
        ("كِتَابٌ", "كتاب", "ar"),
        ("می‌رود کتاب‌ها", "می رود کتاب ها", "fa"),
        ("Bogotá está en crisis", "Bogota esta en crisis", "es"),
        ("ＮＡＴＯ summit", "NATO summit", "en"),
        ("“Kabul” falls…", '"Kabul" falls...', "en"),
    ],
)
def test_spellings_of_one_text_are_the_same(one: str, other: str, language: str) -> None:
    assert analyse(one, declared=language).title == analyse(other, declared=language).title != ()


def test_vowel_signs_and_voicing_are_no_accents() -> None:
    assert fold("हिन्दी") == "हिन्दी"
    assert fold("ガザ") == "ガザ"
    assert fold("ไทย") == "ไทย"
    assert fold("Ångström".lower()) == "angstrom"


def test_stop_words_are_out_of_titles_and_in_words() -> None:
    features = analyse("The fall of Kabul", declared="en")
    assert features.title == ("fall", "kabul")
    assert features.words == ("the", "fall", "of", "kabul")


def test_words_of_the_news_are_no_stop_words() -> None:
    assert not stop_words("en") & {"fire", "microsoft", "uk", "test", "bill"}
    assert not stop_words("id") & {"polis", "presiden", "kasus"}


def test_a_fifth_of_indonesian_entries_marked_malay_changes_nothing() -> None:
    words = ("presiden", "menteri", "banjir", "gempa", "jakarta", "polisi", "korban", "menewaskan", "bertemu", "harga")
    rng = random.Random(5)  # repeatable, not secret
    for number in range(100):
        title = " ".join(rng.choices(words, k=6)).title()
        marked = analyse(title, "Di Jakarta, " + title, declared="ms" if number % 5 == 0 else "id")
        plain = analyse(title, "Di Jakarta, " + title, declared="id")
        assert (marked.space, marked.title, marked.summary) == (plain.space, plain.title, plain.summary)


@pytest.mark.parametrize("title", ["", " ", "😀😀", "...", "<b></b>", "https://example.org"])
def test_a_title_that_says_nothing_has_no_words(title: str) -> None:
    features = analyse(title)
    assert (features.title, features.words) == ((), ())


def test_a_summary_counts_as_content_up_to_500_characters() -> None:
    features = analyse("Kabul", "taliban " * 60 + "panjshir " * 100, declared="en")
    assert "panjshir" not in features.summary[:60]
    assert features.words.count("panjshir") == 100
    assert len(features.summary) <= 64


def test_a_book_is_cut() -> None:
    features = analyse("word " * 10_000, "other " * 10_000, declared="en")
    assert len(features.title) <= 400
    assert len(features.words) <= 4400


ALPHABETS = string.printable + "äßÉıİςΣжйЁґىآةपज़िีเ한글中の々ー、「」’“–…\u200c\u200d\u00ad\u0301😀٣৩Ⅳ½ﬁﷺ"


@settings(max_examples=300, deadline=None)
@given(
    st.text(alphabet=ALPHABETS, max_size=300) | st.text(max_size=200),
    st.text(alphabet=ALPHABETS, max_size=900),
    st.sampled_from([None, "en", "zh", "tr", "fa", "sr", "th", "xx"]),
)
def test_any_text_has_bounded_features(title: str, summary: str, declared: str | None) -> None:
    features = analyse(title, summary, declared=declared)
    assert features == analyse(title, summary, declared=declared)
    assert all(0 < len(token) <= 60 for token in features.title + features.summary)
    assert len(features.title) <= 400
    assert len(features.summary) <= 500
    assert len(features.words) <= 4400
    assert not any(token.isspace() or token != token.strip() for token in features.words)


@given(st.text())
def test_folding_twice_is_folding_once(text: str) -> None:
    once = fold(text.lower())
    assert fold(once) == once
