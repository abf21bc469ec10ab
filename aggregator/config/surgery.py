"""Change the feeds in the text of a feeds.yaml and nothing else: every other byte stays as its owner wrote it. Pure.

A round trip through a YAML library keeps most comments, but moves some, re-indents and re-quotes; and it drops those
around what is taken out. So ruamel.yaml is asked where each feed stands, and the text is cut there. Comments inside
what is cut out are kept as lines of their own. `editing` proves every result by reading it again.
"""

import io
import json
from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import TypeAlias, Union

from ruamel.yaml import YAML
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from aggregator.config.durations import format_duration
from aggregator.config.spans import (
    Document,
    NeedsAHand,
    comments_in,
    dash_of,
    end_of,
    feeds_key,
    flowing,
    read,
    unwritten,
)

Value: TypeAlias = Union[str, timedelta, tuple[str, ...], dict[str, "Value"]]  # noqa: UP007  a name in quotes takes no bar


def add(text: str, feeds: Iterable[Mapping[str, Value]]) -> str:
    """Put feeds at the end of the list."""
    document = read(text)
    new = list(feeds)
    if not new:
        return text
    node = document.feeds
    if isinstance(node, SequenceNode) and flowing(node) and node.value:
        end = end_of(node.value[-1], text)
        return text[:end] + "".join(", " + _flow(feed, document.json) for feed in new) + text[end:]
    if isinstance(node, SequenceNode) and node.value:
        at = document.line_end(end_of(node.value[-1], text))
        indent = dash_of(document, node.value[0])[1]
        return text[:at] + _block(document, new, indent) + text[at:]
    if document.json:
        raise NeedsAHand("it has no feeds and is written as JSON")
    if node is None:
        gap = "" if not text or text.endswith("\n") else document.newline
        return text + gap + "feeds:" + _block(document, new, "  ") + document.newline
    start, end = node.start_mark.index, node.end_mark.index
    if "#" in text[start:end]:
        raise NeedsAHand("its feeds are an empty list with a comment inside")
    if isinstance(node, SequenceNode) or text[start:end].strip():  # [], null or ~
        text = text[:start].rstrip(" ") + text[end:]
        document = Document(text, node, document.root)
    at = document.line_end(feeds_key(document).end_mark.index)
    return text[:at] + _block(document, new, "  ") + text[at:]


def remove(text: str, index: int) -> str:
    """Take a feed out of the list; the comments beside and inside it stay."""
    document = read(text)
    items = document.items()
    node = items[index]
    if document.feeds is not None and flowing(document.feeds):
        return _without(text, document.feeds, [(item.start_mark.index, end_of(item, text)) for item in items], index)
    start, indent = dash_of(document, node)
    stop = document.next_line(end_of(node, text))
    kept = [indent + comment for comment in comments_in(text, start, stop, node)]
    return text[:start] + "".join(line + document.newline for line in kept) + text[stop:]


def change(text: str, index: int, changes: Mapping[str, Value | None]) -> str:
    """Set keys of one feed; None takes a key out."""
    for key, value in changes.items():
        document = read(text)
        node = document.items()[index]
        if isinstance(node, ScalarNode):
            text = _as_mapping(document, node, key, value)
            continue
        place = next((place for place, pair in enumerate(node.value) if pair[0].value == key), None)
        if place is not None and value is not None and _inline(node.value[place][1], text):
            text = _with_value(document, node.value[place][1], value)
            continue
        if place is not None:
            text = _without_key(document, node, place)
            document = read(text)
            node = document.items()[index]
        if value is not None:
            text = _with_key(document, node, key, value)
    return text


def _without(text: str, node: Node, spans: list[tuple[int, int]], index: int) -> str:
    """Cut one of several comma-separated spans out of a {...} or [...]."""
    if index > 0:
        start, stop = spans[index - 1][1], spans[index][1]
    else:
        start, stop = spans[0][0], spans[1][0] if len(spans) > 1 else spans[0][1]
    if comments_in(text, start, stop, node):
        raise NeedsAHand("there is a comment inside what would be taken out of its {...} or [...]")
    rest = text[stop:]
    return text[:start] + (rest.lstrip(" ").removeprefix(",") if len(spans) == 1 else rest)


def _as_mapping(document: Document, node: ScalarNode, key: str, value: Value | None) -> str:
    """Turn a bare URL into a mapping with one more key."""
    text, start, end = document.text, node.start_mark.index, node.end_mark.index
    if value is None:
        return text
    if key == "url":
        return text[:start] + written(value, document.json) + text[end:]
    if document.feeds is not None and flowing(document.feeds):
        pairs = f"{written('url', document.json)}: {text[start:end]}, {_pair(key, value, document.json)}"
        return f"{text[:start]}{{{pairs}}}{text[end:]}"
    at = document.line_end(end)
    added = document.newline + " " * node.start_mark.column + _pair(key, value)
    return f"{text[:start]}url: {text[start:at]}{added}{text[at:]}"


def _inline(node: Node, text: str) -> bool:
    """Tell whether a value can be replaced where it stands: on one line, without comments inside."""
    if isinstance(node, ScalarNode):
        return node.style not in ("|", ">") and not unwritten(node)
    return flowing(node) and not comments_in(text, node.start_mark.index, end_of(node, text), node)


def _with_value(document: Document, node: Node, value: Value) -> str:
    text = document.text
    start, end = node.start_mark.index, end_of(node, text)
    gap = " " if text[start - 1] == ":" else ""
    return text[:start] + gap + written(value, document.json) + text[end:]


def _with_key(document: Document, node: Node, key: str, value: Value) -> str:
    text = document.text
    end = end_of(node.value[-1][1], text)
    if flowing(node):
        return f"{text[:end]}, {_pair(key, value, document.json)}{text[end:]}"
    at = document.line_end(max(end, end_of(node, text)))
    return f"{text[:at]}{document.newline}{' ' * node.start_mark.column}{_pair(key, value)}{text[at:]}"


def _without_key(document: Document, node: Node, place: int) -> str:
    text = document.text
    key, value = node.value[place]
    if flowing(node):
        return _without(text, node, [(k.start_mark.index, end_of(v, text)) for k, v in node.value], place)
    single = MappingNode(node.tag, [(key, value)], node.start_mark, node.end_mark, flow_style=False)
    start, stop = document.line_start(key.start_mark.index), document.next_line(end_of(single, text))
    indent = " " * node.start_mark.column
    comments = [indent + comment + document.newline for comment in comments_in(text, start, stop, single)]
    if place > 0:
        return text[:start] + "".join(comments) + text[stop:]
    following = node.value[1][0].start_mark.index  # a feed has a url besides what is taken out
    between = text[stop : document.line_start(following)]
    return text[:start] + "".join(comments) + between + text[start : key.start_mark.index] + text[following:]


def _block(document: Document, feeds: Iterable[Mapping[str, Value]], indent: str) -> str:
    """Write feeds as items of a block list, each line led by a line break."""
    lines = []
    for feed in feeds:
        if list(feed) == ["url"]:
            lines.append(f"{indent}- {written(feed['url'])}")
            continue
        pairs = [_pair(key, value) for key, value in feed.items()]
        lines.append(f"{indent}- {pairs[0]}")
        lines += (f"{indent}  {pair}" for pair in pairs[1:])
    return "".join(document.newline + line for line in lines)


def _flow(feed: Mapping[str, Value], as_json: bool) -> str:
    if list(feed) == ["url"]:
        return written(feed["url"], as_json)
    return "{" + ", ".join(_pair(key, value, as_json) for key, value in feed.items()) + "}"


def _pair(key: str, value: Value, as_json: bool = False) -> str:
    return f"{written(key, as_json)}: {written(value, as_json)}"


def written(value: Value, as_json: bool = False) -> str:
    """Write a value on one line, quoted where it must be, also inside {...}."""
    if isinstance(value, tuple):
        return "[" + ", ".join(written(part, as_json) for part in value) + "]"
    if isinstance(value, dict):
        return "{" + ", ".join(_pair(key, part, as_json) for key, part in value.items()) + "}"
    text = format_duration(value) if isinstance(value, timedelta) else value
    if as_json:
        return json.dumps(text)
    yaml = YAML(typ="safe", pure=True)
    yaml.default_flow_style = True
    yaml.width = 1_000_000
    if text.startswith((":", "?")):  # left plain by ruamel.yaml, ": -" is a mapping of its own and {name: ?-} broken
        yaml.default_style = "'"  # type: ignore[assignment]  # declared as None alone
    stream = io.StringIO()
    yaml.dump([text], stream)
    return stream.getvalue().strip()[1:-1]
