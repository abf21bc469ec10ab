import os
import socket
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime
from pathlib import Path

import pytest

from aggregator.errors import ConfigError
from aggregator.publishing.files import write_if_changed
from aggregator.web.app import WebSettings, create_app
from aggregator.web.documents import accepts_gzip
from aggregator.web.server import WebServer
from tests.web.conftest import FolderReader, serving

PLAIN = {"accept-encoding": "identity"}


async def test_a_feed_is_served_with_validators_and_a_lifetime(published: Path) -> None:
    async with serving(FolderReader(published)) as client:
        answer = await client.get("/feeds/events.atom", headers=PLAIN)
    assert answer.status_code == 200
    assert answer.content == (published / "events.atom").read_bytes()
    assert answer.headers["content-type"] == "application/atom+xml; charset=utf-8"
    assert answer.headers["etag"].startswith('"')
    assert parsedate_to_datetime(answer.headers["last-modified"])
    assert answer.headers["cache-control"] == "max-age=300"
    assert answer.headers["x-content-type-options"] == "nosniff"


async def test_a_client_that_has_it_gets_304_and_no_body(published: Path) -> None:
    async with serving(FolderReader(published)) as client:
        for encoding in ("identity", "gzip"):
            first = await client.get("/feeds/events.atom", headers={"accept-encoding": encoding})
            for header, value in (
                ("if-none-match", first.headers["etag"]),
                ("if-none-match", f'"other", W/{first.headers["etag"]}'),
                ("if-none-match", "*"),
                ("if-modified-since", first.headers["last-modified"]),
            ):
                again = await client.get("/feeds/events.atom", headers={"accept-encoding": encoding, header: value})
                assert (again.status_code, again.content) == (304, b""), header
                assert again.headers["etag"] == first.headers["etag"]


async def test_an_etag_goes_before_a_date(published: Path) -> None:
    async with serving(FolderReader(published)) as client:
        later = format_datetime(datetime.now(UTC) + timedelta(days=1), usegmt=True)
        headers = {"if-none-match": '"another"', "if-modified-since": later}
        assert (await client.get("/feeds/events.atom", headers=headers)).status_code == 200


@pytest.mark.parametrize("date", ["yesterday", "", "Wed, 99 Foo 2021 25:00:00 GMT", "Wed, 01 Sep 2021 10:00:00"])
async def test_a_date_that_is_none_is_ignored(published: Path, date: str) -> None:
    async with serving(FolderReader(published)) as client:
        assert (await client.get("/feeds/events.atom", headers={"if-modified-since": date})).status_code == 200


async def test_both_forms_have_tags_of_their_own_and_the_same_text(published: Path) -> None:
    async with serving(FolderReader(published)) as client:
        plain = await client.get("/feeds/events.atom", headers=PLAIN)
        compressed = await client.get("/feeds/events.atom", headers={"accept-encoding": "gzip"})
    assert compressed.headers["content-encoding"] == "gzip"
    assert int(compressed.headers["content-length"]) < int(plain.headers["content-length"]) / 5
    assert compressed.content == plain.content
    assert compressed.headers["etag"] != plain.headers["etag"]
    assert plain.headers["vary"] == compressed.headers["vary"] == "Accept-Encoding"


async def test_head_answers_like_get_without_the_body(published: Path) -> None:
    async with serving(FolderReader(published)) as client:
        head = await client.head("/feeds/events.atom", headers=PLAIN)
        get = await client.get("/feeds/events.atom", headers=PLAIN)
    assert head.content == b""
    assert {k: v for k, v in head.headers.items() if k != "date"} == {
        k: v for k, v in get.headers.items() if k != "date"
    }


async def test_validators_change_with_the_content_and_never_without(published: Path) -> None:
    path = published / "events.atom"
    async with serving(FolderReader(published)) as client:
        first = await client.get("/feeds/events.atom", headers=PLAIN)
        os.utime(path)  # touched: the same bytes
        second = await client.get("/feeds/events.atom", headers=PLAIN)
        assert second.headers["etag"] == first.headers["etag"]
        assert second.headers["last-modified"] == first.headers["last-modified"]
        write_if_changed(path, b"<feed>other</feed>")
        third = await client.get("/feeds/events.atom", headers=PLAIN)
    assert third.headers["etag"] != first.headers["etag"]
    assert parsedate_to_datetime(third.headers["last-modified"]) > parsedate_to_datetime(first.headers["last-modified"])


@pytest.mark.parametrize(
    "path", ["/feeds/none.atom", "/feeds/events.sqlite", "/feeds/..%2Fsecret.atom", "/feeds/.events.atom", "/feeds/"]
)
async def test_what_is_not_published_is_not_found(published: Path, path: str) -> None:
    (published.parent / "secret.atom").write_bytes(b"secret")
    (published / "events.sqlite").write_bytes(b"secret")
    async with serving(FolderReader(published)) as client:
        assert (await client.get(path)).status_code == 404


async def test_another_host_is_refused(published: Path) -> None:
    async with serving(FolderReader(published)) as client:
        for host in ("evil.example", "127.0.0.1.evil.example", ""):
            assert (await client.get("/feeds/events.atom", headers={"host": host})).status_code == 400
        for host in ("localhost:8650", "[::1]:8650", "127.0.0.1"):
            assert (await client.get("/feeds/events.atom", headers={"host": host})).status_code == 200


async def test_a_prefix_works_whether_the_proxy_strips_it_or_not(published: Path) -> None:
    async with serving(FolderReader(published), WebSettings(prefix="/news")) as client:
        assert (await client.get("/news/feeds/events.atom")).status_code == 200
        assert (await client.get("/feeds/events.atom")).status_code == 200
        assert (await client.get("/newsfeeds/events.atom")).status_code == 404


async def test_health_and_readiness(published: Path) -> None:
    reader = FolderReader(published)
    async with serving(reader) as client:
        assert (await client.get("/healthz")).text == "ok\n"
        assert (await client.get("/readyz")).status_code == 200
        reader.reason = "the database cannot be read"
        answer = await client.get("/readyz")
        assert (answer.status_code, answer.text) == (503, "the database cannot be read\n")
        assert (await client.get("/healthz")).status_code == 200


async def test_a_method_that_writes_is_refused(published: Path) -> None:
    async with serving(FolderReader(published)) as client:
        assert (await client.post("/feeds/events.atom")).status_code == 405


async def test_a_taken_port_names_the_key(published: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        server = WebServer(create_app(FolderReader(published), WebSettings()), "127.0.0.1", taken.getsockname()[1])
        with pytest.raises(ConfigError, match=r"server\.port: \d+ is taken"):
            await server.start()


async def test_an_address_of_another_machine_names_the_key(published: Path) -> None:
    server = WebServer(create_app(FolderReader(published), WebSettings()), "192.0.2.1", 0)
    with pytest.raises(ConfigError, match=r"server\.host"):
        await server.start()


async def test_a_stopped_server_can_be_stopped_again_and_frees_its_port(published: Path) -> None:
    server = WebServer(create_app(FolderReader(published), WebSettings()), "127.0.0.1", 0)
    await server.start()
    port = int(server.url.rpartition(":")[2])
    await server.stop()
    await server.stop()
    with socket.create_server(("127.0.0.1", port)):
        pass


@pytest.mark.parametrize(
    ("header", "accepted"),
    [
        ("gzip", True),
        ("deflate, gzip;q=1.0", True),
        ("*", True),
        ("", False),
        ("identity", False),
        ("gzip;q=0", False),
        ("gzip; q=0.000", False),
        ("gzip;q=0.5", True),
        ("*;q=0", False),
        ("br", False),
    ],
)
def test_gzip_is_sent_to_who_takes_it(header: str, accepted: bool) -> None:
    assert accepts_gzip(header) is accepted
