"""Ids survive by majority, and none is used twice."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from aggregator.clustering.result import Merge, Split
from aggregator.clustering.surviving import surviving

NEXT = 100


def test_an_event_that_nobody_disputes_keeps_its_id() -> None:
    made = surviving({1: 900, 2: 900, 3: 901}, {1: 7, 2: 7, 3: 8}, {}, NEXT)
    assert made.event_of == {1: 7, 2: 7, 3: 8}
    assert (made.merges, made.splits, made.next_event) == ((), (), NEXT)


def test_the_larger_part_keeps_the_id_and_the_other_gets_a_new_one() -> None:
    made = surviving({1: 900, 2: 901, 3: 901}, {1: 7, 2: 7, 3: 7}, {}, NEXT)
    assert made.event_of == {1: NEXT, 2: 7, 3: 7}
    assert made.splits == (Split(event=NEXT, parted_from=7),)
    assert made.next_event == NEXT + 1


def test_of_two_that_become_one_the_larger_survives() -> None:
    made = surviving({1: 900, 2: 900, 3: 900}, {1: 7, 2: 8, 3: 8}, {}, NEXT)
    assert set(made.event_of.values()) == {8}
    assert made.merges == (Merge(absorbed=7, survivor=8),)


def test_an_event_with_more_entries_of_old_stays_where_they_are() -> None:
    made = surviving({1: 900, 2: 900, 3: 900}, {1: 7, 2: 8, 3: 8}, {7: 5}, NEXT)
    assert made.event_of[1] == 8
    assert made.merges == ()


events = st.integers(1, 6)


@given(
    st.dictionaries(st.integers(1, 30), st.tuples(events, events), min_size=1), st.dictionaries(events, st.integers(1))
)
def test_the_parts_are_those_made_anew_under_ids_that_each_serve_once(
    placed: dict[int, tuple[int, int]], outside: dict[int, int]
) -> None:
    fresh = {entry: 900 + new for entry, (new, _) in placed.items()}
    present = {entry: old for entry, (_, old) in placed.items()}
    made = surviving(fresh, present, outside, NEXT)
    named = {(fresh[entry], made.event_of[entry]) for entry in fresh}
    assert len(named) == len(set(fresh.values())) == len(set(made.event_of.values()))
    assert made.event_of.keys() == fresh.keys()
    minted = {event for event in made.event_of.values() if event >= NEXT}
    assert minted == set(range(NEXT, made.next_event))
    gone = {merge.absorbed for merge in made.merges}
    assert gone.isdisjoint(made.event_of.values())
    for old in set(present.values()) - set(made.event_of.values()) - gone:
        assert outside[old] > sum(was == old for was in present.values())
    most = Counter(present.values()).most_common(1)[0]
    if len(set(fresh.values())) == 1:
        assert present[next(e for e in present if made.event_of[e] == present[e])] in present.values()
        assert sum(made.event_of[e] == present[e] for e in present) == most[1]
