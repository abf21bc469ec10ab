"""Where `now` comes from: the system, or what a replay or test says."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

from aggregator.errors import InputError
from aggregator.fetching.remote_clock import parsed_time, read_time


class Clock(Protocol):
    """Tells the time, aware and UTC."""

    async def now(self) -> datetime:
        """Give the present moment."""
        ...


@dataclass(frozen=True, slots=True)
class SystemClock:
    """The machine's time."""

    async def now(self) -> datetime:
        """Give the machine's time."""
        return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class FixedClock:
    """A time that stands still."""

    at: datetime

    @classmethod
    def parse(cls, text: str) -> "FixedClock":
        """Read an ISO 8601 time.

        Raises:
            InputError: it is none.
        """
        try:
            return cls(parsed_time(text))
        except ValueError as error:
            raise InputError(f"{text!r} is not a time; write it as 2026-01-31T12:00:00Z") from error

    async def now(self) -> datetime:
        """Give the same moment again."""
        return self.at


@dataclass(frozen=True, slots=True)
class UrlClock:
    """The time that a URL answers with."""

    url: str

    async def now(self) -> datetime:
        """Ask the URL.

        Raises:
            InputError: it does not answer with a time.
        """
        return await read_time(self.url)
