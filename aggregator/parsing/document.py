"""A body becomes a ParsedFeed, or an error whose reason its reader understands. Runs inside the worker."""

import re
from dataclasses import replace

from aggregator.errors import Challenge, FeedError, NotAFeed
from aggregator.model import ParsedFeed
from aggregator.parsing import doctype, encoding, feed, html, jsonfeed, limits, repair, urls
from aggregator.parsing.characters import xml_only

_ROOT = re.compile(r"<\s{0,8}(?:[A-Za-z_][\w.-]{0,40}:)?(rss|rdf|feed|channel|item|entry)(?=[\s>/:])", re.IGNORECASE)
_PROLOGUE = re.compile(r"(?:\s+|<\?.*?\?>|<!--.*?-->)", re.DOTALL)
_DECLARATION = re.compile(r"(?:\s*<\?xml\b[^>]*>)+")
_PAGE = re.compile(r"<!doctype\s+html|<(?:html|head|body|title|meta|script|div|p|center|h1)\b", re.IGNORECASE)
_OPEN = re.compile(r"<(?:[\w.-]{1,40}:)?(?:item|entry)(?=[\s>])", re.IGNORECASE)
_CLOSED = re.compile(r"</(?:[\w.-]{1,40}:)?(?:item|entry)\s{0,8}>", re.IGNORECASE)
_END = re.compile(r"</(?:[\w.-]{1,40}:)?(?:rss|rdf|feed|channel)\s{0,8}>", re.IGNORECASE)
_TITLE = re.compile(r"<title[^>]{0,200}>([^<]{0,200})", re.IGNORECASE)
_SIGNATURES = {b"\x1f\x8b": "gzip data", b"PK\x03\x04": "a ZIP file", b"%PDF": "a PDF", b"\x89PNG": "an image"}
_SALE = re.compile(
    r"domain[\w\s-]{0,40}\b(?:for sale|is parked|parked|zu verkaufen)|buy this domain|sedoparking|parkingcrew|"
    r"bodis\.com|hugedomains|afternic|/lander\b|domain(?:name)? (?:has )?expired|this domain may be for sale",
    re.IGNORECASE,
)
_CHALLENGE = re.compile(
    r"cf-challenge|challenge-platform|cf_chl_|just a moment\.\.\.|ddos-guard|captcha", re.IGNORECASE
)
_LOOKED_AT = 65_536  # characters before the root, or of a page
_STRAY = 2_000  # characters of junk before the root that are forgiven


def parse(body: bytes, *, url: str, content_type: str | None, content_location: str | None = None) -> ParsedFeed:
    """Parse a whole body as its address gave it.

    `url` is where it came from and, with the Content-Location of the answer (RFC 9110 §8.7), the base of its links.
    Raises: NotAFeed, FeedError.
    """
    if len(body) > limits.BODY:
        raise FeedError(url, f"the document is larger than {limits.BODY // 2**20} MiB")
    if not body.strip():
        raise NotAFeed(url, "the document is empty")
    for signature, name in _SIGNATURES.items():
        if body.startswith(signature):
            raise NotAFeed(url, f"the document is {name}, not a feed")
    decoded = encoding.decode(body, content_type)
    text, removed = xml_only(decoded.text.lstrip("\ufeff"))
    problems = decoded.problems + ((f"{removed} characters that XML does not allow",) if removed else ())
    base = urls.absolute(content_location, url) or url
    parsed = _json(text, url, base) if text.lstrip()[:1] in {"{", "["} else _xml(text, url, base)
    return replace(parsed, problems=(*problems, *parsed.problems))


def _json(text: str, url: str, base: str) -> ParsedFeed:
    try:
        return jsonfeed.read(text, url=base)
    except jsonfeed.NotJsonFeed as error:
        raise NotAFeed(url, str(error)) from error


def _xml(text: str, url: str, base: str) -> ParsedFeed:
    """Find the root, let feedparser read from there on, and judge what came of it."""
    start, problems = _start(text, url)
    declaration = _DECLARATION.match(text, start)
    start = declaration.end() if declaration else start
    text, own = doctype.without(_blank(text[:start]) + text[start:])
    mended = repair.references(text, own)
    text = mended.text
    if mended.slips:
        problems += (f"{feed.ILL_FORMED}: {mended.slips} unescaped ampersands or HTML entities",)
    if mended.kept:
        problems += (f"{mended.kept} references to entities of its own, which are not expanded",)
    breaks_off = _END.search(text[-_LOOKED_AT:]) is None
    try:
        parsed = feed.read(text, url=base, last_is_whole=not breaks_off or _closes_entries(text))
    except (MemoryError, RecursionError):
        raise
    except Exception as error:
        raise FeedError(url, f"the parser failed on the document ({type(error).__name__})") from error
    if not parsed.format and not parsed.entries:
        raise NotAFeed(url, "the document is XML, but no feed")
    ill_formed = any(problem.startswith(feed.ILL_FORMED) for problem in parsed.problems)
    if ill_formed and not parsed.entries:
        why = "the document breaks off before its first entry is complete" if breaks_off else "no entry can be read"
        raise FeedError(url, f"{why}; {parsed.problems[0]}")
    if ill_formed and breaks_off:
        parsed = replace(parsed, truncated=True)
        problems += ("the document breaks off",)
    return replace(parsed, format=parsed.format or "unknown", problems=(*problems, *parsed.problems))


def _blank(text: str) -> str:
    """Give the line ends alone, so that a problem further on is told with the line that the publisher sees."""
    return "\n" * text.count("\n")


def _start(text: str, url: str) -> tuple[int, tuple[str, ...]]:
    """Find where the document begins; blanks or a warning before it are forgiven.

    Raises: NotAFeed for a page, and for what holds no feed at all.
    """
    root = _ROOT.search(text)
    position = 0
    while match := _PROLOGUE.match(text, position):
        position = match.end()
    beginning = text[position : position + 200]
    if _PAGE.match(beginning) and (root is None or root.start() > position + _STRAY or "<html" in beginning.lower()):
        raise _page(text[:_LOOKED_AT], url)
    if root is None:
        raise NotAFeed(url, "the document is XML, but no feed" if beginning[:1] == "<" else "neither XML nor JSON")
    if beginning[:1] != "<" or _PAGE.match(beginning):
        declaration = text.find("<?xml", 0, root.start())
        return (declaration if declaration >= 0 else root.start()), ("text before the XML",)
    return 0, ()


def _page(text: str, url: str) -> NotAFeed:
    """Say what kind of page came instead of the feed."""
    if _CHALLENGE.search(text):
        return Challenge(url, "the server sent a challenge page for browsers instead of the feed")
    if _SALE.search(text):
        return NotAFeed(url, "the server sent a page of a parked domain or one for sale instead of the feed")
    title = _TITLE.search(text)
    name = html.title(title[1], 80) if title else ""
    named = f" ({name})" if name else ""
    return NotAFeed(url, f"the document is an HTML page{named}, not a feed")


def _closes_entries(text: str) -> bool:
    """Tell whether every entry that begins also ends: the last one may break off in the middle of a sentence."""
    return sum(1 for _ in _OPEN.finditer(text)) <= sum(1 for _ in _CLOSED.finditer(text))
