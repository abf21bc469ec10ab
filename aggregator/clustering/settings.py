"""The numbers that decide, with what each does."""

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Literal

Strictness = Literal["careful", "balanced", "wide"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """One configuration serves all streams."""

    window: timedelta = timedelta(days=3)  # how far back an entry looks for its event
    max_age: timedelta = timedelta(days=7)  # an event takes no new entries after this
    bands: int = 32  # bands of one row for candidates
    bucket: int = 24  # newest entries of a bucket that are looked at
    candidates: int = 48  # of them, those that share most bands
    link: float = 0.08  # least cosine of a neighbour
    neighbours: int = 40  # kept with an entry
    consulted: int = 20  # of them asked for their events
    prior: float = 300.0  # entries that the background frequencies count for
    join: float = 0.07  # least score to join an event
    merge: float = 0.07  # least mean score both ways to make one event of two
    stay: float = 0.05  # what the present event is given
    hit: float = 0.55  # share of a word's weight that rests on the event's use of it
    size_weight: float = 0.5
    size_cap: float = 75.0
    pair_weight: float = 0.7
    pair_middle: float = 0.34
    pair_count: int = 3
    pair_missing: bool = False
    length_weight: float = 0.08
    copy_cosine: float = 0.85
    repair_passes: int = 2
    repair_neighbours: int = 4
    merge_rounds: int = 2
    merge_link: float = 0.2
    merge_members: int = 5
    copy_rows: int = 128  # permutations of the signature over words
    copy_bands: int = 16
    copy_estimate: float = 0.7  # least Jaccard estimate of a copy
    copy_words: int = 6  # a shorter title is no copy by itself

    @classmethod
    def for_strictness(cls, strictness: Strictness) -> "Settings":
        """Return the settings of the one knob for people."""
        step = {"careful": 0.05, "balanced": 0.0, "wide": -0.05}[strictness]
        default = cls()
        return replace(default, join=default.join + step, merge=default.merge + step)


DEFAULT = Settings()
