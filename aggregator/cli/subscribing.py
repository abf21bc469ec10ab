"""What `feeds` and `init` take in: OPML files, KEY=VALUE pairs, the feed behind a URL."""

import os
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from aggregator.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Iterator, Mapping

    from aggregator.cli.console import Context
    from aggregator.config import FeedConfig
    from aggregator.config.values import PollingConfig
    from aggregator.fetching.client import Client
    from aggregator.parsing.worker import ParserPool
    from aggregator.pipeline.poll import Read

T = TypeVar("T")


def read_opml(path: Path) -> "tuple[list[FeedConfig], list[str]]":
    """Read the feeds of an OPML file, and what was left out of it and why.

    Raises:
        InputError: it cannot be read, or is no OPML with feeds.
    """
    from aggregator.config import make_feed
    from aggregator.parsing import opml

    try:
        body = path.read_bytes()
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror}") from error
    found = opml.read(body, name=str(path))
    feeds, refused = [], list(found.skipped)
    for one in found.feeds:
        values = {"url": one.url, "name": one.name, "tags": one.tags}
        try:
            feeds.append(make_feed(values | ({"language": one.language} if one.language else {})))
        except InputError:
            try:  # a strange language is no reason to lose a feed
                feeds.append(make_feed(values))
            except InputError as error:
                refused.append(f"{one.name or 'a feed'}: {error}")
    return feeds, refused


def pairs(words: Iterable[str]) -> dict[str, Any]:
    """Read KEY=VALUE words; an empty value unsets the key, tags are parted by commas, {a: b} is a mapping.

    Raises:
        BadParameter: a word has no equals sign.
    """
    from typer import BadParameter

    values: dict[str, Any] = {}
    for word in words:
        key, equals, value = word.partition("=")
        if not equals:
            raise BadParameter(f"{word!r} is not KEY=VALUE; for example every=30m, or name= to unset the name")
        values[key.strip()] = _value(key.strip(), value.strip())
    return values


def cautions(before: "FeedConfig", after: "FeedConfig", environment: "Mapping[str, str]") -> "Iterator[str]":
    """Say what to mind of a feed that was changed: secrets that are not there, or go elsewhere now."""
    from aggregator.config.mistakes import absent_of, spelled
    from aggregator.fetching.shown import origin, same_origin

    for path, message in absent_of(after, environment):
        yield f"{spelled(path)}: {message}; `run`, `poll` and `feeds check` refuse feeds.yaml where it is missing"
    kept = [key for key in ("headers", "auth") if getattr(after, key) and getattr(after, key) == getattr(before, key)]
    if kept and not same_origin(before.url, after.url):
        taken = " ".join(f"{key}=" for key in kept)
        yield f"its {' and '.join(kept)} are sent to {origin(after.url)[1]} from now on; `{taken}` takes them away"


def _value(key: str, value: str) -> Any:
    if key == "tags":
        return [tag.strip() for tag in value.split(",") if tag.strip()] or None
    if value.startswith("{"):
        return _mapping(key, value)
    return value or None


def _mapping(key: str, value: str) -> Any:
    """Read {a: b} as feeds.yaml has it.

    Raises:
        BadParameter: it is not YAML.
    """
    from typer import BadParameter

    from aggregator.config import tree

    try:
        found = tree.read(f"{key}: {value}")
    except tree.NotYaml as error:
        raise BadParameter(f"{key}: {error}; write it as {{name: value}}") from error
    for _path, _place, message in found.problems:
        raise BadParameter(f"{key}: {message}")
    return found.values.get(key) if isinstance(found.values, dict) else None


def online(
    context: "Context", polling: "PollingConfig", work: "Callable[[Client, ParserPool, datetime], Awaitable[T]]"
) -> T:
    """Do something that fetches and parses, with a client and a parser of its own.

    Hosts that asked the daemon for a pause are left alone: a person's wish does not change that.
    """
    import asyncio
    from datetime import UTC

    from aggregator.cli.known_feeds import pauses
    from aggregator.fetching.client import Client
    from aggregator.fetching.guard import AllowList
    from aggregator.parsing.worker import ParserPool

    async def run() -> T:
        async with (
            Client(allow=AllowList.parse(polling.allow), contact=polling.contact) as client,
            ParserPool() as parser,
        ):
            for host, until in pauses(context, datetime.now(UTC)):
                client.pause(host, until)
            return await work(client, parser, datetime.now(UTC))

    return asyncio.run(run())


def take_up(context: "Context", url: str, answer: "Read") -> None:
    """Store what a feed answered when it was looked for, so that its server is not asked again at once.

    Where that does not work, as for one user who adds feeds for another's daemon, the daemon asks the feed itself.
    """
    from datetime import UTC
    from functools import partial

    from aggregator.database.engine import FILE_NAME
    from aggregator.database.store import open_store
    from aggregator.errors import StoreError
    from aggregator.pipeline import adding

    now, instance = datetime.now(UTC), context.instance()
    place = instance.store if instance.store.exists() else instance.config
    if not (instance.store / FILE_NAME).exists() and place.stat().st_uid != os.geteuid():
        return  # a database that we made would be ours alone
    with suppress(StoreError):
        adding.take_up(partial(open_store, instance.store, now), context.load(), url, answer, now)
