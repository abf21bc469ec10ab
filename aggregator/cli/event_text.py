"""An event as text for a terminal."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from aggregator.cli.console import shown
from aggregator.model import EntryId, Event, Source

if TYPE_CHECKING:
    from aggregator.database.decisions import Decision

RULES = {
    "founded": "founded the event: no earlier report was near enough",
    "joined": "joined",
    "copy": "joined as a copy",
    "repair": "moved here when later reports made this the better event",
    "merge": "came with an event that told the same",
    "split": "parted from an event that had come to mix two",
    "correction": "placed by a person",
}


def ago(span: timedelta) -> str:
    """Give a span in its largest unit."""
    seconds = max(0, int(span.total_seconds()))
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "m")):
        if seconds >= size:
            return f"{seconds // size}{unit} ago"
    return "now"


def outlets_shown(event: Event, most: int) -> str:
    """Name the first few outlets of an event."""
    names = list(dict.fromkeys(source.outlet for source in event.sources))
    more = f" (+{len(names) - most})" if len(names) > most else ""
    return ", ".join(names[:most]) + more


def event_text(event: Event, reasons: "Mapping[EntryId, Sequence[Decision]]") -> Iterator[str]:
    """Give the lines of `events show`: the headline, the source list, and the evidence of each member."""
    yield shown(event.headline)
    yield (
        f"event {event.name} · {event.language or 'language unknown'} · {event.outlets} outlets, "
        f"{event.independent} independent, {len(event.sources)} reports"
    )
    yield f"first seen {_minute(event.first_seen)} · updated {_minute(event.updated)} UTC"
    if event.url:
        yield shown(event.url)
    titles = {source.entry: source for source in event.sources}
    for source in event.sources:
        yield ""
        yield from _source_text(source, titles, reasons.get(source.entry, ()))


def _source_text(source: Source, members: Mapping[EntryId, Source], reasons: "Sequence[Decision]") -> Iterator[str]:
    yield f"{_minute(source.first_seen)}  {shown(source.outlet)}: {shown(source.title)}"
    if source.url:
        yield f"    {shown(source.url)}"
    facts = [f"entry {source.entry}"]
    if source.published:
        facts.append(f"dated {_minute(source.published)}")
    if source.copy_of is not None:
        original = members.get(source.copy_of)
        facts.append(f"a copy of {shown(original.outlet) if original else f'entry {source.copy_of}'}")
    yield "    " + " · ".join(facts)
    for reason in reasons[-1:]:
        yield f"    {evidence_sentence(reason, members)}"


def evidence_sentence(reason: "Decision", members: Mapping[EntryId, Source]) -> str:
    """Say in a sentence why an entry is where it is."""
    evidence = reason.evidence
    parts = [RULES.get(reason.reason, reason.reason)]
    if evidence.compared is not None:
        nearest = members.get(evidence.compared)
        name = f"{shown(nearest.outlet)}'s report" if nearest else f"entry {evidence.compared}"
        parts.append(f"nearest to {name}")
    if evidence.score is not None:
        threshold = evidence.thresholds.get("join")
        parts.append(f"score {evidence.score:.2f}" + (f" (needs {threshold:.2f})" if threshold is not None else ""))
    if evidence.cosine is not None:
        parts.append(f"similarity {evidence.cosine:.2f}")
    if evidence.jaccard is not None:
        parts.append(f"same words {evidence.jaccard:.0%}")
    if evidence.terms:
        parts.append("shared: " + ", ".join(shown(term) for term, _weight in evidence.terms[:6]))
    return "; ".join(parts)


def _minute(when: datetime) -> str:
    return f"{when:%Y-%m-%d %H:%M}"
