"""Serve an application inside a running event loop; whose life it is part of owns the signals."""

import asyncio
import errno
import socket
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from starlette.types import ASGIApp

from aggregator.errors import ConfigError

_GRACE = 2  # seconds for answers under way; the daemon ends within 5


class WebServer:
    """Listens from `start` to `stop`."""

    def __init__(self, app: ASGIApp, host: str, port: int) -> None:
        config = uvicorn.Config(
            app,
            log_config=None,
            access_log=False,
            lifespan="off",
            ws="none",
            server_header=False,
            timeout_graceful_shutdown=_GRACE,
        )
        self._server = _Quiet(config)
        self._host, self._port = host, port
        self._task: asyncio.Task[None] | None = None

    @property
    def port(self) -> int:
        """Give the port that it listens at; a real one also where 0 was asked for."""
        return self._port

    @property
    def url(self) -> str:
        """Give the address that it listens at; the real port also where 0 was asked for."""
        host = f"[{self._host}]" if ":" in self._host else self._host
        return f"http://{host}:{self._port}"

    async def start(self) -> None:
        """Bind the port and begin to answer.

        Raises:
            ConfigError: when the port or address cannot be had; names the key.
        """
        listener = _bind(self._host, self._port)
        self._port = listener.getsockname()[1]
        self._task = asyncio.create_task(self._server.serve(sockets=[listener]), name="web")
        while not self._server.started and not self._task.done():
            await asyncio.sleep(0.01)
        if self._task.done():
            self._task.result()

    async def stop(self) -> None:
        """Finish the answers under way and close the port."""
        if self._task is None:
            return
        self._server.should_exit = True
        await self._task
        self._task = None


class _Quiet(uvicorn.Server):
    """A server that leaves the signals alone: uvicorn's own handlers would end the process before its work is safe."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture none."""
        yield


def _bind(host: str, port: int) -> socket.socket:
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listener = socket.socket(family, kind, protocol)
    except OSError as error:
        raise ConfigError(f"server.host: {host!r} is no address of this machine: {error}") from error
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(128)
    except OSError as error:
        listener.close()
        raise ConfigError(_reason(host, port, error)) from error
    listener.setblocking(False)
    return listener


def _reason(host: str, port: int, error: OSError) -> str:
    match error.errno:
        case errno.EADDRINUSE:
            return f"server.port: {port} is taken by another program; set server.port to a free one, or to 0 for any"
        case errno.EACCES:
            return f"server.port: {port} needs more rights than this program has; set server.port to 1024 or above"
        case errno.EADDRNOTAVAIL:
            return f"server.host: {host!r} is no address of this machine; 127.0.0.1 is this machine alone"
        case _:
            return f"server.port: cannot listen at {host}:{port}: {error.strerror or error}"
