"""An outlet's reports as the document that its feed serves: RSS 2.0, Atom 1.0 (RFC 4287), JSON Feed 1.1 or RSS 1.0."""

import json
from collections.abc import Callable, Sequence
from datetime import datetime
from email.utils import format_datetime

from lxml import etree

from aggregator.demo.reports import Format, NewsReport, Outlet

ATOM = "http://www.w3.org/2005/Atom"
DC = "http://purl.org/dc/elements/1.1/"
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
RSS1 = "http://purl.org/rss/1.0/"
XML = "http://www.w3.org/XML/1998/namespace"

CONTENT_TYPES: dict[Format, str] = {
    "rss": "application/rss+xml",
    "atom": "application/atom+xml",
    "json": "application/feed+json",
    "rdf": "application/rdf+xml",
}


def document(outlet: Outlet, reports: Sequence[NewsReport], url: str) -> bytes:
    """Write the feed at `url` with these reports, the latest first; the same reports give the same bytes."""
    latest_first = sorted(reports, key=lambda report: report.published, reverse=True)
    return WRITERS[outlet.format](outlet, latest_first, url)


def _rss(outlet: Outlet, reports: Sequence[NewsReport], url: str) -> bytes:
    root = etree.Element("rss", {"version": "2.0"}, nsmap={"atom": ATOM})
    channel = etree.SubElement(root, "channel")
    for name, text in (("title", outlet.name), ("link", outlet.site), ("description", outlet.name)):
        _add(channel, name, text)
    _add(channel, "language", outlet.language)
    _add(channel, f"{{{ATOM}}}link", rel="self", href=url, type=CONTENT_TYPES["rss"])
    for report in reports:
        item = etree.SubElement(channel, "item")
        _add(item, "title", report.title)
        _add(item, "link", report.url)
        _add(item, "guid", report.url, isPermaLink="true")
        _add(item, "pubDate", format_datetime(report.published, usegmt=True))
        _add(item, "description", report.text)
    return _serialise(root)


def _atom(outlet: Outlet, reports: Sequence[NewsReport], url: str) -> bytes:
    root = etree.Element(f"{{{ATOM}}}feed", {f"{{{XML}}}lang": outlet.language}, nsmap={None: ATOM})

    def add(parent: etree._Element, name: str, text: str | None = None, **attributes: str) -> etree._Element:
        return _add(parent, f"{{{ATOM}}}{name}", text, **attributes)

    add(root, "id", f"{outlet.site}/")
    add(root, "title", outlet.name)
    add(root, "updated", _iso(reports[0].published) if reports else "2021-01-01T00:00:00Z")
    add(root, "link", rel="self", href=url)
    add(add(root, "author"), "name", outlet.name)
    for report in reports:
        entry = add(root, "entry")
        add(entry, "id", report.url)
        add(entry, "title", report.title)
        add(entry, "link", rel="alternate", href=report.url)
        add(entry, "published", _iso(report.published))
        add(entry, "updated", _iso(report.published))
        add(entry, "summary", report.text)
    return _serialise(root)


def _rdf(outlet: Outlet, reports: Sequence[NewsReport], url: str) -> bytes:
    root = etree.Element(f"{{{RDF}}}RDF", nsmap={"rdf": RDF, None: RSS1, "dc": DC})
    channel = _add(root, f"{{{RSS1}}}channel", **{f"{{{RDF}}}about": url})
    for name, text in (("title", outlet.name), ("link", outlet.site), ("description", outlet.name)):
        _add(channel, f"{{{RSS1}}}{name}", text)
    _add(channel, f"{{{DC}}}language", outlet.language)
    sequence = _add(_add(channel, f"{{{RSS1}}}items"), f"{{{RDF}}}Seq")
    for report in reports:
        _add(sequence, f"{{{RDF}}}li", **{f"{{{RDF}}}resource": report.url})
        item = _add(root, f"{{{RSS1}}}item", **{f"{{{RDF}}}about": report.url})
        for name, text in (("title", report.title), ("link", report.url), ("description", report.text)):
            _add(item, f"{{{RSS1}}}{name}", text)
        _add(item, f"{{{DC}}}date", _iso(report.published))
    return _serialise(root)


def _json(outlet: Outlet, reports: Sequence[NewsReport], url: str) -> bytes:
    items = [
        {
            "id": report.url,
            "url": report.url,
            "title": report.title,
            "content_text": report.text,
            "date_published": _iso(report.published),
        }
        for report in reports
    ]
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": outlet.name,
        "home_page_url": outlet.site,
        "feed_url": url,
        "language": outlet.language,
        "items": items,
    }
    return json.dumps(feed, ensure_ascii=False, indent=1).encode()


WRITERS: dict[Format, Callable[[Outlet, Sequence[NewsReport], str], bytes]] = {
    "rss": _rss,
    "atom": _atom,
    "json": _json,
    "rdf": _rdf,
}


def _add(parent: etree._Element, name: str, text: str | None = None, **attributes: str) -> etree._Element:
    child = etree.SubElement(parent, name, attributes)
    child.text = text
    return child


def _serialise(root: etree._Element) -> bytes:
    return etree.tostring(root, encoding="utf-8", xml_declaration=True, pretty_print=True)


def _iso(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
