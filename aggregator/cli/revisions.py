"""What outlets changed in their reports, word by word."""

import difflib
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from aggregator.cli.console import shown
from aggregator.cli.shapes import stamp
from aggregator.model import EntryId, Event, Source

if TYPE_CHECKING:
    from aggregator.database.entries import Revision

AROUND = 4  # words of context on each side of a change


def revision_shapes(event: Event, edits: "Mapping[EntryId, Sequence[Revision]]") -> list[dict[str, Any]]:
    """Give each edit with what was said before and after."""
    return [
        {
            "entry": source.entry,
            "outlet": source.outlet,
            "revision": number,
            "seen": stamp(when),
            "before": {"title": before[0], "summary": before[1]},
            "after": {"title": after[0], "summary": after[1]},
        }
        for source in event.sources
        for number, when, before, after in _steps(source, edits.get(source.entry, ()))
    ]


def revision_text(event: Event, edits: "Mapping[EntryId, Sequence[Revision]]") -> Iterator[str]:
    """Give the lines of `events show --revisions`: [-what went-] and {+what came+}."""
    yield shown(event.headline)
    edited = [source for source in event.sources if edits.get(source.entry)]
    yield f"event {event.name} · {len(edited)} of {len(event.sources)} reports were edited"
    for source in edited:
        yield f"\n{shown(source.outlet)} · entry {source.entry}"
        for _, when, before, after in _steps(source, edits[source.entry]):
            yield f"  {when:%Y-%m-%d %H:%M}"
            for what, old, new in zip(("title", "text"), before, after, strict=True):
                if old != new:
                    yield f"    {what:6}{shown(changed(old, new))}"


def _steps(source: Source, edits: "Sequence[Revision]") -> Iterator[tuple[int, Any, tuple[str, str], tuple[str, str]]]:
    texts = [*((one.title, one.summary) for one in edits), (source.title, source.summary)]
    for number, (one, before, after) in enumerate(zip(edits, texts[:-1], texts[1:], strict=True), 1):
        yield number, one.until, before, after


def changed(old: str, new: str) -> str:
    """Show the words that went and came, with a few around them."""
    before, after = old.split(), new.split()
    parts: list[str] = []
    for kind, a, b, c, d in difflib.SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if kind == "equal":
            parts.append(_context(before[a:b], first=a == 0, last=b == len(before)))
            continue
        if a < b:
            parts.append(f"[-{' '.join(before[a:b])}-]")
        if c < d:
            parts.append(f"{{+{' '.join(after[c:d])}+}}")
    return " ".join(part for part in parts if part)


def _context(words: Sequence[str], *, first: bool, last: bool) -> str:
    begin, end = (0 if first else AROUND), (0 if last else AROUND)
    if len(words) <= begin + end:
        return " ".join(words)
    return " ".join([*words[:begin], "…", *words[len(words) - end :]])
