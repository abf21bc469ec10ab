"""Fold the stored batches through a clusterer that knows nothing else, to compare its events with the stored ones."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select

from aggregator.clustering.assign import Clusterer
from aggregator.clustering.settings import Settings
from aggregator.database.tables import batches, entries, records, revisions
from aggregator.model import EntryId, EventId, FeedId, Report
from aggregator.pipeline.batch import assigned


@dataclass(frozen=True, slots=True)
class Replayed:
    """The events of entries as replaying gives them, and as they are stored."""

    again: dict[EntryId, EventId]
    stored: dict[EntryId, EventId]
    batches: int
    edits: int


def replayed(connection: Connection, settings: Settings, alone: Collection[FeedId] = ()) -> Replayed:
    """Replay a store whose records have not been pruned yet."""
    clusterer, again, edits = Clusterer(settings), dict[EntryId, EventId](), 0
    content = _batches(connection, alone)
    numbers = list(connection.scalars(select(batches.c.number).order_by(batches.c.number)))
    for number in numbers:
        reports = content.pop(number, [])
        edits += sum(report.id in again for report in reports)
        result = assigned(clusterer, reports, number, alone)
        again.update((one.entry, one.event) for one in result.assignments)
        again.update((move.entry, move.to_event) for move in result.moves)
        merged = {merge.absorbed: merge.survivor for merge in result.merges}
        again = {entry: merged.get(event, event) for entry, event in again.items()}
    assert not content, f"batches that are not stored: {sorted(content)}"
    stored = select(entries.c.id, entries.c.event_id).where(entries.c.batch.is_not(None))
    return Replayed(again, {row.id: row.event_id for row in connection.execute(stored)}, len(numbers), edits)


def _batches(connection: Connection, alone: Collection[FeedId]) -> dict[int, list[Report]]:
    """Give what each batch was of: new entries and edits, in the revision that it judged."""
    rows = {row.id: row for row in connection.execute(select(entries).where(entries.c.batch.is_not(None)))}
    said = {(row.entry_id, row.revision): row for row in connection.execute(select(revisions))}
    judged = connection.execute(select(records.c.entry_id, records.c.revision, records.c.batch)).all()
    content: dict[int, list[Report]] = {}
    for entry, revision, batch in judged:
        content.setdefault(batch, []).append(_report(rows[entry], said.get((entry, revision)), revision))
    for row in rows.values():
        if row.feed_id in alone:  # the clusterer keeps no record of these
            content.setdefault(row.batch, []).append(_report(row, said.get((row.id, 0)), 0))
    return content


def _report(row: Any, before: Any, revision: int) -> Report:
    """Give an entry as it was in a revision; `before`: what was kept of that when the next one came."""
    text = row if before is None else before
    return Report(
        id=row.id,
        title=text.title,
        summary=text.summary,
        language=row.language,
        outlet=row.outlet,
        feed=row.feed_id,
        url=row.url,
        time=row.first_seen,
        revision=revision,
    )
