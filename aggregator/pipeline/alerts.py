"""Tell at once of the events that somebody waits for: once for each, again and again until word has arrived.

What is due is stored in the thread of the store, with the publications; sending is asynchronous. An attempt is stored
before it is made. Where nobody can know whether word arrived (an answer that did not come, a crash in between) it is
not sent again: twice is worse than a line in the log.
"""

import asyncio
import contextlib
import logging
import os
import signal
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Protocol, TypeVar

from aggregator.config import AlertConfig, Config
from aggregator.database import alerts as rows
from aggregator.database import events as event_rows
from aggregator.database.alerts import Met
from aggregator.database.engine import Database
from aggregator.errors import ConfigError, InputError
from aggregator.fetching.guard import AllowList
from aggregator.fetching.post import Fate, Posted, post
from aggregator.model import Event, EventId
from aggregator.publishing.channel import Place
from aggregator.publishing.message import message
from aggregator.publishing.publication import OutputFeed
from aggregator.publishing.release import fits, is_recent
from aggregator.text.query import parse

log = logging.getLogger(__name__)

T = TypeVar("T")


class InStore(Protocol):
    """Runs work that touches the store, in its thread."""

    async def __call__(self, work: Callable[[], T], /) -> T:
        """Give what the work gives."""


FIRST_WAIT = timedelta(minutes=1)  # between two attempts; doubled after each
LONGEST_WAIT = timedelta(hours=1)
GIVEN_UP = timedelta(hours=24)
BEGINNING = timedelta(hours=48)  # of events that a new alert does not tell of
SECONDS = 30.0  # that a program may take


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """Which events, and where word of them goes: to a URL or to a program."""

    wanted: OutputFeed  # its filter
    url: str | None = field(default=None, repr=False)
    command: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """Give the name."""
        return self.wanted.name


def alerts_of(config: Config, environment: Mapping[str, str]) -> tuple[Alert, ...]:
    """Give the alerts that a configuration asks for.

    Raises:
        ConfigError: a search cannot be read, or a webhook's URL is not where it is said to be.
    """
    return tuple(_alert(wanted, environment) for wanted in config.alerts)


def _alert(wanted: AlertConfig, environment: Mapping[str, str]) -> Alert:
    try:
        filtered = OutputFeed(
            name=wanted.label,
            title=wanted.label,
            min_sources=wanted.min_sources,
            min_independent=wanted.min_independent,
            languages=frozenset(code.partition("-")[0].lower() for code in wanted.language),
            tags=frozenset(wanted.tags),
            search=parse(wanted.search) if wanted.search is not None else None,
            exclude=parse(wanted.exclude) if wanted.exclude is not None else None,
        )
        return Alert(wanted=filtered, url=wanted.url(environment), command=wanted.exec or ())
    except (InputError, ValueError) as error:
        raise ConfigError(f"alerts: {wanted.label}: {error}") from error


@dataclass(slots=True, kw_only=True)
class Alarm:
    """The alerts of a store at work."""

    database: Database
    place: Place
    allow: AllowList
    alerts: tuple[Alert, ...] = ()

    # --- in the store's thread

    def begin(self, alerts: Sequence[Alert], now: datetime) -> None:
        """Look at what was decided while nobody looked; a new alert tells of what comes, not of what was."""
        with self.database.write() as connection:
            for met in rows.left_behind(connection):
                log.warning("alert %s: the program ended while it was sent; it is not sent again", met.alert)
                rows.save(connection, met, Fate.UNKNOWN.value)
            begun = rows.known(connection)
            lately = event_rows.by_ids(connection, event_rows.ids_updated_since(connection, now - BEGINNING))
            for alert in alerts:
                rows.note(connection, alert.name, met_by(alert, lately, now), now, send=alert.name in begun)
            rows.begin(connection, [alert.name for alert in alerts])

    def notice(self, changed: Collection[EventId], now: datetime) -> None:
        """Store which of the changed events have come to meet an alert."""
        if not self.alerts or not changed:
            return
        with self.database.read() as connection:
            events = event_rows.by_ids(connection, changed)
        found = {alert.name: met_by(alert, events, now) for alert in self.alerts}
        if any(found.values()):
            with self.database.write() as connection:
                for name, ids in found.items():
                    rows.note(connection, name, ids, now)

    def _take(self, now: datetime) -> list[tuple[Met, Alert, bytes]]:
        """Take what is due; that it is about to be sent is stored first."""
        by_name = {alert.name: alert for alert in self.alerts}
        with self.database.read() as connection:
            due = [met for met in rows.due(connection, now) if met.alert in by_name]
            events = {event.id: event for event in event_rows.by_ids(connection, {met.event for met in due})}
        due = [replace(met, attempts=met.attempts + 1) for met in due if met.event in events]
        if due:
            with self.database.write() as connection:
                for met in due:
                    rows.save(connection, met, rows.BEGUN)
        return [(met, by_name[met.alert], message(met.alert, events[met.event], self.place)) for met in due]

    def _store(self, told: Sequence[tuple[Met, Posted]], now: datetime) -> None:
        with self.database.write() as connection:
            for met, posted in told:
                again = next_attempt(met, posted, now)
                outcome = posted.fate.value if posted.fate is not Fate.REFUSED else ("waiting" if again else "failed")
                rows.save(connection, met, outcome, again)

    # --- beside it

    async def deliver(self, now: datetime, in_store: InStore) -> int:
        """Send what is due; gives how much was tried."""
        if not self.alerts:
            return 0
        due = await in_store(lambda: self._take(now))
        if due:
            posted = await asyncio.gather(*(self._send(alert, met, body, now) for met, alert, body in due))
            told = [(met, one) for (met, _, _), one in zip(due, posted, strict=True)]
            await in_store(lambda: self._store(told, now))
            for met, one in told:
                tell(met, one, next_attempt(met, one, now))
        return len(due)

    async def _send(self, alert: Alert, met: Met, body: bytes, now: datetime) -> Posted:
        if alert.url is None:
            return await run(alert.command, body)
        headers = {"idempotency-key": f'"{self.place.installation.name}-{met.event}-{alert.name.encode().hex()}"'}
        return await post(alert.url, body, headers, now=now, allow=self.allow)


def met_by(alert: Alert, events: Sequence[Event], now: datetime) -> list[EventId]:
    """Give those of some events that an alert waits for."""
    return [event.id for event in events if fits(alert.wanted, event) and is_recent(event, now)]


def next_attempt(met: Met, posted: Posted, now: datetime) -> datetime | None:
    """Say when to try again; None: never."""
    if posted.fate is not Fate.REFUSED or now - met.at >= GIVEN_UP:
        return None
    wait = min(FIRST_WAIT * (1 << min(met.attempts - 1, 10)), LONGEST_WAIT)
    return now + max(wait, min(posted.retry_after or wait, GIVEN_UP))


def tell(met: Met, posted: Posted, again: datetime | None) -> None:
    """Log what became of an alert."""
    fields = {"event": "alert", "alert": met.alert, "outcome": posted.fate.value, "attempt": met.attempts}
    if posted.fate is Fate.DELIVERED:
        log.info("alert %s: sent", met.alert, extra={"fields": fields})
        return
    what = "tried again" if again else "not sent again"
    log.warning("alert %s: %s; %s", met.alert, posted.reason, what, extra={"fields": fields})


async def run(command: Sequence[str], body: bytes) -> Posted:
    """Run a program, without a shell, with the message on its standard input; it has half a minute."""
    quiet = asyncio.subprocess.DEVNULL
    try:
        process = await asyncio.create_subprocess_exec(
            *command, stdin=asyncio.subprocess.PIPE, stdout=quiet, stderr=quiet, start_new_session=True
        )
    except OSError as error:
        return Posted(fate=Fate.REFUSED, reason=f"{command[0]} cannot be run: {error.strerror}")
    try:
        async with asyncio.timeout(SECONDS):
            await process.communicate(body)
    except TimeoutError:
        return Posted(fate=Fate.UNKNOWN, reason=f"{command[0]} was ended after {SECONDS:g} s")
    finally:
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            await process.wait()
    if process.returncode:
        return Posted(fate=Fate.REFUSED, reason=f"{command[0]} ended with {process.returncode}")
    return Posted(fate=Fate.DELIVERED)
