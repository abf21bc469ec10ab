"""Near-identical texts are copies of each other, whatever their outlets add; short headlines are none."""

import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import combinations
from statistics import fmean

from aggregator.clustering.assign import Clusterer
from aggregator.clustering.minhash import Signer, jaccard
from aggregator.model import EntryId, Report
from tests.clustering.streams import COMMON, names

START = datetime(2026, 3, 1, tzinfo=UTC)


def report(number: int, title: str, summary: str = "", outlet: int = 0) -> Report:
    return Report(
        id=number, title=title, summary=summary, language="en", outlet=f"Outlet {outlet or number}",
        feed=outlet or number, time=START + timedelta(minutes=number),
    )  # fmt: skip


def originals(reports: Sequence[Report], batch: int = 50) -> dict[EntryId, EntryId | None]:
    clusterer, found = Clusterer(), {}
    for start in range(0, len(reports), batch):
        for copy in clusterer.assign(reports[start : start + batch], start).copies:
            found[copy.entry] = copy.original
    return found


def exact(one: str, other: str) -> float:
    a, b = set(one.lower().split()), set(other.lower().split())
    return len(a & b) / len(a | b)


def slightly_changed(rng: random.Random, text: str, share: float) -> str:
    words = text.split()
    return " ".join(rng.choice(COMMON) if rng.random() < share else word for word in words)


def test_a_short_headline_is_never_a_copy_by_itself() -> None:
    assert originals([report(1, "Stocks fall on Wall Street"), report(2, "Stocks fall on Wall Street")]) == {}


def test_six_words_are_enough_for_a_copy() -> None:
    told = "Stocks fall sharply on Wall Street"
    assert originals([report(1, told), report(2, told)]) == {2: 1}


def test_what_outlets_add_to_every_title_hides_no_copy() -> None:
    rng = random.Random(3)
    told = [" ".join([*names(rng, 4), *rng.sample(COMMON, 4)]) for _ in range(40)]
    added = [" - News of the World and Elsewhere", " | All that matters to you today"]
    reports = [
        report(2 * at + which + 1, text + added[which], outlet=which + 1)
        for at, text in enumerate(told)
        for which in (0, 1)
    ]
    found = originals(reports)
    learnt = range(20, 40)  # what repeats has to be seen a few times
    assert [found.get(2 * at + 2) for at in learnt] == [2 * at + 1 for at in learnt]


def test_of_texts_alike_by_four_fifths_nearly_all_are_copies() -> None:
    rng = random.Random(5)
    base = [" ".join([*names(rng, 12), *rng.sample(COMMON, 10)]) for _ in range(60)]
    texts = [slightly_changed(rng, text, share) for text in base for share in (0.0, 0.04, 0.08, 0.12)]
    found = originals([report(number, "", text) for number, text in enumerate(texts, 1)])
    alike = [
        (one, other)
        for (one, a), (other, b) in combinations(enumerate(texts, 1), 2)
        if exact(a, b) >= 0.8
    ]  # fmt: skip
    recognised = [found.get(later) is not None for _, later in alike]
    assert len(alike) > 100
    assert fmean(recognised) >= 0.98


def test_the_estimate_is_off_by_less_than_its_standard_error_in_the_mean() -> None:
    rng, signer = random.Random(9), Signer(128)
    off = []
    for _ in range(300):
        words = [f"w{rng.randrange(10**6)}" for _ in range(60)]
        kept = rng.randint(0, 60)
        pair = [set(words), set(words[:kept]) | {f"x{at}" for at in range(60 - kept)}]
        one, other = signer.sign([[signer.hash(word.encode()) for word in sorted(each)] for each in pair])
        off.append(jaccard(one, other) - len(pair[0] & pair[1]) / len(pair[0] | pair[1]))
    assert fmean(map(abs, off)) < 0.5 / 128**0.5
    assert abs(fmean(off)) < 0.01
