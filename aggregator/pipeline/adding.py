"""A feed that was found is subscribed with the answer that found it: adding one costs its server one request."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from aggregator.config import Config
from aggregator.database import feeds
from aggregator.database.engine import Database
from aggregator.fetching.shown import parted
from aggregator.pipeline.poll import PollReport, Read, store
from aggregator.pipeline.subscribing import subscribe_one
from aggregator.pipeline.wanted import polling_settings
from aggregator.scheduling.transitions import attempt


def take_up(
    database: Callable[[], Database], config: Config, url: str, answer: Read, now: datetime
) -> PollReport | None:
    """Store what the feed at a URL of the configuration answered when it was looked for; None: it is not in there.

    Raises:
        StoreError: it cannot be stored; the daemon asks the feed itself.
    """
    configured = next((feed for feed in config.feeds if feed.url == url), None)
    if configured is None:
        return None
    if answer.fetched.url == parted(url)[0]:  # a redirect that the subscription does without is no move
        answer = replace(answer, fetched=replace(answer.fetched, hops=()))
    settings, opened = polling_settings(config, configured), database()
    try:
        with opened.write() as connection:
            subscribe_one(connection, config, url, now)
            known = feeds.by_url(connection, url)
            if known is None:
                return None
            asked = replace(known, state=attempt(known.state, now, settings))
            return store(connection, asked, answer, now=now, settings=settings, outlet_of=config.outlet_named)
    finally:
        opened.close()
