"""The feeds of a page."""

from hypothesis import given
from hypothesis import strategies as st

from aggregator.parsing.discovery import FoundFeed, find

URL = "https://contoh.example/news/"


def feeds(page: str) -> list[str]:
    return [feed.url for feed in find(page.encode(), url=URL).feeds]


def test_alternate_links_of_feed_types_are_found() -> None:
    page = (
        '<html><head><LINK REL="Alternate" TYPE="application/rss+xml" TITLE="News &amp; more" HREF="/rss.xml">'
        "<link rel=alternate type=application/atom+xml href=atom.xml>"
        "<link type='application/feed+json; charset=utf-8' href='https://cdn.example/f.json' rel='home alternate'/>"
        '<link rel="stylesheet" href="x.css"><link rel="alternate" hreflang="de" href="/de">'
    )
    assert find(page.encode(), url=URL).feeds[0] == FoundFeed(url="https://contoh.example/rss.xml", title="News & more")
    assert feeds(page) == [
        "https://contoh.example/rss.xml",
        "https://contoh.example/news/atom.xml",
        "https://cdn.example/f.json",
    ]


def test_the_feed_of_the_comments_comes_last() -> None:
    link = '<link rel="alternate" type="application/rss+xml" href="{}">'
    assert feeds(link.format("/comments/feed/") + link.format("/feed/"))[0] == "https://contoh.example/feed/"


def test_the_base_of_the_page_is_the_base() -> None:
    page = '<base href="https://other.example/a/"><link rel="alternate" type="application/rss+xml" href="f">'
    assert feeds(page) == ["https://other.example/a/f"]


def test_other_schemes_are_not_found() -> None:
    link = '<link rel="alternate" type="application/rss+xml" href="{}">'
    assert feeds("".join(link.format(url) for url in ("javascript:x", "file:///etc/passwd", "data:text/xml,x"))) == []


def test_common_places_are_suggestions_only() -> None:
    found = find(b'<a href="/rss/world.xml">RSS</a><a href="/about">About</a>', url=URL)
    assert found.feeds == ()
    assert found.suggestions[0] == "https://contoh.example/rss/world.xml"
    assert "https://contoh.example/feed" in found.suggestions
    assert "https://contoh.example/about" not in found.suggestions


def test_a_flood_of_markup_ends() -> None:
    for flood in ("<link ", "<link rel=", "<a href='", "<" * 9, '<link rel="alternate" '):
        assert find((flood * 100_000).encode(), url=URL).feeds == ()


@given(st.binary(max_size=300))
def test_whatever_comes_in_is_searched(body: bytes) -> None:
    assert all(feed.url.startswith("http") for feed in find(body, url=URL).feeds)
