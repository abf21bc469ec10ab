"""A server for feeds to be polled from."""

from collections.abc import AsyncIterator

import pytest

from tests.server import Server, serving


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    async with serving() as running:
        yield running


@pytest.fixture
async def other() -> AsyncIterator[Server]:
    async with serving("127.0.0.2") as running:
        yield running
