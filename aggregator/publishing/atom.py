"""Write Atom 1.0 (RFC 4287), with in-reply-to (RFC 4685) between milestones."""

from datetime import UTC, datetime

from lxml import etree

from aggregator.publishing.channel import Channel, Release
from aggregator.publishing.content import Body
from aggregator.publishing.escaping import clean, html, language_tag, one_line, plain, web_url
from aggregator.publishing.format import Format

_ATOM = "http://www.w3.org/2005/Atom"
_THREAD = "http://purl.org/syndication/thread/1.0"
_MEDIA = "http://search.yahoo.com/mrss/"
_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_NAMESPACES = {None: _ATOM, "thr": _THREAD, "media": _MEDIA}
_MOST_RELATED = 100  # links and contributors of one entry
_MEDIA_TYPE = "application/atom+xml"
_TAIL = b"</feed>\n"


def _head(channel: Channel) -> bytes:
    place = channel.place
    feed = etree.Element(f"{{{_ATOM}}}feed", nsmap=_NAMESPACES)
    if (language := language_tag(place.language)) is not None:
        feed.set(_LANG, language)
    _text(feed, "id", channel.id)
    _title(feed, channel.title)
    _text(feed, "updated", timestamp(channel.updated))
    _link(feed, "self", channel.self_url("atom"), type=_MEDIA_TYPE)
    _link(feed, "alternate", channel.home_url, type="text/html")
    if (hub := web_url(place.hub_url)) is not None:
        _link(feed, "hub", hub)
    _person(feed, "author", channel.title)
    _text(feed, "generator", "aggregator")
    return etree.tostring(feed, encoding="utf-8", xml_declaration=True, pretty_print=True).removesuffix(_TAIL)


def timestamp(at: datetime) -> str:
    """Write an instant as RFC 3339 in UTC; the fraction of a second tells events of one batch apart."""
    return at.astimezone(UTC).isoformat(timespec="microseconds").removesuffix("+00:00") + "Z"


def _entry(channel: Channel, release: Release, body: Body) -> bytes:
    """Write an entry as it stands in a feed, by whose element its namespaces are declared."""
    feed = etree.Element(f"{{{_ATOM}}}feed", nsmap=_NAMESPACES)
    feed.append(_element(channel, release, body))
    document = etree.tostring(feed, encoding="utf-8", pretty_print=True)
    return document[document.index(b"\n") + 1 : -len(_TAIL)]


def _element(channel: Channel, release: Release, body: Body) -> etree._Element:
    entry = etree.Element(f"{{{_ATOM}}}entry")
    if release.language is not None:
        entry.set(_LANG, release.language)
    _text(entry, "id", release.id)
    _title(entry, release.title)
    _text(entry, "published", timestamp(release.published))
    _text(entry, "updated", timestamp(release.updated))
    _links(entry, release)
    _person(entry, "author", release.author)
    for line in release.lines[:_MOST_RELATED]:
        if (name := one_line(line.outlet, 100)) and name != release.author:
            _person(entry, "contributor", name)
    for tag in release.tags:
        etree.SubElement(entry, f"{{{_ATOM}}}category", term=tag, label=plain(tag))
    _text(entry, "summary", body.summary, text_type=True)
    content = etree.SubElement(entry, f"{{{_ATOM}}}content", type="html")
    content.text = body.html
    if release.image is not None:
        etree.SubElement(entry, f"{{{_MEDIA}}}thumbnail", url=release.image)
    if release.previous_id is not None:
        _in_reply_to(entry, release)
    _source(entry, channel, release)  # last: Feedbin takes a source's title for the entry's when it comes first
    return entry


def _links(entry: etree._Element, release: Release) -> None:
    if release.link is not None:
        _link(entry, "alternate", release.link, type="text/html")
    if release.article is not None:
        _link(entry, "via", release.article)
    if release.successor_link is not None and release.successor is not None:
        _link(entry, "related", release.successor_link, title=plain(one_line(release.successor.headline) or "event"))
    for source in release.event.sources[:_MOST_RELATED]:
        if (url := web_url(source.url)) is not None:
            title = one_line(f"{source.outlet}: {source.title}")
            _link(entry, "related", url, title=plain(title), hreflang=language_tag(source.language))


def _in_reply_to(entry: etree._Element, release: Release) -> None:
    reply = etree.SubElement(entry, f"{{{_THREAD}}}in-reply-to", ref=str(release.previous_id))
    if release.link is not None:
        reply.set("href", release.link)


def _source(entry: etree._Element, channel: Channel, release: Release) -> None:
    """Name where the only report of an event comes from."""
    origin, sources = release.origin, release.event.sources
    url = web_url(origin.url) if origin is not None else None
    if origin is None or url is None:
        return
    source = etree.SubElement(entry, f"{{{_ATOM}}}source")
    _text(source, "id", channel.place.installation.source_id(sources[0].feed))
    _title(source, one_line(origin.title) or release.author)
    _text(source, "updated", timestamp(sources[0].first_seen))
    _link(source, "self", url)
    if (site := web_url(origin.site)) is not None:
        _link(source, "alternate", site, type="text/html")


def _title(parent: etree._Element, text: str) -> None:
    """Write a title; as HTML where a reader that ignores the type could see markup or a reference in the text."""
    title = etree.SubElement(parent, f"{{{_ATOM}}}title")
    if plain(text) == text:
        title.text = text
    else:
        title.set("type", "html")
        title.text = html(text)


def _text(parent: etree._Element, name: str, text: str, *, text_type: bool = False) -> None:
    element = etree.SubElement(parent, f"{{{_ATOM}}}{name}")
    if text_type and plain(text) != text:
        element.set("type", "html")
        text = html(text)
    element.text = clean(text)


def _person(parent: etree._Element, name: str, text: str) -> None:
    person = etree.SubElement(parent, f"{{{_ATOM}}}{name}")
    _text(person, "name", plain(text))


def _link(parent: etree._Element, rel: str, href: str, **attributes: str | None) -> None:
    given = {name: value for name, value in attributes.items() if value}
    etree.SubElement(parent, f"{{{_ATOM}}}link", {"rel": rel, "href": href} | given)


FORMAT = Format(media_type=_MEDIA_TYPE, head=_head, entry=_entry, tail=_TAIL)
