"""Subscriptions that end at one document. Pure."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from aggregator.config.addresses import same_feed
from aggregator.model import FeedId
from aggregator.scheduling.state import FeedState

DAY = timedelta(days=1)


def twins(states: Iterable[FeedState]) -> dict[FeedId, FeedId]:
    """Give the feeds that answer from the URL of another, and that other: of those that brought it, the first.

    http and https, with www and without, with a slash at the end and without, are one URL. A feed that has not answered
    yet counts by the URL it is configured with; one that fails stands in for nobody.
    """
    first: dict[str, FeedId] = {}
    found: dict[FeedId, FeedId] = {}
    for state in sorted(states, key=_standing):
        one = first.setdefault(same_feed(state.answered_url or state.learned_url or state.url), state.feed)
        if one != state.feed and not state.disabled:
            found[state.feed] = one
    return found


def _standing(state: FeedState) -> tuple[bool, bool, FeedId]:
    return bool(state.errors) or state.disabled, state.body_hash is None, state.feed


def redirected(state: FeedState) -> bool:
    """Tell whether a feed answers from another URL than its own, perhaps for a while, as while its site is mended."""
    elsewhere = state.answered_url is not None and same_feed(state.answered_url) != same_feed(state.url)
    return elsewhere and state.learned_url is None


def wants_a_look(state: FeedState, now: datetime) -> bool:
    """Tell whether one that stands back has to be asked again: daily, for its redirect may have ended."""
    return redirected(state) and state.last_attempt is not None and now - state.last_attempt >= DAY


def stood_back(state: FeedState, other: str, now: datetime) -> FeedState:
    """Leave a feed unasked for a day, since `other` (as a person calls it) brings the same document."""
    reason = f"the same document as {other}, which is asked for both; one subscription is enough"
    return replace(state, reason=reason, why="asked under its other subscription", next_check=now + DAY)
