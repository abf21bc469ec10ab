"""Send one message to a webhook: guarded as feeds are, without redirects."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from http import HTTPStatus

import httpx

from aggregator.fetching.backend import GuardedBackend, Resolver, resolve
from aggregator.fetching.failures import EXPECTED, Way, explained
from aggregator.fetching.guard import AllowList, url_refusal
from aggregator.fetching.headers import retry_after
from aggregator.fetching.request import USER_AGENT
from aggregator.fetching.shown import parted
from aggregator.fetching.transport import GuardedTransport
from aggregator.fetching.trust import public_trust
from aggregator.model import FailureKind

_SECONDS = 15.0
_UNSENT = {FailureKind.REFUSED, FailureKind.DNS, FailureKind.TLS}  # of these nothing was sent


class Fate(StrEnum):
    """What became of a message."""

    DELIVERED = "delivered"
    REFUSED = "refused"  # it was not accepted, or never left: may be sent again
    UNKNOWN = "unknown"  # sent, but nothing was answered: sent again it might arrive twice


@dataclass(frozen=True, slots=True, kw_only=True)
class Posted:
    """The answer to a message; `reason` is for a person, without secrets."""

    fate: Fate
    reason: str = ""
    retry_after: timedelta | None = None


async def post(
    url: str,
    body: bytes,
    headers: Mapping[str, str],
    *,
    now: datetime,
    allow: AllowList,
    resolver: Resolver = resolve,
) -> Posted:
    """POST a JSON body. Nothing that a server does raises."""
    try:
        bare, authorization = parted(url)
        refused = url_refusal(bare, allow)
        request = httpx.Request("POST", bare, content=body, headers=_fields(headers, authorization))
    except (httpx.InvalidURL, ValueError):
        return Posted(fate=Fate.REFUSED, reason="its URL cannot be read")
    if refused is not None:
        return Posted(fate=Fate.REFUSED, reason=refused)
    connected = asyncio.Event()
    request.extensions = {"timeout": dict.fromkeys(("connect", "read", "write"), _SECONDS), "trace": _watch(connected)}
    line = GuardedTransport(GuardedBackend(allow, resolver), public_trust(), requests=1)
    try:
        async with asyncio.timeout(_SECONDS):
            answer = await line.handle_async_request(request)
            await answer.aclose()
    except EXPECTED as error:
        kind, reason = explained(error, Way(url=bare, feed=False), reading=False)
        sure = kind in _UNSENT or not connected.is_set()
        return Posted(fate=Fate.REFUSED if sure else Fate.UNKNOWN, reason=reason)
    finally:
        await line.aclose()
    return _judged(answer, now)


def _fields(headers: Mapping[str, str], authorization: str | None) -> dict[str, str]:
    ours = {"user-agent": USER_AGENT, "content-type": "application/json", "accept": "*/*", **headers}
    return ours | ({"authorization": authorization} if authorization else {})


def _watch(connected: asyncio.Event) -> Callable[[str, object], Awaitable[None]]:
    """Notice that the request begins to be sent (httpcore's trace extension)."""

    async def trace(name: str, values: object) -> None:
        if name.endswith("send_request_headers.started"):
            connected.set()

    return trace


def _judged(answer: httpx.Response, now: datetime) -> Posted:
    status = answer.status_code
    if HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
        return Posted(fate=Fate.DELIVERED)
    fields = tuple((name.lower(), text) for name, text in answer.headers.items())
    return Posted(fate=Fate.REFUSED, reason=f"it answered {status}", retry_after=retry_after(fields, now))
