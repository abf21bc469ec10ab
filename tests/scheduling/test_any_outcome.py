"""What holds after any sequence of outcomes. Polling rules 18, 21, 23, 24."""

from collections.abc import Sequence
from dataclasses import fields
from datetime import timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator.model import FailureKind, Freshness, Hop
from aggregator.scheduling.intervals import due, earliest
from aggregator.scheduling.state import FeedState, Hints, Outcome, Settings, Standing, dumped, loaded, standing
from aggregator.scheduling.transitions import after, attempt, request_for
from tests.scheduling.states import DAY, HOUR, MINUTE, NOW, URL, failed, not_modified, parsed, unreadable

durations = st.timedeltas(timedelta(), 400 * DAY)
urls = st.sampled_from([URL, "http://b.example/", "https://feeds.example/rss"])
chains = st.lists(st.builds(Hop, status=st.sampled_from([301, 302, 307, 308]), target=urls), max_size=2).map(tuple)
freshness = st.builds(Freshness, lifetime=st.none() | durations)
hints = st.builds(
    Hints,
    ttl=st.none() | durations,
    skip_hours=st.frozensets(st.integers(0, 23)),
    skip_days=st.frozensets(st.integers(0, 6)),
)
outcomes: st.SearchStrategy[Any] = st.one_of(
    st.builds(
        parsed,
        urls,
        new=st.integers(0, 5),
        published=st.lists(durations.map(lambda ago: NOW - ago), max_size=5),
        hints=hints,
        hops=chains,
        freshness=freshness,
    ),
    st.builds(not_modified, urls, hops=chains, freshness=freshness),
    st.builds(unreadable, urls, hops=chains),
    st.builds(failed, st.sampled_from(FailureKind), retry_after=st.none() | durations),
)
steps = st.lists(st.tuples(outcomes, st.timedeltas(timedelta(), 40 * DAY), st.booleans()), min_size=1, max_size=12)
all_settings = st.builds(
    Settings,
    interval=st.timedeltas(MINUTE, 6 * HOUR),
    minimum=st.timedeltas(MINUTE, HOUR),
    every=st.none() | st.timedeltas(MINUTE, 30 * DAY),
    adaptive=st.booleans(),
)


def assert_stands_as(feed: FeedState) -> None:
    """Lists, which read a state without pydantic, show what it says."""
    short = standing(dumped(feed))
    assert short == Standing(**{part.name: getattr(feed, part.name) for part in fields(Standing)})
    assert short.disabled == feed.disabled
    assert due(short, NOW) == due(feed, NOW)


@settings(max_examples=300)
@given(steps, all_settings)
def test_no_outcome_brings_a_feed_back_before_its_minimum_or_loses_it(
    taken: Sequence[tuple[Outcome, timedelta, bool]], wanted: Settings
) -> None:
    feed, now = FeedState(feed=3, url=URL), NOW
    longest = max(7 * DAY, 2 * (wanted.every or DAY), 2 * wanted.interval) * 1.1 + DAY
    for outcome, later, offline in taken:
        feed = after(attempt(feed, now, wanted), outcome, now, wanted, offline=offline)
        assert loaded(dumped(feed)) == feed
        assert_stands_as(feed)
        assert request_for(feed, now).url.startswith("http")
        if feed.disabled:
            assert feed.next_check is None
            break
        assert feed.next_check is not None
        assert now + wanted.floor <= feed.next_check <= now + longest
        assert feed.not_before is None or feed.not_before <= now + longest
        limit = earliest(feed, wanted)
        assert limit is not None
        assert not due(feed, min(limit, feed.next_check) - timedelta(microseconds=1))
        now = feed.next_check + later
