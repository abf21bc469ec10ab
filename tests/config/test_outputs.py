"""Output feeds of one's own, and who may read what is served."""

import pytest

from aggregator.config import parse
from aggregator.errors import ConfigError


def test_an_output_feed_needs_a_name_alone() -> None:
    (feed,) = parse("publishing: {feeds: [{name: afghanistan}]}").publishing.feeds
    assert (feed.min_sources, feed.updates, feed.formats) == (1, "stable", ("atom", "rss", "json"))


def test_one_language_tag_or_format_needs_no_list() -> None:
    (feed,) = parse("publishing: {feeds: [{name: a, language: id, tags: asia, formats: atom}]}").publishing.feeds
    assert (feed.language, feed.tags, feed.formats) == (("id",), ("asia",), ("atom",))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("publishing: {feeds: [{}]}", "publishing.feeds[0].name: is missing"),
        ("publishing: {feeds: [{name: events}]}", "exists already"),
        ("publishing: {feeds: [{name: ../secret}]}", "cannot stand in an address"),
        ("publishing: {feeds: [{name: a}, {name: a}]}", "publishing.feeds: the name a is given 2 times"),
        ("publishing: {feeds: [{name: a, search: '\"open'}]}", "publishing.feeds[0].search"),
        ("publishing: {feeds: [{name: a, exclude: '(open'}]}", "publishing.feeds[0].exclude"),
        ("publishing: {feeds: [{name: a, updates: sometimes}]}", "allowed: stable, milestones, every"),
        ("publishing: {feeds: [{name: a, formats: [pdf]}]}", "allowed: atom, rss, json"),
        ("publishing: {feeds: [{name: a, min_sources: 0}]}", "at least 1"),
        ("server: {host: 0.0.0.0}", "server.host: 0.0.0.0 is reached from other machines"),
        ("server: {host: news.example}", "reached from other machines"),
        ("server: {token_env: A, token_file: /etc/token}", "server.token_file: names the token a second time"),
    ],
)
def test_a_mistake_is_named(text: str, said: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse(text)
    assert said in str(caught.value)


@pytest.mark.parametrize(
    "text",
    [
        "server: {host: 127.0.0.1}",
        "server: {host: '::1'}",
        "server: {host: localhost}",
        "server: {host: 0.0.0.0, public: true}",
        "server: {host: 0.0.0.0, token_env: TOKEN}",
    ],
)
def test_a_server_that_is_guarded_or_meant_to_be_open_is_accepted(text: str) -> None:
    parse(text)
