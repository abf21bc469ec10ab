"""What each ingredient of clustering gives, and how much each threshold matters, on labelled sets.

    python benchmarks/ablation.py LABELS.jsonl.gz ... [--tables ablation sweep ...] [--first SET=ROWS ...]

Runs the clusterer of `aggregator cluster` with one setting changed at a time and prints tables for docs/clustering.md:
macro B-cubed F1 and macro pair precision, always both. What the texts say is found out once: no setting changes it.
"""

import argparse
import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import timedelta
from multiprocessing import get_context
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

# how far each threshold is moved in a step; what matters most first
STEPS: Mapping[str, Any] = {
    "join": 0.02,
    "merge": 0.02,
    "company": 0.015,
    "company_usual": 0.03,
    "crowd": 0.05,
    "gap_weight": 0.025,
    "size_weight": 0.1,
    "hit": 0.05,
    "pair_weight": 0.15,
    "length_weight": 0.03,
    "topic": 0.05,
    "contradiction": 0.05,
    "outlet": 0.075,
    "merge_settled": 0.05,
    "merge_old": 0.05,
    "merge_tighten": 0.01,
    "pair_count": 1,
    "consulted": 4,
    "caution": 0.015,
    "merge_link": 0.05,
    "merge_members": 1,
    "stay": 0.0125,
    "bands": 8,
    "link": 0.02,
    "settle": HOUR / 2,
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


_SETS: list[Labels] = []  # what forked processes measure on: they have it from this one


def each_measured(sets: Sequence[Labels], settings: Sequence[Settings]) -> Iterator[Figures]:
    """Measure one configuration after another, on all processors; each has what the texts say from this process."""
    _SETS[:] = sets
    with get_context("fork").Pool(os.cpu_count()) as pool:
        yield from pool.imap(_measured, settings)


def _measured(settings: Settings) -> Figures:
    return measure(_SETS, settings)


def ablation(sets: Sequence[Labels]) -> Iterator[str]:
    """Switch off each ingredient."""
    yield head("without", sets)
    base = measure(sets, DEFAULT)
    yield row("nothing: the default", base, None)
    found = each_measured(sets, [replace(DEFAULT, **off) for off in INGREDIENTS.values()])
    for name, figures in zip(INGREDIENTS, found, strict=True):
        yield row(name, figures, base)


def sweep(sets: Sequence[Labels]) -> Iterator[str]:
    """Move each threshold two steps to each side."""
    base = measure(sets, DEFAULT)
    yield f"The default: {_both(base)}\n"
    yield "| threshold | default | two steps down | one down | one up | two up |"
    yield "|---" * 6 + "|"
    steps = [(name, [getattr(DEFAULT, name) + n * step for n in (-2, -1, 1, 2)]) for name, step in STEPS.items()]
    found = each_measured(sets, [replace(DEFAULT, **{name: value}) for name, values in steps for value in values])
    for name, values in steps:
        cells = " | ".join(f"{_shown(value)}: {_both(next(found))}" for value in values)
        yield f"| `{name}` | {_shown(getattr(DEFAULT, name))} | {cells} |"


def _both(figures: Figures) -> str:
    return f"{figures.f1:.3f} / {figures.precision:.3f}"


def _shown(value: object) -> str:
    return f"{value / HOUR:g} h" if isinstance(value, timedelta) else f"{value:.4g}"


def strictness(sets: Sequence[Labels]) -> Iterator[str]:
    """Turn the one knob for people."""
    yield head("strictness", sets)
    levels: tuple[Strictness, ...] = ("careful", "balanced", "wide")
    found = each_measured(sets, [Settings.for_strictness(level) for level in levels])
    for level, figures in zip(levels, found, strict=True):
        yield row(level, figures, None)


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
        started = time.perf_counter()
        for line in TABLES[table](sets):
            print(line, flush=True)
        print(f"\n({time.perf_counter() - started:.0f} s)\n", flush=True)


if __name__ == "__main__":
    main()
