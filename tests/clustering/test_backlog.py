"""Many reports are seen at once when a feed is new: their dates tell how far apart they were told."""

from datetime import UTC, datetime, timedelta

import pytest

from aggregator.clustering.assign import Clusterer
from aggregator.model import Report
from tests.clustering.streams import reports

SEEN = datetime(2026, 3, 4, 12, tzinfo=UTC)
FLOOD = "Flood in Vigan leaves forty missing as the river bursts its banks"


def gap(*dated: datetime | None) -> timedelta:
    """Give the time between two reports of one flood, seen at once in feeds of two outlets, as evidence has it."""
    told = [
        Report(
            id=number, title=f"{FLOOD}, {word}", language="en", outlet=f"Outlet {number}", feed=number, time=SEEN,
            published=published,
        )
        for number, (word, published) in enumerate(zip(("mayor says", "say rescuers"), dated, strict=True), 1)
    ]  # fmt: skip
    before = reports(1, 200)
    clusterer = Clusterer()
    clusterer.assign(before, 1)
    evidence = clusterer.assign(told, 2).assignments[1].evidence
    assert evidence.compared == 1
    assert evidence.gap is not None
    return timedelta(seconds=evidence.gap)


def test_what_a_new_feed_brings_is_as_old_as_it_is_dated() -> None:
    assert gap(SEEN - timedelta(hours=40, minutes=7), SEEN - timedelta(minutes=9)) == timedelta(hours=40, minutes=7)


@pytest.mark.parametrize(
    "dated",
    [
        None,
        SEEN - timedelta(hours=7, minutes=7),  # a zone may be mistaken by so much
        SEEN + timedelta(days=300, minutes=7),
        datetime(2026, 3, 3, tzinfo=UTC),  # a date without a time
        datetime(2026, 3, 2, 17, tzinfo=UTC),  # or with that of a zone
    ],
)
def test_a_date_that_says_no_more_than_first_sight_is_not_used(dated: datetime | None) -> None:
    assert gap(dated, SEEN) == timedelta(0)
