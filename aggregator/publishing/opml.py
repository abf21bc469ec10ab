"""Write OPML 2.0: a list of feeds that any reader imports."""

from collections.abc import Iterable
from dataclasses import dataclass

from lxml import etree

from aggregator.publishing.escaping import one_line, web_url

MEDIA_TYPE = "text/x-opml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outline:
    """A feed of the list. `url` is without secrets: the list is meant to be given away."""

    title: str
    url: str
    site: str | None = None
    tags: tuple[str, ...] = ()
    language: str | None = None


def write(title: str, outlines: Iterable[Outline]) -> bytes:
    """Give the document; a feed without a usable URL is left out."""
    opml = etree.Element("opml", version="2.0")
    etree.SubElement(etree.SubElement(opml, "head"), "title").text = one_line(title)
    body = etree.SubElement(opml, "body")
    for outline in outlines:
        url = web_url(outline.url)
        if url is None:
            continue
        name = one_line(outline.title) or url
        given = {
            "htmlUrl": web_url(outline.site),
            "category": ",".join(tag for tag in (one_line(tag, 60).replace(",", " ") for tag in outline.tags) if tag),
            "language": one_line(outline.language or "", 35),
        }
        attributes = {"type": "rss", "text": name, "title": name, "xmlUrl": url}
        etree.SubElement(body, "outline", attributes | {key: value for key, value in given.items() if value})
    return etree.tostring(opml, encoding="utf-8", xml_declaration=True, pretty_print=True)
