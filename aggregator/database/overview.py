"""What pages and /metrics ask beyond single events: languages, outlets, what they share, how much there is."""

from collections import Counter
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import Column, Connection, func, select, tuple_

from aggregator.database.events import by_ids
from aggregator.database.tables import batches, corrections, entries, events, evidence, polls
from aggregator.model import Event, EventId, FeedId

T = TypeVar("T")


def state_of_decisions(connection: Connection) -> tuple[int, ...]:
    """Give numbers that change whenever an event may have: batches, corrections and their undoing."""
    undone = select(func.count()).where(corrections.c.undone.is_not(None))
    return (
        connection.scalar(select(func.max(batches.c.number))) or 0,
        connection.scalar(select(func.max(corrections.c.id))) or 0,
        connection.scalar(undone) or 0,
    )


def languages(connection: Connection, since: datetime) -> list[str]:
    """Give the languages of events updated since an instant, the commonest first."""
    counted = (
        select(events.c.language)
        .where(events.c.updated >= since, events.c.language.is_not(None))
        .group_by(events.c.language)
        .order_by(func.count().desc(), events.c.language)
    )
    return [str(language) for language in connection.scalars(counted)]


def newest_update(connection: Connection) -> datetime | None:
    """Say when an event last changed."""
    return connection.scalar(select(func.max(events.c.updated)))


def of_outlet(connection: Connection, outlet: str, limit: int) -> list[EventId]:
    """Give the events that an outlet has reported, the newest report first."""
    newest = (
        select(entries.c.event_id)
        .where(entries.c.outlet == outlet, entries.c.event_id.is_not(None))
        .group_by(entries.c.event_id)
        .order_by(func.max(entries.c.first_seen).desc())
        .limit(limit)
    )
    return list(connection.scalars(newest))


def spoken_for(connection: Connection, feeds: Collection[FeedId], since: datetime) -> list[EventId]:
    """Give the events updated since an instant for which a report of one of these feeds speaks."""
    speaking = select(entries.c.id).where(entries.c.id == events.c.representative, entries.c.feed_id.in_(feeds))
    return list(connection.scalars(select(events.c.id).where(events.c.updated >= since, speaking.exists())))


def in_order(connection: Connection, ids: Sequence[EventId]) -> list[Event]:
    """Give events in the order of their ids as given, without those that have no sources left."""
    found = {event.id: event for event in by_ids(connection, ids)}
    return [found[event_id] for event_id in ids if event_id in found and found[event_id].sources]


def outlets_of_events(connection: Connection, since: datetime) -> dict[EventId, set[str]]:
    """Give the outlets of each event with a report since an instant, as far as the reports are that new."""
    told: dict[EventId, set[str]] = {}
    rows = select(entries.c.event_id, entries.c.outlet).where(entries.c.time >= since, entries.c.event_id.is_not(None))
    for event_id, outlet in connection.execute(rows.distinct()):
        told.setdefault(event_id, set()).add(outlet)
    return told


def in_common(
    connection: Connection, feed: FeedId, since: datetime, limit: int = 20
) -> tuple[int, list[tuple[FeedId, int]]]:
    """Count the events of a feed since an instant, and those that other feeds tell too, the most first."""
    return _in_common(connection, entries.c.feed_id, feed, since, limit)


def outlets_in_common(
    connection: Connection, outlet: str, since: datetime, limit: int = 20
) -> tuple[int, list[tuple[str, int]]]:
    """Count the events of an outlet since an instant, and those that other outlets tell too, the most first."""
    return _in_common(connection, entries.c.outlet, outlet, since, limit)


def _in_common(
    connection: Connection, who: Column[Any], own_value: T, since: datetime, limit: int
) -> tuple[int, list[tuple[T, int]]]:
    told = who == own_value, entries.c.first_seen >= since, entries.c.event_id.is_not(None)
    own = select(entries.c.event_id).where(*told).distinct()
    number = func.count(entries.c.event_id.distinct())
    others = (
        select(who, number)
        .where(entries.c.event_id.in_(own), who != own_value)
        .group_by(who)
        .order_by(number.desc(), who)
        .limit(limit)
    )
    count = connection.scalar(select(func.count()).select_from(own.subquery())) or 0
    return count, [(other, common) for other, common in connection.execute(others)]


def shared(told: Sequence[set[str]], most: int) -> tuple[list[str], list[list[int]]]:
    """Count for the `most` busiest outlets how many events each two have in common; the diagonal is each one's own."""
    counts = Counter(outlet for outlets in told for outlet in outlets)
    names = [name for name, _ in sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:most]]
    place = {name: n for n, name in enumerate(names)}
    matrix = [[0] * len(names) for _ in names]
    for outlets in told:
        present = [place[outlet] for outlet in outlets if outlet in place]
        for a in present:
            for b in present:
                matrix[a][b] += 1
    return names, matrix


def joins(connection: Connection) -> dict[str, int]:
    """Count the decisions about entries by their rule."""
    rows = select(evidence.c.reason, func.count()).group_by(evidence.c.reason)
    return {str(reason): int(number) for reason, number in connection.execute(rows)}


def last_outcomes(connection: Connection) -> dict[str, int]:
    """Count the feeds by the outcome of their last poll."""
    last = select(polls.c.feed_id, func.max(polls.c.at)).group_by(polls.c.feed_id)
    newest = tuple_(polls.c.feed_id, polls.c.at).in_(last)
    rows = select(polls.c.outcome, func.count()).where(newest).group_by(polls.c.outcome)
    return {str(outcome): int(number) for outcome, number in connection.execute(rows)}


def counts(connection: Connection) -> tuple[int, int, datetime | None]:
    """Count entries and events that are not merged; say when the last batch was."""
    return (
        connection.scalar(select(func.count()).select_from(entries)) or 0,
        connection.scalar(select(func.count()).select_from(events).where(events.c.merged_into.is_(None))) or 0,
        connection.scalar(select(func.max(batches.c.at))),
    )
