"""What any outlet puts around a text is taken off; what says something of the event stays."""

import pytest

from aggregator.text.markers import strip_appended, strip_markers, strip_outlet

MARKED = [
    ("LIVE: Taliban enter Kabul", "Taliban enter Kabul"),
    ("BREAKING Taliban enter Kabul", "Taliban enter Kabul"),
    ("WATCH: Taliban enter Kabul", "Taliban enter Kabul"),
    ("Opinion | Why Kabul fell", "Why Kabul fell"),
    ("UPDATE 2-Fed raises rates", "Fed raises rates"),
    ("VIDEO: LIVE: Kabul falls", "Kabul falls"),
    ("Kabul falls (PHOTOS)", "Kabul falls"),
    ("FOTO: Banjir di Jakarta", "Banjir di Jakarta"),
    ("Canlı: Maç başladı", "Maç başladı"),
    ("Liveblog: Wahl in Berlin", "Wahl in Berlin"),
    ("Última hora | Terremoto en Chile", "Terremoto en Chile"),
    ("Erdbeben in Japan - Video", "Erdbeben in Japan"),
    ("【速報】東京で地震", "東京で地震"),
    ("[속보] 서울 지진", "서울 지진"),
    ("عاجل | قصف على المدينة", "قصف على المدينة"),
    ("Видео: Пожар в Москве", "Пожар в Москве"),
]
PLAIN = [
    "Live and let die: the sequel",
    "News of the World closes",
    "Watch out for snow",
    "Opinion polls show a tie",
    "Trump says: no",
    "LIVE",
    "VIDEO:",
    "",
]


@pytest.mark.parametrize(("title", "expected"), MARKED)
def test_a_marker_is_taken_off(title: str, expected: str) -> None:
    assert strip_markers(title) == expected


@pytest.mark.parametrize("title", PLAIN)
def test_a_title_without_a_marker_stays(title: str) -> None:
    assert strip_markers(title) == title


@pytest.mark.parametrize(
    ("title", "outlet"),
    [
        ("Kabul falls - BBC News", "BBC News"),
        ("Kabul falls | Reuters", "Reuters"),
        ("Kabul falls — reuters.com", "Reuters.com"),
        ("Anadolu Agency - Kabul falls", "Anadolu Agency"),
        ("Tempo: Kabul falls", "tempo"),
        ("Kabul falls – The Guardian", "Guardian"),
    ],
)
def test_the_name_of_the_outlet_is_taken_off(title: str, outlet: str) -> None:
    assert strip_outlet(title, outlet) == "Kabul falls"


def test_a_name_within_a_title_stays() -> None:
    assert strip_outlet("Reuters journalist killed - Kabul", "Reuters") == "Reuters journalist killed - Kabul"
    assert strip_outlet("Reuters", "Reuters") == "Reuters"


@pytest.mark.parametrize(
    ("summary", "expected"),
    [
        ("Kabul fell. The post Kabul falls appeared first on The Post.", "Kabul fell."),
        ("Kabul fell. Continue reading...", "Kabul fell."),
        ("Kabul jatuh. Baca juga: Presiden Ghani pergi", "Kabul jatuh."),
        ("Kabul fiel. Der Beitrag Kabul erschien zuerst auf Blatt.", "Kabul fiel."),
        ("Kabul fell [...]", "Kabul fell"),
        ("KABUL (Reuters) - The city fell.", "KABUL The city fell."),
        ("OPINION: The city fell.", "The city fell."),
        ("He likes to read more books.", "He likes to read more books."),
    ],
)
def test_what_software_appends_is_taken_off(summary: str, expected: str) -> None:
    assert strip_appended(summary) == expected


def test_a_line_with_an_address_points_elsewhere_and_is_left_out() -> None:
    summary = "A bridge fell.\nSubscribe to us: http://bit.ly/x | For the latest: https://one.example\nFOLLOW https://two.example"
    assert strip_appended(summary) == "A bridge fell."
    assert strip_appended("Read it at https://one.example") == "Read it at https://one.example"
