"""What clustering decided, and all that it decides from: saved batch by batch, read back after a restart."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, case, delete, func, insert, select, update
from sqlalchemy.dialects.sqlite import insert as upsert

from aggregator.clustering.evidence import Evidence
from aggregator.clustering.result import Assignment, BatchResult, EntryRecord, Frequency, Snapshot
from aggregator.database import related
from aggregator.database.reasons import Decision, evidence_of
from aggregator.database.store import set_setting, setting
from aggregator.database.tables import batches, boilerplate, entries, evidence, frequencies, records
from aggregator.model import EntryId, EventId

__all__ = ["Decision", "evidence_of", "last_batch", "next_event", "save", "snapshot"]

NEXT_EVENT = "next_event"  # the setting that holds the next event's number: none is ever used twice


def save(connection: Connection, result: BatchResult, at: datetime) -> None:
    """Store a batch: which entries are now in which events, why, and what later decisions depend on."""
    for assignment in result.assignments:
        connection.execute(
            update(entries)
            .where(entries.c.id == assignment.entry)
            .values(batch=result.number, event_id=assignment.event, language=_decided(assignment))
        )
    for move in result.moves:
        connection.execute(update(entries).where(entries.c.id == move.entry).values(event_id=move.to_event))
    for merge in result.merges:
        # what has left the window goes with the rest: an event is absorbed whole
        connection.execute(update(entries).where(entries.c.event_id == merge.absorbed).values(event_id=merge.survivor))
    for copy in result.copies:
        connection.execute(update(entries).where(entries.c.id == copy.entry).values(copy_of=copy.original))
    _save_evidence(connection, result, at)
    _save_state(connection, result)
    related.save(connection, result.related, result.merges)
    founded = {assignment.event for assignment in result.assignments}
    connection.execute(
        insert(batches).values(number=result.number, at=at, entries=len(result.assignments), events=len(founded))
    )


def _decided(assignment: Assignment) -> object:
    """Keep the declared language, which may say more (pt-BR), where the text was taken for the same or for nothing."""
    language = assignment.language
    if language == "und":
        return entries.c.language
    return case((entries.c.language.startswith(language), entries.c.language), else_=language)


def _save_evidence(connection: Connection, result: BatchResult, at: datetime) -> None:
    decided: list[tuple[EntryId, EventId, EventId | None, str, Evidence]] = [
        (new.entry, new.event, None, new.evidence.rule, new.evidence) for new in result.assignments
    ]
    decided += [(move.entry, move.to_event, move.from_event, move.reason, move.evidence) for move in result.moves]
    rows = [
        {
            "entry_id": entry,
            "batch": result.number,
            "serial": serial,
            "event_id": event,
            "from_event": before,
            "reason": reason,
            "at": at,
            "detail": why.to_json(),
        }
        for serial, (entry, event, before, reason, why) in enumerate(decided)
    ]
    if rows:
        connection.execute(insert(evidence), rows)


def _save_state(connection: Connection, result: BatchResult) -> None:
    if result.records:
        rows = [
            {
                "entry_id": one.entry,
                "revision": one.revision,
                "time": one.time,
                "record": one.data,
                "batch": result.number,
            }
            for one in result.records
        ]
        connection.execute(insert(records), rows)
    _save_frequencies(connection, result.frequencies)
    set_setting(connection, NEXT_EVENT, result.next_event)
    if result.boilerplate:
        learnt = upsert(boilerplate)
        connection.execute(
            learnt.on_conflict_do_update(index_elements=["key"], set_={"detail": learnt.excluded.detail}),
            [{"key": key, "detail": detail} for key, detail in sorted(result.boilerplate.items())],
        )


def _save_frequencies(connection: Connection, changed: Sequence[Frequency]) -> None:
    """Store the counts that changed; one that has come to nothing is forgotten."""
    counted = [{"space": one.space, "token": one.token, "count": one.count} for one in changed if one.count > 0]
    gone = [{"of_space": one.space, "of_token": one.token} for one in changed if one.count <= 0]
    if counted:
        count = upsert(frequencies)
        counted_anew = {"count": count.excluded.count}
        connection.execute(count.on_conflict_do_update(index_elements=["space", "token"], set_=counted_anew), counted)
    if gone:
        this = (frequencies.c.space == bindparam("of_space")) & (frequencies.c.token == bindparam("of_token"))
        connection.execute(delete(frequencies).where(this), gone)


def replace_records(
    connection: Connection, old: Sequence[EntryRecord], made: Mapping[int, Sequence[EntryRecord]]
) -> None:
    """Put what was made anew, by batch, in the place of what is stored."""
    this = (records.c.entry_id == bindparam("of_entry")) & (records.c.revision == bindparam("of_revision"))
    if old:
        gone = [{"of_entry": one.entry, "of_revision": one.revision} for one in old]
        connection.execute(delete(records).where(this), gone)
    rows = [
        {"entry_id": one.entry, "revision": one.revision, "time": one.time, "record": one.data, "batch": batch}
        for batch, some in made.items()
        for one in some
    ]
    if rows:
        connection.execute(insert(records), rows)


def forget_records(connection: Connection) -> None:
    """Delete what clustering stored of its window: made by other rules, it cannot be compared."""
    connection.execute(delete(records))


def snapshot(connection: Connection, oldest: datetime) -> Snapshot:
    """Read back what decisions about entries seen since `oldest` depend on."""
    stored = select(records).where(records.c.time >= oldest).order_by(records.c.entry_id)
    placed = (
        select(entries.c.id, entries.c.event_id)
        .join(records, records.c.entry_id == entries.c.id)
        .where(records.c.time >= oldest, entries.c.event_id.is_not(None))
    )
    event_of = {row.id: row.event_id for row in connection.execute(placed)}
    first = select(entries.c.event_id, func.min(entries.c.first_seen).label("first")).group_by(entries.c.event_id)
    live = set(event_of.values())
    return Snapshot(
        records=tuple(
            EntryRecord(entry=row.entry_id, revision=row.revision, time=row.time, data=row.record)
            for row in connection.execute(stored)
        ),
        event_of=event_of,
        first_seen={row.event_id: row.first for row in connection.execute(first) if row.event_id in live},
        frequencies=stored_frequencies(connection),
        next_event=next_event(connection),
        boilerplate=stored_boilerplate(connection),
    )


def stored_frequencies(connection: Connection) -> tuple[Frequency, ...]:
    """Give in how many entries each word occurred."""
    rows = connection.execute(select(frequencies).order_by(frequencies.c.space, frequencies.c.token))
    return tuple(Frequency(space=row.space, token=row.token, count=row._mapping["count"]) for row in rows)


def stored_boilerplate(connection: Connection) -> dict[str, Any]:
    """Give what each feed repeats."""
    return {row.key: row.detail for row in connection.execute(select(boilerplate))}


def newest_record(connection: Connection) -> datetime | None:
    """Give the time of the newest entry that clustering knows of; None where it knows none."""
    return connection.scalar(select(func.max(records.c.time)))


def next_event(connection: Connection) -> EventId:
    """Give the number of the next event to be founded."""
    stored = setting(connection, NEXT_EVENT)
    return stored if isinstance(stored, int) else 1


def last_batch(connection: Connection) -> int:
    """Give the number of the last batch; 0 where there was none."""
    return connection.scalar(select(func.max(batches.c.number))) or 0
