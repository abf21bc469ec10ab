"""How well an entry fits an event."""

from math import log, log2
from typing import NamedTuple

from aggregator.clustering.company import World
from aggregator.clustering.events import OpenEvent
from aggregator.clustering.nearness import Nearness, Terms
from aggregator.clustering.settings import Settings


class Score(NamedTuple):
    """A score and its parts."""

    words: float
    size: float
    pairs: float
    length: float
    gap: float
    numbers: float
    world: float
    outlet: float
    copy: float

    @property
    def total(self) -> float:
        """Add the parts."""
        return sum(self)

    def parts(self) -> dict[str, float]:
        """Name the parts."""
        return {name: round(part, 6) for name, part in self._asdict().items()}


def score(terms: Terms, event: OpenEvent, near: Nearness, *, world: World, settings: Settings) -> Score:
    """Score an entry against an event of which it is no member."""
    size = len(event.members)
    gain, local = _words(terms, event, near.outside, settings)
    information = terms.information
    return Score(
        gain / local,
        settings.size_weight
        * (log(size) - log(world.entries + settings.prior))
        / (min(information, settings.size_cap) if terms.tokens else settings.size_cap),
        settings.pair_weight * (_mean(near, size, settings) - settings.pair_middle),
        -settings.length_weight * (min(information, 200.0) - 80.0) / 120.0,
        -settings.gap_weight * world.entries / (world.entries + settings.gap_prior) * _gap(terms, near),
        _contradiction(terms, event, settings),
        settings.company * world.company - settings.caution * settings.prior / (settings.prior + world.entries),
        -settings.outlet * _told(terms, event, size),
        1.0 + near.twin if near.twin else 0.0,  # a copy goes where its original is
    )


def _words(terms: Terms, event: OpenEvent, outside: int, settings: Settings) -> tuple[float, float]:
    """Return what the words say for the event, and what they would at most.

    A word that the entry's neighbours in other events have as well is the topic's: it is less rare here than elsewhere.
    """
    counts, size, topic, prior = event.counts, len(event.members), settings.topic, settings.topic_prior
    neighbours = outside.bit_count() + prior
    scale = settings.hit / (1.0 - settings.hit)
    smooth, count_of = prior * scale, counts.get
    gain, information = terms.floor, terms.information
    for token, tf, everywhere, shared in terms.common:  # most of the time of clustering is spent here
        count, ratio, others = count_of(token), everywhere, shared & outside
        if others:
            # Smoothed by the share in all entries.
            share = (others.bit_count() + smooth / everywhere) / neighbours
            excess = share * everywhere / scale
            if excess > 1.0:
                ratio = everywhere * excess**-topic
                if ratio < scale:  # noqa: PLR1730  max() takes longer, a million times
                    ratio = scale
                information += tf * log((1.0 + ratio) / (1.0 + everywhere))
        if count:
            gain += tf * log(1.0 + ratio * count / size)
    for token, tf, everywhere in terms.lone:
        if token in counts:
            gain += tf * log(1.0 + everywhere * counts[token] / size)
    return gain, max(1e-9, information)


def _gap(terms: Terms, near: Nearness) -> float:
    """Return by how many doublings the gap to the nearest report in time is more than a usual one."""
    return log2(min(near.gap, terms.gap_most) / terms.gap_free) if near.gap > terms.gap_free else 0.0


def _told(terms: Terms, event: OpenEvent, size: int) -> float:
    """Return how far the event is the entry's own feed's; of a large event every feed tells again."""
    return event.feeds.get(terms.feed, 0) / size**1.5 if terms.feed else 0.0


def _contradiction(terms: Terms, event: OpenEvent, settings: Settings) -> float:
    """Return what is taken off when the entry and members of the event state numbers, but none in common."""
    if not event.numbered or not terms.numbers or any(number in event.counts for number in terms.numbers):
        return 0.0
    return -settings.contradiction * event.numbered / len(event.members)


def _mean(near: Nearness, size: int, settings: Settings) -> float:
    """Return the mean of the highest contrasts; a member that is no neighbour is no nearer than the last neighbour."""
    wanted = min(settings.pair_count, size)
    highest = near.contrasts[:wanted]
    return (sum(highest) + (wanted - len(highest)) * near.missing) / wanted
