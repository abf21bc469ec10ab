"""When a feed brings news: a compact memory of its publication times. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

HALF_LIFE = timedelta(days=14)
RECENT_HALF_LIFE = timedelta(hours=2)
_LONGEST_LOOK_BACK = timedelta(days=60)


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """Decayed counts of entries, by hour of the day and day of the week (UTC), as of one moment."""

    since: datetime | None = None  # observed from; the oldest entry of the first document
    as_of: datetime | None = None
    last: datetime | None = None  # the newest entry
    hours: tuple[float, ...] = (0.0,) * 24
    days: tuple[float, ...] = (0.0,) * 7  # Monday first
    recent: float = 0.0  # the same with a half-life of two hours


def decay(elapsed: timedelta, half_life: timedelta = HALF_LIFE) -> float:
    """Give what is left of a count of 1 after so long."""
    return float(0.5 ** (max(elapsed, timedelta()) / half_life))


def remembered(history: History, published: Sequence[datetime], now: datetime) -> History:
    """Take in the publication times of new entries; a time in the future, or none, is now."""
    times = sorted(min(time, now) for time in published if now - time < _LONGEST_LOOK_BACK)
    since = history.since or max(min([now, *published]), now - _LONGEST_LOOK_BACK)
    if not times:
        return history if history.since else replace(history, since=since, as_of=now)
    kept = decay(now - (history.as_of or now))
    hours, days = [n * kept for n in history.hours], [n * kept for n in history.days]
    recent = history.recent * decay(now - (history.as_of or now), RECENT_HALF_LIFE)
    for time in times:
        weight = decay(now - time)
        hours[time.astimezone(UTC).hour] += weight
        days[time.astimezone(UTC).weekday()] += weight
        recent += decay(now - time, RECENT_HALF_LIFE)
    rounded = (tuple(round(n, 4) for n in counts) for counts in (hours, days))
    return History(
        since=since,
        as_of=now,
        last=max(times[-1], history.last or times[-1]),
        hours=next(rounded),
        days=next(rounded),
        recent=round(recent, 4),
    )
