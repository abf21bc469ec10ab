"""Events and their sources, as people and output feeds see them."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, Connection, Row, Select, func, literal, null, select, update
from sqlalchemy.dialects.sqlite import insert as upsert

from aggregator.database.corrections import muted
from aggregator.database.naming import like
from aggregator.database.tables import entries, events, feeds
from aggregator.errors import NotFound
from aggregator.model import EntryId, Event, EventId, Source

if TYPE_CHECKING:
    from aggregator.text.query import Query

SLICE = 400  # ids in one statement


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Which events are wanted. Every part narrows; None or empty: any."""

    since: datetime | None = None  # last updated then or later
    until: datetime | None = None
    min_sources: int = 1  # outlets
    min_independent: int = 1
    languages: tuple[str, ...] = ()
    outlets: tuple[str, ...] = ()  # reported by one of them
    tags: tuple[str, ...] = ()  # of a report, or of the feed that brought it
    search: "Query | None" = None  # a report says it


# What lists show of a report; texts are most of what is stored.
_ORDER = entries.c.first_seen, entries.c.feed_id, entries.c.id  # of first sight
_BRIEF = (
    entries.c.id,
    entries.c.event_id,
    entries.c.outlet,
    entries.c.feed_id,
    entries.c.title,
    entries.c.url,
    entries.c.language,
    entries.c.published,
    entries.c.first_seen,
    entries.c.copy_of,
    entries.c.agency,
    entries.c.tags,
    entries.c.imported,
    literal("").label("summary"),
    literal("").label("html"),
    null().label("image"),
)

ORDERS: Mapping[str, Sequence[ColumnElement[Any]]] = {
    "sources": (events.c.outlets.desc(), events.c.entries.desc(), events.c.updated.desc(), events.c.id.desc()),
    "updated": (events.c.updated.desc(), events.c.id.desc()),
    "first-seen": (events.c.first_seen.desc(), events.c.id.desc()),
}


def listed(
    connection: Connection, wanted: Filter, *, order: str = "updated", limit: int | None = None, offset: int = 0
) -> list[Event]:
    """Give events, with their sources, in one of `ORDERS`."""
    rows = connection.execute(
        _narrowed(select(events), wanted).order_by(*ORDERS[order]).limit(limit).offset(offset)
    ).all()
    return _with_sources(connection, rows)


def in_pages(
    connection: Connection, wanted: Filter, *, order: str = "updated", limit: int | None = None, offset: int = 0
) -> Iterator[Event]:
    """Give events for a list, in one of `ORDERS`, as they are read: sources without their texts."""
    rows = connection.execute(_narrowed(select(events), wanted).order_by(*ORDERS[order]).limit(limit).offset(offset))
    for some in rows.partitions(SLICE):
        yield from _with_sources(connection, some, brief=True)


def count(connection: Connection, wanted: Filter = Filter()) -> int:
    """Count the events that a filter lets through."""
    return connection.scalar(_narrowed(select(func.count()).select_from(events), wanted)) or 0


def _narrowed(query: Select[Any], wanted: Filter) -> Select[Any]:
    query = query.where(events.c.merged_into.is_(None), events.c.entries > 0)
    if wanted.since is not None:
        query = query.where(events.c.updated >= wanted.since)
    if wanted.until is not None:
        query = query.where(events.c.first_seen < wanted.until)
    if wanted.min_sources > 1:
        query = query.where(events.c.outlets >= wanted.min_sources)
    if wanted.min_independent > 1:
        query = query.where(events.c.independent >= wanted.min_independent)
    if wanted.languages:
        query = query.where(events.c.language.in_(wanted.languages))
    if wanted.outlets:
        told = select(entries.c.event_id).where(entries.c.outlet.in_(wanted.outlets), entries.c.event_id.is_not(None))
        query = query.where(events.c.id.in_(told))
    if wanted.tags:
        query = query.where(_tagged(wanted.tags))
    if wanted.search is not None:
        from aggregator.database.search import reported  # noqa: PLC0415  brings what cuts words: lists need none

        query = query.where(events.c.id.in_(reported(wanted.search)))
    return query


def names(connection: Connection, ids: Collection[EventId]) -> dict[EventId, str]:
    """Give the short names of events."""
    found: dict[EventId, str] = {}
    for some in _slices(sorted(ids)):
        rows = connection.execute(select(events.c.id, events.c.name).where(events.c.id.in_(some)))
        found.update((row.id, row.name) for row in rows)
    return found


def sources_of(connection: Connection, ids: Collection[EntryId]) -> dict[EntryId, Source]:
    """Give entries as lines of a source list; those that are gone are left out."""
    families = _families(connection)
    found: dict[EntryId, Source] = {}
    for some in _slices(sorted(ids)):
        rows = connection.execute(select(entries).where(entries.c.id.in_(some)))
        found.update((row.id, _source(row, families)) for row in rows)
    return found


def _tagged(tags: Collection[str]) -> ColumnElement[bool]:
    """Say that a report of the event, or the feed that brought it, has one of these tags."""
    of_report = func.json_each(entries.c.tags).table_valued("value", name="of_report")
    of_feed = func.json_each(feeds.c.tags).table_valued("value", name="of_feed")
    by_feed = select(feeds.c.id).where(select(of_feed.c.value).where(of_feed.c.value.in_(tags)).exists())
    has = select(of_report.c.value).where(of_report.c.value.in_(tags)).exists() | entries.c.feed_id.in_(by_feed)
    return select(entries.c.id).where(entries.c.event_id == events.c.id, has).exists()


def by_ids(connection: Connection, ids: Collection[EventId]) -> list[Event]:
    """Give these events with their sources, merged and emptied ones too, in the order of their ids."""
    rows: list[Row[Any]] = []
    for some in _slices(sorted(ids)):
        rows += connection.execute(select(events).where(events.c.id.in_(some)).order_by(events.c.id)).all()
    return _with_sources(connection, rows)


def with_members(connection: Connection, ids: Collection[EventId]) -> list[Event]:
    """Give these events as their entries make them now; one that was never saved has no name and no headline yet."""
    saved = {event.id: event for event in by_ids(connection, ids)}
    sources = _sources(connection, [event_id for event_id in sorted(ids) if event_id not in saved])
    fresh = [
        Event(
            id=event_id,
            name="",
            headline="",
            url=None,
            language=None,
            first_seen=members[0].first_seen,
            updated=members[-1].first_seen,
            representative=members[0].entry,
            sources=tuple(members),
        )
        for event_id, members in sources.items()
    ]
    return [*saved.values(), *fresh]


def named(connection: Connection, name: str) -> Event:
    """Find an event by its short name or a prefix of it that is unique; a merged one gives its survivor.

    A link to its page names it too.

    Raises:
        NotFound: there is none; names that start alike are suggested.
    """
    wanted = name.strip().lower().partition("?")[0].rstrip("/").rpartition("/")[2]
    if not wanted:
        raise NotFound("an event without a name; `aggregator events list` shows the ids of events")
    found = connection.execute(
        select(events).where(events.c.name.startswith(wanted, autoescape=True)).order_by(events.c.name).limit(9)
    ).all()
    exact = [row for row in found if row.name == wanted] or (found if len(found) == 1 else [])
    if not exact:
        if found:
            raise NotFound(f"{name} could be {', '.join(row.name for row in found)}; type one more character")
        near = like(connection, wanted)
        meant = f"; did you mean {' or '.join(near)}?" if near else "; `aggregator events list` shows the ids of events"
        raise NotFound(f"no event {name}{meant}")
    event = _with_sources(connection, exact)[0]
    while event.merged_into is not None:
        event = by_ids(connection, [event.merged_into])[0]
    return event


def _with_sources(connection: Connection, rows: Iterable[Row[Any]], *, brief: bool = False) -> list[Event]:
    rows = list(rows)
    sources = _sources(connection, [row.id for row in rows], brief=brief)
    silenced = muted(connection)
    return [
        Event(
            id=row.id,
            name=row.name,
            headline=row.headline,
            url=row.url,
            language=row.language,
            first_seen=row.first_seen,
            updated=row.updated,
            representative=row.representative,
            sources=tuple(sources.get(row.id, ())),
            merged_into=row.merged_into,
            muted=row.id in silenced,
        )
        for row in rows
    ]


def _sources(connection: Connection, ids: Sequence[EventId], *, brief: bool = False) -> dict[EventId, list[Source]]:
    """Give the sources of events in the order of first sight."""
    families = _families(connection)
    grouped: dict[EventId, list[Source]] = {}
    for some in _slices(sorted(ids)):
        columns: Select[Any] = select(*_BRIEF) if brief else select(entries)
        for row in connection.execute(columns.where(entries.c.event_id.in_(some)).order_by(*_ORDER)):
            grouped.setdefault(row.event_id, []).append(_source(row, families))
    return grouped


def _source(row: Row[Any], families: Mapping[str, str]) -> Source:
    return Source(
        entry=row.id,
        outlet=row.outlet,
        feed=row.feed_id,
        title=row.title,
        url=row.url,
        language=row.language,
        published=row.published,
        first_seen=row.first_seen,
        summary=row.summary,
        html=row.html,
        image=row.image,
        family=families.get(row.outlet, ""),
        copy_of=row.copy_of,
        agency=row.agency,
        tags=tuple(row.tags),
        imported=row.imported,
    )


def _families(connection: Connection) -> dict[str, str]:
    named = select(feeds.c.outlet, feeds.c.family).where(feeds.c.family != "").distinct()
    return {row.outlet: row.family for row in connection.execute(named)}


def ids_updated_since(connection: Connection, horizon: datetime) -> set[EventId]:
    """Give the events that changed since an instant, merged ones too."""
    return set(connection.scalars(select(events.c.id).where(events.c.updated >= horizon)))


def save(connection: Connection, event: Event) -> None:
    """Store an event's own row: what lists sort and filter by. Its sources are entries and are stored as such."""
    values = {
        "name": event.name,
        "language": event.language,
        "headline": event.headline,
        "url": event.url,
        "representative": event.representative,
        "first_seen": event.first_seen,
        "updated": event.updated,
        "entries": len(event.sources),
        "outlets": event.outlets,
        "independent": event.independent,
        "merged_into": event.merged_into,
    }
    statement = upsert(events).values(id=event.id, **values)
    connection.execute(statement.on_conflict_do_update(index_elements=["id"], set_=values))


def absorb(connection: Connection, absorbed: EventId, survivor: EventId, now: datetime) -> None:
    """Note that an event went up in another; its name leads to the survivor for ever."""
    values = {"merged_into": survivor, "updated": now, "entries": 0, "outlets": 0, "independent": 0}
    connection.execute(update(events).where(events.c.id == absorbed).values(**values))


def members(connection: Connection, event_id: EventId) -> list[EntryId]:
    """Give the ids of an event's entries in the order of first sight."""
    return list(connection.scalars(select(entries.c.id).where(entries.c.event_id == event_id).order_by(*_ORDER)))


def _slices(values: Sequence[Any]) -> Iterable[Sequence[Any]]:
    return (values[start : start + SLICE] for start in range(0, len(values), SLICE))
