"""URLs: let through, resolved, compared."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.parsing.urls import absolute, canonical, feed_url, http_only, identity, link, outlet_of

BASE = "https://contoh.example/news/feed.xml"
NOT_WEB = [
    "javascript:alert(1)", "JAVASCRIPT:alert(1)", "java\tscript:alert(1)", "java\nscript:alert(1)", "\x01javascript:x",
    " javascript:x", "\u200bjavascript:x", "vbscript:x", "data:text/html,x", "file:///etc/passwd", "ftp://e.org/",
    "mailto:a@e.org", "about:blank", "blob:https://e.org/1", "tel:1", "view-source:https://e.org/", "jar:https://e.org/",
]  # fmt: skip


@pytest.mark.parametrize("url", NOT_WEB)
def test_only_http_and_https_are_let_through(url: str) -> None:
    assert http_only(url) is None
    assert absolute(url, BASE) is None
    assert feed_url(url) is None


@pytest.mark.parametrize(
    "url", ["", "https://", "http:///x", "https://[::1", "https://e.org:99999/", "http://e.org:x/"]
)
def test_what_is_no_url_is_none(url: str) -> None:
    assert http_only(url) is None


def test_an_absurdly_long_url_is_none() -> None:
    assert http_only("https://e.org/" + "a" * 20_000) is None


@pytest.mark.parametrize(
    ("url", "resolved"),
    [
        ("/1", "https://contoh.example/1"),
        ("1.html", "https://contoh.example/news/1.html"),
        ("?id=1", "https://contoh.example/news/feed.xml?id=1"),
        ("//cdn.example/x", "https://cdn.example/x"),
        ("http://other.example/a b", "http://other.example/a%20b"),
        ("  https://other.example/\n", "https://other.example/"),
        ("../x", "https://contoh.example/x"),
    ],
)
def test_relative_links_resolve(url: str, resolved: str) -> None:
    assert absolute(url, BASE) == resolved


@pytest.mark.parametrize(
    ("url", "clean"),
    [
        ("https://e.org/1?utm_source=rss&utm_medium=x", "https://e.org/1"),
        ("https://e.org/1?id=7&fbclid=abc&page=2", "https://e.org/1?id=7&page=2"),
        ("https://e.org/1?UTM_Campaign=x", "https://e.org/1"),
        ("https://e.org/1?at_medium=RSS&at_campaign=KARANGA", "https://e.org/1"),
        ("https://e.org/1?maca=en-rss-en-all-1573-rdf", "https://e.org/1"),
        ("https://e.org/1?traffic_source=rss", "https://e.org/1"),
        ("https://e.org/1?ref=rss#comments", "https://e.org/1#comments"),
        ("https://e.org/1#xtor=RSS-1", "https://e.org/1"),
        ("https://e.org/1?ref=7&source=paper&id=", "https://e.org/1?ref=7&source=paper&id="),
        ("https://e.org/1?b=2&a=1&a=1", "https://e.org/1?b=2&a=1&a=1"),
        ("https://e.org/1?cid=5&id=4", "https://e.org/1?cid=5&id=4"),
    ],
)
def test_tracking_is_dropped_and_nothing_else(url: str, clean: str) -> None:
    assert canonical(url) == clean
    assert link(url) == clean


def test_http_https_www_and_a_trailing_slash_do_not_matter() -> None:
    same = ["http://www.e.org/a/", "https://e.org/a", "https://www.e.org/a/", "HTTPS://E.org:443/a?utm_source=x"]
    assert len({identity(url) for url in same}) == 1


def test_path_query_and_host_do_matter() -> None:
    different = [
        "https://e.org/a",
        "https://e.org/b",
        "https://e.org/a?id=1",
        "https://e.org/a?id=2",
        "https://f.org/a",
    ]
    assert len({identity(url) for url in different}) == len(different)


@pytest.mark.parametrize(
    ("typed", "url"),
    [
        ("feed://e.org/rss", "http://e.org/rss"),
        ("feed:https://e.org/rss", "https://e.org/rss"),
        ("e.org", "https://e.org"),
        ("e.org/rss.xml", "https://e.org/rss.xml"),
        ("www.e.org:8080/rss", "https://www.e.org:8080/rss"),
        (" https://e.org/rss ", "https://e.org/rss"),
        ("http://127.0.0.1:8000/f", "http://127.0.0.1:8000/f"),
        ("localhost:8000/f", "https://localhost:8000/f"),
        ("münchen.example/rss", "https://münchen.example/rss"),
        ("news", None),
        ("", None),
    ],
)
def test_what_a_person_types_becomes_a_url(typed: str, url: str | None) -> None:
    assert feed_url(typed) == url


@pytest.mark.parametrize(
    ("url", "outlet"),
    [
        ("https://feeds.bbci.co.uk/news/rss.xml", "bbci.co.uk"),
        ("https://rss.tempo.co/nasional", "tempo.co"),
        ("https://www.antaranews.com/rss", "antaranews.com"),
        ("https://contoh.go.id/rss", "contoh.go.id"),
        ("http://127.0.1.3:8000/feed", "127.0.1.3"),
        ("http://[::1]/feed", "::1"),
        ("https://localhost/feed", "localhost"),
    ],
)
def test_an_outlet_is_named_by_its_registrable_domain(url: str, outlet: str) -> None:
    assert outlet_of(url) == outlet


@given(st.text(st.characters(codec=None)))
def test_whatever_comes_in_is_a_web_address_or_none(text: str) -> None:
    for url in (http_only(text), absolute(text, BASE), feed_url(text)):
        assert url is None or (
            url.startswith(("http://", "https://", "HTTP", "Http", "hTTP")) or url[:4].lower() == "http"
        )
        assert url is None or not any(ord(c) < 33 or 0x7F <= ord(c) < 0xA0 or 0xD800 <= ord(c) < 0xE000 for c in url)
        if url is not None:
            assert isinstance(identity(url), str)
