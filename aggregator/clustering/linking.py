"""New entries enter the window: counted, weighed, signed, indexed, and linked with their neighbours."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain
from math import log2

import numpy as np
from numpy.typing import NDArray

from aggregator.clustering.candidates import best_shared, cosines, distinct_pairs, link, live, shared_terms, walk
from aggregator.clustering.frequencies import Background, Frequencies
from aggregator.clustering.index import BandIndex
from aggregator.clustering.minhash import Signer
from aggregator.clustering.settings import Settings
from aggregator.clustering.window import GONE, Window
from aggregator.model import Report
from aggregator.text.features import Features

MOST_SHINGLES = 1000  # distinct words of a text that are signed
ROWS_OF_A_BAND = 4  # 16 bands of 4 rows miss 1 in 5,000 pairs of Jaccard 0.8
_KNOWN_WORDS = 200_000


@dataclass(frozen=True, slots=True)
class Pairs:
    """Links of new entries with earlier ones."""

    new: NDArray[np.int64]
    old: NDArray[np.int64]
    cosine: NDArray[np.float32]


class Linker:
    """Owns the window, its indexes and the document frequencies."""

    def __init__(self, settings: Settings, background: Background) -> None:
        self.settings = settings
        self.rows = settings.bands
        self.copy_bands = settings.copy_rows // ROWS_OF_A_BAND // 2
        self.signer = Signer(settings.bands)
        self.copy_signer = Signer(settings.copy_rows)
        self.frequencies = Frequencies(self.signer.hash, background, settings.prior)
        self.window = Window(
            bands=settings.bands,
            copy_rows=settings.copy_rows,
            copy_bands=self.copy_bands,
            neighbours=settings.neighbours,
        )
        self.index = BandIndex(settings.bands)
        self.copy_index = BandIndex(self.copy_bands)
        self.spaces: dict[str, int] = {}
        self._space_names: list[str] = []
        self._words: dict[str, int] = {}

    def space(self, number: int) -> str:
        """Name a token space by its number."""
        return self._space_names[number]

    def number_of(self, space: str) -> int:
        """Number a token space, a new one too."""
        number = self.spaces.setdefault(space, len(self.spaces))
        if number == len(self._space_names):
            self._space_names.append(space)
        return number

    def age(self, now: int) -> None:
        """Let the frequencies age, at the time of the newest report (seconds)."""
        period = now // int(self.settings.ageing.total_seconds())
        self.frequencies.age(period, self.window.token[: self.window.terms_end])

    def add(self, reports: Sequence[Report], features: Sequence[Features]) -> Pairs:
        """Count the words of entries, then put them at the end of the window; return their links with earlier ones."""
        start = self.window.end
        counts = [_counts(each) for each in features]
        numbers = [self.frequencies.numbers(each.space, tokens) for each, tokens in zip(features, counts, strict=True)]
        self.frequencies.count([each.space for each in features], numbers)
        rows = self._append(reports, features, numbers)
        self._weigh(rows, features, counts, numbers)
        self._sign(rows, features)
        self.enter(start)
        return self._link(start)

    def _append(
        self, reports: Sequence[Report], features: Sequence[Features], numbers: Sequence[Sequence[int]]
    ) -> slice:
        window = self.window
        lengths = np.array([len(each) for each in numbers], np.int64)
        rows = window.extend(len(reports), int(lengths.sum()))
        window.id[rows] = [report.id for report in reports]
        window.revision[rows] = [report.revision for report in reports]
        window.feed[rows] = [report.feed for report in reports]
        window.time[rows] = [int(report.time.timestamp()) for report in reports]
        window.told[rows] = [int(_told(report, self.settings.backlog).timestamp()) for report in reports]
        window.space[rows] = [self.number_of(each.space) for each in features]
        window.words[rows] = [len(each.words) for each in features]
        window.start[rows], window.length[rows] = window.terms_end + np.cumsum(lengths) - lengths, lengths
        return rows

    def _weigh(
        self,
        rows: slice,
        features: Sequence[Features],
        counts: Sequence[Mapping[str, int]],
        numbers: Sequence[Sequence[int]],
    ) -> None:
        """Give the terms of new rows their weights, which stay what they are now."""
        window, tokens = self.window, list(chain.from_iterable(numbers))
        totals = np.repeat([self.frequencies.total[each.space] for each in features], window.length[rows])
        where = slice(window.terms_end, window.terms_end + len(tokens))
        window.token[where] = tokens
        window.tf[where] = [log2(1 + count) for each in counts for count in each.values()]
        window.rarity[where] = self.frequencies.rarity(totals, tokens)
        window.number[where] = [token[0].isdigit() for each in counts for token in each]
        window.terms_end = where.stop
        weigh(window, rows.start + window.base)

    def _sign(self, rows: slice, features: Sequence[Features]) -> None:
        window = self.window
        tokens = window.token[int(window.start[rows.start]) : window.terms_end] if features else window.token[:0]
        window.bands[rows] = self.signer.sign_parted(
            self.frequencies.hashes(tokens), window.length[rows].astype(np.int64)
        )
        words = [list(dict.fromkeys(each.words))[:MOST_SHINGLES] for each in features]
        window.signature[rows] = self.copy_signer.sign([self._hashes(each) for each in words])

    def _hashes(self, words: Sequence[str]) -> list[int]:
        known = self._words
        if len(known) > _KNOWN_WORDS:
            known.clear()
        for word in words:
            if word not in known:
                known[word] = self.signer.hash(word.encode())
        return [known[word] for word in words]

    def replace(self, position: int) -> None:
        """Let an entry be passed over from now on, for an edit of it takes its place; its words count no more."""
        window, row = self.window, position - self.window.base
        window.event[row] = GONE
        numbers = window.token[window.terms(position)].tolist()
        self.frequencies.uncount(self.space(int(window.space[row])), numbers)

    def enter(self, start: int) -> None:
        """Put the entries from `start` on into the indexes."""
        window = self.window
        rows = slice(start - window.base, window.end - window.base)
        used = window.length[rows] > 0
        window.chain[rows] = self.index.insert(start, window.bands[rows].astype(np.uint64), used)
        used = window.words[rows] >= self.settings.copy_words
        window.copy_chain[rows] = self.copy_index.insert(start, self.copy_values(rows), used)

    def copy_values(self, rows: slice) -> NDArray[np.uint64]:
        """Fold the rows of each band of the words' signatures to one value; shape (entries, bands)."""
        window = self.window
        used = self.copy_bands * ROWS_OF_A_BAND
        parts = window.signature[rows, :used].reshape(-1, self.copy_bands, ROWS_OF_A_BAND).astype(np.uint64)
        value = np.zeros(parts.shape[:2], np.uint64)
        for part in range(ROWS_OF_A_BAND):
            value = (value ^ parts[:, :, part]) * np.uint64(0x100000001B3)  # FNV-1a over the rows
        folded: NDArray[np.uint64] = value ^ (value >> np.uint64(32))
        return folded

    def _link(self, start: int) -> Pairs:
        window, settings = self.window, self.settings
        seconds = int(settings.window.total_seconds())
        new, old = walk(window, start, window.bands, window.chain, settings.bucket)
        new, old = best_shared(new, old, settings.candidates)
        twins = self._twins(start)
        new, old = np.concatenate((new, twins[0])), np.concatenate((old, twins[1]))
        new, old = distinct_pairs(new, old)
        kept = live(window, new, old, seconds)
        new, old = new[kept], old[kept]
        terms = shared_terms(window, len(self.frequencies), new, old)
        cosine = cosines(window, len(new), terms)
        kept = cosine >= settings.link
        pairs = Pairs(new[kept], old[kept], cosine[kept])
        link(window, pairs.new, pairs.old, pairs.cosine, terms.of(kept))
        return pairs

    def _twins(self, start: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Find the earlier entry whose words are most alike, if enough; return those pairs."""
        window, settings = self.window, self.settings
        new, old = walk(window, start, None, window.copy_chain, settings.bucket)
        new, old = distinct_pairs(new, old)
        a, b = new - window.base, old - window.base
        alike = (window.signature[a] == window.signature[b]).mean(axis=1)
        kept = (alike >= settings.copy_estimate) & live(window, new, old, int(settings.window.total_seconds()))
        new, old, alike = new[kept], old[kept], alike[kept]
        order = np.lexsort((-old, alike))  # the most alike is written last, the earliest among equals
        window.twin[new[order] - window.base] = old[order]
        window.likeness[new[order] - window.base] = alike[order]
        return new, old


def _told(report: Report, backlog: timedelta) -> datetime:
    """Return when an outlet told it: when it was first seen, unless its feed dates it long before.

    Many reports are seen at once when a feed is new or the program was away: their dates tell them apart, their first
    sight does not. A nearer date says no more than first sight does, for zones are mistaken by up to 12 hours, and a
    full hour may be all that the feed knows.
    """
    dated = report.published
    if dated is None or report.time - dated <= backlog or not (dated.minute or dated.second):
        return report.time
    return dated


def _counts(features: Features) -> dict[str, int]:
    """Count the tokens: twice in the title, once in the summary."""
    counts: dict[str, int] = {}
    for token in features.title:
        counts[token] = counts.get(token, 0) + 2
    for token in features.summary:
        counts[token] = counts.get(token, 0) + 1
    return counts


def weigh(window: Window, start: int) -> None:
    """Give the terms of the entries from `start` on their weights: tf ln(rarity), each entry of length 1."""
    rows = slice(start - window.base, window.end - window.base)
    lengths = window.length[rows].astype(np.int64)
    where = slice(int(window.start[rows.start]), window.terms_end) if rows.start < rows.stop else slice(0, 0)
    weight = window.tf[where] * np.log(window.rarity[where])
    owner = np.repeat(np.arange(len(lengths)), lengths)
    norm = np.sqrt(np.bincount(owner, weights=weight * weight, minlength=len(lengths)))
    norm[norm == 0] = 1.0
    window.weight[where] = weight / norm[owner]
