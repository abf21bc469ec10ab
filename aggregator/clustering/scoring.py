"""How well an entry fits an event."""

from dataclasses import dataclass, fields
from math import log

from aggregator.clustering.events import OpenEvent, Terms
from aggregator.clustering.settings import Settings


@dataclass(frozen=True, slots=True)
class Score:
    """A score and its parts."""

    words: float
    size: float
    pairs: float
    length: float
    copy: float

    @property
    def total(self) -> float:
        """Add the parts."""
        return self.words + self.size + self.pairs + self.length + self.copy

    def parts(self) -> dict[str, float]:
        """Name the parts."""
        return {field.name: round(getattr(self, field.name), 6) for field in fields(self)}


def score(
    terms: Terms, event: OpenEvent, cosines: list[float], twin: float, *, entries: int, settings: Settings
) -> Score:
    """Score an entry against an event of which it is no member.

    `cosines` are those of its nearest neighbours in the event, highest first; `twin` is its Jaccard
    estimate with a copy in the event, else 0; `entries` counts the token space.
    """
    size = len(event.members)
    counts = event.counts
    gain = terms.floor
    for token, tf, ratio in terms.words:
        count = counts.get(token)
        if count:
            gain += tf * log(1.0 + ratio * count / size)
    information = max(terms.information, 1e-9)
    top = cosines[: settings.pair_count]
    mean = sum(top) / min(settings.pair_count, size)  # a member that is no neighbour counts as 0
    return Score(
        gain / information,
        settings.size_weight * (log(size) - log(max(entries, 1))) / min(information, settings.size_cap),
        settings.pair_weight * (mean - settings.pair_middle),
        -settings.length_weight * (min(information, 200.0) - 80.0) / 120.0,
        1.0 + twin if twin else 0.0,  # a copy goes where its original is
    )
