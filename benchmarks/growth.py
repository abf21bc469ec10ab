"""How clustering fares as a stream grows: a file of entries over and over, each time as of later days.

    growth.py ENTRIES.jsonl [--times 15] [--parts 10] [--textbook]
    growth.py ENTRIES.jsonl --held [--times 2] [--parts 8]

Prints a line for each part of the stream: entries so far, entries per CPU second in this part, memory of the process,
entries in the window, events open, words known. `--textbook` clusters the file once with datasketch used the textbook
way (textbook.py) afterwards, in a process of its own, and prints its rate and memory. `--held` lets all of the stream
come within two days, so that all of it is in the window, and ends with what an entry of the window adds to the memory
of the process: the slope of the line through the parts (least squares).
"""

import argparse
import json
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import linear_regression

from aggregator.clustering.assign import Clusterer
from aggregator.clustering.stream import instant
from aggregator.model import Report

BATCH = 100
GAP = timedelta(seconds=20)  # between entries without times
HELD = timedelta(days=2)  # less than the window

Row = dict[str, str | None]


def repeated(rows: list[Row], times: int, *, held: bool = False) -> Iterator[list[Report]]:
    """Give batches of the rows so often, each time after the last: the stream goes on.

    `held`: all of it within two days, each time with a word of its own in every title.
    """
    begin = datetime(2020, 1, 1, tzinfo=UTC)
    step = HELD / (len(rows) * times)
    at = [instant(row.get("published")) or begin + GAP * number for number, row in enumerate(rows)]
    span = max(at) - min(at) + GAP
    batch = []
    for number in range(len(rows) * times):
        turn, place = divmod(number, len(rows))
        if held:
            row = rows[place] | {"title": f"{rows[place].get('title') or ''} turn{turn}"}
            batch.append(report(number, row, begin + step * number))
        else:
            batch.append(report(number, rows[place], at[place] + span * turn))
        if len(batch) == BATCH:
            yield batch
            batch = []
    yield batch


def report(number: int, row: Row, time: datetime) -> Report:
    return Report(
        id=number, title=row.get("title") or "", summary=row.get("summary") or "", language=row.get("lang"),
        outlet=row.get("source") or "", url=row.get("url"), time=time,
    )  # fmt: skip


def memory() -> int:
    """Return the memory that the process holds now, in KB."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.partition("VmRSS:")[2].split()[0])


def grow(rows: list[Row], times: int, parts: int, *, held: bool = False) -> None:
    points: list[tuple[int, int]] = []
    clusterer, total, idle = Clusterer(explain=False), len(rows) * times, 0
    part, done, started, before = 1, 0, time.process_time(), 0
    print(" | ".join(("entries", "per CPU s", "MB", "in the window", "KB each", "events", "words")), flush=True)
    for number, batch in enumerate(repeated(rows, times, held=held), 1):
        clusterer.assign(batch, number)
        idle = idle or memory()  # with the program, its tables and the empty indexes
        done += len(batch)
        if done * parts < total * part:
            continue
        rate, taken, window = (done - before) / (time.process_time() - started), memory(), clusterer.linker.window
        points.append((len(window), taken))
        cells = (
            done, f"{rate:.0f}", taken // 1024, len(window), f"{(taken - idle) / len(window):.1f}",
            len(clusterer.events.open), len(clusterer.linker.frequencies),
        )  # fmt: skip
        print(" | ".join(map(str, cells)), flush=True)
        part, before, started = part + 1, done, time.process_time()
    if held:
        slope, fixed = linear_regression(*zip(*points, strict=True))
        print(f"{slope:.2f} KB of the process for an entry of the window, {fixed / 1024:.0f} MB without any")


def textbook(path: Path) -> None:
    script, out = Path(__file__).with_name("textbook.py"), Path("/dev/null")
    ran = subprocess.run(
        [sys.executable, str(script), "cluster", str(path), "--out", str(out)],
        check=True, text=True, stderr=subprocess.PIPE,
    )  # fmt: skip
    most = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
    print(f"textbook, the file once: {ran.stderr.strip()}, {most} MB at most")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("entries", type=Path)
    parser.add_argument("--times", type=int, default=15)
    parser.add_argument("--parts", type=int, default=10)
    parser.add_argument("--textbook", action="store_true")
    parser.add_argument("--held", action="store_true")
    args = parser.parse_args()
    rows = [json.loads(line) for line in args.entries.read_text(encoding="utf-8").splitlines()]
    grow(rows, args.times, args.parts, held=args.held)
    if args.textbook:
        textbook(args.entries)


if __name__ == "__main__":
    main()
