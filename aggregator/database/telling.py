"""Who tells what: how often outlets are first, copy or add something, and which feeds tell the same."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import combinations, groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, func, select

from aggregator.database.tables import entries, events

if TYPE_CHECKING:
    from aggregator.model import FeedId

FEWEST = 5  # common events of a pair that say anything

_AS_INDEXED = entries.c.first_seen, entries.c.time, entries.c.feed_id  # who told of an event first


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

    feed: "FeedId"
    other: "FeedId"
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
    told = entries.c.event_id.is_not(None), entries.c.first_seen >= since
    several = select(events.c.id).where(events.c.outlets > 1, events.c.updated >= since)
    event = entries.c.event_id.distinct()
    rows = select(
        entries.c.outlet,
        func.count().label("reports"),
        func.count(event).label("events"),
        func.count(event).filter(entries.c.event_id.in_(several)).label("shared"),
        func.count(entries.c.copy_of).label("copies"),
    ).where(*told)
    if outlet is not None:
        rows = rows.where(entries.c.outlet == outlet)
        several = several.where(events.c.id.in_(select(entries.c.event_id).where(entries.c.outlet == outlet, *told)))
    earliest = (
        select(entries.c.outlet)
        .where(entries.c.event_id == events.c.id, *told)
        .order_by(*_AS_INDEXED, entries.c.outlet)
        .limit(1)
        .scalar_subquery()
    )
    first = Counter(connection.scalars(several.with_only_columns(earliest)))
    counted = connection.execute(rows.group_by(entries.c.outlet))
    found = [Teller(**row._mapping, first=first[row.outlet]) for row in counted]
    return sorted(found, key=lambda one: (-one.reports, one.outlet))


def overlaps(connection: Connection, since: datetime) -> list[Overlap]:
    """Give the pairs of feeds with common events since an instant, the largest share first."""
    told = (
        select(entries.c.event_id, entries.c.feed_id, entries.c.copy_of)
        .where(entries.c.event_id.is_not(None), entries.c.first_seen >= since)
        .order_by(entries.c.event_id, *_AS_INDEXED)
    )
    return _pairs(connection.execute(told))


def _pairs(rows: Iterable[Any]) -> list[Overlap]:
    each: Counter[FeedId] = Counter()
    first: Counter[tuple[FeedId, FeedId]] = Counter()  # (who, before whom)
    copies: Counter[tuple[FeedId, FeedId]] = Counter()  # (whose, in common with whom)
    for _, group in groupby(rows, key=itemgetter(0)):
        members: dict[FeedId, bool] = {}  # in the order of first sight, and whether it copied
        for _, feed, copy_of in group:
            members[feed] = members.get(feed, False) or copy_of is not None
        each.update(members.keys())
        if len(members) > 1:  # few
            first.update(combinations(members, 2))
            for feed in (feed for feed, copied in members.items() if copied):
                copies.update((feed, other) for other in members if other != feed)
    found = []
    for (a, b), before in first.items():
        after = first.get((b, a), 0)
        if before + after < FEWEST or (after and b < a):  # a pair that stands both ways is told once
            continue
        less, more = (a, b) if (each[a], before, a) < (each[b], after, b) else (b, a)
        found.append(
            Overlap(
                feed=less,
                other=more,
                events=each[less],
                other_events=each[more],
                common=before + after,
                first=before if less == a else after,
                copies=copies[less, more],
            )
        )
    return sorted(found, key=lambda one: (-one.share, -one.common, one.feed, one.other))
