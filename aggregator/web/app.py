"""The web application: who may ask, and which part answers."""

from dataclasses import dataclass
from typing import Protocol

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from aggregator.web.documents import Document, respond

_FEED_CACHE = "max-age=300"  # a poll sooner finds nothing new that matters

_SECURITY = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-frame-options", b"DENY"),
    (b"cross-origin-opener-policy", b"same-origin"),
)


class Reader(Protocol):
    """What the web application needs to know. Called in threads; answers come from caches or short reads."""

    def document(self, name: str) -> Document | None:
        """Give a published file (`events.atom`); None where there is none."""

    def not_ready(self) -> str | None:
        """Say why feeds cannot be served yet or any more; None when all is well."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WebSettings:
    """How the application is reached."""

    hosts: tuple[str, ...] = ("127.0.0.1", "localhost", "[::1]")  # names it answers to; "*" for all
    prefix: str = ""  # path of public_url, as /events, that a proxy may or may not strip


def create_app(reader: Reader, settings: WebSettings) -> Starlette:
    """Build the application over what `reader` tells."""
    feeds = _Feeds(reader)
    return Starlette(
        routes=[
            Route("/feeds/{name}.{suffix}", feeds.answer),
            Route("/healthz", _alive),
            Route("/readyz", _Readiness(reader).answer),
        ],
        middleware=[
            Middleware(TrustedHostMiddleware, allowed_hosts=list(settings.hosts), www_redirect=False),
            Middleware(_Prefix, prefix=settings.prefix),
            Middleware(_SecurityHeaders),
        ],
    )


class _Feeds:
    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    async def answer(self, request: Request) -> Response:
        name = f"{request.path_params['name']}.{request.path_params['suffix']}"
        document = await run_in_threadpool(self._reader.document, name)
        if document is None:
            return PlainTextResponse(f"There is no feed {name}.\n", status_code=404)
        return respond(document, request.headers, cache_control=_FEED_CACHE)


async def _alive(request: Request) -> Response:
    return PlainTextResponse("ok\n", headers={"cache-control": "no-store"})


class _Readiness:
    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    async def answer(self, request: Request) -> Response:
        reason = await run_in_threadpool(self._reader.not_ready)
        return PlainTextResponse(
            f"{reason or 'ok'}\n", status_code=503 if reason else 200, headers={"cache-control": "no-store"}
        )


class _Prefix:
    """Take the prefix of public_url off the path, where the proxy has left it on."""

    def __init__(self, app: ASGIApp, prefix: str) -> None:
        self._app = app
        self._prefix = prefix.rstrip("/")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope.get("path", "")
        if self._prefix and (path == self._prefix or path.startswith(self._prefix + "/")):
            scope = {**scope, "path": path[len(self._prefix) :] or "/"}
        await self._app(scope, receive, send)


class _SecurityHeaders:
    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*message["headers"], *_SECURITY]}
            await send(message)

        await self._app(scope, receive, send_guarded)
