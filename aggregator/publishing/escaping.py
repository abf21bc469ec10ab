"""What may stand in a document that others parse: characters, one-line text, URLs, language tags. Pure."""

import re
from functools import lru_cache
from html import escape
from html.entities import html5
from urllib.parse import quote, urlsplit, urlunsplit

from aggregator.parsing import characters

# Errors of HTML's tokenizer (noncharacters), and U+FFFD, which only says that something was lost.
_FORBIDDEN = re.compile(
    "[\ufdd0-\ufdef\ufffd" + "".join(chr(plane << 16 | low) for plane in range(1, 17) for low in (0xFFFE, 0xFFFF)) + "]"
)
# Embeddings, overrides and isolates that a title opens and never closes would turn the rest of the page around.
_BIDI = re.compile("[\u202a-\u202e\u2066-\u2069]")
_TAG_START = re.compile(r"<(?=[/!?a-zA-Z])")
_REFERENCE = re.compile(r"&(?=(#?\w+))")
_IN_URLS = ";/?:@&=+$,-_.!~*'()%#"  # RFC 2396's reserved, unreserved and escape
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*")


def clean(text: str) -> str:
    """Leave out what must not stand in XML or HTML; lines stay."""
    if _is_clean(text.replace("\n", "")):
        return text
    return _FORBIDDEN.sub("", characters.clean(text))


def _is_clean(text: str) -> bool:
    """Tell quickly that a text has nothing to leave out: most have not, and a search by pattern costs five times more.

    What `str.isprintable` lets through are letters, marks, digits, punctuation, symbols and the plain space.
    """
    return text.isprintable() and "\ufffd" not in text


def one_line(text: str, limit: int = 300) -> str:
    """Give plain text as one line of at most `limit` characters, cut at a word where one is near."""
    if _is_clean(text) and "  " not in text and len(text) <= limit:
        return text.strip()
    return characters.line(_BIDI.sub("", clean(text)), limit)


def plain(text: str) -> str:
    """Disarm plain text where readers may take it for HTML: RSS titles, names, `title` attributes.

    `<` before a name and `&` before what could be read as a character reference become look-alikes; all else stays.
    """
    return _REFERENCE.sub(_disarmed, _TAG_START.sub("‹", text))


def _disarmed(match: re.Match[str]) -> str:
    name = match[1]
    return "＆" if not name.isalpha() or name in html5 or name + ";" in html5 else "&"


def html(text: str) -> str:
    """Escape plain text for HTML content and attributes."""
    return escape(text, quote=True)


@lru_cache(maxsize=4096)  # each stands in three formats, and in several places of each
def web_url(url: str | None) -> str | None:
    """Give an absolute http or https URL in ASCII, without credentials; None where it is none.

    The path and query are percent-encoded (RFC 3986 §2.1), the host by IDNA (RFC 5890).
    """
    if url is None:
        return None
    try:
        split = urlsplit(clean(url).strip())
        host, port = split.hostname or "", split.port
        if not host.isascii():
            host = host.encode("idna").decode("ascii")
    except (ValueError, UnicodeError):
        return None
    if split.scheme not in ("http", "https") or not re.fullmatch(r"[a-z0-9._~-]+|[0-9a-f:.]*:[0-9a-f:.]*", host):
        return None
    place = f"[{host}]" if ":" in host else host
    parts = (_quoted(split.path) or "/", _quoted(split.query), _quoted(split.fragment).replace("#", "%23"))
    return urlunsplit((split.scheme, place if port is None else f"{place}:{port}", *parts))


def _quoted(part: str) -> str:
    return quote(re.sub(r"%(?![0-9A-Fa-f]{2})", "%25", part), safe=_IN_URLS)


def language_tag(code: str | None) -> str | None:
    """Give a language tag that stands in xml:lang and hreflang (RFC 5646); None where it is none."""
    if code is None:
        return None
    tag = code.strip().replace("_", "-")
    return tag if _LANGUAGE.fullmatch(tag) and len(tag) <= 35 and not tag.lower().startswith("und") else None
