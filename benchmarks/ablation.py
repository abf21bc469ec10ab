"""What each ingredient of clustering gives, and how much each threshold matters, on labelled sets.

    python benchmarks/ablation.py LABELS.jsonl.gz ... [--tables ablation sweep ...] [--first SET=ROWS ...]

Runs the clusterer of `aggregator cluster` with one setting changed at a time and prints tables for docs/clustering.md:
macro B-cubed F1 and macro pair precision, always both. What the texts say is found out once: no setting changes it.
"""

import argparse
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import timedelta
from pathlib import Path
from statistics import fmean
from typing import Any

from aggregator.clustering.assign import Clusterer
from aggregator.clustering.settings import DEFAULT, Settings, Strictness
from aggregator.clustering.stream import Stream
from aggregator.evaluation.figures import score_clusters
from aggregator.evaluation.gold import Gold, read_gold
from aggregator.model import EntryId, Report
from aggregator.text.features import Features

HOUR = timedelta(hours=1)

# what is switched off, and how
INGREDIENTS: Mapping[str, Mapping[str, Any]] = {
    "size of the event": {"size_weight": 0.0},
    "pairs (likeness to members)": {"pair_weight": 0.0},
    "crowd around both": {"crowd": 0.0, "pair_middle": 0.34},
    "length of the text": {"length_weight": 0.0},
    "gap in time": {"gap_weight": 0.0},
    "numbers that contradict": {"contradiction": 0.0},
    "words of the topic around": {"topic": 0.0},
    "company of entries": {"company": 0.0},
    "caution while little is known": {"caution": 0.0},
    "an outlet's own reports": {"outlet": 0.0},
    "repair": {"repair_passes": 0},
    "merge": {"merge_rounds": 0},
    "merge asks more when settled": {"merge_settled": 0.0, "merge_old": 0.0},
    "what is settled stays": {"settle": timedelta(days=99), "merge_settled": 0.0, "merge_old": 0.0},
    "wide search (32 bands, 24 a bucket, 48 candidates)": {"bands": 32, "bucket": 24, "candidates": 48},
}

# two steps to each side; what matters most first
STEPS: Mapping[str, Sequence[Any]] = {
    "join": (-0.04, -0.02, 0.02, 0.04),
    "merge": (-0.08, -0.06, -0.02, 0.0),
    "company": (0.03, 0.045, 0.075, 0.09),
    "crowd": (0.4, 0.45, 0.55, 0.6),
    "gap_weight": (0.05, 0.075, 0.125, 0.15),
    "size_weight": (0.5, 0.6, 0.8, 0.9),
    "hit": (0.45, 0.5, 0.6, 0.65),
    "pair_weight": (0.7, 0.85, 1.15, 1.3),
    "merge_settled": (0.0, 0.05, 0.15, 0.2),
    "length_weight": (0.06, 0.09, 0.15, 0.18),
    "topic": (0.2, 0.25, 0.35, 0.4),
    "contradiction": (0.0, 0.05, 0.15, 0.2),
    "outlet": (0.0, 0.075, 0.225, 0.3),
    "company_usual": (0.77, 0.8, 0.86, 0.89),
    "merge_tighten": (0.0, 0.01, 0.03, 0.04),
    "pair_count": (1, 2, 4, 5),
    "consulted": (12, 16, 26, 32),
    "caution": (0.0, 0.015, 0.045, 0.06),
    "merge_old": (0.0, 0.05, 0.15, 0.2),
    "merge_link": (0.2, 0.25, 0.35, 0.4),
    "merge_members": (3, 4, 7, 9),
    "stay": (0.0, 0.0125, 0.05, 0.075),
    "bands": (32, 40, 56, 64),
    "link": (0.04, 0.06, 0.1, 0.12),
    "settle": (timedelta(0), HOUR / 2, 2 * HOUR, 4 * HOUR),
}


@dataclass(frozen=True, slots=True)
class Labels:
    """A labelled set, cut to its first rows, with what its texts say."""

    name: str
    gold: Gold
    known: dict[EntryId, Features]


@dataclass(frozen=True, slots=True)
class Figures:
    """What one configuration came to."""

    f1: float
    precision: float
    by_set: Mapping[str, tuple[float, float]]
    moved: Mapping[str, tuple[float, float]]  # share of entries that changed event after an hour, after a day


class Known(Clusterer):
    """The clusterer, but what texts say is remembered between runs."""

    def __init__(self, settings: Settings, known: dict[EntryId, Features]) -> None:
        super().__init__(settings, explain=False)
        self.known = known

    def _analysed(self, reports: Sequence[Report]) -> list[Features]:
        if not all(report.id in self.known for report in reports):
            self.known |= zip([report.id for report in reports], super()._analysed(reports), strict=True)
        return [self.known[report.id] for report in reports]


def measure(sets: Sequence[Labels], settings: Settings, batch: int = 100) -> Figures:
    """Cluster each set and score it."""
    by_set, moved = {}, {}
    for labels in sets:
        stream = Stream(settings, batch=batch)
        stream.clusterer = Known(settings, labels.known if batch == 100 else {})  # what feeds repeat: learnt by batches
        for _ in stream.run(labels.gold.entries):
            pass
        event_of = {row["id"]: str(row["event"]) for row in stream.results()}
        figures = score_clusters(labels.gold.clusters, event_of)
        by_set[labels.name] = figures.b3_f1, figures.pair_precision
        late = [{move.id for move in stream.moves if move.age >= age} for age in (3600.0, 86400.0)]
        moved[labels.name] = len(late[0]) / len(stream.names), len(late[1]) / len(stream.names)
    f1s, precisions = zip(*by_set.values(), strict=True)
    return Figures(fmean(f1s), fmean(precisions), by_set, moved)


def read_sets(paths: Sequence[Path], first: Mapping[str, int]) -> list[Labels]:
    """Read labelled sets; of some the first rows alone."""
    sets = []
    for path in paths:
        name = path.name.split(".")[0]
        gold, rows = read_gold(path), first.get(name)
        cut = replace(gold, entries=gold.entries[:rows], clusters=gold.clusters[:rows])
        sets.append(Labels(name, cut, {}))
    return sets


def row(name: str, figures: Figures, base: Figures | None) -> str:
    """Give a line of a table: the macro figures, what changed against the default, then each set."""
    change = "| | |" if base is None else f"| {figures.f1 - base.f1:+.3f} | {figures.precision - base.precision:+.3f} |"
    each = " | ".join(f"{f1:.3f} / {precision:.2f}" for f1, precision in figures.by_set.values())
    return f"| {name} | {figures.f1:.3f} | {figures.precision:.3f} {change} {each} |"


def head(title: str, sets: Sequence[Labels]) -> str:
    """Give the head of a table of such lines."""
    names = " | ".join(each.name for each in sets)
    lines = f"| {title} | macro B3 F1 | macro pair P | F1 | pair P | {names} |", "|---" * (5 + len(sets)) + "|"
    return "\n".join(lines)


def ablation(sets: Sequence[Labels]) -> Iterator[str]:
    """Switch off each ingredient."""
    yield head("without", sets)
    base = measure(sets, DEFAULT)
    yield row("nothing: the default", base, None)
    for name, off in INGREDIENTS.items():
        yield row(name, measure(sets, replace(DEFAULT, **off)), base)


def sweep(sets: Sequence[Labels]) -> Iterator[str]:
    """Move each threshold two steps to each side."""
    yield head("threshold", sets)
    base = measure(sets, DEFAULT)
    yield row("the default", base, None)
    for name, values in STEPS.items():
        for value in values:
            yield row(f"`{name}` {_shown(value)}", measure(sets, replace(DEFAULT, **{name: value})), base)


def _shown(value: object) -> str:
    return f"{value / HOUR:g} h" if isinstance(value, timedelta) else f"{value:g}"


def strictness(sets: Sequence[Labels]) -> Iterator[str]:
    """Turn the one knob for people."""
    yield head("strictness", sets)
    levels: tuple[Strictness, ...] = ("careful", "balanced", "wide")
    for level in levels:
        yield row(level, measure(sets, Settings.for_strictness(level)), None)


def batches(sets: Sequence[Labels]) -> Iterator[str]:
    """Cut the stream into other batches; of each set also who moved after an hour, and after a day."""
    yield head("batches of", sets)
    for size in (20, 100, 500):
        figures = measure(sets, DEFAULT, size)
        yield row(str(size), figures, None)
        yield "moved: " + ", ".join(f"{name} {hour:.1%} {day:.1%}" for name, (hour, day) in figures.moved.items())


TABLES: Mapping[str, Callable[[Sequence[Labels]], Iterator[str]]] = {
    "ablation": ablation,
    "strictness": strictness,
    "batches": batches,
    "sweep": sweep,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("labels", type=Path, nargs="+")
    parser.add_argument("--tables", choices=TABLES, nargs="+", default=list(TABLES))
    parser.add_argument("--first", nargs="*", default=[], metavar="SET=ROWS", help="take the first rows of a set alone")
    args = parser.parse_args()
    first = {name: int(rows) for name, _, rows in (each.partition("=") for each in args.first)}
    unknown = {name for off in (*INGREDIENTS.values(), STEPS) for name in off} - {
        each.name for each in fields(Settings)
    }
    if unknown:
        sys.exit(f"no settings: {', '.join(sorted(unknown))}")
    sets = read_sets(args.labels, first)
    for table in args.tables:
        started = time.process_time()
        for line in TABLES[table](sets):
            print(line, flush=True)
        print(f"\n({time.process_time() - started:.0f} s of CPU)\n", flush=True)


if __name__ == "__main__":
    main()
