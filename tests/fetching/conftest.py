"""A client that may reach loopback, and a server there."""

from collections.abc import AsyncIterator

import pytest

from aggregator.fetching.client import Client
from tests.fetching.asking import LOOPBACK, limits
from tests.server import Server, serving


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    async with serving() as running:
        yield running


@pytest.fixture
async def client() -> AsyncIterator[Client]:
    async with Client(allow=LOOPBACK, limits=limits()) as running:
        yield running
