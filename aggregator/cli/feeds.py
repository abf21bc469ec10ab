"""`aggregator feeds`: what is subscribed, how it does, and changes of feeds.yaml that keep its comments."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from aggregator.cli.console import Context, JsonOption, command, new_app, print_facts, print_json, print_table, shown
from aggregator.cli.known_feeds import conditions_of, database_of, listed_feeds, named, stored_feeds, url_of

if TYPE_CHECKING:
    from aggregator.config import FeedConfig

app = new_app("Look after the feeds: what is subscribed, how it does, adding and removing.")

FeedArgument = Annotated[str, typer.Argument(help="Its URL, its name, or its id in `feeds list`.", metavar="FEED")]
NameOption = Annotated[str | None, typer.Option(help="What lists call it.")]
OutletOption = Annotated[str | None, typer.Option(help="Who publishes it.")]
LanguageOption = Annotated[str | None, typer.Option(help="Its language, as en or pt-BR.")]
TagOption = Annotated[list[str] | None, typer.Option(help="A word to group it by; may be repeated.")]
EveryOption = Annotated[str | None, typer.Option(help="Poll at this interval, as 30m.", metavar="DURATION")]


@command(app, "list", paged=True)
def list_(
    context: Context,
    *,
    failing: Annotated[
        bool, typer.Option("--failing", help="Only those in trouble: failing, blocked, gone, disabled.")
    ] = False,
    json: JsonOption = False,
) -> None:
    """List the feeds: state and why, entries, last success, next check."""
    from datetime import UTC, datetime

    from aggregator.cli.feed_text import COLUMNS, feed_shape, list_row

    now = datetime.now(UTC)
    database = database_of(context, now)
    listing, (stored, counts) = listed_feeds(context, database), conditions_of(database)
    rows = [(feed, stored.get(feed.url)) for feed in listing.feeds]
    if failing:
        rows = [(feed, known) for feed, known in rows if known is not None and known.state.health.troubled]
    if json:
        shapes = [feed_shape(feed, known, counts.get(feed.url, 0)) for feed, known in rows]
        print_json({"schema_version": 1, "feeds": shapes})
        return
    told = (list_row(feed, known, counts.get(feed.url, 0), now) for feed, known in rows)
    print_table(COLUMNS, told, right=("id", "entries"), below=("why", "outlet", "entries"), names=("feed", "outlet"))
    troubled = sum(known is not None and known.state.health.troubled for _, known in rows)
    print(f"{len(rows)} feeds" + (f", {troubled} in trouble: see `aggregator feeds show FEED`" if troubled else ""))


@command(app)
def show(context: Context, feed: FeedArgument, *, json: JsonOption = False) -> None:
    """Show one feed: what is known of it, and its last polls."""
    from datetime import UTC, datetime

    from aggregator.cli.feed_text import facts, feed_shape, poll_row, poll_shape
    from aggregator.config import find_feed
    from aggregator.database.feeds import condition, entry_count, last_polls

    now = datetime.now(UTC)
    database = database_of(context, now)
    listing = listed_feeds(context, database)
    found = listing.feeds[find_feed(listing, url_of(database, feed))]
    known, count, polls = None, 0, []
    if database is not None:
        with database.read() as connection:
            known = condition(connection, found.url)
            if known is not None:
                count, polls = entry_count(connection, known.id), last_polls(connection, known.id)
    shape = feed_shape(found, known, count)
    if json:
        print_json({"schema_version": 1, "feed": shape, "polls": [poll_shape(poll) for poll in polls]})
        return
    print_facts(facts(shape, known, polls, now))
    print()
    columns = ("polled", "outcome", "status", "new", "edited", "bytes", "ms", "reason")
    numbers = ("status", "new", "edited", "bytes", "ms")
    print_table(columns, map(poll_row, polls), right=numbers, below=("reason", "ms", "bytes", "edited"))


@command(app)
def add(
    context: Context,
    url: Annotated[str, typer.Argument(help="URL of a feed, or of a page that names one.")],
    *,
    name: NameOption = None,
    outlet: OutletOption = None,
    language: LanguageOption = None,
    tag: TagOption = None,
    every: EveryOption = None,
    unseen: Annotated[bool, typer.Option("--unseen", help="Do not fetch it first.")] = False,
    json: JsonOption = False,
) -> None:
    """Find the feed at a URL and add it to feeds.yaml."""
    from aggregator.config import add_feed, make_feed, without_credentials
    from aggregator.config.addresses import same_feed

    given = {"name": name, "outlet": outlet, "language": language, "tags": tag or None, "every": every}
    config, wanted = context.load(), make_feed({"url": url, **given})
    found = None
    known = {same_feed(feed.url) for feed in config.feeds}
    if not unseen and same_feed(wanted.url) not in known:  # else `add_feed` says so, and nobody is asked
        from aggregator.cli.subscribing import online, take_up
        from aggregator.pipeline.checkup import discover

        found = online(context, config.polling, lambda *line: discover(wanted.url, *line))
        wanted = make_feed({"url": found.url, **given})
    add_feed(context.instance().config, wanted)
    if found is not None:
        take_up(context, wanted.url, found.answer)
    if json:
        about = {"title": found.document.title, "entries": len(found.document.entries)} if found else {}
        others = [without_credentials(other) for other in found.others] if found else []
        print_json({"schema_version": 1, "added": {**_shape(wanted), **about}, "others": others})
        return
    about_it = f" ({shown(found.document.title)}, {len(found.document.entries)} entries)" if found else ""
    print(f"{without_credentials(wanted.url)}{about_it} is added; a running daemon takes it up within seconds")
    for other in found.others if found else ():
        print(f"the page also names {shown(without_credentials(other))}")


@command(app)
def remove(context: Context, feed: FeedArgument, *, json: JsonOption = False) -> None:
    """Take a feed out of feeds.yaml; what it brought stays."""
    from aggregator.config import remove_feed, without_credentials

    removed = remove_feed(context.instance().config, named(context, feed))
    if json:
        print_json({"schema_version": 1, "removed": _shape(removed)})
    else:
        print(f"{without_credentials(removed.url)} is removed; its entries stay")


@command(app, "set")
def set_(
    context: Context,
    feed: FeedArgument,
    values: Annotated[
        list[str], typer.Argument(help="name=..., every=30m, tags=a,b; name= unsets.", metavar="KEY=VALUE")
    ],
    *,
    json: JsonOption = False,
) -> None:
    """Set keys of a feed in feeds.yaml."""
    import os

    from aggregator.cli.subscribing import cautions, pairs
    from aggregator.config import find_feed, set_feed

    path, word = context.instance().config, named(context, feed)
    config = context.load()
    before = config.feeds[find_feed(config, word)]
    changed = set_feed(path, word, pairs(values))
    told = list(cautions(before, changed, os.environ))
    if json:
        print_json({"schema_version": 1, "feed": _shape(changed), "cautions": told})
        return
    print(", ".join(f"{key}: {shown(_in_words(value))}" for key, value in _shape(changed).items()))
    for caution in told:
        print(shown(caution))


@command(app, "import")
def import_(
    context: Context,
    file: Annotated[Path, typer.Argument(help="An OPML file, as a feed reader exports it.")],
    *,
    json: JsonOption = False,
) -> None:
    """Add the feeds of an OPML file to feeds.yaml; folders become tags."""
    from aggregator.cli.subscribing import read_opml
    from aggregator.config import import_feeds

    feeds, refused = read_opml(file)
    added, known = import_feeds(context.instance().config, feeds)
    if json:
        told = {"added": [_shape(feed) for feed in added], "known": [_shape(feed) for feed in known]}
        print_json({"schema_version": 1, **told, "left_out": refused})
        return
    print(f"{len(added)} feeds added, {len(known)} were subscribed already, {len(refused)} left out")
    for reason in refused:
        print(f"left out: {shown(reason)}")


@command(app)
def export(
    context: Context,
    file: Annotated[Path | None, typer.Argument(help="The file to write; - or none prints it.")] = None,
) -> None:
    """Write the feeds as OPML, for a feed reader; names and passwords are left out, keys in a query stay."""
    import sys
    from datetime import UTC, datetime

    from aggregator.cli.feed_text import title_of
    from aggregator.errors import InputError
    from aggregator.parsing import opml

    config, now = context.load(), datetime.now(UTC)
    stored = stored_feeds(context, now)
    rows = [
        opml.Subscription(
            url=feed.url,
            name=title_of(feed, stored.get(feed.url)),
            site_url=known.site_url if (known := stored.get(feed.url)) else None,
            tags=feed.tags,
            language=feed.language,
        )
        for feed in config.feeds
    ]
    document = opml.write(rows, title=f"Feeds of {config.publishing.title}", now=now)
    if file is None or str(file) == "-":
        sys.stdout.write(document.decode())
        return
    try:
        file.write_bytes(document)
    except OSError as error:
        raise InputError(f"{file}: cannot be written: {error.strerror}") from error
    print(f"{file}: {len(rows)} feeds")


def _shape(feed: "FeedConfig") -> dict[str, Any]:
    """Give what is set of a feed, without credentials."""
    from aggregator.config import without_credentials

    values = feed.model_dump(mode="json", exclude_defaults=True)
    return values | {"url": without_credentials(feed.url)}


def _in_words(value: Any) -> str:
    """Write a value as one line of feeds.yaml has it; a header by its value alone where that is all there is."""
    if isinstance(value, dict):
        parts = (f"{key}: {_in_words(part)}" for key, part in value.items())
        return _in_words(value["value"]) if list(value) == ["value"] else "{" + ", ".join(parts) + "}"
    return "[" + ", ".join(map(_in_words, value)) + "]" if isinstance(value, list) else str(value)
