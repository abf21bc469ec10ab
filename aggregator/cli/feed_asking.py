"""`aggregator feeds check` and `feeds retry`: servers asked by a person's wish, as politely as by the daemon."""

from typing import TYPE_CHECKING, Annotated

import typer

from aggregator.cli.console import FAILED, Context, JsonOption, command, print_json, shown
from aggregator.cli.feeds import app
from aggregator.cli.known_feeds import database_of, named, stored_feeds

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from aggregator.config import Config, FeedConfig
    from aggregator.database.feeds import StoredFeed
    from aggregator.scheduling.state import FeedState


@command(app)
def check(
    context: Context,
    urls: Annotated[list[str] | None, typer.Argument(help="URLs, or feeds of feeds.yaml; none: all of them.")] = None,
    *,
    json: JsonOption = False,
) -> None:
    """Fetch feeds once and say what a publisher or reader would want to know; nothing is stored."""
    import os
    from datetime import UTC, datetime
    from functools import partial

    from aggregator.cli.console import progress
    from aggregator.cli.feed_text import checkup_shape, checkup_text
    from aggregator.cli.subscribing import online
    from aggregator.config import make_feed, without_credentials
    from aggregator.pipeline.access import accesses
    from aggregator.pipeline.checkup import look_at_all

    config = context.load(secrets=not urls)
    names = {feed.url: feed.name or without_credentials(feed.url) for feed in config.feeds}
    wanted = [_url_of(context, config, word) for word in urls] if urls else [feed.url for feed in config.feeds]
    wanted = [make_feed({"url": url}).url for url in wanted]
    asked = config.model_copy(update={"feeds": tuple(feed for feed in config.feeds if feed.url in wanted)})
    known = stored_feeds(context, datetime.now(UTC))
    resting = {url: feed.state.not_before for url, feed in known.items() if feed.state.not_before}
    with progress("checking", len(wanted)) as advance:
        looks = partial(
            look_at_all, wanted, told=partial(advance, 1), accesses=accesses(asked, os.environ), resting=resting
        )
        checkups = online(context, config.polling, looks)
    if json:
        print_json({"schema_version": 1, "feeds": [checkup_shape(checkup) for checkup in checkups]})
    else:
        for checkup in checkups:
            name = names.get(checkup.url, without_credentials(checkup.url))
            print("\n".join(map(shown, checkup_text(checkup, name))))
    unreadable = sum(not checkup.readable for checkup in checkups)
    if unreadable:
        if not json:
            print(f"\n{unreadable} of {len(checkups)} feeds cannot be read")
        raise typer.Exit(FAILED)


def _url_of(context: Context, config: "Config", word: str) -> str:
    """Give the URL of a feed of feeds.yaml by any of its names, else the word as a URL of its own."""
    from aggregator.config import find_feed
    from aggregator.errors import NotFound

    try:
        return config.feeds[find_feed(config, named(context, word))].url
    except NotFound:
        if "/" not in word and "." not in word:
            raise
        return word


@command(app)
def retry(
    context: Context,
    feeds: Annotated[list[str], typer.Argument(help="Its URL, its name, or its id in `feeds list`.", metavar="FEED")],
    *,
    json: JsonOption = False,
) -> None:
    """Have the daemon ask feeds again as soon as may be: one that was blocked and is put right, or disabled."""
    from datetime import UTC, datetime

    from aggregator.cli.feed_text import retry_text, title_of
    from aggregator.cli.shapes import stamp
    from aggregator.config import find_feed
    from aggregator.fetching.shown import shown as without_secrets

    config, now = context.load(), datetime.now(UTC)
    wanted = [config.feeds[find_feed(config, named(context, word))] for word in feeds]
    told = _retried(context, config, wanted, now)
    if json:
        shapes = [
            {"url": without_secrets(feed.url), "next_check": stamp(state.next_check) if state else None}
            for feed, _, state in told
        ]
        print_json({"schema_version": 1, "feeds": shapes})
        return
    for feed, known, state in told:
        print(shown(f"{title_of(feed, known)}: {retry_text(state, now)}"))


def _retried(
    context: Context, config: "Config", wanted: "Sequence[FeedConfig]", now: "datetime"
) -> "list[tuple[FeedConfig, StoredFeed | None, FeedState | None]]":
    """Store when feeds are asked next, as far as the store knows them; in one transaction, for a daemon stores too."""
    from aggregator.database.feeds import by_url, save_state
    from aggregator.pipeline.wanted import polling_settings
    from aggregator.scheduling.intervals import retried

    database = database_of(context, now)
    if database is None:
        return [(feed, None, None) for feed in wanted]
    told: list[tuple[FeedConfig, StoredFeed | None, FeedState | None]] = []
    with database.write() as connection:
        for feed in wanted:
            known, state = by_url(connection, feed.url), None
            if known is not None:
                state = retried(known.state, polling_settings(config, feed), now)
                save_state(connection, state)
            told.append((feed, known, state))
    database.close()
    return told
