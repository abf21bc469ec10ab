"""By what the entries of a feed are known again. Decisions are parsing.identity's; here are its rows."""

import sys
from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, Connection, delete, exists, func, insert, select, type_coerce, update

from aggregator.database.tables import entries, identities
from aggregator.database.types import MICROSECOND
from aggregator.model import EntryId, FeedId
from aggregator.parsing.identity import KnownEntry
from aggregator.parsing.keys import Keys

RENEWAL = timedelta(days=7)  # last_seen is not written more often: few entries are shown for longer
KEPT = timedelta(days=21)  # a pruned entry is remembered so long, or RENEWAL less, after its feed last showed it
SLICE = 300  # keys in one statement
NEWEST = 2000  # entries under one key, four documents of them: some feeds have one guid, or one link, for all


def known(connection: Connection, feed_id: FeedId, keys: Iterable[Keys]) -> list[KnownEntry]:
    """Give the entries that a feed showed before under any of these keys, pruned ones too; of a key the newest."""
    wanted = list(keys)
    found: dict[EntryId, KnownEntry] = {}
    for name in ("guid", "link", "text"):
        values = sorted({value for one in wanted if (value := getattr(one, name)) is not None})
        for start in range(0, len(values), SLICE):
            key = identities.c[name]
            rank = func.row_number().over(partition_by=key, order_by=identities.c.entry_id.desc()).label("rank")
            under = select(identities.c.entry_id, rank).where(
                identities.c.feed_id == feed_id, key.in_(values[start : start + SLICE])
            )
            newest = under.subquery()
            rows = (
                select(identities, entries.c.title, entries.c.revision)
                .join_from(newest, identities, identities.c.entry_id == newest.c.entry_id)
                .join(entries, entries.c.id == identities.c.entry_id, isouter=True)
                .where(newest.c.rank <= NEWEST)
            )
            found.update((row.entry_id, _known(row)) for row in connection.execute(rows))
    return [found[entry] for entry in sorted(found)]


def _known(row: Any) -> KnownEntry:
    return KnownEntry(
        id=row.entry_id,
        keys=Keys(guid=row.guid, link=row.link, text=row._mapping["text"]),
        title=row.title or "",
        published=row.published,
        digest=row.digest,
        revision=-1 if row.revision is None else row.revision,
    )


def is_pruned(known: KnownEntry) -> bool:
    """Say whether an entry is only remembered."""
    return known.revision < 0


def add(
    connection: Connection,
    entry_id: EntryId,
    feed_id: FeedId,
    keys: Keys,
    *,
    published: datetime | None,
    digest: str,
    now: datetime,
) -> None:
    """Remember a new entry."""
    connection.execute(
        insert(identities).values(
            entry_id=entry_id, feed_id=feed_id, published=published, digest=digest, last_seen=now, **_columns(keys)
        )
    )


def change(connection: Connection, entry_id: EntryId, keys: Keys, *, digest: str) -> None:
    """Remember an edited entry by what it says now."""
    connection.execute(
        update(identities).where(identities.c.entry_id == entry_id).values(digest=digest, **_columns(keys))
    )


def seen(connection: Connection, ids: Collection[EntryId], now: datetime) -> None:
    """Note that a feed still shows these entries; written once a day."""
    ordered = sorted(ids)
    for start in range(0, len(ordered), SLICE):
        stale = identities.c.entry_id.in_(ordered[start : start + SLICE]) & (identities.c.last_seen < now - RENEWAL)
        connection.execute(update(identities).where(stale).values(last_seen=now))


def forget(connection: Connection, before: datetime, now: datetime) -> int:
    """Delete the identities of pruned entries that their feed has not shown for a while.

    A feed that has brought nothing since may still show them, however long ago that was: an unchanged document is not
    read again. Ids follow first sight: those of pruned entries are below the first that was seen since `before`.
    """
    first_kept = select(func.min(entries.c.id)).where(entries.c.first_seen >= before).scalar_subquery()
    old = (identities.c.entry_id < func.coalesce(first_kept, sys.maxsize)) & (identities.c.last_seen < now - KEPT)
    pruned = ~exists().where(entries.c.id == identities.c.entry_id)
    later = entries.alias()
    shown = type_coerce(identities.c.last_seen, BigInteger)
    since = type_coerce(later.c.first_seen, BigInteger) > shown + KEPT // MICROSECOND
    replaced = exists().where(later.c.feed_id == identities.c.feed_id, since)
    return connection.execute(delete(identities).where(old, pruned, replaced)).rowcount


def _columns(keys: Keys) -> dict[str, str | None]:
    return {"guid": keys.guid, "link": keys.link, "text": keys.text}
