"""Connections to addresses that were checked: the address judged is the address connected to.

A name is resolved here, once for each connection, so that a second answer of a hostile name server (DNS rebinding) has
nothing to change. TLS and the Host header keep the name; httpcore sees to that above this layer.
"""

import asyncio
import socket
import threading
from collections.abc import Awaitable, Callable, Iterable, Sequence
from ipaddress import ip_address
from itertools import chain, zip_longest

import httpcore

from aggregator.errors import RefusedAddress
from aggregator.fetching.guard import AllowList, refusal
from aggregator.fetching.stream import Stream

Resolver = Callable[[str, int], Awaitable[Sequence[str]]]
SocketOption = tuple[int, int, int] | tuple[int, int, bytes | bytearray] | tuple[int, int, None, int]

_HEAD_START = 0.25  # seconds before the next address is tried beside it (RFC 8305 §5, "Happy Eyeballs")
_MOST_ADDRESSES = 8


class UnknownHost(Exception):  # a value of this package's own, caught by the client
    """The name does not resolve."""


async def resolve(host: str, port: int) -> Sequence[str]:
    """Ask the system for the addresses of a name, in its order of preference.

    In a thread of its own for each name: getaddrinfo cannot be cancelled, the pool of the event loop has few threads,
    and a pool's threads hold up the end of the program.

    Raises:
        UnknownHost: there are none, or the name server does not answer.
    """
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[Sequence[str]] = loop.create_future()

    def settle(addresses: Sequence[str] | None, error: Exception | None) -> None:
        if answer.done():
            return
        if error is not None:
            answer.set_exception(error)
        else:
            answer.set_result(addresses or ())

    def ask() -> None:
        addresses, error = _getaddrinfo(host, port)
        try:
            loop.call_soon_threadsafe(settle, addresses, error)
        except RuntimeError:
            return  # the loop has ended meanwhile; nobody waits

    threading.Thread(target=ask, name=f"resolve {host}", daemon=True).start()
    return await answer


def _getaddrinfo(host: str, port: int) -> tuple[Sequence[str] | None, Exception | None]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not a host name"
        return None, UnknownHost(f"the name {host} does not resolve: {reason}")
    return list(dict.fromkeys(str(address[0]) for *_, address in found)), None


class GuardedBackend(httpcore.AsyncNetworkBackend):
    """Resolve, check, connect."""

    def __init__(self, allow: AllowList, resolver: Resolver = resolve) -> None:
        self._allow = allow
        self._resolver = resolver
        self._sockets = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # httpcore's signature
        local_address: str | None = None,
        socket_options: Iterable[SocketOption] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Connect to the first address of the host that answers, of those that may be reached.

        Raises:
            RefusedAddress: the guard lets none of them through; nothing was sent.
            UnknownHost: there are none.
        """
        try:
            async with asyncio.timeout(timeout):
                addresses = await self._checked(host, port)
                connections = [self._connection(address, port, local_address) for address in addresses]
                return Stream(await _first(connections))
        except TimeoutError as error:
            raise httpcore.ConnectTimeout(f"no connection to {host} within {timeout:g} s") from error

    async def _checked(self, host: str, port: int) -> list[str]:
        found = [host] if _is_address(host) else _interleaved(await self._resolver(host, port))
        if not found:
            raise UnknownHost(f"the name {host} has no address")
        refusals = {address: refusal(address, self._allow, host=host, port=port) for address in found}
        allowed = [address for address, why in refusals.items() if why is None]
        if not allowed:
            raise RefusedAddress(next(why for why in refusals.values() if why))
        return allowed[:_MOST_ADDRESSES]

    def _connection(
        self, address: str, port: int, local_address: str | None
    ) -> Callable[[], Awaitable[httpcore.AsyncNetworkStream]]:
        return lambda: self._sockets.connect_tcp(address, port, local_address=local_address)

    async def connect_unix_socket(
        self,
        path: str,
        timeout: float | None = None,  # httpcore's signature
        socket_options: Iterable[SocketOption] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Refuse: no feed is at a path."""
        raise RefusedAddress("sockets of this machine are not feeds")

    async def sleep(self, seconds: float) -> None:
        """Wait; httpcore asks for it between retries."""
        await asyncio.sleep(seconds)


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def _interleaved(addresses: Sequence[str]) -> list[str]:
    """Mix the two families, the resolver's first choice first: a host with broken IPv6 is reached all the same."""
    first: list[str] = []
    other: list[str] = []
    for address in addresses:
        (first if (":" in address) == (":" in addresses[0]) else other).append(address)
    return [address for address in chain.from_iterable(zip_longest(first, other)) if address]


async def _first(
    attempts: Sequence[Callable[[], Awaitable[httpcore.AsyncNetworkStream]]],
) -> httpcore.AsyncNetworkStream:
    """Run the attempts, each a head start after the one before; give the first stream and drop the rest."""
    waiting = list(attempts)
    running: set[asyncio.Task[httpcore.AsyncNetworkStream]] = set()
    failure: BaseException | None = None
    try:
        while waiting or running:
            if waiting:
                running.add(asyncio.ensure_future(waiting.pop(0)()))
            done, running = await asyncio.wait(
                running, timeout=_HEAD_START if waiting else None, return_when=asyncio.FIRST_COMPLETED
            )
            for task in done:
                if task.exception() is None:
                    running |= done - {task}
                    return task.result()
                failure = failure or task.exception()
        raise failure or httpcore.ConnectError("no address")
    finally:
        await _dropped(running)


async def _dropped(tasks: Iterable[asyncio.Task[httpcore.AsyncNetworkStream]]) -> None:
    """Cancel attempts that came second and close what they had connected."""
    for task in tasks:
        task.cancel()
    for outcome in await asyncio.gather(*tasks, return_exceptions=True):
        if isinstance(outcome, httpcore.AsyncNetworkStream):
            await outcome.aclose()
