"""Subscriptions that end at one document. Pure."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from aggregator.config.addresses import same_feed
from aggregator.model import FeedId
from aggregator.scheduling.state import FeedState

DAY = timedelta(days=1)


def twins(states: Iterable[FeedState]) -> dict[FeedId, FeedId]:
    """Give the feeds that answer from the URL of another, and that other: whose own URL it is, and of those the first.

    http and https, with www and without, with a slash at the end and without, are one URL. A feed that has not answered
    yet counts by the URL it is configured with; one that fails stands in for nobody.
    """
    first: dict[str, FeedId] = {}
    found: dict[FeedId, FeedId] = {}
    for state in sorted(states, key=_standing):
        address = same_feed(state.answered_url or state.learned_url or state.url)
        if not (state.errors or state.disabled):
            first.setdefault(address, state.feed)
        one = first.get(address, state.feed)
        if one != state.feed and not state.disabled:
            found[state.feed] = one
    return found


def _standing(state: FeedState) -> tuple[bool, bool, bool, FeedId]:
    return bool(state.errors) or state.disabled, redirected(state), state.body_hash is None, state.feed


def redirected(state: FeedState) -> bool:
    """Tell whether a feed answers from another URL than its own, perhaps for a while, as while its site is mended."""
    elsewhere = state.answered_url is not None and same_feed(state.answered_url) != same_feed(state.url)
    return elsewhere and state.learned_url is None


def wants_a_look(state: FeedState) -> bool:
    """Tell whether one that stands back has to be asked when that is due: its redirect may have ended."""
    return redirected(state) and state.last_attempt is not None


def look_after(before: FeedState) -> timedelta:
    """Say how long one that was redirected to another's document stands back: ever longer, up to a day.

    One that had a document of its own may have it again at the next look; one that never had need not hurry.
    """
    if before.body_hash is None or before.interval is None:
        return DAY
    return min(before.interval * 2 if before.stands_back else before.interval, DAY)


def stood_back(state: FeedState, other: FeedId, label: str, now: datetime, wait: timedelta = DAY) -> FeedState:
    """Leave a feed unasked for a while, since the other (`label` to a person) brings the same document."""
    reason = f"the same document as {label}, which is asked for both; one subscription is enough"
    why = "asked under its other subscription"
    return replace(state, reason=reason, why=why, next_check=now + wait, interval=wait, stands_back=other)


def left_alone(states: Iterable[FeedState], other: FeedId) -> list[FeedState]:
    """Give the feeds that stand back for another which no longer brings their document: it fails, or has its own."""
    known = list(states)
    standing = twins(known)
    return [state for state in known if state.stands_back == other and standing.get(state.feed) != other]
