"""OPML 2.0: subscriptions in and out. Folders are tags."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from urllib.parse import urlsplit, urlunsplit

from lxml import etree

from aggregator.errors import InputError
from aggregator.parsing import doctype, encoding, repair, urls
from aggregator.parsing.characters import line, xml_only

_BODY_LIMIT = 10 * 1024 * 1024  # bytes
_DEPTH = 32  # folders within folders
_NAME_LIMIT = 200  # characters


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """One feed of a list."""

    url: str
    name: str | None = None
    site_url: str | None = None
    tags: tuple[str, ...] = ()
    language: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscriptions:
    """What a document subscribes to, each URL once, and for a person what was left out and why."""

    feeds: tuple[Subscription, ...]
    skipped: tuple[str, ...] = ()


def read(body: bytes, *, name: str = "the OPML document") -> Subscriptions:
    """Read a document; `name` is what errors call it.

    Raises: InputError when it is no OPML or holds no feed.
    """
    if len(body) > _BODY_LIMIT:
        raise InputError(f"{name}: larger than {_BODY_LIMIT // 2**20} MiB")
    feeds: dict[str, Subscription] = {}
    skipped: list[str] = []
    for outline, folders in _outlines(_root(body, name)):
        wanted = outline.get("xmlurl", "")
        url = urls.feed_url(wanted)
        if url is None:
            skipped.append(f"{line(wanted, 100)!r} is no http or https URL")
            continue
        one = _subscription(url, outline, folders)
        known = feeds.get(url)
        feeds[url] = one if known is None else _with_tags(known, one.tags)
    if not feeds:
        raise InputError(f"{name}: no feed in it" + (f" ({skipped[0]})" if skipped else ""))
    return Subscriptions(feeds=tuple(feeds.values()), skipped=tuple(skipped))


def write(feeds: Iterable[Subscription], *, title: str, now: datetime) -> bytes:
    """Write a document: a folder for each first tag, in the order given; credentials are left out of URLs."""
    root = etree.Element("opml", version="2.0")
    head = etree.SubElement(root, "head")
    etree.SubElement(head, "title").text = line(title)
    etree.SubElement(head, "dateCreated").text = format_datetime(now, usegmt=True)
    body = etree.SubElement(root, "body")
    folders: dict[str, etree._Element] = {}
    for feed in feeds:
        place = body
        if feed.tags:
            folder = line(feed.tags[0])
            if folder not in folders:
                folders[folder] = etree.SubElement(body, "outline", text=folder, title=folder)
            place = folders[folder]
        etree.SubElement(place, "outline", _attributes(feed))
    return etree.tostring(root, encoding="utf-8", xml_declaration=True, pretty_print=True)


def _root(body: bytes, name: str) -> etree._Element:
    """Parse without network, external entities or unbounded trees; slips of hand-written files are repaired."""
    parser = etree.XMLParser(
        encoding="utf-8", resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, recover=True
    )
    text, _ = xml_only(encoding.decode(body, None).text.strip())
    text = repair.references(*doctype.without(text)).text
    try:
        root = etree.fromstring(text.encode(), parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise InputError(f"{name}: not XML ({error})") from error
    if root is None or etree.QName(root).localname.lower() != "opml":
        raise InputError(f"{name}: not OPML" + (f" but <{etree.QName(root).localname}>" if root is not None else ""))
    return root


def _outlines(root: etree._Element) -> Iterable[tuple[dict[str, str], tuple[str, ...]]]:
    """Give every outline that subscribes, with the names of the folders it is in."""
    folders: list[str] = []
    for event, element in etree.iterwalk(root, events=("start", "end"), tag="{*}outline"):
        attributes = {str(key).lower(): str(value) for key, value in element.attrib.items()}
        if event == "end":
            folders.pop()
            continue
        if "xmlurl" in attributes:
            yield attributes, tuple(dict.fromkeys(folder for folder in folders[:_DEPTH] if folder))
            folders.append("")
        else:
            folders.append(line(attributes.get("text") or attributes.get("title") or "", _NAME_LIMIT))


def _subscription(url: str, outline: dict[str, str], folders: tuple[str, ...]) -> Subscription:
    categories = (part.strip().strip("/").rsplit("/", 1)[-1] for part in outline.get("category", "").split(","))
    tags = dict.fromkeys([*folders, *(line(part, _NAME_LIMIT) for part in categories if part)])
    return Subscription(
        url=url,
        name=line(outline.get("title") or outline.get("text") or "", _NAME_LIMIT) or None,
        site_url=urls.http_only(outline.get("htmlurl")),
        tags=tuple(tags),
        language=outline.get("language") or None,
    )


def _with_tags(feed: Subscription, tags: tuple[str, ...]) -> Subscription:
    merged = tuple(dict.fromkeys([*feed.tags, *tags]))
    return Subscription(url=feed.url, name=feed.name, site_url=feed.site_url, tags=merged, language=feed.language)


def _attributes(feed: Subscription) -> dict[str, str]:
    name = line(feed.name or "") or urls.outlet_of(feed.url)
    attributes = {"type": "rss", "text": name, "title": name, "xmlUrl": _without_credentials(feed.url)}
    if feed.site_url:
        attributes["htmlUrl"] = _without_credentials(feed.site_url)
    if feed.language:
        attributes["language"] = line(feed.language)
    if feed.tags:
        attributes["category"] = ",".join(line(tag).replace(",", " ") for tag in feed.tags)
    return attributes


def _without_credentials(url: str) -> str:
    parts = urlsplit(line(url))
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))
