"""Who tells what, against what the words say, counted the long way."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import combinations
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, insert, text

from aggregator.database.engine import Database
from aggregator.database.feeds import Subscription, subscribe
from aggregator.database.store import open_store
from aggregator.database.tables import entries, events
from aggregator.database.telling import FEWEST, Teller, overlaps, tellers

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
SINCE = NOW - timedelta(days=7)


@dataclass(frozen=True, slots=True, order=True)
class Told:
    """A report, in the order in which reports of an event count as told."""

    event: int
    seen: int  # hours since SINCE
    time: int
    feed: int
    outlet: str
    copied: bool


reports = st.lists(
    st.builds(
        Told,
        event=st.integers(0, 7),  # 0: of none yet
        seen=st.integers(-3, 3),
        time=st.integers(-5, 3),
        feed=st.integers(1, 4),
        outlet=st.sampled_from("ABC"),
        copied=st.booleans(),
    ),
    min_size=30,
    max_size=80,
    unique_by=lambda one: (one.event, one.seen, one.time, one.feed),
)


def stored(database: Database, told: Sequence[Told]) -> None:
    with database.write() as connection:
        for table in (entries, events):
            connection.execute(delete(table))
        if told:
            connection.execute(insert(entries), [as_row(number, one) for number, one in enumerate(told, 1)])
        for event in {one.event for one in told} - {0}:
            of_it = [one for one in told if one.event == event]
            values = {
                "id": event, "name": f"e{event}", "headline": "", "first_seen": SINCE, "entries": len(of_it),
                "updated": SINCE + timedelta(hours=max(one.seen for one in of_it)),
                "outlets": len({one.outlet for one in of_it}), "independent": 1,
            }  # fmt: skip
            connection.execute(insert(events).values(values))


def as_row(number: int, one: Told) -> dict[str, Any]:
    return {
        "id": number, "feed_id": one.feed, "title": "", "summary": "", "html": "", "author": "", "tags": [],
        "outlet": one.outlet, "event_id": one.event or None, "copy_of": 1 if one.copied else None,
        "first_seen": SINCE + timedelta(hours=one.seen), "time": SINCE + timedelta(hours=one.time),
    }  # fmt: skip


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Database:
    """Give one for all examples: making it takes longer than an example."""
    database = open_store(tmp_path_factory.mktemp("telling"), NOW)
    with database.write() as connection:
        subscribe(connection, [Subscription(url=f"https://{n}.example/") for n in range(4)], NOW)
    return database


def counted(told: Sequence[Told]) -> list[Teller]:
    """Count what each outlet told, as the words of `Teller` say."""
    lately = sorted(one for one in told if one.event and one.seen >= 0)
    several = {e for e in range(8) if len({one.outlet for one in told if one.event == e}) > 1}
    found = []
    for outlet in {one.outlet for one in lately}:
        own = [one for one in lately if one.outlet == outlet]
        own_events = {one.event for one in own}
        firsts = [next(one.outlet for one in lately if one.event == event) for event in own_events & several]
        found.append(
            Teller(
                outlet=outlet,
                reports=len(own),
                events=len(own_events),
                shared=len(own_events & several),
                first=firsts.count(outlet),
                copies=sum(one.copied for one in own),
            )
        )
    return sorted(found, key=lambda one: (-one.reports, one.outlet))


@given(told=reports)
@settings(max_examples=60, deadline=None)
def test_outlets_are_counted_as_the_words_say(database: Database, told: list[Told]) -> None:
    stored(database, told)
    with database.read() as connection:
        expected = counted(told)
        assert tellers(connection, SINCE) == expected
        for outlet in "ABC":
            assert tellers(connection, SINCE, outlet=outlet) == [one for one in expected if one.outlet == outlet]


@given(told=reports)
@settings(max_examples=60, deadline=None)
def test_pairs_of_feeds_are_counted_as_the_words_say(database: Database, told: list[Told]) -> None:
    stored(database, told)
    lately = sorted(one for one in told if one.event and one.seen >= 0)
    of_feed = {feed: {one.event for one in lately if one.feed == feed} for feed in range(1, 5)}
    expected = {
        frozenset(pair): len(of_feed[pair[0]] & of_feed[pair[1]])
        for pair in combinations(range(1, 5), 2)
        if len(of_feed[pair[0]] & of_feed[pair[1]]) >= FEWEST
    }
    with database.read() as connection:
        found = overlaps(connection, SINCE)
    assert {frozenset((one.feed, one.other)): one.common for one in found} == expected
    assert len(found) == len(expected)
    for one in found:
        common = of_feed[one.feed] & of_feed[one.other]
        first = [next(r.feed for r in lately if r.event == e and r.feed in (one.feed, one.other)) for e in common]
        copied = {r.event for r in lately if r.feed == one.feed and r.copied}
        assert (one.events, one.other_events) == (len(of_feed[one.feed]), len(of_feed[one.other]))
        assert (one.first, one.copies) == (first.count(one.feed), len(common & copied))
        assert (one.events, one.first) <= (one.other_events, one.common - one.first)
    assert found == sorted(found, key=lambda one: -one.share)


def test_what_outlets_tell_is_read_from_an_index_alone(database: Database) -> None:
    asked: list[str] = []
    with database.read() as connection:
        raw: Any = connection.connection.driver_connection
        raw.set_trace_callback(asked.append)
        tellers(connection, SINCE)
        overlaps(connection, SINCE)
        raw.set_trace_callback(None)
        plans = [row.detail for line in asked for row in connection.execute(text(f"EXPLAIN QUERY PLAN {line}"))]
    steps = [step for step in plans if " entries" in step]
    assert len(steps) == 3
    assert all("COVERING INDEX" in step for step in steps), steps
