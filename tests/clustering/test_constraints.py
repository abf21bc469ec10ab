"""What follows from pairs that belong together or apart: groups, moves, contradictions."""

from hypothesis import given
from hypothesis import strategies as st

from aggregator.clustering.constraints import Constraints, Contradiction, Link, contradiction, grouped, mend

PAIRS = st.frozensets(st.tuples(st.integers(1, 12), st.integers(1, 12)).filter(lambda pair: pair[0] != pair[1]))


def bound(*pairs: tuple[int, int]) -> frozenset[tuple[int, int]]:
    return frozenset(pairs)


def together(one: int, other: int, correction: int) -> Link:
    return Link(one, other, apart=False, correction=correction)


def apart(one: int, other: int, correction: int) -> Link:
    return Link(one, other, apart=True, correction=correction)


def test_entries_are_together_through_others_and_apart_with_them() -> None:
    groups = grouped(Constraints(together=bound((3, 1), (3, 7)), apart=bound((7, 9))))
    assert groups.members == {1: (1, 3, 7), 9: (9,)}
    assert groups.apart == {1: {9}, 9: {1}}


def test_a_group_gathers_where_most_of_it_is() -> None:
    groups = grouped(Constraints(together=bound((1, 2), (2, 3))))
    assert mend(groups, {1: 50, 2: 60, 3: 60}) == {1: 60}


def test_who_has_most_against_it_leaves_an_event() -> None:
    groups = grouped(Constraints(together=bound((1, 2)), apart=bound((1, 3), (1, 4), (1, 5))))
    assert mend(groups, dict.fromkeys((1, 2, 3, 4, 5), 70)) == {1: -1, 2: -1}
    few = grouped(Constraints(together=bound((1, 2), (2, 6), (6, 7)), apart=bound((1, 3), (1, 4))))
    assert mend(few, dict.fromkeys((1, 2, 3, 4, 6, 7), 70)) == {3: -1, 4: -1}


def test_nothing_moves_where_every_constraint_holds() -> None:
    groups = grouped(Constraints(together=bound((1, 2)), apart=bound((1, 3))))
    assert mend(groups, {1: 5, 2: 5, 3: 6}) == {}


def test_entries_that_are_not_stored_any_more_still_bind_others() -> None:
    groups = grouped(Constraints(together=bound((1, 2), (2, 3))))
    assert mend(groups, {1: 5, 3: 6}) == {3: 5}


@given(PAIRS, PAIRS, st.dictionaries(st.integers(1, 12), st.integers(1, 4)))
def test_after_the_moves_every_constraint_holds(
    ones: frozenset[tuple[int, int]], others: frozenset[tuple[int, int]], event_of: dict[int, int]
) -> None:
    links = [together(*pair, 1) for pair in sorted(ones)]
    for pair in sorted(others):
        if contradiction([*links, apart(*pair, 2)]) is None:
            links.append(apart(*pair, 2))
    kept = frozenset((link.one, link.other) for link in links if link.apart)
    moves = mend(grouped(Constraints(together=ones, apart=kept)), event_of)
    after = event_of | moves
    assert after.keys() == event_of.keys()
    for one, other in ones:
        assert after.get(one) == after.get(other) or not {one, other} <= after.keys()
    for one, other in kept:
        assert after.get(one) != after.get(other) or not {one, other} <= after.keys()
    assert mend(grouped(Constraints(together=ones, apart=kept)), after) == {}


def test_a_contradiction_names_the_shortest_chain() -> None:
    links = [together(1, 2, 3), together(2, 4, 3), together(4, 6, 5), together(1, 8, 7), together(8, 9, 8)]
    links += [together(9, 6, 9), apart(1, 6, 0)]
    assert contradiction(links) == Contradiction(apart(1, 6, 0), (together(1, 4, 3), together(4, 6, 5)))


def test_an_entry_cannot_be_apart_from_itself() -> None:
    assert contradiction([apart(1, 1, 2)]) == Contradiction(apart(1, 1, 2), ())


@given(PAIRS, PAIRS)
def test_a_contradiction_is_found_where_a_pair_apart_is_in_one_group(
    ones: frozenset[tuple[int, int]], others: frozenset[tuple[int, int]]
) -> None:
    of = grouped(Constraints(together=ones)).of
    links = [together(*pair, 1) for pair in ones] + [apart(*pair, 2) for pair in others]
    found = contradiction(links)
    assert (found is not None) == any(of.get(one, one) == of.get(other, other) for one, other in others)
    if found is not None:
        assert found.chain[0].one == found.apart.one
        assert found.chain[-1].other == found.apart.other
