"""HTML of feeds: sanitised by nh3, bounded, without tracking; and its plain text."""

import html as entities
import re
from functools import partial

import nh3

from aggregator.parsing import urls
from aggregator.parsing.characters import clean, line

LIMIT = 64 * 1024  # characters of one sanitised summary, or of its text
_RAW_LIMIT = 4 * LIMIT  # characters that are looked at: markup is longer than what remains of it

_TAGS = {
    "a", "abbr", "b", "blockquote", "br", "caption", "cite", "code", "dd", "del", "dfn", "div", "dl", "dt",
    "em", "figcaption", "figure", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "i", "img", "ins", "kbd", "li",
    "mark", "ol", "p", "pre", "q", "rp", "rt", "ruby", "s", "samp", "small", "span", "strong", "sub", "sup",
    "table", "tbody", "td", "tfoot", "th", "thead", "time", "tr", "u", "ul", "var", "wbr",
}  # fmt: skip
_ATTRIBUTES = {
    "*": {"lang", "dir"},
    "a": {"href", "title", "hreflang"},
    "img": {"src", "alt", "title", "width", "height"},
    "blockquote": {"cite"},
    "q": {"cite"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan"},
    "time": {"datetime"},
}
_WITH_CONTENT = {
    "script", "style", "template", "iframe", "object", "embed", "applet", "svg", "math", "title", "textarea",
    "select", "noscript", "noembed", "noframes", "xmp", "form", "audio", "video", "canvas",
}  # fmt: skip
_SCHEMES = {"http", "https", "mailto"}
_BLOCKS = {
    "p", "div", "br", "li", "ul", "ol", "dl", "dt", "dd", "tr", "td", "th", "table", "blockquote", "pre", "h1",
    "h2", "h3", "h4", "h5", "h6", "figcaption", "hr",
}  # fmt: skip

# In what nh3 has written every attribute is in double quotes and every `<` of the text is a reference.
_TAG = re.compile(r"</?([a-z0-9]+)(?:[^>\"]|\"[^\"]*\")*>")
_LINKED = re.compile(r"<(?:a|img)\b(?:[^>\"]|\"[^\"]*\")*>")
_ATTRIBUTE = re.compile(r'\b(src|href|width|height)="([^"]*)"')
_TRACKER = re.compile(
    r"https?://(?:[\w.-]+\.)?(?:feedburner\.com/~r|feedsportal\.com|feeds\.wordpress\.com|pixel\.wp\.com|stats\.wordpress"
    r"\.com|doubleclick\.net|google-analytics\.com|googlesyndication\.com|scorecardresearch\.com|quantserve\.com|"
    r"pheedo\.com|fmpub\.net|moatads\.com|chartbeat\.(?:com|net)|counter\.\w+\.com|facebook\.com/tr\b|"
    r"rss-pixel\.\w+|pixel\.quantcount\.com|imrworldwide\.com|pixel\.[\w-]+\.[a-z]+/)",
    re.IGNORECASE,
)
# What a text must hold to be taken for HTML where its type does not tell.
_MARKUP = re.compile(
    r"</?(?:a|abbr|b|blockquote|br|big|center|cite|code|del|div|em|embed|figure|font|form|h[1-6]|hr|i|iframe|img|input|"
    r"ins|li|link|math|meta|object|ol|p|pre|q|s|script|small|span|strike|strong|style|sub|sup|svg|table|tbody|td|th|"
    r"time|tr|tt|u|ul|video|wbr)(?:\s[^<>]*)?/?>|<!--",
    re.IGNORECASE,
)
_PAIR = re.compile(
    r"<(a|b|i|em|u|s|p|span|strong|font|sub|sup|div|script|style)(?:\s[^<>]*)?>.*</\1>", re.IGNORECASE | re.DOTALL
)
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z][a-zA-Z0-9]{1,31});")
_BLANK_LINES = re.compile(r"\n\s*\n+")
_BLANKS = re.compile(r"[^\S\n]+")

_strip = partial(
    nh3.clean, tags=_BLOCKS, clean_content_tags=_WITH_CONTENT, attributes={}, link_rel=None, strip_comments=True
)


def sanitise(html: str, base_url: str | None) -> str:
    """Keep text-level markup, links and images with http(s) URLs made absolute; drop everything that acts or tracks.

    The result holds at most `LIMIT` characters, cut between tags or words; the same input gives the same output.
    """
    html = clean(html[:_RAW_LIMIT])
    if "<" not in html and "&" not in html:
        return entities.escape(cut(html, LIMIT), quote=False)
    return _bounded(_rewritten(_nh3(html, base_url)), base_url)


def text_of(sanitised: str) -> str:
    """Give the plain text of what `sanitise` returned, a line for each block."""
    text = _TAG.sub(_replacement, sanitised) if "<" in sanitised else sanitised
    return _tidy(entities.unescape(text) if "&" in text else text)


def plain(html: str) -> str:
    """Give the plain text of HTML, or of text that may hold some; references are decoded also where escaped twice."""
    text = _once(html[:_RAW_LIMIT])
    for _ in range(2):
        if not (_ENTITY.search(text) or _PAIR.search(text)):
            break
        text = _once(text)
    return cut(_tidy(text), LIMIT)


def title(html: str, limit: int = 1000) -> str:
    """Give the plain text of a title or name as one line."""
    if "<" not in html and "&" not in html:
        return line(html, limit)
    return line(plain(html), limit)


def is_markup(text: str) -> bool:
    """Tell whether a text whose type is not known (or is wrong) holds HTML."""
    return ("<" in text and _MARKUP.search(text) is not None) or ("&" in text and _ENTITY.search(text) is not None)


def both(html: str, base_url: str | None) -> tuple[str, str]:
    """Give (text, sanitised HTML); what was escaped once too often is unescaped, code samples within markup are not."""
    sanitised = sanitise(html, base_url)
    text = text_of(sanitised)
    if "<" not in sanitised and _PAIR.search(text):
        sanitised = sanitise(text, base_url)
        text = text_of(sanitised)
    return cut(_dereferenced(text), LIMIT), sanitised


def cut(text: str, limit: int) -> str:
    """Shorten to `limit` characters, between words where there are any near the end."""
    if len(text) <= limit:
        return text
    short = text[: limit - 1]
    space = max(short.rfind(" ", limit - 200), short.rfind("\n", limit - 200))
    return (short[:space] if space > 0 else short) + "…"


def _once(text: str) -> str:
    if "<" in text and _MARKUP.search(text):
        return text_of(_strip(clean(text)))
    return _dereferenced(text)


def _dereferenced(text: str) -> str:
    if "&" not in text:
        return text
    return clean(_ENTITY.sub(lambda match: entities.unescape(match[0]), text))


def _nh3(html: str, base_url: str | None) -> str:
    """Sanitise; references may have become characters that XML does not allow, so it is cleaned once more."""
    base = urls.http_only(base_url)
    sanitised = nh3.clean(
        html,
        tags=_TAGS,
        clean_content_tags=_WITH_CONTENT,
        attributes=_ATTRIBUTES,
        url_schemes=_SCHEMES,
        url_relative=("rewrite_with_base", base) if base else "deny",
    )
    return clean(sanitised)


def _rewritten(sanitised: str) -> str:
    """Drop tracking pixels and images without a source, and the tracking parameters of links."""
    if "<img" not in sanitised and "?" not in sanitised:
        return sanitised
    return _LINKED.sub(_rewrite, sanitised)


def _rewrite(match: re.Match[str]) -> str:
    tag = match[0]
    attributes = dict(_ATTRIBUTE.findall(tag))
    if tag.startswith("<img") and _is_pixel(attributes):
        return ""
    return _ATTRIBUTE.sub(_untracked, tag) if "?" in tag else tag


def _is_pixel(image: dict[str, str]) -> bool:
    source = image.get("src", "")
    tiny = any(image.get(side, "").strip().removesuffix("px") in {"0", "1", "2"} for side in ("width", "height"))
    return tiny or not urls.http_only(entities.unescape(source)) or _TRACKER.match(source) is not None


def _untracked(attribute: re.Match[str]) -> str:
    if attribute[1] not in {"href", "src"} or "?" not in attribute[2]:
        return attribute[0]
    try:
        url = urls.canonical(entities.unescape(attribute[2]))
    except ValueError:
        return ""
    return f'{attribute[1]}="{entities.escape(url)}"'


def _bounded(sanitised: str, base_url: str | None) -> str:
    """Cut to the limit; nh3 closes what the cut left open, which may take a further, shorter cut."""
    room = LIMIT
    result = sanitised
    while len(result) > LIMIT:
        short = sanitised[:room]
        if short.rfind("<") > short.rfind(">"):
            short = short[: short.rfind("<")]
        elif (space := short.rfind(" ")) > short.rfind(">"):
            short = short[:space]
        result = _rewritten(_nh3(short, base_url))
        room = room * 3 // 4
    return result


def _replacement(match: re.Match[str]) -> str:
    name = match[1]
    if name in {"td", "th"}:
        return " "
    return "\n" if name in _BLOCKS else ""


def _tidy(text: str) -> str:
    text = clean(text)
    text = _BLANKS.sub(" ", text)
    return "\n".join(part.strip() for part in _BLANK_LINES.sub("\n", text).split("\n")).strip()
