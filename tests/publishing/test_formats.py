"""All three formats: valid by their schemas, and read back by parsers that did not write them."""

import io
import json
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from html import unescape
from pathlib import Path
from typing import Any

import feedparser
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from aggregator.model import Event
from aggregator.publishing import atom, content, jsonfeed, rss
from aggregator.publishing.channel import Channel, Origin, Place, compose
from aggregator.publishing.escaping import language_tag, one_line, plain, web_url
from aggregator.publishing.publication import Content, OutputFeed, Updates
from aggregator.publishing.release import decide
from aggregator.publishing.words import translator
from tests.publishing import values
from tests.publishing.values import ALL, EVENTS, NOW, OLD_STORE, PLACE, PUBLIC, event, outlets, source

SPEAKING = ("channel", "content", "rss")  # modules that say something themselves
ATOM = {"a": "http://www.w3.org/2005/Atom", "thr": "http://purl.org/syndication/thread/1.0"}
STRICT = etree.XMLParser(resolve_entities=False, no_network=True, recover=False, huge_tree=True)


def channel(*found: Event, feed: OutputFeed = ALL, place: Place = PLACE, minutes: int = 5_000) -> Channel:
    now = NOW + timedelta(minutes=minutes)
    told = [decide(feed, one, None, now=now, store_age=OLD_STORE) for one in found]
    return compose(feed, [one for one in told if one], {one.id: one for one in found}, place)


def merged_channel() -> Channel:
    """An event that was told, and was then absorbed by another."""
    absorbed, survivor = event(*outlets(3)), event(*outlets(6), number=2, headline="The survivor")
    first = decide(EVENTS, absorbed, None, now=NOW, store_age=OLD_STORE)
    gone = replace(absorbed, sources=(), merged_into=2)
    second = decide(EVENTS, gone, first, now=NOW + timedelta(hours=1), store_age=OLD_STORE)
    assert second is not None
    return compose(EVENTS, [second], {1: gone, 2: survivor}, PLACE)


def milestone_channel() -> Channel:
    feed = replace(EVENTS, updates=Updates.MILESTONES)
    first = decide(feed, event(*outlets(3)), None, now=NOW, store_age=OLD_STORE)
    grown = event(*outlets(5))
    second = decide(feed, grown, first, now=NOW + timedelta(hours=2), store_age=OLD_STORE)
    assert first is not None
    assert second is not None
    return compose(feed, [second, first], {1: grown}, PUBLIC)


@pytest.fixture(scope="session")
def grammar(shared: Path) -> etree.RelaxNG:
    return etree.RelaxNG(etree.parse(str(shared / "schema" / "atom.rng")))


@pytest.fixture(scope="session")
def json_schema(shared: Path) -> Any:
    jsonschema = pytest.importorskip("jsonschema")
    schema = json.loads((shared / "schema" / "jsonfeed.json").read_text())
    return jsonschema.Draft7Validator(schema)


# Of events told in one second a document tells up to a million apart (release): none holds numbers so far apart.
numbers = st.lists(st.integers(1, 10**7), min_size=1, max_size=3, unique_by=lambda number: number % 10**6)
random_events = numbers.flatmap(lambda numbers: st.tuples(*(values.events(number=number) for number in numbers)))
places = st.sampled_from([PLACE, PUBLIC, replace(PUBLIC, hub_url="https://hub.example/", pictures=False)])
contents = st.sampled_from(list(Content))


@settings(max_examples=150)
@given(random_events, places, contents)
def test_whatever_comes_in_the_documents_are_valid(
    grammar: etree.RelaxNG, json_schema: Any, found: tuple[Event, ...], place: Place, content: Content
) -> None:
    one = channel(*found, feed=replace(ALL, content=content), place=place)
    assert len(one.releases) == len(found)
    check_all(one, grammar, json_schema)


@pytest.mark.soak
@settings(max_examples=1_000, deadline=None)
@given(random_events, places, contents)
def test_two_thousand_events_of_random_text_are_valid(
    grammar: etree.RelaxNG, json_schema: Any, found: tuple[Event, ...], place: Place, content: Content
) -> None:
    one = channel(*found, feed=replace(ALL, content=content), place=place)
    check_all(one, grammar, json_schema)


def check_all(one: Channel, grammar: etree.RelaxNG, json_schema: Any) -> None:
    document = etree.fromstring(atom.FORMAT.write(one), STRICT)
    grammar.assertValid(document)
    json_schema.validate(json.loads(jsonfeed.FORMAT.write(one)))
    check_as_the_w3c_does(document)
    check_rss_as_the_w3c_does(etree.fromstring(rss.FORMAT.write(one), STRICT), one)
    check_nothing_broke_out(one)


def check_as_the_w3c_does(document: etree._Element) -> None:
    """Look for what the W3C feed validator warns of beyond the grammar."""
    entries = document.findall("a:entry", ATOM)
    assert len({entry.findtext("a:updated", namespaces=ATOM) for entry in entries}) == len(entries)
    assert len({entry.findtext("a:id", namespaces=ATOM) for entry in entries}) == len(entries)
    for name in ("title", "name", "summary", "content", "id"):
        for element in document.iter(f"{{{ATOM['a']}}}{name}"):
            assert (element.text or "").strip(), name
    assert [link.get("href") for link in document.findall("a:link[@rel='self']", ATOM)] == [
        link.get("href") for link in document.findall("a:link[@type='application/atom+xml']", ATOM)
    ]
    for entry in entries:  # RFC 4287 §4.1.2: of several alternates each needs a type or language of its own
        assert len(entry.findall("a:link[@rel='alternate']", ATOM)) <= 1
        assert len(entry.findall("a:source", ATOM)) <= 1
        for name in ("published", "updated"):
            text = entry.findtext(f"a:{name}", namespaces=ATOM)
            assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", text or "")
    for link in document.iter(f"{{{ATOM['a']}}}link"):
        assert re.fullmatch(r"https?://[0-9a-zA-Z;/?:@&=+$.\-_!~*'()%,#\[\]]+", link.get("href"))
        assert not re.search(r"</\w+>", link.get("title") or "")
    for text in document.itertext():
        assert not re.search("[\x80-\x9f\ufffd]", text)


RFC_822 = r"(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT"


def check_rss_as_the_w3c_does(document: etree._Element, one: Channel) -> None:
    """Look for what the validator and the RSS profile warn of: dates, guids, the link to itself, relative URLs."""
    assert document.get("version") == "2.0"
    (head,) = document
    assert [child.tag for child in head].index("link") < [child.tag for child in head].index("pubDate")
    (itself,) = (link for link in head.findall("a:link", ATOM) if link.get("rel") == "self")
    assert (itself.get("href"), itself.get("type")) == (one.self_url("rss"), "application/rss+xml")
    for name in ("title", "link", "description"):
        assert (head.findtext(name) or "").strip(), name
    assert head.find("lastBuildDate") is None  # it would change where nothing else does
    items = head.findall("item")
    assert len({item.findtext("guid") for item in items}) == len(items)
    for dated in (head, *items):
        assert re.fullmatch(RFC_822, dated.findtext("pubDate") or "")
    for item in items:
        (guid,) = item.findall("guid")
        assert guid.get("isPermaLink") == "false"
        assert (item.findtext("title") or "").strip()
        assert (item.findtext("description") or "").strip()
        assert item.find("author") is None  # that would have to be an address of mail
        for link in item.findall("link"):
            assert re.fullmatch(r"https?://[^\s/][^\s]*", link.text or "")
        check_html(item.findtext("{http://purl.org/rss/1.0/modules/content/}encoded") or "")


def check_html(markup: str) -> None:
    """See that a fragment is well-formed, and that every address in it stands by itself."""
    parser = etree.HTMLParser()
    fragment = etree.fromstring(f"<!doctype html><html><body><div>{markup}</div></body></html>", parser)
    faults = [error.message for error in parser.error_log if error.type_name != "HTML_UNKNOWN_TAG"]
    assert faults == []
    for element in fragment.iter(etree.Element):
        for name in ("href", "src"):
            assert re.match(r"https?://", element.get(name) or "https://")


def check_nothing_broke_out(one: Channel) -> None:
    for item in json.loads(jsonfeed.FORMAT.write(one))["items"]:
        markup = item["content_html"]
        fragment = etree.fromstring(f"<div>{markup}</div>", etree.HTMLParser())
        for element in fragment.iter(etree.Element):
            assert element.tag not in ("script", "iframe", "style", "object", "svg", "form", "link", "meta")
            for name, value in element.attrib.items():
                assert not name.startswith("on")
                assert name not in ("href", "src") or value.startswith(("http://", "https://"))
        assert values.PASSWORD not in markup


@settings(max_examples=100)
@given(random_events, places)
def test_parsers_read_back_every_id_title_link_date_and_source(found: tuple[Event, ...], place: Place) -> None:
    one = channel(*found, place=place)
    by_lxml = etree.fromstring(atom.FORMAT.write(one), STRICT)
    by_json = json.loads(jsonfeed.FORMAT.write(one))["items"]
    in_rss = etree.fromstring(rss.FORMAT.write(one), STRICT).findall("channel/item")
    for release, entry, item, record in zip(
        one.releases, by_lxml.findall("a:entry", ATOM), in_rss, by_json, strict=True
    ):
        assert entry.findtext("a:id", namespaces=ATOM) == item.findtext("guid") == record["id"] == release.id
        title = entry.find("a:title", ATOM)
        assert title is not None
        read = unescape(title.text) if title.get("type") == "html" else title.text
        assert read == record["title"] == release.title
        assert item.findtext("title") == plain(release.title)
        link = entry.find("a:link[@rel='alternate']", ATOM)
        assert (None if link is None else link.get("href")) == item.findtext("link") == record.get("url")
        assert datetime.fromisoformat(record["date_published"]) == release.published
        assert datetime.fromisoformat(entry.findtext("a:updated", namespaces=ATOM)) == release.updated
        assert parsedate_to_datetime(item.findtext("pubDate")) == release.published.replace(microsecond=0)
        urls = [web_url(source.url) for source in release.event.sources if web_url(source.url)]
        related = [link.get("href") for link in entry.findall("a:link[@rel='related']", ATOM)]
        assert related == urls
        for told, given_source in zip(record["_events"]["sources"], release.event.sources, strict=True):
            assert told["outlet"] == one_line(given_source.outlet, 100)
            assert told["title"] == one_line(given_source.title)
            assert told["language"] == language_tag(given_source.language)


@pytest.mark.parametrize("write", [atom.FORMAT.write, rss.FORMAT.write])
def test_feedparser_reads_every_entry(write: Any) -> None:
    found = [event(*outlets(number % 4 + 1), number=number) for number in range(1, 30)]
    one = channel(*found, place=PUBLIC)
    parsed = feedparser.parse(io.BytesIO(write(one)), sanitize_html=False)
    assert not parsed.bozo
    for release, entry in zip(one.releases, parsed.entries, strict=True):
        assert (entry.id, entry.title, entry.link) == (release.id, release.title, release.link)
        assert datetime(*entry.published_parsed[:6], tzinfo=UTC) == release.published.replace(microsecond=0)
        assert entry.author == release.author
        for line in release.lines:
            assert line.outlet in entry.content[0].value


def test_the_same_events_give_the_same_bytes() -> None:
    found = [event(*outlets(3), number=number) for number in range(1, 9)]
    for write in (atom.FORMAT.write, rss.FORMAT.write, jsonfeed.FORMAT.write):
        assert write(channel(*found)) == write(channel(*found))


def test_an_empty_feed_is_valid(grammar: etree.RelaxNG, json_schema: Any) -> None:
    empty = channel()
    grammar.assertValid(etree.fromstring(atom.FORMAT.write(empty), STRICT))
    json_schema.validate(json.loads(jsonfeed.FORMAT.write(empty)))
    assert b"<pubDate>Mon, 30 Aug 2021 00:00:00 GMT</pubDate>" in rss.FORMAT.write(empty)


def test_the_source_list_comes_first_and_groups_copies() -> None:
    agency = source(1, "Anadolu Agency")
    copies = [source(n, f"Copy {n}", n, copy_of=1) for n in range(2, 16)]
    own = source(20, "Antara", 30, title="Own report")
    item = json.loads(jsonfeed.FORMAT.write(channel(event(agency, *copies, own))))["items"][0]
    text = re.sub(r"<[^>]+>", "", item["content_html"])
    assert text.startswith("16 outlets, 2 independent; first seen 1 Sep 12:00 (UTC) at Anadolu Agency")
    assert "; the same text at Copy 2, Copy 3," in text
    assert "Copy 11 (+4)" in text
    assert text.index("Own report") < text.index("Report 1 of the assault.")
    assert "Report 2 of the assault." not in text


def test_what_is_new_since_the_last_version_is_marked_with_its_time() -> None:
    first = decide(EVENTS, event(*outlets(3)), None, now=NOW, store_age=OLD_STORE)
    grown = event(*outlets(3), source(9, "Tempo", 60), source(10, "Detik", 61))
    second = decide(EVENTS, grown, first, now=NOW + timedelta(minutes=70), store_age=OLD_STORE)
    assert second is not None
    item = json.loads(jsonfeed.FORMAT.write(compose(EVENTS, [second], {1: grown}, PLACE)))["items"][0]
    assert item["content_html"].count("<em>new 1 Sep 13:10</em>") == 2
    assert "+ 1 Sep 13:10 Tempo: <a" in item["content_html"]


def test_a_feed_speaks_the_language_that_it_was_given(grammar: etree.RelaxNG, json_schema: Any) -> None:
    agency = source(1, "Antara", summary="", agency="Antara")
    copies = [source(n, f"Media {n}", n, copy_of=1, summary="") for n in range(2, 4)]
    others = [source(n, f"Media {n}", 240, url=None, title="", summary="") for n in range(4, 120)]
    feed = replace(EVENTS, words="id", updates=Updates.MILESTONES)
    first = decide(feed, event(agency, *copies), None, now=NOW, store_age=OLD_STORE)
    grown = event(agency, *copies, *others, headline="")
    second = decide(feed, grown, first, now=datetime(2021, 12, 5, 7, 30, tzinfo=UTC), store_age=OLD_STORE)
    assert second is not None
    one = compose(feed, [second], {1: grown}, PLACE)
    check_all(one, grammar, json_schema)
    (item,) = json.loads(jsonfeed.FORMAT.write(one))["items"]
    assert item["title"] == "Perkembangan (117 sumber): Tanpa judul"
    text = re.sub(r"<[^>]+>", "", item["content_html"])
    assert text.startswith("119 media, 117 independen; pertama terlihat 1 Sep 12:00 (UTC) di Antara")
    for said in ("; teks yang sama di Media 2, Media 3", "tanpa judul", "baru 5 Des 07:30", "dan 17 media lagi"):
        assert said in text
    assert text.count("Perubahan") == 1
    english = {"outlets", "outlet", "untitled", "new", "more", "at", "seen", "same", "Changes", "sources"}
    assert not english & set(re.findall(r"\w+", text))


def test_every_word_of_a_feed_is_translated() -> None:
    written = "".join((Path(content.__file__).parent / f"{name}.py").read_text() for name in SPEAKING)
    said = set(re.findall(r"""(?:say|count)\(\s*(?:[\w.()]+, )?(?:one, many|["']([^"']+)["'])""", written)) - {""}
    assert len(said) > 15
    assert {text for text in said if translator("id")(text) == text} <= set()


def test_a_merged_event_leads_to_its_successor(grammar: etree.RelaxNG) -> None:
    one = merged_channel()
    document = etree.fromstring(atom.FORMAT.write(one), STRICT)
    grammar.assertValid(document)
    content = document.findtext("a:entry/a:content", namespaces=ATOM)
    assert content.startswith("<p><strong>Merged:</strong> this event goes on as <a")
    assert "The survivor" in content
    assert "Outlet 2" in content  # what it told stays
    record = json.loads(jsonfeed.FORMAT.write(one))["items"][0]
    assert record["_events"]["status"] == "merged"


def test_a_milestone_answers_the_entry_before(grammar: etree.RelaxNG) -> None:
    document = etree.fromstring(atom.FORMAT.write(milestone_channel()), STRICT)
    grammar.assertValid(document)
    second, first = document.findall("a:entry", ATOM)
    assert second.findtext("a:title", namespaces=ATOM).startswith("Update (5 sources): ")
    assert second.findtext("a:id", namespaces=ATOM) == first.findtext("a:id", namespaces=ATOM) + "/m2"
    reply = second.find("thr:in-reply-to", ATOM)
    assert reply is not None
    assert reply.get("ref") == first.findtext("a:id", namespaces=ATOM)


def test_an_event_with_one_source_names_its_origin_last(grammar: etree.RelaxNG) -> None:
    place = replace(PLACE, origins={1: Origin(title="Tempo", url="https://tempo.example/rss")})
    document = etree.fromstring(atom.FORMAT.write(channel(event(source(1, "Tempo")), place=place)), STRICT)
    grammar.assertValid(document)
    entry = document.find("a:entry", ATOM)
    assert entry is not None
    assert entry[-1].tag == f"{{{ATOM['a']}}}source"
    several = etree.fromstring(atom.FORMAT.write(channel(event(*outlets(2)), place=place)), STRICT)
    assert several.find("a:entry/a:source", ATOM) is None


def test_the_link_is_the_article_unless_pages_can_be_reached() -> None:
    one = event(*outlets(3))
    assert channel(one).releases[0].link == one.url
    assert channel(one, place=PUBLIC).releases[0].link == f"https://news.example/events/events/{one.name}"
    record = json.loads(jsonfeed.FORMAT.write(channel(one, place=PUBLIC)))["items"][0]
    assert record["external_url"] == one.url


def test_an_event_of_2000_sources_stays_readable(grammar: etree.RelaxNG) -> None:
    one = channel(event(*(source(n, f"Outlet {n}", n / 10) for n in range(1, 2_001))))
    document = atom.FORMAT.write(one)
    grammar.assertValid(etree.fromstring(document, STRICT))
    assert b"and 1900 more outlets" in document
    assert len(document) < 200_000


def test_a_title_of_10000_characters_is_cut_at_a_word() -> None:
    title = channel(event(source(1, "A"), headline="word " * 2_000)).releases[0].title
    assert title.endswith("word…")
    assert len(title) <= 300


def test_markup_in_plain_text_cannot_be_taken_for_markup() -> None:
    one = channel(event(source(1, "<b>A</b>"), headline="</title><script>alert(1)</script> &lt; R&D"))
    assert b"<title>\xe2\x80\xb9/title>" in rss.FORMAT.write(one).replace(b"&gt;", b">")
    parsed = feedparser.parse(io.BytesIO(atom.FORMAT.write(one)), sanitize_html=False)
    assert unescape(parsed.entries[0].title) == "</title><script>alert(1)</script> &lt; R&D"


def test_full_content_keeps_structure_and_drops_script() -> None:
    html = (
        '<p onclick="x()">One <a href="/relative">two</a></p><script>evil()</script><img src="https://i.example/p.jpg">'
    )
    one = channel(event(source(1, "A", html=html)), feed=replace(ALL, content=Content.FULL))
    content = json.loads(jsonfeed.FORMAT.write(one))["items"][0]["content_html"]
    assert '<p>One <a>two</a></p><img src="https://i.example/p.jpg">' in content
    quiet = channel(
        event(source(1, "A", html=html)), feed=replace(ALL, content=Content.FULL), place=replace(PLACE, pictures=False)
    )
    assert "<img" not in json.loads(jsonfeed.FORMAT.write(quiet))["items"][0]["content_html"]
