"""What the tests of the schedule share: a feed's state, answers of servers, and time."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from aggregator.model import FailureKind, Fetched, FetchFailed, Freshness, Hop, NotModified, Validators
from aggregator.scheduling.state import FeedState, Outcome, Parsed, Settings, Unreadable
from aggregator.scheduling.transitions import after, attempt

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)  # a Wednesday
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
URL = "http://feeds.example/rss"
PLAIN = Settings(adaptive=False)
HELD = Validators(url=URL, etag='"1"')


def state(**changes: Any) -> FeedState:
    """Give a feed that has been fine for long."""
    known: dict[str, Any] = {"feed": 7, "url": URL, "last_success": NOW - HOUR, "last_full": NOW - HOUR}
    return FeedState(**(known | changes))


def fetched(url: str = URL, *, body: bytes = b"<rss/>", **more: Any) -> Fetched:
    """Give a 200."""
    return Fetched(url=url, body=body, **({"validators": Validators(url=url, etag='"2"')} | more))


def parsed(
    url: str = URL, *, new: int = 0, published: Sequence[datetime] = (), hints: Any = None, **more: Any
) -> Parsed:
    """Give a document that was read."""
    extra = {} if hints is None else {"hints": hints}
    return Parsed(fetched=fetched(url, **more), new=new, published=tuple(published), **extra)


def not_modified(url: str = URL, **more: Any) -> NotModified:
    """Give a 304."""
    return NotModified(url=url, **({"validators": HELD} | more))


def unreadable(url: str = URL, **more: Any) -> Unreadable:
    """Give a 200 that is no feed."""
    return Unreadable(fetched=fetched(url, **more), kind=FailureKind.NOT_A_FEED, reason="an HTML page")


def failed(kind: FailureKind = FailureKind.STATUS, reason: str = "500", **more: Any) -> FetchFailed:
    """Give a failure."""
    return FetchFailed(url=URL, kind=kind, reason=reason, **more)


def hops(*statuses: int, target: str) -> tuple[Hop, ...]:
    """Give the hops of redirects that end at a target."""
    return tuple(Hop(status=status, target=target) for status in statuses)


def fresh(lifetime: timedelta) -> Freshness:
    """Give what a server says of how long its answer holds."""
    return Freshness(lifetime=lifetime)


def poll(feed: FeedState, outcome: Outcome, now: datetime = NOW, settings: Settings = PLAIN) -> FeedState:
    """Attempt, and take in what came of it."""
    return after(attempt(feed, now, settings), outcome, now, settings)


def wait(feed: FeedState, now: datetime = NOW) -> timedelta:
    """Say how long until the next check."""
    assert feed.next_check is not None
    return feed.next_check - now
