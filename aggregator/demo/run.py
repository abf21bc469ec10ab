"""The demo: two rounds of polls over the newsroom, two days apart, into a store of its own."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from aggregator.config import Instance
from aggregator.demo.newsroom import FIRST_ROUND, SECOND_ROUND, Newsroom

Poll = Callable[[Instance, datetime], Awaitable[object]]  # polls what is due at the time, clusters and publishes it


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """What one round of polls asked for."""

    now: datetime
    feeds: int
    changed: int  # answered with a document
    unchanged: int  # answered with a 304


def instance_in(folder: Path) -> Instance:
    """Name the demo's configuration and store in a folder."""
    return Instance(config=folder / "feeds.yaml", store=folder / "store")


async def demo(folder: Path, poll: Poll) -> AsyncIterator[Round]:
    """Poll the newsroom on the day of the assault and two days later, into `folder`; tell of each round.

    `poll` is the daemon's own; what it stored stays in the folder when the newsroom has closed.
    """
    instance = instance_in(folder)
    async with Newsroom(FIRST_ROUND) as room:
        instance.config.write_text(room.config(), encoding="utf-8")
        for now in (FIRST_ROUND, SECOND_ROUND):
            room.advance(now)
            before = len(room.answers)
            await poll(instance, now)
            given = [answer.status for answer in room.answers[before:]]
            yield Round(now=now, feeds=len(room.feeds), changed=given.count(200), unchanged=given.count(304))
