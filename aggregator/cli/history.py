"""What was decided about an event over time, as text and as JSON."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from aggregator.cli.console import shown
from aggregator.cli.event_text import RULES
from aggregator.cli.shapes import SCHEMA_VERSION, stamp
from aggregator.model import EntryId, Event, EventId, Source

if TYPE_CHECKING:
    from aggregator.database.reasons import Decision


def history_shape(
    event: Event, decisions: "Sequence[Decision]", names: Mapping[EventId, str], titles: Mapping[EntryId, Source]
) -> dict[str, Any]:
    """Give the decisions as JSON has them."""
    rows = []
    for one in decisions:
        source = titles.get(one.entry)
        row = {"at": stamp(one.at), "batch": one.batch, "entry": one.entry, "outlet": source and source.outlet}
        row |= {"title": source and source.title, "reason": one.reason, "event": names.get(one.event)}
        row["from_event"] = None if one.from_event is None else names.get(one.from_event)
        rows.append({**row, "evidence": one.detail})
    return {"schema_version": SCHEMA_VERSION, "event": event.name, "headline": event.headline, "decisions": rows}


def history_text(
    event: Event, decisions: "Sequence[Decision]", names: Mapping[EventId, str], titles: Mapping[EntryId, Source]
) -> Iterator[str]:
    """Give the decisions as lines, a day under its date."""
    yield shown(event.headline)
    yield f"event {event.name} · {len(event.sources)} reports now · {len(decisions)} decisions"
    day = None
    for one in decisions:
        if one.at.date() != day:
            day = one.at.date()
            yield f"\n{day}"
        source = titles.get(one.entry)
        who = f"{shown(source.outlet)}: {shown(source.title)}" if source else "(deleted for its age)"
        yield f"{one.at:%H:%M}  {_happened(one, event.id, names)}  entry {one.entry}  {who}"


def _happened(one: "Decision", event: EventId, names: Mapping[EventId, str]) -> str:
    rule = RULES.get(one.reason, one.reason)
    if one.from_event is None:
        return rule if one.event == event else f"{rule} ({names.get(one.event, 'an event that is gone')})"
    before, after = (names.get(each, "an event that is gone") for each in (one.from_event, one.event))
    if one.event == event:
        return f"came from {before}: {rule}"
    return f"left for {after}: {rule}" if one.from_event == event else f"went from {before} to {after}: {rule}"
