"""By what entries are known again."""

from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import insert

from aggregator.database import feeds, identities, tables
from aggregator.database.feeds import Subscription
from aggregator.database.store import open_store
from aggregator.parsing.keys import Keys

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def test_of_a_guid_that_all_entries_share_the_newest_are_known_and_those_of_another_key(tmp_path: Path) -> None:
    count = 2 * identities.NEWEST
    database = open_store(tmp_path, NOW)
    with database.write() as connection:
        feeds.subscribe(connection, [Subscription(url="https://a.example/")], NOW)
        row = {"feed_id": 1, "guid": "g:one", "digest": "d:", "last_seen": NOW}
        rows = [row | {"entry_id": number, "text": f"t:{number}"} for number in range(1, count + 1)]
        connection.execute(insert(tables.identities), rows)
        asked = [Keys(guid="g:one", link=None, text="t:7"), Keys(guid="g:none", link=None, text=f"t:{count}")]
        known = identities.known(connection, 1, asked)
    database.close()
    assert [each.id for each in known] == [7, *range(count - identities.NEWEST + 1, count + 1)]
