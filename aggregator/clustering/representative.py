"""Choose the report that speaks for an event: its headline, link and picture. Pure."""

import re
from collections.abc import Collection, Sequence
from datetime import datetime

from aggregator.model import EntryId, Source

# A live blog's or round-up's headline says "everything so far", which is not what happened.
_RUNNING = re.compile(
    r"\b(live|liveblog|live-?ticker|newsticker|ticker|live updates?|as it happened|latest updates|minute by minute"
    r"|en direct|en vivo|en directo|minuto a minuto|ao vivo|canlı|dakika dakika|siaran langsung|liputan langsung)\b"
    r"|مباشر|прямой эфир|онлайн",
    re.IGNORECASE,
)
_ROUND_UP = re.compile(
    r"\b(round-?up|briefing|newsletter|podcast|in pictures|what we know|explainer|week in|quiz|infografis"
    r"|terpopuler|kommentar|günün|haftanın|resumen de|las noticias)\b"
    r"|^(watch|listen|video|photos?|foto|gallery|opinion|editorial|analysis)\b\W|[:|]\s*(live|video|opinion)\s*$",
    re.IGNORECASE,
)
_TEASER = re.compile(r"(\?|…|\.\.\.)\s*$|^(this|why|how|here'?s|ini|begini|kenapa|mengapa|bu|işte)\b", re.IGNORECASE)
_SHORTEST = 25  # characters of a headline that says who did what; half of them where a sign is a word
_LONGEST = 140
_DENSE = re.compile("[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")


def choose(
    sources: Sequence[Source], *, preferred: Collection[str] = (), present: EntryId | None = None
) -> Source | None:
    """Choose among an event's sources; None where there is none.

    In order: an outlet's own report rather than a copy, a headline that is no running or round-up title, a complete
    headline, a preferred outlet, the earliest. `present` speaks on while it is no worse than the best in the first
    three: what people have read under one headline should not change because somebody was quicker elsewhere.
    """
    if not sources:
        return None
    best = min(sources, key=lambda source: (*_faults(source), source.outlet not in preferred, _age(source)))
    for source in sources:
        if source.entry == present and _faults(source) <= _faults(best):
            return source
    return best


def _faults(source: Source) -> tuple[bool, int, bool]:
    title = source.title.strip()
    running = (_RUNNING.search(title) is not None) + (_ROUND_UP.search(title) is not None)
    return source.copy_of is not None, running + (not title), not _complete(title)


def _complete(title: str) -> bool:
    """Tell whether a headline states what happened: neither cut nor a question nor a mere label."""
    shortest = _SHORTEST // 2 if _DENSE.search(title) else _SHORTEST
    return shortest <= len(title) <= _LONGEST and _TEASER.search(title) is None and not title.isupper()


def _age(source: Source) -> tuple[datetime, EntryId]:
    return source.first_seen, source.entry
