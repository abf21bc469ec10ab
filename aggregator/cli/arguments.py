"""What is typed on the command line, as values."""

from datetime import UTC, datetime

from aggregator.config.durations import parse_duration
from aggregator.errors import InputError


def instant(text: str | None, now: datetime) -> datetime | None:
    """Read an ISO date or time, or a span before now (24h, 7d); without a zone it is UTC.

    Raises:
        InputError: it is neither.
    """
    if text is None:
        return None
    try:
        when = datetime.fromisoformat(text)
    except ValueError:
        try:
            return now - parse_duration(text)
        except (ValueError, OverflowError):  # a span that begins before the first year
            raise InputError(
                f"{text!r} is no time; write a date (2026-03-01), a time (2026-03-01T14:00Z) or a span (24h, 7d)"
            ) from None
    return when if when.tzinfo else when.replace(tzinfo=UTC)


def the_time(text: str | None) -> datetime:
    """Read the time that a command is to take for now; the clock's where none is given."""
    now = datetime.now(UTC)
    return instant(text, now) or now
