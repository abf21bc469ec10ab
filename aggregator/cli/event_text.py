"""An event as text for a terminal."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from aggregator.cli.console import shown
from aggregator.cli.pager import on_terminal
from aggregator.model import EntryId, Event, Source

if TYPE_CHECKING:
    from aggregator.database.reasons import Decision
    from aggregator.publishing.sources import Line

RULES = {
    "founded": "founded the event: no earlier report was near enough",
    "joined": "joined",
    "copy": "joined as a copy",
    "repair": "moved here when later reports made this the better event",
    "merge": "came with an event that told the same",
    "split": "parted from an event that had come to mix two",
    "correction": "placed by a person",
    "recluster": "placed anew when all of the window was clustered again",
}
BLOCKS = "▁▂▃▄▅▆▇█"
LONG_AGO = timedelta(days=30)
TIME_LINE = 48  # columns at most
STEPS = (1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720, 1440, 2880, 7 * 1440, 30 * 1440)  # minutes a column stands for


def ago(when: datetime, now: datetime) -> str:
    """Say how long ago something was in the largest unit; its date (UTC) where nobody counts the days any more."""
    if now - when >= LONG_AGO:
        return f"{when.astimezone(UTC):%Y-%m-%d}"
    seconds = max(0, int((now - when).total_seconds()))
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "m")):
        if seconds >= size:
            return f"{seconds // size}{unit} ago"
    return "now"


def outlets_shown(event: Event, most: int) -> str:
    """Name the first few outlets of an event."""
    names = list(dict.fromkeys(source.outlet for source in event.sources))
    more = f" (+{len(names) - most})" if len(names) > most else ""
    return ", ".join(names[:most]) + more


def event_text(
    event: Event, reasons: "Mapping[EntryId, Sequence[Decision]]", related: Sequence[Event] = ()
) -> Iterator[str]:
    """Give the lines of `events show`: the headline, the time line, the outlets with their reports, what is near."""
    from aggregator.publishing.sources import lines

    yield shown(event.headline)
    yield (
        f"event {event.name} · {event.language or 'language unknown'} · {event.outlets} outlets, "
        f"{event.independent} independent, {len(event.sources)} reports"
    )
    yield f"first seen {_minute(event.first_seen)} · updated {_minute(event.updated)} UTC"
    if event.muted:
        yield f"muted: left out of the feeds; `aggregator events unmute {event.name}` ends that"
    if event.url:
        yield shown(event.url)
    if len(event.sources) > 1:
        yield time_line([source.first_seen for source in event.sources], blocks=on_terminal())
    members = {source.entry: source for source in event.sources}
    told: set[EntryId] = set()
    for line in lines(event.sources):
        yield ""
        yield from _line_text(_whole(line, event), members, reasons, told)
    if related:
        yield ""
        yield "Related, not the same:"
        yield from (f"    {one.name}  {shown(one.headline)} ({outlets_shown(one, 3)})" for one in related)


def time_line(times: Sequence[datetime], *, blocks: bool) -> str:
    """Draw how many reports were seen when: a column is a span that lets all fit."""
    first, span = min(times), max(times) - min(times)
    step = next((m for m in STEPS if span / timedelta(minutes=m) < TIME_LINE), STEPS[-1])
    counts = [0] * min(TIME_LINE, int(span / timedelta(minutes=step)) + 1)
    for time in times:
        counts[min(len(counts) - 1, int((time - first) / timedelta(minutes=step)))] += 1
    each = f"{step}m" if step < 60 else f"{step // 60}h" if step < 1440 else f"{step // 1440}d"
    if not blocks:
        return f"reports by {each}: {' '.join(map(str, counts))}"
    most = max(counts)
    drawn = "".join(BLOCKS[(count * (len(BLOCKS) - 1) + most - 1) // most] if count else " " for count in counts)
    return f"{_minute(first)} {drawn} {_minute(max(times))}, {each} a column, at most {most}"


def _whole(line: "Line", event: Event) -> "Line":
    """Add what the line leaves out: a URL that came through several feeds is one report, but nothing is hidden here."""
    from aggregator.publishing.sources import Line

    links = {report.url for report in line.reports if report.url}
    own = [s for s in event.sources if s in line.reports or (s.outlet == line.outlet and s.url in links)]
    return Line(
        outlet=line.outlet,
        reports=tuple(own or line.reports),
        copies=tuple(_whole(copy, event) for copy in line.copies),
    )


def _line_text(
    line: "Line", members: Mapping[EntryId, Source], reasons: "Mapping[EntryId, Sequence[Decision]]", told: set[EntryId]
) -> Iterator[str]:
    """Give an outlet's reports, and indented below them the outlets that only repeat one of them."""
    for report in line.reports:
        if report.entry not in told:
            told.add(report.entry)
            yield from _source_text(report, members, reasons.get(report.entry, ()))
    for copy in line.copies:
        yield from (f"  └ {text}" if n == 0 else f"    {text}" for n, text in _numbered(copy, members, reasons, told))


def _numbered(
    line: "Line", members: Mapping[EntryId, Source], reasons: "Mapping[EntryId, Sequence[Decision]]", told: set[EntryId]
) -> Iterator[tuple[int, str]]:
    return enumerate(_line_text(line, members, reasons, told))


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
    """Say in a line why an entry is where it is."""
    detail = reason.detail
    parts = [rule_text(reason.reason, detail)]
    if reason.reason == "founded":  # what it was compared with came later and joined it: that tells there
        return parts[0]
    if detail["compared"] is not None:
        nearest = members.get(detail["compared"])
        name = f"{shown(nearest.outlet)}'s report" if nearest else f"entry {detail['compared']}"
        parts.append(f"nearest to {name}")
    if detail["score"] is not None:
        threshold = detail["thresholds"].get("needed", detail["thresholds"].get("join"))
        parts.append(f"score {detail['score']:.2f}" + (f" (needs {threshold:.2f})" if threshold is not None else ""))
    if detail["cosine"] is not None:
        parts.append(f"similarity {detail['cosine']:.2f}")
    if detail["jaccard"] is not None:
        parts.append(f"same words {detail['jaccard']:.0%}")
    if detail["terms"]:
        parts.append("shared: " + ", ".join(shown(term) for term, _weight in detail["terms"][:6]))
    return "; ".join(parts)


def rule_text(rule: str, detail: Mapping[str, Any]) -> str:
    """Say what a rule did; of a correction which one that was, and why a person wanted it."""
    person = detail.get("correction")
    if person is None:
        return RULES.get(rule, rule)
    why = f", because: {shown(person['reason'])}" if person["reason"] else ""
    return f"{RULES[rule]}, correction {person['number']} ({person['kind']}){why}"


def _minute(when: datetime) -> str:
    return f"{when:%Y-%m-%d %H:%M}"
