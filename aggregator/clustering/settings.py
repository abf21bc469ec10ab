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
    ageing: timedelta = timedelta(days=30)  # after which what was counted of words counts half
    bands: int = 48  # bands of one row for candidates
    bucket: int = 48  # newest entries of a bucket that are looked at
    candidates: int = 64  # of them, those that share most bands
    link: float = 0.08  # least cosine of a neighbour
    neighbours: int = 40  # kept with an entry
    consulted: int = 20  # of them asked for their events
    prior: float = 300.0  # entries that the background frequencies count for
    join: float = 0.0  # least score to join an event
    related: float = 0.12  # under `join`: what misses an event by no more is shown as related to it
    merge: float = -0.04  # least mean score, in the worse way of both, to make one event of two
    topic: float = 0.3  # how far a word's rarity gives way to its rarity among the neighbours in other events
    topic_prior: float = 2.0  # neighbours that its rarity in all entries counts for there
    caution: float = 0.03  # taken off while little is learnt: what is rare here is not known before `prior` entries
    company: float = 0.06  # given for each unit of the log odds that an entry is not alone, above the usual ones
    company_usual: float = 0.83  # share of entries that are not alone where a likeness says what it says
    company_prior: float = 50.0  # entries that this counts for
    company_least: float = 4.0  # units below the usual, at most
    company_most: float = 1.0  # units above it, at most: events must not feed on their own growth
    outlet: float = 0.15  # taken off where all of the event is of the entry's own feed, which seldom tells twice
    contradiction: float = 0.10  # taken off where entry and event state numbers, but none in common
    number_rarity: float = 12.0  # a number found more often, as in Covid-19, states nothing
    stay: float = 0.05  # what the present event is given
    hit: float = 0.52  # share of a word's weight that rests on the event's use of it
    size_weight: float = 0.7  # of the event's share of all entries
    size_cap: float = 75.0
    pair_weight: float = 1.0  # of the best cosines to members, less the crowd
    pair_middle: float = 0.04  # the value of it that says nothing
    pair_count: int = 3  # members that it is the mean of
    pair_least: float = 0.05  # taken for the cosine with a member that is no neighbour
    hopeless: float = -0.10  # a contrast with the nearest member below this is not scored: 1 in 1,000 would have joined
    crowd: float = 0.5  # share of both entries' densities that is taken off their cosine
    length_weight: float = 0.12  # longer texts share more by chance
    gap_weight: float = 0.125  # taken off for each doubling of the gap between the reports ...
    gap_free: timedelta = timedelta(hours=3)  # ... above this
    gap_most: timedelta = timedelta(hours=24)  # ... up to this: a follow-up of the third day is as good as the second's
    backlog: timedelta = timedelta(hours=12)  # dated so long before first sight, a report counts as told at its date
    gap_prior: float = 100.0  # entries at which half of it is: where few report, hours of silence say little
    tighten: float = 0.0  # taken off for each e-fold of members when an entry joins: large events drift
    repair_passes: int = 2
    repair_neighbours: int = 4
    settle: timedelta = timedelta(hours=1)  # an entry seen for longer moves only when its event merges or splits
    merge_settled: float = 0.10  # more than `merge` when the event that goes has settled
    merge_old: float = 0.10  # more again when it is older than ...
    old: timedelta = timedelta(days=1)  # ... this
    merge_tighten: float = 0.02  # more for each e-fold of members of the event that goes
    merge_rounds: int = 2
    merge_link: float = 0.3
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
