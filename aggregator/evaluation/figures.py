"""How well events agree with labels. Pure.

B-cubed precision and recall average over entries: of the entries that share an entry's event, the share that belong to
its happening; and the reverse (Bagga and Baldwin 1998, "Algorithms for scoring coreference chains"). Pairwise figures
count pairs of entries, and so weigh large events more (Amigó et al. 2009, "A comparison of extrinsic clustering
evaluation metrics"). An entry without a prediction is an event of its own.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from aggregator.evaluation.gold import Labelled, LabelledPair

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterFigures:
    """Agreement with labelled clusters, in 0..1."""

    entries: int
    happenings: int
    events: int
    b3_precision: float
    b3_recall: float
    pair_precision: float  # 1 where no pair was made
    pair_recall: float

    @property
    def b3_f1(self) -> float:
        """Give the harmonic mean of B-cubed precision and recall."""
        return f1(self.b3_precision, self.b3_recall)

    @property
    def pair_f1(self) -> float:
        """Give the harmonic mean of pairwise precision and recall."""
        return f1(self.pair_precision, self.pair_recall)


@dataclass(frozen=True, slots=True, kw_only=True)
class PairFigures:
    """Agreement with labelled pairs, in 0..1."""

    pairs: int
    same: int
    precision: float
    recall: float

    @property
    def f1(self) -> float:
        """Give the harmonic mean of precision and recall."""
        return f1(self.precision, self.recall)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mixed:
    """An event of several happenings, or a happening in several events; `wrong` pairs should not be, or should."""

    name: str
    parts: tuple[tuple[str, tuple[Labelled, ...]], ...]  # largest first
    wrong: int


def f1(precision: float, recall: float) -> float:
    """Give the harmonic mean; 0 where both are."""
    total = precision + recall
    return 2 * precision * recall / total if total else 0.0


def score_clusters(gold: Sequence[Labelled], event_of: Mapping[str, str]) -> ClusterFigures:
    """Measure events against labelled clusters; where labels hold for one day, events are cut at the day's end."""
    predicted = [_event(row, event_of) for row in gold]
    truth = [row.cluster for row in gold]
    events, happenings = Counter(predicted), Counter(truth)
    both = Counter(zip(predicted, truth, strict=True))
    hits = sum(map(_pairs, both.values()))
    made, wanted = sum(map(_pairs, events.values())), sum(map(_pairs, happenings.values()))
    return ClusterFigures(
        entries=len(gold),
        happenings=len(happenings),
        events=len(events),
        b3_precision=sum(n * n / events[event] for (event, _), n in both.items()) / max(1, len(gold)),
        b3_recall=sum(n * n / happenings[label] for (_, label), n in both.items()) / max(1, len(gold)),
        pair_precision=hits / made if made else 1.0,
        pair_recall=hits / wanted if wanted else 1.0,
    )


def score_pairs(gold: Sequence[LabelledPair], event_of: Mapping[str, str]) -> PairFigures:
    """Measure events against labelled pairs."""
    counted = Counter((_together(pair, event_of), pair.same) for pair in gold)
    hits, false, missed = counted[True, True], counted[True, False], counted[False, True]
    return PairFigures(
        pairs=len(gold),
        same=hits + missed,
        precision=hits / (hits + false) if hits + false else 1.0,
        recall=hits / (hits + missed) if hits + missed else 1.0,
    )


def clusters_by_language(gold: Sequence[Labelled], event_of: Mapping[str, str]) -> dict[str, ClusterFigures]:
    """Measure the entries of each language by themselves, the commonest first."""
    return {language: score_clusters(rows, event_of) for language, rows in _grouped(gold, lambda row: row.language)}


def pairs_by_language(gold: Sequence[LabelledPair], event_of: Mapping[str, str]) -> dict[str, PairFigures]:
    """Measure the pairs of each language, and those between languages, by themselves, the commonest first."""
    kinds = _grouped(gold, lambda pair: pair.languages[0] if len(set(pair.languages)) == 1 else "between languages")
    return {kind: score_pairs(rows, event_of) for kind, rows in kinds}


def worst_mixed(gold: Sequence[Labelled], event_of: Mapping[str, str], most: int) -> list[Mixed]:
    """Give the events with most pairs of entries that report different happenings."""
    return _worst(gold, lambda row: _event(row, event_of)[1], lambda row: row.cluster, most)


def worst_split(gold: Sequence[Labelled], event_of: Mapping[str, str], most: int) -> list[Mixed]:
    """Give the happenings with most pairs of entries that are in different events."""
    return _worst(gold, lambda row: row.cluster, lambda row: _event(row, event_of)[1], most)


def wrong_pairs(gold: Sequence[LabelledPair], event_of: Mapping[str, str], *, same: bool) -> list[LabelledPair]:
    """Give the pairs that are apart though they are the `same`, or together though they are not."""
    return [pair for pair in gold if pair.same == same and _together(pair, event_of) != same]


def _event(row: Labelled, event_of: Mapping[str, str]) -> tuple[str | None, str]:
    return row.day, event_of.get(row.id, f"alone:{row.id}")


def _together(pair: LabelledPair, event_of: Mapping[str, str]) -> bool:
    event = event_of.get(pair.one)
    return event is not None and event == event_of.get(pair.other)


def _pairs(count: int) -> int:
    return count * (count - 1) // 2


def _grouped(rows: Sequence[T], key: Callable[[T], str]) -> list[tuple[str, list[T]]]:
    groups: defaultdict[str, list[T]] = defaultdict(list)
    for row in rows:
        groups[key(row)].append(row)
    return sorted(groups.items(), key=lambda group: (-len(group[1]), group[0]))


def _worst(
    gold: Sequence[Labelled], outer: Callable[[Labelled], str], inner: Callable[[Labelled], str], most: int
) -> list[Mixed]:
    found = []
    for name, rows in _grouped(gold, outer):
        parts = _grouped(rows, inner)
        wrong = _pairs(len(rows)) - sum(_pairs(len(part)) for _, part in parts)
        if wrong:
            found.append(Mixed(name=name, parts=tuple((part, tuple(of)) for part, of in parts), wrong=wrong))
    return sorted(found, key=lambda one: (-one.wrong, one.name))[:most]
