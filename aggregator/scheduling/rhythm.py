"""A feed's own rhythm: when is it worth asking again? Pure.

News that has been published and not yet seen waits. A feed is asked again when the time that its entries are expected
to have waited adds up to a budget, the same for all feeds. At an even rate r that is the interval sqrt(2 budget / r):
the square-root law, which for a given number of requests keeps the delay of all entries together least (Sia, Cho and
Cho, Efficient monitoring algorithm for fast news alerts, 2007). The rate follows the hour of the day and the day of
the week; a burst of the last hours adds to it.
"""

from datetime import UTC, datetime, timedelta
from math import log, sqrt

from aggregator.scheduling.history import HALF_LIFE, RECENT_HALF_LIFE, History, decay

LONGEST = timedelta(hours=24)

_BUDGET = 0.12  # entry hours of waiting; benchmarks/rhythm.py measures what it brings
_ENOUGH = timedelta(hours=12)  # of history; before it, nothing is known
_PRIOR = 0.5  # entries that might have been
_DAY_PRIOR = 12.0  # entries, spread evenly: how many it takes to believe in hours of the day
_WEEK_PRIOR = 21.0
_HOUR = timedelta(hours=1)
_SILENCE, _SILENT_SHARE = timedelta(days=7), 30  # a feed silent for a week and longer is asked 30 times as rarely


def rhythm(history: History, now: datetime) -> timedelta | None:
    """Give the interval that the feed's history asks for, at most a day; None: too little is known."""
    if history.since is None or history.as_of is None or now - history.since < _ENOUGH:
        return None
    silence = now - (history.last or history.since)
    shortest = silence / _SILENT_SHARE if silence > _SILENCE else timedelta()
    return min(max(_until_spent(history, now), shortest), LONGEST)


def expected_per_hour(history: History, now: datetime) -> float:
    """Say how many entries an hour the feed brings at this hour of the day and day of the week."""
    if history.since is None or history.as_of is None or now - history.since < _ENOUGH:
        return 0.0
    return _Rates(history, now).at(now)


def in_words(history: History, now: datetime) -> str:
    """Say how much a feed brings, for a person."""
    day = _Rates(history, now).average * 24
    if day >= 1.5:
        return f"about {day:.0f} entries a day"
    return f"about one entry in {1 / day:.0f} days" if day < 0.7 else "about one entry a day"


def _until_spent(history: History, now: datetime) -> timedelta:
    """Step through the hours ahead until the expected waiting reaches the budget."""
    rates, at = _Rates(history, now), now
    waiting, count = 0.0, 0.0  # entry hours; entries
    while at - now < LONGEST:
        following = at.replace(minute=0, second=0, microsecond=0) + _HOUR
        rate, step = rates.at(at), (following - at) / _HOUR
        if waiting + count * step + rate * step * step / 2 >= _BUDGET:
            missing = _BUDGET - waiting
            part = (sqrt(count * count + 2 * rate * missing) - count) / rate if rate else missing / count
            return at - now + part * _HOUR
        waiting += count * step + rate * step * step / 2
        count += rate * step
        at = following
    return LONGEST


class _Rates:
    """The expected entries an hour, now and ahead."""

    def __init__(self, history: History, now: datetime) -> None:
        observed = now - (history.since or now)
        kept = decay(now - (history.as_of or now))
        count = sum(history.hours) * kept
        exposure = (HALF_LIFE / _HOUR) / log(2) * (1 - decay(observed))  # hours, decayed as the counts are
        self._now = now
        self.average = (count + _PRIOR) / exposure  # entries an hour
        self._hours = _shape(_smoothed([n * kept for n in history.hours]), _DAY_PRIOR) if observed.days >= 2 else None
        self._days = _shape([n * kept for n in history.days], _WEEK_PRIOR) if observed.days >= 14 else None
        # One entry is no burst: the rate of all that came beyond it.
        recent = history.recent * decay(now - (history.as_of or now), RECENT_HALF_LIFE)
        self._burst = max(recent - 1, 0) * log(2) / (RECENT_HALF_LIFE / _HOUR)

    def at(self, time: datetime) -> float:
        rate, time = self.average, time.astimezone(UTC)
        if self._hours is not None:
            rate *= self._hours[time.hour]
        if self._days is not None:
            rate *= self._days[time.weekday()]
        return max(rate, self._burst * decay(time - self._now, RECENT_HALF_LIFE))


def _smoothed(counts: list[float]) -> list[float]:
    """Share each hour's count with its neighbours: nobody publishes to the minute."""
    around = len(counts)
    return [counts[i - 1] / 4 + counts[i] / 2 + counts[(i + 1) % around] / 4 for i in range(around)]


def _shape(counts: list[float], prior: float) -> list[float]:
    """Give how busy each part is beside the average of 1, the less sure the fewer entries there were."""
    size, total = len(counts), sum(counts)
    return [size * (count + prior / size) / (total + prior) for count in counts]
