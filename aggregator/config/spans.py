"""Where the feeds stand in the text of a feeds.yaml: lines, dashes, ends, comments. Pure."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from aggregator.config.tree import compose


class NeedsAHand(ValueError):
    """The text is written in a way that is not edited automatically; says which."""


@dataclass(frozen=True, slots=True)
class Document:
    """The text, and the node of its `feeds`; None where the key is missing."""

    text: str
    feeds: Node | None
    root: MappingNode | None

    @property
    def newline(self) -> str:
        """Give the line break that the file uses."""
        return "\r\n" if "\r\n" in self.text else "\n"

    @property
    def json(self) -> bool:
        """Tell whether the whole is written as JSON is."""
        return self.root is not None and flowing(self.root)

    def items(self) -> list[Node]:
        """List the nodes of the feeds."""
        return list(self.feeds.value) if isinstance(self.feeds, SequenceNode) else []

    def line_start(self, index: int) -> int:
        """Give the start of a line."""
        return self.text.rfind("\n", 0, index) + 1

    def line_end(self, index: int) -> int:
        """Give the end of a line, before its line break."""
        end = self.text.find("\n", index)
        end = len(self.text) if end < 0 else end
        return end - 1 if self.text[end - 1 : end] == "\r" and end > index else end

    def next_line(self, index: int) -> int:
        """Give the start of the line after it."""
        end = self.text.find("\n", index)
        return len(self.text) if end < 0 else end + 1


def flowing(node: Node) -> bool:
    """Tell whether a node is written as {...} or [...]."""
    return bool(getattr(node, "flow_style", False))


def read(text: str) -> Document:
    """Find the feeds in a text.

    Raises:
        NeedsAHand: they are written in a way that is not edited.
    """
    root = compose(text)
    if root is None:
        return Document(text, None, None)
    if not isinstance(root, MappingNode):
        raise NeedsAHand("it is no mapping")
    feeds: Node | None = next((value for key, value in root.value if key.value == "feeds"), None)
    if feeds is not None and _anchored(feeds):
        raise NeedsAHand("its feeds use anchors or aliases")
    return Document(text, feeds, root)


def _anchored(node: Node) -> bool:
    if node.anchor:
        return True
    if isinstance(node, SequenceNode):
        return any(_anchored(child) for child in node.value)
    return isinstance(node, MappingNode) and any(_anchored(child) for pair in node.value for child in pair)


def feeds_key(document: Document) -> Node:
    """Give the key `feeds`."""
    pairs = document.root.value if document.root is not None else ()
    key: Node = next(key for key, _ in pairs if key.value == "feeds")
    return key


def unwritten(node: Node) -> bool:
    """Tell whether a node stands for a value that is not there; its place is then wherever the next thing is."""
    return bool(node.start_mark.index == node.end_mark.index)


def end_of(node: Node, text: str) -> int:
    """Give the end of what a node says: ruamel.yaml counts the comments that follow a block to it."""
    if not isinstance(node, ScalarNode) and not flowing(node) and node.value:
        last = node.value[-1]
        key, value = last if isinstance(last, tuple) else (last, last)
        if value is not key and unwritten(value):
            return text.index(":", key.end_mark.index) + 1  # a key without a value
        return end_of(value, text)
    start, end = int(node.start_mark.index), int(node.end_mark.index)
    return start + len(text[start:end].rstrip())


def dash_of(document: Document, node: Node) -> tuple[int, str]:
    """Give the start of the line in which an item of a block list begins, and the indentation of its dash."""
    start = document.line_start(node.start_mark.index)
    before = document.text[start : node.start_mark.index]
    while not (found := re.match(r"([ ]*)-(?=\s|$)", before)):
        if start == 0:
            raise NeedsAHand("a feed's dash was not found")
        stop = start
        start = document.line_start(start - 1)
        before = document.text[start:stop]
    return start, found[1]


def comments_in(text: str, start: int, stop: int, node: Node) -> list[str]:
    """List the comments between two places, those inside the scalars of a node left out."""
    covered = list(text[start:stop])
    for leaf in _leaves(node):
        first, last = leaf.start_mark.index, leaf.end_mark.index
        for place in range(max(first, start), min(last, stop)):
            covered[place - start] = "_" if text[place] != "\n" else "\n"
    return [found[1].rstrip() for found in re.finditer(r"(?:^|(?<=\s))(#.*)$", "".join(covered), re.MULTILINE)]


def _leaves(node: Node) -> Iterable[Node]:
    if isinstance(node, ScalarNode):
        yield node
    elif isinstance(node, SequenceNode):
        for child in node.value:
            yield from _leaves(child)
    else:
        for pair in node.value:
            for child in pair:
                yield from _leaves(child)
