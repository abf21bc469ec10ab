"""A feed's own rhythm: when is it worth asking again? Pure."""

from datetime import datetime, timedelta

from aggregator.scheduling.history import History


def expected_per_hour(history: History, now: datetime) -> float:
    """Say how many entries an hour the feed brings at this time of the day and week."""
    return 0.0


def rhythm(history: History, now: datetime) -> timedelta | None:
    """Give the interval that the feed's history asks for; None: too little is known."""
    return None
