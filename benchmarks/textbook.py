"""The textbook way to cluster news with datasketch, to compare with: MinHash of word sets, LSH, connected components.

    textbook.py cluster ENTRIES.jsonl --out EVENTS.jsonl [--threshold 0.3]

Takes what `aggregator cluster` takes, so that the same harness scores both (Leskovec, Rajaraman and Ullman, ch. 3).
"""

import argparse
import json
import re
import sys
import time
from pathlib import Path

from datasketch import MinHash, MinHashLSH

NUM_PERM = 128


def signatures(rows: list[dict[str, str]]) -> list[MinHash]:
    sets = [set(re.findall(r"\w+", f"{row.get('title') or ''} {row.get('summary') or ''}".lower())) for row in rows]
    signed: list[MinHash] = MinHash.bulk([[word.encode() for word in words] for words in sets], num_perm=NUM_PERM)
    return signed


def components(found: list[MinHash], threshold: float) -> list[int]:
    """Give for each entry the first entry that it is linked with, over any number of others."""
    index = MinHashLSH(threshold=threshold, num_perm=NUM_PERM)
    root = list(range(len(found)))

    def find(entry: int) -> int:
        while root[entry] != entry:
            root[entry] = root[root[entry]]
            entry = root[entry]
        return entry

    for entry, signature in enumerate(found):
        if signature.is_empty():
            continue
        for other in index.query(signature):
            if signature.jaccard(found[other]) >= threshold:
                low, high = sorted((find(entry), find(other)))
                root[high] = low
        index.insert(entry, signature)
    return [find(entry) for entry in range(len(found))]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("command", choices=["cluster"])
    parser.add_argument("entries", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--threshold", type=float, default=0.3)
    args = parser.parse_args()
    started = time.process_time()
    rows = [json.loads(line) for line in args.entries.read_text(encoding="utf-8").splitlines()]
    events = components(signatures(rows), args.threshold)
    lines = (json.dumps({"id": row["id"], "event": event}) + "\n" for row, event in zip(rows, events, strict=True))
    args.out.write_text("".join(lines), encoding="utf-8")
    print(f"{len(rows) / (time.process_time() - started):.0f} entries per CPU second", file=sys.stderr)


if __name__ == "__main__":
    main()
