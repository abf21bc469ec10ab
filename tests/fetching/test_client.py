"""What is sent, and how answers are read. Polling rules 12, 21, 31, 32."""

import asyncio
import gzip
import logging
from datetime import timedelta
from pathlib import Path

import pytest

from aggregator import __version__
from aggregator.fetching.client import Client
from aggregator.fetching.guard import AllowList
from aggregator.fetching.request import FetchRequest
from aggregator.model import FailureKind
from tests.fetching.asking import LOOPBACK, failed, fetched, limits
from tests.fetching.test_rebinding import TLS, server_context
from tests.server import Reply, Server, reply, serving


async def test_a_request_says_who_asks_and_for_what_and_nothing_else(server: Server, client: Client) -> None:
    await fetched(client, server.on("/feed?a=b&c", reply(200, b"<rss/>")))
    (asked,) = server.asked
    assert asked.method == "GET"
    assert asked.target == "/feed?a=b&c"
    assert asked.headers["user-agent"].startswith(f"aggregator/{__version__} (+http")
    assert "application/atom+xml" in asked.headers["accept"]
    assert asked.headers.keys() <= {"host", "user-agent", "accept", "accept-encoding", "connection"}


async def test_a_fragment_is_not_sent(server: Server, client: Client) -> None:
    await fetched(client, server.on("/feed", reply(200, b"<rss/>")) + "#top")
    assert server.asked[0].target == "/feed"


async def test_a_feeds_own_user_agent_headers_and_authorization_are_sent(server: Server, client: Client) -> None:
    url = server.on("/feed", reply(200, b"<rss/>"))
    await fetched(
        client, url, user_agent="Mine/1", authorization="Bearer t0p", headers=(("X-Key", "k1"), ("Accept", "*/*"))
    )
    sent = server.asked[0].headers
    assert (sent["user-agent"], sent["authorization"], sent["x-key"], sent["accept"]) == (
        "Mine/1",
        "Bearer t0p",
        "k1",
        "*/*",
    )


async def test_a_feeds_own_proxy_is_asked_in_place_of_the_server(server: Server, client: Client) -> None:
    target = "http://feeds.example/feed"
    server.on(target, reply(200, b"<rss/>"))
    async with Client(allow=LOOPBACK, limits=limits()) as fresh:
        result = await fetched(fresh, target, proxy=f"http://me:word@127.0.0.1:{server.port}")
    assert result.url == target
    assert server.asked[0].target == target
    assert server.asked[0].headers["proxy-authorization"].startswith("Basic ")


async def test_a_proxy_carries_tls_without_reading_it() -> None:
    asked: list[bytes] = []

    async def tunnel(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append(await reader.readuntil(b"\r\n\r\n"))
        there, back = await asyncio.open_connection("127.0.0.1", secure.port)
        writer.write(b"HTTP/1.1 200 Connected\r\n\r\n")
        await asyncio.gather(pumped(reader, back), pumped(there, writer))

    async with serving(tls=server_context()) as secure:
        secure.on("/feed", Reply(200, (("Connection", "close"),), b"<rss/>", close=True))
        proxy = await asyncio.start_server(tunnel, "127.0.0.5", 0)
        port = proxy.sockets[0].getsockname()[1]
        async with Client(allow=AllowList(), limits=limits()) as client:
            url = f"https://feeds.example:{secure.port}/feed"
            result = await fetched(client, url, proxy=f"http://127.0.0.5:{port}", ca_file=str(TLS / "authority.pem"))
        proxy.close()
        await asyncio.sleep(0.05)
    assert result.body == b"<rss/>"
    assert asked[0].startswith(f"CONNECT feeds.example:{secure.port} ".encode())
    assert b"/feed" not in asked[0]


async def pumped(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Carry bytes from the one to the other until there are no more."""
    while data := await reader.read(65536):
        writer.write(data)
        await writer.drain()
    writer.close()


async def test_through_a_proxy_internal_addresses_are_refused_all_the_same(server: Server, client: Client) -> None:
    result = await failed(client, "http://10.0.0.1/feed", proxy=f"http://127.0.0.1:{server.port}")
    assert result.kind is FailureKind.REFUSED
    assert server.connections == 0


async def test_secrets_show_up_nowhere(server: Server, client: Client, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    server.on("/ok?token=t0p", reply(200, b"<rss/>"))
    server.on("/gone?token=t0p", reply(410))
    server.on("/on?token=t0p", reply(302, Location=f"http://me:w0rd@10.0.0.1:{server.port}/?token=t0p"))
    told = [
        repr(FetchRequest(url="http://me:w0rd@h.example/?token=t0p", authorization="t0p", headers=(("k", "w0rd"),)))
    ]
    for page in ("/ok", "/gone", "/on"):
        url = f"http://me:w0rd@127.0.0.1:{server.port}{page}?token=t0p"
        result = await client.fetch(FetchRequest(url=url))
        told += [getattr(result, "reason", ""), result.url.partition("?")[0], str(result.hops)]
    for url in ("http://me:w0rd@10.0.0.1/?token=t0p", "ftp://me:w0rd@h.example/?token=t0p", "http://me:w0rd@[/"):
        result = await client.fetch(FetchRequest(url=url))
        told += [getattr(result, "reason", ""), result.url.partition("?")[0]]
    told.append(caplog.text)
    assert "w0rd" not in "\n".join(told)
    assert "t0p" not in "\n".join(told)


@pytest.mark.parametrize(
    ("status", "kind", "words"),
    [
        (204, FailureKind.STATUS, "204 No Content"),
        (400, FailureKind.STATUS, "400 Bad Request"),
        (401, FailureKind.BLOCKED, "auth"),
        (402, FailureKind.BLOCKED, "for subscribers; set the feed's auth"),
        (403, FailureKind.BLOCKED, "user_agent"),
        (404, FailureKind.STATUS, "404 Not Found"),
        (406, FailureKind.BLOCKED, "try the feed's headers (Accept)"),
        (407, FailureKind.BLOCKED, "write them into the feed's proxy"),
        (410, FailureKind.GONE, "gone for good"),
        (429, FailureKind.THROTTLED, "429 Too Many Requests"),
        (451, FailureKind.BLOCKED, "proxy, elsewhere"),
        (500, FailureKind.STATUS, "500 Internal Server Error"),
        (503, FailureKind.STATUS, "503 Service Unavailable"),
        (520, FailureKind.STATUS, "status 520"),
    ],
)
async def test_a_status_is_told_in_words(
    server: Server, client: Client, status: int, kind: FailureKind, words: str
) -> None:
    result = await failed(client, server.on("/feed", reply(status, b"<rss/>", ETag='"1"')))
    assert (result.kind, result.status) == (kind, status)
    assert words in result.reason


@pytest.mark.parametrize(
    ("challenge", "words"),
    [
        ("Basic realm=x", "it asks for a password; set the feed's auth"),
        ("Bearer", "it asks for a token; set the feed's auth (token_env"),
        ("Digest realm=x, nonce=y", "that we do not speak (digest)"),
        ("", "it asks for a password; set the feed's auth"),
    ],
)
async def test_a_401_says_what_the_server_wants(server: Server, client: Client, challenge: str, words: str) -> None:
    fields = {"WWW_Authenticate": challenge} if challenge else {}
    assert words in (await failed(client, server.on("/feed", reply(401, **fields)))).reason


async def test_a_password_that_is_not_accepted_is_told_from_one_that_is_missing(server: Server, client: Client) -> None:
    url = server.on("/feed", reply(401, WWW_Authenticate="Basic"))
    reason = (await failed(client, url, authorization="Basic w0rd")).reason
    assert "does not accept" in reason
    assert "look at the feed's auth" in reason
    async with serving("127.0.0.2") as other:
        other.on("/feed", reply(401))
        reason = (await failed(client, server.on("/on", reply(301, Location=other.url())), authorization="w0rd")).reason
    assert "write the URL that it redirects to into the configuration" in reason


async def test_a_proxy_is_told_from_the_server_behind_it(server: Server, client: Client) -> None:
    dead = await failed(client, "http://feeds.example/", proxy="http://me:w0rd@127.0.0.1:1")
    assert (dead.kind, dead.reason) == (FailureKind.CONNECT, "no connection to the feed's proxy: Connection refused")
    for status, kind, words in (
        (b"407 Auth", FailureKind.BLOCKED, "asks for a name and password"),
        (b"403 No", FailureKind.CONNECT, "the feed's proxy does not let us through: 403 No"),
    ):
        server.on("feeds.example:443", Reply(raw=b"HTTP/1.1 %b\r\nContent-Length: 0\r\n\r\n" % status))
        proxy = f"http://me:w0rd@127.0.0.1:{server.port}"
        result = await failed(client, "https://feeds.example/", proxy=proxy)
        assert (result.kind, "w0rd" in result.reason) == (kind, False)
        assert words in result.reason


async def test_a_challenge_page_is_known_under_its_content_coding(server: Server, client: Client) -> None:
    page = gzip.compress(b"<title>Just a moment...</title>")
    url = server.on("/feed", reply(403, page, Server="cloudflare", Content_Encoding="gzip"))
    assert "challenge" in (await failed(client, url)).reason


@pytest.mark.parametrize("agent", ["aggregator", "Mozilla"])
async def test_no_other_user_agent_is_tried_on_a_403(server: Server, client: Client, agent: str) -> None:
    await failed(client, server.on("/feed", reply(403)))
    assert [asked.headers["user-agent"].partition("/")[0] for asked in server.asked] == ["aggregator"]


@pytest.mark.parametrize(
    "answer",
    [
        reply(403, b"", Cf_Mitigated="challenge"),
        reply(503, b"<title>Just a moment...</title>", Server="cloudflare"),
        reply(403, b"<script src=/cdn-cgi/challenge-platform/h/b>", Server="cloudflare"),
        reply(429, b"", Cf_Mitigated="challenge"),
    ],
)
async def test_a_challenge_is_reported_as_blocked(server: Server, client: Client, answer: Reply) -> None:
    result = await failed(client, server.on("/feed", answer))
    assert result.kind is FailureKind.BLOCKED
    assert "challenge" in result.reason


async def test_retry_after_counts_from_the_servers_own_date(server: Server, client: Client) -> None:
    wrong = {"Date": "Thu, 01 Jan 2015 00:00:00 GMT", "Retry_After": "Thu, 01 Jan 2015 00:10:00 GMT"}
    result = await failed(client, server.on("/feed", reply(503, **wrong)))
    assert (result.kind, result.retry_after) == (FailureKind.THROTTLED, timedelta(minutes=10))


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ("90", "90 s"),
        ("86400", "24 h"),
        ("90000", "over a day; we wait a day"),
        ("259200", "3 days; we wait a day"),
        ("Thu, 01 Jan 2099 00:00:00 GMT", "over a year; we wait a day"),
        ("1" + "0" * 23, "over a year; we wait a day"),
    ],
)
async def test_the_pause_that_a_server_asked_for_is_told(server: Server, client: Client, asked: str, told: str) -> None:
    result = await failed(client, server.on("/feed", reply(503, Retry_After=asked)))
    assert result.reason == f"503 Service Unavailable; it asked for a pause of {told}"


async def test_a_document_comes_with_what_was_said_about_it(server: Server, client: Client) -> None:
    url = server.on("/feed", reply(200, b"<rss/>", Content_Type="text/plain", Cache_Control="max-age=3600", Age="600"))
    result = await fetched(client, url)
    assert result.content_type == "text/plain"
    assert result.freshness.lifetime == timedelta(minutes=50)
    assert result.wire_bytes == 6
    assert ("content-type", "text/plain") in result.headers
    assert result.elapsed > timedelta()


async def test_an_empty_body_is_a_document_for_the_parser_to_judge(server: Server, client: Client) -> None:
    assert (await fetched(client, server.on("/feed", reply(200)))).body == b""


async def test_several_clients_may_follow_one_another(server: Server) -> None:
    url = server.on("/feed", reply(200, b"<rss/>"))
    for _ in range(2):
        async with Client(allow=LOOPBACK, limits=limits()) as client:
            await fetched(client, url)


async def test_a_connection_that_the_server_closed_meanwhile_is_made_anew(server: Server, client: Client) -> None:
    async with serving("127.0.0.3") as first:
        url = first.on("/feed", Reply(200, (), b"<rss/>"))
        await fetched(client, url)
        port = first.port
    async with serving("127.0.0.3", port=port) as again:
        again.on("/feed", reply(200, b"<rss/>"))
        await fetched(client, url)


@pytest.mark.parametrize("proxy", ["socks5://127.0.0.1:9050", "127.0.0.1:3128", "http://"])
async def test_a_proxy_of_another_kind_is_an_error(client: Client, proxy: str) -> None:
    result = await failed(client, "http://feeds.example/", proxy=proxy)
    assert (result.kind, result.reason) == (FailureKind.REFUSED, "the feed's proxy is not an http or https URL")


async def test_a_ca_file_that_cannot_be_read_is_named(client: Client, tmp_path: Path) -> None:
    empty = tmp_path / "authority.pem"
    for path in (str(empty), str(tmp_path)):
        result = await failed(client, "https://feeds.example/", ca_file=path)
        assert result.kind is FailureKind.TLS
        assert f"ca_file {path} cannot be used" in result.reason
        empty.write_text("no certificate")


@pytest.mark.parametrize("secret", ["t0p\n", "t0p\r\nX-Evil: 1", " t0p\x00", "\nt0p"])
async def test_a_header_that_would_break_http_is_not_sent_and_not_quoted(
    server: Server, client: Client, secret: str
) -> None:
    url = server.on("/feed", reply(200, b"<rss/>"))
    for more in ({"authorization": f"Bearer {secret}"}, {"headers": (("X-Key", secret),)}, {"user_agent": secret}):
        result = await failed(client, url, **more)
        assert "t0p" not in result.reason
        assert "check the feed's headers" in result.reason
    assert server.asked == []
