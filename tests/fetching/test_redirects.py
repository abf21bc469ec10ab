"""Redirects. Polling rules 1, 4, 25 to 27."""

import pytest

from aggregator.fetching.client import Client
from aggregator.fetching.guard import AllowList
from aggregator.fetching.shown import basic
from aggregator.model import FailureKind, Hop
from tests.fetching.asking import LOOPBACK, Names, failed, fetched, limits
from tests.server import Reply, Server, reply, serving


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_every_kind_of_redirect_is_followed_and_told(server: Server, client: Client, status: int) -> None:
    target = server.on("/b", reply(200, b"<rss/>"))
    url = server.on("/a", reply(status, Location="/b"))
    result = await fetched(client, url)
    assert result.url == target
    assert result.hops == (Hop(status=status, target=target),)


async def test_five_hops_are_followed_and_a_sixth_is_an_error(server: Server, client: Client) -> None:
    for step in range(6):
        server.on(f"/{step}", reply(302, Location=f"/{step + 1}"))
    server.on("/6", reply(200, b"<rss/>"))
    assert len((await fetched(client, server.url("/1"))).hops) == 5
    result = await failed(client, server.url("/0"))
    assert result.kind is FailureKind.REDIRECT
    assert "over 5 redirects" in result.reason


async def test_a_loop_is_an_error_at_once(server: Server, client: Client) -> None:
    server.on("/a", reply(302, Location="/b"))
    server.on("/b", reply(302, Location="/a"))
    result = await failed(client, server.url("/a"))
    assert result.kind is FailureKind.REDIRECT
    assert "loop" in result.reason
    assert [asked.target for asked in server.asked] == ["/a", "/b"]


@pytest.mark.parametrize(
    "location",
    [
        "file:///etc/passwd",
        "ftp://example.org/",
        "javascript:alert(1)",
        "gopher://127.0.0.1:70/",
        "http://169.254.169.254/latest/meta-data/",
        "http://[::ffff:169.254.169.254]/",
        "http://10.0.0.1/",
        "//192.168.1.1/",
        "http://",
        "http://a%01b:x/",
        "http://[::1",
        "",
    ],
)
async def test_a_redirect_to_a_refused_target_is_an_error_without_a_request(server: Server, location: str) -> None:
    async with Client(allow=LOOPBACK, resolver=Names({}), limits=limits()) as client:
        url = server.on(
            "/a",
            Reply(302, (("Location", location),)) if "\x01" not in location else reply(302, Location="http://a%01b:x/"),
        )
        result = await failed(client, url)
    assert result.kind is FailureKind.REDIRECT
    assert len(server.asked) == 1


async def test_a_redirect_to_a_name_of_an_internal_address_is_refused_before_connecting(server: Server) -> None:
    async with serving("127.0.0.9") as internal:
        internal.on("/secret", reply(200, b"<rss/>"))
        names = Names({"public.example": [["127.0.0.1"]], "intranet.example": [["127.0.0.9"]]})
        allow = AllowList.parse([f"public.example:{server.port}"])
        async with Client(allow=allow, resolver=names, limits=limits()) as client:
            server.on("/a", reply(302, Location=internal.url("/secret", name="intranet.example")))
            result = await failed(client, server.url("/a", name="public.example"))
    assert result.kind is FailureKind.REDIRECT
    assert "intranet.example is 127.0.0.9: loopback" in result.reason
    assert names.asked == ["public.example", "intranet.example"]
    assert internal.connections == 0


async def test_a_redirect_without_a_location_is_an_error(server: Server, client: Client) -> None:
    assert "without a Location" in (await failed(client, server.on("/a", reply(301)))).reason


async def test_a_redirect_to_a_url_of_any_length_is_an_error_and_not_repeated(server: Server, client: Client) -> None:
    server.on("/feed", reply(302, Location="http://10.0.0.1/" + "x" * 60_000))
    result = await failed(client, server.url())
    assert (result.kind, result.hops) == (FailureKind.REDIRECT, ())
    assert result.reason == "it redirects to a URL of over 4,096 characters"
    server.on("/feed", reply(302, Location="http://10.0.0.1/" + "x" * 4_000))
    reason = (await failed(client, server.url())).reason
    assert len(reason) < 310
    assert reason.startswith("it redirects to http://10.0.0.1/xxx")
    assert "polling.allow" in reason, "what to do is at its end"


async def test_a_location_in_utf_8_is_followed(server: Server, client: Client) -> None:
    server.on("/n%C3%A9ws", reply(200, b"<rss/>"))
    location = "/néws".encode().decode("latin-1")
    assert (await fetched(client, server.on("/a", reply(302, Location=location)))).url == server.url("/n%C3%A9ws")


async def test_the_original_url_is_asked_first_each_time(server: Server, client: Client) -> None:
    server.on("/b", reply(200, b"<rss/>"))
    url = server.on("/a", reply(302, Location="/b"))
    await fetched(client, url)
    await fetched(client, url)
    assert [asked.target for asked in server.asked] == ["/a", "/b", "/a", "/b"]


async def test_credentials_go_to_their_origin_alone(server: Server, client: Client) -> None:
    async with serving("127.0.0.2") as other:
        other.on("/b", reply(302, Location=server.url("/c")))
        server.on("/c", reply(200, b"<rss/>"))
        server.on("/a", reply(302, Location=other.url("/b")))
        url = f"http://me:s%40fe@127.0.0.1:{server.port}/a"
        result = await fetched(client, url, headers=(("X-Key", "mine"),))
    assert [asked.headers.get("authorization") for asked in server.asked] == [basic("me", "s@fe")] * 2
    assert other.asked[0].headers.keys().isdisjoint({"authorization", "x-key"})
    assert "me" not in result.url
    assert "fe@" not in result.url


async def test_credentials_in_a_location_are_not_used(server: Server, client: Client) -> None:
    server.on("/b", reply(200, b"<rss/>"))
    location = f"http://evil:word@127.0.0.1:{server.port}/b"
    result = await fetched(client, server.on("/a", reply(302, Location=location)))
    assert "authorization" not in server.asked[1].headers
    assert result.url == server.url("/b")


async def test_no_proxy_netrc_or_cookie_comes_from_the_surroundings(
    server: Server, client: Client, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    netrc = tmp_path_factory.mktemp("home") / "netrc"
    netrc.write_text("machine 127.0.0.1 login me password word\n")
    monkeypatch.setenv("NETRC", str(netrc))
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    url = server.on("/a", reply(200, b"<rss/>", Set_Cookie="id=1; Path=/"))
    await fetched(client, url)
    await fetched(client, url)
    assert len(server.asked) == 2
    assert server.asked[1].headers.keys().isdisjoint({"authorization", "cookie", "referer"})


REPEATED = [
    ("t0ken-of-ours", {"authorization": "Bearer t0ken-of-ours"}),
    ("w%40rd%2Ft0o", {"authorization": basic("ana", "w@rd/t0o")}),
    ("w@rd/t0o", {"authorization": basic("ana", "w@rd/t0o")}),
    (basic("ana", "w0rd-too").removeprefix("Basic "), {"authorization": basic("ana", "w0rd-too")}),
    ("a key", {"headers": (("X-Key", "my a key"),), "secrets": ("my a key",)}),
]


@pytest.mark.parametrize(("secret", "sent"), REPEATED)
async def test_a_redirect_that_repeats_a_secret_is_an_error_that_does_not(
    server: Server, client: Client, secret: str, sent: dict[str, object]
) -> None:
    url = server.on("/a", reply(301, Location=f"/b?tok=my {secret}"))
    result = await failed(client, url, **sent)
    assert result.kind is FailureKind.REDIRECT
    assert "repeats the feed's secret" in result.reason
    assert secret not in repr(result)
    assert len(server.asked) == 1


async def test_a_password_that_is_a_word_of_a_path_is_followed_there_and_not_in_a_query(
    server: Server, client: Client
) -> None:
    server.on("/premium/feed.xml", reply(200, b"<rss/>"))
    sent = {"authorization": basic("ana", "premium")}
    path, query = "/premium/feed.xml", "/feed.xml?for=premium"
    assert len((await fetched(client, server.on("/a", reply(302, Location=path)), **sent)).hops) == 1
    assert "secret" in (await failed(client, server.on("/b", reply(302, Location=query)), **sent)).reason


async def test_a_redirect_may_repeat_what_is_no_secret_or_stands_in_the_feeds_own_url(
    server: Server, client: Client
) -> None:
    server.on("/b?lang=indonesian&k=0wn-secret", reply(200, b"<rss/>"))
    url = server.on("/a?k=0wn-secret", reply(301, Location="/b?lang=indonesian&k=0wn-secret"))
    sent = {"headers": (("X-Language", "indonesian"), ("X-Key", "0wn-secret")), "secrets": ("0wn-secret",)}
    assert len((await fetched(client, url, **sent)).hops) == 1


async def test_a_reason_does_not_repeat_a_secret(server: Server, client: Client) -> None:
    server.on("feeds.example:443", Reply(raw=b"HTTP/1.1 403 t0ken-of-ours\r\nContent-Length: 0\r\n\r\n"))
    proxy = f"http://127.0.0.1:{server.port}"
    result = await failed(client, "https://feeds.example/", proxy=proxy, authorization="Bearer t0ken-of-ours")
    assert "***" in result.reason
    assert "t0ken" not in result.reason
