"""What just missed an event is told beside it."""

from datetime import UTC, datetime, timedelta

from aggregator.clustering.assign import Clusterer
from aggregator.clustering.result import BatchResult
from aggregator.clustering.settings import DEFAULT
from aggregator.model import Report
from tests.clustering.streams import batches, reports

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
TITLES = (
    "Ferry sinks off Palawan island, 12 passengers missing",
    "Twelve missing as ferry sinks off Palawan",
    "Budget airline passengers missing luggage after strike at airport",
    "Central bank keeps interest rates where they are",
)


def decided(titles: tuple[str, ...] = TITLES) -> BatchResult:
    told = [
        Report(
            id=number, title=title, summary="", language="en", outlet=f"Outlet {number}", feed=number,
            time=NOON + timedelta(minutes=number),
        )
        for number, title in enumerate(titles, 1)
    ]  # fmt: skip
    return Clusterer().assign(told, 1)


def test_a_report_that_just_misses_an_event_is_related_to_it() -> None:
    result = decided()
    event_of = {each.entry: each.event for each in result.assignments}
    assert event_of[1] == event_of[2] != event_of[3]
    pairs = {(one.entry, one.event) for one in result.related}
    assert (3, event_of[1]) in pairs
    assert not any(entry == 4 for entry, _ in pairs)


def test_no_report_is_related_to_its_own_event_and_no_event_has_many() -> None:
    clusterer, told = Clusterer(), 0
    for number, batch in enumerate(batches(reports(7), 20), 1):
        result = clusterer.assign(batch, number)
        event_of = {each.entry: each.event for each in result.assignments}
        events = [one.event for one in result.related]
        assert all(one.event != event_of[one.entry] for one in result.related)
        assert all(events.count(event) <= 5 for event in events)
        assert all(one.score >= DEFAULT.join - DEFAULT.related for one in result.related)
        told += len(events)
    assert told > 0
