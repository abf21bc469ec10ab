"""Choose the report that speaks for an event: its headline, link and picture. Pure."""

import re
from collections.abc import Collection, Sequence
from datetime import datetime

from aggregator.model import EntryId, FeedId, Source
from aggregator.text.genre import Genre, genre_of

# JANE DOE: what I think of it. VIDEO: what can be seen. Analysis | what it means.
_COMMENT = re.compile(
    r"^([A-ZÀ-Þ]{2,}( [A-ZÀ-Þ]{2,}){1,3}|(?i:opinion|editorial|analysis|explainer|kommentar|video))\s*[:|]"
)
# Cut, a question, a quotation alone, or words that promise instead of telling.
_TEASER = re.compile(
    r"(\?|…|\.\.\.)\s*$|^['‘\"“«„].*['’\"”»“]$|^(this|why|how|here'?s|watch|ini|begini|kenapa|mengapa|bu|işte)\b",
    re.IGNORECASE,
)
_SHORTEST = 25  # characters of a headline that says who did what; half of them where a sign is a word
_LONGEST = 140
_DENSE = re.compile("[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")


def choose(
    sources: Sequence[Source],
    *,
    preferred: Collection[str] = (),
    silent: Collection[FeedId] = (),
    pinned: EntryId | None = None,
    present: EntryId | None = None,
) -> Source | None:
    """Choose among an event's sources; None where there is none.

    Who is `pinned` speaks. Else, in order: a feed that is not `silent`, an outlet's own report rather than a copy, a
    title that reports (no live page, round-up or comment), a complete headline, a preferred outlet, the earliest.
    `present` speaks on while it is no worse than the best in the first four: what people have read under one headline
    should not change because somebody was quicker elsewhere.
    """
    chosen = next((source for source in sources if source.entry == pinned), None)
    if chosen is not None or not sources:
        return chosen

    def faults(source: Source) -> tuple[bool, ...]:
        return source.feed in silent, *_faults(source)

    best = min(sources, key=lambda source: (*faults(source), source.outlet not in preferred, _age(source)))
    for source in sources:
        if source.entry == present and faults(source) <= faults(best):
            return source
    return best


def _faults(source: Source) -> tuple[bool, bool, bool]:
    title = source.title.strip()
    base = (source.language or "en").partition("-")[0].lower()
    told = title and genre_of(title, base) is Genre.REPORT and _COMMENT.search(title) is None
    return source.copy_of is not None, not told, not _complete(title)


def _complete(title: str) -> bool:
    """Tell whether a headline states what happened: neither cut nor a question nor a mere label."""
    shortest = _SHORTEST // 2 if _DENSE.search(title) else _SHORTEST
    return shortest <= len(title) <= _LONGEST and _TEASER.search(title) is None and not title.isupper()


def _age(source: Source) -> tuple[datetime, EntryId]:
    return source.first_seen, source.entry
