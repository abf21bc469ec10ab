"""JSON Feed 1.0 and 1.1 (jsonfeed.org)."""

import json
import re
from collections.abc import Mapping
from typing import Any

from aggregator.model import ParsedEntry, ParsedFeed
from aggregator.parsing import dates, entries, html, limits, urls
from aggregator.parsing.characters import clean
from aggregator.parsing.entries import NAME_LIMIT, as_html, distinct
from aggregator.parsing.languages import language

_VERSION = re.compile(r"https?://(?:www\.)?jsonfeed\.org/version/(1(?:\.\d)?)/?$")
_DEPTH = 64  # brackets within brackets; a feed needs five
_BRACKET = re.compile(r'"(?:[^"\\]|\\.)*+"|[\[{]|[\]}]', re.DOTALL)

Object = Mapping[str, Any]


class NotJsonFeed(ValueError):
    """Say why a JSON document is no JSON Feed."""


def read(document: str, *, url: str) -> ParsedFeed:
    """Parse a decoded document.

    Raises: NotJsonFeed, with a reason for a person.
    """
    feed = _load(document)
    version = _VERSION.match(_text(feed, "version"))
    if version is None:
        raise NotJsonFeed("JSON, but not a JSON Feed: it has no version of jsonfeed.org")
    items = [item for item in _list(feed, "items") if isinstance(item, dict)]
    kept = limits.newest(items, lambda item: _date(item, "date_published") or _date(item, "date_modified"))
    spoken = language(_text(feed, "language"))
    skipped = len(_list(feed, "items")) - len(items)
    return ParsedFeed(
        format=f"json feed {version[1] if '.' in version[1] else '1.0'}",
        title=html.title(_text(feed, "title"), NAME_LIMIT),
        entries=tuple(_entry(item, url) for item in kept),
        site_url=urls.link(_text(feed, "home_page_url"), url),
        language=spoken,
        self_url=urls.absolute(_text(feed, "feed_url"), url),
        hub_url=next((hub for each in _objects(feed, "hubs") if (hub := urls.absolute(_text(each, "url"), url))), None),
        problems=(f"{skipped} items are not objects",) if skipped else (),
        dropped=len(items) - len(kept),
    )


def _load(document: str) -> Object:
    depth = 0
    for token in _BRACKET.finditer(document):
        if token[0] in "[{":
            depth += 1
        elif token[0] in "]}":
            depth -= 1
        if depth > _DEPTH:
            raise NotJsonFeed(f"JSON nested deeper than {_DEPTH} levels")
    try:
        feed = json.loads(document, strict=False)
    except (ValueError, RecursionError) as error:
        raise NotJsonFeed(f"JSON that cannot be read: {error}") from error
    if not isinstance(feed, dict):
        raise NotJsonFeed("JSON, but not a JSON Feed: it is no object")
    return feed


def _entry(item: Object, url: str) -> ParsedEntry:
    page = urls.link(_text(item, "url"), url) or urls.link(_text(item, "external_url"), url)
    base = page or url
    content = _text(item, "content_html") or as_html(_text(item, "content_text"))
    summary = _text(item, "summary")
    text, markup = html.both(as_html(summary) if summary.strip() else content, base)
    published, updated = _date(item, "date_published"), _date(item, "date_modified")
    return ParsedEntry(
        guid=entries.guid(_text(item, "id")),
        url=page,
        title=html.title(_text(item, "title")) or entries.opening(text),
        summary=text,
        html=markup,
        published=published or updated,
        updated=updated,
        authors=_authors(item),
        tags=distinct(html.title(tag, NAME_LIMIT) for tag in _list(item, "tags")[:60] if isinstance(tag, str)),
        language=language(_text(item, "language")),
        image=urls.absolute(_text(item, "image") or _text(item, "banner_image"), base),
        enclosures=distinct(urls.absolute(_text(each, "url"), base) for each in _objects(item, "attachments")),
    )


def _authors(item: Object) -> tuple[str, ...]:
    """Read `authors` (1.1) or `author` (1.0)."""
    one = item.get("author")
    authors = [*_objects(item, "authors"), *([one] if isinstance(one, dict) else [])]
    return distinct(html.title(_text(author, "name"), NAME_LIMIT) for author in authors[:60])


def _date(item: Object, key: str) -> Any:
    return dates.plausible(dates.parse(_text(item, key)))


def _text(thing: Object, key: str) -> str:
    """Give a text; numbers are taken for texts, for ids are often written so."""
    value = thing.get(key)
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return str(value)
    return clean(value) if isinstance(value, str) else ""


def _list(thing: Object, key: str) -> list[Any]:
    value = thing.get(key)
    return value if isinstance(value, list) else []


def _objects(thing: Object, key: str) -> list[Object]:
    return [each for each in _list(thing, key) if isinstance(each, dict)]
