"""`--now` and `--clock`: the time that commands which decide by it take for now."""

from typing import TYPE_CHECKING, Annotated

import typer

from aggregator.errors import InputError

if TYPE_CHECKING:
    from aggregator.scheduling.clock import Clock

NowOption = Annotated[
    str | None, typer.Option("--now", help="Take this time for now, for replays.", metavar="ISO", show_default=False)
]
ClockOption = Annotated[
    str | None, typer.Option("--clock", help="Ask this URL for the time, for replays.", metavar="URL")
]


def clock_of(now: str | None, url: str | None) -> "Clock":
    """Give the clock that the options name; the machine's where they name none.

    Raises:
        InputError: both are given, or the time is none.
    """
    from aggregator.scheduling.clock import FixedClock, SystemClock, UrlClock

    if now is not None and url is not None:
        raise InputError("--now and --clock exclude each other; give one")
    if now is not None:
        return FixedClock.parse(now)
    return UrlClock(url) if url is not None else SystemClock()
