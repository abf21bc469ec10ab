"""How a feed's state changes: before it is asked, and by what came of it. Pure.

`attempt` is stored before the request, so that neither a crash nor a second process asks early; `after` turns the state
and an outcome into the next state, which is stored in one transaction with the entries.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import blake2b

from aggregator.fetching.answers import LONGEST_RETRY, brief
from aggregator.fetching.politeness import Priority, host_of
from aggregator.fetching.request import PAUSE, FetchRequest
from aggregator.fetching.shown import parted, same_origin, shown
from aggregator.model import FailureKind, Fetched, FetchFailed, Hop, NotModified
from aggregator.scheduling.history import remembered
from aggregator.scheduling.intervals import DAY, backed_off, fraction, jittered, out_of_window, own_interval, wanted
from aggregator.scheduling.reach import NETWORK
from aggregator.scheduling.state import FeedState, Health, HostPause, Move, Outcome, Parsed, Settings, Unreadable

_SLOW = timedelta(seconds=10)
_STALE = timedelta(days=30)  # of 304s alone
_PERMANENT = frozenset({301, 308})
_GONE_TWICE = timedelta(hours=24)
_MOST_ALIASES = 10
_PHASE = timedelta(minutes=15)


def request_for(state: FeedState, now: datetime) -> FetchRequest:
    """Say what to ask: where, with which validators, in which part of the slots."""
    url = asked_url(state)
    stale = state.last_full is not None and now - state.last_full >= _STALE
    authorization = parted(state.url)[1]
    return FetchRequest(
        url=url,
        validators=None if stale else state.validators,
        priority=Priority.STEADY if state.last_success and not state.errors else Priority.NEW_OR_FAILING,
        now=now,
        authorization=authorization if same_origin(state.url, url) else None,
    )


def asked_url(state: FeedState) -> str:
    """Give the URL to ask: the learned one; every fourth time it fails, the configured one again."""
    if state.learned_url is None or state.errors % 4 == 3:
        return state.url
    return state.learned_url


def body_hash(body: bytes) -> str:
    """Give the hash by which an unchanged body is known."""
    return blake2b(body, digest_size=16).hexdigest()


def unchanged(state: FeedState, fetched: Fetched) -> bool:
    """Tell whether the body is the last one again, so that there is nothing to parse."""
    return state.body_hash is not None and state.body_hash == body_hash(fetched.body)


def attempt(state: FeedState, now: datetime, settings: Settings) -> FeedState:
    """Note that the feed is about to be asked; whatever happens now, it is not asked again before the minimum."""
    return replace(state, last_attempt=now, next_check=now + settings.floor)


def after(state: FeedState, outcome: Outcome, now: datetime, settings: Settings, *, offline: bool = False) -> FeedState:
    """Give the state after an outcome. `offline`: no host answers, so that a failed connection says nothing.

    `now` is when the feed was claimed. What follows counts from the answer, which queues and a slow server delay.
    """
    answer = outcome.fetched if isinstance(outcome, Parsed | Unreadable) else outcome
    late = answer.waited + answer.elapsed
    decided = _decided(state, outcome, now, settings, offline=offline)
    until, pause = decided.not_before, decided.pause
    if until is not None and until != state.not_before:
        until += late
    if pause is not None and pause != state.pause:
        pause = replace(pause, until=pause.until + late)
    return replace(decided, next_check=decided.next_check and decided.next_check + late, not_before=until, pause=pause)


def _decided(state: FeedState, outcome: Outcome, now: datetime, settings: Settings, *, offline: bool) -> FeedState:
    match outcome:
        case Parsed() | Fetched() | NotModified():
            return _succeeded(state, outcome, now, settings)
        case Unreadable(kind=FailureKind.BLOCKED, reason=reason):
            return _blocked(state, reason, now, settings)
        case Unreadable(fetched=fetched, reason=reason):
            moved = fetched.hops and _permanent(fetched.hops)
            where = f"it has moved to {shown(fetched.url)}, which is no feed: " if moved else ""
            return _failed(state, brief(f"{where}{reason}"), now, settings)
        case FetchFailed(kind=FailureKind.PAUSED):
            wait = max(min(outcome.retry_after or settings.floor, LONGEST_RETRY), settings.floor)
            why = "its host asked for a pause"
            return replace(state, next_check=_later(state, wait, now, settings), why=why)
        case FetchFailed(kind=kind) if offline and kind in NETWORK:
            reason = f"no host answers, so we are probably offline: {outcome.reason}"
            return replace(state, next_check=_later(state, settings.floor, now, settings), reason=reason)
        case FetchFailed():
            return _refused(state, outcome, now, settings)


def _succeeded(
    state: FeedState, outcome: Parsed | Fetched | NotModified, now: datetime, settings: Settings
) -> FeedState:
    if isinstance(outcome, Parsed) and outcome.broke_off:
        return _broke_off(state, outcome, now, settings)
    answer = outcome.fetched if isinstance(outcome, Parsed) else outcome
    first = state.last_success is None
    if isinstance(outcome, Parsed):
        state = replace(_brought(state, outcome, now), body_hash=body_hash(outcome.fetched.body))
    state = replace(
        _followed(state, answer.url, answer.hops, now),
        last_success=now,
        validators=answer.validators,
        lifetime=_lifetime(state, answer),
        answered_url=answer.url,
        errors=0,
        failing_since=None,
        throttled=0,
        not_before=None,
        pause=None,
        gone_seen=None,
    )
    if isinstance(answer, Fetched):
        state = replace(state, last_full=now)
    health, reason = _health(state, answer.elapsed)
    return _scheduled(replace(state, health=health, reason=reason), now, settings, first=first)


def _brought(state: FeedState, outcome: Parsed, now: datetime) -> FeedState:
    """Take in what a document brought, and what it says of its own schedule."""
    return replace(
        state,
        last_success=now,
        hints=outcome.hints,
        last_new=now if outcome.new else state.last_new,
        history=remembered(state.history, _arrivals(state.last_success, outcome, now), now),
    )


def _broke_off(state: FeedState, outcome: Parsed, now: datetime, settings: Settings) -> FeedState:
    """Take what is whole, and keep the last good validators, so that the rest is not missed.

    It is asked again as after one error; where that did not help, in its rhythm: some never close their last tag.
    """
    again = state.errors > 0
    whole = replace(_brought(state, outcome, now), errors=0, throttled=0, not_before=None, pause=None, gone_seen=None)
    failed = _failed(whole, "the document breaks off; what is whole of it was stored", now, settings)
    return _scheduled(failed, now, settings, first=False) if again else failed


def _lifetime(state: FeedState, answer: Fetched | NotModified) -> timedelta | None:
    """Give how long the answer holds; a 304 that does not say holds as long as the 200 did (RFC 9111 §4.3.4)."""
    if isinstance(answer, NotModified) and answer.freshness.lifetime is None:
        return state.lifetime
    return answer.freshness.lifetime


def _arrivals(before: datetime | None, outcome: Parsed, now: datetime) -> list[datetime]:
    """Say when the new entries came: as claimed, but not before the last look, which did not show them."""
    if before is None:
        return [min(time, now) for time in outcome.published]
    undated = max(outcome.new - len(outcome.published), 0)
    return [min(max(time, before), now) for time in outcome.published] + [now] * undated


def _health(state: FeedState, elapsed: timedelta) -> tuple[Health, str]:
    if state.learned_url is not None:
        return Health.MOVED, state.moved_in_words
    if elapsed >= _SLOW:
        return Health.SLOW, f"its last answer took {elapsed.total_seconds():.0f} s"
    return Health.FINE, ""


def _scheduled(state: FeedState, now: datetime, settings: Settings, *, first: bool) -> FeedState:
    """Set the next check after a success; the second comes up to 15 min later, so that feeds part ways."""
    interval = wanted(state, settings, now)
    wait = jittered(interval.length, state.feed, now, settings.floor)
    if first:
        wait += min(interval.length, _PHASE) * fraction(state.feed, "phase")
    when = now + wait
    if settings.every is None:
        when = out_of_window(when, state.hints)
    return replace(state, next_check=when, interval=interval.length, why=interval.why)


def _later(state: FeedState, wait: timedelta, now: datetime, settings: Settings) -> datetime:
    return now + jittered(wait, state.feed, now, settings.floor)


def _permanent(hops: tuple[Hop, ...]) -> bool:
    return all(hop.status in _PERMANENT for hop in hops)


def _followed(state: FeedState, url: str, hops: tuple[Hop, ...], now: datetime) -> FeedState:
    """Watch permanent redirects to a feed; after five sightings over two days the target is asked at once."""
    asked = asked_url(state)
    if not hops:
        back = state.learned_url is not None and asked == state.url
        return replace(state, move=None, learned_url=None if back else state.learned_url)
    if not _permanent(hops):
        return replace(state, move=None)
    seen = state.move
    if seen is None or seen.target != url:
        return replace(state, move=Move(target=url, first_seen=now))
    seen = replace(seen, sightings=seen.sightings + 1)
    if not seen.believed(now):
        return replace(state, move=seen)
    aliases = tuple(dict.fromkeys((*state.aliases, shown(asked))))[-_MOST_ALIASES:]
    return replace(state, move=None, learned_url=url, aliases=aliases)


def _refused(state: FeedState, outcome: FetchFailed, now: datetime, settings: Settings) -> FeedState:
    """Sort the failures that have a schedule of their own from the rest."""
    match outcome.kind:
        case FailureKind.THROTTLED:
            return _throttled(state, outcome, now, settings)
        case FailureKind.GONE if _permanent(outcome.hops):
            return _gone(state, outcome, now, settings)
        case FailureKind.BLOCKED:
            return _blocked(state, outcome.reason, now, settings)
    failed = _failed(state, outcome.reason, now, settings)
    if outcome.retry_after is None or failed.next_check is None:
        return failed
    return replace(failed, next_check=max(failed.next_check, now + min(outcome.retry_after, LONGEST_RETRY)))


def _blocked(state: FeedState, reason: str, now: datetime, settings: Settings) -> FeedState:
    blocked, later = _failed(state, reason, now, settings), _later(state, DAY, now, settings)
    return replace(blocked, health=Health.BLOCKED, next_check=later, interval=DAY, why="asked daily while blocked")


def _retry_base(state: FeedState, settings: Settings, now: datetime) -> timedelta:
    """Give what doubles: a feed with a slow rhythm is not away for a day because of one page out of order."""
    own = own_interval(state, settings, now).length
    return own if settings.every is not None else min(own, settings.interval)


def _failed(state: FeedState, reason: str, now: datetime, settings: Settings) -> FeedState:
    """Count an error and back off; entries, validators and the last good body stay."""
    errors, since = state.errors + 1, state.failing_since or now
    wait = backed_off(max(_retry_base(state, settings, now), settings.floor), errors, now - since)
    return replace(
        state,
        health=Health.FAILING,
        reason=reason,
        errors=errors,
        failing_since=since,
        interval=wait,
        why=f"backed off after {errors} error{'s' if errors > 1 else ''}",
        next_check=_later(state, wait, now, settings),
    )


def _throttled(state: FeedState, outcome: FetchFailed, now: datetime, settings: Settings) -> FeedState:
    """Obey Retry-After; without one, or where waiting so long was not enough, double (RFC 6585 §4)."""
    count, asked = state.throttled + 1, min(outcome.retry_after or timedelta(), LONGEST_RETRY)
    if asked:
        wait = backed_off(max(_retry_base(state, settings, now), settings.floor), state.throttled, timedelta())
    else:
        own = max(own_interval(state, settings, now).length, settings.floor)
        wait = backed_off(own, count, timedelta())
    why = "doubled, for the server is being asked too often"
    if asked >= wait:
        why = "the server asked for it"
    elif asked and not state.throttled:
        why = "its usual pace, for the server asked for less"
    wait = max(wait, asked)
    until = now + wait * (1 + 0.1 * fraction(state.feed, f"{now:%Y-%m-%dT%H:%M}"))
    host = host_of(outcome.hops[-1].target if outcome.hops else outcome.url)
    longest = LONGEST_RETRY if host == host_of(outcome.url) else PAUSE  # who redirects to a host may wish it ill
    return replace(
        state,
        health=Health.FAILING,
        reason=outcome.reason,
        throttled=count,
        not_before=until,
        pause=HostPause(host=host, until=now + min(asked or PAUSE, longest)),
        interval=wait,
        why=why,
        next_check=until,
    )


def _gone(state: FeedState, outcome: FetchFailed, now: datetime, settings: Settings) -> FeedState:
    """Believe a 410 at its second sighting a day after the first (RFC 9110 §15.5.11).

    One behind a temporary redirect is another URL's; one of a learned URL has the configured one asked first.
    """
    if state.learned_url is not None:
        return replace(_failed(state, outcome.reason, now, settings), learned_url=None)
    seen = state.gone_seen or now
    failed = replace(_failed(state, outcome.reason, now, settings), gone_seen=seen, health=Health.GONE)
    if now - seen >= _GONE_TWICE:
        reason = f"{outcome.reason}; it said so on {seen:%Y-%m-%d} and on {now:%Y-%m-%d}. Its entries stay"
        reason += "; `aggregator feeds retry` has it asked again"
        return replace(failed, health=Health.DISABLED, reason=reason, next_check=None, interval=None, why="")
    again = max(seen + _GONE_TWICE, now + settings.floor)
    return replace(failed, next_check=again, interval=again - now, why="asked once more after a day")
