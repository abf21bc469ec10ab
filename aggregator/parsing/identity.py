"""Is this entry known, edited or new? Pure decisions about the entries of one document and what is stored of its feed.

Theory of operation. An entry has up to three keys: its guid, its link, and its text (title and date). One document is
matched against the stored entries of its feed, the surest evidence first, and no stored entry is matched twice:
1. guid, link and title agree; then guid and link; then guid alone, when it is no more than one entry's and what came
   under it is not another report (another link, another title and another date are another report).
2. without a guid: the link, where it names one page; then title and date.
3. with a guid nobody has seen: an entry of the same link and title, or of the same text and no other link, whose own
   guid is gone from the document: its guid changes. When the whole document is like that, the link alone is enough.
What is left is new. In doubt an entry is new: seen twice is better than lost.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from urllib.parse import urlsplit

import regex

from aggregator.model import EntryId, ParsedEntry
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


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownEntry:
    """What is stored of an entry, as far as it matters here."""

    id: EntryId
    keys: Keys
    title: str
    published: datetime | None
    digest: str  # of title and summary
    revision: int = 0


@dataclass(frozen=True, slots=True)
class New:
    """An entry that is not stored yet."""

    entry: ParsedEntry
    keys: Keys
    digest: str


@dataclass(frozen=True, slots=True)
class Edited:
    """A stored entry whose title or summary changed; `keys` replace the stored ones."""

    entry: ParsedEntry
    keys: Keys
    digest: str
    known: KnownEntry


@dataclass(frozen=True, slots=True)
class Known:
    """A stored entry as it was: nothing to write."""

    entry: ParsedEntry
    known: KnownEntry


Decision = New | Edited | Known

_VERSION = regex.compile(r"#\d{1,3}$")  # the BBC counts the versions of a report in its guid
_WORD = regex.compile(r"[\p{L}\p{N}]+")


def keys(entry: ParsedEntry) -> Keys:
    """Give the strings under which an entry is looked up."""
    date = entry.published.isoformat() if entry.published else ""
    words = _spoken(entry.title) or entry.summary[:1000]
    return Keys(
        guid=_hash("g", _guid(entry.guid)) if entry.guid else None,
        link=_hash("l", urls.identity(entry.url)) if entry.url and _names_a_page(entry.url) else None,
        text=_hash("t", words, date),
    )


def digest(entry: ParsedEntry) -> str:
    """Give what changes when title or summary do; blanks do not count."""
    return _hash("d", " ".join(entry.title.split()), " ".join(entry.summary.split()))


def match(parsed: Sequence[ParsedEntry], known: Iterable[KnownEntry]) -> list[Decision]:
    """Decide for each entry of one document, in its order; repeats within the document are left out.

    `known` holds the stored entries of this feed under any of the keys of `parsed`.
    """
    candidates = _distinct(parsed)
    decided = _Matching(candidates, list(known)).run()
    return [_decision(candidate, decided.get(position)) for position, candidate in enumerate(candidates)]


@dataclass(frozen=True, slots=True)
class _Candidate:
    entry: ParsedEntry
    keys: Keys
    digest: str
    title: str


_Find = Callable[[_Candidate], list[KnownEntry]]


class _Matching:
    """One document against the stored entries: rounds from the surest evidence to the weakest."""

    def __init__(self, candidates: Sequence[_Candidate], known: Sequence[KnownEntry]) -> None:
        self._candidates = candidates
        self._by_guid = _index(known, lambda each: each.keys.guid)
        self._by_link = _index(known, lambda each: each.keys.link)
        self._by_text = _index(known, lambda each: each.keys.text)
        self._guids = Counter(each.keys.guid for each in candidates)
        self._links = Counter(each.keys.link for each in candidates)
        self._titles = {each.id: _spoken(each.title) for each in known}
        self._found: dict[int, KnownEntry] = {}
        self._used: set[EntryId] = set()

    def run(self) -> dict[int, KnownEntry]:
        """Give the stored entry for each position that has one."""
        self._round(lambda c: [k for k in self._same_guid(c) if k.keys.link == c.keys.link and self._titled(k, c)])
        self._round(lambda c: [k for k in self._same_guid(c) if k.keys.link == c.keys.link and c.keys.link])
        self._round(lambda c: [k for k in self._same_guid(c) if self._titled(k, c)])
        self._round(self._by_guid_alone)
        self._round(lambda c: [k for k in self._same_link(c) if c.keys.guid is None and self._titled(k, c)])
        self._round(self._by_link_alone)
        self._round(lambda c: [k for k in self._by_text[c.keys.text] if c.keys.guid is None and _links_agree(k, c)])
        before = len(self._found)
        self._round(self._by_changed_guid)
        if before == 0 and 2 * len(self._found) >= max(4, len(self._candidates)):
            self._round(lambda c: [k for k in self._same_link(c) if self._is_gone(k) and self._links[c.keys.link] == 1])
        return self._found

    def _round(self, find: _Find) -> None:
        for position, candidate in enumerate(self._candidates):
            if position in self._found:
                continue
            for known in find(candidate):
                if known.id not in self._used:
                    self._found[position] = known
                    self._used.add(known.id)
                    break

    def _same_guid(self, candidate: _Candidate) -> list[KnownEntry]:
        return self._by_guid[candidate.keys.guid] if candidate.keys.guid else []

    def _same_link(self, candidate: _Candidate) -> list[KnownEntry]:
        return self._by_link[candidate.keys.link] if candidate.keys.link else []

    def _by_guid_alone(self, candidate: _Candidate) -> list[KnownEntry]:
        """Take an edit of title, link or both for one; a guid that several entries share tells nothing by itself."""
        stored = self._same_guid(candidate)
        if len(stored) != 1 or self._guids[candidate.keys.guid] != 1:
            return []
        (known,) = stored
        dated = known.published is not None and known.published == candidate.entry.published
        return [known] if dated or _alike(self._titles[known.id], candidate.title) else []

    def _by_link_alone(self, candidate: _Candidate) -> list[KnownEntry]:
        if candidate.keys.guid is not None or self._links[candidate.keys.link] != 1:
            return []
        stored = self._same_link(candidate)
        return stored if len(stored) == 1 else []

    def _by_changed_guid(self, candidate: _Candidate) -> list[KnownEntry]:
        if self._same_guid(candidate):
            return []
        linked = [k for k in self._same_link(candidate) if self._is_gone(k) and self._titled(k, candidate)]
        same = [
            k
            for k in self._by_text[candidate.keys.text]
            if self._is_gone(k) and k.digest == candidate.digest and k.published is not None
        ]
        return linked or same

    def _is_gone(self, known: KnownEntry) -> bool:
        """Tell whether the stored guid is no longer in the document (or there never was one)."""
        return known.keys.guid is None or known.keys.guid not in self._guids

    def _titled(self, known: KnownEntry, candidate: _Candidate) -> bool:
        """Tell whether title (or, where it is no longer stored, title and summary) are the same."""
        return self._titles[known.id] == candidate.title or known.digest == candidate.digest


def _index(known: Iterable[KnownEntry], key: Callable[[KnownEntry], str | None]) -> dict[str | None, list[KnownEntry]]:
    index: dict[str | None, list[KnownEntry]] = defaultdict(list)
    for each in known:
        if (value := key(each)) is not None:
            index[value].append(each)
    return index


def _decision(candidate: _Candidate, known: KnownEntry | None) -> Decision:
    if known is None:
        return New(candidate.entry, candidate.keys, candidate.digest)
    if known.digest == candidate.digest:
        return Known(candidate.entry, known)
    return Edited(candidate.entry, candidate.keys, candidate.digest, known)


def _distinct(parsed: Sequence[ParsedEntry]) -> list[_Candidate]:
    """Leave out what a document holds twice: the same keys all over, or the same guid, link and title."""
    seen = set()
    candidates = []
    for entry in parsed:
        candidate = _Candidate(entry, keys(entry), digest(entry), _spoken(entry.title))
        shape = (candidate.keys.guid, candidate.keys.link, candidate.title or candidate.digest)
        if shape == (None, None, candidate.title):
            shape = (None, candidate.keys.text, candidate.digest)
        if shape not in seen:
            seen.add(shape)
            candidates.append(candidate)
    return candidates


def _alike(title: str, other: str) -> bool:
    """Tell whether half of the words of two titles are the same."""
    words, others = set(title.split()), set(other.split())
    return 2 * len(words & others) >= len(words | others)


def _links_agree(known: KnownEntry, candidate: _Candidate) -> bool:
    return known.keys.link is None or candidate.keys.link is None or known.keys.link == candidate.keys.link


def _guid(guid: str) -> str:
    """Normalise a guid that is a URL: http or https, www and a trailing slash do not matter, nor does a version."""
    if not guid.lower().startswith(("http://", "https://")):
        return guid
    return urls.identity(_VERSION.sub("", guid))


def _names_a_page(url: str) -> bool:
    """Tell a page from a site: many feeds link every entry to their front page."""
    parts = urlsplit(url)
    return bool(parts.path.strip("/") or parts.query or parts.fragment)


def _spoken(title: str) -> str:
    """Give the words of a title: quotes, dashes and blanks are set and reset."""
    return " ".join(_WORD.findall(title.casefold()))


def _hash(kind: str, *parts: str) -> str:
    text = "\0".join(parts).encode("utf-8", "replace")
    return f"{kind}:{blake2b(text, digest_size=10).hexdigest()}"
