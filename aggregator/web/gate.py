"""Who may ask: hosts, tokens and the prefix of a proxy, before anything is answered."""

import base64
import binascii
import hmac
from collections.abc import Collection
from urllib.parse import parse_qsl, urlencode, urlsplit

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
_SECURITY = (
    (b"content-security-policy", _POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-frame-options", b"DENY"),
    (b"cross-origin-opener-policy", b"same-origin"),
)
_OPEN = ("/healthz", "/readyz")  # for supervisors, which have no token


class Prefix:
    """Take the prefix of public_url off the path, where the proxy has left it on."""

    def __init__(self, app: ASGIApp, prefix: str) -> None:
        self._app = app
        self._prefix = prefix.rstrip("/")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: D102  # ASGI
        path = scope.get("path", "")
        if self._prefix and (path == self._prefix or path.startswith(self._prefix + "/")):
            scope = {**scope, "path": path[len(self._prefix) :] or "/"}
        await self._app(scope, receive, send)


class Origin:
    """Refuse what a script on another site asks for (RFC 6454 §7): nothing here is meant for any."""

    def __init__(self, app: ASGIApp, hosts: Collection[str]) -> None:
        self._app = app
        self._hosts = frozenset(hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: D102  # ASGI
        origin = Headers(scope=scope).get("origin") if scope["type"] == "http" else None
        if origin is None or "*" in self._hosts or _host(origin) in self._hosts:
            await self._app(scope, receive, send)
        else:
            refusal = PlainTextResponse("This server answers to no script of another site.\n", status_code=403)
            await refusal(scope, receive, send)


def _host(origin: str) -> str | None:
    try:
        host = urlsplit(origin).hostname
    except ValueError:
        return None
    return f"[{host}]" if host and ":" in host else host


class Token:
    """Let in who knows the token: as Bearer, as the password of Basic, or as `?token=` for readers without a login.

    The token is taken out of the query before anything else sees it, so that it reaches no page, cache or log.
    """

    def __init__(self, app: ASGIApp, token: str | None) -> None:
        self._app = app
        self._token = token

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: D102  # ASGI
        if self._token is None or scope["type"] != "http" or scope["path"] in _OPEN:
            await self._app(scope, receive, send)
            return
        parameters = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
        offered = [value for name, value in parameters if name == "token"]
        offered += _credentials(Headers(scope=scope).get("authorization", ""))
        if not any(hmac.compare_digest(one.encode(), self._token.encode()) for one in offered):
            refusal = PlainTextResponse(
                "This server asks for its token: as a password, or as ?token= in a feed's address.\n",
                status_code=401,
                headers={"www-authenticate": 'Basic realm="events", charset="UTF-8"', "cache-control": "no-store"},
            )
            await refusal(scope, receive, send)
            return
        rest = [(name, value) for name, value in parameters if name != "token"]
        await self._app({**scope, "query_string": urlencode(rest).encode()}, receive, send)


def _credentials(authorization: str) -> list[str]:
    scheme, _, given = authorization.partition(" ")
    if scheme.lower() == "bearer":
        return [given.strip()]
    if scheme.lower() != "basic":
        return []
    try:
        decoded = base64.b64decode(given.strip(), validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return []
    return [decoded.partition(":")[2]]


class SecurityHeaders:
    """Say to browsers on every answer: nothing from elsewhere, no framing, no guessing of types."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: D102  # ASGI
        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*message["headers"], *_SECURITY]}
            await send(message)

        await self._app(scope, receive, send_guarded)
