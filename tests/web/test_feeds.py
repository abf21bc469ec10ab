import os
import socket
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime
from pathlib import Path

import pytest
from lxml import etree
from prometheus_client.parser import text_string_to_metric_families

from aggregator.errors import ConfigError
from aggregator.publishing.files import write_if_changed
from aggregator.publishing.ids import event_name
from aggregator.web.app import WebSettings, create_app
from aggregator.web.documents import accepts_gzip
from aggregator.web.reader import EventView, FeedHealth, Measures
from aggregator.web.server import WebServer
from tests.publishing.values import NOW, event, outlets, source
from tests.web.conftest import ValueReader, serving

PLAIN = {"accept-encoding": "identity"}


async def test_a_feed_is_served_with_validators_and_a_lifetime(published: Path) -> None:
    async with serving(ValueReader(published)) as client:
        answer = await client.get("/feeds/events.atom", headers=PLAIN)
    assert answer.status_code == 200
    assert answer.content == (published / "events.atom").read_bytes()
    assert answer.headers["content-type"] == "application/atom+xml; charset=utf-8"
    assert answer.headers["etag"].startswith('"')
    assert parsedate_to_datetime(answer.headers["last-modified"])
    assert answer.headers["cache-control"] == "max-age=300"
    assert answer.headers["x-content-type-options"] == "nosniff"


async def test_a_client_that_has_it_gets_304_and_no_body(published: Path) -> None:
    async with serving(ValueReader(published)) as client:
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
    async with serving(ValueReader(published)) as client:
        later = format_datetime(datetime.now(UTC) + timedelta(days=1), usegmt=True)
        headers = {"if-none-match": '"another"', "if-modified-since": later}
        assert (await client.get("/feeds/events.atom", headers=headers)).status_code == 200


@pytest.mark.parametrize("date", ["yesterday", "", "Wed, 99 Foo 2021 25:00:00 GMT", "Wed, 01 Sep 2021 10:00:00"])
async def test_a_date_that_is_none_is_ignored(published: Path, date: str) -> None:
    async with serving(ValueReader(published)) as client:
        assert (await client.get("/feeds/events.atom", headers={"if-modified-since": date})).status_code == 200


async def test_both_forms_have_tags_of_their_own_and_the_same_text(published: Path) -> None:
    async with serving(ValueReader(published)) as client:
        plain = await client.get("/feeds/events.atom", headers=PLAIN)
        compressed = await client.get("/feeds/events.atom", headers={"accept-encoding": "gzip"})
    assert compressed.headers["content-encoding"] == "gzip"
    assert int(compressed.headers["content-length"]) < int(plain.headers["content-length"]) / 5
    assert compressed.content == plain.content
    assert compressed.headers["etag"] != plain.headers["etag"]
    assert plain.headers["vary"] == compressed.headers["vary"] == "Accept-Encoding"


async def test_head_answers_like_get_without_the_body(published: Path) -> None:
    async with serving(ValueReader(published)) as client:
        head = await client.head("/feeds/events.atom", headers=PLAIN)
        get = await client.get("/feeds/events.atom", headers=PLAIN)
    assert head.content == b""
    assert {k: v for k, v in head.headers.items() if k != "date"} == {
        k: v for k, v in get.headers.items() if k != "date"
    }


async def test_validators_change_with_the_content_and_never_without(published: Path) -> None:
    path = published / "events.atom"
    async with serving(ValueReader(published)) as client:
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
    async with serving(ValueReader(published)) as client:
        assert (await client.get(path)).status_code == 404


async def test_another_host_is_refused(published: Path) -> None:
    async with serving(ValueReader(published)) as client:
        for host in ("evil.example", "127.0.0.1.evil.example", ""):
            assert (await client.get("/feeds/events.atom", headers={"host": host})).status_code == 400
        for host in ("localhost:8650", "[::1]:8650", "127.0.0.1"):
            assert (await client.get("/feeds/events.atom", headers={"host": host})).status_code == 200


@pytest.mark.parametrize("path", ["/", "/feeds/events.atom", "/feeds/events.json?min_sources=2", "/static/style.css"])
async def test_a_script_of_another_site_is_refused(reader: ValueReader, path: str) -> None:
    async with serving(reader) as client:
        for origin in ("https://evil.example", "null", "http://[", "http://127.0.0.1.evil.example"):
            answer = await client.get(path, headers={"origin": origin})
            assert (answer.status_code, "access-control-allow-origin" in answer.headers) == (403, False)
        for origin in ("http://localhost:8650", "http://[::1]:8650"):
            assert (await client.get(path, headers={"origin": origin})).status_code == 200


async def test_a_feed_in_memory_is_given_by_the_same_rules_as_one_that_is_read(published: Path) -> None:
    settings = WebSettings(base_url="https://example.org/news", token="s3cret")
    asked = [
        ("/feeds/events.atom?token=s3cret", {}, 200),
        ("/news/feeds/events.atom?token=s3cret", {}, 200),
        ("/feeds/events.atom?token=s3cret", {"host": "evil.example"}, 400),
        ("/feeds/events.atom?token=s3cret", {"host": "127.0.0.1:evil"}, 400),
        ("/feeds/events.atom?token=s3cret", {"origin": "https://evil.example"}, 403),
        ("/feeds/events.atom?token=s3cret&hold=5m", {}, 400),
        ("/feeds/events.atom?token=other", {}, 401),
        ("/feeds/events.atom", {}, 401),
        ("/feeds/other.atom?token=s3cret", {}, 404),
        ("/otherfeeds/events.atom?token=s3cret", {}, 404),
    ]
    reader = ValueReader(published)
    async with serving(reader, settings) as client:
        first = [await client.get(path, headers=headers) for path, headers, _ in asked]
        assert reader.document("events.atom") is reader.held("events.atom")
        second = [await client.get(path, headers=headers) for path, headers, _ in asked]
        assert (await client.post("/feeds/events.atom?token=s3cret")).status_code == 405
    for (path, headers, status), one, other in zip(asked, first, second, strict=True):
        assert (one.status_code, other.status_code) == (status, status), (path, headers)
        assert {**one.headers, "date": ""} == {**other.headers, "date": ""}
        assert other.headers["x-content-type-options"] == "nosniff"


async def test_a_prefix_works_whether_the_proxy_strips_it_or_not(published: Path) -> None:
    async with serving(ValueReader(published), WebSettings(base_url="https://example.org/news")) as client:
        assert (await client.get("/news/feeds/events.atom")).status_code == 200
        assert (await client.get("/feeds/events.atom")).status_code == 200
        assert (await client.get("/newsfeeds/events.atom")).status_code == 404


async def test_health_and_readiness(published: Path) -> None:
    reader = ValueReader(published)
    async with serving(reader) as client:
        assert (await client.get("/healthz")).text == "ok\n"
        assert (await client.get("/readyz")).status_code == 200
        reader.reason = "the database cannot be read"
        answer = await client.get("/readyz")
        assert (answer.status_code, answer.text) == (503, "the database cannot be read\n")
        assert (await client.get("/healthz")).status_code == 200


async def test_a_method_that_writes_is_refused(published: Path) -> None:
    async with serving(ValueReader(published)) as client:
        assert (await client.post("/feeds/events.atom")).status_code == 405


async def test_a_taken_port_names_the_key(published: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        server = WebServer(create_app(ValueReader(published), WebSettings()), "127.0.0.1", taken.getsockname()[1])
        with pytest.raises(ConfigError, match=r"server\.port: \d+ is taken"):
            await server.start()


async def test_an_address_of_another_machine_names_the_key(published: Path) -> None:
    server = WebServer(create_app(ValueReader(published), WebSettings()), "192.0.2.1", 0)
    with pytest.raises(ConfigError, match=r"server\.host"):
        await server.start()


async def test_a_stopped_server_can_be_stopped_again_and_frees_its_port(published: Path) -> None:
    server = WebServer(create_app(ValueReader(published), WebSettings()), "127.0.0.1", 0)
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


@pytest.fixture
def reader(published: Path) -> ValueReader:
    events = [
        EventView(event=event(*outlets(5), number=1, language="en")),
        EventView(
            event=event(source(1, "A", title="Taliban gempur Panjshir"), source(2, "B"), number=2, language="id")
        ),
        EventView(event=event(source(1, "Solo", tags=("asia",)), number=3, language="en")),
    ]
    return ValueReader(published, events)


@pytest.mark.parametrize(
    ("query", "numbers"),
    [
        ("min_sources=2", {1, 2}),
        ("min_independent=5", {1}),
        ("language=id", {2}),
        ("language=id,EN", {1, 2, 3}),
        ("tag=asia", {3}),
        ("search=gempur", {2}),
        ("search=panjshir+-gempur&min_sources=3", {1}),
        ("since=400d", {1, 2, 3}),
        ("since=2100-01-01", set()),
    ],
)
async def test_parameters_narrow_a_feed(reader: ValueReader, query: str, numbers: set[int]) -> None:
    async with serving(reader) as client:
        answer = await client.get(f"/feeds/events.json?{query}")
    assert answer.status_code == 200
    found = {item["_events"]["event"] for item in answer.json()["items"]}
    assert found == {event_name(number) for number in numbers}


async def test_a_narrowed_feed_has_an_id_and_an_address_of_its_own(reader: ValueReader) -> None:
    async with serving(reader) as client:
        one = (await client.get("/feeds/events.json?min_sources=2&language=en")).json()
        same = (await client.get("/feeds/events.json?language=en&min_sources=2")).json()
    assert one == same
    assert one["feed_url"].endswith("/feeds/events.json?language=en&min_sources=2")
    assert one["_events"]["id"].endswith(":feed/events?language=en&min_sources=2")


async def test_a_narrowed_feed_answers_304_until_a_batch_changes_it(reader: ValueReader) -> None:
    async with serving(reader) as client:
        first = await client.get("/feeds/events.atom?min_sources=2")
        given = {"if-none-match": first.headers["etag"]}
        assert (await client.get("/feeds/events.atom?min_sources=2", headers=given)).status_code == 304
        reader.batch += 1
        assert (await client.get("/feeds/events.atom?min_sources=2", headers=given)).status_code == 304
        reader.batch += 1
        reader.events = reader.events[:1]
        changed = await client.get("/feeds/events.atom?min_sources=2", headers=given)
        assert changed.status_code == 200
        assert changed.headers["etag"] != first.headers["etag"]


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        ("hold=5m", "unknown parameter 'hold'; known are language, min_independent, min_sources, search, since, tag"),
        ("min_sources=0", "min_sources='0' is no whole number from 1 to 10000"),
        ("min_sources=many", "no whole number"),
        ("min_sources=2&min_sources=3", "given twice"),
        ("language=", "language is empty"),
        ("since=yesterday", "neither a span (6h, 2d) nor a time"),
        ('search="panjshir', "not closed"),
        ("search=", "nothing to look for"),
        ("search=" + "x" * 2_000, "characters long"),
    ],
)
async def test_a_parameter_that_cannot_be_used_is_explained(reader: ValueReader, query: str, reason: str) -> None:
    async with serving(reader) as client:
        answer = await client.get(f"/feeds/events.atom?{query}")
    assert answer.status_code == 400
    assert reason in answer.text


async def test_without_the_token_nothing_is_told(reader: ValueReader) -> None:
    settings = WebSettings(token="s3cret-tøken")
    async with serving(reader, settings) as client:
        for path in ("/", "/feeds/events.atom", "/metrics", "/feeds/events.atom?token=wrong", "/static/style.css"):
            answer = await client.get(path)
            assert answer.status_code == 401
            assert answer.headers["www-authenticate"].startswith("Basic ")
        assert (await client.get("/healthz")).status_code == 200


async def test_the_token_opens_as_parameter_password_or_bearer(reader: ValueReader) -> None:
    async with serving(reader, WebSettings(token="s3cret")) as client:
        by_query = await client.get("/feeds/events.json?token=s3cret&min_sources=2")
        assert by_query.status_code == 200
        assert "s3cret" not in by_query.text
        assert by_query.headers["cache-control"].startswith("private")
        assert (await client.get("/feeds/events.atom", auth=("anybody", "s3cret"))).status_code == 200
        assert (await client.get("/", headers={"authorization": "Bearer s3cret"})).status_code == 200
        assert (await client.get("/", headers={"authorization": "Basic !!!"})).status_code == 401


async def test_the_lists_of_feeds_are_opml(reader: ValueReader) -> None:
    reader.health = [FeedHealth(id=1, name="Tempo", outlet="Tempo", url="https://tempo.example/rss", state="fine")]
    async with serving(reader) as client:
        own = await client.get("/opml/feeds.opml")
        subscriptions = await client.get("/opml/subscriptions.opml")
        again = await client.get("/opml/feeds.opml", headers={"if-none-match": own.headers["etag"]})
    urls = [outline.get("xmlUrl") for outline in etree.fromstring(own.content).iter("outline")]
    assert urls == ["http://127.0.0.1:8650/feeds/events.atom", "http://127.0.0.1:8650/feeds/singles.atom"]
    assert b"https://tempo.example/rss" in subscriptions.content
    assert again.status_code == 304


async def test_figures_are_told_in_prometheus_words(reader: ValueReader) -> None:
    reader.figures = Measures(
        polls={"not modified": 7},
        joins={"copy": 3},
        entries=120,
        events=40,
        feeds={"fine": 9, "failing": 1},
        queue=2,
        database_bytes=4096,
        last_batch=NOW,
        seconds={"batch": (3, 0.25)},
    )
    async with serving(reader) as client:
        answer = await client.get("/metrics")
    found = {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }
    assert found["aggregator_polls_total", "not modified"] == 7
    assert found["aggregator_joins_total", "copy"] == 3
    assert found["aggregator_feeds", "failing"] == 1
    assert found["aggregator_queue_entries",] == 2
    assert found["aggregator_stage_seconds_sum", "batch"] == 0.25
