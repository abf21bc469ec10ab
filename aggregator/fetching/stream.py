"""A connection that gives up on a server which never comes to the head of its answer.

Any number of answers that announce another (1xx, RFC 9110 §15.2) may come before it; httpcore reads them all without a
pause, and a server that sends them without end would keep the event loop from all else until the deadline.
"""

import ssl
from collections.abc import Mapping
from typing import Any

import httpcore

_MOST = 160 * 1024  # bytes until a head is read; httpcore itself takes one of 100 KiB
_PIECE = 4 * 1024  # bytes at a time until then, for what comes at once is taken apart without a pause


class Stream(httpcore.AsyncNetworkStream):
    """Count what comes between a request and the end of its answer's head."""

    def __init__(self, stream: httpcore.AsyncNetworkStream) -> None:
        self._stream = stream
        self._before: int | None = 0  # bytes since the request; None: the head is read

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # httpcore's signature
        """Read what has come.

        Raises:
            RemoteProtocolError: too much has come and no head.
        """
        if self._before is None:
            return await self._stream.read(max_bytes, timeout)
        if self._before > _MOST:
            raise httpcore.RemoteProtocolError(f"over {_MOST // 1024} KiB came before its head was whole")
        data = await self._stream.read(min(max_bytes, _PIECE), timeout)
        self._before += len(data)
        return data

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:  # httpcore's signature
        """Send a request, or a part of one."""
        self._before = 0
        await self._stream.write(buffer, timeout)

    def head_is_read(self) -> None:
        """Let the body come as it will: its limits are the client's."""
        self._before = None

    async def aclose(self) -> None:
        """Close the connection."""
        await self._stream.aclose()

    async def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # httpcore's signature
    ) -> "Stream":
        """Go on encrypted."""
        return Stream(await self._stream.start_tls(ssl_context, server_hostname, timeout))

    def get_extra_info(self, info: str) -> Any:
        """Say something of the connection beneath."""
        return self._stream.get_extra_info(info)


def head_is_read(extensions: Mapping[str, Any]) -> None:
    """Tell the connection of an answer that its head is there."""
    if isinstance(stream := extensions.get("network_stream"), Stream):
        stream.head_is_read()
