"""One entry of feedparser becomes a ParsedEntry: plain text, sanitised HTML, http(s) URLs, believable dates."""

import html as entities
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from aggregator.model import ParsedEntry
from aggregator.parsing import dates, html, urls
from aggregator.parsing.characters import clean, line
from aggregator.parsing.languages import language

NAME_LIMIT = 200  # characters of a name, a category
LIST_LIMIT = 30  # names, categories, enclosures of one entry
GUID_LIMIT = 1000  # characters; a longer one is replaced by its digest
_OPENING = 120  # characters; headlines of news have 40 to 100

Raw = dict[str, Any]  # a FeedParserDict, whose values are whatever the document made of them


def read(raw: Raw, *, feed_url: str, atom: bool) -> ParsedEntry:
    """Build one entry; `feed_url` is the base of what has no other."""
    url = _link(raw, feed_url)
    base = feed_url if atom or url is None else url
    summary, markup = _body(raw, base=base, feed_url=feed_url)
    published, updated = _dates(raw)
    source = _mapping(raw, "source")
    outlet = html.title(text(source, "title"), NAME_LIMIT) or None
    return ParsedEntry(
        guid=guid(text(raw, "id")),
        url=url,
        title=_without_outlet(html.title(text(raw, "title")), outlet) or opening(summary),
        summary=summary,
        html=markup,
        published=published,
        updated=updated,
        authors=_authors(raw),
        tags=_tags(raw),
        language=language(text(raw, "language") or text(_mapping(raw, "title_detail"), "language")),
        outlet=outlet,
        outlet_url=urls.http_only(text(source, "href") or text(source, "link")),
        image=_image(raw, feed_url),
        enclosures=_enclosures(raw, feed_url),
    )


def claimed(raw: Raw) -> datetime | None:
    """Give the date by which the newest entries are found."""
    return _dates(raw)[0]


def guid(value: str) -> str | None:
    """Clean a guid; one of absurd length is replaced by its digest, which names it as well."""
    value = line(value)
    if len(value) > GUID_LIMIT:
        return "sha256:" + sha256(value.encode()).hexdigest()
    return value or None


def opening(summary: str) -> str:
    """Give the first words of a text as the title of an entry that has none, as short messages do."""
    return line(summary, _OPENING)


def text(raw: Raw, key: str) -> str:
    """Give a text value; "" where the document made something else of it, or nothing."""
    value = dict.get(raw, key)  # past FeedParserDict's own aliases
    return value if isinstance(value, str) else ""


def mappings(raw: Raw, key: str) -> Iterator[Raw]:
    """Give the mappings of a list value, such as links and tags."""
    value = dict.get(raw, key)
    return (each for each in value if isinstance(each, dict)) if isinstance(value, list) else iter(())


def distinct(values: Iterable[str | None]) -> tuple[str, ...]:
    """Keep the first `LIST_LIMIT` different values, in order."""
    return tuple(dict.fromkeys(value for value in values if value))[:LIST_LIMIT]


def as_html(value: str) -> str:
    """Make HTML of a text, unless it is HTML although it says otherwise."""
    return value if html.is_markup(value) else entities.escape(value, quote=False).replace("\n", "<br>")


def _mapping(raw: Raw, key: str) -> Raw:
    value = dict.get(raw, key)
    return value if isinstance(value, dict) else {}


def _without_outlet(title: str, outlet: str | None) -> str:
    """Drop the " - Outlet" that Google News adds to each title, beside its <source>."""
    return title.removesuffix(f" - {outlet}") or title if outlet else title


def _link(raw: Raw, base: str) -> str | None:
    """Take rel=alternate, else a link without a better relation, else a guid that is a whole URL."""
    links = [text(each, "href") for each in mappings(raw, "links") if text(each, "rel") not in _NO_PAGE]
    stated, permalink = text(raw, "link"), text(raw, "id")
    if stated and stated == permalink and not links:  # feedparser takes every guid for a permalink
        stated = urls.http_only(permalink) or ""
    return next((found for candidate in (stated, *links) if (found := urls.link(candidate, base))), None)


_NO_PAGE = {"self", "enclosure", "hub", "edit", "replies", "next", "prev", "license", "edit-media", "service", "icon"}


def _body(raw: Raw, *, base: str, feed_url: str) -> tuple[str, str]:
    """Give text and HTML of the description, else of the content; nh3 sees no more than it must."""
    for detail in _bodies(raw):
        value = text(detail, "value")
        if not value.strip():
            continue
        if text(detail, "type") == "text/plain":
            value = as_html(value)
        own = text(detail, "base")
        summary, markup = html.both(value, own if own and own != feed_url else base)
        if summary or "<img" in markup:
            return summary, markup
    return "", ""


def _bodies(raw: Raw) -> Iterator[Raw]:
    """Give what may speak for the entry; a summary without details is a copy feedparser made of the content."""
    detail = _mapping(raw, "summary_detail")
    summary = {"value": text(raw, "summary"), "type": text(detail, "type"), "base": text(detail, "base")}
    if detail:
        yield summary
    yield from mappings(raw, "content")
    yield summary


def _dates(raw: Raw) -> tuple[datetime | None, datetime | None]:
    """Give (published, updated); an entry that only says when it was updated was published no later."""
    published = _date(raw, "published") or _date(raw, "created")
    updated = _date(raw, "updated")
    return published or updated, updated


def _date(raw: Raw, key: str) -> datetime | None:
    """Read a date by our own rules, else take what feedparser made of it."""
    when = dates.parse(text(raw, key))
    if when is None and len(text(raw, key)) <= dates.LONGEST:
        try:
            year, month, day, hour, minute, second = dict.get(raw, f"{key}_parsed", ())[:6]
            when = datetime(year, month, day, hour, minute, second, tzinfo=UTC)
        except (ValueError, TypeError):
            when = None
    return dates.plausible(when)


def unread_date(raw: Raw) -> str | None:
    """Give a date that an entry states and nobody understands; one before 1990 is understood."""
    for key in ("published", "updated", "created"):
        stated = line(text(raw, key), 80)
        if stated and dates.parse(stated) is None and not dict.get(raw, f"{key}_parsed"):
            return stated
    return None


def _authors(raw: Raw) -> tuple[str, ...]:
    names = [text(each, "name") for each in mappings(raw, "authors")] or [text(raw, "author")]
    return distinct(html.title(name, NAME_LIMIT) for name in names[: 2 * LIST_LIMIT])


def _tags(raw: Raw) -> tuple[str, ...]:
    found = []
    for tag, _ in zip(mappings(raw, "tags"), range(2 * LIST_LIMIT), strict=False):
        found.append(html.title(text(tag, "label") or text(tag, "term"), NAME_LIMIT))
    return distinct(found)


def _enclosures(raw: Raw, base: str) -> tuple[str, ...]:
    linked = (text(each, "href") for each in mappings(raw, "links") if text(each, "rel") == "enclosure")
    return distinct(urls.absolute(url, base) for url in linked)


def _image(raw: Raw, base: str) -> str | None:
    """Take the first picture that the entry itself names: thumbnail, media content, enclosure."""
    candidates = [text(each, "url") for each in mappings(raw, "media_thumbnail")]
    candidates += [text(each, "url") for each in mappings(raw, "media_content") if _is_image(each)]
    candidates += [
        text(each, "href") for each in mappings(raw, "links") if text(each, "rel") == "enclosure" and _is_image(each)
    ]
    candidates.append(text(_mapping(raw, "image"), "href"))
    return next((found for candidate in candidates if (found := urls.absolute(clean(candidate), base))), None)


def _is_image(media: Raw) -> bool:
    return text(media, "medium") == "image" or text(media, "type").startswith("image/")
