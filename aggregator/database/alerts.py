"""Which events an alert has met, and what became of the word that was sent: each event once."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select, update
from sqlalchemy.dialects.sqlite import insert as upsert

from aggregator.database.store import set_setting, setting
from aggregator.database.tables import alerts, events
from aggregator.model import EventId

WAITING, BEGUN, BEFORE = "waiting", "begun", "before"  # the other outcomes are ends
_KNOWN = "alerts"  # the setting that names the alerts that have begun
_AT_ONCE = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Met:
    """An event that met an alert, and how far word of it has come."""

    alert: str
    event: EventId
    at: datetime
    attempts: int = 0


def known(connection: Connection) -> frozenset[str]:
    """Name the alerts that have begun to look at events."""
    names = setting(connection, _KNOWN)
    return frozenset(str(name) for name in names) if isinstance(names, list) else frozenset()


def begin(connection: Connection, names: Collection[str]) -> None:
    """Note that these alerts have begun."""
    set_setting(connection, _KNOWN, sorted(known(connection) | set(names)))


def note(connection: Connection, alert: str, ids: Collection[EventId], now: datetime, *, send: bool = True) -> None:
    """Note that events met an alert, those that did before, or took one in that did, apart; `send`: word is due."""
    met = set(connection.scalars(select(alerts.c.event_id).where(alerts.c.alert == alert)))
    absorbed = select(events.c.merged_into).where(events.c.merged_into.in_(ids), events.c.id.in_(met))
    fresh = set(ids) - met - set(connection.scalars(absorbed))
    state = {"outcome": WAITING, "due": now} if send else {"outcome": BEFORE, "due": None}
    rows = [{"alert": alert, "event_id": event, "at": now, "attempts": 0, **state} for event in sorted(fresh)]
    if rows:
        connection.execute(upsert(alerts).on_conflict_do_nothing(), rows)


def due(connection: Connection, now: datetime) -> list[Met]:
    """Give what word is due of, the oldest first."""
    rows = select(alerts).where(alerts.c.due <= now).order_by(alerts.c.due, alerts.c.event_id).limit(_AT_ONCE)
    return [
        Met(alert=row.alert, event=row.event_id, at=row.at, attempts=row.attempts) for row in connection.execute(rows)
    ]


def save(connection: Connection, met: Met, outcome: str, due_next: datetime | None = None) -> None:
    """Store how an attempt stands."""
    values = {"outcome": outcome, "attempts": met.attempts, "due": due_next}
    connection.execute(
        update(alerts).where(alerts.c.alert == met.alert, alerts.c.event_id == met.event).values(**values)
    )


def left_behind(connection: Connection) -> list[Met]:
    """Give attempts that were begun when the program ended: nobody knows whether word arrived."""
    rows = connection.execute(select(alerts).where(alerts.c.outcome == BEGUN))
    return [Met(alert=row.alert, event=row.event_id, at=row.at, attempts=row.attempts) for row in rows]
