"""Documents become feeds, or errors that a person understands."""

import re
from contextlib import suppress
from dataclasses import fields
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.errors import FeedError, NotAFeed
from aggregator.model import ParsedEntry, ParsedFeed
from aggregator.parsing import limits
from aggregator.parsing.document import parse

URL = "https://contoh.example/news/feed.xml"


def rss(items: str, channel: str = "") -> bytes:
    return (
        '<?xml version="1.0"?><rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"'
        ' xmlns:media="http://search.yahoo.com/mrss/" xmlns:sy="http://purl.org/rss/1.0/modules/syndication/"'
        f' xmlns:dc="http://purl.org/dc/elements/1.1/"><channel><title>Contoh</title>{channel}{items}</channel></rss>'
    ).encode()


def atom(entries: str, feed: str = "") -> bytes:
    return f'<feed xmlns="http://www.w3.org/2005/Atom"><title>Contoh</title>{feed}{entries}</feed>'.encode()


def read(body: bytes, content_type: str | None = None) -> ParsedFeed:
    return parse(body, url=URL, content_type=content_type)


def one(body: bytes) -> ParsedEntry:
    (entry,) = read(body).entries
    return entry


@pytest.mark.parametrize("content_type", [None, "text/html", "text/plain; charset=utf-8", "application/octet-stream"])
def test_the_content_type_does_not_decide(content_type: str | None) -> None:
    assert len(read(rss("<item><title>a</title></item>"), content_type).entries) == 1


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "empty"),
        (b" \n\t ", "empty"),
        (b"<!DOCTYPE html><html><head><title>Hello &amp; welcome</title></head></html>", "HTML page .Hello"),
        (b"<html><body>This domain is for sale</body></html>", "for sale"),
        (b"<html><head><title>Just a moment...</title></head><body></body></html>", "challenge"),
        (b"/etc/passwd", "neither XML nor JSON"),
        (b"http://127.0.0.1/", "neither XML nor JSON"),
        (b"\x1f\x8b\x08\x00abc", "gzip"),
        (b"%PDF-1.4", "PDF"),
        (b'<?xml version="1.0"?><kml><Placemark/></kml>', "no feed"),
        (b'{"a": 1}', "not a JSON Feed"),
        (b'{"a": ', "cannot be read"),
        (b"[[[[" * 100_000, "deeper"),
        (b"[1, 2]", "no object"),
    ],
)
def test_what_is_no_feed_is_told_in_words(body: bytes, reason: str) -> None:
    with pytest.raises(NotAFeed, match=reason) as caught:
        read(body)
    assert caught.value.url == URL


def test_a_document_over_the_limit_is_an_error() -> None:
    with pytest.raises(FeedError, match="larger than 10 MiB"):
        read(b" " * (limits.BODY + 1))


def test_a_local_path_as_a_body_opens_nothing() -> None:
    for body in (__file__.encode(), f"file://{__file__}".encode()):
        with pytest.raises(NotAFeed):
            read(body)


def test_the_reason_of_an_error_holds_no_control_characters() -> None:
    with pytest.raises(NotAFeed) as caught:
        read("<html><title>\x1b[2J\x9b31m Hello\n&#155;there</title></html>".encode())
    assert caught.value.reason == "the document is an HTML page ([2J31m Hello ›there), not a feed"


def test_a_page_that_mentions_feeds_is_still_a_page() -> None:
    with pytest.raises(NotAFeed, match="HTML page"):
        read(b"<!doctype html><html><body><pre>" + b"x" * 5000 + b'<rss version="2.0"></pre></body></html>')


@pytest.mark.parametrize(
    "junk", [b"\n\n", b"<br />\n<b>Warning</b>: x in <b>y</b> on line 1<br />\n", b"ok\n", b"\xef\xbb\xbf\n"]
)
def test_junk_before_the_document_is_forgiven(junk: bytes) -> None:
    assert len(read(junk + rss("<item><title>a</title></item>")).entries) == 1


def test_a_document_that_breaks_off_keeps_its_whole_entries_and_says_so() -> None:
    body = rss("".join(f"<item><title>Report {n}</title></item>" for n in range(5)))
    feed = read(body[: body.index(b"Report 3") + 4])
    assert [entry.title for entry in feed.entries] == ["Report 0", "Report 1", "Report 2"]
    assert feed.truncated
    assert not read(body).truncated
    assert read(body.removesuffix(b"</channel></rss>")).entries == read(body).entries
    with pytest.raises(FeedError, match=r"breaks off|no entry"):
        read(body[: body.index(b"Report 0") + 4])


def test_ill_formed_xml_is_read_and_told() -> None:
    feed = read(rss("<item><title>AT&T & Bell</title><description>x &nbsp; y</description></item>"))
    assert feed.entries[0].title == "AT&T & Bell"
    assert feed.entries[0].summary == "x y"
    assert feed.problems == ("not well-formed XML: 3 unescaped ampersands or HTML entities",)
    assert not feed.truncated


def test_xml_beyond_mending_is_read_all_the_same() -> None:
    feed = read(
        rss("<item><title>One</title><description><p>a<br>b</description></item><item><title>Two</title></item>")
    )
    assert [entry.title for entry in feed.entries] == ["One", "Two"]
    assert "mismatched tag" in feed.problems[0]


@pytest.mark.parametrize(
    "before",
    ["", '<?xml version="1.0"?>', '<?xml version="1.0"?>\n', '<?xml\nversion="1.0"?>\r\n\n', "\n\n", "a warning\n",
     '<?xml version="1.0"?>\n\n<!DOCTYPE rss\n[<!ENTITY a "b">\n]>\n'],
)  # fmt: skip
def test_a_slip_is_told_with_the_line_that_the_publisher_sees(before: str) -> None:
    feed = read(f"{before}<rss><channel>\n<item><title>a\n<b></title></item></channel></rss>".encode())
    assert f"not well-formed XML: mismatched tag (line {before.count(chr(10)) + 3})" in feed.problems


def test_a_declaration_within_the_text_is_text() -> None:
    body = (
        b"<rss><channel><item><title><![CDATA[Begin with <?xml version='1.0'?> always]]></title></item></channel></rss>"
    )
    assert one(body).title == "Begin with <?xml version='1.0'?> always"


@pytest.mark.parametrize(
    "reference", ["&#0;", "&#1;", "&#xD800;", "&#x110000;", "&#xFFFE;", "&#99999999999;", "\x00", "\x0b"]
)
def test_characters_that_xml_does_not_allow_cost_nothing_else(reference: str) -> None:
    feed = read(rss(f"<item><title>a{reference}b</title></item>"))
    assert feed.entries[0].title == "ab"
    assert feed.problems == ("1 characters that XML does not allow",)


@pytest.mark.parametrize("encoding", ["utf-7", "punycode", "idna", "rot13", "x-made-up"])
def test_a_made_up_encoding_is_not_honoured(encoding: str) -> None:
    body = rss("<item><title>+ADw-script+AD4-</title></item>").replace(
        b'"1.0"?', f'"1.0" encoding="{encoding}"?'.encode(), 1
    )
    feed = read(body)
    assert feed.entries[0].title == "+ADw-script+AD4-"
    assert encoding in feed.problems[0]


def test_an_external_entity_is_not_read() -> None:
    doctype = b'<!DOCTYPE rss [<!ENTITY x SYSTEM "file:///etc/hostname">]>'
    feed = read(doctype + rss("<item><title>a&x;b</title></item>").removeprefix(b'<?xml version="1.0"?>'))
    assert re.fullmatch("a(&x;)?b", feed.entries[0].title)


def test_entries_past_the_cap_are_counted_and_the_newest_kept() -> None:
    items = "".join(
        f"<item><title>{n}</title><pubDate>Mon, 02 Mar 2026 {n // 60:02}:{n % 60:02}:00 GMT</pubDate></item>"
        for n in range(limits.ENTRIES + 20)
    )
    feed = read(rss(items))
    assert feed.dropped == 20
    assert [entry.title for entry in feed.entries] == [str(n) for n in range(20, limits.ENTRIES + 20)]


def test_without_dates_the_first_and_the_last_entries_are_kept() -> None:
    feed = read(rss("".join(f"<item><title>{n}</title></item>" for n in range(limits.ENTRIES + 20))))
    assert [entry.title for entry in feed.entries] == [str(n) for n in (*range(250), *range(270, 520))]


def test_links_are_absolute_and_without_tracking() -> None:
    entry = one(
        rss(
            "<item><link>/1?utm_source=rss&amp;id=4</link>"
            '<description>&lt;a href="x"&gt;y&lt;/a&gt;</description></item>'
        )
    )
    assert entry.url == "https://contoh.example/1?id=4"
    assert 'href="https://contoh.example/x"' in entry.html


def test_the_content_location_is_the_base() -> None:
    body = rss("<item><link>1</link></item>")
    for location, url in (("/elsewhere/", "/elsewhere/1"), ("javascript:x", "/news/1"), (None, "/news/1")):
        feed = parse(body, url=URL, content_type=None, content_location=location)
        assert feed.entries[0].url == f"https://contoh.example{url}"


def test_xml_base_is_the_base() -> None:
    entry = one(
        atom(
            '<entry xml:base="https://other.example/a/"><link href="1"/>'
            '<content type="html">&lt;img src="i.png"></content></entry>'
        )
    )
    assert entry.url == "https://other.example/a/1"
    assert 'src="https://other.example/a/i.png"' in entry.html


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "java&#9;script:alert(1)", "data:text/html,x", "file:///etc/passwd", "ftp://e.org/x"]
)
def test_other_schemes_are_dropped_everywhere(url: str) -> None:
    entry = one(
        rss(
            f'<item><title>a</title><link>{url}</link><enclosure url="{url}" type="image/png"/>'
            f'<source url="{url}">S</source>'
            f'<media:thumbnail url="{url}"/><description>&lt;a href="{url}"&gt;x&lt;/a&gt;</description></item>',
            channel=f"<link>{url}</link>",
        )
    )
    assert (entry.url, entry.enclosures, entry.outlet_url, entry.image) == (None, (), None, None)
    assert "href" not in entry.html
    assert read(rss("", channel=f"<link>{url}</link>")).site_url is None


def test_a_permalink_guid_is_the_link_where_there_is_none() -> None:
    assert one(rss("<item><guid>https://contoh.example/7</guid></item>")).url == "https://contoh.example/7"
    assert one(rss('<item><guid isPermaLink="false">tag:x,1</guid></item>')).url is None
    assert one(rss("<item><guid>7</guid></item>")).url is None


def test_a_guid_does_not_depend_on_where_its_feed_is() -> None:
    body = rss("<item><guid>7</guid><link>/7</link></item>")
    moved = parse(body, url="https://elsewhere.example/", content_type=None)
    assert moved.entries[0].guid == one(body).guid == "7"


def test_the_outlet_of_an_entry_is_its_source() -> None:
    entry = one(
        rss('<item><title>Dam overflows</title><source url="https://warta.example">Warta &amp; Co</source></item>')
    )
    assert (entry.outlet, entry.outlet_url) == ("Warta & Co", "https://warta.example")
    planet = one(
        atom(
            '<entry><title>a</title><source><title>Warta</title><link href="https://warta.example/"/></source></entry>'
        )
    )
    assert (planet.outlet, planet.outlet_url) == ("Warta", "https://warta.example/")
    assert one(rss("<item><title>a</title></item>")).outlet is None


def test_the_description_is_the_summary_and_the_content_stands_in() -> None:
    both = "<item><description>Short.</description><content:encoded>&lt;p&gt;Long.&lt;/p&gt;</content:encoded></item>"
    assert one(rss(both)).summary == "Short."
    assert one(rss("<item><content:encoded>&lt;p&gt;Long.&lt;/p&gt;</content:encoded></item>")).summary == "Long."
    assert (
        one(rss("<item><description> </description><content:encoded>Long.</content:encoded></item>")).summary == "Long."
    )


def test_an_entry_without_a_title_is_called_by_its_first_words() -> None:
    assert (
        one(rss("<item><description>&lt;p&gt;Dam overflows.&lt;/p&gt;</description></item>")).title == "Dam overflows."
    )
    long = one(rss(f"<item><description>{'Rain falls. ' * 30}</description></item>")).title
    assert len(long) <= 120
    assert long.endswith("…")
    assert one(rss("<item><link>https://contoh.example/1</link></item>")).title == ""


def test_plain_text_is_no_markup() -> None:
    entry = one(atom('<entry><summary type="text">1 &lt; 2 &amp; 3</summary></entry>'))
    assert (entry.summary, entry.html) == ("1 < 2 & 3", "1 &lt; 2 &amp; 3")


def test_dates_and_languages_are_normalised() -> None:
    entry = one(rss("<item><pubDate>Sel, 05 Okt 2021 10:00:00 WIB</pubDate><dc:language>pt-BR</dc:language></item>"))
    assert entry.published is not None
    assert entry.published.isoformat() == "2021-10-05T03:00:00+00:00"
    assert entry.language == "pt"
    assert one(rss("<item><pubDate>Thu, 01 Jan 1970 00:00:00 GMT</pubDate></item>")).published is None
    assert read(rss("", channel="<language>in-ID</language>")).language == "id"


def test_a_date_that_nobody_understands_is_told() -> None:
    feed = read(rss("<item><title>a</title><pubDate>the day before yesterday</pubDate></item>"))
    assert feed.problems == ("1 dates cannot be read, such as 'the day before yesterday'",)
    assert read(rss("<item><title>a</title><pubDate>Thu, 01 Jan 1970 00:00:00 GMT</pubDate></item>")).problems == ()


def test_hints_of_the_publisher_are_read() -> None:
    feed = read(
        rss(
            "",
            channel="<ttl>30</ttl><sy:updatePeriod>hourly</sy:updatePeriod><sy:updateFrequency>1</sy:updateFrequency>"
            "<skipHours><hour>1</hour><hour>2</hour><hour>24</hour></skipHours>"
            "<skipDays><day>Sunday</day><day>saturday</day></skipDays>",
        )
    )
    assert feed.ttl == timedelta(hours=1)
    assert feed.skip_hours == {0, 1, 2}
    assert feed.skip_days == {5, 6}
    assert read(rss("", channel="<ttl>soon</ttl>")).ttl is None


def test_self_and_hub_are_read() -> None:
    feed = read(
        atom(
            "",
            '<link rel="self" href="/atom"/><link rel="hub" href="https://hub.example/"/><link href="https://contoh.example/"/>',
        )
    )
    assert (feed.self_url, feed.hub_url, feed.site_url) == (
        "https://contoh.example/atom", "https://hub.example/", "https://contoh.example/",
    )  # fmt: skip


def test_names_and_categories_are_plain_text() -> None:
    entry = one(
        rss(
            "<item><category>&lt;b&gt;Rain&lt;/b&gt;</category><category>Rain</category>"
            "<dc:creator>A &amp;amp; B</dc:creator></item>"
        )
    )
    assert entry.tags == ("Rain",)
    assert entry.authors == ("A & B",)


@pytest.mark.parametrize(
    "name",
    ["links", "tags", "content", "summary_detail", "title_detail", "source", "authors", "published_parsed", "id"],
)
def test_elements_named_after_the_parsers_own_fields_harm_nobody(name: str) -> None:
    feed = read(rss(f'<item><{name}>x</{name}><title>a</title></item><item><{name} a="b"/><title>b</title></item>'))
    assert [entry.title for entry in feed.entries] == ["a", "b"]


CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ufffe\uffff\ud800-\udfff]")
WORDS = st.sampled_from(
    [
        "<item>", "</item>", "<entry>", "</entry>", "<title>", "</title>", "<link>", "</link>", '<link href="', '"/>',
        "&", "<", "]]>", "<![CDATA[", "<description>", "</description>", "<script>", "&#0;", "&#xD800;", "\x00",
        "\ufffe", "é", "javascript:alert(1)", "<!--", "-->", '<content type="xhtml">', "</content>", "<guid>",
        "</guid>", " ", "x", "<pubDate>", "</pubDate>", "2026-03-02", "&amp;lt;script&amp;gt;",
    ]
)  # fmt: skip


def texts(feed: ParsedFeed) -> list[str]:
    found = [feed.title, *feed.problems]
    for entry in feed.entries:
        for field in fields(entry):
            value = getattr(entry, field.name)
            found += (
                [value]
                if isinstance(value, str)
                else [each for each in value if isinstance(each, str)]
                if isinstance(value, tuple)
                else []
            )
    return found


@given(st.lists(WORDS, max_size=40).map("".join), st.sampled_from(["rss", "atom", "raw"]))
def test_whatever_comes_in_is_a_feed_or_its_error(text: str, kind: str) -> None:
    body = {"rss": rss(text), "atom": atom(text), "raw": text.encode("utf-8", "surrogatepass")}[kind]
    try:
        feed = read(body)
    except FeedError:
        return
    for each in texts(feed):
        assert not CONTROL.search(each)
    for entry in feed.entries:
        assert not re.search(r"<(?:script|iframe)|\son\w+=|href=\"(?!https?:|mailto:)", entry.html)
        assert entry.url is None or entry.url.lower().startswith(("http://", "https://"))


@given(st.binary(max_size=400))
def test_random_bytes_are_a_feed_or_its_error(body: bytes) -> None:
    with suppress(FeedError):
        assert read(body).format
