"""URLs: which are let through, what they resolve to, when two are one."""

import re
from functools import cache, lru_cache
from urllib.parse import urljoin, urlsplit, urlunsplit

from publicsuffixlist import PublicSuffixList
from w3lib.url import canonicalize_url

LIMIT = 4096  # characters; a longer URL is taken for an attack
_SCHEME = re.compile(r"([a-z][a-z0-9+.-]*):", re.IGNORECASE)
_WEB = re.compile(r"https?://[^/?#\s]", re.IGNORECASE)
# Browsers strip tab, CR and LF anywhere and controls at the ends before they look at the scheme (WHATWG URL §4.4).
_INVISIBLE = re.compile("[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufffe\uffff\ud800-\udfff]")
_TRACKING = re.compile(
    r"(?:utm_\w+|fbclid|gclid|gclsrc|dclid|msclkid|li_fat_id|gbraid|wbraid|igshid|igsh|mc_[ce]id|mkt_tok|"
    r"_hs(?:enc|mi)|vero_\w+|oly_(?:anon|enc)_id|rb_clickid|s_cid|_openstat|yclid|ysclid|wickedid|twclid|ttclid|"
    r"at_(?:medium|campaign|link\w*|ptr_name|format|bbc_team|custom\d)|ns_(?:mchannel|campaign|source|fee|linkname)|"
    r"ito|maca|traffic_source|xtor|smid|ocid|ftag|__twitter_impression|guccounter|guce_\w+|cmpid|ncid|wt[._]\w+|"
    r"hsa_\w+|pk_\w+|mtm_\w+|matomo_\w+|piwik_\w+|_ga|_gl|srsltid|ref_src|feature_rss)",
    re.IGNORECASE,
)
# Only where the value says that it counts readers of the feed: elsewhere these names choose the page.
_TRACKING_BY_VALUE = re.compile(
    r"(?:source|ref|referrer|from|partner|emc|cmp|campaign|medium|src)=rss[\w-]*", re.IGNORECASE
)
_TRACKING_FRAGMENT = re.compile(r"(?:utm_\w+|xtor|ns_\w+|at_\w+|ftag|sref|ref)=.*", re.IGNORECASE)
_DEFAULT_PORT = {"http": ":80", "https": ":443"}


def http_only(url: str | None) -> str | None:
    """Let an absolute http or https URL through, cleaned of invisible characters; None for everything else.

    A `javascript:` written with tabs, controls or leading blanks is judged as a browser would read it.
    """
    if not url or len(url) > LIMIT:
        return None
    cleaned = _INVISIBLE.sub("", url).strip()
    if not _WEB.match(cleaned):
        return None
    cleaned = re.sub(r"\s", "%20", cleaned)
    return cleaned if _split(cleaned) else None


def absolute(url: str | None, base: str | None) -> str | None:
    """Resolve against `base` (RFC 3986 §5) and let only http and https through."""
    if not url or len(url) > LIMIT:
        return None
    cleaned = _INVISIBLE.sub("", url).strip().replace("\\", "/")
    scheme = _SCHEME.match(cleaned)
    if scheme and scheme[1].lower() not in {"http", "https"}:
        return None
    try:
        return http_only(urljoin(base or "", cleaned))
    except ValueError:
        return None


def canonical(url: str) -> str:
    """Drop tracking parameters; the rest, its order and its spelling stay as published."""
    if "?" not in url and "#" not in url:
        return url
    parts = urlsplit(url)
    query = "&".join(
        pair
        for pair in parts.query.split("&")
        if not _TRACKING.fullmatch(pair.partition("=")[0]) and not _TRACKING_BY_VALUE.fullmatch(pair)
    )
    fragment = "" if _TRACKING_FRAGMENT.fullmatch(parts.fragment) else parts.fragment
    return urlunsplit(parts._replace(query=query, fragment=fragment))


def link(url: str | None, base: str | None = None) -> str | None:
    """Give a link as it is stored: absolute, http or https, without tracking."""
    resolved = absolute(url, base)
    return canonical(resolved) if resolved else None


@lru_cache(maxsize=4096)
def identity(url: str) -> str:
    """Give what stays when http or https, www, a trailing slash, tracking and the order of the query do not matter.

    What is no URL after all (a guid may only look like one) stays as it is.
    """
    try:
        parts = urlsplit(canonicalize_url(canonical(url.strip()), keep_fragments=True))
        host = (parts.hostname or "").removeprefix("www.")
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return url
    if port == _DEFAULT_PORT.get(parts.scheme.lower()):
        port = ""
    tail = (f"?{parts.query}" if parts.query else "") + (f"#{parts.fragment}" if parts.fragment else "")
    return f"{host}{port}{parts.path.rstrip('/')}{tail}"


def feed_url(text: str) -> str | None:
    """Make a URL of what a person typed: `feed:` becomes http, a bare host gets https; None if it is none."""
    text = _INVISIBLE.sub("", text).strip()
    for prefix in ("feed://", "feed:", "rss://", "webcal://"):
        if text.lower().startswith(prefix):
            text = text[len(prefix) :]
            text = text if _WEB.match(text) else "http://" + text.lstrip("/")
            break
    if not _SCHEME.match(text) or re.match(r"[\w.-]+:\d+(?:[/?#]|$)", text):
        if not re.match(r"(?:[\w-]+\.)+[\w-]{2,}(?::\d+)?(?:[/?#]|$)|localhost\b|\[[0-9a-f:.]+\]", text, re.IGNORECASE):
            return None
        text = "https://" + text
    return http_only(text)


def outlet_of(url: str) -> str:
    """Give the registrable domain (public suffix list) of a URL; the host where it has none."""
    host = _host(url)
    if ":" in host or host.replace(".", "").isdigit():
        return host
    return str(_suffixes().privatesuffix(host) or host)


@cache
def _suffixes() -> PublicSuffixList:
    return PublicSuffixList()


def _host(url: str) -> str:
    try:
        return (urlsplit(url).hostname or "").rstrip(".")
    except ValueError:
        return ""


def _split(url: str) -> bool:
    """Tell whether it can be taken apart and has a host and a usable port."""
    try:
        parts = urlsplit(url)
        return bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        return False
