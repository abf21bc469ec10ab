"""Build the background tables of aggregator/text/data from wordfreq's word lists.

Needs wordfreq 3.1.1, which the program itself does not: in an environment that has the project's requirements,

    pip install wordfreq==3.1.1
    python tools/build_background.py [SPACE ...]

The same wordfreq and the same stemming give the same bytes. Run it again whenever stems, stop words or segmentation
change: a table holds what our own pipeline makes of each word. The data's licence is in aggregator/text/data/README.md.
"""

import gzip
import math
import sys
from collections import defaultdict
from importlib.metadata import version
from pathlib import Path

from wordfreq import get_frequency_dict
from wordfreq.chinese import SIMPLIFIED_MAP

from aggregator.text.background import STEP
from aggregator.text.features import analyse
from aggregator.text.stems import stop_words

DATA = Path(__file__).resolve().parent.parent / "aggregator" / "text" / "data"
ONE_LIST = "ar bg bn ca cs de el en es fa fi fr he hi hu is it ja ko lt lv mk nl pl pt ro ru sk sl sv ta tr uk ur vi zh"
# wordfreq's lists of a token space.
LISTS = {
    "id": ("id", "ms"),
    "no": ("nb", "da"),
    "sr": ("sh",),
    "tl": ("fil",),
} | {code: (code,) for code in ONE_LIST.split()}
DECLARED = {"no": "nb", "tl": "tl", "sr": "hr"}
WORDS = 120_000  # of a list, the most frequent
TOKENS = 20_000  # of a table, the most frequent
LENGTH = 30  # words of a headline with its lead
# Written in capitals a stop word is a name (US, WHO, IT): about one use in fifty.
SHARE_OF_CAPITALS = 0.02


def probabilities(space: str) -> dict[str, float]:
    """Give the share of each token of a space among the words of running text."""
    found: defaultdict[str, float] = defaultdict(float)
    stops = stop_words(space)
    for code in LISTS[space]:
        frequencies = get_frequency_dict(code, "best")
        for word in sorted(frequencies, key=lambda word: (-frequencies[word], word))[:WORDS]:
            share = frequencies[word] / len(LISTS[space])
            if word in stops and word.isalpha() and len(word) > 1:
                found[word] += share * SHARE_OF_CAPITALS
            for token in analyse(word, declared=DECLARED.get(space, space)).title:
                if not token[0].isdigit():
                    found[token] += share
    return found


def lines(space: str) -> list[str]:
    """Write a table: a level and its tokens in each line, the most frequent first."""
    shares = {token: 1 - (1 - share) ** LENGTH for token, share in probabilities(space).items()}
    kept = sorted(shares, key=lambda token: (-shares[token], token))[:TOKENS]
    levels: defaultdict[int, list[str]] = defaultdict(list)
    for token in kept:
        levels[round(-math.log(shares[token]) * STEP)].append(token)
    head = f"# wordfreq {version('wordfreq')}, CC BY-SA 4.0; see README.md"
    return [head] + [f"{level}\t{' '.join(sorted(levels[level]))}" for level in sorted(levels)]


def write(name: str, text: str) -> None:
    """Write a compressed file whose bytes depend on its text alone."""
    (DATA / name).write_bytes(gzip.compress(text.encode(), compresslevel=9, mtime=0))


def main(spaces: list[str]) -> None:
    """Build the tables of some spaces, all where none is named."""
    pairs = sorted((chr(old), new) for old, new in SIMPLIFIED_MAP.items() if chr(old) != new)
    write("han-simplified.txt.gz", "".join(old for old, _ in pairs) + "\n" + "".join(new for _, new in pairs) + "\n")
    for space in spaces or sorted(LISTS):
        table = lines(space)
        write(f"{space}.txt.gz", "\n".join(table) + "\n")
        print(space, sum(line.count(" ") + 1 for line in table[1:]), (DATA / f"{space}.txt.gz").stat().st_size)


if __name__ == "__main__":
    main(sys.argv[1:])
