"""Who tells what: how often outlets are first, copy or add something, and which feeds tell the same."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import combinations, groupby
from operator import itemgetter
from typing import Any

from sqlalchemy import Connection, func, select

from aggregator.database.tables import entries, events
from aggregator.model import FeedId

FEWEST = 5  # common events of a pair that say anything


@dataclass(frozen=True, slots=True, kw_only=True)
class Teller:
    """What an outlet has told. Shares are of its reports, but `first` of its events that others report too."""

    outlet: str
    reports: int
    events: int
    shared: int  # events that another outlet reports too
    first: int  # of these, those that it reported first
    copies: int  # reports that repeat an earlier one's text

    @property
    def independent(self) -> int:
        """Count the reports that are no copies."""
        return self.reports - self.copies


@dataclass(frozen=True, slots=True, kw_only=True)
class Overlap:
    """Two feeds that have told of the same events: first the one with fewer, or that was first less often."""

    feed: FeedId
    other: FeedId
    events: int
    other_events: int
    common: int
    first: int  # common events that `feed` told before `other`
    copies: int  # reports of `feed` in common events that are copies

    @property
    def share(self) -> float:
        """Give the share of the events of `feed` that `other` tells too."""
        return self.common / self.events


def tellers(connection: Connection, since: datetime, *, outlet: str | None = None) -> list[Teller]:
    """Give what each outlet, or one, has told since an instant, the busiest first."""
    order = entries.c.first_seen, entries.c.time, entries.c.id
    place = func.row_number().over(partition_by=entries.c.event_id, order_by=order).label("place")
    placed = select(entries.c.event_id, entries.c.outlet, entries.c.copy_of, place).where(
        entries.c.event_id.is_not(None), entries.c.first_seen >= since
    )
    if outlet is not None:
        own = select(entries.c.event_id).where(entries.c.outlet == outlet, entries.c.first_seen >= since)
        placed = placed.where(entries.c.event_id.in_(own))
    told = placed.subquery()
    several = select(events.c.id).where(events.c.outlets > 1, events.c.updated >= since)
    shared = told.c.event_id.in_(several)
    rows = select(
        told.c.outlet,
        func.count().label("reports"),
        func.count(told.c.event_id.distinct()).label("events"),
        func.count(told.c.event_id.distinct()).filter(shared).label("shared"),
        func.count().filter(shared, told.c.place == 1).label("first"),
        func.count(told.c.copy_of).label("copies"),
    ).group_by(told.c.outlet)
    if outlet is not None:
        rows = rows.where(told.c.outlet == outlet)
    found = [Teller(**row._mapping) for row in connection.execute(rows)]
    return sorted(found, key=lambda one: (-one.reports, one.outlet))


def overlaps(connection: Connection, since: datetime) -> list[Overlap]:
    """Give the pairs of feeds with common events since an instant, the largest share first."""
    told = (
        select(entries.c.event_id, entries.c.feed_id, entries.c.copy_of)
        .where(entries.c.event_id.is_not(None), entries.c.first_seen >= since)
        .order_by(entries.c.event_id, entries.c.first_seen, entries.c.time, entries.c.feed_id)  # as the index has them
    )
    return _pairs(connection.execute(told))


def _pairs(rows: Iterable[Any]) -> list[Overlap]:
    each: Counter[FeedId] = Counter()
    first: Counter[tuple[FeedId, FeedId]] = Counter()  # (who, before whom)
    copies: Counter[tuple[FeedId, FeedId]] = Counter()  # (whose, in common with whom)
    for _, group in groupby(map(tuple, rows), key=itemgetter(0)):
        members: dict[FeedId, bool] = {}  # in the order of first sight, and whether it copied
        for _, feed, copy_of in group:
            members[feed] = members.get(feed, False) or copy_of is not None
        for feed in members:
            each[feed] += 1
        if len(members) == 1:  # most
            continue
        for (a, copied), (b, copied_too) in combinations(members.items(), 2):
            first[a, b] += 1
            if copied:
                copies[a, b] += 1
            if copied_too:
                copies[b, a] += 1
    found = []
    for pair in {(min(pair), max(pair)) for pair in first}:
        count = first[pair] + first[pair[::-1]]
        if count >= FEWEST:
            less, more = sorted(pair, key=lambda feed: (each[feed], first[feed, sum(pair) - feed], feed))
            found.append(
                Overlap(
                    feed=less,
                    other=more,
                    events=each[less],
                    other_events=each[more],
                    common=count,
                    first=first[less, more],
                    copies=copies[less, more],
                )
            )
    return sorted(found, key=lambda one: (-one.share, -one.common, one.feed, one.other))
