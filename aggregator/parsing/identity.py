"""Is this entry known, edited or new? Pure decisions about the entries of one document and what is stored of its feed.

Theory of operation. An entry has up to three keys: its guid, its link, and its text (title and date). One document is
matched against the stored entries of its feed, the surest evidence first, and no stored entry is matched twice:
1. guid, link and text agree; then guid, link and title; then guid and link; then guid alone, when it is no more than
   one entry's and what came under it is not another report (another link, title and date are another report).
2. without a guid: the link, where it names one page; then title and date.
3. with a guid nobody has seen: an entry of the same link and title, or of the same text and no other link, whose own
   guid is gone from the document: its guid changes. When the whole document is like that, the link alone is enough.
What has another date and another text is an edit where it alone has its guid (without one, its link), or its guid, link
and title, alone: a "Flood warning" each day, under one link, are many reports. What is left is new. In doubt an entry
is new: seen twice is better than lost.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from aggregator.model import EntryId, ParsedEntry
from aggregator.parsing.keys import Keys, digest, keys, spoken


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


_TWICE = 2
_Find = Callable[[_Candidate], list[KnownEntry]]


class _Matching:
    """One document against the stored entries: rounds from the surest evidence to the weakest."""

    def __init__(self, candidates: Sequence[_Candidate], known: Sequence[KnownEntry]) -> None:
        self._candidates = candidates
        self._titles = {each.id: spoken(each.title) for each in known}
        self._stored: dict[tuple[str | None, ...], list[KnownEntry]] = defaultdict(list)
        for each in known:
            for place in _places(each.keys, self._titles[each.id], each.digest):
                self._stored[place].append(each)
        self._shown = Counter(place for c in candidates for place in _places(c.keys, c.title, c.digest))
        self._found: dict[int, KnownEntry] = {}
        self._used: set[EntryId] = set()

    def run(self) -> dict[int, KnownEntry]:
        """Give the stored entry for each position that has one."""
        self._round(lambda c: self._under(c.keys.guid, c.keys.link, c.digest))
        self._round(self._by_guid_link_and_title)
        self._round(self._by_guid_and_link)
        self._round(lambda c: self._titled(c, c.keys.guid))
        self._round(self._by_guid_alone)
        self._round(lambda c: self._titled(c, c.keys.link) if c.keys.guid is None else [])
        self._round(self._by_link_alone)
        self._round(self._by_text)
        before = len(self._found)
        self._round(self._by_changed_guid)
        if before == 0 and 2 * len(self._found) >= max(4, len(self._candidates)):
            self._round(self._by_link_of_changed_guid)
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

    def _under(self, key: str | None, *more: str | None) -> list[KnownEntry]:
        return self._stored.get((key, *more), []) if key else []

    def _alone(self, *place: str | None) -> bool:
        """Tell whether no more than one entry stands there, stored or in the document."""
        return len(self._stored.get(place, ())) == 1 and self._shown[place] == 1

    def _one(self, candidate: _Candidate, stored: Iterable[KnownEntry]) -> list[KnownEntry]:
        """Keep those of which the candidate may be an edit; its own guid or link alone bears another date and text."""
        key = candidate.keys.guid or candidate.keys.link
        own = key is not None and self._alone(key)
        return [
            k
            for k in stored
            if k.digest == candidate.digest
            or not _dated_apart(k.published, candidate.entry.published)
            or (own and key in {k.keys.guid, k.keys.link})
        ]

    def _by_guid_link_and_title(self, candidate: _Candidate) -> list[KnownEntry]:
        """Where one entry alone has all three, it is this one: another title may have been given the same guid."""
        guid, link, title = candidate.keys.guid, candidate.keys.link, candidate.title
        stored = self._under(guid, link, title)
        return stored if link is not None and self._alone(guid, link, title) else self._one(candidate, stored)

    def _titled(self, candidate: _Candidate, key: str | None) -> list[KnownEntry]:
        """Give what has the same text under a key; then what has the same title, which pruned entries have no more."""
        return self._under(key, candidate.digest) + self._one(candidate, self._under(key, candidate.title))

    def _by_guid_and_link(self, candidate: _Candidate) -> list[KnownEntry]:
        """Take another title for an edit; where several share guid and link, only one of the same date."""
        guid, link, when = candidate.keys.guid, candidate.keys.link, candidate.entry.published
        if link is None:
            return []
        stored = self._one(candidate, self._under(guid, link))
        return stored if self._alone(guid, link) else [k for k in stored if when is not None and k.published == when]

    def _by_guid_alone(self, candidate: _Candidate) -> list[KnownEntry]:
        """Take an edit of title, link or both for one; a guid that several entries share tells nothing by itself."""
        if candidate.keys.guid is None or not self._alone(candidate.keys.guid):
            return []
        (known,) = self._under(candidate.keys.guid)
        dated = known.published is not None and known.published == candidate.entry.published
        return [known] if dated or _alike(self._titles[known.id], candidate.title) else []

    def _by_link_alone(self, candidate: _Candidate) -> list[KnownEntry]:
        if candidate.keys.guid is not None or not self._alone(candidate.keys.link):
            return []
        return self._one(candidate, self._under(candidate.keys.link))

    def _by_text(self, candidate: _Candidate) -> list[KnownEntry]:
        if candidate.keys.guid is not None:
            return []
        stored = self._under(candidate.keys.text, candidate.digest) + self._under(candidate.keys.text)
        return [k for k in stored if _links_agree(k, candidate)]

    def _by_changed_guid(self, candidate: _Candidate) -> list[KnownEntry]:
        if self._under(candidate.keys.guid):
            return []
        linked = [k for k in self._titled(candidate, candidate.keys.link) if self._is_gone(k)]
        same = self._under(candidate.keys.text, candidate.digest)
        return linked or [k for k in same if self._is_gone(k) and k.published is not None]

    def _by_link_of_changed_guid(self, candidate: _Candidate) -> list[KnownEntry]:
        if self._shown[(candidate.keys.link,)] != 1:
            return []
        return [k for k in self._one(candidate, self._under(candidate.keys.link)) if self._is_gone(k)]

    def _is_gone(self, known: KnownEntry) -> bool:
        """Tell whether the stored guid is no longer in the document (or there never was one)."""
        return known.keys.guid is None or (known.keys.guid,) not in self._shown


def _places(keys: Keys, title: str, digest: str) -> Iterator[tuple[str | None, ...]]:
    """Give where an entry is looked up; guid, link, text, digest and title differ in their first letters or signs."""
    yield (keys.text,)
    yield (keys.text, digest)
    if keys.guid is not None:
        yield (keys.guid,)
        yield (keys.guid, keys.link, digest)
        yield (keys.guid, keys.link, title)
    if keys.guid is not None and keys.link is not None:
        yield (keys.guid, keys.link)
    for key in (keys.guid, keys.link):
        if key is not None:
            yield (key, digest)
            yield (key, title)
    if keys.link is not None:
        yield (keys.link,)


def _decision(candidate: _Candidate, known: KnownEntry | None) -> Decision:
    if known is None:
        return New(candidate.entry, candidate.keys, candidate.digest)
    if known.digest == candidate.digest:
        return Known(candidate.entry, known)
    return Edited(candidate.entry, candidate.keys, candidate.digest, known)


def _distinct(parsed: Sequence[ParsedEntry]) -> list[_Candidate]:
    """Leave out what a document holds twice: the same guid, link and title, unless date and text differ.

    Where guids tell the other entries apart, they may differ too: some list a report again when they have edited it.
    """
    all_of_it = [_Candidate(entry, keys(entry), digest(entry), spoken(entry.title)) for entry in parsed]
    shown = Counter((one.keys.guid, one.keys.link) for one in all_of_it if one.keys.guid and one.keys.link)
    # two of all that there is, or more under one guid: a guid that tells nothing apart
    listed_again = {place for place, times in shown.items() if times == _TWICE and len(all_of_it) > 2 * _TWICE}
    seen: dict[tuple[str | None, ...], list[_Candidate]] = defaultdict(list)
    candidates = []
    for candidate in all_of_it:
        shape = (candidate.keys.guid, candidate.keys.link, candidate.title or candidate.digest)
        if shape == (None, None, candidate.title):
            shape = (None, candidate.keys.text, candidate.digest)
        again = seen[shape] and shape[:2] in listed_again
        if not again and not any(_repeats(candidate, other) for other in seen[shape]):
            seen[shape].append(candidate)
            candidates.append(candidate)
    return candidates


def _repeats(candidate: _Candidate, other: _Candidate) -> bool:
    apart = _dated_apart(candidate.entry.published, other.entry.published)
    return candidate.digest == other.digest or not apart


def _dated_apart(one: datetime | None, other: datetime | None) -> bool:
    return one is not None and other is not None and one != other


def _alike(title: str, other: str) -> bool:
    """Tell whether half of the words of two titles are the same."""
    words, others = set(title.split()), set(other.split())
    return 2 * len(words & others) >= len(words | others)


def _links_agree(known: KnownEntry, candidate: _Candidate) -> bool:
    return known.keys.link is None or candidate.keys.link is None or known.keys.link == candidate.keys.link
