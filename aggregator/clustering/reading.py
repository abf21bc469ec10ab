"""An entry's text as clustering reads it: without what its feed puts into every entry."""

from collections.abc import Collection

from aggregator.model import Report
from aggregator.text.boilerplate import Boilerplate
from aggregator.text.features import Features, analyse


def read(boilerplate: Boilerplate, report: Report, languages: Collection[str] = ()) -> Features:
    """Give what a text says, as far as it is known by now what its feed repeats."""
    feed = told_by(report)
    return analyse(
        boilerplate.strip(feed, report.title, outlet=report.outlet),
        boilerplate.strip_summary(feed, report.summary),
        frame=boilerplate.frame(feed, report.title),
        declared=report.language,
        languages=languages,
    )


def told_by(report: Report) -> str:
    """Name what repeats itself: an outlet in a feed; nothing where neither is known."""
    return f"{report.feed} {report.outlet}" if report.feed or report.outlet else ""
