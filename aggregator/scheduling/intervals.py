"""How long until a feed is asked again. Pure: values and `now` in, durations and times out."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from hashlib import blake2b

from aggregator.model import FeedId
from aggregator.scheduling.rhythm import expected_per_hour, in_words, on_the_hour, rhythm
from aggregator.scheduling.state import FeedState, Health, Hints, Settings, Standing

DAY = timedelta(hours=24)
WEEK = timedelta(days=7)
_JITTER = 0.1
_LONG_HINT = timedelta(hours=2)
_LONG_FAILURE = timedelta(days=30)
_BURST = 200  # overdue feeds
_SPREAD = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Interval:
    """A duration, and why it is that, in words."""

    length: timedelta
    why: str


def own_interval(state: FeedState, settings: Settings, now: datetime) -> Interval:
    """Give the interval that the operator or the feed's own history asks for."""
    if settings.every is not None:
        return Interval(settings.every, "set by `every`")
    if settings.adaptive and (length := rhythm(state.history, now, settings.budget)) is not None:
        length = on_the_hour(length, now) if length > settings.floor else length
        return Interval(length, f"its own rhythm: {in_words(state.history, now)}")
    return Interval(settings.interval, "polling.interval")


def wanted(state: FeedState, settings: Settings, now: datetime) -> Interval:
    """Give the interval after a success: the longest of what is asked for, within bounds (RFC 9111 §4.2).

    `every` beats what publishers say; and what they say above 2 h is not believed of a feed that brings news hourly.
    """
    chosen = own_interval(state, settings, now)
    if settings.every is None:
        busy = expected_per_hour(state.history, now) >= 1
        for length, why in ((state.lifetime, "its Cache-Control"), (state.hints.ttl, "its ttl")):
            if length is not None and length > chosen.length and not (busy and length > _LONG_HINT):
                chosen = Interval(length, why)
    if chosen.length < settings.floor:
        return Interval(settings.floor, "polling.minimum")
    if chosen.length > max(DAY, settings.every or DAY):
        return Interval(DAY, f"{chosen.why}, at most a day")
    return chosen


def backed_off(base: timedelta, errors: int, failing_for: timedelta) -> timedelta:
    """Double with every error in a row up to 64 times, at most a day; a week once it has failed for 30 days."""
    if failing_for >= _LONG_FAILURE:
        return max(min(base * (1 << min(errors, 10)), WEEK), base)
    return max(min(base * (1 << min(errors, 6)), DAY), base)


def fraction(feed: FeedId, salt: str) -> float:
    """Give a number in [0, 1) that is the same for the same feed and salt, on every machine."""
    return int.from_bytes(blake2b(f"{feed}/{salt}".encode(), digest_size=6).digest(), "big") / 2**48


def jittered(length: timedelta, feed: FeedId, now: datetime, floor: timedelta) -> timedelta:
    """Vary an interval by up to a tenth: longer, or shorter where it is a day already; never below the minimum."""
    part = _JITTER * fraction(feed, f"{now:%Y-%m-%dT%H:%M}")
    return max(length * (1 + part) if length * (1 + _JITTER) <= DAY else length * (1 - part), floor)


def out_of_window(when: datetime, hints: Hints) -> datetime:
    """Move a time out of skipHours and skipDays (GMT), by at most 24 h."""
    latest = when + DAY
    moved = when.astimezone(UTC)
    while (moved.hour in hints.skip_hours or moved.weekday() in hints.skip_days) and moved < latest:
        moved = moved.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    return min(moved, latest)


def due(state: FeedState | Standing, now: datetime) -> bool:
    """Tell whether a feed is to be asked now."""
    return not state.disabled and (state.next_check is None or state.next_check <= now)


def earliest(state: FeedState, settings: Settings) -> datetime | None:
    """Give the time before which not even a person's wish has the feed asked; None: there is none."""
    times = [state.not_before] if state.not_before else []
    if state.last_attempt is not None:
        times.append(state.last_attempt + settings.floor)
    return max(times, default=None)


def brought_forward(state: FeedState, settings: Settings) -> FeedState:
    """Take up an `every` that is shorter than what the next check was set by; errors and Retry-After keep theirs."""
    if settings.every is None or state.last_attempt is None or state.errors or state.throttled:
        return state
    sooner = state.last_attempt + settings.every
    if state.next_check is None or state.interval is None or state.interval <= settings.every:
        return state
    return replace(state, next_check=min(state.next_check, sooner), interval=settings.every, why="set by `every`")


def retried(state: FeedState, settings: Settings, now: datetime) -> FeedState:
    """Have a feed asked as soon as may be, since a person wants it so; a disabled one too."""
    health = Health.FAILING if state.disabled else state.health
    at = max(earliest(state, settings) or now, now)
    return replace(state, health=health, gone_seen=None, next_check=at, why="a person wants it asked")


def spread(states: Iterable[FeedState], now: datetime, settings: Settings) -> Sequence[FeedState]:
    """Spread the overdue feeds of a start over a while, by a hash of their ids; those never asked go at once.

    Gives the states whose `next_check` has changed: none unless over 200 are overdue.
    """
    overdue = [state for state in states if due(state, now)]
    if len(overdue) <= _BURST:
        return []
    over = min(settings.interval, _SPREAD)
    return [
        replace(state, next_check=now + over * fraction(state.feed, "start"))
        for state in overdue
        if state.last_attempt is not None
    ]


def forwarded(state: FeedState, by: timedelta) -> FeedState:
    """Keep the wait where the clock was set forward while we ran: no time has passed for the server."""
    return replace(
        state,
        last_attempt=state.last_attempt and state.last_attempt + by,
        next_check=state.next_check and state.next_check + by,
        not_before=state.not_before and state.not_before + by,
        pause=state.pause and replace(state.pause, until=state.pause.until + by),
        failing_since=state.failing_since and state.failing_since + by,  # nor has it failed for longer
        gone_seen=state.gone_seen and state.gone_seen + by,
    )


def rebased(state: FeedState, now: datetime) -> FeedState:
    """Keep the wait, and not the silence, where the clock was set back since the last attempt."""
    if state.last_attempt is None or state.last_attempt <= now:
        return state
    shift = state.last_attempt - now
    return replace(
        state,
        last_attempt=now,
        next_check=state.next_check and state.next_check - shift,
        not_before=state.not_before and state.not_before - shift,
        pause=state.pause and replace(state.pause, until=state.pause.until - shift),
        failing_since=state.failing_since and min(state.failing_since, now),
        gone_seen=state.gone_seen and min(state.gone_seen, now),
        last_success=state.last_success and min(state.last_success, now),
        last_full=state.last_full and min(state.last_full, now),
    )


def moved(state: FeedState, by: timedelta, now: datetime) -> FeedState:
    """Keep the wait where the clock was set to `now`, by so much: back where that is below zero."""
    return rebased(forwarded(state, max(by, timedelta())), now)
