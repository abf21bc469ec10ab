"""Where an entry belongs: each event around it is scored, the best one takes it if that is enough."""

from math import log
from typing import NamedTuple

from aggregator.clustering.events import Events, OpenEvent, Why
from aggregator.clustering.scoring import Score, score


class Choice(NamedTuple):
    """An event with an entry's score against it."""

    event: OpenEvent
    score: Score
    total: float


def choices(events: Events, position: int, present: OpenEvent | None = None) -> list[Choice]:
    """Score an entry, which is in no event now, against the events around it; best first."""
    settings, terms, world = events.settings, events.terms(position), events.world(position)
    found = []
    for number, near in events.around(position).items():
        event = events.open[number]
        if event is not present and near.contrasts and not near.twin and near.contrasts[0] < settings.hopeless:
            continue
        if event.members and events.takes(event, position, member=event is present):
            parts = score(terms, event, near, world=world, settings=settings)
            bonus = settings.stay if event is present else 0.0
            bonus -= settings.tighten * log(len(event.members))
            found.append(Choice(event, parts, sum(parts) + bonus))
    if len(found) > 1:
        found.sort(key=lambda choice: (-choice.total, choice.event.id))
    return found


def place(events: Events, position: int) -> None:
    """Put a new entry into the best event, or into one of its own."""
    tried = choices(events, position)
    best = tried[0] if tried else None
    bound = events.bound_to(position)
    if bound is not None:
        rule, target = "correction", bound
    elif best is not None and best.total >= events.settings.join:
        rule, target = ("copy" if best.score.copy else "joined"), best.event
    else:
        rule, target = "founded", events.found()
    events.why[position] = _why(events, rule, best, target)
    events.add(position, target)
    events.decided[position] = events.clock


def place_again(events: Events, position: int, present: OpenEvent) -> None:
    """Put an entry, just taken out of `present`, into the event that fits best by now."""
    tried = choices(events, position, present)
    best = tried[0] if tried else None
    bound = events.bound_to(position)
    if bound is not None:
        target = bound
    elif best is not None and best.total >= events.settings.join:
        target = best.event
    else:
        target = present if not present.members else events.found()
    if target is not present or position not in events.why:
        events.why[position] = _why(events, "repair" if bound is None else "correction", best, target)
    events.add(position, target)
    events.decided[position] = events.clock
    events.close_if_empty(present)


def _why(events: Events, rule: str, best: Choice | None, target: OpenEvent) -> Why:
    """Note what decided, before the entry is in its event."""
    if best is None or rule == "correction":
        return Why(rule, None, len(target.members))
    bonus, needed = best.total - best.score.total, events.settings.join
    return Why(rule, best.score, len(target.members), bonus=bonus, needed=needed)
