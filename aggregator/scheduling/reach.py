"""Whether it is the servers that fail, or our own line. Pure."""

from dataclasses import dataclass, replace

from aggregator.fetching.politeness import host_of
from aggregator.model import FailureKind, Fetched, FetchFailed, NotModified
from aggregator.scheduling.state import FeedState, Outcome, Parsed, Unreadable

NETWORK = frozenset({FailureKind.DNS, FailureKind.CONNECT, FailureKind.TLS, FailureKind.TIMEOUT})
_ENOUGH = 2


@dataclass(frozen=True, slots=True)
class Reach:
    """The hosts that were fine and have failed since any host last answered; at the start every host was fine."""

    lost: frozenset[str] = frozenset()
    answered: bool = False  # some host, since the start

    @property
    def offline(self) -> bool:
        """Tell whether every host fails: two that were fine, and none has answered since."""
        return len(self.lost) >= _ENOUGH

    def after(self, state: FeedState, outcome: Outcome) -> "Reach":
        """Take in one outcome; `state` is the feed's before it. A feed that failed already says nothing new."""
        match outcome:
            case Fetched() | NotModified() | Parsed() | Unreadable():
                return Reach(answered=True)
            case FetchFailed(status=int()):
                return Reach(answered=True)
            case FetchFailed(kind=kind) if kind in NETWORK and (_was_fine(state) or not self.answered):
                return replace(self, lost=self.lost | {host_of(state.url)})
        return self


def _was_fine(state: FeedState) -> bool:
    return state.last_success is not None and not state.errors
