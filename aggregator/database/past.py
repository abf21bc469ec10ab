"""What was clustered, as it came: the entries of the window in their batches, and what was known before them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

from sqlalchemy import Connection, func, select

from aggregator.clustering.result import EntryRecord, Snapshot
from aggregator.database import decisions
from aggregator.database import entries as entry_rows
from aggregator.database.tables import entries, records
from aggregator.model import EntryId, EventId, Report


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """The stored window."""

    batches: tuple[tuple[int, tuple[Report, ...]], ...]  # number and entries, in their order
    whole: bool  # nothing was clustered before them
    first_batch: Mapping[EntryId, int]  # in which an entry was assigned
    before: tuple[EntryRecord, ...]  # what is stored of entries before the first of these batches
    records: tuple[EntryRecord, ...]  # and of those in them
    known: Snapshot  # as it is now, without records
    copy_of: Mapping[EntryId, EntryId | None]
    outside: Mapping[EventId, int]  # how many entries of an event are in neither

    @property
    def entries(self) -> int:
        """Count the judgements."""
        return sum(len(reports) for _, reports in self.batches)

    def is_edit(self, report: Report, batch: int) -> bool:
        """Tell whether a report was judged in an earlier batch already."""
        return self.first_batch[report.id] != batch


def past(connection: Connection, window: timedelta) -> Past:
    """Read the entries of the last `window`, seen from the newest that is in an event, in their batches."""
    first = _first_batch(connection, window)
    stored = connection.execute(select(records).order_by(records.c.entry_id, records.c.revision)).all()
    placed = connection.execute(
        select(entries.c.id, entries.c.batch, entries.c.event_id, entries.c.copy_of).where(
            entries.c.batch >= first, entries.c.event_id.is_not(None)
        )
    ).all()
    first_batch: dict[EntryId, int] = {row.id: row.batch for row in placed}
    earlier = connection.execute(
        select(entries.c.id, entries.c.batch, entries.c.event_id, entries.c.copy_of).where(
            entries.c.id.in_(select(records.c.entry_id)), entries.c.batch < first, entries.c.event_id.is_not(None)
        )
    ).all()
    first_batch |= {row.id: row.batch for row in earlier}
    judged = [
        (row.entry_id, row.revision, _batch(row.batch, first_batch[row.entry_id]))
        for row in stored
        if row.entry_id in first_batch
    ]
    event_of = {row.id: row.event_id for row in (*placed, *earlier)}
    batch_of = {(entry, revision): batch for entry, revision, batch in judged}
    made = [
        EntryRecord(entry=row.entry_id, revision=row.revision, time=row.time, data=row.record)
        for row in stored
        if row.entry_id in first_batch
    ]
    return Past(
        batches=_batches(connection, first, judged, first_batch),
        whole=connection.scalar(select(entries.c.id).where(entries.c.batch < first).limit(1)) is None,
        first_batch=first_batch,
        before=tuple(one for one in made if batch_of[one.entry, one.revision] < first),
        records=tuple(one for one in made if batch_of[one.entry, one.revision] >= first),
        known=_known(connection, event_of),
        copy_of={row.id: row.copy_of for row in (*placed, *earlier)},
        outside=_outside(connection, event_of),
    )


def _first_batch(connection: Connection, window: timedelta) -> int:
    assigned = entries.c.batch.is_not(None)
    newest = connection.scalar(select(func.max(entries.c.first_seen)).where(assigned))
    if newest is None:
        return 1
    within = select(func.min(entries.c.batch)).where(assigned, entries.c.first_seen >= newest - window)
    return connection.scalar(within) or 1


def _batch(stored: int | None, first: int) -> int:
    return first if stored is None else stored


def _batches(
    connection: Connection, first: int, judged: Iterable[tuple[EntryId, int, int]], first_batch: Mapping[EntryId, int]
) -> tuple[tuple[int, tuple[Report, ...]], ...]:
    """Give the entries as they were judged, batch by batch; what has no record is judged as it is now."""
    wanted = {(entry, revision): batch for entry, revision, batch in judged if batch >= first}
    recorded = {entry for entry, _, _ in judged}
    ids = {entry for entry, _ in wanted} | {entry for entry, batch in first_batch.items() if batch >= first}
    texts = entry_rows.revisions_of(connection, ids)
    found: dict[int, list[Report]] = {}
    for report in entry_rows.reports(connection, ids):
        if report.id not in recorded:
            found.setdefault(first_batch[report.id], []).append(report)
            continue
        said = {report.revision: report}
        for text in texts.get(report.id, ()):
            said[text.number] = replace(report, title=text.title, summary=text.summary, revision=text.number)
        for revision, then in said.items():
            if (report.id, revision) in wanted:
                found.setdefault(wanted[report.id, revision], []).append(then)
    return tuple((number, tuple(found[number])) for number in sorted(found))


def _known(connection: Connection, event_of: Mapping[EntryId, EventId]) -> Snapshot:
    """Give what is known apart from the records."""
    first = select(entries.c.event_id, func.min(entries.c.first_seen).label("first")).group_by(entries.c.event_id)
    live = set(event_of.values())
    return Snapshot(
        records=(),
        event_of=event_of,
        first_seen={row.event_id: row.first for row in connection.execute(first) if row.event_id in live},
        frequencies=decisions.stored_frequencies(connection),
        next_event=decisions.next_event(connection),
        boilerplate=decisions.stored_boilerplate(connection),
    )


def _outside(connection: Connection, event_of: Mapping[EntryId, EventId]) -> dict[EventId, int]:
    """Count the entries of these events that are not among these."""
    counted = select(entries.c.event_id, func.count().label("number")).group_by(entries.c.event_id)
    inside: dict[EventId, int] = {}
    for event in event_of.values():
        inside[event] = inside.get(event, 0) + 1
    return {
        row.event_id: row.number - inside[row.event_id]
        for row in connection.execute(counted)
        if row.event_id in inside and row.number > inside[row.event_id]
    }
