"""What clustering anew changes: tables for a person, a shape for a program."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from aggregator.cli.console import print_table, print_text, shown
from aggregator.cli.shapes import SCHEMA_VERSION
from aggregator.clustering.representative import choose
from aggregator.model import EntryId, Event, EventId, Source
from aggregator.publishing.ids import event_name

if TYPE_CHECKING:
    from aggregator.pipeline.recluster import Changes

MOST = 50  # rows of a table; --json has all


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What changes, with the events as they were before."""

    changes: "Changes"
    events: Mapping[EventId, Event]
    sources: Mapping[EntryId, Source]  # entries that go elsewhere, and all of new events
    stayed: int  # entries that are where they were

    def members(self, event: EventId) -> list[Source]:
        """Give the entries of a new event."""
        return [self.sources[entry] for entry, now in self.changes.survival.event_of.items() if now == event]

    def headline(self, event: EventId) -> str:
        """Give the headline of an event, of a new one as it will be."""
        if event in self.events:
            return self.events[event].headline
        speaker = choose(sorted(self.members(event), key=lambda source: (source.first_seen, source.entry)))
        return speaker.title if speaker else ""

    def reports(self, event: EventId) -> int:
        """Count the reports of an event, of one that is there as it was."""
        return len(self.events[event].sources) if event in self.events else len(self.members(event))


def print_changes(told: Told, *, dry_run: bool) -> None:
    """Print what changes: events that go up in others, new ones, entries that move, and how much stays."""
    changes = told.changes
    merges, splits, moved = changes.survival.merges, changes.survival.splits, changes.moved
    _section("merged", ("event", "reports", "headline", "goes up in", "headline there"), [*_merged(told)])
    _section("split", ("new event", "reports", "headline", "parted from", "headline there"), [*_split(told)])
    _section("moved", ("entry", "outlet", "headline", "from", "to", "headline there"), [*_moved(told)])
    share = told.stayed / changes.entries if changes.entries else 1.0
    print_text(
        f"{changes.entries} reports clustered anew, in {changes.events} events: "
        f"{_counted(len(merges), 'event')} merged, {len(splits)} split off, "
        f"{_counted(len(moved), 'report')} moved between events that stay; "
        f"{told.stayed} reports ({share:.1%}) stay where they are"
    )
    if dry_run:
        print_text("nothing was changed" + ("; without --dry-run it is" if changes.moves else ""))


def _counted(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def _section(title: str, columns: tuple[str, ...], rows: list[tuple[object, ...]]) -> None:
    if not rows:
        return
    print_text(f"{title}: {len(rows)}")
    print_table(columns, rows[:MOST], right=("reports", "entry"))
    print_text(f"and {len(rows) - MOST} more; --json has all\n" if len(rows) > MOST else "")


def _merged(told: Told) -> Iterator[tuple[object, ...]]:
    for one in told.changes.survival.merges:
        there = told.headline(one.survivor)
        name = event_name(one.absorbed)
        yield name, told.reports(one.absorbed), told.headline(one.absorbed), event_name(one.survivor), there


def _split(told: Told) -> Iterator[tuple[object, ...]]:
    for one in told.changes.survival.splits:
        there = told.headline(one.parted_from)
        name = event_name(one.event)
        yield name, told.reports(one.event), told.headline(one.event), event_name(one.parted_from), there


def _moved(told: Told) -> Iterator[tuple[object, ...]]:
    for one in told.changes.moved:
        source = told.sources[one.entry]
        names = event_name(one.from_event), event_name(one.to_event)
        yield one.entry, shown(source.outlet), source.title, *names, told.headline(one.to_event)


def changes_shape(told: Told, *, dry_run: bool, given: Mapping[str, str]) -> dict[str, Any]:
    """Give everything as JSON has it."""
    changes = told.changes
    taken = Counter((one.from_event, one.to_event) for one in changes.moves)
    return {
        "schema_version": SCHEMA_VERSION,
        "dry_run": dry_run,
        "set": dict(given),
        "entries": changes.entries,
        "events": changes.events,
        "stayed": told.stayed,
        "merged": [
            _event(told, one.absorbed)
            | {"into": event_name(one.survivor), "into_headline": told.headline(one.survivor)}
            for one in changes.survival.merges
        ],
        "split": [
            _event(told, one.event)
            | {
                "from": event_name(one.parted_from),
                "from_headline": told.headline(one.parted_from),
                "taken": taken[one.parted_from, one.event],
            }
            for one in changes.survival.splits
        ],
        "moved": [
            {
                "entry": one.entry,
                "outlet": told.sources[one.entry].outlet,
                "title": told.sources[one.entry].title,
                "from": event_name(one.from_event),
                "to": event_name(one.to_event),
            }
            for one in changes.moves
        ],
    }


def _event(told: Told, event: EventId) -> dict[str, Any]:
    return {"event": event_name(event), "headline": told.headline(event), "reports": told.reports(event)}
