"""What people put right: entries bound together or kept apart."""

from datetime import UTC, datetime, timedelta

from aggregator.clustering.assign import Clusterer
from aggregator.clustering.result import Constraints
from aggregator.model import Report

START = datetime(2026, 3, 1, 8, tzinfo=UTC)


def report(number: int, title: str) -> Report:
    return Report(id=number, title=title, language="en", feed=number, time=START + timedelta(minutes=number))


QUAKE = [
    report(1, "Strong earthquake shakes northern Chile, no damage reported"),
    report(2, "Earthquake shakes northern Chile near Iquique, no damage reported"),
]
VOTE = report(3, "Parliament in Oslo passes budget after long night of talks")


def events_of(clusterer: Clusterer) -> dict[int, int]:
    window = clusterer.linker.window
    return {int(window.id[row]): int(window.event[row]) for row in range(window.end - window.base)}


def test_reports_of_one_happening_are_together_without_corrections():
    clusterer = Clusterer()
    clusterer.assign([*QUAKE, VOTE], 1)
    found = events_of(clusterer)
    assert found[1] == found[2] != found[3]


def test_entries_kept_apart_are_parted_and_stay_apart():
    clusterer, apart = Clusterer(), Constraints(apart=frozenset({(1, 2)}))
    clusterer.assign([*QUAKE, VOTE], 1)
    result = clusterer.assign([], 2, apart)
    assert [(move.entry, move.reason) for move in result.moves] == [(2, "correction")]
    again = report(4, "Strong earthquake shakes northern Chile, no damage so far reported")
    clusterer.assign([again], 3, apart)
    found = events_of(clusterer)
    assert found[1] != found[2]


def test_entries_bound_together_are_joined_and_stay_so():
    clusterer, together = Clusterer(), Constraints(together=frozenset({(1, 3)}))
    clusterer.assign([*QUAKE, VOTE], 1)
    result = clusterer.assign([], 2, together)
    assert [(move.entry, move.reason) for move in result.moves] == [(3, "correction")]
    found = events_of(clusterer)
    assert found[1] == found[2] == found[3]


def test_an_entry_that_arrives_under_a_correction_goes_where_it_says():
    clusterer = Clusterer()
    clusterer.assign(QUAKE, 1)
    clusterer.assign([VOTE], 2, Constraints(together=frozenset({(1, 3)})))
    assert events_of(clusterer)[3] == events_of(clusterer)[1]
