"""Corrections as text for a terminal and as JSON."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from aggregator.cli.console import shown
from aggregator.cli.shapes import stamp
from aggregator.model import Event, EventId

if TYPE_CHECKING:
    from aggregator.database.corrections import Correction

COLUMNS = ("number", "at", "what", "events", "entries", "reason", "state")
GONE = "an event that is gone"
MOST = 8  # entries named in a row


def correction_shape(correction: "Correction", names: Mapping[EventId, str]) -> dict[str, Any]:
    """Give a correction as JSON has it."""
    return {
        "number": correction.id,
        "at": stamp(correction.at),
        "kind": correction.kind,
        "reason": correction.reason,
        "events": [names.get(event) for event in correction.events],
        "entries": list(correction.entries),
        "together": [list(pair) for pair in correction.together],
        "apart": [list(pair) for pair in correction.apart],
        "moved": [
            {"entry": one.entry, "from_event": names.get(one.from_event), "to_event": names.get(one.to_event)}
            for one in correction.moved
        ],
        "undoes": correction.undoes,
        "instead_of": list(correction.instead_of),
        "undone": stamp(correction.undone),
        "carried_out": stamp(correction.done),
    }


def correction_row(correction: "Correction", names: Mapping[EventId, str]) -> tuple[object, ...]:
    """Give a correction as a row of `COLUMNS`."""
    entries = " ".join(map(str, correction.entries[:MOST]))
    more = f" (+{len(correction.entries) - MOST})" if len(correction.entries) > MOST else ""
    return (
        correction.id,
        f"{correction.at:%Y-%m-%d %H:%M}",
        said(correction),
        " ".join(names.get(event, GONE) for event in correction.events),
        entries + more,
        correction.reason,
        state(correction),
    )


def said(correction: "Correction") -> str:
    """Name a correction."""
    if correction.undoes:
        return f"undo {correction.undoes}"
    earlier = " and ".join(map(str, correction.instead_of))
    return f"{correction.kind} instead of {earlier}" if earlier else correction.kind


def state(correction: "Correction") -> str:
    """Say what became of a correction."""
    if correction.undone is not None:
        return f"undone {correction.undone:%Y-%m-%d %H:%M}"
    return "in force" if correction.applied is not None else "waits for the daemon"


def correction_text(
    correction: "Correction", events: Sequence[Event], names: Mapping[EventId, str], again: Sequence[int] = ()
) -> Iterator[str]:
    """Say what a correction came to: the events as they are now, what is `again` in force, and how to take it back."""
    if correction.applied is None:
        yield "it is stored; the running daemon, or the next one, will carry it out"
    for event in events:
        if event.merged_into is not None:
            yield f"  {event.name} goes on as {names.get(event.merged_into, GONE)}"
        else:
            count = len(event.sources)
            muted = ", muted" if event.muted else ""
            yield f"  {event.name}  {count} report{'s' if count != 1 else ''}{muted}: {shown(event.headline)}"
    for number in again:
        yield f"correction {number} is in force again"
    if correction.undoes is None:
        yield f"`aggregator undo {correction.id}` takes it back"


def because(correction: "Correction") -> str:
    """Name a correction, with why it was made."""
    why = f", because: {shown(correction.reason)}" if correction.reason else ""
    return f"correction {correction.id} ({said(correction)}){why}"


def about_text(correction: "Correction", names: Mapping[EventId, str]) -> str:
    """Say in a line what a person put right."""
    events = ", ".join(names.get(event, GONE) for event in correction.events)
    entries = f", entries {', '.join(map(str, correction.entries[:MOST]))}" if correction.entries else ""
    more = f" and {len(correction.entries) - MOST} more" if len(correction.entries) > MOST else ""
    why = f": {shown(correction.reason)}" if correction.reason else ""
    undone = f" ({state(correction)})" if correction.undone else ""
    return f"correction {correction.id}, {said(correction)} of {events}{entries}{more}{why}{undone}"
