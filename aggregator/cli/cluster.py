"""`aggregator cluster`: the daemon's own clustering over a file of entries."""

import json
import os
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TextIO

import typer

from aggregator.cli.console import Context, command, progress
from aggregator.errors import InputError

if TYPE_CHECKING:
    from aggregator.clustering.stream import Stream

EntriesArgument = Annotated[
    Path, typer.Argument(help="Rows of JSON: id, title, summary, url, source, lang, published.")
]
OutOption = Annotated[
    Path, typer.Option("--out", help="Where to write id and event of every row, in order.", metavar="FILE")
]
BatchOption = Annotated[int, typer.Option("--batch", help="Entries taken at once, as from one poll.", min=1)]
MovesOption = Annotated[
    Path | None,
    typer.Option("--moves", help="Where to write every entry that changed its event later.", metavar="FILE"),
]
StrictnessOption = Annotated[
    str | None, typer.Option("--strictness", help="careful, balanced or wide.", metavar="LEVEL")
]


def register(app: typer.Typer) -> None:
    """Add the command to the program."""
    command(app, "cluster")(cluster)


def cluster(
    _context: Context,
    entries: EntriesArgument,
    out: OutOption,
    *,
    batch: BatchOption = 100,
    moves: MovesOption = None,
    strictness: StrictnessOption = None,
) -> None:
    """Group the entries of a file into events, in the order of its rows, as the daemon would have."""
    started = time.perf_counter()
    rows = read_rows(entries)
    from aggregator.clustering.settings import Settings
    from aggregator.clustering.stream import Stream

    if strictness not in {None, "careful", "balanced", "wide"}:
        raise InputError(f"--strictness: {strictness} is none of careful, balanced, wide")
    stream = Stream(Settings.for_strictness(strictness or "balanced"), batch=batch)  # type: ignore[arg-type]  # checked above
    with progress("clustering", len(rows)) as advance:
        for done in stream.run(rows):
            advance(done)
    with replacing(out) as file:
        write_rows(file, stream.results())
    if moves is not None:
        with replacing(moves) as file:
            write_rows(file, _moves(stream))
    _report(stream, time.perf_counter() - started)


def read_rows(path: Path) -> list[dict[str, Any]]:
    """Read the entries.

    Raises:
        InputError: the file cannot be read, or a row is no JSON object, has no id or a time that is none.
    """
    try:
        with path.open(encoding="utf-8") as lines:
            return [_row(line, f"{path}, line {number}") for number, line in enumerate(lines, 1) if line.strip()]
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: {error}") from error


def _row(line: str, place: str) -> dict[str, Any]:
    from aggregator.clustering.stream import instant
    from aggregator.evaluation.gold import json_object

    row = json_object(line, place)
    if row.get("id") in (None, ""):
        raise InputError(f"{place}: no id")
    try:
        instant(row.get("published"))
    except InputError as error:
        raise InputError(f"{place}: {error}") from error
    return row


@contextmanager
def replacing(path: Path) -> Iterator[TextIO]:
    """Write a file that takes the place of `path` when all of it is there."""
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    except OSError as error:
        raise InputError(f"{path}: cannot be written: {error.strerror}") from error
    temporary = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            yield file
        umask = os.umask(0)
        os.umask(umask)
        temporary.chmod(0o666 & ~umask)  # mkstemp makes files that only their owner reads
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def write_rows(file: TextIO, rows: Iterable[object]) -> None:
    """Write one JSON value a line."""
    file.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def _moves(stream: "Stream") -> Iterator[dict[str, Any]]:
    for move in stream.moves:
        yield {
            "id": move.id, "from": move.from_event, "to": move.to_event, "reason": move.reason,
            "time": move.time.isoformat().replace("+00:00", "Z"), "age": move.age,
        }  # fmt: skip


def _report(stream: "Stream", seconds: float) -> None:
    entries, events = len(stream.event_of), len(set(stream.event_of))
    rate = entries / seconds if seconds else 0.0
    print(f"{entries} entries, {events} events, {rate:.0f} entries a second", file=sys.stderr)
