"""What was decided and put right about an event over time, as text and as JSON."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from aggregator.cli.console import shown
from aggregator.cli.correction_text import about_text, correction_shape
from aggregator.cli.event_text import RULES
from aggregator.cli.shapes import SCHEMA_VERSION, stamp
from aggregator.model import EntryId, Event, EventId, Source

if TYPE_CHECKING:
    from aggregator.database.corrections import Correction
    from aggregator.database.reasons import Decision


def history_shape(
    event: Event,
    decisions: "Sequence[Decision]",
    corrections: "Sequence[Correction]",
    *,
    names: Mapping[EventId, str],
    titles: Mapping[EntryId, Source],
) -> dict[str, Any]:
    """Give decisions and corrections as JSON has them."""
    rows = []
    for one in decisions:
        source = titles.get(one.entry)
        row = {"at": stamp(one.at), "batch": one.batch, "entry": one.entry, "outlet": source and source.outlet}
        row |= {"title": source and source.title, "reason": one.reason, "event": names.get(one.event)}
        row["from_event"] = None if one.from_event is None else names.get(one.from_event)
        rows.append({**row, "evidence": one.detail})
    told = [correction_shape(one, names) for one in corrections]
    shape = {"schema_version": SCHEMA_VERSION, "event": event.name, "headline": event.headline}
    return {**shape, "decisions": rows, "corrections": told}


def history_text(
    event: Event,
    decisions: "Sequence[Decision]",
    corrections: "Sequence[Correction]",
    *,
    names: Mapping[EventId, str],
    titles: Mapping[EntryId, Source],
) -> Iterator[str]:
    """Give decisions and corrections as lines, a day under its date."""
    yield shown(event.headline)
    put_right = f" · {len(corrections)} corrections" if corrections else ""
    yield f"event {event.name} · {len(event.sources)} reports now · {len(decisions)} decisions{put_right}"
    lines = [(one.done or one.at, f"* {about_text(one, names)}") for one in corrections]
    lines += [(one.at, _decision(one, event.id, names, titles)) for one in decisions]
    day = None
    for at, line in sorted(lines, key=lambda pair: pair[0]):  # a correction before what it moved
        if at.date() != day:
            day = at.date()
            yield f"\n{day}"
        yield f"{at:%H:%M}  {line}"


def _decision(one: "Decision", event: EventId, names: Mapping[EventId, str], titles: Mapping[EntryId, Source]) -> str:
    source = titles.get(one.entry)
    who = f"{shown(source.outlet)}: {shown(source.title)}" if source else "(deleted for its age)"
    return f"{_happened(one, event, names)}  entry {one.entry}  {who}"


def _happened(one: "Decision", event: EventId, names: Mapping[EventId, str]) -> str:
    rule = RULES.get(one.reason, one.reason)
    if one.from_event is None:
        return rule if one.event == event else f"{rule} ({names.get(one.event, 'an event that is gone')})"
    before, after = (names.get(each, "an event that is gone") for each in (one.from_event, one.event))
    if one.event == event:
        return f"came from {before}: {rule}"
    return f"left for {after}: {rule}" if one.from_event == event else f"went from {before} to {after}: {rule}"
