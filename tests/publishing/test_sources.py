from hypothesis import given

from aggregator.model import Event
from aggregator.publishing.sources import lines
from tests.publishing import values
from tests.publishing.values import source


def test_several_reports_of_one_outlet_are_one_line() -> None:
    found = lines([source(1, "Antara"), source(2, "Tempo", 5), source(3, "Antara", 9)])
    assert [(line.outlet, [report.entry for report in line.reports]) for line in found] == [
        ("Antara", [1, 3]),
        ("Tempo", [2]),
    ]


def test_copies_stand_under_their_original() -> None:
    found = lines([source(1, "Anadolu"), source(2, "Tempo", 5, copy_of=1), source(3, "Antara", 9, copy_of=2)])
    assert [line.outlet for line in found] == ["Anadolu"]
    assert [copy.outlet for copy in found[0].copies] == ["Tempo", "Antara"]


def test_an_outlet_with_a_report_of_its_own_has_a_line_of_its_own() -> None:
    found = lines([source(1, "Anadolu"), source(2, "Tempo", 5, copy_of=1), source(3, "Tempo", 9)])
    assert [line.outlet for line in found] == ["Anadolu", "Tempo"]
    assert found[0].copies == ()


def test_an_outlet_that_repeats_itself_is_no_copy() -> None:
    found = lines([source(1, "Antara"), source(2, "Antara", 5, copy_of=1)])
    assert [(line.outlet, line.copies) for line in found] == [("Antara", ())]


def test_one_url_in_several_feeds_of_an_outlet_is_one_report() -> None:
    url = "https://antara.example/panjshir"
    found = lines([source(1, "Antara", url=url), source(2, "Antara", 3, url=url)])
    assert [report.entry for report in found[0].reports] == [1]


def test_copies_whose_original_has_left_are_grouped_under_the_first_of_them() -> None:
    found = lines([source(2, "Tempo", copy_of=1), source(3, "Detik", 5, copy_of=1)])
    assert [(line.outlet, [copy.outlet for copy in line.copies]) for line in found] == [("Tempo", ["Detik"])]


@given(values.events())
def test_every_outlet_stands_in_the_list_exactly_once(event: Event) -> None:
    found = lines(event.sources)
    named = [line.outlet for line in found] + [copy.outlet for line in found for copy in line.copies]
    assert sorted(named) == sorted({source.outlet for source in event.sources})
