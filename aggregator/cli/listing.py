"""Lists of events: a table for a person, JSON, JSON lines and CSV for programs. Printed as they are read."""

import json
import sys
from collections.abc import Iterable, Iterator
from datetime import datetime

from aggregator.cli.console import print_csv, print_table
from aggregator.cli.event_text import ago, outlets_shown
from aggregator.cli.shapes import SCHEMA_VERSION, event_shape, stamp
from aggregator.model import Event

COLUMNS = ("id", "outlets", "reports", "updated", "lang", "headline", "from")
CSV_COLUMNS = (
    "id", "headline", "url", "language", "first_seen", "updated", "entries", "outlets", "independent", "sources",
)  # fmt: skip


class _Counted(Iterator[Event]):
    """Passes events on and counts them."""

    def __init__(self, found: Iterable[Event]) -> None:
        self._found = iter(found)
        self.count = 0

    def __next__(self) -> Event:
        event = next(self._found)
        self.count += 1
        return event


def print_events(found: Iterable[Event], now: datetime) -> int:
    """Print a table of events, a line each; give how many."""
    counted = _Counted(found)
    rows = (
        (
            event.name,
            event.outlets,
            len(event.sources),
            ago(event.updated, now),
            event.language or "",
            f"(muted) {event.headline}" if event.muted else event.headline,
            outlets_shown(event, 3),
        )
        for event in counted
    )
    print_table(COLUMNS, rows, right=("outlets", "reports", "updated"))
    return counted.count


def print_events_json(found: Iterable[Event]) -> int:
    """Print events as one JSON object; give how many."""
    counted = _Counted(found)
    sys.stdout.write(f'{{\n  "schema_version": {SCHEMA_VERSION},\n  "events": [')
    for event in counted:
        text = json.dumps(event_shape(event), ensure_ascii=False, indent=2).replace("\n", "\n    ")
        sys.stdout.write(("," if counted.count > 1 else "") + "\n    " + text)
    sys.stdout.write("\n  ]\n}\n" if counted.count else "]\n}\n")
    return counted.count


def print_events_jsonl(found: Iterable[Event]) -> int:
    """Print an event a line as JSON; give how many."""
    counted = _Counted(found)
    for event in counted:
        print(json.dumps({"schema_version": SCHEMA_VERSION, **event_shape(event)}, ensure_ascii=False))
    return counted.count


def print_events_csv(found: Iterable[Event]) -> int:
    """Print an event a line as comma-separated values, its outlets in one cell; give how many."""
    counted = _Counted(found)
    print_csv(CSV_COLUMNS, (_csv(event) for event in counted))
    return counted.count


def _csv(event: Event) -> tuple[object, ...]:
    outlets = dict.fromkeys(source.outlet for source in event.sources)
    return (
        event.name, event.headline, event.url, event.language, stamp(event.first_seen), stamp(event.updated),
        len(event.sources), event.outlets, event.independent, "; ".join(outlets),
    )  # fmt: skip
