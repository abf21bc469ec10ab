"""What people put right: entries bound together or kept apart."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from aggregator.clustering.assign import Clusterer
from aggregator.clustering.constraints import Constraints
from aggregator.clustering.corrections import mended
from aggregator.clustering.records import pack, unpack
from aggregator.clustering.result import BatchResult, Merge
from aggregator.model import Report
from tests.clustering.streams import Kept, batches, cluster, reports

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


def told(clusterer: Clusterer, number: int, *reports: Report, constraints: Constraints) -> dict[int, int]:
    """Cluster a batch under constraints; give the event of every entry that it placed or moved."""
    result = clusterer.assign(reports, number, constraints)
    return {one.entry: one.event for one in result.assignments} | {one.entry: one.to_event for one in result.moves}


def test_an_entry_is_kept_apart_from_all_that_its_opposite_is_bound_to():
    clusterer = Clusterer()
    bonds = Constraints(together=frozenset({(2, 9)}), apart=frozenset({(1, 9)}))
    found = told(clusterer, 1, *QUAKE, VOTE, constraints=bonds)
    assert found[1] != found[2]


def test_an_entry_goes_to_the_event_of_who_has_left_the_window():
    clusterer = Clusterer()
    clusterer.assign(QUAKE, 1)
    event = events_of(clusterer)[1]
    late = Report(id=4, title="Budget passed in Oslo", language="en", feed=4, time=START + timedelta(days=5))
    bonds = Constraints(together=frozenset({(1, 4)}), placed={1: event})
    assert told(clusterer, 2, late, constraints=bonds) == {4: event}


def test_events_do_not_merge_over_an_entry_that_has_left_the_window():
    days = timedelta(days=2)
    first = [*QUAKE, *(Report(id=n, title=QUAKE[0].title, language="en", feed=n, time=START + days) for n in (11, 12))]
    clusterer = Clusterer()
    clusterer.assign(first, 1, Constraints(apart=frozenset({(1, 11), (1, 12), (2, 11), (2, 12)})))
    before = events_of(clusterer)
    assert before[1] != before[11]
    far = [Report(id=n, title=QUAKE[0].title, language="en", feed=n, time=START + 2 * days) for n in range(21, 26)]
    bonds = Constraints(apart=frozenset({(1, 11), (1, 12), (2, 11), (2, 12)}), placed={1: before[1], 2: before[2]})
    clusterer.assign(far, 2, bonds)
    after = events_of(clusterer)
    assert after[11] == before[11]


def test_an_absorbed_event_does_not_take_along_what_must_stay_apart():
    merge = Merge(absorbed=7, survivor=8)
    result = BatchResult(number=3, merges=(merge,), next_event=9)
    bonds = Constraints(apart=frozenset({(1, 2)}), together=frozenset({(1, 5)}), placed={1: 7, 5: 7, 2: 8})
    moved = mended(result, bonds)
    assert [(move.entry, move.to_event) for move in moved.moves] == [(2, 9)]
    assert moved.next_event == 10
    assert mended(result, Constraints(placed={1: 7, 2: 8})) is result


def test_what_a_correction_moved_is_taken_over_as_after_a_restart():
    stream = reports(5, count=120)
    kept, clusterer = Kept(), Clusterer()
    for number, batch in enumerate(batches(stream, 40), 1):
        kept.take(clusterer.assign(batch, number), batch)
    large, other = [event for event, _ in Counter(kept.event_of.values()).most_common(2)]
    gone = [entry for entry, event in kept.event_of.items() if event == other]
    parted = [entry for entry, event in kept.event_of.items() if event == large][:2]
    moves = dict.fromkeys(gone, large) | dict.fromkeys(parted, kept.next_event)
    kept.event_of |= moves
    kept.next_event += 1
    first = {
        event: min(kept.seen[e] for e, at in kept.event_of.items() if at == event) for event in set(moves.values())
    }
    clusterer.relocate(moves, first, kept.next_event)
    restarted = Clusterer()
    restarted.restore(kept.snapshot())
    assert events_of(clusterer) == events_of(restarted) == kept.event_of
    more = [replace(one, id=one.id + 1_000, time=one.time + timedelta(hours=1)) for one in stream[-40:]]
    assert clusterer.assign(more, 9) == restarted.assign(more, 9)


def test_of_two_records_at_one_position_the_earlier_has_left_the_window():
    kept = cluster(batches(reports(3, count=20), 20))
    early, late = (one for one in kept.records.values() if one.entry in (19, 20))
    versions = Clusterer().versions
    stored = unpack(late.data, versions)
    links = replace(stored.links, position=unpack(early.data, versions).links.position)
    moved = pack(replace(stored, time=stored.time + 3600, links=links), versions)
    kept.records[late.entry, 0] = replace(late, time=late.time + timedelta(hours=1), data=moved)
    restarted = Clusterer()
    restarted.restore(kept.snapshot())
    assert restarted.holds(20)
    assert not restarted.holds(19)
