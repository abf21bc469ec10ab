"""Change the feeds in feeds.yaml: the owner's comments and order stay, and the file is never half written.

An edit reads the file under a lock, changes its text (`surgery`), reads the result as a configuration and compares it
with what was meant, and only then lets it take the file's place in one step.
"""

import fcntl
import os
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from aggregator.config import surgery
from aggregator.config.access import HeaderConfig, ProxyConfig
from aggregator.config.addresses import same_feed, without_credentials
from aggregator.config.finding import find_feed
from aggregator.config.loading import parse
from aggregator.config.mistakes import spelled, unknown_key, words_of
from aggregator.config.spans import NeedsAHand
from aggregator.config.text import read_text
from aggregator.config.values import Config, FeedConfig
from aggregator.errors import ConfigError, InputError


def make_feed(values: Mapping[str, Any]) -> FeedConfig:
    """Make a feed of values as a person gave them on the command line.

    Raises:
        InputError: names every key that is unknown or holds what is not allowed.
    """
    known = list(FeedConfig.model_fields)
    for key in values:
        if key not in known:
            raise InputError(f"{key}: {unknown_key(key, known)}")
    try:
        return FeedConfig.model_validate({key: value for key, value in values.items() if value is not None})
    except ValidationError as error:
        found = (words_of(detail) for detail in error.errors(include_url=False))
        raise InputError("; ".join(f"{spelled(path)}: {message}" for path, message in found)) from error


def add_feed(path: Path, feed: FeedConfig) -> None:
    """Subscribe to a feed, at the end of the list.

    Raises:
        ConfigError: the file cannot be used, or holds the feed already.
    """

    def grown(text: str, config: Config) -> tuple[str, tuple[FeedConfig, ...]]:
        if any(same_feed(feed.url) == same_feed(known.url) for known in config.feeds):
            raise ConfigError(f"{path}: {without_credentials(feed.url)} is subscribed already")
        return surgery.add(text, [as_written(feed)]), (*config.feeds, feed)

    _edit(path, grown)


def import_feeds(path: Path, feeds: Iterable[FeedConfig]) -> tuple[tuple[FeedConfig, ...], tuple[FeedConfig, ...]]:
    """Subscribe to many feeds at once; give those that were added and those that were subscribed already.

    Raises:
        ConfigError: the file cannot be used.
    """
    added: list[FeedConfig] = []
    known: list[FeedConfig] = []

    def grown(text: str, config: Config) -> tuple[str, tuple[FeedConfig, ...]]:
        added.clear()
        known.clear()
        seen = {same_feed(feed.url) for feed in config.feeds}
        for feed in feeds:
            (known if same_feed(feed.url) in seen else added).append(feed)
            seen.add(same_feed(feed.url))
        return surgery.add(text, map(as_written, added)), (*config.feeds, *added)

    _edit(path, grown)
    return tuple(added), tuple(known)


def remove_feed(path: Path, word: str) -> FeedConfig:
    """End the subscription of the feed with this URL or name, and give it; what was stored of it stays.

    Raises:
        NotFound: there is no such feed.
        ConfigError: the file cannot be used.
    """
    removed: list[FeedConfig] = []

    def shrunk(text: str, config: Config) -> tuple[str, tuple[FeedConfig, ...]]:
        place = find_feed(config, word)
        removed[:] = [config.feeds[place]]
        return surgery.remove(text, place), config.feeds[:place] + config.feeds[place + 1 :]

    _edit(path, shrunk)
    return removed[0]


def set_feed(path: Path, word: str, changes: Mapping[str, Any]) -> FeedConfig:
    """Set keys of the feed with this URL or name, and give it as it then is; None unsets a key.

    Raises:
        NotFound: there is no such feed.
        InputError: a key is unknown or its value is not allowed.
        ConfigError: the file cannot be used.
    """
    changed: list[FeedConfig] = []

    def altered(text: str, config: Config) -> tuple[str, tuple[FeedConfig, ...]]:
        place = find_feed(config, word)
        before = {key: getattr(config.feeds[place], key) for key in config.feeds[place].model_fields_set}
        after = make_feed(before | dict(changes))
        values = as_written(after)
        changed[:] = [after]
        text = surgery.change(text, place, {key: values.get(key) for key in changes})
        return text, (*config.feeds[:place], after, *config.feeds[place + 1 :])

    _edit(path, altered)
    return changed[0]


def as_written(feed: FeedConfig) -> dict[str, surgery.Value]:
    """List what is set of a feed, in the order in which it is written."""
    written = {}
    for key, field in type(feed).model_fields.items():
        value = getattr(feed, key)
        if value != field.get_default(call_default_factory=True):
            written[key] = _plain(value)
    return written


def _plain(value: Any) -> surgery.Value:
    """Give a part as it is written in YAML; a header by its value alone where that is all there is."""
    if isinstance(value, (HeaderConfig, ProxyConfig)) and value.value is not None:
        return value.value
    if isinstance(value, BaseModel):
        value = {key: part for key, part in value if part is not None}
    return {key: _plain(part) for key, part in value.items()} if isinstance(value, dict) else value


Edit = Callable[[str, Config], tuple[str, tuple[FeedConfig, ...]]]


def _edit(path: Path, edit: Edit) -> None:
    """Change a file's text; the edit gives the new text and the feeds that it must then hold."""
    target = path.resolve()  # a link to the file stays a link
    with _locked(target.parent):
        text = read_text(path if not target.exists() else target)
        config = parse(text, str(path))
        try:
            edited, feeds = edit(text, config)
        except NeedsAHand as error:
            raise ConfigError(f"{path}: edit it by hand, for {error}") from error
        if parse(edited, str(path)) != config.model_copy(update={"feeds": feeds}):
            raise ConfigError(f"{path}: edit it by hand; it is written in a way that is not changed safely")
        if edited != text:
            replace(target, edited)


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Let one edit at a time into a folder; the lock goes with the process."""
    try:
        descriptor = os.open(folder, os.O_RDONLY)
    except OSError as error:
        raise ConfigError(f"{folder}: cannot be read: {error.strerror}; `aggregator init` makes it") from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def create(path: Path, text: str) -> None:
    """Write a configuration file where there is none; folders are made.

    Raises:
        ConfigError: there is one already, or it cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigError(f"{path.parent}: cannot be made: {error.strerror}") from error
    with _locked(path.parent):
        if path.exists() or path.is_symlink():
            raise ConfigError(f"{path}: is there already; change it, or name another with --config")
        replace(path, text)


def replace(target: Path, text: str) -> None:
    """Put a text in the place of a file in one step that survives a crash; its mode stays.

    Raises:
        ConfigError: the file cannot be written; the old one is untouched.
    """
    try:
        mode = target.stat().st_mode & 0o7777 if target.exists() else 0o644
        descriptor, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
        temporary = Path(name)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(text.encode())
                file.flush()
                os.fchmod(file.fileno(), mode)
                os.fsync(file.fileno())
            temporary.replace(target)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
        folder = os.open(target.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    except OSError as error:
        raise ConfigError(f"{target}: cannot be written: {error.strerror}") from error
