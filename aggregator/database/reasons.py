"""Why entries are where they are: decisions read back, without the clusterer that made them."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, select, union

from aggregator.database.tables import entries, evidence
from aggregator.model import EntryId, EventId

if TYPE_CHECKING:
    from aggregator.clustering.evidence import Evidence


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """One decision about an entry: its event, why, and where it was before (None: its first assignment)."""

    entry: EntryId
    event: EventId
    from_event: EventId | None
    reason: str
    batch: int
    at: datetime
    detail: dict[str, Any]  # clustering.evidence.Evidence

    @property
    def evidence(self) -> "Evidence":
        """Give what was decided from."""
        from aggregator.clustering.evidence import Evidence  # noqa: PLC0415  brings numpy: most readers need `detail`

        return Evidence.from_json(self.detail)


def evidence_of(connection: Connection, event_id: EventId) -> dict[EntryId, list[Decision]]:
    """Give the decisions about each entry that is in an event now, oldest first."""
    rows = (
        select(evidence)
        .join(entries, entries.c.id == evidence.c.entry_id)
        .where(entries.c.event_id == event_id)
        .order_by(evidence.c.batch, evidence.c.serial)
    )
    grouped: dict[EntryId, list[Decision]] = {}
    for decision in _decisions(connection.execute(rows)):
        grouped.setdefault(decision.entry, []).append(decision)
    return grouped


def history_of(connection: Connection, event_id: EventId) -> list[Decision]:
    """Give the decisions that brought entries into an event or took them out, and how its entries got there."""
    inside = select(entries.c.id).where(entries.c.event_id == event_id)
    once = select(evidence.c.entry_id).where(evidence.c.event_id == event_id)
    here = (evidence.c.event_id == event_id) | (evidence.c.from_event == event_id) | evidence.c.entry_id.in_(inside)
    rows = (
        select(evidence)
        .where(evidence.c.entry_id.in_(union(inside, once)), here)
        .order_by(evidence.c.batch, evidence.c.serial)
    )
    return list(_decisions(connection.execute(rows)))


def _decisions(rows: Iterable[Any]) -> Iterable[Decision]:
    for row in rows:
        yield Decision(
            entry=row.entry_id,
            event=row.event_id,
            from_event=row.from_event,
            reason=row.reason,
            batch=row.batch,
            at=row.at,
            detail=json.loads(row.detail),
        )
