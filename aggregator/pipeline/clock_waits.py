"""How long feeds and hosts are left alone, over a restart and where the clock was set."""

import logging
from datetime import datetime, timedelta

from aggregator.database import feeds
from aggregator.database.engine import Database
from aggregator.scheduling.intervals import moved

log = logging.getLogger(__name__)


def pauses(database: Database, now: datetime) -> list[tuple[str, datetime]]:
    """Give the hosts that asked to be left alone (Retry-After), and until when."""
    with database.read() as connection:
        asked = [feed.state.pause for feed in feeds.all_feeds(connection)]
    return [(pause.host, pause.until) for pause in asked if pause is not None and pause.until > now]


def move(database: Database, now: datetime, by: timedelta) -> None:
    """Move the feeds' waits with the clock: it was set back since they were last asked, or forward by so much."""
    with database.write() as connection:
        known = [feed.state for feed in feeds.all_feeds(connection)]
        changed = [new for old in known if (new := moved(old, by, now)) != old]
        for state in changed:
            feeds.save_state(connection, state)
    if changed:
        log.warning("the clock was set; the next checks of %d feeds move with it", len(changed))
