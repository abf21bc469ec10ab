"""A feed's own rhythm: when is it worth asking again? Pure.

News that has been published and not yet seen waits. An entry counts one, and more the longer it waits: two when it has
waited for `_PATIENCE`, five when for twice as long. A feed is asked again when what its entries are expected to count
adds up to a budget, the same for all feeds (scheduling.budget). So the requests of a busy feed are in proportion to its
entries, which for a given number of requests keeps the typical delay least, and a quiet feed is asked more often than
that, so that few entries wait for long. (For the mean delay it would be the square root: Sia, Cho and Cho, Efficient
monitoring algorithm for fast news alerts, 2007.) The rate follows the hour of the day and the day of the week; a burst
of the last hours adds to it.
"""

from bisect import bisect_left
from datetime import UTC, datetime, timedelta
from math import asinh, ceil, log, sinh, sqrt
from typing import TYPE_CHECKING, NamedTuple

from aggregator.scheduling.history import HALF_LIFE, RECENT_HALF_LIFE, History, decay

if TYPE_CHECKING:
    from collections.abc import Callable

LONGEST = timedelta(hours=24)

BUDGET = 0.36  # what entries may count at least; benchmarks/rhythm.py measures what it brings
_PATIENCE = timedelta(minutes=80)
_ENOUGH = timedelta(hours=12)  # before it, nothing is known of a feed that has brought nothing
_LEAST = timedelta(minutes=1)
_AS_USUAL = 2 / 3, 3 / 2  # times the average
_PRIOR = 0.5  # entries that might have been
_DAY_PRIOR = 12.0  # entries, spread evenly: how many it takes to believe in hours of the day
_WEEK_PRIOR = 21.0
_MINUTE, _HOUR, _DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
_AFTER_THE_HOUR = timedelta(minutes=3)  # a document takes a little to show what was published
_SILENCE, _SILENT_SHARE = timedelta(days=7), 30  # a feed silent for a week and longer is asked 30 times as rarely


def rhythm(history: History, now: datetime, budget: float = BUDGET) -> timedelta | None:
    """Give the interval that the feed's history asks for, at most a day; None: too little is known."""
    if history.since is None or not _known(history, now):
        return None
    return min(max(_until_spent(_Rates(history, now), now, budget), _shortest(history, history.since, now)), LONGEST)


def requests_ahead(history: History, now: datetime, floor: timedelta) -> "Callable[[float], float] | None":
    """Give how often a feed is asked in the 24 hours ahead, by the budget; None: too little is known."""
    if history.since is None or not _known(history, now):
        return None
    rates, shortest = _Rates(history, now), max(_shortest(history, history.since, now), floor)
    hours = [rates.at(now + hour * _HOUR) for hour in range(24)]
    return lambda budget: sum(_HOUR / min(max(_at_an_even_rate(rate, budget), shortest), LONGEST) for rate in hours)


def _shortest(history: History, since: datetime, now: datetime) -> timedelta:
    """Say how seldom a feed is asked at least because it has been silent."""
    silence = now - (history.last or since)
    return silence / _SILENT_SHARE if silence > _SILENCE else timedelta()


def _at_an_even_rate(per_hour: float, budget: float) -> timedelta:
    """Give the interval in which entries that come evenly spend the budget: what `_Waiting` counts, solved for time."""
    rate = per_hour * (_PATIENCE / _HOUR)
    return 2 * sinh(asinh(1.5 * budget / rate) / 3) * _PATIENCE if rate else LONGEST


def expected_per_hour(history: History, now: datetime) -> float:
    """Say how many entries an hour the feed brings at this hour of the day and day of the week."""
    return _Rates(history, now).at(now) if _known(history, now) else 0.0


def in_words(history: History, now: datetime) -> str:
    """Say how much a feed brings, for a person; and where that is far from its average, how much at this hour."""
    rates = _Rates(history, now)
    day, hour = rates.average * 24, rates.at(now)
    if day < 1.5:
        return f"about one entry in {1 / day:.0f} days" if day < 0.7 else "about one entry a day"
    told = f"about {day:.0f} entries a day"
    if _AS_USUAL[0] <= hour / rates.average <= _AS_USUAL[1]:
        return told
    return f"{told}, {f'{hour:.0f} an hour' if hour > 2 / 3 else f'one in {1 / hour:.0f} hours'} now"


def on_the_hour(length: timedelta, now: datetime) -> timedelta:
    """Move the end of an interval, by up to half its length, to just after the nearest full hour.

    That is when many publish: 12 % of the dates in 115 real feeds are full hours to the minute; 2 % would be by chance.
    """
    end = (now + length + _HOUR / 2).replace(minute=0, second=0, microsecond=0) + _AFTER_THE_HOUR
    return min(end - now, LONGEST) if abs(end - now - length) <= length / 2 else length


def _known(history: History, now: datetime) -> bool:
    """Tell whether there is anything to go by: entries, dated before now, or their absence for long enough."""
    if history.since is None or history.as_of is None:
        return False
    return now - history.since >= (_ENOUGH if history.last is None else _LEAST)


def _until_spent(rates: "_Rates", now: datetime, budget: float) -> timedelta:
    """Step through the hours ahead until the entries that wait have spent the budget; to the minute."""
    at, waiting = now, _Waiting()
    while at - now < LONGEST:
        following = at.replace(minute=0, second=0, microsecond=0) + _HOUR
        rate, before = rates.at(at), waiting
        waiting = before.after(following - at, rate)
        if waiting.spent >= budget:
            minutes = range((following - at) // _MINUTE)
            until = bisect_left(minutes, budget, key=lambda some: before.after(some * _MINUTE, rate).spent)
            return at - now + until * _MINUTE
        at = following
    return LONGEST


class _Waiting(NamedTuple):
    """The entries that are expected to wait: how many, the sum of their ages and of the squares (in `_PATIENCE`)."""

    entries: float = 0.0
    ages: float = 0.0
    squares: float = 0.0

    @property
    def spent(self) -> float:
        return self.entries + self.squares

    def after(self, time: timedelta, per_hour: float) -> "_Waiting":
        """Return them when a while has passed, in which entries came at an even rate."""
        t, rate = time / _PATIENCE, per_hour * (_PATIENCE / _HOUR)
        return _Waiting(
            self.entries + rate * t,
            self.ages + self.entries * t + rate * t**2 / 2,
            self.squares + 2 * self.ages * t + self.entries * t**2 + rate * t**3 / 3,
        )


class _Rates:
    """The expected entries an hour, now and ahead. Of each hour of the day only what was observed of it counts."""

    def __init__(self, history: History, now: datetime) -> None:
        observed = now - (history.since or now)
        kept = decay(now - (history.as_of or now))
        counts = [n * kept for n in history.hours]
        exposure = (HALF_LIFE / _HOUR) / log(2) * (1 - decay(observed))  # hours, decayed as the counts are
        self._now = now
        self.average = (sum(counts) + _PRIOR) / exposure  # entries an hour
        prior = _DAY_PRIOR / 24
        self._hours = [
            (count + prior) / (hours + prior / self.average)
            for count, hours in zip(_smoothed(counts), _smoothed(_observed(observed, now)), strict=True)
        ]
        self._days = _shape([n * kept for n in history.days], _WEEK_PRIOR) if observed.days >= 14 else None
        # One entry is no burst: the recent rate less its standard deviation.
        recent = history.recent * decay(now - (history.as_of or now), RECENT_HALF_LIFE)
        self._burst = max(recent - sqrt(recent), 0) * log(2) / (RECENT_HALF_LIFE / _HOUR)

    def at(self, time: datetime) -> float:
        time = time.astimezone(UTC)
        rate = self._hours[time.hour]
        if self._days is not None:
            rate *= self._days[time.weekday()]
        return max(rate, self._burst * decay(time - self._now, RECENT_HALF_LIFE))


def _observed(observed: timedelta, now: datetime) -> list[float]:
    """Give for how many hours, decayed as counts are, each hour of the day (UTC) has been observed."""
    clock, a_day_on = now.astimezone(UTC), decay(_DAY)
    past = clock.hour + clock.minute / 60
    ages = [(past - hour - 0.5) % 24 * _HOUR for hour in range(24)]  # since the middle of the last such hour
    times = [max(ceil((observed - age) / _DAY), 0) for age in ages]
    return [decay(age) * (1 - a_day_on**n) / (1 - a_day_on) for age, n in zip(ages, times, strict=True)]


def _smoothed(counts: list[float]) -> list[float]:
    """Share each hour's count with its neighbours: nobody publishes to the minute."""
    around = len(counts)
    return [counts[i - 1] / 4 + counts[i] / 2 + counts[(i + 1) % around] / 4 for i in range(around)]


def _shape(counts: list[float], prior: float) -> list[float]:
    """Give how busy each part is beside the average of 1, the less sure the fewer entries there were."""
    size, total = len(counts), sum(counts)
    return [size * (count + prior / size) / (total + prior) for count in counts]
