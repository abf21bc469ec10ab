"""When a request may go: one at a time per host, a pause between two, so many in all.

Those who wait stand in a queue of their host. A host is ready when nothing is asked of it and its pause is over;
ready hosts are served in turn. Feeds that are new or fail share a part of the slots, so that hosts which hang do
not delay the feeds that are fine. Pauses between two requests are monotonic; those a server asked for are in `now`.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from ipaddress import ip_address
from urllib.parse import urlsplit


class Priority(StrEnum):
    """Which part of the slots a feed may take."""

    STEADY = "steady"
    NEW_OR_FAILING = "new or failing"


def host_of(url: str) -> str:
    """Name the host that a request burdens: its name; for loopback with the port, where each may be another server."""
    parts = urlsplit(url)
    host = (parts.hostname or "").rstrip(".")
    try:
        loopback = ip_address(host).is_loopback
    except ValueError:
        loopback = host == "localhost"
    return f"{host}:{parts.port or (443 if parts.scheme == 'https' else 80)}" if loopback else host


@dataclass(slots=True)
class _Host:
    queues: dict[Priority, deque[asyncio.Future[None]]] = field(
        default_factory=lambda: {priority: deque() for priority in Priority}
    )
    busy: bool = False  # asked right now, or its pause is not over


class Politeness:
    """The slots and queues of one client; used from one event loop."""

    def __init__(self, *, requests: int, lesser: int, gap: timedelta) -> None:
        self._most = {Priority.STEADY: requests, Priority.NEW_OR_FAILING: lesser}
        self._running = dict.fromkeys(Priority, 0)
        self._gap = gap.total_seconds()
        self._hosts: dict[str, _Host] = {}
        self._ready: dict[Priority, deque[str]] = {priority: deque() for priority in Priority}
        self._pauses: dict[str, datetime] = {}

    @asynccontextmanager
    async def slot(self, host: str, priority: Priority) -> AsyncIterator[None]:
        """Hold the right to ask that host; wait for it in turn."""
        turn = asyncio.get_running_loop().create_future()
        place = self._hosts.setdefault(host, _Host())
        place.queues[priority].append(turn)
        self._ready[priority].append(host)
        self._serve()
        try:
            await turn
            yield
        finally:
            if turn.done() and not turn.cancelled():
                self._running[priority] -= 1
                asyncio.get_running_loop().call_later(self._gap, self._release, host)
            self._serve()

    def _release(self, host: str) -> None:
        place = self._hosts[host]
        place.busy = False
        for priority, queue in place.queues.items():
            if queue:
                self._ready[priority].append(host)
        if not any(place.queues.values()):
            del self._hosts[host]
        self._serve()

    def _serve(self) -> None:
        """Give free slots to hosts that are ready; steady feeds first."""
        for priority in Priority:
            ready = self._ready[priority]
            while ready and self._free(priority):
                self._start(ready.popleft(), priority)

    def _free(self, priority: Priority) -> bool:
        in_all = sum(self._running.values())
        return in_all < self._most[Priority.STEADY] and self._running[priority] < self._most[priority]

    def _start(self, host: str, priority: Priority) -> None:
        """Wake the first that waits for this host; a host that was ready may have become busy since."""
        place = self._hosts.get(host)
        if place is None or place.busy:
            return
        queue = place.queues[priority]
        while queue:
            turn = queue.popleft()
            if not turn.done():
                turn.set_result(None)
                place.busy = True
                self._running[priority] += 1
                return
        if not any(place.queues.values()):
            del self._hosts[host]  # all that waited for it were cancelled

    def pause(self, host: str, until: datetime) -> None:
        """Ask nothing of a host before that time, for it said so."""
        self._pauses[host] = max(until, self._pauses.get(host, until))

    def clock_set(self, by: timedelta) -> None:
        """Keep the pauses that servers asked for where the clock was set by so much: they are as long as before."""
        self._pauses = {host: until + by for host, until in self._pauses.items()}

    def paused(self, host: str, now: datetime) -> timedelta | None:
        """Say how long a host is still to be left alone; None: it may be asked."""
        until = self._pauses.get(host)
        if until is None:
            return None
        if until <= now:
            del self._pauses[host]
            return None
        return until - now
