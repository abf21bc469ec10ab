"""The address that is checked is the address that is connected to. Polling rules 2, 3 and 46."""

import socket
import ssl
from collections.abc import Sequence
from pathlib import Path

import pytest

from aggregator.fetching.backend import UnknownHost, resolve
from aggregator.fetching.client import Client
from aggregator.fetching.guard import AllowList
from aggregator.model import FailureKind, Fetched
from tests.fetching.asking import LOOPBACK, Names, ask, failed, fetched, limits
from tests.server import Reply, Server, reply, serving

TLS = Path(__file__).parent / "tls"


def only(server: Server) -> AllowList:
    """Allow the one server: what else is on loopback stays guarded."""
    return AllowList.parse([f"{server.host}:{server.port}"])


async def test_a_name_is_resolved_once_for_a_connection(server: Server) -> None:
    """A second look-up would get the internal address: what a rebinding name server gives after the check."""
    async with serving("127.0.0.9", port=server.port) as internal:
        names = Names({"feeds.example": [["127.0.0.1"], ["127.0.0.9"]]})
        server.on("/feed", reply(200, b"<public/>"))
        internal.on("/feed", reply(200, b"<secret/>"))
        async with Client(allow=only(server), resolver=names, limits=limits()) as client:
            result = await fetched(client, server.url("/feed", name="feeds.example"))
    assert result.body == b"<public/>"
    assert names.asked == ["feeds.example"]
    assert internal.connections == 0


async def test_an_answer_that_turns_internal_is_refused_at_the_next_connection(server: Server) -> None:
    async with serving("127.0.0.9", port=server.port) as internal:
        names = Names({"feeds.example": [["127.0.0.1"], ["127.0.0.9"]]})
        server.on("/feed", Reply(200, (("Connection", "close"),), b"<public/>", close=True))
        async with Client(allow=only(server), resolver=names, limits=limits()) as client:
            url = server.url("/feed", name="feeds.example")
            await fetched(client, url)
            result = await failed(client, url)
    assert result.kind is FailureKind.REFUSED
    assert "127.0.0.9: loopback" in result.reason
    assert internal.connections == 0


async def test_of_mixed_addresses_only_the_public_ones_are_connected_to(server: Server) -> None:
    async with serving("127.0.0.9", port=server.port) as internal:
        names = Names({"feeds.example": [["127.0.0.9", "10.0.0.1", "127.0.0.1"]]})
        server.on("/feed", reply(200, b"<public/>"))
        async with Client(allow=only(server), resolver=names, limits=limits()) as client:
            result = await fetched(client, server.url("/feed", name="feeds.example"))
    assert result.body == b"<public/>"
    assert internal.connections == 0


@pytest.mark.parametrize("host", ["127.1", "0x7f000001", "2130706433", "0177.0.0.1", "localhost", "localhost."])
async def test_other_spellings_of_loopback_are_refused(server: Server, host: str) -> None:
    async with Client(allow=AllowList(), limits=limits()) as client:
        result = await failed(client, server.url("/feed", name=host))
    assert result.kind in {FailureKind.REFUSED, FailureKind.DNS}  # some resolvers do not know all of them
    assert server.connections == 0


async def test_a_refusal_prints_the_line_that_allows_the_feed(server: Server) -> None:
    names = Names({"intranet.example": [["127.0.0.1"]]})
    server.on("/feed", reply(200, b"<rss/>"))
    url = server.url("/feed", name="intranet.example")
    async with Client(allow=AllowList(), resolver=names, limits=limits()) as client:
        reason = (await failed(client, url)).reason
    line = f"intranet.example:{server.port}"
    assert f'- "{line}"' in reason
    async with Client(allow=AllowList.parse([line]), resolver=names, limits=limits()) as client:
        await fetched(client, url)


async def test_every_address_is_tried(server: Server) -> None:
    names = Names({"feeds.example": [["127.0.0.8", "::1", "127.0.0.1"]]})
    server.on("/feed", reply(200, b"<rss/>"))
    async with Client(allow=LOOPBACK, resolver=names, limits=limits()) as client:
        await fetched(client, server.url("/feed", name="feeds.example"))


async def test_the_host_header_keeps_the_name(server: Server) -> None:
    names = Names({"feeds.example": [["127.0.0.1"]]})
    server.on("/feed", reply(200, b"<rss/>"))
    async with Client(allow=LOOPBACK, resolver=names, limits=limits()) as client:
        await fetched(client, server.url("/feed", name="feeds.example"))
    assert server.asked[0].headers["host"] == f"feeds.example:{server.port}"


async def test_an_international_name_is_asked_for_in_its_ascii_form(server: Server) -> None:
    names = Names({"xn--bcher-kva.example": [["127.0.0.1"]]})
    server.on("/feed", reply(200, b"<rss/>"))
    async with Client(allow=LOOPBACK, resolver=names, limits=limits()) as client:
        await fetched(client, server.url("/feed", name="bücher.example"))


async def test_a_host_of_ipv6_alone_works() -> None:
    async with serving("::1") as server:
        server.on("/feed", reply(200, b"<rss/>"))
        names = Names({"six.example": [["::1"]]})
        async with Client(allow=LOOPBACK, resolver=names, limits=limits()) as client:
            await fetched(client, server.url("/feed", name="six.example"))
            await fetched(client, f"http://[::1]:{server.port}/feed")


def server_context(seen: list[str | None] | None = None) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(TLS / "server.pem")
    if seen is not None:
        context.sni_callback = lambda _, name, __: seen.append(name)  # type: ignore[assignment]
    return context


async def test_tls_keeps_the_name_for_sni_and_certificate() -> None:
    seen: list[str | None] = []
    names = Names({"feeds.example": [["127.0.0.1"]], "other.example": [["127.0.0.1"]]})
    async with serving(tls=server_context(seen)) as server:
        server.on("/feed", reply(200, b"<rss/>"))
        async with Client(allow=LOOPBACK, resolver=names, limits=limits()) as client:
            ca_file = str(TLS / "authority.pem")
            await fetched(client, server.url("/feed", name="feeds.example"), ca_file=ca_file)
            wrong = await failed(client, server.url("/feed", name="other.example"), ca_file=ca_file)
    assert seen == ["feeds.example", "other.example"]
    assert wrong.kind is FailureKind.TLS
    assert "other.example" in wrong.reason


async def test_an_unknown_authority_is_an_error_that_names_the_key_and_never_falls_back_to_http() -> None:
    names = Names({"feeds.example": [["127.0.0.1"]]})
    async with serving(tls=server_context()) as server:
        server.on("/feed", reply(200, b"<rss/>"))
        async with Client(allow=LOOPBACK, resolver=names, limits=limits()) as client:
            result = await failed(client, server.url("/feed", name="feeds.example"))
            again = await fetched(client, server.url("/feed", name="feeds.example"), ca_file=str(TLS / "authority.pem"))
    assert result.kind is FailureKind.TLS
    assert "ca_file" in result.reason
    assert len(server.asked) == 1
    assert again.hops == ()


async def test_a_downgrade_with_credentials_is_an_error(server: Server) -> None:
    names = Names({"feeds.example": [["127.0.0.1"]]})
    server.on("/plain", reply(200, b"<rss/>"))
    async with serving(tls=server_context()) as secure:
        secure.on("/feed", reply(301, Location=server.url("/plain", name="feeds.example")))
        async with Client(allow=LOOPBACK, resolver=names, limits=limits()) as client:
            ca_file = str(TLS / "authority.pem")
            url = secure.url("/feed", name="feeds.example")
            result = await failed(client, url.replace("//", "//me:word@"), ca_file=ca_file)
            without = await fetched(client, url, ca_file=ca_file)
    assert result.kind is FailureKind.REDIRECT
    assert "credentials to plain http" in result.reason
    assert "word" not in repr(result)
    assert without.body == b"<rss/>"


async def test_a_name_that_does_not_resolve_is_told_apart(server: Server) -> None:
    async def nobody(host: str, port: int) -> Sequence[str]:
        raise UnknownHost(f"the name {host} does not resolve")

    async with Client(allow=LOOPBACK, resolver=nobody, limits=limits()) as client:
        assert (await failed(client, "http://feeds.example/")).kind is FailureKind.DNS
        assert (await failed(client, f"http://{'a' * 70}.example/")).kind is FailureKind.DNS


@pytest.mark.parametrize("host", ["no-such-host.invalid", "a" * 70 + ".invalid", "."])
async def test_the_system_resolver_words_its_failure(host: str) -> None:
    with pytest.raises(UnknownHost, match="does not resolve"):
        await resolve(host, 80)


async def test_the_system_resolver_knows_this_machine() -> None:
    assert set(await resolve("localhost", 80)) <= {"127.0.0.1", "::1"}


async def test_an_address_that_never_answers_holds_up_the_next_one_only_briefly(server: Server) -> None:
    """A listener with a full queue drops what knocks, as broken IPv6 does; the other is reached within the limit."""
    with socket.socket() as full:
        full.bind(("127.0.0.8", server.port))
        full.listen(0)
        knocking = [socket.socket() for _ in range(3)]
        for knock in knocking:
            knock.setblocking(False)  # the socket's own signature
            knock.connect_ex(("127.0.0.8", server.port))
        names = Names({"feeds.example": [["127.0.0.8", "127.0.0.1"]]})
        server.on("/feed", reply(200, b"<rss/>"))
        async with Client(allow=LOOPBACK, resolver=names, limits=limits()) as client:
            result = await ask(client, server.url("/feed", name="feeds.example"))
        for knock in knocking:
            knock.close()
    assert isinstance(result, Fetched)
