"""Cluster a file of entries as the daemon would have, in the order of first sight."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from typing import Any

from aggregator.clustering.assign import Clusterer
from aggregator.clustering.result import Move
from aggregator.clustering.settings import DEFAULT, Settings
from aggregator.errors import InputError
from aggregator.model import Report

_BEGIN = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """A move, with the entry's own name, the time of the batch and how long the entry had been seen."""

    id: str
    from_event: int
    to_event: int
    reason: str
    time: datetime
    age: float  # seconds since first sight
    text: str = ""


class Stream:
    """Rows in, batches through the clusterer, events out at the end."""

    def __init__(self, settings: Settings = DEFAULT, *, batch: int = 100) -> None:
        self.batch = batch
        self.clusterer = Clusterer(settings, explain=False)
        self.feeds: dict[str, int] = {}
        self.names: list[str] = []
        self.times: list[datetime] = []
        self.event_of: list[int] = []
        self.moves: list[Moved] = []

    def run(self, rows: Iterable[Mapping[str, Any]]) -> Iterator[int]:
        """Take the rows in batches; yield the number of entries done after each."""
        reports = self._reports(rows)
        number = 0
        while batch := list(islice(reports, self.batch)):
            number += 1
            result = self.clusterer.assign(batch, number)
            self.event_of.extend([0] * len(batch))
            for assignment in result.assignments:
                self.event_of[assignment.entry] = assignment.event
            for move in result.moves:
                self._move(move, batch[-1].time)
            yield len(batch)

    def _move(self, move: Move, now: datetime) -> None:
        self.event_of[move.entry] = move.to_event
        age = (now - self.times[move.entry]).total_seconds()
        moved = Moved(
            id=self.names[move.entry], from_event=move.from_event, to_event=move.to_event,
            reason=move.reason, time=now, age=age,
        )  # fmt: skip
        self.moves.append(moved)

    def _feed(self, source: str) -> int:
        """Number an outlet; 0 where it is not known."""
        return self.feeds.setdefault(source, len(self.feeds) + 1) if source else 0

    def _reports(self, rows: Iterable[Mapping[str, Any]]) -> Iterator[Report]:
        time = _BEGIN
        for number, row in enumerate(rows):
            published = instant(row.get("published"))
            time = max(time, published) if published else time
            self.names.append(str(row["id"]))
            self.times.append(time)
            yield Report(
                id=number, title=_text(row, "title"), summary=_text(row, "summary"),
                language=_text(row, "lang") or None,
                outlet=_text(row, "source"), feed=self._feed(_text(row, "source")),
                url=_text(row, "url") or None, time=time, published=published,
            )  # fmt: skip

    def results(self) -> Iterator[dict[str, Any]]:
        """Give the event of every row, in order."""
        for name, event in zip(self.names, self.event_of, strict=True):
            yield {"id": name, "event": event}


def _text(row: Mapping[str, Any], key: str) -> str:
    value = row.get(key)
    return value if isinstance(value, str) else "" if value is None else str(value)


def instant(value: object) -> datetime | None:
    """Read a time: ISO 8601, naive means UTC; nothing for null, empty or missing.

    Raises:
        InputError: it is something else.
    """
    if value is None or value == "":
        return None
    try:
        time = (
            datetime.fromisoformat(value) if isinstance(value, str) else datetime.fromtimestamp(float(str(value)), UTC)
        )
    except (ValueError, OverflowError, OSError):
        raise InputError(f"published: {value!r} is no time; ISO 8601 is, as 2021-09-01T08:00:00Z") from None
    return time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)
