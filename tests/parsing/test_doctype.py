"""Entities that a document declares itself: plain ones are what they stand for, all others stay as they are written."""

import pytest

from aggregator.model import ParsedFeed
from aggregator.parsing.doctype import without
from aggregator.parsing.document import parse


def read(doctype: str, title: str, description: str = "") -> ParsedFeed:
    body = (
        f'<?xml version="1.0"?>\n{doctype}\n<rss version="2.0"><channel><title>Contoh</title>'
        f"<item><title>{title}</title><description>{description}</description></item></channel></rss>"
    )
    return parse(body.encode(), url="https://contoh.example/feed.xml", content_type=None)


@pytest.mark.parametrize(
    "doctype",
    [
        "<!DOCTYPE rss [<!ENTITY co 'Acme'>]>",
        '<!DOCTYPE rss [\n  <!-- names ]> -->\n  <!ENTITY co "Acme">\n] >',
        '<!-- <!DOCTYPE none> --><!DOCTYPE rss SYSTEM "rss.dtd" [<!ENTITY co "Acme"><!ENTITY co "Other">]>',
    ],
)
def test_a_plain_entity_of_the_document_is_what_it_stands_for(doctype: str) -> None:
    feed = read(doctype, "&co; quake of size 4", "<![CDATA[&co; R&D]]>")
    assert (feed.entries[0].title, feed.problems) == ("Acme quake of size 4", ())
    assert feed.entries[0].summary == "&co; R&D"


def test_an_entity_may_hold_characters_that_xml_escapes() -> None:
    feed = read("""<!DOCTYPE rss [<!ENTITY co 'A &amp; B &#38;#38; "C" ]]> é'>]>""", "&co;")
    assert (feed.entries[0].title, feed.problems) == ('A & B & "C" ]]> é', ())


def test_namespaces_may_be_written_as_entities() -> None:
    body = (
        b'<!DOCTYPE rdf:RDF [<!ENTITY rdf "http://www.w3.org/1999/02/22-rdf-syntax-ns#">]>'
        b'<rdf:RDF xmlns:rdf="&rdf;" xmlns="http://purl.org/rss/1.0/"><item><title>One</title></item></rdf:RDF>'
    )
    feed = parse(body, url="https://contoh.example/feed.xml", content_type=None)
    assert (feed.format, len(feed.entries), feed.problems) == ("rss 1.0", 1, ())


@pytest.mark.parametrize(
    "declared",
    [
        "<!ENTITY a 'lol'><!ENTITY x '&a;&a;'>",
        "<!ENTITY x SYSTEM 'file:///etc/passwd'>",
        "<!ENTITY x '&#60;b>bold&#60;/b>'>",
        f"<!ENTITY x '{'long ' * 300}'>",
        "".join(f"<!ENTITY n{n} 'x'>" for n in range(1_100)) + "<!ENTITY x 'past the bound'>",
    ],
)
def test_other_entities_stay_as_they_are_written_and_this_is_told(declared: str) -> None:
    feed = read(f"<!DOCTYPE rss [{declared}]>", "a &x; b")
    assert feed.entries[0].title == "a &x; b"
    assert feed.problems == ("1 references to entities of its own, which are not expanded",)


def test_what_a_parameter_entity_may_have_declared_is_not_looked_up() -> None:
    doctype = "<!DOCTYPE rss [<!ENTITY % all SYSTEM 'http://127.0.0.1:9/all.ent'> %all; <!ENTITY x 'y'>]>"
    assert read(doctype, "a &x; b").entries[0].title == "a &x; b"


def test_entities_make_a_document_longer_by_a_bound_only() -> None:
    feed = read(f"<!DOCTYPE rss [<!ENTITY x '{'y' * 1_000}'>]>", "z", "&x;" * 5_000)
    assert feed.problems == ("3952 references to entities of its own, which are not expanded",)


@pytest.mark.parametrize(
    "text",
    ["<rss/>", "<!DOCTYPE rss [<!ENTITY a 'b'>", "<!DOCTYPE rss [<!ENTITY a b>]><rss/>", "<rss><!DOCTYPE rss></rss>"],
)
def test_what_is_no_type_declaration_stays(text: str) -> None:
    assert without(text) == (text, {})


def test_a_declaration_leaves_its_lines() -> None:
    assert without("\n<!DOCTYPE rss [\n<!ENTITY a 'b'>\n]>\n<rss/>") == ("\n\n\n\n<rss/>", {"a": "b"})
