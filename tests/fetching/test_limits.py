"""Servers that are slow, endless, broken. Polling rules 5 and 6."""

import asyncio
import gzip
import tracemalloc
from datetime import timedelta

import brotli
import httpx
import pytest

from aggregator.fetching.client import Client
from aggregator.model import FailureKind
from tests.fetching.asking import LOOPBACK, ask, failed, fetched, limits
from tests.server import Reply, Server, reply

SOON = timedelta(milliseconds=150)


def packed(size: int) -> bytes:
    packer = brotli.Compressor(quality=1, lgwin=24)
    block = b" " * (1 << 20)
    return b"".join(packer.process(block) for _ in range(size >> 20)) + packer.finish()


async def test_a_brotli_bomb_is_refused_in_little_memory(server: Server, client: Client) -> None:
    url = server.on("/feed", reply(200, packed(256 << 20), Content_Encoding="br"))
    tracemalloc.start()
    result = await failed(client, url)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert result.kind is FailureKind.TOO_LARGE
    assert peak < 40 << 20


@pytest.mark.parametrize("length", [None, -1])
async def test_a_body_over_the_limit_of_the_wire_is_not_read_to_its_end(server: Server, length: int | None) -> None:
    url = server.on("/feed", Reply(200, (), b"x" * (2 << 20), length))
    async with Client(allow=LOOPBACK, limits=limits(wire_bytes=1 << 20)) as client:
        result = await failed(client, url)
    assert result.kind is FailureKind.TOO_LARGE
    assert "over 1 MiB" in result.reason


async def test_a_body_of_the_limit_is_read(server: Server) -> None:
    url = server.on("/feed", reply(200, gzip.compress(b"x" * 5000), Content_Encoding="gzip"))
    async with Client(allow=LOOPBACK, limits=limits(body_bytes=5000)) as client:
        result = await fetched(client, url)
    assert len(result.body) == 5000
    assert result.wire_bytes < 100


async def test_a_body_in_chunks_of_one_byte_ends_at_its_limit(server: Server) -> None:
    body = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b"1\r\nx\r\n" * 3000 + b"0\r\n\r\n"
    url = server.on("/feed", Reply(raw=body))
    async with Client(allow=LOOPBACK, limits=limits(pieces=2000)) as client:
        assert (await failed(client, url)).kind is FailureKind.TOO_LARGE


async def test_a_byte_now_and_then_trips_the_deadline_of_the_whole(server: Server) -> None:
    url = server.on("/feed", Reply(200, (), b"x" * 1000, drip=0.02))
    async with Client(allow=LOOPBACK, limits=limits(read=timedelta(seconds=5), total=SOON)) as client:
        result = await failed(client, url)
    assert result.kind is FailureKind.TIMEOUT
    assert "not finished within 0.15 s" in result.reason


async def test_headers_that_drip_trip_it_too(server: Server) -> None:
    async def endless(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                writer.write(b"HTTP/1.1 103 Early Hints\r\nLink: <x>\r\n\r\n")
                await writer.drain()
                await asyncio.sleep(0.02)
        except OSError:
            writer.close()

    listener = await asyncio.start_server(endless, "127.0.0.1", 0)
    port = listener.sockets[0].getsockname()[1]
    async with Client(allow=LOOPBACK, limits=limits(read=timedelta(seconds=5), total=SOON)) as client:
        assert (await failed(client, f"http://127.0.0.1:{port}/")).kind is FailureKind.TIMEOUT
    listener.close()
    await asyncio.sleep(0.05)


async def test_a_server_that_announces_an_answer_for_ever_is_left(server: Server, client: Client) -> None:
    sent = b"HTTP/1.1 100 Continue\r\n\r\n" * 40_000 + b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
    result = await failed(client, server.on("/feed", Reply(raw=sent)))
    assert result.kind is FailureKind.PROTOCOL
    assert "came before its head was whole" in result.reason


async def test_what_announces_an_answer_is_passed_over_on_every_request_of_a_connection(
    server: Server, client: Client
) -> None:
    early = b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\n" * 20
    body = b"x" * 300_000
    for _ in range(2):
        head = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body)
        assert (await fetched(client, server.on("/feed", Reply(raw=early + head + body)))).body == body
    long = Reply(200, (("X-Long", "x" * 60_000),), body)
    assert (await fetched(client, server.on("/long", long))).body == body
    assert (await fetched(client, server.on("/long", long))).body == body


async def test_the_deadline_counts_all_redirects_together(server: Server) -> None:
    for step in range(4):
        server.on(f"/{step}", Reply(302, (("Location", f"/{step + 1}"),), delay=0.06))
    async with Client(allow=LOOPBACK, limits=limits(read=timedelta(seconds=5), total=SOON)) as client:
        result = await failed(client, server.url("/0"))
    assert result.kind is FailureKind.TIMEOUT
    assert 1 <= len(result.hops) <= 2


async def test_a_server_that_says_nothing_is_left_after_the_read_timeout(server: Server) -> None:
    url = server.on("/feed", Reply(200, delay=30))
    async with Client(allow=LOOPBACK, limits=limits(read=SOON)) as client:
        result = await failed(client, url)
    assert result.kind is FailureKind.TIMEOUT
    assert "silent" in result.reason


async def test_the_slot_of_a_hanging_server_is_free_again(server: Server) -> None:
    hang = server.on("/hang", Reply(200, delay=30))
    good = server.on("/feed", reply(200, b"<rss/>"))
    async with Client(allow=LOOPBACK, limits=limits(read=SOON, requests=1, lesser=1)) as client:
        results = await asyncio.gather(ask(client, hang), fetched(client, good))
    assert results[1].body == b"<rss/>"


async def test_connections_that_were_lost_are_begun_anew(server: Server) -> None:
    url = server.on("/feed", reply(200, b"<rss/>"))
    async with Client(allow=LOOPBACK, limits=limits(connect=SOON, total=2 * SOON, requests=1, lesser=1)) as client:
        await client._line(None, None).handle_async_request(httpx.Request("GET", url))  # and never closed
        answer = await failed(client, url)
        assert "lost" in answer.reason
        assert (await fetched(client, url)).body == b"<rss/>"
        await asyncio.sleep(3 * SOON.total_seconds())
        assert client._retired == []


async def test_half_a_body_is_an_error(server: Server, client: Client) -> None:
    url = server.on("/feed", Reply(200, (("ETag", '"1"'),), b"<rss>", length=500, close=True))
    assert (await failed(client, url)).kind is FailureKind.TRUNCATED


async def test_half_a_chunked_body_is_an_error(server: Server, client: Client) -> None:
    url = server.on("/feed", Reply(raw=b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n<rss>\r\n"))
    assert (await failed(client, url)).kind is FailureKind.TRUNCATED


async def test_half_a_compressed_body_is_an_error(server: Server, client: Client) -> None:
    url = server.on("/feed", Reply(200, (("Content-Encoding", "gzip"),), gzip.compress(b"<rss/>" * 99)[:-9], None))
    assert (await failed(client, url)).kind is FailureKind.TRUNCATED


@pytest.mark.parametrize("coding", ["gzip", "br", "zstd", "deflate", "sdch"])
async def test_a_body_that_is_not_coded_as_said_is_an_error(server: Server, client: Client, coding: str) -> None:
    url = server.on("/feed", reply(200, b"<rss>not packed</rss>", Content_Encoding=coding))
    assert (await failed(client, url)).kind in {FailureKind.ENCODING, FailureKind.TRUNCATED}


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\x00\xff" * 50,
        b"SSH-2.0-OpenSSH_9.2\r\n",
        b"HTTP/1.1 abc OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nabcdef",
        b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: " + "²".encode() + b"\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX: " + b"y" * 200_000 + b"\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 50_000 + b"\r\n",
        b'HTTP/1.1 200 OK\r\nETag: "\x00"\r\n\r\n',
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nZZZ\r\n",
        b"HTTP/1.1 301 Moved\r\nLocation: http://[\r\n\r\n",
        b"HTTP/1.1 301 Moved\r\nLocation: \xff\xfe://\r\n\r\n",
    ],
)
async def test_noise_is_a_value_and_not_an_exception(server: Server, client: Client, raw: bytes) -> None:
    await failed(client, server.on("/feed", Reply(raw=raw)))


@pytest.mark.parametrize(
    "url",
    [
        "",
        "x",
        "http://",
        "ftp://x/",
        "http://[::1",
        "http://a:99999999/",
        "http://\x00/",
        "feed:",
        "http://℀.example/",
        "//x",
        "http://a b/",
    ],
)
async def test_any_url_is_a_value_and_not_an_exception(client: Client, url: str) -> None:
    assert (await failed(client, url)).kind in {FailureKind.REFUSED, FailureKind.DNS, FailureKind.PROTOCOL}


async def test_feed_is_a_way_of_writing_http(server: Server, client: Client) -> None:
    url = server.on("/feed", reply(200, b"<rss/>"))
    assert (await fetched(client, url.replace("http:", "feed:"))).url == url
    assert (await fetched(client, f"feed:{url}")).url == url


async def test_a_refused_connection_is_worded(client: Client) -> None:
    result = await failed(client, "http://127.0.0.1:1/")
    assert (result.kind, result.reason) == (FailureKind.CONNECT, "no connection: Connection refused")
