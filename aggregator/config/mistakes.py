"""What pydantic found wrong with a configuration, in words for the person who wrote it."""

import difflib
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from functools import partial
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel

from aggregator.config.access import AuthConfig, HeaderConfig, ProxyConfig
from aggregator.config.addresses import same_feed, without_credentials
from aggregator.config.secrets import check_ca_file
from aggregator.config.tree import Path, Tree
from aggregator.config.values import Config, FeedConfig, OutletConfig

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

_EXPECTED = {
    "string_type": "expected text",
    "tuple_type": "expected a list, as [first, second]",
    "dict_type": "expected a mapping of keys to values",
    "model_type": "expected a mapping of keys to values",
    "model_attributes_type": "expected a mapping of keys to values",
    "int_type": "expected a whole number",
}
_NAME = re.compile(r"[\w-]{1,60}")
_WRITTEN = {"headers": "{X-Key: value}", "auth": "{user: NAME, password_env: VARIABLE} or {token_env: VARIABLE}"}
_SECRETIVE = {"auth", "headers", "proxy", "webhook"}  # what stands there by mistake may be a password


class _Untold:
    """Stand for a text that is not repeated."""

    def __str__(self) -> str:
        return "text"


_UNTOLD = _Untold()


def words_of(error: "ErrorDetails") -> tuple[Path, str]:
    """Give the key that an error of pydantic is about, and what to tell of it."""
    path: Path = tuple(error["loc"])
    if path[-2:] == ("proxy", "value"):
        path = path[:-1]  # written as text alone
    context = error.get("ctx", {})
    if error["type"] == "contradiction":
        return (*path, *filter(None, context["key"].split("."))), context["message"]
    if error["type"] == "extra_forbidden":
        return path, unknown_key(str(path[-1]), allowed_keys(path[:-1]))
    found = error["input"]
    if isinstance(found, str) and not _SECRETIVE.isdisjoint(path):
        found = _UNTOLD
    message = _message(error["type"], found, context, error["msg"])
    if found is _UNTOLD and error["type"] in _EXPECTED and path[-1] in _WRITTEN:
        message += f"; write {_WRITTEN[str(path[-1])]}"
    return path, message


def _message(kind: str, found: Any, context: dict[str, Any], otherwise: str) -> str:
    """Say what is wrong with a value."""
    if kind in _EXPECTED:
        return f"{_EXPECTED[kind]}, found {described(found)}{_quotes(kind, found)}"
    match kind:
        case "value_error":
            message = str(context["error"])
        case "missing":
            message = "is missing"
        case "literal_error":
            allowed = [choice.strip("' ") for choice in context["expected"].replace(" or ", ", ").split(",")]
            message = f"found {described(found)}{meant(str(found), allowed)}; allowed: {', '.join(allowed)}"
        case "greater_than_equal" | "less_than_equal":
            bound = f"at least {context['ge']}" if "ge" in context else f"at most {context['le']}"
            message = f"found {described(found)}; allowed: {bound}"
        case "string_too_short":
            message = "is empty; remove the key, or give it a value"
        case "string_too_long":
            message = f"is longer than {context['max_length']} characters"
        case "string_pattern_mismatch":
            message = "holds a control character"
        case _:
            message = f"{otherwise}, found {described(found)}"
    return message


def _quotes(kind: str, found: Any) -> str:
    return "; put it in quotes" if kind == "string_type" and isinstance(found, (bool, int, float, date)) else ""


def described(found: Any) -> str:
    """Name a value briefly, without the credentials it may hold."""
    match found:
        case str():
            told = without_credentials(found)
            return repr(told if len(told) <= 60 else told[:57] + "...")
        case bool():
            return str(found).lower()
        case dict():
            return "a mapping"
        case list() | tuple():
            return "a list"
        case None:
            return "nothing"
        case _:
            return str(found)[:60]


def unknown_key(key: str, allowed: list[str]) -> str:
    """Say that a key is unknown, what was perhaps meant, and what is allowed."""
    return f"unknown key{meant(key, allowed)}; allowed: {', '.join(allowed)}"


def meant(found: str, allowed: list[str]) -> str:
    """Suggest the close one among the allowed words, where there is one."""
    close = difflib.get_close_matches(found.lower().replace("-", "_"), allowed, n=1)
    return f", did you mean {close[0]!r}?" if close else ""


def allowed_keys(path: Path) -> list[str]:
    """List the keys that a mapping of the configuration may hold."""
    model: type[BaseModel] = Config
    if path[:1] == ("feeds",):
        parts: dict[str, type[BaseModel]] = {"auth": AuthConfig, "headers": HeaderConfig, "proxy": ProxyConfig}
        model = parts.get(str(path[2]), FeedConfig) if path[2:] else FeedConfig
    elif path[:1] == ("outlets",):
        model = OutletConfig
    elif path:
        annotation = Config.model_fields[str(path[0])].annotation
        if isinstance(annotation, type) and issubclass(annotation, BaseModel):
            model = annotation
    return list(model.model_fields)


def repeated_feeds(tree: Tree) -> Iterator[tuple[Path, str]]:
    """Find feeds that are subscribed twice: http or https, with www or without, with a slash at the end or without."""
    feeds = tree.values.get("feeds") if isinstance(tree.values, dict) else None
    first: dict[str, int] = {}
    for index, feed in enumerate(feeds if isinstance(feeds, list) else ()):
        url = feed.get("url") if isinstance(feed, dict) else feed
        if not isinstance(url, str):
            continue
        try:
            key = same_feed(FeedConfig(url=url).url)
        except ValueError:
            continue  # reported by itself
        if key in first:
            other = tree.place(("feeds", first[key]))
            line = other[0] if other else 0
            yield ("feeds", index), f"{without_credentials(url)} is subscribed already, in line {line}; remove one"
        first.setdefault(key, index)


def absent_secrets(config: Config, environment: Mapping[str, str]) -> Iterator[tuple[Path, str]]:
    """Find what feeds are to be reached with and what is not there: variables, files, certificates."""
    for index, feed in enumerate(config.feeds):
        for path, message in absent_of(feed, environment):
            yield ("feeds", index, *path), message


def absent_of(feed: FeedConfig, environment: Mapping[str, str]) -> Iterator[tuple[Path, str]]:
    """Find what one feed is to be reached with and what is not there."""
    wanted: list[tuple[Path, Callable[[], object]]] = [
        (("headers", name), partial(header.read, environment)) for name, header in feed.headers.items()
    ]
    if feed.auth is not None:
        wanted.append((("auth",), partial(feed.auth.secret, environment)))
    if feed.proxy is not None:
        wanted.append((("proxy",), partial(feed.proxy.read, environment)))
    if feed.ca_file is not None:
        wanted.append((("ca_file",), partial(check_ca_file, feed.ca_file)))
    for path, read in wanted:
        try:
            read()
        except ValueError as error:
            yield path, str(error)


def spelled(path: Path) -> str:
    """Write a key as people do: feeds[3].every; what stands for the name of a header and is none may be a secret."""
    text = ""
    for place, part in enumerate(path):
        if part == "[key]":  # pydantic's mark for "the key itself is wrong"
            continue
        told = "***" if path[max(place - 1, 0)] in ("headers", "auth") and not _NAME.fullmatch(str(part)) else part
        text += f"[{told}]" if isinstance(told, int) else f".{told}" if text else told
    return "".join(c if c.isprintable() else "?" for c in text)
