"""Why an entry is where it is: the decision with its numbers, as evidence."""

from aggregator.clustering.events import Events, OpenEvent, Why
from aggregator.clustering.evidence import Evidence, Versions
from aggregator.clustering.frequencies import Frequencies
from aggregator.clustering.minhash import jaccard
from aggregator.clustering.replaying import WAYS

MOST_TERMS = 8
MOST_MEMBERS = 50  # the newest, that are looked at where no neighbour is a member any more


def explain(events: Events, frequencies: Frequencies, versions: Versions, position: int, *, new: bool) -> Evidence:
    """Give the evidence of an entry that was placed in this batch; `new`: for the first time."""
    why, window, settings = events.why[position], events.window, events.settings
    if new and why.members and why.rule != "correction" and _alone(events.of(position)):
        why = Why("founded", None, 0)  # what it had joined went elsewhere before the batch was over
    compared, cosine = _nearest(events, position)
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
        gap=None if compared is None else int(window.told[row] - window.told[compared - window.base]),
        members=why.members,
        thresholds={
            "join": settings.join,
            "merge": settings.merge,
            "copy": settings.copy_estimate,
            **({} if why.needed is None else {"needed": why.needed}),
        },
        versions=versions,
    )


def _nearest(events: Events, position: int) -> tuple[int | None, float | None]:
    """Give the most alike of the other members and its cosine: a neighbour, or if all of those have left, another."""
    event = events.of(position)
    for near, cosine in events.neighbours(position).cosines():
        if events.of(near) is event:
            return near, cosine
    others = [member for member in event.members[-MOST_MEMBERS - 1 :] if member != position]
    if not others:
        return None, None
    cosine, other = max((_cosine(events, position, other), -other) for other in others)
    return -other, round(cosine, 6)


def _alone(event: OpenEvent) -> bool:
    return len(event.members) == 1 and event.earlier is None


def _cosine(events: Events, position: int, other: int) -> float:
    return sum(weight for _, weight in _weights(events, position, other))


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
    shared = [(frequencies.token(token), round(weight, 4)) for token, weight in _weights(events, position, other)]
    return tuple(sorted(shared, key=lambda pair: (-pair[1], pair[0])))


def _weights(events: Events, position: int, other: int) -> list[tuple[int, float]]:
    """Give the tokens that two entries share with what each adds to the cosine."""
    window = events.window
    ours, theirs = window.terms(position), window.terms(other)
    weights = dict(zip(window.token[theirs].tolist(), window.weight[theirs].tolist(), strict=True))
    return [
        (token, weight * weights[token])
        for token, weight in zip(window.token[ours].tolist(), window.weight[ours].tolist(), strict=True)
        if token in weights
    ]
