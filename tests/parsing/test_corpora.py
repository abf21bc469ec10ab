"""Real feeds and the conformance cases of others, beside the project: a sample here, all of them in the soak."""

import io
import random
import tarfile
import warnings
from collections.abc import Iterator
from pathlib import Path

import feedparser
import pytest

from aggregator.errors import FeedError
from aggregator.parsing.document import parse

URL = "https://contoh.example/feed.xml"
SEED = 20260301
# The only entry of a document that breaks off is not whole.
EXCEPTIONS = {"rss_incomplete_cdata.xml"}


def members(archive: Path) -> Iterator[tuple[str, bytes]]:
    with tarfile.open(archive) as tar:
        for member in tar:
            if member.isfile() and (content := tar.extractfile(member)):
                yield member.name, content.read()


def agrees(name: str, body: bytes) -> str | None:
    """Compare the number of entries with feedparser's own; an error must mean that it finds none either."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = len(feedparser.parse(io.BytesIO(body)).entries)
    try:
        feed = parse(body, url=URL, content_type=None)
        ours = len(feed.entries) + feed.dropped
    except FeedError:
        ours = 0
    return None if ours == theirs else f"{name}: {ours} entries, feedparser finds {theirs}"


def disagreements(archive: Path, sample: int | None) -> list[str]:
    cases = sorted(members(archive))
    if sample is not None:
        cases = random.Random(SEED).sample(cases, sample)
    found = [agrees(name, body) for name, body in cases if Path(name).name not in EXCEPTIONS]
    return [each for each in found if each]


def test_a_sample_of_real_feeds_parses_as_feedparser_does(shared: Path) -> None:
    assert disagreements(shared / "feeds" / "real.tar.xz", 12) == []


def test_a_sample_of_conformance_cases_parses_as_feedparser_does(shared: Path) -> None:
    assert disagreements(shared / "feeds" / "conformance.tar.xz", 300) == []


@pytest.mark.soak
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("archive", ["real.tar.xz", "conformance.tar.xz"])
def test_every_feed_parses_as_feedparser_does(shared: Path, archive: str) -> None:
    assert disagreements(shared / "feeds" / archive, None) == []
