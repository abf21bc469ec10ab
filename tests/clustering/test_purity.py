"""What keeps happenings apart: genres, an outlet's own reports and numbers."""

import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from aggregator.clustering.assign import Clusterer
from aggregator.clustering.result import BatchResult
from aggregator.model import Report
from tests.clustering.streams import names

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def report(number: int, title: str, summary: str = "", *, feed: int | None = None) -> Report:
    """Make the report of a feed of its own, a minute after the one before."""
    return Report(
        id=number, title=title, summary=summary, language="en", outlet=f"Outlet {feed or number}", feed=feed or number,
        time=NOON + timedelta(minutes=number),
    )  # fmt: skip


def decided(reports: Sequence[Report], clusterer: Clusterer | None = None) -> BatchResult:
    return (clusterer or Clusterer()).assign(reports, 1)


def events(reports: Sequence[Report]) -> list[int]:
    return [each.event for each in sorted(decided(reports).assignments, key=lambda each: each.entry)]


def test_quizzes_of_two_days_and_two_outlets_stay_apart() -> None:
    told = [
        report(
            1, "Target Time and Superquiz, Friday, September 17", "Test your knowledge with today's trivia.", feed=1
        ),
        report(
            2, "Target Time and Superquiz, Saturday, September 18", "Test your knowledge with today's trivia.", feed=1
        ),
        report(3, "Quiz: Take the trivia test for September 18", "Test your knowledge with today's questions.", feed=2),
    ]
    assert len(set(events(told))) == 3


def test_a_round_up_joins_no_happening_that_it_names() -> None:
    flood = "Flood in Vigan leaves forty missing as the river bursts its banks"
    told = [report(1, flood), report(2, "Vigan flood: forty missing"), report(3, f"Morning briefing: {flood}")]
    one, other, roundup = events(told)
    assert one == other != roundup


def test_the_same_round_up_in_two_feeds_is_a_copy_and_the_next_days_is_none() -> None:
    text = "Good morning! Here are our top stories to kick start your day: a flood, a vote and a strike at the harbour"
    told = [
        report(1, "Morning Briefing: Top stories on Sept 17", text, feed=1),
        report(2, "Morning Briefing: Top stories on Sept 17", text, feed=2),
        report(3, "Morning Briefing: Top stories on Sept 18", text, feed=1),
    ]
    one, other, next_day = events(told)
    assert one == other != next_day


def test_a_live_page_may_join_what_it_tells() -> None:
    told = [
        report(1, "Vigan flood leaves forty missing"),
        report(2, "Flood in Vigan: forty missing as river bursts its banks"),
        report(3, "Live: Vigan flood, forty missing"),
    ]
    assert len(set(events(told))) == 1


def test_a_report_of_the_same_feed_needs_more_than_one_of_another() -> None:
    def score(feed: int) -> float:
        told = [
            report(1, "Ferry sinks off Palawan, twelve passengers missing", feed=1),
            report(2, "Palawan ferry operator had complaints from passengers", feed=feed),
        ]
        return next(each.evidence.score or 0.0 for each in decided(told).assignments if each.entry == 2)

    assert score(1) < score(2) - 0.1


def test_a_number_that_everybody_states_settles_no_contradiction() -> None:
    """Covid-19 is in both titles: 19 is no number that they agree on."""
    others = [report(number, f"COVID-19 in {name}") for number, name in enumerate(names(random.Random(3), 40), 10)]
    told = [report(1, "COVID-19: 23134 new cases in Manila"), report(2, "COVID-19: 19271 new cases in Manila")]
    clusterer = Clusterer()
    clusterer.assign(others, 1)
    later = [Report(id=each.id, title=each.title, summary="", language="en", outlet="", feed=each.id,
                    time=NOON + timedelta(hours=2)) for each in told]  # fmt: skip
    second = next(each for each in clusterer.assign(later, 2).assignments if each.entry == 2)
    assert second.evidence.parts["numbers"] < 0
