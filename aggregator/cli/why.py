"""Answers to why and why not: sentences and tables for a person, shapes for a program."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from aggregator.cli.console import print_table, print_text, shown
from aggregator.cli.event_text import rule_text
from aggregator.cli.shapes import SCHEMA_VERSION, stamp
from aggregator.model import EntryId, Event, Report, Source

if TYPE_CHECKING:
    from aggregator.database.entries import Revision
    from aggregator.database.reasons import Decision
    from aggregator.text.boilerplate import Boilerplate

PARTS = {
    "words": "rare words that the event uses",
    "size": "size of the event",
    "pairs": "nearest reports of the event",
    "length": "length of the text",
    "gap": "time between",
    "numbers": "numbers that contradict",
    "world": "how seldom reports have company here",
    "outlet": "its feed's own reports in the event",
    "copy": "copy of a report in the event",
    "bonus": "its present event rather than another",
    "goes_in_stays": "the event that came fits this one",
    "stays_in_goes": "this event fits the one that came",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """An entry with the last decision about it, and what that compared it with."""

    source: Source
    decision: "Decision | None"  # None: it was stored by hand, or its evidence is gone
    compared: Source | None
    exact: float | None  # Jaccard similarity of the two texts; None where one of them is gone

    @classmethod
    def of(
        cls,
        source: Source,
        decision: "Decision | None",
        sources: Mapping[EntryId, Source],
        edits: "Mapping[EntryId, Sequence[Revision]]",
        boilerplate: "Boilerplate",
    ) -> "Member":
        """Measure what the decision only estimated, with the texts as they were then."""
        from aggregator.clustering.reading import read
        from aggregator.evaluation.comparing import jaccard_of

        detail = decision.detail if decision else {}
        compared = sources.get(detail.get("compared") or 0)
        exact = None
        if compared is not None:
            then = (
                _judged(source, edits, detail.get("revision")),
                _judged(compared, edits, detail.get("compared_revision")),
            )
            exact = jaccard_of(*(read(boilerplate, one) for one in then))
        return cls(source=source, decision=decision, compared=compared, exact=exact)


def _judged(source: Source, edits: "Mapping[EntryId, Sequence[Revision]]", revision: int | None) -> Report:
    """Give an entry as it was at a revision."""
    then = next((one for one in edits.get(source.entry, ()) if one.number == revision), None)
    return Report(
        id=source.entry,
        title=then.title if then else source.title,
        summary=then.summary if then else source.summary,
        language=source.language,
        outlet=source.outlet,
        feed=source.feed,
        time=source.first_seen,
    )


def headline(event: Event) -> str:
    """Name an event in two lines."""
    return f"{shown(event.headline)}\nevent {event.name} · {event.outlets} outlets, {len(event.sources)} reports"


def sentence(member: Member) -> str:
    """Say in a sentence or two why an entry is where it is."""
    if member.decision is None:
        return "There is no evidence of why it is here."
    detail, rule = member.decision.detail, member.decision.reason
    needed, reached = needed_for(detail), detail["score"]
    told = [f"It {_did(rule, detail)}."]
    if reached is not None and needed is not None:
        told.append(_reached(rule, detail, reached, needed))
    if member.compared is not None:
        told.append(_nearest(member, detail))
    return " ".join(told)


def needed_for(detail: Mapping[str, Any]) -> float | None:
    """Give what a score was compared with; evidence of former versions knows the threshold for joining alone."""
    needed: float | None = detail["thresholds"].get("needed", detail["thresholds"].get("join"))
    return needed


def _did(rule: str, detail: Mapping[str, Any]) -> str:
    if rule == "repair" and not detail["members"]:
        return "was taken out of its event: no event was near enough any more"
    said = rule_text(rule, detail)
    return f"was {said}" if rule in {"split", "correction", "repair", "recluster"} else said


def _reached(rule: str, detail: Mapping[str, Any], reached: float, needed: float) -> str:
    if detail["members"] == 0:
        return f"The best score was {reached:.2f}, and {needed:.2f} is needed."
    if rule == "merge":
        return f"The newest reports of each fitted the other event with {reached:.2f} or more, needed {needed:.2f}."
    verb = "reached" if reached >= needed else "missed"
    return f"Its score against the event {verb} what is needed: {reached:.2f}, needed {needed:.2f}."


def _nearest(member: Member, detail: Mapping[str, Any]) -> str:
    assert member.compared is not None  # noqa: S101  asked before
    terms = ", ".join(shown(term) for term, _ in detail["terms"][:5])
    parts = [f"The nearest report was entry {member.compared.entry} of {shown(member.compared.outlet)}"]
    if detail["gap"] is not None:
        parts.append(apart(detail["gap"]))
    shared = f"; both say {terms}" if terms else "; they share no rare word"
    same = f"; of all their words {member.exact:.0%} are the same" if member.exact is not None else ""
    return ", ".join(parts) + shared + same + "."


def apart(seconds: int) -> str:
    """Say how much later or earlier something was."""
    if abs(seconds) < 60:
        return "at the same time"
    size, unit = next((s, u) for s, u in ((86_400, "days"), (3_600, "hours"), (60, "minutes")) if abs(seconds) >= s)
    count = f"{abs(seconds) / size:.0f}"
    return f"{count} {unit if count != '1' else unit[:-1]} {'earlier' if seconds > 0 else 'later'}"


def print_members(members: Sequence[Member]) -> None:
    """Print each member's sentence, then all numbers in a table."""
    for member in members:
        print_text(f"entry {member.source.entry}  {shown(member.source.outlet)}: {shown(member.source.title)}")
        print_text(f"    {sentence(member)}")
    print()
    columns = (
        "entry",
        "rule",
        "score",
        "needed",
        "compared",
        "similarity",
        "same words",
        "estimate",
        "after",
        "shared",
    )
    print_table(columns, map(_row, members), right=columns[2:9])
    decided = [member.decision for member in members if member.decision is not None]
    if decided:
        held = max(decided, key=lambda decision: decision.batch).detail["thresholds"]
        print_text(
            f"thresholds in force at the last of these decisions: to join {held.get('join', 0.0):.2f}, to merge events "
            f"{held.get('merge', 0.0):.2f} and more, for a copy {held.get('copy', 0.0):.0%} of the words the same; "
            "shared: words with what each adds to the similarity; `aggregator events why EVENT ENTRY` has all numbers"
        )


def _row(member: Member) -> tuple[object, ...]:
    if member.decision is None:
        return (member.source.entry, *[None] * 9)
    detail = member.decision.detail
    terms = ", ".join(f"{shown(term)} {weight:.2f}" for term, weight in detail["terms"][:4])
    return (
        member.source.entry, member.decision.reason,
        number(detail["score"]), number(needed_for(detail)),
        detail["compared"], number(detail["cosine"]), percent(member.exact), percent(detail["jaccard"]),
        None if detail["gap"] is None else f"{detail['gap'] / 3600:.1f}h", terms,
    )  # fmt: skip


def print_member(member: Member) -> None:
    """Print one member's sentence and every number of its decision."""
    print_text(f"entry {member.source.entry}  {shown(member.source.outlet)}: {shown(member.source.title)}")
    if member.compared is not None:
        print_text(f"nearest    {shown(member.compared.outlet)}: {shown(member.compared.title)}")
    print_text(f"\n{sentence(member)}\n")
    if member.decision is not None:
        print_table(("what", "value", "needed"), _measures(member, member.decision.detail), right=("value", "needed"))


def _measures(member: Member, detail: Mapping[str, Any]) -> Iterator[tuple[object, ...]]:
    assert member.decision is not None  # noqa: S101  asked before
    thresholds = detail["thresholds"]
    yield "rule", member.decision.reason, None
    yield "decided", f"{member.decision.at:%Y-%m-%d %H:%M}, batch {member.decision.batch}", None
    if detail.get("revision"):
        yield "judged", f"revision {detail['revision']}", None
    yield "members before", detail["members"], None
    yield "score", number(detail["score"]), number(needed_for(detail))
    for name, value in detail["parts"].items():
        yield f"  {PARTS.get(name, name)}", f"{value:+.3f}", None
    revision = f" (revision {detail['compared_revision']})" if detail["compared_revision"] else ""
    yield "compared with entry", None if detail["compared"] is None else f"{detail['compared']}{revision}", None
    yield "time between", None if detail["gap"] is None else f"{detail['gap'] / 3600:.1f}h", None
    yield "similarity of weighed words", number(detail["cosine"]), None
    yield "same words, exactly", percent(member.exact), None
    yield "same words, estimated", percent(detail["jaccard"]), percent(thresholds.get("copy"))
    for term, weight in detail["terms"]:
        yield f"  shares {shown(term)}", f"{weight:+.3f}", None
    if detail["numbers"]:
        yield "numbers in both", " ".join(detail["numbers"]), None


def why_shape(event: Event, members: Sequence[Member]) -> dict[str, Any]:
    """Give everything as JSON has it."""
    return {
        "schema_version": SCHEMA_VERSION,
        "event": event.name,
        "headline": event.headline,
        "members": [_member_shape(member) for member in members],
    }


def _member_shape(member: Member) -> dict[str, Any]:
    source, compared = member.source, member.compared
    shape: dict[str, Any] = {"entry": source.entry, "outlet": source.outlet, "title": source.title}
    shape |= {"sentence": sentence(member), "jaccard": member.exact, "compared": None, "evidence": None}
    if member.decision is not None:
        shape |= {"at": stamp(member.decision.at), "batch": member.decision.batch, "evidence": member.decision.detail}
    if compared is not None:
        shape["compared"] = {"entry": compared.entry, "outlet": compared.outlet, "title": compared.title}
    return shape


def number(value: float | None) -> str | None:
    """Write a number for a table."""
    return None if value is None else f"{value:.2f}"


def percent(value: float | None) -> str | None:
    """Write a share for a table."""
    return None if value is None else f"{value:.0%}"
