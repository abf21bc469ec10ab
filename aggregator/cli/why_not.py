"""Answers to why not: what keeps entries or events apart, for a person and for a program."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from aggregator.cli.console import print_table, print_text, shown
from aggregator.cli.shapes import SCHEMA_VERSION
from aggregator.cli.why import PARTS, number, percent
from aggregator.model import EntryId, Event, Report, Source

if TYPE_CHECKING:
    from aggregator.evaluation.comparing import Comparison


def asked_text(one: Event, ones: Sequence[Report], other: Event, others: Sequence[Report]) -> str:
    """Name the two sides of a question."""
    return "\n".join(
        f"event {event.name}  {shown(event.headline)}"
        + (f"\n    entry {asked[0].id}  {shown(asked[0].title)}" if len(asked) == 1 < len(event.sources) else "")
        for event, asked in ((one, ones), (other, others))
    )


def print_comparison(found: "Comparison", sources: Mapping[EntryId, Source]) -> None:
    """Print what was missing, what would have joined them, and every number with its threshold."""
    print_text("\nThey are apart because " + "; ".join(found.missing) + ".")
    joins = found.would_join
    print_text("Would have joined them: " + ("; ".join(joins) if joins else "no threshold") + ".")
    if not found.window:
        print_text(
            "Their neighbours have left the window: measured by their texts alone, without the crowd around them."
        )
    print()
    print_table(("what", "value", "needed"), _comparison_rows(found, sources), right=("value", "needed"))


def _comparison_rows(found: "Comparison", sources: Mapping[EntryId, Source]) -> Iterator[tuple[object, ...]]:
    pair, settings = found.pair, found.settings
    for label, entry in (("nearest pair", pair.one), ("and", pair.other)):
        source = sources.get(entry)
        yield label, f"entry {entry}" + (f", {shown(source.outlet)}" if source else ""), None
    yield "same language", "yes" if pair.same_space else "no", "yes"
    yield "time between", f"{pair.seconds / 3600:.1f}h", f"up to {settings.window.total_seconds() / 3600:.0f}h"
    yield "bands in which the signatures agree", f"{pair.shared_bands} of {pair.bands}", 1
    yield "proposed by MinHash and linked", "yes" if pair.linked else "no", "yes"
    yield "similarity of weighed words", number(pair.cosine), number(settings.link)
    for term, weight in pair.terms[:8]:
        yield f"  both say {shown(term)}", f"{weight:+.3f}", None
    yield "same words, exactly", percent(pair.exact), None
    yield "same words, estimated", percent(pair.estimate), f"{settings.copy_estimate:.0%} for a copy"
    for label, numbers in (("in both", pair.numbers), ("only in A", pair.only_one), ("only in B", pair.only_other)):
        if numbers:
            yield f"numbers {label}", " ".join(numbers[:8]), None
    for fit in found.fits[:6]:
        what = f"score of entry {fit.entry} against the other event" + ("" if fit.tried else " (not tried)")
        yield what, f"{fit.total:.3f}", f"{fit.needed:.3f}"
    for name, value in found.fits[0].parts.items():
        yield f"  best: {PARTS.get(name, name)}", f"{value:+.3f}", None
    yield "the events fit each other", f"{found.affinity:.3f}", f"{found.merge_needed:.3f}"


def why_not_shape(one: Event, other: Event, found: "Comparison") -> dict[str, Any]:
    """Give the measurements as JSON has them."""
    settings = found.settings
    return {
        "schema_version": SCHEMA_VERSION,
        "a": {"event": one.name, "headline": one.headline},
        "b": {"event": other.name, "headline": other.headline},
        "missing": list(found.missing),
        "would_join": list(found.would_join),
        "proposed": found.pair.shared_bands > 0,
        "pair": asdict(found.pair),
        "fits": [{**asdict(fit), "missing": fit.missing} for fit in found.fits],
        "affinity": found.affinity,
        "in_window": found.window,
        "thresholds": {
            "join": settings.join,
            "merge": found.merge_needed,
            "link": settings.link,
            "copy": settings.copy_estimate,
            "window_seconds": settings.window.total_seconds(),
        },
    }
