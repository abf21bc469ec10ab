"""Why an entry is where it is: the decision with its numbers, as evidence."""

from aggregator.clustering.events import Events, Why
from aggregator.clustering.evidence import Evidence, Versions
from aggregator.clustering.frequencies import Frequencies
from aggregator.clustering.minhash import jaccard
from aggregator.clustering.replaying import WAYS

MOST_TERMS = 8


def explain(events: Events, frequencies: Frequencies, versions: Versions, position: int, *, new: bool) -> Evidence:
    """Give the evidence of an entry that was placed in this batch; `new`: for the first time."""
    why, window, settings = events.why[position], events.window, events.settings
    event = events.of(position)
    near = events.neighbours(position).cosines()
    compared, cosine = next((pair for pair in near if events.of(pair[0]) is event), (None, None))
    row = position - window.base
    terms = _shared(events, frequencies, position, compared) if compared is not None else ()
    score, parts = measured(why)
    return Evidence(
        rule=_rule(why) if new else why.rule,
        revision=int(window.revision[row]),
        compared=None if compared is None else int(window.id[compared - window.base]),
        compared_revision=None if compared is None else int(window.revision[compared - window.base]),
        jaccard=None if compared is None else jaccard(window.signature[row], window.signature[compared - window.base]),
        cosine=cosine,
        score=score,
        parts=parts,
        terms=tuple(term for place, term in enumerate(terms) if place < MOST_TERMS or _numeric(term[0])),
        numbers=tuple(term for term, _ in terms if _numeric(term)),
        gap=None if compared is None else int(window.time[row] - window.time[compared - window.base]),
        members=why.members,
        thresholds={
            "join": settings.join,
            "merge": settings.merge,
            "copy": settings.copy_estimate,
            **({} if why.needed is None else {"needed": why.needed}),
        },
        versions=versions,
    )


def _numeric(term: str) -> bool:
    return any(letter.isdigit() for letter in term)


def measured(why: Why) -> tuple[float | None, dict[str, float]]:
    """Give what was compared with the threshold, and its parts."""
    if why.ways is not None:
        return min(why.ways), dict(zip(WAYS, why.ways, strict=True))
    if why.score is None:
        return None, {}
    parts = why.score.parts() | ({"bonus": round(why.bonus, 6)} if why.bonus else {})
    return why.score.total + why.bonus, parts


def _rule(why: Why) -> str:
    """Name the rule of a new entry: what second thoughts did to it within its batch is its first assignment."""
    if why.rule != "repair":
        return why.rule
    if not why.members:
        return "founded"
    return "copy" if why.score is not None and why.score.copy else "joined"


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
