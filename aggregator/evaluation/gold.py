"""Labelled entries: clusters or pairs, a JSON object a line, and the events that somebody predicted for them.

clusters: {"id", "title", "summary", "lang", "published", "cluster", "day"?, ...}
pairs: {"a": {"id", ...}, "b": {"id", ...}, "same": 0 or 1, or null: not labelled yet}
predictions: {"id", "event"}
"""

import gzip
import json
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aggregator.errors import InputError

NO_LANGUAGE = "?"


@dataclass(frozen=True, slots=True, kw_only=True)
class Labelled:
    """An entry with the happening that people gave it. Where labels hold for one day alone, `day` says which."""

    id: str
    cluster: str
    title: str = ""
    language: str = NO_LANGUAGE
    day: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelledPair:
    """Two entries that people found to report the same event, or not; each with its language."""

    one: str
    other: str
    same: bool
    languages: tuple[str, str] = (NO_LANGUAGE, NO_LANGUAGE)
    titles: tuple[str, str] = ("", "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Gold:
    """What a file of labels holds: the entries to cluster without their labels, and clusters or pairs."""

    entries: tuple[dict[str, Any], ...]
    clusters: tuple[Labelled, ...] = ()
    pairs: tuple[LabelledPair, ...] = ()
    open: int = 0  # pairs that nobody has labelled yet


def read_gold(path: Path) -> Gold:
    """Read labels, gzipped where the name ends in .gz; the first row says of which kind they are.

    Raises:
        InputError: the file cannot be read, is empty, or has a row that is wrong; names the line.
    """
    rows = list(_rows(path))
    if not rows:
        raise InputError(f"{path}: holds no labels")
    if "a" in rows[0][1]:
        told = [(place, row) for place, row in rows if "same" not in row or row["same"] is not None]
        if not told:
            raise InputError(f"{path}: no pair is labelled; set `same` in each to 1 (the same event) or 0 (another)")
        pairs = tuple(_pair(row, place) for place, row in told)
        given = [entry for _, row in told for entry in (row["a"], row["b"])]
        return Gold(entries=_unlabelled(given), pairs=pairs, open=len(rows) - len(told))
    clusters = tuple(_labelled(row, place) for place, row in rows)
    _refuse_twins([(place, row["id"]) for place, row in rows])
    return Gold(entries=_unlabelled([row for _, row in rows]), clusters=clusters)


def read_predicted(path: Path) -> dict[str, str]:
    """Read which event each entry was put into, as `aggregator cluster` writes it.

    Raises:
        InputError: the file cannot be read, or a row has no id or event, or an id twice.
    """
    rows = list(_rows(path))
    for place, row in rows:
        if _word(row, "id") is None or row.get("event") is None:
            raise InputError(f"{place}: a prediction has an id and an event")
    _refuse_twins([(place, row["id"]) for place, row in rows])
    return {str(row["id"]): str(row["event"]) for _, row in rows}


def _rows(path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    try:
        with gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8") as lines:
            for number, line in enumerate(lines, 1):
                if line.strip():
                    place = f"{path}, line {number}"
                    yield place, json_object(line, place)
    except (OSError, EOFError, zlib.error, UnicodeDecodeError) as error:
        reason = (error.strerror or error) if isinstance(error, OSError) else error
        raise InputError(f"{path}: cannot be read: {reason}") from error


def json_object(line: str, place: str) -> dict[str, Any]:
    """Read a line that is one JSON object.

    Raises:
        InputError: it is none; names the place.
    """
    try:
        row = json.loads(line)
    except ValueError as error:
        raise InputError(f"{place}: not JSON ({error})") from error
    if not isinstance(row, dict):
        raise InputError(f"{place}: not an object but {type(row).__name__}")
    return row


def _word(row: dict[str, Any], key: str) -> str | None:
    value = row.get(key)
    return str(value) if isinstance(value, str | int) and not isinstance(value, bool) and value != "" else None


def _labelled(row: dict[str, Any], place: str) -> Labelled:
    name, cluster = _word(row, "id"), _word(row, "cluster")
    if name is None or cluster is None:
        raise InputError(f"{place}: a labelled entry has an id and a cluster")
    language = _word(row, "lang") or NO_LANGUAGE
    return Labelled(
        id=name, cluster=cluster, title=str(row.get("title") or ""), language=language, day=_word(row, "day")
    )


def _pair(row: dict[str, Any], place: str) -> LabelledPair:
    sides = row.get("a"), row.get("b")
    if not all(isinstance(side, dict) and _word(side, "id") is not None for side in sides):
        raise InputError(f"{place}: a labelled pair has entries a and b, each with an id")
    if row.get("same") not in (0, 1):
        raise InputError(f"{place}: same is {row.get('same')!r}; 1 (the same event) and 0 (another) are known")
    one, other = row["a"], row["b"]
    return LabelledPair(
        one=str(one["id"]),
        other=str(other["id"]),
        same=row["same"] == 1,
        languages=(_word(one, "lang") or NO_LANGUAGE, _word(other, "lang") or NO_LANGUAGE),
        titles=(str(one.get("title") or ""), str(other.get("title") or "")),
    )


def _refuse_twins(ids: Sequence[tuple[str, object]]) -> None:
    seen: dict[str, str] = {}
    for place, name in ids:
        if str(name) in seen:
            raise InputError(f"{place}: id {name} was on {seen[str(name)].rpartition(', ')[2]} already")
        seen[str(name)] = place


def _unlabelled(rows: Sequence[dict[str, Any]]) -> tuple[dict[str, Any], ...]:
    """Give each entry once, without what tells its happening."""
    once: dict[str, dict[str, Any]] = {}
    for row in rows:
        kept = {key: value for key, value in row.items() if key not in {"cluster", "day", "event", "topic"}}
        once.setdefault(str(row["id"]), kept)
    return tuple(once.values())
