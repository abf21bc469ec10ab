"""How well an entry fits an event."""

from math import log, log2
from typing import NamedTuple

from aggregator.clustering.events import Nearness, OpenEvent, Terms
from aggregator.clustering.settings import Settings


class Score(NamedTuple):
    """A score and its parts."""

    words: float
    size: float
    pairs: float
    length: float
    gap: float
    copy: float

    @property
    def total(self) -> float:
        """Add the parts."""
        return sum(self)

    def parts(self) -> dict[str, float]:
        """Name the parts."""
        return {name: round(part, 6) for name, part in self._asdict().items()}


def score(terms: Terms, event: OpenEvent, near: Nearness, *, entries: int, settings: Settings) -> Score:
    """Score an entry against an event of which it is no member; `entries` counts its token space in the window."""
    size = len(event.members)
    counts = event.counts
    gain = terms.floor
    for token, tf, ratio in terms.words:
        count = counts.get(token)
        if count:
            gain += tf * log(1.0 + ratio * count / size)
    information = terms.information
    return Score(
        gain / information,
        settings.size_weight * (log(size) - log(entries + settings.prior)) / min(information, settings.size_cap),
        settings.pair_weight * (_mean(near, size, settings) - settings.pair_middle),
        -settings.length_weight * (min(information, 200.0) - 80.0) / 120.0,
        -settings.gap_weight * log2(min(near.gap, terms.gap_most) / terms.gap_free)
        if near.gap > terms.gap_free
        else 0.0,
        1.0 + near.twin if near.twin else 0.0,  # a copy goes where its original is
    )


def _mean(near: Nearness, size: int, settings: Settings) -> float:
    """Return the mean of the highest contrasts; a member that is no neighbour is no nearer than the last neighbour."""
    wanted = min(settings.pair_count, size)
    highest = near.contrasts[:wanted]
    return (sum(highest) + (wanted - len(highest)) * near.missing) / wanted
