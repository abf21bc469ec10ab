"""What one look at a feed says."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from aggregator.errors import InputError
from aggregator.fetching.client import Client
from aggregator.fetching.guard import AllowList
from aggregator.fetching.request import Limits
from aggregator.fetching.shown import basic
from aggregator.model import (
    FailureKind,
    Fetched,
    FetchFailed,
    Freshness,
    Hop,
    ParsedEntry,
    ParsedFeed,
    Validators,
)
from aggregator.parsing.worker import ParserPool
from aggregator.pipeline.checkup import Finding, discover, findings, settled_url
from aggregator.pipeline.poll import Answer, Read
from aggregator.scheduling.state import Unreadable
from tests.server import Asked, Reply, reply, serving

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)
QUICK = Limits(gap=timedelta(milliseconds=1))
URL = "https://a.example/rss"
GOOD = Fetched(
    url=URL,
    body=b"<rss/>" * 3_000,
    content_type="application/rss+xml; charset=utf-8",
    validators=Validators(url=URL, etag='"1"', last_modified="Wed, 04 Mar 2026 11:00:00 GMT"),
    freshness=Freshness(lifetime=timedelta(minutes=5)),
    wire_bytes=900,
    headers=(("content-encoding", "gzip"),),
)


def entry(guid: str | None = "1", *, hours: float | None = 1, title: str = "One") -> ParsedEntry:
    published = None if hours is None else NOW - timedelta(hours=hours)
    return ParsedEntry(guid=guid, url=f"https://a.example/{guid}", title=title, summary="", published=published)


def document(*entries: ParsedEntry, problems: tuple[str, ...] = ()) -> ParsedFeed:
    return ParsedFeed(format="rss 2.0", title="A", entries=entries, language="en", problems=problems)


def faults(answer: Answer) -> list[tuple[str, str]]:
    return [(finding.about, finding.text) for finding in findings(answer, NOW) if finding.fault]


def test_a_document_of_too_much_text_says_how_many_are_shortened() -> None:
    long = [replace(entry(str(number)), summary="word " * 13_000) for number in range(40)]
    (fault,) = faults(Read(fetched=GOOD, document=document(entry("short"), *long)))
    assert fault == ("document", "more than 2,000,000 characters: where all are new, 40 of 41 are shortened")


def test_a_good_feed_has_no_faults() -> None:
    assert faults(Read(fetched=GOOD, document=document(entry("1"), entry("2")))) == []


@pytest.mark.parametrize(
    ("entries", "fault"),
    [
        ((), ("document", "rss 2.0, 'A', 0 entries")),
        ((entry("1"), entry("2", hours=None)), ("dates", "1 of 2 have one, the newest 2026-03-04 11:00 UTC")),
        ((entry("1"), entry("2", hours=-48)), ("dates", "1 lie more than a day ahead")),
        ((entry("1"), entry(None)), ("guids", "1 of 2 have one")),
        ((entry("1"), entry("1")), ("guids", "2 of 2 have one, 1 of them are on several")),
        ((entry("1", title=""),), ("titles", "1 of 1 have none")),
    ],
)
def test_what_is_wrong_with_the_entries_is_said(entries: tuple[ParsedEntry, ...], fault: tuple[str, str]) -> None:
    assert faults(Read(fetched=GOOD, document=document(*entries))) == [fault]


def test_the_faults_of_the_document_come_first() -> None:
    found = list(findings(Read(fetched=GOOD, document=document(entry(), problems=("not well-formed",))), NOW))
    assert found[0] == Finding(about="document", text="not well-formed", fault=True)


def test_what_the_server_could_do_better_is_said() -> None:
    hops = (Hop(status=301, target="https://ana:secret@a.example/rss"), Hop(status=302, target=URL))
    bare = Fetched(url=URL, body=b"x" * 1_100_000, wire_bytes=1_100_000, hops=hops, elapsed=timedelta(seconds=12))
    assert faults(Read(fetched=bare, document=document(entry()))) == [
        (
            "redirect",
            "301 to https://a.example/rss: moved for good; write it with what is masked here, as `curl -I` prints it",
        ),
        ("validators", "neither ETag nor Last-Modified: every poll fetches all of it"),
        ("compression", "none"),
        ("size", "1,100,000 bytes, 1,100,000 on the wire"),
        ("media type", "none"),
        ("time", "answered in 12,000 ms"),
    ]


def redirects(feed: bool, *hops: tuple[int, str]) -> list[str]:
    answer = replace(GOOD, hops=tuple(Hop(status=status, target=target) for status, target in hops))
    page = Unreadable(fetched=answer, kind=FailureKind.NOT_A_FEED, reason="it is a page")
    found = findings(Read(fetched=answer, document=document(entry())) if feed else page, NOW)
    return [finding.text.partition(": ")[2] for finding in found if finding.about == "redirect"]


def test_only_the_last_url_of_a_move_to_a_feed_is_to_be_written_down() -> None:
    assert redirects(True, (301, "http://b/"), (308, "http://c/")) == [
        "moved for good",
        "moved for good; write this URL",
    ]
    assert redirects(True, (302, "http://b/"), (301, "http://c/")) == ["redirected for now"] * 2
    assert redirects(False, (301, "http://b/")) == ["moved for good, but no feed came from there"]
    [masked] = redirects(True, (301, "http://b/?token=abc"))
    assert "curl -I" in masked
    gone = FetchFailed(url=URL, kind=FailureKind.STATUS, reason="404", hops=(Hop(status=301, target="http://b/"),))
    assert ("redirect", "301 to http://b/: moved for good, but no feed came from there") in faults(gone)


def test_what_a_document_says_of_its_schedule_is_told() -> None:
    hints = {"ttl": timedelta(hours=1), "skip_hours": frozenset({1, 0}), "skip_days": frozenset({6})}
    found = findings(Read(fetched=GOOD, document=replace(document(entry()), title="", **hints)), NOW)  # type: ignore[arg-type]  # of three types
    told = {finding.about: finding.text for finding in found}
    assert told["ttl"] == "asks for 1h between polls"
    assert told["skipHours"] == "not at 0, 1 (GMT)"
    assert told["skipDays"] == "not on Sunday"
    assert told["title"] == "none of its own"


def test_a_document_that_is_no_feed_and_a_fetch_that_failed_are_faults() -> None:
    page = Unreadable(fetched=GOOD, kind=FailureKind.NOT_A_FEED, reason="it is a page")
    assert faults(page) == [("document", "it is a page")]
    gone = FetchFailed(url=URL, kind=FailureKind.GONE, reason="it is gone", status=410)
    assert faults(gone) == [("fetch", f"{URL}: it is gone (status 410)")]


def test_only_permanent_redirects_change_the_url_that_is_written() -> None:
    permanent, for_now = Hop(status=308, target="/b"), Hop(status=302, target="/c")
    for hops, expected in (((), "/a"), ((permanent,), URL), ((permanent, for_now), "/a")):
        assert settled_url("/a", Fetched(url=URL, body=b"", hops=hops)) == expected


async def test_adding_a_feed_costs_one_request() -> None:
    body = b"<rss version='2.0'><channel><title>A</title><item><title>One</title></item></channel></rss>"
    async with serving() as server, ParserPool() as parser:
        url = server.on("/feed", reply(200, body))
        async with Client(allow=AllowList.parse([f"{server.host}:{server.port}"]), limits=QUICK) as client:
            found = await discover(url, client, parser, NOW)
        assert (found.url, found.document.title) == (url, "A")
        assert len(server.asked) == 1


FEED = b"<rss version='2.0'><channel><title>A</title><item><title>One</title></item></channel></rss>"


async def test_a_name_and_password_go_along_to_the_feed_of_a_page_and_where_it_moved_for_good() -> None:
    def guarded(asked: Asked) -> Reply:
        if asked.headers.get("authorization") != basic("ana", "pw"):
            return reply(401)
        return reply(301, Location="/new") if asked.target == "/old" else reply(200, FEED)

    async with serving() as server, ParserPool() as parser:
        server.on("/", reply(200, b'<title>x</title><link rel=alternate type="application/rss+xml" href="/old">'))
        server.do("/old", guarded)
        server.do("/new", guarded)
        async with Client(allow=AllowList.parse([f"{server.host}:{server.port}"]), limits=QUICK) as client:
            found = await discover(f"http://ana:pw@{server.host}:{server.port}/", client, parser, NOW)
            with pytest.raises(InputError) as caught:
                await discover(server.url("/new"), client, parser, NOW)
    assert found.url == f"http://ana:pw@{server.host}:{server.port}/new"
    assert f"`aggregator feeds add --unseen {server.url('/new')}`, then" in str(caught.value)


async def test_a_page_whose_feeds_are_broken_is_an_error_that_names_them() -> None:
    page = b"<title>x</title>" + b"".join(
        b'<link rel=alternate type="application/rss+xml" href="/f%d">' % number for number in range(9)
    )
    async with serving() as server, ParserPool() as parser:
        url = server.on("/", reply(200, page))
        async with Client(allow=AllowList.parse([f"{server.host}:{server.port}"]), limits=QUICK) as client:
            with pytest.raises(InputError, match=r"names cannot be read.*/f0"):
                await discover(url, client, parser, NOW)
        assert len(server.asked) == 4


def test_a_page_in_place_of_a_feed_says_which_feed_it_names() -> None:
    page = b"<html><head><link rel='alternate' type='application/rss+xml' href='/news.xml'></head></html>"
    fetched = replace(GOOD, body=page, content_type="text/html")
    answer = Unreadable(fetched=fetched, kind=FailureKind.NOT_A_FEED, reason="an HTML page")
    told = [finding.text for finding in findings(answer, NOW) if finding.about == "document"]
    assert told == ["an HTML page", "it names a feed: https://a.example/news.xml"]
