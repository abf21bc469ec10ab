"""An event's source list as people read it: a line per outlet, copies under their original. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass

from aggregator.model import EntryId, Source
from aggregator.text.agencies import agency_called


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """An outlet with its reports; `copies` are the outlets that only repeat the text of one of them."""

    outlet: str
    reports: tuple[Source, ...]  # in the order of first sight; never empty
    copies: tuple["Line", ...] = ()

    @property
    def first(self) -> Source:
        """Give the report that was seen first."""
        return self.reports[0]

    @property
    def agency(self) -> str:
        """Name the agency whose text the first report is, where that is not the outlet itself."""
        told = (self.first.agency, *(report.agency for copy in self.copies for report in copy.reports))
        agency = next((name for name in told if name), "")
        return "" if agency == agency_called(self.outlet) else agency


def lines(sources: Iterable[Source]) -> tuple[Line, ...]:
    """Group sources by outlet, in the order of first sight; an outlet that tells nothing of its own is a copy.

    A copy whose original is not in the event stands for it, so that every line leads to a report.
    """
    reports, stands_for = _once(sources)
    originals = _led_by_agencies(reports, _originals(reports, stands_for))
    by_outlet: dict[str, list[Source]] = {}
    for report in reports:
        by_outlet.setdefault(report.outlet, []).append(report)
    repeats = {
        outlet: originals[own[0].entry].outlet
        for outlet, own in by_outlet.items()
        if all(originals[report.entry].outlet != outlet for report in own)
    }
    return tuple(
        Line(
            outlet=outlet,
            reports=tuple(own),
            copies=tuple(
                Line(outlet=other, reports=tuple(by_outlet[other]))
                for other, original in repeats.items()
                if original == outlet
            ),
        )
        for outlet, own in by_outlet.items()
        if outlet not in repeats
    )


def _once(sources: Iterable[Source]) -> tuple[list[Source], dict[EntryId, Source]]:
    """Take one URL in several feeds of an outlet for one report, the one seen first; say what stands for the others."""
    seen: dict[tuple[str, str], Source] = {}
    stands_for = {}
    for source in sorted(sources, key=lambda source: (source.first_seen, source.entry)):
        first = seen.setdefault((source.outlet, source.url or f"entry {source.entry}"), source)
        if first is not source:
            stands_for[source.entry] = first
    return list(seen.values()), stands_for


def _originals(reports: list[Source], stands_for: dict[EntryId, Source]) -> dict[EntryId, Source]:
    """Give for each report, the oldest first, the one that it copies, at the end of its chain; for others themselves.

    A chain that leads to a report not seen yet, or not in the event, ends at the first that points there: no loops.
    """
    stands_for = dict(stands_for)
    found: dict[EntryId, Source] = {}
    for report in reports:
        if report.entry in stands_for:
            found[report.entry] = stands_for[report.entry]
        elif report.copy_of is None or report.copy_of == report.entry:
            found[report.entry] = report
        else:
            known = stands_for.get(report.copy_of)
            original = found.get(known.entry if known is not None else report.copy_of)
            found[report.entry] = original or stands_for.setdefault(report.copy_of, report)
    return found


def _led_by_agencies(reports: list[Source], originals: dict[EntryId, Source]) -> dict[EntryId, Source]:
    """Let an agency's own report lead the copies of its dispatch, also where others were seen with it first."""
    leads: dict[EntryId, Source] = {}
    for report in reports:
        first = originals[report.entry]
        own = report.agency and agency_called(report.outlet) == report.agency
        if own and agency_called(first.outlet) != report.agency:
            leads.setdefault(first.entry, report)
    return {entry: leads.get(original.entry, original) for entry, original in originals.items()}
