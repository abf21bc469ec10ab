"""How many near-identical texts are recognised as copies, by brute force, and how far the Jaccard estimates are off.

    python benchmarks/copies.py LABELS.jsonl.gz ... [--least 0.8]

Every pair of entries of a token space, in one time window, whose words have a Jaccard similarity of `--least` or more
after what their feeds repeat was taken out, of six words or more each, is found exactly (prefix filtering; Bayardo, Ma
and Srikant 2007, "Scaling up all pairs similarity search"). Told of them: how many are in one event; of how many the
later one is known as a copy in its event; how many are copies of one original (or one of the other: a chain of slight
changes can have two originals). Then the error of the estimate from 128 permutations.
"""

import argparse
import random
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import ceil
from pathlib import Path
from statistics import fmean

from aggregator.clustering.assign import Clusterer
from aggregator.clustering.minhash import Signer, jaccard
from aggregator.clustering.settings import DEFAULT
from aggregator.clustering.stream import Stream
from aggregator.evaluation.gold import read_gold
from aggregator.model import EntryId, Report
from aggregator.text.features import Features

WINDOW = DEFAULT.window.total_seconds()
SIGNED_WORDS = 1000  # distinct words of a text that are signed


@dataclass(frozen=True, slots=True)
class Text:
    """What an entry's text is, as the program compares it."""

    entry: EntryId
    space: str
    time: float
    words: frozenset[str]


class Remembering(Clusterer):
    """The clusterer, with what it read kept, and which entry is whose copy."""

    def __init__(self) -> None:
        super().__init__(explain=False)
        self.texts: list[Text] = []
        self.original: dict[EntryId, EntryId | None] = {}

    def _analysed(self, reports: Sequence[Report]) -> list[Features]:
        found = super()._analysed(reports)
        for report, each in zip(reports, found, strict=True):
            words = frozenset(list(dict.fromkeys(each.words))[:SIGNED_WORDS])
            if len(each.words) >= DEFAULT.copy_words:
                self.texts.append(Text(report.id, each.space, report.time.timestamp(), words))
        return found


def alike(texts: Sequence[Text], least: float) -> Iterator[tuple[Text, Text]]:
    """Give every pair with a similarity of at least `least`: they share one of the rarest words of each."""
    common = Counter(word for text in texts for word in text.words)
    holders: defaultdict[tuple[str, str], list[Text]] = defaultdict(list)
    for text in texts:
        rarest = sorted(text.words, key=lambda word: (common[word], word))
        prefix = rarest[: len(rarest) - ceil(least * len(rarest)) + 1]
        met: set[EntryId] = set()
        for word in prefix:
            for other in holders[text.space, word]:
                if other.entry not in met and abs(text.time - other.time) <= WINDOW:
                    met.add(other.entry)
                    shared = len(text.words & other.words)
                    if shared >= least * (len(text.words) + len(other.words) - shared):
                        yield other, text
            holders[text.space, word].append(text)


def copies(path: Path, least: float) -> tuple[str, list[Text]]:
    """Cluster a set and compare with the pairs there are; give the line of a table, and the texts."""
    stream, clusterer = Stream(), Remembering()
    stream.clusterer = clusterer
    original: dict[EntryId, EntryId | None] = clusterer.original
    decide = clusterer.assign

    def assign(*args: object, **options: object) -> object:
        result = decide(*args, **options)  # type: ignore[arg-type]  # handed on as it came
        original.update((copy.entry, copy.original) for copy in result.copies)
        return result

    clusterer.assign = assign  # type: ignore[assignment, method-assign]  # the stream does not keep copies
    for _ in stream.run(read_gold(path).entries):
        pass

    def root(entry: EntryId) -> EntryId:
        while (first := original.get(entry)) is not None:  # what left the window may be the original of an original
            entry = first
        return entry

    pairs = list(alike(clusterer.texts, least))
    together = [stream.event_of[a.entry] == stream.event_of[b.entry] for a, b in pairs]
    marked = [root(a.entry) == root(b.entry) for a, b in pairs]
    known = [same and root(later.entry) != later.entry for same, (_, later) in zip(together, pairs, strict=True)]
    name = path.name.split(".")[0]
    shares = [f"{fmean(each):.2%}" if each else "-" for each in (together, known, marked)]
    return f"| {name} | {len(pairs)} | {' | '.join(shares)} |", clusterer.texts


def errors(texts: Sequence[Text], seed: int = 1) -> str:
    """Compare estimates with exact values: random pairs that share a word, and the same text with words exchanged."""
    rng, signer = random.Random(seed), Signer(DEFAULT.copy_rows)  # noqa: S311 - a sample
    some = rng.sample(texts, min(1500, len(texts)))
    sets = []
    for text in some:  # real texts, words exchanged for those of another: every similarity from 0 to 1 occurs
        words, other = sorted(text.words), sorted(rng.choice(some).words)
        kept = rng.randint(0, len(words))
        sets.append((text.words, frozenset(rng.sample(words, kept)) | frozenset(other[: len(words) - kept])))
    flat = [[signer.hash(word.encode()) for word in sorted(words)] for pair in sets for words in pair]
    signed = signer.sign(flat)
    off = []
    for at, (left, right) in enumerate(sets):
        if left and right:
            exact = len(left & right) / len(left | right)
            off.append(jaccard(signed[2 * at], signed[2 * at + 1]) - exact)
    return (
        f"{len(off)} pairs: mean absolute error {fmean(map(abs, off)):.4f}, bias {fmean(off):+.4f}, "
        f"largest {max(map(abs, off)):.3f}; the standard error is at most {0.5 / DEFAULT.copy_rows**0.5:.4f}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("labels", type=Path, nargs="+")
    parser.add_argument("--least", type=float, default=0.8)
    args = parser.parse_args()
    print("| set | pairs | in one event | the later known as a copy | copies of one original |")
    print("|---|---|---|---|---|")
    texts: list[Text] = []
    for path in args.labels:
        line, found = copies(path, args.least)
        texts += found
        print(line, flush=True)
    print(errors(texts))


if __name__ == "__main__":
    main()
