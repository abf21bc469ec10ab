"""Small streams of titles that a few feeds fill in: what differs by names is not one event."""

import random
from collections import Counter
from collections.abc import Callable
from datetime import timedelta

import pytest

from aggregator.model import Report
from tests.clustering.streams import START, batches, cluster, names

KINDS: dict[str, Callable[[str, str, int], str]] = {
    "results": lambda one, other, number: f"Results: {one} {number % 5}-{number % 3} {other}",
    "weather": lambda one, _, number: f"Weather for {['Monday', 'Tuesday', 'Sunday'][number % 3]} in {one}",
    "shares": lambda one, _, number: f"Share price of {one} rises {number % 9 + 1} %",
    "flights": lambda _, __, number: f"Flight QX{100 + 37 * number % 900} cancelled",
    "courts": lambda one, _, number: f"{one} man jailed for {number % 8 + 2} years for drug offences",
    "earthquakes": lambda one, _, number: f"Magnitude {3 + number % 3}.{number % 10} earthquake strikes near {one}",
    "notices": lambda one, _, __: f"{one} Plc: Director/PDMR Shareholding",
    "posts": lambda one, other, _: f"{one} appoints {other} as chief executive",
}


def stream(kind: str, count: int, feeds: int, summary: str = "") -> list[Report]:
    rng = random.Random(3)
    return [
        Report(
            id=number + 1,
            title=KINDS[kind](*named, number),
            summary=summary.format(*named),
            language="en",
            outlet=f"Outlet {number % feeds}",
            feed=1 + number % feeds,
            time=START + timedelta(minutes=20 * number),
        )
        for number in range(count)
        for named in [names(rng, 2)]
    ]


def largest(reports: list[Report]) -> int:
    return max(Counter(cluster(batches(reports, 10), restart_every=7).event_of.values()).values())


@pytest.mark.parametrize("kind", KINDS)
def test_forty_entries_of_one_frame_stay_apart(kind: str) -> None:
    assert largest(stream(kind, 40, 2)) <= 8


@pytest.mark.parametrize("kind", ["results", "weather", "courts"])
def test_two_hundred_of_three_feeds_stay_apart_whatever_their_summaries_repeat(kind: str) -> None:
    assert largest(stream(kind, 200, 3, "The report and all the details from {} and {} are here. Read more.")) <= 12


def test_the_same_names_in_one_frame_are_one_event() -> None:
    one = stream("posts", 60, 1)
    told = [
        Report(
            id=1000 + number,
            title=report.title,
            language="en",
            outlet="Another",
            feed=9,
            time=report.time + timedelta(minutes=5),
        )
        for number, report in enumerate(one)
    ]
    both = sorted([*one, *told], key=lambda report: report.time)
    event_of = cluster(batches(both, 10)).event_of
    together = sum(event_of[report.id] == event_of[1000 + number] for number, report in enumerate(one))
    assert together >= 54


def test_one_feed_that_tells_a_happening_again_and_again_makes_one_event() -> None:
    titles = ["Ferry sinks off Kalomi with 80 aboard", "Kalomi ferry: rescuers search for 30 missing",
              "Captain of sunken Kalomi ferry arrested", "Ferry off Kalomi: 12 bodies found",
              "Survivors of the Kalomi ferry tell of panic"]  # fmt: skip
    other = stream("notices", 60, 2)
    reports = [
        Report(
            id=500 + number,
            title=title,
            summary="The ferry with 80 people aboard sank off Kalomi in a storm.",
            language="en",
            outlet="Gazette",
            feed=7,
            time=START + timedelta(minutes=30 * number),
        )
        for number, title in enumerate(titles)
    ]
    event_of = cluster(batches(sorted([*other, *reports], key=lambda report: report.time), 10)).event_of
    assert max(Counter(event_of[report.id] for report in reports).values()) >= 4
