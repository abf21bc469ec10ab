"""Which pairs a person is asked about."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from aggregator.evaluation.borderline import Borderline, chosen

scores = st.floats(-1, 1).map(lambda score: round(score, 3))
found = st.lists(
    st.builds(
        Borderline,
        one=st.integers(1, 40),
        other=st.integers(41, 80),
        threshold=st.sampled_from(["join", "merge"]),
        score=scores,
        needed=st.just(0.0),
        together=st.booleans(),
    ),
    max_size=60,
    unique_by=lambda one: (one.one, one.other),
)


def pair(one: int, score: float, threshold: str = "join") -> Borderline:
    return Borderline(
        one=one, other=one + 1000, threshold=threshold, score=score, needed=0.0, together=score >= 0  # type: ignore[arg-type]
    )  # fmt: skip


def test_each_side_of_each_threshold_has_its_share_near_the_line() -> None:
    kinds = [(threshold, sign) for threshold in ("join", "merge") for sign in (-1, 1)]
    many = [
        pair(k * 100 + n, sign * (n + 0.5) / 100, threshold)
        for k, (threshold, sign) in enumerate(kinds)
        for n in range(99)
    ]
    taken = chosen(many, 20, seed=1)
    assert Counter((one.threshold, one.margin > 0) for one in taken) == {
        (threshold, sign > 0): 5 for threshold, sign in kinds
    }
    assert max(abs(one.margin) for one in taken) <= 0.15


@given(found, st.integers(1, 30), st.integers(0, 3))
def test_as_many_as_are_wanted_each_pair_once_and_the_same_for_a_seed(
    measured: list[Borderline], wanted: int, seed: int
) -> None:
    taken = chosen(measured, wanted, seed)
    pairs = [(one.one, one.other) for one in taken]
    assert len(set(pairs)) == len(pairs) <= wanted
    assert set(taken) <= set(measured)
    assert taken == chosen(reversed(measured), wanted, seed)
