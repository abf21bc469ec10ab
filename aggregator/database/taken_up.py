"""The subscriptions of the configuration that was taken up last, as lists show them.

They are kept beside the fingerprint of their text: as long as feeds.yaml has it, reading and checking the file would
give the same. Only who takes a configuration up writes here.
"""

from sqlalchemy import Connection

from aggregator.config import ListedFeed, Listing
from aggregator.database.store import set_setting, setting

_KEY = "taken_up_2"  # another shape has another key: an older version reads its own


def keep(connection: Connection, fingerprint: str, listing: Listing) -> None:
    """Store what the configuration of a text subscribes to; nothing is written where that is there already."""
    set_setting(connection, _KEY, {"fingerprint": fingerprint, "feeds": [feed.to_json() for feed in listing.feeds]})


def kept(connection: Connection, fingerprint: str) -> Listing | None:
    """Give what the configuration of a text subscribes to; None where another was taken up last, or none."""
    found = setting(connection, _KEY)
    if not isinstance(found, dict) or found["fingerprint"] != fingerprint:
        return None
    return Listing(tuple(map(ListedFeed.from_json, found["feeds"])))
