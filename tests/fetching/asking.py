"""What the tests of the client share: limits, an allow-list for loopback, a name server of their own, one call."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from aggregator.fetching.backend import UnknownHost
from aggregator.fetching.client import Client
from aggregator.fetching.guard import AllowList
from aggregator.fetching.request import FetchRequest, Limits
from aggregator.model import Fetched, FetchFailed, FetchResult, NotModified

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)
LOOPBACK = AllowList.parse(["127.0.0.0/8", "::1"])
QUICK: dict[str, Any] = {
    "connect": timedelta(seconds=2),
    "read": timedelta(seconds=2),
    "total": timedelta(seconds=5),
    "gap": timedelta(milliseconds=1),
}


def limits(**changes: Any) -> Limits:
    """Give limits for tests: short."""
    return Limits(**(QUICK | changes))


class Names:
    """A name server: answers in turn, the last for ever, and remembers what it was asked."""

    def __init__(self, answers: dict[str, Sequence[Sequence[str]]]) -> None:
        self.answers = {name: [list(turn) for turn in turns] for name, turns in answers.items()}
        self.asked: list[str] = []

    async def __call__(self, host: str, port: int) -> Sequence[str]:
        self.asked.append(host)
        if host not in self.answers:
            raise UnknownHost(f"the name {host} does not resolve")
        turns = self.answers[host]
        return turns.pop(0) if len(turns) > 1 else turns[0]


async def ask(client: Client, url: str, **more: Any) -> FetchResult:
    """Fetch a URL at NOW."""
    return await client.fetch(FetchRequest(url=url, **({"now": NOW} | more)))


async def fetched(client: Client, url: str, **more: Any) -> Fetched:
    """Fetch a URL that answers with a document."""
    result = await ask(client, url, **more)
    assert isinstance(result, Fetched), result
    return result


async def not_modified(client: Client, url: str, **more: Any) -> NotModified:
    """Fetch a URL that answers 304."""
    result = await ask(client, url, **more)
    assert isinstance(result, NotModified), result
    return result


async def failed(client: Client, url: str, **more: Any) -> FetchFailed:
    """Fetch a URL that does not work out."""
    result = await ask(client, url, **more)
    assert isinstance(result, FetchFailed), result
    return result
