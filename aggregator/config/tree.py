"""YAML text -> plain values, and where in the text each of them stands.

The text is composed to nodes by ruamel.yaml (YAML 1.2: `language: no` is Norwegian) and walked here, because every
mistake is to be reported with its line, duplicated keys included, and because aliases let a small file spell a
boundless one.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

Path = tuple[int | str, ...]  # ("feeds", 3, "every")
Problem = tuple[Path, tuple[int, int] | None, str]  # key, (line, column), message

_MOST_VALUES = 200_000  # 10,000 feeds with every key; aliases count each time they are used
_DEEPEST = 20  # feeds.yaml needs 4
# ruamel.yaml's scanner takes 9 s over 3,000 open brackets before it gives up
_DEEP = re.compile(r"(?:[\[{][^\[\]{}]{0,80}){50}")
_NAMED = re.compile(r"(undefined alias|tag handle) \S+.*", re.DOTALL)  # a password that begins with * or !


class NotYaml(ValueError):
    """The text cannot be read at all; `place` is (line, column) where known."""

    def __init__(self, message: str, place: tuple[int, int] | None = None) -> None:
        super().__init__(message)
        self.place = place


@dataclass(slots=True)
class Tree:
    """Plain values, where their keys and values start (line and column from 1), and what is wrong with the YAML."""

    values: Any = None
    places: dict[Path, tuple[int, int]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def place(self, path: Path) -> tuple[int, int] | None:
        """Give the place of a key, or of the nearest thing around it that stands in the text."""
        while path and path not in self.places:
            path = path[:-1]
        return self.places.get(path)


def compose(text: str) -> Node | None:
    """Compose one document to its nodes; None for a text without any.

    Raises:
        NotYaml: when it is not one YAML document.
    """
    if _DEEP.search(text):
        raise NotYaml(f"nested more than {_DEEPEST} deep")
    yaml = YAML(typ="safe", pure=True)  # half the time of one that keeps comments
    yaml.composer.warn_double_anchors = False  # a warning would quote what is perhaps a password
    try:
        node: Node | None = yaml.compose(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        reason = _NAMED.sub(r"\1", " ".join(filter(None, (error.context, error.problem))))
        place = (mark.line + 1, mark.column + 1) if mark else None
        raise NotYaml(f"not YAML: {reason}{_hint(reason)}", place) from error
    except YAMLError as error:
        raise NotYaml(f"not YAML: {str(error).splitlines()[0]}") from error
    except RecursionError as error:
        raise NotYaml(f"nested more than {_DEEPEST} deep") from error
    except (ValueError, IndexError, AttributeError) as error:  # ruamel.yaml's own slips on malformed directives
        raise NotYaml(f"not YAML: {error}") from error
    return node


def _hint(reason: str) -> str:
    if "\\t" in reason:
        return "; indent with spaces, not tabs"
    if "mapping values are not allowed" in reason or "cannot start any token" in reason:
        return "; put the value in quotes"
    if reason.endswith(("undefined alias", "tag handle")):
        return "; put a value that begins with *, & or ! in quotes"
    return ""


def read(text: str) -> Tree:
    """Read a YAML text.

    Raises:
        NotYaml: when it is not one YAML document, or aliases make it larger or deeper than any configuration.
    """
    node = compose(text)
    tree = Tree()
    if node is not None:
        tree.values = _Walk(tree).value(node, (), depth=0)
    return tree


class _Walk:
    def __init__(self, tree: Tree) -> None:
        self.tree = tree
        self.seen = 0

    def value(self, node: Node, path: Path, depth: int) -> Any:
        self.seen += 1
        if self.seen > _MOST_VALUES:
            raise NotYaml(
                f"more than {_MOST_VALUES:,} values; aliases (*name) repeat what they stand for", place_of(node)
            )
        if depth > _DEEPEST:
            raise NotYaml(f"nested more than {_DEEPEST} deep", place_of(node))
        self.tree.places.setdefault(path, place_of(node))
        if isinstance(node, MappingNode):
            return self.mapping(node, path, depth)
        if isinstance(node, SequenceNode):
            return [self.value(child, (*path, index), depth + 1) for index, child in enumerate(node.value)]
        return self.scalar(node, path)

    def mapping(self, node: MappingNode, path: Path, depth: int) -> dict[str, Any]:
        """Read a mapping; a key without a value counts as unset."""
        values: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key = str(key_node.value) if isinstance(key_node, ScalarNode) else "?"
            if key in values:
                first = self.tree.places[(*path, key)][0]
                self.tree.problems.append(((*path, key), place_of(key_node), f"stands twice, first in line {first}"))
                continue
            self.tree.places[(*path, key)] = place_of(key_node)
            value = self.value(value_node, (*path, key), depth + 1)
            if value is not None:
                values[key] = value
            elif path[-1:] == ("headers",) and value_node.value == "":  # {X-Key:SECRET} too: neither is repeated
                told = (
                    "names a header without a value; write NAME: value, with a space after the colon, or leave it out"
                )
                self.tree.problems.append((path, place_of(key_node), told))
        return values

    def scalar(self, node: Node, path: Path) -> Any:
        """Read a scalar; a date stays text, as every value that is neither a number nor a truth value."""
        tag = str(node.tag).removeprefix("tag:yaml.org,2002:")
        if tag in {"str", "timestamp"}:
            return node.value
        if tag == "null":
            return None
        try:
            return _SCALARS[tag](node.value.lower().replace("_", ""))
        except (KeyError, ValueError):
            # the value may be a password, and its tag too
            told = "is not read, for it begins with !, a type of YAML; put it in quotes"
            self.tree.problems.append((path, place_of(node), told))
            return None


_SCALARS: dict[str, Callable[[str], Any]] = {
    "bool": lambda word: word in {"true", "yes", "on"},
    "int": lambda word: int(word) if word.lstrip("+-").isdigit() else int(word, 0),  # YAML 1.2: 010 is ten
    "float": lambda word: float(word.replace(".inf", "inf").replace(".nan", "nan")),
}


def place_of(node: Node) -> tuple[int, int]:
    """Give the line and column at which a node starts, both from 1."""
    return node.start_mark.line + 1, node.start_mark.column + 1
