from hypothesis import given

from aggregator.model import Event, Source
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


def test_an_agencys_own_report_leads_its_copies_though_it_was_seen_last() -> None:
    found = lines(
        [
            source(1, "Tempo"),
            source(2, "Antara", 5, copy_of=1),
            source(3, "Anadolu Agency", 9, copy_of=1, agency="Anadolu Agency"),
        ]
    )
    assert [(line.outlet, [copy.outlet for copy in line.copies], line.agency) for line in found] == [
        ("Anadolu Agency", ["Tempo", "Antara"], "")
    ]


def test_a_line_says_whose_text_it_is_where_that_is_not_the_outlets() -> None:
    found = lines([source(1, "Tempo"), source(2, "Detik", 5, copy_of=1, agency="AFP"), source(3, "Reuters", 6)])
    assert [(line.outlet, line.agency) for line in found] == [("Tempo", "AFP"), ("Reuters", "")]


def test_dispatches_of_one_agency_are_one_independent_source() -> None:
    def independent(*sources: Source) -> int:
        return values.event(*sources).independent

    tempo, detik = source(1, "Tempo", agency="AFP"), source(2, "Detik", 5, agency="AFP")
    assert independent(tempo, detik) == 1
    assert independent(tempo, detik, source(3, "AFP", 9, agency="AFP")) == 1
    assert independent(tempo, detik, source(3, "Tempo", 9)) == 2
    assert independent(tempo, source(2, "Detik", 5, agency="Reuters")) == 2
    assert (
        independent(source(1, "Tempo"), source(2, "Detik", copy_of=1, agency="AFP"), source(3, "AFP", agency="AFP"))
        == 1
    )
    assert independent(source(2, "Detik", copy_of=1)) == 1


@given(values.events())
def test_no_event_has_more_independent_sources_than_outlets(event: Event) -> None:
    assert 1 <= event.independent <= event.outlets
