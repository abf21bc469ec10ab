"""What was released in the output feeds. Values are publishing's; here they are rows (feed, event, serial, detail)."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Text, func, select, type_coerce
from sqlalchemy.dialects.sqlite import insert as upsert

from aggregator.database.tables import events, publications
from aggregator.model import EventId

SLICE = 400  # ids in one statement

Key = tuple[EventId, int]  # an event and the serial of its publication


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredPublication:
    """A row: when an event was released in a feed, when that last changed, and all the rest as JSON values."""

    feed: str
    event: EventId
    serial: int
    published: datetime
    updated: datetime
    detail: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """That an event stands in a feed, with a stamp that differs when something else is to be said of it."""

    event: EventId
    serial: int
    updated: datetime
    stamp: int  # within this run of the program

    @property
    def key(self) -> Key:
        """Give what it is known by in a feed."""
        return self.event, self.serial


def marks(connection: Connection, feed: str, horizon: datetime) -> list[Mark]:
    """Give what a feed released or changed since an instant, newest first, without reading what it says.

    The stamp is made of the publication, and of when its event and the one that absorbed it changed.
    """
    successor = events.alias("successor")
    said = type_coerce(publications.c.detail, Text)
    rows = (
        select(
            publications.c.event_id,
            publications.c.serial,
            publications.c.updated,
            publications.c.published,
            said.label("said"),
            events.c.updated.label("changed"),
            successor.c.updated.label("succeeded"),
        )
        .join(events, events.c.id == publications.c.event_id)
        .outerjoin(successor, successor.c.id == func.json_extract(publications.c.detail, "$.merged_into"))
        .where(publications.c.feed == feed, publications.c.updated >= horizon)
        .order_by(publications.c.updated.desc(), publications.c.event_id, publications.c.serial)
    )
    return [
        Mark(event=event, serial=serial, updated=updated, stamp=hash((updated, *said)))
        for event, serial, updated, *said in connection.execute(rows)
    ]


def marked(connection: Connection, feed: str, wanted: Sequence[Mark]) -> list[StoredPublication]:
    """Give the publications that some marks stand for, in their order."""
    found: dict[Key, StoredPublication] = {}
    ids = sorted({mark.event for mark in wanted})
    for start in range(0, len(ids), SLICE):
        some = publications.c.event_id.in_(ids[start : start + SLICE])
        for row in connection.execute(select(publications).where(publications.c.feed == feed, some)):
            found[row.event_id, row.serial] = _stored(row)
    return [found[mark.key] for mark in wanted if mark.key in found]


def latest(connection: Connection, feed: str, events: Collection[EventId]) -> dict[EventId, StoredPublication]:
    """Give what a feed last released of each of these events."""
    found: dict[EventId, StoredPublication] = {}
    ids = sorted(events)
    for start in range(0, len(ids), SLICE):
        some = ids[start : start + SLICE]
        rows = select(publications).where(publications.c.feed == feed, publications.c.event_id.in_(some))
        for row in connection.execute(rows.order_by(publications.c.event_id, publications.c.serial)):
            found[row.event_id] = _stored(row)
    return found


def newest(connection: Connection, feed: str) -> datetime | None:
    """Say when a feed last changed; None where it never released anything."""
    return connection.scalar(select(func.max(publications.c.updated)).where(publications.c.feed == feed))


def released_since(connection: Connection, feed: str, horizon: datetime) -> set[EventId]:
    """Give the events that a feed first released since an instant."""
    rows = select(publications.c.event_id).where(publications.c.feed == feed, publications.c.published >= horizon)
    return set(connection.scalars(rows))


def save(connection: Connection, released: Iterable[StoredPublication]) -> None:
    """Store what was decided; a publication with the serial of a stored one replaces it."""
    rows = [
        {
            "feed": one.feed,
            "event_id": one.event,
            "serial": one.serial,
            "published": one.published,
            "updated": one.updated,
            "detail": one.detail,
        }
        for one in released
    ]
    if not rows:
        return
    statement = upsert(publications)
    changed = {"updated": statement.excluded.updated, "detail": statement.excluded.detail}
    key = ["feed", "event_id", "serial"]
    connection.execute(statement.on_conflict_do_update(index_elements=key, set_=changed), rows)


def _stored(row: Any) -> StoredPublication:
    return StoredPublication(
        feed=row.feed,
        event=row.event_id,
        serial=row.serial,
        published=row.published,
        updated=row.updated,
        detail=row.detail,
    )
