"""Write RSS 2.0 as the RSS Advisory Board's profile advises, with content:encoded and Dublin Core names."""

from email.utils import format_datetime

from lxml import etree

from aggregator.publishing.channel import Channel, Release
from aggregator.publishing.content import Body
from aggregator.publishing.escaping import html, language_tag, one_line, plain, web_url
from aggregator.publishing.format import Format

_ATOM = "http://www.w3.org/2005/Atom"
_CONTENT = "http://purl.org/rss/1.0/modules/content/"
_CORE = "http://purl.org/dc/elements/1.1/"
_MEDIA = "http://search.yahoo.com/mrss/"
_THREAD = "http://purl.org/syndication/thread/1.0"
_NAMESPACES = {"atom": _ATOM, "content": _CONTENT, "dc": _CORE, "media": _MEDIA, "thr": _THREAD}
_MOST_CONTRIBUTORS = 100
_MEDIA_TYPE = "application/rss+xml"
_TAIL = b"  </channel>\n</rss>\n"


def _head(channel: Channel) -> bytes:
    rss = etree.Element("rss", nsmap=_NAMESPACES, version="2.0")
    head = etree.SubElement(rss, "channel")
    told = channel.manner.say("each item is one event with its sources.")
    _text(head, "title", plain(channel.title))
    _text(head, "link", channel.home_url)
    _text(head, "description", plain(f"{channel.title}: {told}"))
    if (language := language_tag(channel.place.language)) is not None:
        _text(head, "language", language)
    _text(head, "pubDate", format_datetime(channel.updated, usegmt=True))
    _text(head, "generator", "aggregator")
    _link(head, "self", channel.self_url("rss"), type=_MEDIA_TYPE)
    if (hub := web_url(channel.place.hub_url)) is not None:
        _link(head, "hub", hub)
    return etree.tostring(rss, encoding="utf-8", xml_declaration=True, pretty_print=True).removesuffix(_TAIL)


def _item(channel: Channel, release: Release, body: Body) -> bytes:
    """Write an item as it stands in a channel, by whose element its namespaces are declared."""
    rss = etree.Element("rss", nsmap=_NAMESPACES, version="2.0")
    etree.SubElement(rss, "channel").append(_element(release, body))
    document = etree.tostring(rss, encoding="utf-8", pretty_print=True)
    begin = document.index(b"<channel>\n") + len(b"<channel>\n")
    return document[begin : -len(_TAIL)]


def _element(release: Release, body: Body) -> etree._Element:
    item = etree.Element("item")
    _text(item, "title", plain(release.title))
    if release.link is not None:
        _text(item, "link", release.link)
    etree.SubElement(item, "guid", isPermaLink="false").text = release.id
    _text(item, "pubDate", format_datetime(release.published, usegmt=True))
    for tag in release.tags:
        _text(item, "category", plain(tag))
    _text(item, f"{{{_CORE}}}creator", plain(release.author))
    for line in release.lines[:_MOST_CONTRIBUTORS]:
        if (name := one_line(line.outlet, 100)) and name != release.author:
            _text(item, f"{{{_CORE}}}contributor", plain(name))
    _text(item, "description", html(body.summary))  # HTML by custom, so plain text is escaped twice
    _text(item, f"{{{_CONTENT}}}encoded", body.html)
    if release.image is not None:
        etree.SubElement(item, f"{{{_MEDIA}}}thumbnail", url=release.image)
    if release.previous_id is not None:
        reply = etree.SubElement(item, f"{{{_THREAD}}}in-reply-to", ref=release.previous_id)
        if release.link is not None:
            reply.set("href", release.link)
    return item


def _text(parent: etree._Element, name: str, text: str) -> None:
    etree.SubElement(parent, name).text = text


def _link(parent: etree._Element, rel: str, href: str, **attributes: str) -> None:
    etree.SubElement(parent, f"{{{_ATOM}}}link", {"rel": rel, "href": href} | attributes)


FORMAT = Format(media_type=_MEDIA_TYPE, head=_head, entry=_item, tail=_TAIL)
