"""Notice a wall clock that is set, or was wrong when the machine started, by the monotonic one beside it."""

import logging
import time
from dataclasses import dataclass
from datetime import datetime, timedelta

log = logging.getLogger(__name__)

DOUBTFUL = timedelta(days=2)  # what a clock may be ahead by without being doubted
_DOUBTED = timedelta(days=1)  # how long it has to stand before it is believed
_NOTHING = timedelta()
_STEADY = getattr(
    time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC
)  # elsewhere than on Linux the latter counts sleep itself


def awake_or_not() -> float:
    """Give seconds that nobody sets and that pass while the machine sleeps too: that time has passed for servers."""
    return time.clock_gettime(_STEADY)


@dataclass(slots=True)
class ClockWatch:
    """What is known of the wall clock; moments of the monotonic clock are in seconds."""

    _between: float | None = None  # the wall clock less the monotonic one, at the last look
    _doubted_until: float = float("-inf")

    def began(self, now: datetime, last_poll: datetime | None, moment: float) -> None:
        """Take in when feeds were last asked: a machine without a battery for its clock may start years ahead."""
        if last_poll is not None and now - last_poll > DOUBTFUL:
            self._doubt(now - last_poll, "is %d days after the last poll", moment)

    def look(self, now: datetime, moment: float) -> timedelta:
        """Say how far the wall clock was set since the last look: below zero, back."""
        between = now.timestamp() - moment
        by = _NOTHING if self._between is None else timedelta(seconds=between - self._between)
        self._between = between
        if by > DOUBTFUL:
            self._doubt(by, "was set forward by %d days", moment)
        return by

    def _doubt(self, by: timedelta, what: str, moment: float) -> None:
        self._doubted_until = moment + _DOUBTED.total_seconds()
        log.warning(f"the clock {what}; nothing old is deleted for a day", by.days)  # noqa: G004  two words of our own

    def doubted(self, moment: float) -> bool:
        """Tell whether nothing is to be deleted for its age."""
        return moment < self._doubted_until
