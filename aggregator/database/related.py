"""Events that stand near each other without being one: told in either direction, the nearest first."""

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

from sqlalchemy import Connection, delete, func, literal, select, union_all
from sqlalchemy.dialects.sqlite import insert as upsert

from aggregator.database.tables import entries, related
from aggregator.model import EntryId, EventId

if TYPE_CHECKING:  # brings numpy, which who reads needs not
    from aggregator.clustering.result import Merge, Related

MOST = 5  # kept with an event


def save(connection: Connection, misses: "Sequence[Related]", merges: "Sequence[Merge]") -> None:
    """Keep what just missed an event; what an event had that was absorbed goes to the survivor."""
    for merge in merges:
        _follow(connection, merge)
    if misses:
        new = upsert(related)
        new = new.on_conflict_do_update(
            index_elements=["event_id", "entry_id"], set_={"score": new.excluded.score, "at": new.excluded.at}
        )
        rows = [{"event_id": one.event, "entry_id": one.entry, "score": one.score, "at": one.time} for one in misses]
        connection.execute(new, rows)
    _trim(connection, {one.event for one in misses} | {merge.survivor for merge in merges})


def _follow(connection: Connection, merge: "Merge") -> None:
    of_absorbed = related.c.event_id == merge.absorbed
    rows = select(literal(merge.survivor), related.c.entry_id, related.c.score, related.c.at).where(of_absorbed)
    moved = upsert(related).from_select(["event_id", "entry_id", "score", "at"], rows).on_conflict_do_nothing()
    connection.execute(moved)
    connection.execute(delete(related).where(of_absorbed))


def _trim(connection: Connection, ids: Collection[EventId]) -> None:
    """Keep the nearest entry of each of the nearest other events, and none that has come in since."""
    for event_id in sorted(ids):
        rows = connection.execute(
            select(related.c.entry_id, entries.c.event_id.label("other"))
            .join(entries, entries.c.id == related.c.entry_id)
            .where(related.c.event_id == event_id)
            .order_by(related.c.score.desc(), related.c.entry_id)
        ).all()
        nearest: dict[EventId | None, EntryId] = {}
        for row in rows:
            if row.other != event_id and len(nearest) < MOST:
                nearest.setdefault(row.other, row.entry_id)
        gone = [row.entry_id for row in rows if row.entry_id not in nearest.values()]
        if gone:
            connection.execute(delete(related).where(related.c.event_id == event_id, related.c.entry_id.in_(gone)))


def related_events(connection: Connection, event_id: EventId, limit: int = MOST) -> list[EventId]:
    """Give the events that an event's entries just missed, and whose entries just missed it, the nearest first."""
    of_entry = entries.c.id == related.c.entry_id
    missed_this = select(entries.c.event_id.label("other"), related.c.score).join(related, of_entry)
    this_missed = select(related.c.event_id.label("other"), related.c.score).join(entries, of_entry)
    both = union_all(
        missed_this.where(related.c.event_id == event_id),
        this_missed.where(entries.c.event_id == event_id),
    ).subquery()
    rows = (
        select(both.c.other)
        .where(both.c.other.is_not(None), both.c.other != event_id)
        .group_by(both.c.other)
        .order_by(func.max(both.c.score).desc(), both.c.other)
        .limit(limit)
    )
    return list(connection.scalars(rows))
