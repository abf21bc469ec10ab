"""What stands between entries of two events: measured with the clusterer's own structures, thresholds beside each.

A clusterer is restored from what is stored, or made of the entries in question alone where their records have left the
store; nothing is decided and nothing is written.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from aggregator.clustering.assign import Clusterer
from aggregator.clustering.deciding import choices
from aggregator.clustering.events import OpenEvent
from aggregator.clustering.merging import affinity, least_affinity
from aggregator.clustering.minhash import jaccard
from aggregator.clustering.reading import read
from aggregator.clustering.result import Snapshot
from aggregator.clustering.scoring import score
from aggregator.clustering.settings import Settings
from aggregator.errors import InputError
from aggregator.model import EntryId, EventId, Report
from aggregator.text.features import Features

MOST_WORDS = 1_000  # distinct words of a text that are signed


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Two entries, the nearest of those in question."""

    one: EntryId
    other: EntryId
    same_space: bool  # near languages share a token space; others are never compared
    shared_bands: int  # 0: MinHash did not propose the pair
    bands: int
    linked: bool  # they are among each other's neighbours
    cosine: float  # of the weighted words
    estimate: float  # of the Jaccard similarity
    exact: float
    terms: tuple[tuple[str, float], ...]  # shared words with what each adds to the cosine, the most telling first
    numbers: tuple[str, ...]  # that both name
    only_one: tuple[str, ...]  # numbers that only the first names
    only_other: tuple[str, ...]
    seconds: int  # apart


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """How well an entry fits the other event."""

    entry: EntryId
    event: EventId
    members: int
    total: float
    needed: float
    parts: Mapping[str, float]
    tried: bool  # the clusterer would score this event: it is around the entry, and young enough

    @property
    def missing(self) -> float:
        """Give what is missing to join; below zero where nothing is."""
        return self.needed - self.total


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """What was measured between two events, or between an entry and another's event."""

    pair: Pair
    fits: tuple[Fit, ...]  # the best first
    affinity: float  # mean score both ways
    merge_needed: float
    window: bool  # measured among their neighbours; False: they have left the window and were measured alone
    settings: Settings
    kept_apart: tuple[str, ...] = ()  # by whom, in sentences; whatever was measured

    @property
    def missing(self) -> tuple[str, ...]:
        """Say what was missing, in sentences; the first is what decided."""
        return (*self.kept_apart, *_missing(self))

    @property
    def would_join(self) -> tuple[str, ...]:
        """Say which thresholds would have joined them; empty where none would."""
        return () if self.kept_apart else tuple(_would_join(self))


def jaccard_of(one: Features, other: Features) -> float:
    """Give the Jaccard similarity of the words of two texts as they are signed (Broder 1997); 0 where one is empty."""
    a = set(list(dict.fromkeys(one.words))[:MOST_WORDS])
    b = set(list(dict.fromkeys(other.words))[:MOST_WORDS])
    return len(a & b) / len(a | b) if a and b else 0.0


def restored(settings: Settings, snapshot: Snapshot) -> Clusterer:
    """Give a clusterer as the store has it.

    Raises:
        StoreError: what is stored was made by other rules.
    """
    clusterer = Clusterer(settings)
    clusterer.restore(snapshot)
    return clusterer


def alone(settings: Settings, reports: Sequence[tuple[Report, EventId]], known: Snapshot, entries: int) -> Clusterer:
    """Give a clusterer that knows these entries alone; `entries`: how many its window would have held."""
    clusterer = Clusterer(settings)
    clusterer.restore(replace(known, records=(), event_of={}, first_seen={}))
    ordered = sorted(reports, key=lambda row: (row[0].time, row[0].feed, row[0].id))
    texts = [report for report, _ in ordered]
    clusterer.linker.add(texts, [read(clusterer.boilerplate, report) for report in texts])
    events, window = clusterer.events, clusterer.linker.window
    for position, (_, event) in enumerate(ordered, window.base):
        events.sizes[int(window.space[position - window.base])] = max(entries, len(ordered))
        events.add(position, events.opened(event))
    return clusterer


def newest(clusterer: Clusterer) -> int:
    """Give the time of the newest entry in the window, seconds."""
    window = clusterer.linker.window
    return int(window.time[window.first - window.base : window.end - window.base].max())


def holds(clusterer: Clusterer, entries: Sequence[EntryId]) -> bool:
    """Tell whether all of these entries are in the window."""
    return all(clusterer.holds(entry) for entry in entries)


def compare(clusterer: Clusterer, ones: Sequence[Report], others: Sequence[Report], *, window: bool) -> Comparison:
    """Measure what stands between some entries of one event and some of another.

    Raises:
        InputError: they are in one event.
    """
    positions = {report.id: _position(clusterer, report.id) for report in (*ones, *others)}
    events, settings = clusterer.events, clusterer.settings
    one, other = events.of(positions[ones[0].id]), events.of(positions[others[0].id])
    if one is other:
        raise InputError("these are in one event; `aggregator events why` says why")
    features = {report.id: read(clusterer.boilerplate, report) for report in (*ones, *others)}
    pairs = [(a, b) for a in ones for b in others]
    near = max(pairs, key=lambda pair: _cosine(clusterer, positions[pair[0].id], positions[pair[1].id]))
    fits = [_fit(clusterer, positions[report.id], other) for report in ones]
    fits += [_fit(clusterer, positions[report.id], one) for report in others]
    return Comparison(
        pair=_pair(clusterer, near, positions, features),
        fits=tuple(sorted(fits, key=lambda fit: fit.missing)),
        affinity=affinity(events, one, other),
        merge_needed=least_affinity(events, one, other, newest(clusterer)),
        window=window,
        settings=settings,
    )


def _position(clusterer: Clusterer, entry: EntryId) -> int:
    window = clusterer.linker.window
    rows = slice(window.first - window.base, window.end - window.base)
    return int(np.flatnonzero((window.id[rows] == entry) & (window.event[rows] >= 0))[0]) + window.first


def _weights(clusterer: Clusterer, position: int) -> dict[int, float]:
    window = clusterer.linker.window
    where = window.terms(position)
    return dict(zip(window.token[where].tolist(), window.weight[where].tolist(), strict=True))


def _cosine(clusterer: Clusterer, one: int, other: int) -> float:
    ours, theirs = _weights(clusterer, one), _weights(clusterer, other)
    return sum(weight * theirs[token] for token, weight in ours.items() if token in theirs)


def _pair(
    clusterer: Clusterer,
    pair: tuple[Report, Report],
    positions: Mapping[EntryId, int],
    features: Mapping[EntryId, Features],
) -> Pair:
    window, frequencies = clusterer.linker.window, clusterer.linker.frequencies
    one, other = (positions[report.id] for report in pair)
    a, b = one - window.base, other - window.base
    ours, theirs = _weights(clusterer, one), _weights(clusterer, other)
    shared = [(frequencies.token(token), round(ours[token] * theirs[token], 4)) for token in ours if token in theirs]
    texts = features[pair[0].id], features[pair[1].id]
    stated = [{token for token in (*text.title, *text.summary) if token[0].isdigit()} for text in texts]
    same_space = bool(window.space[a] == window.space[b])
    return Pair(
        one=pair[0].id,
        other=pair[1].id,
        same_space=same_space,
        shared_bands=int(np.count_nonzero(window.bands[a] == window.bands[b])) if same_space else 0,
        bands=window.bands.shape[1],
        linked=bool((window.near[a] == other).any() or (window.near[b] == one).any()),
        cosine=_cosine(clusterer, one, other),
        estimate=jaccard(window.signature[a], window.signature[b]),
        exact=jaccard_of(*texts),
        terms=tuple(sorted(shared, key=lambda term: (-term[1], term[0]))),
        numbers=tuple(sorted(stated[0] & stated[1])),
        only_one=tuple(sorted(stated[0] - stated[1])),
        only_other=tuple(sorted(stated[1] - stated[0])),
        seconds=abs(int(window.told[a] - window.told[b])),
    )


def _fit(clusterer: Clusterer, position: int, event: OpenEvent) -> Fit:
    """Score an entry against another event as if it had just arrived; it is put back afterwards."""
    events, window, settings = clusterer.events, clusterer.linker.window, clusterer.settings
    present = events.remove(position)
    try:
        tried = next((choice for choice in choices(events, position) if choice.event is event), None)
        near, world = events.towards(position, event), events.world(position)
        parts = score(events.terms(position), event, near, world=world, settings=settings)
    finally:
        events.add(position, present)
    # what a choice takes off beyond its parts (large events are harder to join) is what is needed more
    extra = parts.total - tried.total if tried else 0.0
    return Fit(
        entry=int(window.id[position - window.base]),
        event=event.id,
        members=len(event.members),
        total=parts.total,
        needed=settings.join + extra,
        parts=parts.parts(),
        tried=tried is not None,
    )


def _missing(found: Comparison) -> "list[str]":
    pair, settings, best = found.pair, found.settings, found.fits[0]
    told = []
    if not pair.same_space:
        return ["they are in different languages, and events are of one language"]
    if pair.seconds > settings.window.total_seconds():
        told.append(f"they are {_span(pair.seconds)} apart, and the window is {_span(settings.window.total_seconds())}")
    if not pair.shared_bands:
        told.append(f"MinHash did not propose them: their signatures agree in none of {pair.bands} bands")
    elif pair.cosine < settings.link:
        told.append(
            f"too few rare words in common: similarity {pair.cosine:.2f}, a neighbour needs {settings.link:.2f}"
        )
    elif not pair.linked:
        told.append("each had nearer neighbours, or was not among the newest of its buckets, so they were not linked")
    if best.missing > 0:
        told.append(
            f"the best score of one against the other's event is {best.total:.2f}, and {best.needed:.2f} is needed"
        )
    elif not best.tried:
        told.append("the other event was not among those tried: no member among the nearest neighbours, or too old")
    if found.affinity < found.merge_needed:
        told.append(
            f"the two events fit each other with {found.affinity:.2f}, and {found.merge_needed:.2f} is needed to merge"
        )
    return told or ["nothing is missing now: they were decided when less was known, and have settled since"]


def _would_join(found: Comparison) -> "list[str]":
    pair, settings, best = found.pair, found.settings, found.fits[0]
    if not pair.same_space or not pair.shared_bands:
        return []
    told = []
    if best.missing > 0:
        told.append(f"join at {settings.join - best.missing:.3f} or less (now {settings.join:.3f})")
    if found.affinity < found.merge_needed:
        least = settings.merge - (found.merge_needed - found.affinity)
        told.append(f"merge at {least:.3f} or less (now {settings.merge:.3f})")
    if pair.cosine < settings.link:
        told.append(f"link at {pair.cosine:.3f} or less (now {settings.link:.3f}), beside join")
    wide = Settings.for_strictness("wide")
    if 0 < best.missing <= settings.join - wide.join:
        told.append("clustering.strictness: wide")
    return told


def _span(seconds: float) -> str:
    return f"{seconds / 86_400:.1f} days" if seconds >= 86_400 else f"{seconds / 3_600:.1f} hours"
