"""The case that the program was asked for with: one assault, told in several languages, among its look-alikes."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from itertools import count, pairwise
from pathlib import Path

import pytest

from aggregator.clustering.assign import Clusterer
from aggregator.demo.newsroom import FIRST_ROUND, SECOND_ROUND
from aggregator.demo.reports import reports
from aggregator.model import Report

ASSAULT = "panjshir-assault"
BEFORE = datetime(2021, 8, 30, tzinfo=UTC)

Labelled = tuple[str, Report]  # (happening, language) as one string, and the report


def the_demos() -> list[Labelled]:
    """Give the demo's reports, seen when they were published."""
    feeds = {outlet: number for number, outlet in enumerate(dict.fromkeys(r.outlet.name for r in reports()), 1)}
    return [
        (
            f"{r.happening} {r.language}",
            Report(
                id=number,
                title=r.title,
                summary=r.text,
                language=r.language,
                outlet=r.outlet.name,
                feed=feeds[r.outlet.name],
                url=r.url,
                time=r.published,
            ),
        )
        for number, r in enumerate(reports(), 1)
    ]


def as_polled(labelled: Sequence[Labelled]) -> list[list[Labelled]]:
    """Cut into the demo's two rounds: first sight is the time of the poll."""
    rounds = [(BEFORE, FIRST_ROUND), (FIRST_ROUND, SECOND_ROUND)]
    return [[(k, replace(r, time=now)) for k, r in labelled if after < r.time <= now] for after, now in rounds]


def hour_by_hour(labelled: Sequence[Labelled]) -> list[list[Labelled]]:
    hours = sorted({r.time.replace(minute=0) for _, r in labelled})
    edges = [*hours, datetime.max.replace(tzinfo=UTC)]
    return [[(k, r) for k, r in labelled if a <= r.time < b] for a, b in pairwise(edges)]


def one_by_one(labelled: Sequence[Labelled]) -> list[list[Labelled]]:
    return [[each] for each in sorted(labelled, key=lambda each: each[1].time)]


def clustered(batches: Sequence[Sequence[Labelled]]) -> dict[int, list[tuple[str, str]]]:
    """Cluster the batches; give each event's (label, title)s."""
    clusterer = Clusterer()
    event_of: dict[int, int] = {}
    for number, batch in enumerate(batches, 1):
        result = clusterer.assign([report for _, report in batch], number)
        event_of |= {each.entry: each.event for each in result.assignments}
        event_of |= {each.entry: each.to_event for each in result.moves}
    events: dict[int, list[tuple[str, str]]] = defaultdict(list)
    for label, report in (each for batch in batches for each in batch):
        events[event_of[report.id]].append((label, report.title))
    return events


def with_(events: dict[int, list[tuple[str, str]]], label: str) -> list[list[tuple[str, str]]]:
    """Give the members of each event that has a report of that label."""
    return [members for members in events.values() if any(own == label for own, _ in members)]


@pytest.fixture(scope="module", params=[as_polled, hour_by_hour, one_by_one], ids=lambda cut: cut.__name__)
def events(request):
    return clustered(request.param(the_demos()))


@pytest.mark.parametrize("label", sorted({label for label, _ in the_demos()}))
def test_a_happening_is_one_event_in_each_language(events, label):
    told = [report.title for own, report in the_demos() if own == label]
    found = with_(events, label)
    assert [sorted(title for _, title in members) for members in found] == [sorted(told)]


def test_no_event_holds_two_happenings(events):
    mixed = [members for members in events.values() if len({label for label, _ in members}) > 1]
    assert mixed == []


# --- with the report that the program was asked for with


def the_report(shared: Path) -> tuple[Labelled, list[Labelled]]:
    """Read the Indonesian report, and the other news of that week which its page lists at the end."""
    lines = (shared / "example" / "000_90ef9b23076f5816.txt").read_text(encoding="utf-8").splitlines()
    lines = [line.strip() for line in lines if line.strip()]
    own, other = lines[: lines.index("Baca Juga:")], lines[lines.index("Berita terkait") + 1 :]
    numbers = count(1001)

    def entry(label: str, title: str, summary: str, hour: int) -> Labelled:
        time = datetime(2021, 9, 1, hour, 30, tzinfo=UTC)
        return label, Report(
            id=next(numbers), title=title, summary=summary, language="id", outlet="Tagar", feed=99, time=time
        )

    related = [
        entry(label, title, summary, hour)
        for hour, label, title, summary in zip(
            (6, 7, 12), ("cleric-arrest id", "us-poll id", "new-government id"), other[::2], other[1::2], strict=True
        )
    ]
    return entry(f"{ASSAULT} id", own[0], "\n".join(own[1:]), 9), related


@pytest.fixture(scope="module", params=[as_polled, hour_by_hour, one_by_one], ids=lambda cut: cut.__name__)
def events_with_the_report(request, shared):
    report, related = the_report(shared)
    return clustered(request.param([*the_demos(), report, *related]))


def test_the_report_is_in_the_event_of_the_assault(events_with_the_report):
    found = with_(events_with_the_report, f"{ASSAULT} id")
    assert len(found) == 1
    assert {label for label, _ in found[0]} == {f"{ASSAULT} id"}
    assert len(found[0]) == 7
    assert "Taliban Gempur Kelompok Oposisi di Wilayah Panjshir" in {title for _, title in found[0]}


def test_the_english_reports_are_an_event_of_their_own(events_with_the_report):
    found = with_(events_with_the_report, f"{ASSAULT} en")
    assert [{label for label, _ in members} for members in found] == [{f"{ASSAULT} en"}]


@pytest.mark.parametrize("happening", ["cleric-arrest", "us-poll", "new-government"])
def test_the_other_news_of_the_week_stays_out(events_with_the_report, happening):
    found = with_(events_with_the_report, f"{happening} id")
    assert [{label for label, _ in members} for members in found] == [{f"{happening} id"}]
