"""Answer for feeds in memory before anything else looks at the request: nearly all requests are for these."""

import hmac
from collections.abc import Callable, Collection
from urllib.parse import urlencode

from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from aggregator.web.documents import Document, respond


class Quick:
    """Give what is held of /feeds/ to who may plainly have it; whatever is less plain goes the ordinary way.

    Plain is a GET or HEAD under a known host, from no other site's script, with no parameter but the token.
    """

    def __init__(
        self,
        app: ASGIApp,
        held: Callable[[str], Document | None],
        *,
        hosts: Collection[str],
        prefix: str,
        token: str | None,
        cache_control: str,
    ) -> None:
        self._app = app
        self._held = held
        self._hosts = frozenset(hosts)
        self._folders = tuple({f"{prefix}/feeds/", "/feeds/"})
        self._query = b"" if token is None else urlencode({"token": token}).encode()
        self._cache_control = cache_control

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: D102  # ASGI
        response = self._response(scope) if scope["type"] == "http" else None
        await (self._app if response is None else response)(scope, receive, send)

    def _response(self, scope: Scope) -> Response | None:
        if scope["method"] not in ("GET", "HEAD") or not hmac.compare_digest(scope["query_string"], self._query):
            return None
        path: str = scope["path"]
        folder = next((folder for folder in self._folders if path.startswith(folder)), None)
        if folder is None:
            return None
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        host, _, port = headers.get("host", "").partition(":")
        if host not in self._hosts or "origin" in headers or not (port == "" or port.isdecimal()):
            return None
        document = self._held(path[len(folder) :])
        return None if document is None else respond(document, headers, cache_control=self._cache_control)
