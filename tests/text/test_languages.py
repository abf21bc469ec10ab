"""The language of a text: declaration first, then script, then statistics among the languages in use."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.text.features import analyse
from aggregator.text.languages import normalise, space_of

DECLARED = [
    ("en-US", "en"),
    ("EN_us", "en"),
    ("in", "id"),
    ("in-ID", "id"),
    ("iw", "he"),
    ("zh-Hant", "zh"),
    ("zh_TW", "zh"),
    ("no", "nb"),
    ("nn-NO", "nn"),
    ("sh", "sr"),
    ("fil", "tl"),
    ("eng", "en"),
    ("Indonesian", "id"),
    ("prs", "fa"),
    (" de-DE ", "de"),
    ("", None),
    ("und", None),
    ("mul", None),
    ("utf-8", None),
    ("default", None),
    ("???", None),
    (None, None),
]
# Nothing is declared: script and letters decide, then statistics.
TOLD = [
    ("ประเทศไทยเปิดตัวโครงการใหม่", "th"),
    ("अफगानिस्तान में तालिबान ने पंजशीर पर हमला किया", "hi"),
    ("대통령이 서울에서 회의를 열었다", "ko"),
    ("ウクライナの大統領が東京を訪問", "ja"),
    ("中国经济增长放缓", "zh"),
    ("اندلاع حريق في القاهرة", "ar"),
    ("گزارش تازه از تهران و پکن", "fa"),
    ("وزیر اعظم نے کہا ہے کہ ٹیکس بڑھے گا", "ur"),
    ("Пожар в центре Москвы потушен, пострадавших нет", "ru"),
    ("Президент підписав закон про її бюджет", "uk"),
    ("Прэзідэнт падпісаў новы ўказ", "be"),
    ("Председник Србије у Београду са њим", "sr"),
    ("Πυρκαγιά στην Αττική", "el"),
    ("ראש הממשלה נאם בכנסת", "he"),
    ("Taliban Gempur Kelompok Oposisi di Wilayah Panjshir", "id"),
    ("Bundestag beschließt neues Gesetz über die Rente", "de"),
    ("El presidente anuncia nuevas medidas contra la inflación", "es"),
    ("Le gouvernement annonce de nouvelles mesures contre l'inflation", "fr"),
    ("Cumhurbaşkanı yeni kararları açıkladı", "tr"),
    ("Prezydent podpisał nową ustawę o emeryturach", "pl"),
    ("", "und"),
    ("😀😀", "und"),
]
# Names and short words: py3langid by itself calls each of these something else, down to Malagasy and Aragonese.
ENGLISH = [
    "Netflix Inc beats estimates",
    "Tesla Model S fire",
    "AOL misses profit estimates; stock tumbles",
    "Stolen Nazi art hoarder dies",
    "Tesla Motors Inc Is Better Than Twitter Inc: Gundlach",
    "Meltwater Turns Iceberg A-23A Blue",
    "Xi meets Taoiseach of Ireland",
    "Jessica Paré Makes Some White Noise At The Met Gala",
    "Is Hannah Montana Back?",
    "Intro to Internet neutrality",
]


@pytest.mark.parametrize(("declared", "expected"), DECLARED)
def test_declarations_are_normalised(declared: str | None, expected: str | None) -> None:
    assert normalise(declared) == expected


@pytest.mark.parametrize(("title", "expected"), TOLD)
def test_an_undeclared_language_is_told(title: str, expected: str) -> None:
    assert analyse(title).language == expected


@pytest.mark.parametrize("title", ENGLISH)
def test_english_headlines_of_names_are_english(title: str) -> None:
    assert analyse(title).language == "en"


def test_a_short_text_is_in_the_declared_language() -> None:
    assert analyse("Presiden Jokowi bertemu Merkel", declared="de").language == "de"


def test_a_long_text_contradicts_a_wrong_declaration() -> None:
    text = (
        "Taliban menyerbu provinsi terakhir Afghanistan yang tersisa di luar kendali mereka setelah negosiasi tidak "
        "menuai hasil pada hari Rabu. Pembicaraan telah berlangsung selama beberapa waktu dengan pihak yang menolak, "
        "tetapi tidak ada kesepakatan yang tercapai di antara mereka."
    )
    assert analyse("Taliban menyerbu Panjshir", text, declared="en-US").language == "id"
    assert analyse("Taliban menyerbu Panjshir", text, declared="id").language == "id"


def test_the_script_contradicts_a_wrong_declaration() -> None:
    assert analyse("Пожар в центре Москвы потушен", declared="en").language == "ru"
    assert analyse("ประเทศไทยเปิดตัวโครงการใหม่", declared="en").language == "th"


def test_a_name_in_latin_letters_does_not_change_the_language() -> None:
    assert analyse("Apple เปิดตัว iPhone 15 Pro Max ในไทย").language == "th"
    assert analyse("iPhone 15 Pro", declared="th").language == "th"


def test_an_undeclared_language_is_looked_for_among_those_in_use() -> None:
    title = "Parlamento aprova lei"
    assert analyse(title, languages=["pt", "en"]).language == "pt"
    assert analyse(title, languages=["it"]).language == "it"


@pytest.mark.parametrize("near", [("id", "ms"), ("nb", "nn"), ("nb", "da"), ("hr", "bs"), ("hr", "sr")])
def test_near_languages_share_a_space(near: tuple[str, str]) -> None:
    assert space_of(near[0]) == space_of(near[1])


def test_far_languages_do_not_share_a_space() -> None:
    assert len({space_of(code) for code in ("en", "id", "de", "nb", "sr", "ru", "uk", "zh", "ja")}) == 9


@given(st.one_of(st.none(), st.text(max_size=20)))
def test_normalising_twice_is_normalising_once(declared: str | None) -> None:
    once = normalise(declared)
    assert normalise(once) == once
