"""By what an entry is found again: guid, link and text, as strings to be compared within one feed."""

from dataclasses import dataclass
from hashlib import blake2b
from urllib.parse import urlsplit

import regex

from aggregator.model import ParsedEntry
from aggregator.parsing import urls


@dataclass(frozen=True, slots=True, kw_only=True)
class Keys:
    """By what an entry is found again; each 22 characters, opaque, to be compared within one feed only."""

    guid: str | None
    link: str | None
    text: str

    def all(self) -> tuple[str, ...]:
        """List the keys there are, the surest first."""
        return tuple(key for key in (self.guid, self.link, self.text) if key)


_VERSION = regex.compile(r"#\d{1,3}$")  # the BBC counts the versions of a report in its guid
_WORD = regex.compile(r"[\p{L}\p{N}]+")


def keys(entry: ParsedEntry) -> Keys:
    """Give the strings under which an entry is looked up."""
    date = entry.published.isoformat() if entry.published else ""
    words = spoken(entry.title) or entry.summary[:1000]
    return Keys(
        guid=_hash("g", _guid(entry.guid)) if entry.guid else None,
        link=_hash("l", urls.identity(entry.url)) if entry.url and _names_a_page(entry.url) else None,
        text=_hash("t", words, date),
    )


def digest(entry: ParsedEntry) -> str:
    """Give what changes when title or summary do; blanks do not count."""
    return _hash("d", " ".join(entry.title.split()), " ".join(entry.summary.split()))


def spoken(title: str) -> str:
    """Give the words of a title: quotes, dashes and blanks are set and reset."""
    return " ".join(_WORD.findall(title.casefold()))


def _guid(guid: str) -> str:
    """Normalise a guid that is a URL: http or https, www and a trailing slash do not matter, nor does a version."""
    if not guid.lower().startswith(("http://", "https://")):
        return guid
    return urls.identity(_VERSION.sub("", guid))


def _names_a_page(url: str) -> bool:
    """Tell a page from a site: many feeds link every entry to their front page."""
    parts = urlsplit(url)
    return bool(parts.path.strip("/") or parts.query or parts.fragment)


def _hash(kind: str, *parts: str) -> str:
    text = "\0".join(parts).encode("utf-8", "replace")
    return f"{kind}:{blake2b(text, digest_size=10).hexdigest()}"
