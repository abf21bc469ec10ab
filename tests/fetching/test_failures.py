"""What goes wrong on the network, in words that name who it went wrong with and what to try."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import certifi
import pytest

from aggregator.fetching.client import Client
from aggregator.model import FailureKind
from tests.fetching.asking import LOOPBACK, Names, failed, fetched, limits
from tests.fetching.test_rebinding import TLS, server_context
from tests.server import reply, serving


@asynccontextmanager
async def answering(answer: bytes) -> AsyncIterator[int]:
    """Run a server that says the same to whatever it is asked; gives its port."""

    async def say(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(4096)
        writer.write(answer)
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(say, "127.0.0.1", 0) as server:
        yield server.sockets[0].getsockname()[1]


PLAIN = b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"


async def test_a_server_without_tls_is_told_as_one(client: Client) -> None:
    async with answering(PLAIN) as port:
        result = await failed(client, f"https://127.0.0.1:{port}/feed")
    assert (result.kind, result.reason) == (FailureKind.TLS, "the server does not speak TLS there; is it http?")


@pytest.mark.parametrize(
    ("url", "who"),
    [
        ("http://feeds.example/", "the feed's proxy"),
        ("https://feeds.example/", "the feed's proxy, or the server behind it,"),
    ],
)
async def test_a_proxy_without_tls_is_named(client: Client, url: str, who: str) -> None:
    async with answering(PLAIN) as port:
        result = await failed(client, url, proxy=f"https://127.0.0.1:{port}")
    assert (result.kind, result.reason) == (FailureKind.TLS, f"{who} does not speak TLS there; is it http?")


async def test_a_server_that_closes_within_tls_is_told_in_words(client: Client) -> None:
    async with answering(b"") as port:
        result = await failed(client, f"https://127.0.0.1:{port}/feed")
    told = "no connection: it was closed before TLS was agreed on"
    assert (result.kind, result.reason) == (FailureKind.CONNECT, told)


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (b"\x00\x01garbage\r\n\r\n", "what came is no answer of HTTP; is it another service, or https?"),
        (b"SSH-2.0-OpenSSH_9.2\r\n\r\n", "what came is no answer of HTTP; is it another service, or https?"),
        (b"\x15\x03\x01\x00\x02\x02F", "what came is no answer of HTTP; is it another service, or https?"),
        (b"HTTP/1.1 200 OK\r\nA: " + b"x" * 150_000 + b"\r\n\r\n", "its headers are too long"),
        (b"HTTP/1.1 200 OK\r\nno header\r\n\r\n", "not an answer of HTTP: illegal header line"),
    ],
)
async def test_what_is_no_http_is_told_without_its_bytes(client: Client, answer: bytes, told: str) -> None:
    async with answering(answer) as port:
        result = await failed(client, f"http://127.0.0.1:{port}/feed")
    assert (result.kind, result.reason) == (FailureKind.PROTOCOL, told)


async def test_a_ca_file_of_another_authority_is_told_from_one_that_is_missing() -> None:
    names = Names({"feeds.example": [["127.0.0.1"]]})
    async with (
        serving(tls=server_context()) as server,
        Client(allow=LOOPBACK, resolver=names, limits=limits()) as client,
    ):
        url = server.url("/feed", name="feeds.example")
        without = await failed(client, url)
        other = await failed(client, url, ca_file=certifi.where())
    assert without.reason.endswith("; for a private authority set the feed's ca_file")
    assert other.reason.endswith("; it is not signed by what the feed's ca_file holds")


async def test_a_ca_file_vouches_for_the_proxy_as_well() -> None:
    names = Names({"feeds.example": [["127.0.0.1"]]})
    async with (
        serving(tls=server_context()) as proxy,
        Client(allow=LOOPBACK, resolver=names, limits=limits()) as client,
    ):
        proxy.on("http://other.example/feed", reply(200, b"<rss/>"))
        through = proxy.url("", name="feeds.example")
        refused = await failed(client, "http://other.example/feed", proxy=through)
        result = await fetched(client, "http://other.example/feed", proxy=through, ca_file=str(TLS / "authority.pem"))
    assert refused.reason.startswith("TLS: the certificate of the feed's proxy is not valid")
    assert result.body == b"<rss/>"


async def test_a_proxy_whose_name_does_not_resolve_is_named_first() -> None:
    async with Client(allow=LOOPBACK, resolver=Names({}), limits=limits()) as client:
        result = await failed(client, "http://feeds.example/", proxy="http://proxy.example:3128")
    assert (result.kind, result.reason) == (
        FailureKind.DNS,
        "the feed's proxy: the name proxy.example does not resolve",
    )
