"""Stored evidence gives the stored decision."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from aggregator.clustering.evidence import Evidence
from aggregator.clustering.replaying import adds_up, replayed
from tests.clustering.streams import Kept, batches, cluster, reports


def decided(kept: Kept) -> Iterator[tuple[str, Evidence]]:
    """Give each decision as it is read back: its rule and its evidence."""
    for result in kept.results:
        for new in result.assignments:
            yield new.evidence.rule, Evidence.from_json(new.evidence.to_json())
        for move in result.moves:
            yield move.reason, Evidence.from_json(move.evidence.to_json())


@pytest.mark.parametrize("size", [7, 150])
def test_stored_evidence_gives_the_stored_decision(size: int) -> None:
    found = list(decided(cluster(batches(reports(3), size))))
    assert {rule for rule, _ in found} >= {"founded", "joined", "copy", "merge"}
    for rule, evidence in found:
        assert adds_up(evidence)
        assert replayed(evidence) == rule


def test_evidence_names_the_revision_that_was_judged() -> None:
    stream = reports(5)
    edits = [replace(stream[390 + n], title=stream[n * 9].title, revision=1) for n in range(8)]
    kept = cluster([*batches(stream, 100), edits])
    moves = {move.entry: move.evidence for move in kept.results[-1].moves}
    edited = {entry: why for entry, why in moves.items() if entry in {one.id for one in edits}}
    assert edited
    assert {why.revision for why in edited.values()} == {1}
    first = [new.evidence for result in kept.results for new in result.assignments]
    assert {why.revision for why in first} == {0}


def test_what_was_changed_by_hand_is_noticed() -> None:
    joined = next(why for rule, why in decided(cluster(batches(reports(3), 150))) if rule == "joined")
    assert joined.score is not None
    assert not adds_up(replace(joined, parts={**joined.parts, "words": 9.0}))
    stricter = replace(joined, thresholds={**joined.thresholds, "needed": joined.score + 0.01})
    assert replayed(stricter) != "joined"
    assert replayed(replace(joined, score=-1.0)) != "joined"
