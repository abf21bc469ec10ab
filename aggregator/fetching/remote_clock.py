"""Ask a URL for the time: a replay's clock, of the operator's own choice and so past the guard."""

from datetime import UTC, datetime

import httpx

from aggregator.errors import InputError
from aggregator.fetching.shown import shown

_SECONDS = 5.0


async def read_time(url: str) -> datetime:
    """Read the ISO 8601 time that the URL answers with; a naive one is UTC.

    Raises:
        InputError: it does not answer with a time.
    """
    try:
        async with httpx.AsyncClient(trust_env=False, verify=url.startswith("https:"), timeout=_SECONDS) as client:
            answer = await client.get(url)
            return parsed_time(answer.raise_for_status().text)
    except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
        raise InputError(f"the clock {shown(url)} does not tell the time: {error}") from error


def parsed_time(text: str) -> datetime:
    """Read an ISO 8601 time; a naive one is UTC.

    Raises:
        ValueError: it is none.
    """
    when = datetime.fromisoformat(text.strip()[:64])
    return when.replace(tzinfo=UTC) if when.tzinfo is None else when.astimezone(UTC)
