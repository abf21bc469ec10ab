"""feeds.yaml as lists show it, and the fingerprint of its text."""

from datetime import timedelta
from pathlib import Path

from aggregator.config import ListedFeed, Listing, listed, load, parse
from aggregator.config.text import fingerprint

TEXT = """\
feeds:
  - https://www.a.example/rss
  - {url: "https://b.example/rss", name: Bee, outlet: The Bee, language: pt-BR, tags: [x, y], every: 90s}
  - {url: "https://c.example/", headers: {X-Key: very-secret}}
outlets:
  a.example: {name: A, family: Group}
"""


def test_a_listing_says_what_is_set_and_who_publishes() -> None:
    first, second, third = listed(parse(TEXT)).feeds
    assert (first.url, first.name, first.outlet, first.family) == ("https://www.a.example/rss", None, "A", "Group")
    assert (first.language, first.tags, first.every) == (None, (), None)
    assert second == ListedFeed(
        url="https://b.example/rss",
        name="Bee",
        outlet="The Bee",
        family="",
        language="pt-BR",
        tags=("x", "y"),
        every=timedelta(seconds=90),
    )
    assert third.outlet == "c.example"
    assert third.settings == {"headers": {"X-Key": {"value": "***"}}}


def test_a_listing_is_the_same_after_json() -> None:
    listing = listed(parse(TEXT))
    assert Listing(tuple(ListedFeed.from_json(feed.to_json()) for feed in listing.feeds)) == listing


def test_a_configuration_knows_the_fingerprint_of_its_file(tmp_path: Path) -> None:
    path = tmp_path / "feeds.yaml"
    path.write_text(TEXT)
    assert load(path).fingerprint == fingerprint(TEXT)
    path.write_text(f"{TEXT}# more\n")
    assert load(path).fingerprint != fingerprint(TEXT)
    assert parse(TEXT).fingerprint == ""
    assert fingerprint(TEXT) != fingerprint(TEXT.replace("\n", "\r\n"))
