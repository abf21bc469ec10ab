import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.text.agencies import agency_at, agency_called, agency_of, family_of


@pytest.mark.parametrize(
    ("text", "agency"),
    [
        ("KABUL (Reuters) - The Taliban said on Friday", "Reuters"),
        ("KABUL, Afghanistan (AP) — The Taliban said", "Associated Press"),
        ("KABUL, Sept 3 (Xinhua) -- The Taliban said", "Xinhua"),
        ("Berlin (dpa/lno) - Die Taliban haben", "dpa"),
        ("Jakarta (ANTARA) - Pemerintah menyatakan", "Antara"),
        ("MOSCOW, September 3. /TASS/. The Taliban said", "TASS"),
        ("(ANSA) - ROMA, 03 SET - I talebani", "ANSA"),
        ("Madrid, 3 sep (EFE).- Los talibanes", "EFE"),
        ("Islamabad, Sep 3 (PTI) The Taliban: a report", ""),
        ("Islamabad, Sep 3 (PTI): The Taliban said", "PTI"),
        ("(서울=연합뉴스) 홍길동 기자 = 정부는 3일", "Yonhap"),
        ("【ロイター】タリバンは3日", "Reuters"),
        ("新华社北京9月3日电 塔利班", "Xinhua"),
        ("The Taliban said on Friday that they had taken the valley. (AFP)", "AFP"),
        ("The Taliban said on Friday that they had taken the valley. — AFP", "AFP"),
        ("Taliban menyatakan menguasai lembah itu. Sumber: ANTARA", "Antara"),
    ],
)
def test_a_dateline_or_signature_names_the_agency(text: str, agency: str) -> None:
    assert agency_of(text=text) == agency


@pytest.mark.parametrize(
    "text",
    [
        "A spokesman told Reuters that the valley was taken.",
        "The leader of Pakistan Tehreek-i-Insaf (PTI)",
        "(AP, AFP) - Together from two agencies.",
        "Reuters is to cut jobs in Europe - and in Asia",
        "APEC leaders met - and parted",
        "He asked the Associated Press (AP) to correct its report of the day before.",
        "",
    ],
)
def test_an_agency_that_is_spoken_of_or_is_one_of_several_is_not_meant(text: str) -> None:
    assert agency_of(text=text) == ""


@pytest.mark.parametrize(
    ("author", "agency"),
    [
        ("Reuters", "Reuters"),
        ("By The Associated Press", "Associated Press"),
        ("JON GAMBRELL, Associated Press", "Associated Press"),
        ("Reuters Staff", "Reuters"),
        ("Agence France-Presse", "AFP"),
        ("AFP and Reuters", ""),
        ("Anadolu Demir", ""),
        ("Apa Sherpa", ""),
    ],
)
def test_a_byline_names_the_agency(author: str, agency: str) -> None:
    assert agency_of(text="The Taliban said on Friday", authors=[author]) == agency


def test_an_agencys_own_report_is_its_own_unless_marked_as_anothers() -> None:
    assert agency_of(text="Pemerintah menyatakan", outlet="Antara") == "Antara"
    assert agency_of(text="Pemerintah menyatakan", url="https://www.antaranews.com/berita/1") == "Antara"
    assert agency_of(text="Kabul (ANTARA/Anadolu) - Taliban", outlet="Antara") == "Anadolu Agency"
    assert agency_of(text="Kabul (ANTARA) - Taliban", outlet="Antara") == "Antara"


def test_names_and_addresses_are_whole() -> None:
    assert agency_called("anadolu agency") == "Anadolu Agency"
    assert agency_called("The Independent") == ""
    assert agency_at("https://notreuters.com/x") == ""
    assert agency_at("https://[broken") == ""


def test_families_are_known_by_domain() -> None:
    assert family_of(("feeds.bbci.co.uk", "bbci.co.uk")) == "BBC"
    assert family_of(["news.detik.com", "detik.com"]) == family_of(["cnnindonesia.com"]) != ""
    assert family_of(["unknown.example"]) == ""


@given(st.text(max_size=300), st.lists(st.text(max_size=50), max_size=3), st.text(max_size=20))
def test_any_text_has_an_answer(text: str, authors: list[str], outlet: str) -> None:
    assert isinstance(agency_of(text=text, authors=authors, outlet=outlet, url=text), str)
