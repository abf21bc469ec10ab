"""docs/tour.md: a day and a half of the newsroom, then a person at the terminal. What is typed is run.

Events are found by rule, for clustering changes: a wrong event is one, of three reports or more, with a report that is
like none of the others; where there is none, the one with the report that is least like what it was compared with.
"""

import asyncio
import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from aggregator.config import Instance
from aggregator.database.engine import FILE_NAME, connect
from aggregator.database.events import Filter, listed
from aggregator.database.reasons import evidence_of
from aggregator.model import Event, Source
from tests.newsroom import Newsroom, replaying
from tests.pipeline.newsstand import working
from tests.terminal import on_a_terminal

COLUMNS = 110
START = "2021-09-18T18:00:00+00:00"
CYCLES = 7
EVERY = timedelta(hours=6)
LONGEST = 56  # lines of an answer that are shown; of a longer one its beginning and its end

OPENING = """\
# A tour

From "what happened today" to an event that is doubted, asked about, put right, and right for good. A test runs every
command below over a day and a half of fifteen real outlets' feeds; the answers are what the program prints on a
terminal of {columns} columns. `python tools/write_tour.py` writes this page. The clock stood at {now:%Y-%m-%d
%H:%M} UTC.
"""


@dataclass(frozen=True, slots=True)
class Room:
    """An instance whose clock stands where the newsroom's does."""

    folder: Path
    now: datetime

    def type(self, *words: str, timed: bool = False) -> str:
        """Run a command in a process and on a terminal of its own; gives what is typed and what is printed."""
        shown = " ".join(f'"{word}"' if " " in word else word for word in ("aggregator", *words))
        more = ("--now", self.now.isoformat()) if timed else ()
        lines = self._printed(*words, *more).rstrip().splitlines()
        if len(lines) > LONGEST:
            lines = [*lines[: LONGEST - 16], "...", *lines[-6:]]
        answer = "\n".join(line.rstrip() for line in lines)
        return f"```\n$ {shown}\n{answer}\n```\n"

    def _printed(self, *words: str) -> str:
        kept = {key: value for key, value in os.environ.items() if key not in {"LINES", "PAGER", "AGGREGATOR_STORE"}}
        env = {
            **kept, "AGGREGATOR_CONFIG": str(self.folder / "feeds.yaml"), "TERM": "xterm", "NO_COLOR": "1",
            "PAGER": "cat", "COLUMNS": str(COLUMNS),
        }  # fmt: skip
        drawn = on_a_terminal(*words, env=env, errors=subprocess.PIPE)
        assert drawn.code == 0, f"{words}: {drawn.err}"
        return drawn.out


def tour(shared: Path, folder: Path) -> str:
    """Give the page."""
    with replaying(shared, folder, "--dates", "original", "--start", START) as newsroom:
        now = asyncio.run(polled(newsroom, folder))
        return "\n".join(part.rstrip() + "\n" for part in told(newsroom, Room(folder, now)))


async def polled(newsroom: Newsroom, folder: Path) -> datetime:
    """Poll feed after feed, so that entries get the same numbers whoever answers first; gives the time it is then."""
    now = newsroom.now()
    async with working(Instance(config=folder / "feeds.yaml", store=folder / "store"), now) as pipeline:
        for _ in range(CYCLES):
            for feed in await pipeline.claim(now):
                await pipeline.poll([feed], now)
            await pipeline.settle(now)
            now = newsroom.now(EVERY)
    return now


def told(newsroom: Newsroom, room: Room) -> Iterator[str]:
    """Give the page part by part, each after what it tells has happened."""
    yield OPENING.format(columns=COLUMNS, now=room.now)
    yield "## What happened today\n\nThe events of a day, those first that most outlets report:"
    yield room.type("events", "list", "--limit", "8", timed=True)
    event, wrong = wrong_event(room.folder)
    entry, other = str(wrong.entry), next(one.entry for one in event.sources if one.entry != wrong.entry)
    yield "## One of them may be wrong"
    yield f"Of all reports entry {entry} is least like what it was compared with. Say that it is of something else:"
    yield room.type("events", "show", event.name)
    yield "Why are these together?"
    yield room.type("events", "why", event.name)
    yield (
        "They share what is rare elsewhere; a person sees that one is another happening.\n\n"
        "## Put right\n\nThat report gets an event of its own, and the reason is kept:"
    )
    yield room.type("events", "split", event.name, entry, "--reason", "another happening", timed=True)
    parted = event_of(room.folder, wrong.entry)
    yield "Asked why they are not together, the program now says who wanted it so:"
    yield room.type("events", "why-not", event.name, parted.name)
    yield (
        "## Right for good\n\nA correction binds every later decision. What would the last days be like if in doubt "
        "reports were put together?"
    )
    yield room.type("recluster", "--dry-run", "--set", "clustering.strictness=wide", timed=True)
    yield "The two are not among them, nor are they when all is clustered anew as it is configured:"
    yield room.type("recluster", timed=True)
    assert event_of(room.folder, wrong.entry).id != event_of(room.folder, other).id
    later = Room(room.folder, newsroom.now(timedelta(minutes=45)))
    yield "And after a restart: another process polls, and clusters what is new beside what is stored."
    yield later.type("poll", timed=True)
    assert event_of(room.folder, wrong.entry).id != event_of(room.folder, other).id
    yield later.type("events", "show", event.name)
    yield "## And back\n\nA correction can be taken back; what it moved goes back too, and clustering is free again."
    yield later.type("events", "corrections")
    yield later.type("undo", timed=True)
    assert event_of(room.folder, wrong.entry).id == event_of(room.folder, other).id
    yield later.type("events", "history", event.name)
    yield "More: [every command](cli.md), [how an event comes about](clustering.md), [running it](operating.md)."


def wrong_event(folder: Path) -> tuple[Event, Source]:
    """Find the event of three reports or more with the report that is least like what it was compared with."""
    with connect(folder / "store" / FILE_NAME).read() as connection:
        found = []
        for event in listed(connection, Filter(min_sources=2)):
            members = {source.entry: source for source in event.sources}
            reasons = evidence_of(connection, event.id) if 3 <= len(members) <= 6 else {}
            compared = {entry: decisions[-1].detail["compared"] for entry, decisions in reasons.items()}
            for entry, decisions in reasons.items():
                likeness = decisions[-1].detail["cosine"] if compared[entry] in members else None
                alone = likeness is None and entry not in compared.values()
                if decisions[-1].reason in {"joined", "repair"} and (alone or likeness is not None):
                    found.append((-1.0 if alone else likeness, entry, event))
    _, entry, event = min(found, key=lambda one: one[:2])
    return event, next(source for source in event.sources if source.entry == entry)


def event_of(folder: Path, entry: int) -> Event:
    """Give the event that an entry is in."""
    with connect(folder / "store" / FILE_NAME).read() as connection:
        events = listed(connection, Filter())
    return next(event for event in events if any(source.entry == entry for source in event.sources))
