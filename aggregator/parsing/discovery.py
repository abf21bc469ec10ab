"""Find the feeds that an HTML page names. Used when a person adds a feed, never while polling."""

import html as entities
import re
from dataclasses import dataclass
from urllib.parse import urljoin

from aggregator.parsing import encoding, urls
from aggregator.parsing.html import title

_LOOKED_AT = 1024 * 1024  # characters of the page
_LINK = re.compile(r"<link\b([^<>]{1,4000})>", re.IGNORECASE)
_BASE = re.compile(r"<base\b([^<>]{1,4000})>", re.IGNORECASE)
_ANCHOR = re.compile(r"<a\b([^<>]{1,4000})>", re.IGNORECASE)
_ATTRIBUTE = re.compile(
    r"""([a-z]{2,20})\s{0,9}=\s{0,9}(?:"([^"]{0,4000})"|'([^']{0,4000})'|([^\s"'>]{1,4000}))""", re.IGNORECASE
)
_TYPES = {
    "application/rss+xml", "application/atom+xml", "application/rdf+xml", "application/feed+json", "application/rss",
    "application/atom", "application/xml", "text/xml", "application/x.rss+xml", "application/x-atom+xml",
}  # fmt: skip
_LOOKS_LIKE_FEED = re.compile(r"(?:/|\.)(?:rss|atom|feed|rdf)s?(?:[/.?]|$)|feed\.json$|\.xml$", re.IGNORECASE)
# Where publishing systems put their feed when a page does not say.
_COMMON = ("/feed", "/rss", "/rss.xml", "/feed.xml", "/atom.xml", "/index.xml", "/feed.json", "/feeds/posts/default")


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundFeed:
    """A feed that a page names."""

    url: str
    title: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Discovery:
    """The feeds of a page, the likeliest first, and addresses that a person may want to try: nobody promised them."""

    feeds: tuple[FoundFeed, ...]
    suggestions: tuple[str, ...]


def find(body: bytes, *, url: str, content_type: str | None = None) -> Discovery:
    """Read `<link rel="alternate">` of a page that came from `url`; comments' feeds come last."""
    page = encoding.decode(body[: 4 * _LOOKED_AT], content_type).text[:_LOOKED_AT]
    base = _base(page, url)
    found: dict[str, FoundFeed] = {}
    for attributes in map(_attributes, _LINK.findall(page)):
        target = urls.absolute(attributes.get("href"), base)
        if target and target not in found and _is_feed(attributes):
            found[target] = FoundFeed(url=target, title=title(attributes.get("title", ""), 200))
    feeds = sorted(found.values(), key=_is_comments)
    return Discovery(feeds=tuple(feeds), suggestions=_suggestions(page, base, url, known=set(found)))


def _is_feed(attributes: dict[str, str]) -> bool:
    relations = attributes.get("rel", "").lower().split()
    media_type = attributes.get("type", "").partition(";")[0].strip().lower()
    return "feed" in relations or ("alternate" in relations and media_type in _TYPES)


def _is_comments(feed: FoundFeed) -> bool:
    return "comment" in feed.url.lower() or "comment" in feed.title.lower()


def _suggestions(page: str, base: str, url: str, *, known: set[str]) -> tuple[str, ...]:
    """List links of the page that look like feeds, then the common places on its host."""
    linked = (urls.absolute(_attributes(anchor).get("href"), base) for anchor in _ANCHOR.findall(page))
    likely = [target for target in linked if target and _LOOKS_LIKE_FEED.search(target)]
    common = [urljoin(url, path) for path in _COMMON]
    return tuple(dict.fromkeys(target for target in [*likely[:10], *common] if target not in known))


def _base(page: str, url: str) -> str:
    match = _BASE.search(page)
    return (urls.absolute(_attributes(match[1]).get("href"), url) or url) if match else url


def _attributes(text: str) -> dict[str, str]:
    return {
        name.lower(): entities.unescape(double or single or bare)
        for name, double, single, bare in _ATTRIBUTE.findall(text)
    }
