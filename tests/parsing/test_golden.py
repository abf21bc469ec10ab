"""Golden feeds: each file and what it is read as; the reason is in a comment at its head.

`python -m tests.parsing.test_golden` writes the expectations anew, to be read in the diff.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from aggregator.model import ParsedFeed
from aggregator.parsing import wire
from aggregator.parsing.document import parse

FOLDER = Path(__file__).parent / "golden"
FEEDS = sorted(path for path in FOLDER.iterdir() if not path.name.endswith(".expected.json"))


def read(path: Path) -> ParsedFeed:
    return parse(path.read_bytes(), url=f"https://base.example/{path.name}", content_type=None)


def plain(feed: ParsedFeed) -> dict[str, Any]:
    """Give the feed as JSON shows it, without what is empty."""
    message = wire.encode(feed)
    names = wire.ENTRY_FIELDS
    message["entries"] = [dict(zip(names, entry, strict=True)) for entry in message["entries"]]
    message["entries"] = [{key: value for key, value in entry.items() if value} for entry in message["entries"]]
    shown: dict[str, Any] = json.loads(json.dumps({key: value for key, value in message.items() if value}))
    return shown


def expectation(path: Path) -> Path:
    return path.with_name(path.name + ".expected.json")


@pytest.mark.parametrize("path", FEEDS, ids=lambda path: path.name)
def test_a_golden_feed_is_read_as_expected(path: Path) -> None:
    assert plain(read(path)) == json.loads(expectation(path).read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", FEEDS, ids=lambda path: path.name)
def test_a_feed_survives_the_way_from_worker_to_daemon(path: Path) -> None:
    feed = read(path)
    assert wire.decode(json.loads(json.dumps(wire.encode(feed)))) == feed


if __name__ == "__main__":
    for feed in FEEDS:
        text = json.dumps(plain(read(feed)), ensure_ascii=False, indent=1)
        expectation(feed).write_text(text + "\n", encoding="utf-8")
