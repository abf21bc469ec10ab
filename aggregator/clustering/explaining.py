"""Why an entry is where it is: the decision with its numbers, as evidence."""

from aggregator.clustering.events import Events, Why
from aggregator.clustering.evidence import Evidence, Versions
from aggregator.clustering.frequencies import Frequencies
from aggregator.clustering.minhash import jaccard

MOST_TERMS = 8


def explain(events: Events, frequencies: Frequencies, versions: Versions, position: int, *, new: bool) -> Evidence:
    """Give the evidence of an entry that was placed in this batch; `new`: for the first time."""
    why, window, settings = events.why[position], events.window, events.settings
    event = events.of(position)
    near = next(
        ((other, cosine) for other, cosine, *_ in events.neighbours(position).near if events.of(other) is event),
        (None, None),
    )
    compared, cosine = near
    row = position - window.base
    terms = _shared(events, frequencies, position, compared) if compared is not None else ()
    return Evidence(
        rule=_rule(why, alone=len(event.members) == 1, new=new),
        compared=None if compared is None else int(window.id[compared - window.base]),
        compared_revision=None if compared is None else int(window.revision[compared - window.base]),
        jaccard=None if compared is None else jaccard(window.signature[row], window.signature[compared - window.base]),
        cosine=cosine,
        score=None if why.score is None else why.score.total,
        parts={} if why.score is None else why.score.parts(),
        terms=terms[:MOST_TERMS],
        numbers=tuple(term for term, _ in terms if any(letter.isdigit() for letter in term)),
        gap=None if compared is None else int(window.time[row] - window.time[compared - window.base]),
        members=why.members,
        thresholds={"join": settings.join, "merge": settings.merge, "copy": settings.copy_estimate},
        versions=versions,
    )


def _rule(why: Why, *, alone: bool, new: bool) -> str:
    """Name the rule; what second thoughts did to a new entry within its batch is its first assignment."""
    if not new:
        return why.rule
    if alone:
        return "founded"
    if why.score is not None and why.score.copy:
        return "copy"
    return "joined"


def _shared(events: Events, frequencies: Frequencies, position: int, other: int) -> tuple[tuple[str, float], ...]:
    """Give the tokens that two entries share with what each adds to the cosine, the most telling first."""
    window = events.window
    ours, theirs = window.terms(position), window.terms(other)
    weights = dict(zip(window.token[theirs].tolist(), window.weight[theirs].tolist(), strict=True))
    shared = [
        (frequencies.token(token), round(weight * weights[token], 4))
        for token, weight in zip(window.token[ours].tolist(), window.weight[ours].tolist(), strict=True)
        if token in weights
    ]
    return tuple(sorted(shared, key=lambda pair: (-pair[1], pair[0])))
