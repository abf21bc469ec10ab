from dataclasses import replace

import pytest

from aggregator.clustering.representative import choose
from tests.publishing.values import source


def title(*titles: str, **given: object):
    return [source(n, f"Outlet {n}", n, title=text, **given) for n, text in enumerate(titles, 1)]


def chosen(*titles: str) -> int:
    found = choose(title(*titles))
    assert found is not None
    return found.entry


def test_nothing_speaks_for_no_sources() -> None:
    assert choose([]) is None


def test_the_earliest_speaks_where_all_are_as_good() -> None:
    assert chosen("Taliban storm the Panjshir valley", "Taliban forces enter the Panjshir valley") == 1


@pytest.mark.parametrize(
    "poor",
    [
        "Panjshir live updates: Taliban storm the valley",
        "LIVE: Taliban storm the Panjshir valley after talks",
        "Morning briefing: Taliban storm the valley",
        "Watch: the Taliban storm the Panjshir valley",
        "Why did the Taliban storm the Panjshir valley?",
        "Taliban storm the Panjshir valley after talks ...",
        "Panjshir",
        "",
        "JANE DOE: The Taliban must be glad of the valley today",
        "'They came in the night and took the whole valley'",
        "TALIBAN STORM THE PANJSHIR VALLEY AFTER TALKS FAIL",
    ],
)
def test_a_headline_that_does_not_say_what_happened_gives_way(poor: str) -> None:
    assert chosen(poor, "Taliban storm the Panjshir valley after talks") == 2


def test_a_live_page_is_known_in_its_own_language() -> None:
    live = source(1, "Haber", language="tr", title="Canlı: Taliban Pencşir vadisine girdi, son durum")
    found = choose(
        [live, source(2, "Gazete", 5, language="tr", title="Taliban Pencşir vadisine girdi, çatışma sürüyor")]
    )
    assert found is not None
    assert found.outlet == "Gazete"


def test_an_own_report_goes_before_a_copy() -> None:
    copy = source(1, "Tempo", copy_of=2)
    found = choose([copy, source(2, "Anadolu", 5)])
    assert found is not None
    assert found.outlet == "Anadolu"


def test_a_preferred_outlet_speaks_among_equals() -> None:
    reports = title("Taliban storm the Panjshir valley", "Taliban forces enter the Panjshir valley")
    found = choose(reports, preferred={"Outlet 2"})
    assert found is not None
    assert found.entry == 2


def test_who_speaks_speaks_on_until_somebody_is_truly_better() -> None:
    equal = title("Taliban storm the Panjshir valley", "Taliban forces enter the Panjshir valley")
    better = title("Panjshir live updates", "Taliban forces enter the Panjshir valley")
    found = choose(equal, present=2)
    assert found is not None
    assert found.entry == 2
    found = choose(better, present=1)
    assert found is not None
    assert found.entry == 2


def test_a_chinese_headline_is_complete_in_fewer_characters() -> None:
    assert chosen("塔利班猛攻潘杰希尔省抵抗力量据点", "Taliban forces enter the Panjshir valley") == 1


def test_a_feed_that_is_not_to_speak_does_so_only_where_nobody_else_can() -> None:
    shouting, quiet = title("Strong earthquake shakes northern Chile", "Chile: a quake?")
    shouting = replace(shouting, feed=77)
    assert choose([shouting, quiet], silent={77}) == quiet
    assert choose([shouting, quiet], silent={77}, present=shouting.entry) == quiet
    assert choose([shouting], silent={77}) == shouting


def test_who_a_person_chose_speaks_whatever_it_says() -> None:
    first, second = title("Strong earthquake shakes northern Chile", "Chile: a quake?")
    second = replace(second, feed=77)
    assert choose([first, second], pinned=2, present=1) == second
    assert choose([first, second], pinned=2, silent={77}) == second
    assert choose([first, second], pinned=9) == first
