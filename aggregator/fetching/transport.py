"""What httpx sends through: httpcore's pool over the guarded backend.

httpx's own transport takes no network backend (0.28), so this one stands in for it. Errors of httpcore pass unmapped:
the client words them.
"""

import ssl
from collections.abc import AsyncIterable, AsyncIterator
from typing import cast

import httpcore
import httpx

from aggregator.fetching.backend import GuardedBackend
from aggregator.fetching.stream import head_is_read

_KEEP_ALIVE_SECONDS = 5.0
_KEPT_ALIVE = 4  # the pool looks at all of its connections for each request; polls of one host are minutes apart


class GuardedTransport(httpx.AsyncBaseTransport):
    """Send requests of httpx over connections to checked addresses, through a proxy where one is given."""

    def __init__(
        self, backend: GuardedBackend, context: ssl.SSLContext, *, requests: int, proxy: httpx.URL | None = None
    ) -> None:
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=context,
            proxy=_proxy(proxy, context) if proxy else None,
            max_connections=requests,
            max_keepalive_connections=_KEPT_ALIVE,
            keepalive_expiry=_KEEP_ALIVE_SECONDS,
            network_backend=backend,
        )

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send one request; the body of the response is still to be read."""
        answer = await self._pool.handle_async_request(
            httpcore.Request(
                method=request.method,
                url=_url(request.url),
                headers=request.headers.raw,
                content=cast(AsyncIterable[bytes], request.stream),
                extensions=request.extensions,
            )
        )
        head_is_read(answer.extensions)
        return httpx.Response(
            status_code=answer.status,
            headers=answer.headers,
            stream=_Body(cast(AsyncIterable[bytes], answer.stream)),
            extensions=answer.extensions,
        )

    async def aclose(self) -> None:
        """Close all connections."""
        await self._pool.aclose()


class _Body(httpx.AsyncByteStream):
    def __init__(self, stream: AsyncIterable[bytes]) -> None:
        self._stream = stream

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for piece in self._stream:
            yield piece

    async def aclose(self) -> None:
        if hasattr(self._stream, "aclose"):
            await self._stream.aclose()


def _url(url: httpx.URL) -> httpcore.URL:
    return httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path)


def _proxy(url: httpx.URL, context: ssl.SSLContext) -> httpcore.Proxy:
    auth = (url.username.encode(), url.password.encode()) if url.userinfo else None
    trust = context if url.scheme == "https" else None  # httpcore refuses one for a proxy of http
    return httpcore.Proxy(url=_url(url.copy_with(username=None, password=None)), auth=auth, ssl_context=trust)
