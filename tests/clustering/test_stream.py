"""What holds for any stream: restarts, order, edits, hostile input."""

import json
import os
import random
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator.clustering.assign import Clusterer
from aggregator.clustering.evidence import Evidence, Versions
from aggregator.errors import StoreError
from tests.clustering.streams import START, Kept, batches, cluster, reports


@given(seed=st.integers(0, 10_000), size=st.integers(5, 90), every=st.integers(1, 6))
@settings(max_examples=12, deadline=None)
def test_a_restart_changes_no_decision(seed: int, size: int, every: int) -> None:
    stream = batches(reports(seed, 220), size)
    one, two = cluster(stream), cluster(stream, restart_every=every)
    assert one.event_of == two.event_of
    assert one.copies() == two.copies()
    assert one.next_event == two.next_event


@given(seed=st.integers(0, 10_000))
@settings(max_examples=10, deadline=None)
def test_the_order_within_a_batch_changes_nothing(seed: int) -> None:
    stream = batches(reports(seed, 200), 40)
    shuffled = [random.Random(seed).sample(batch, len(batch)) for batch in stream]
    assert cluster(stream).event_of == cluster(shuffled).event_of


@given(seed=st.integers(0, 10_000))
@settings(max_examples=8, deadline=None)
def test_a_restart_after_edits_changes_no_decision(seed: int) -> None:
    rng = random.Random(seed)
    stream = batches(reports(seed, 200), 25)
    for number in range(2, len(stream)):
        old = rng.choice(stream[number - 1])
        edit = replace(old, title=old.title + " " + rng.choice(stream[0]).title, revision=old.revision + 1)
        stream[number] = [*stream[number], replace(edit, time=stream[number][-1].time)]
    one, two = cluster(stream), cluster(stream, restart_every=2)
    assert one.event_of == two.event_of
    assert len(one.event_of) == 200


@given(seed=st.integers(0, 10_000), hours=st.integers(10, 80))
@settings(max_examples=10, deadline=None)
def test_a_restart_after_edits_of_a_slow_stream_changes_no_decision(seed: int, hours: int) -> None:
    rng = random.Random(seed)
    stream = batches(reports(seed, 240, happenings=60, minutes=60 * hours), 20)
    for number in range(2, len(stream)):
        now = stream[number][0].time
        told = {one.id: one for batch in stream[:number] for one in batch if now - one.time < timedelta(days=2)}
        for old in rng.sample(list(told.values()), min(6, len(told))):
            other = rng.choice(stream[number])
            edit = replace(old, title=other.title, summary=other.summary, revision=number)  # it keeps its time
            stream[number] = [*stream[number], edit]
    one, two = cluster(stream), cluster(stream, restart_every=1)
    assert one.event_of == two.event_of
    assert [result.merges for result in one.results] == [result.merges for result in two.results]


def test_what_has_left_the_window_stays_when_an_edit_takes_the_rest_away() -> None:
    kept, clusterer = Kept(), Clusterer()
    stream = [replace(one, time=START) for one in reports(1, 200)]
    first = stream[0]
    second = replace(first, id=301, feed=50, time=START + timedelta(days=2))
    apart = replace(stream[-1], id=302, feed=51, time=second.time, title="Zorvik gleams over Alvendra", summary="")
    for number, batch in enumerate((stream, [second, apart]), 1):
        kept.take(clusterer.assign(batch, number), batch)
    assert kept.event_of[first.id] == kept.event_of[second.id] != kept.event_of[apart.id]
    edit = replace(apart, id=second.id, feed=second.feed, revision=1, time=second.time)
    after = replace(stream[-1], id=303, time=START + timedelta(days=4), title="Harbour bridge reopens", summary="")
    result = clusterer.assign([edit, after], 3)
    kept.take(result, [edit, after])
    assert kept.event_of[second.id] == kept.event_of[apart.id] != kept.event_of[first.id]
    assert result.merges == ()


def test_an_edited_entry_keeps_its_event_where_nothing_fits_better() -> None:
    kept, clusterer = Kept(), Clusterer()
    first = reports(1, 20)
    kept.take(clusterer.assign(first, 1), first)
    edit = replace(first[3], title=first[3].title + " now", revision=1, time=first[-1].time)
    assert clusterer.holds(edit.id)
    before = dict(kept.event_of)
    kept.take(clusterer.assign([edit], 2), [edit])
    assert kept.event_of == before


def test_an_entry_that_has_left_the_window_is_not_held() -> None:
    clusterer = Clusterer()
    old = reports(1, 1)
    clusterer.assign(old, 1)
    clusterer.assign([replace(old[0], id=99, time=START + timedelta(days=9))], 2)
    assert not clusterer.holds(old[0].id)


def test_no_event_number_is_used_twice() -> None:
    kept = cluster(batches(reports(5, 300, minutes=240), 20))  # most events leave the window on the way
    founded = [new.event for result in kept.results for new in result.assignments if new.evidence.rule == "founded"]
    assert len(founded) == len(set(founded))
    assert kept.next_event > max(founded)


def test_the_hash_seed_of_the_process_changes_nothing() -> None:
    script = (
        "import json; from tests.clustering.streams import *; "
        "print(json.dumps(cluster(batches(reports(3, 200), 30)).event_of, sort_keys=True))"
    )
    answers = {
        subprocess.run(
            [sys.executable, "-c", script],
            env=os.environ | {"PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(answers) == 1


def test_records_of_other_rules_are_refused() -> None:
    kept = cluster(batches(reports(1, 20), 20))
    clusterer = Clusterer()
    clusterer.versions = Versions(features=99, num_perm=clusterer.settings.copy_rows)
    with pytest.raises(StoreError, match="not 99"):
        clusterer.restore(kept.snapshot())


def test_the_evidence_names_what_the_decision_was_made_from() -> None:
    kept = cluster(batches(reports(2, 120), 30))
    joined = [new.evidence for result in kept.results for new in result.assignments if new.evidence.rule != "founded"]
    assert joined
    for evidence in joined:
        assert evidence.compared in kept.event_of
        assert evidence.cosine is not None
        assert 0 < evidence.cosine <= 1.001
        assert evidence.terms
        assert abs(sum(weight for _, weight in evidence.terms)) <= evidence.cosine + 0.01
        assert Evidence.from_json(evidence.to_json()) == evidence
        json.loads(evidence.to_json())


def test_the_same_title_in_many_feeds_is_one_event_of_copies() -> None:
    one = reports(1, 1)[0]
    same = [replace(one, id=number, feed=number, outlet=f"Outlet {number}") for number in range(1, 30)]
    kept = cluster(batches(same, 10))
    assert len(set(kept.event_of.values())) == 1
    assert set(kept.copies()) == set(range(2, 30))
    assert set(kept.copies().values()) == {1}


HOSTILE = {
    "empty": ["", "   ", "\n"] * 20,
    "emoji": ["🔥🔥🔥", "😀 😃 😄", "🇮🇩🇹🇷"] * 20,
    "mixed scripts": ["Taliban تالیبان талибан 塔利班 กลุ่มตาลีบัน " + str(number) for number in range(60)],
    "huge": ["word " * 10_000, "".join(map(chr, range(0x4E00, 0x9000)))],
    "control": ["\x00\x01\ufffe\u202e bidi", "\ud800 lone".encode("utf-8", "replace").decode()],
    "one title": ["Breaking news"] * 500,
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_hostile_titles_are_clustered_without_a_crash(kind: str) -> None:
    base = reports(1, 1)[0]
    stream = [
        replace(base, id=number, title=title, summary=title, language=None, feed=number)
        for number, title in enumerate(HOSTILE[kind], 1)
    ]
    kept = cluster(batches(stream, 50))
    assert len(kept.event_of) == len(stream)


def test_entries_without_words_are_events_of_their_own() -> None:
    base = reports(1, 1)[0]
    stream = [replace(base, id=number, title="", summary="🔥") for number in range(1, 40)]
    assert len(set(cluster(batches(stream, 10)).event_of.values())) == 39


def test_a_report_of_long_ago_does_not_join_today() -> None:
    now, old = reports(4, 2)
    old = replace(now, id=99, time=now.time - timedelta(days=3650))
    kept = cluster([[now], [old]])
    assert kept.event_of[now.id] != kept.event_of[99]


def test_memory_is_that_of_the_window() -> None:
    clusterer = Clusterer()
    sizes = []
    for number, batch in enumerate(batches(reports(6, 3000, minutes=240), 100), 1):
        clusterer.assign(batch, number)
        sizes.append(clusterer.linker.window.nbytes)
    assert max(sizes[15:]) <= 1.5 * max(sizes[8:15])
