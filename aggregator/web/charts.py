"""Small pictures as SVG, drawn with classes only, so that the style sheet colours them in both themes. Pure."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from math import cos, pi, sin

from markupsafe import Markup, escape

from aggregator.model import EntryId, Source
from aggregator.publishing.escaping import one_line
from aggregator.publishing.sources import Line
from aggregator.web.reader import Bond

_BINS = 24
_MOST_ROWS = 40
_MOST_NODES = 60


def arrivals(times: Sequence[datetime], label: str) -> Markup:
    """Draw how reports came in, from the first to the last, as bars."""
    if not times:
        return Markup()
    start, end = min(times), max(times)
    span = max(end - start, timedelta(minutes=1))
    bins = [0] * _BINS
    for at in times:
        bins[min(_BINS - 1, int((at - start) / span * _BINS))] += 1
    return _bars(bins, label, "arrivals")


def rhythm(hours: Sequence[int], label: str) -> Markup:
    """Draw a feed's entries by hour of the day."""
    return _bars(hours, label, "rhythm") if any(hours) else Markup()


def clock(hours: Sequence[int], label: str) -> Markup:
    """Draw a feed's entries by hour of the day, large, with every third hour named."""
    most = max(hours, default=0)
    if not most:
        return Markup()
    bars = Markup().join(
        Markup('<rect x="{}" y="{}" width="20" height="{}"><title>{:02}:00 {:.0%}</title></rect>').format(
            n * 25 + 2, 100 - high, high, n, count / sum(hours)
        )
        for n, count in enumerate(hours)
        if (high := round(count / most * 92) + 2 * (count > 0)) > 0
    )
    names = Markup().join(
        Markup('<text x="{}" y="116" text-anchor="middle">{:02}</text>').format(n * 25 + 12, n)
        for n in range(0, len(hours), 3)
    )
    return Markup('<svg class="clock" viewBox="0 0 {} 120" role="img" aria-label="{}">{}{}</svg>').format(
        len(hours) * 25, label, bars, names
    )


def _bars(counts: Sequence[int], label: str, kind: str) -> Markup:
    most = max(counts)
    bars = Markup().join(
        Markup('<rect x="{}" y="{}" width="4" height="{}"/>').format(n * 5, 24 - high, high)
        for n, count in enumerate(counts)
        if (high := round(count / most * 22) + 2 * (count > 0)) > 0
    )
    wide = len(counts) * 5
    return Markup(
        '<svg class="chart {}" viewBox="0 0 {} 24" role="img" aria-label="{}"><path d="M0 23.5H{}"/>{}</svg>'
    ).format(kind, wide, label, wide, bars)


def timeline(lines: Sequence[Line], label: str) -> Markup:
    """Draw a row per outlet and a dot per report, by the time of first sight; copies are hollow."""
    rows = [(line, False) for line in lines] + [(copy, True) for line in lines for copy in line.copies]
    rows = sorted(rows, key=lambda row: row[0].first.first_seen)[:_MOST_ROWS]
    if not rows:
        return Markup()
    times = [report.first_seen for line, _ in rows for report in line.reports]
    start, span = min(times), max(max(times) - min(times), timedelta(minutes=1))
    drawn = []
    for n, (line, is_copy) in enumerate(rows):
        y = 14 + n * 20
        dots = Markup().join(
            Markup('<circle cx="{:.1f}" cy="{}" r="5"><title>{}</title></circle>').format(
                190 + (report.first_seen - start) / span * 440, y, f"{report.first_seen:%d.%m. %H:%M} UTC"
            )
            for report in line.reports
        )
        drawn.append(
            Markup(
                '<g class="{}"><text x="180" y="{}" text-anchor="end">{}</text><path d="M190 {}H630"/>{}</g>'
            ).format("copy" if is_copy else "own", y + 4, one_line(line.outlet, 26), y, dots)
        )
    return Markup('<svg class="timeline" viewBox="0 0 640 {}" role="img" aria-label="{}">{}</svg>').format(
        len(rows) * 20 + 8, label, Markup().join(drawn)
    )


def resemblance(sources: Sequence[Source], bonds: Sequence[Bond], label: str) -> Markup:
    """Draw who resembles whom: reports around a circle, a line from each to what it was compared with.

    The thicker a line the more alike; dashed lines join copies.
    """
    shown = sources[:_MOST_NODES]
    places = _places(shown)
    lines = Markup().join(
        _bond(bond, places)
        for bond in bonds
        if bond.compared is not None and bond.entry in places and bond.compared in places
    )
    nodes = Markup().join(_node(source, *places[source.entry]) for source in shown)
    return Markup('<svg class="resemblance" viewBox="0 0 640 420" role="img" aria-label="{}">{}{}</svg>').format(
        label, lines, nodes
    )


def _places(sources: Sequence[Source]) -> Mapping[EntryId, tuple[float, float]]:
    count = len(sources)
    return {
        source.entry: (320 + 180 * sin(2 * pi * n / count), 210 - 170 * cos(2 * pi * n / count))
        for n, source in enumerate(sources)
    }


def _bond(bond: Bond, places: Mapping[EntryId, tuple[float, float]]) -> Markup:
    (x1, y1), (x2, y2) = places[bond.entry], places[bond.compared or 0]
    likeness = min(1.0, max(0.0, bond.likeness or 0.1))
    told = ", ".join((bond.rule, f"{likeness:.0%}", *bond.terms[:5]))
    return Markup(
        '<path class="{}" stroke-width="{:.1f}" d="M{:.0f} {:.0f}Q320 210 {:.0f} {:.0f}"><title>{}</title></path>'
    ).format("copy" if bond.rule == "copy" else "own", 1 + likeness * 5, x1, y1, x2, y2, told)


def _node(source: Source, x: float, y: float) -> Markup:
    anchor = "middle" if abs(x - 320) < 20 else ("start" if x > 320 else "end")
    dx = 0 if anchor == "middle" else (12 if anchor == "start" else -12)
    dy = 4 if dx else (-12 if y < 210 else 20)
    return Markup(
        '<g class="{}"><circle cx="{:.0f}" cy="{:.0f}" r="6"><title>{}</title></circle>'
        '<text x="{:.0f}" y="{:.0f}" text-anchor="{}">{}</text></g>'
    ).format(
        "copy" if source.copy_of is not None else "own",
        x,
        y,
        escape(one_line(source.title)),
        x + dx,
        y + dy,
        anchor,
        one_line(source.outlet, 18),
    )
