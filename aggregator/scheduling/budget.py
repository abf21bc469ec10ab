"""How long news may wait where all feeds together would otherwise be asked too often. Pure.

All requests together are to be a third of what asking each feed at `polling.interval` would be. Where most feeds are
quiet they are no more than that anyway; where all are busy, the budget that they share grows until it is so, up to
where a feed that brings news every ten minutes would no longer be asked at its minimum of a quarter of an hour. One
that brings more than that, day and night, takes no part: it is asked at its minimum whatever the budget, and a feed
that floods us is not to have the others asked the more rarely.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from aggregator.scheduling.history import History
from aggregator.scheduling.rhythm import BUDGET, requests_ahead
from aggregator.scheduling.state import Settings

MOST = 1.515
_SHARE = 0.275  # comes to a third: bursts have busy feeds asked a fifth more often than foreseen
_FLOOD = 0.9  # of the requests that the minimum allows, by any budget
_STEPS = 6  # to a hundredth and a half
_ASKED = 200  # feeds that the others are judged by
_DAY, _FOR = timedelta(days=1), timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Budget:
    """What the entries of a feed may count until it is asked (scheduling.rhythm), as of a moment."""

    entries: float = BUDGET
    as_of: datetime | None = None

    def holds(self, now: datetime) -> bool:
        """Tell whether it need not be found anew: it is of the last hour."""
        return self.as_of is not None and self.as_of <= now < self.as_of + _FOR


def shared(feeds: Iterable[tuple[History, Settings]], now: datetime) -> Budget:
    """Find the budget for feeds that follow their own rhythm, as far as it is known; of many, a part tells it."""
    adaptive = [(history, settings) for history, settings in feeds if settings.adaptive and settings.every is None]
    ahead: list[Callable[[float], float]] = []
    allowed = 0.0
    for history, settings in adaptive[:: 1 + len(adaptive) // (_ASKED + 1)]:
        requests = requests_ahead(history, now, settings.floor)
        if requests is not None and requests(MOST) < _FLOOD * (_DAY / settings.floor):
            ahead.append(requests)
            allowed += _DAY / settings.interval * _SHARE

    def too_many(budget: float) -> bool:
        return sum(requests(budget) for requests in ahead) > allowed

    least, most = BUDGET, MOST
    if not too_many(least):
        return Budget(least, now)
    for _ in range(_STEPS):
        middle = (least + most) / 2
        least, most = (middle, most) if too_many(middle) else (least, middle)
    return Budget(most, now)
