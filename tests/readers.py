"""Ten feed readers as far as they decide what a subscriber sees: keys, replacement, and what is new again.

Behaviour as documented by their code in August 2026. Documents are parsed with feedparser, like most of them do.
"""

import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache

import feedparser


@dataclass(frozen=True)
class Behaviour:
    """How a reader tells entries apart and what it does with one that comes back changed."""

    name: str
    across_feeds: bool = False  # the key is the id alone, for all feeds of a person
    replaces: bool = True  # else the first version stays for ever
    keeps_updated_apart: bool = False  # an http id with another `updated` is another entry


READERS = (
    Behaviour("Miniflux"),
    Behaviour("FreshRSS"),
    Behaviour("Tiny Tiny RSS", across_feeds=True),
    Behaviour("NetNewsWire"),
    Behaviour("CommaFeed", replaces=False),
    Behaviour("newsboat", across_feeds=True),
    Behaviour("yarr", replaces=False, keeps_updated_apart=True),
    Behaviour("Nextcloud News"),
    Behaviour("Feedbin"),
    Behaviour("Thunderbird", replaces=False),
)


@dataclass(frozen=True)
class Entry:
    """What readers take of an entry of a document."""

    id: str
    updated: str
    title: str
    content: str


@lru_cache(maxsize=16)
def entries(document: bytes) -> tuple[Entry, ...]:
    """Parse a document as a reader does."""
    parsed = feedparser.parse(io.BytesIO(document), sanitize_html=False)
    assert not parsed.bozo, parsed.get("bozo_exception")
    return tuple(
        Entry(found.id, found.updated if "updated" in found else "", found.title, found.content[0].value)
        for found in parsed.entries
    )


@dataclass
class Seen:
    """An entry in a reader's list."""

    id: str
    feed: str
    title: str
    content: str
    first_content: str


@dataclass
class Subscriber:
    """A person with one of the readers, subscribed to some output feeds."""

    behaviour: Behaviour
    items: dict[tuple[str, ...], Seen] = field(default_factory=dict)

    def poll(self, documents: Mapping[str, bytes]) -> None:
        """Take in the documents of all subscribed feeds, by name."""
        for feed, document in documents.items():
            for entry in reversed(entries(document)):
                self._take(feed, entry)

    def _take(self, feed: str, entry: Entry) -> None:
        how = self.behaviour
        key = (entry.id,) if how.across_feeds else (feed, entry.id)
        if how.keeps_updated_apart and entry.id.startswith("http"):
            key += (entry.updated,)
        known = self.items.get(key)
        if known is None:
            self.items[key] = Seen(entry.id, feed, entry.title, entry.content, entry.content)
        elif how.replaces:
            known.feed, known.title, known.content = feed, entry.title, entry.content
