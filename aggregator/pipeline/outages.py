"""What fails over and over is said once, and once when it is over: a full disk must not fill itself with log lines."""

import logging
import time
from dataclasses import dataclass, field

from aggregator.errors import AggregatorError

log = logging.getLogger(__name__)

AGAIN = 3600.0  # seconds after which an outage that goes on is said once more
APART = 60.0  # seconds between two messages about one kind of work, however they differ
CALM = 60.0  # seconds without a failure, after which it is over: work that finds nothing to do succeeds in between


@dataclass(slots=True)
class Outages:
    """The kinds of work that fail at present."""

    _said: dict[str, tuple[str, float]] = field(default_factory=dict)  # by work: the message, when it was said
    _last: dict[str, float] = field(default_factory=dict)  # by work: the last failure

    def failed(self, work: str, error: Exception, now: float | None = None) -> None:
        """Take note of a failure; `now` is monotonic seconds."""
        now = time.monotonic() if now is None else now
        message = f"{type(error).__name__}: {error}"
        self._last[work] = now
        before, at = self._said.get(work, ("", float("-inf")))
        if now - at < (AGAIN if message == before else APART):
            return
        self._said[work] = message, now
        if isinstance(error, AggregatorError):  # its message is for the operator; a traceback says nothing more
            log.error("%s", error, extra={"fields": {"event": "outage", "work": work}})
        else:
            log.error("%s failed; it is tried again", work, exc_info=error, extra={"fields": {"event": "outage"}})

    def over(self, work: str, now: float | None = None) -> None:
        """Take note of a success; `now` is monotonic seconds."""
        if work not in self._said:
            return
        now = time.monotonic() if now is None else now
        if now - self._last[work] >= CALM:
            del self._said[work], self._last[work]
            log.info("%s works again", work, extra={"fields": {"event": "recovered", "work": work}})
