"""feeds.yaml as it is read: what is in force, and every mistake with its place."""

from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.config import Config, FeedConfig, load, parse
from aggregator.errors import ConfigError, Mistake

ROOT = Path(__file__).resolve().parent.parent.parent


def mistakes_of(text: str) -> list[str]:
    """Give what is reported for a text."""
    with pytest.raises(ConfigError) as caught:
        parse(text, "f.yaml")
    return str(caught.value).splitlines()


# YAML, and parts of the one message that it brings
MISTAKES = [
    # the YAML itself
    ("feeds: [a\nserver: {}", ["f.yaml:2:", "not YAML"]),
    ("feeds:\n\t- https://a.example", ["f.yaml:2:1", "spaces, not tabs"]),
    ("feeds: [@a]", ["f.yaml:1:9", "put the value in quotes"]),
    ("publishing: {title: a: b}", ["f.yaml:1:", "not YAML"]),
    ("publishing:\n  title: News: all\n", ["f.yaml:2:14", "put the value in quotes"]),
    ("- https://a.example", ["f.yaml:1:1", "expected a mapping"]),
    ("just words", ["f.yaml:1:1", "expected a mapping"]),
    ("server: {}\n---\nserver: {}", ["f.yaml:2:1", "not YAML"]),
    ("feeds: []\nfeeds: []", ["f.yaml:2:1: feeds", "stands twice, first in line 1"]),
    ("server:\n  port: 1\n  port: 2", ["f.yaml:3:3: server.port", "first in line 2"]),
    ("server: {port: !!python/object:os.system 1}", ["server.port", "is not read"]),
    ("publishing: {title: !secret x}", ["publishing.title", "is not read"]),
    ("server: &s {port: *s}", ["nested more than 20 deep"]),
    ("server: " + "[" * 3_000, ["nested more than 20 deep"]),
    ("server: *nobody", ["f.yaml:1:9", "undefined alias"]),
    ("publishing: {title: a\0b}", ["f.yaml", "not YAML"]),
    ("%YAML 9.9\n---\nfeeds: []", ["not YAML"]),
    # keys
    ("feed: []", ["f.yaml:1:1: feed", "did you mean 'feeds'?", "allowed: feeds, outlets, polling"]),
    ("polling:\n  intervall: 5m", ["f.yaml:2:3: polling.intervall", "did you mean 'interval'?"]),
    ("clustering: {max-age: 9d}", ["clustering.max-age", "did you mean 'max_age'?"]),
    ("server: {zzz: 1}", ["server.zzz: unknown key; allowed: host, port, public_url"]),
    ("feeds: [{url: 'https://a.example', link: x}]", ["feeds[0].link", "allowed: url, name, outlet"]),
    ("outlets: {a.example: {nam: A, name: A}}", ["outlets.a.example.nam", "did you mean 'name'?"]),
    ("feeds:\n  - name: A", ["f.yaml:2:5: feeds[0].url", "is missing"]),
    ("outlets:\n  a.example: {family: F}", ["f.yaml:2:3: outlets.a.example.name", "is missing"]),
    # types
    ("feeds: https://a.example", ["f.yaml:1:1: feeds", "expected a list", "found 'https://a.example'"]),
    ("feeds: [5]", ["f.yaml:1:9: feeds[0]", "expected a mapping", "found 5"]),
    ("feeds:\n  -\n", ["feeds[0]", "found nothing"]),
    ("server: [1]", ["server: expected a mapping", "found a list"]),
    ("outlets: [a]", ["outlets: expected a mapping"]),
    ("outlets: {a.example: [A]}", ["outlets.a.example", "found a list"]),
    ("feeds: [{url: 'https://a.example', name: 12}]", ["feeds[0].name", "found 12; put it in quotes"]),
    ("feeds: [{url: 'https://a.example', name: true}]", ["feeds[0].name", "found true; put it in quotes"]),
    ("feeds: [{url: 'https://a.example', name: {a: b}}]", ["expected text, found a mapping"]),
    ("feeds: [{url: 'https://a.example', name: ''}]", ["feeds[0].name", "is empty"]),
    ("feeds: [{url: 'https://a.example', name: " + "n" * 201 + "}]", ["longer than 200 characters"]),
    ('feeds: [{url: "https://a.example", name: "a\\x07"}]', ["holds a control character"]),
    ("feeds: [{url: 'https://a.example', tags: news}]", ["feeds[0].tags: expected a list, as [first, second]"]),
    ("feeds: [{url: 'https://a.example', tags: [1]}]", ["feeds[0].tags[0]", "put it in quotes"]),
    ("feeds: [{url: 'https://a.example', language: english}]", ["feeds[0].language", "as en, id or pt-BR"]),
    ("server: {port: https}", ["server.port: expected a whole number, found 'https'"]),
    ("server: {port: true}", ["server.port: expected a whole number, found true"]),
    ("server: {port: 86.5}", ["server.port", "86.5"]),
    ("server: {port: 70000}", ["server.port: found 70000; allowed: at most 65535"]),
    ("polling: {contact: desk}", ["polling.contact: a contact is an http or https URL", "or a mail address"]),
    ("polling: {contact: 'ftp://news.example/'}", ["a contact is an http or https URL"]),
    ("polling: {contact: 'https://me:hunter2@news.example/'}", ["without a password"]),
    ("polling: {contact: 'https://news.example/a b'}", ["without spaces, quotes and brackets"]),
    ("polling: {contact: 'desk@news.example)'}", ["without spaces, quotes and brackets"]),
    ('polling: {contact: "desk@news.example\\r\\nX: y"}', ["without spaces, quotes and brackets"]),
    ("polling: {contact: 'déesk@news.example'}", ["of ASCII"]),
    ("polling: {contact: " + "d" * 200 + "@news.example}", ["at most 200 characters"]),
    ("polling: {allow: ['*:80']}", ["polling.allow[0]", "* stands for nothing here"]),
    ("publishing: {limit: 0}", ["publishing.limit: found 0; allowed: at least 1"]),
    ("publishing: {link: events}", ["publishing.link", "did you mean 'event'?", "allowed: article, event"]),
    ("clustering: {strictness: loose}", ["clustering.strictness", "allowed: careful, balanced, wide"]),
    ("clustering: {strictness: 3}", ["clustering.strictness: found 3"]),
    # durations
    ("polling: {interval: 20}", ["polling.interval: '20' has no unit; write 20m"]),
    ("polling: {interval: soon}", ["polling.interval: 'soon' is not a duration"]),
    ("polling: {interval: [5m]}", ["polling.interval: expected a duration"]),
    ("polling: {interval: true}", ["polling.interval: expected a duration"]),
    ("polling: {interval: 5m}", ["f.yaml:1:11: polling.interval: 5m is below polling.minimum, 15m; raise it"]),
    ("polling: {interval: 5m, minimum: 30s}", ["polling.minimum: 30s is below 1m"]),
    ("polling: {minimum: 48h}", ["polling.minimum: 48h is above 24h"]),
    ("polling: {minimum: soon}", ["polling.minimum: 'soon' is not a duration"]),
    ("polling: {minimum: 5}", ["polling.minimum: '5' has no unit"]),
    ("polling: {interval: 48h}", ["polling.interval: 48h is above 24h"]),
    ("feeds: [{url: 'https://a.example', every: 30s}]", ["feeds[0].every: 30s is below 1m"]),
    ("clustering: {window: 8d}", ["clustering.max_age: 7d is below clustering.window, 8d"]),
    ("store: {entries: 5d}", ["store.entries: 5d is below clustering.max_age, 7d"]),
    ("store: {entries: 8d}\npublishing: {keep: 9d}", ["f.yaml:1:9: store.entries: 8d is below publishing.keep, 9d"]),
    # addresses
    ("feeds: [ftp://a.example]", ["feeds[0].url: the scheme ftp: is not fetched"]),
    ("feeds: ['javascript:alert(1)']", ["the scheme javascript: is not fetched"]),
    ("feeds: [file:///etc/passwd]", ["the scheme file: is not fetched"]),
    ("feeds: [a.example/rss]", ["has no scheme; did you mean https://a.example/rss?"]),
    ("feeds: ['a.example:80/rss']", ["has no scheme; did you mean https://a.example:80/rss?"]),
    ("feeds: [/tmp/x.xml]", ["is a path"]),
    ("feeds: [/tmp/x.xml]", ["is a path"]),
    ("feeds: ['https://']", ["has no host"]),
    ("feeds: ['https://a b.example']", ["holds a space or a control character"]),
    ("feeds: ['https://a.example:99999/']", ["is not a URL"]),
    ("feeds: ['https://[::1/']", ["is not a URL"]),
    ("feeds: ['']", ["the URL is empty"]),
    (f"feeds: ['https://a.example/{'x' * 2_048}']", ["longer than 2048 characters"]),
    ("polling: {allow: [0.0.0.0/0]}", ["polling.allow[0]", "nearly every address"]),
    ("polling: {allow: ['::/0']}", ["polling.allow[0]", "nearly every address"]),
    ("polling: {allow: [128.0.0.0/1]}", ["nearly every address"]),
    ("polling: {allow: ['::ffff:0:0/96']}", ["nearly every address"]),
    ("polling: {allow: ['64:ff9b::/96']}", ["nearly every address"]),
    ("polling: {allow: ['2002::/16']}", ["nearly every address"]),
    ("polling: {allow: [10.0.0.1/8]}", ["did you mean 10.0.0.0/8?"]),
    ("polling: {allow: [10.0.0.0/99]}", ["is not a network"]),
    ("polling: {allow: [localhost]}", ["host:port (localhost:8080)"]),
    ("polling: {allow: ['localhost:0']}", ["host:port (localhost:8080)"]),
    ("polling: {allow: [256.1.1.1]}", ["host:port (localhost:8080)"]),
    ("server: {public_url: news.example}", ["server.public_url", "did you mean https://news.example?"]),
    ("server: {public_url: 'https://news.example/?a'}", ["scheme, host and path only"]),
    ("outlets: {'https://a.example': A}", ["write the domain alone"]),
    ("outlets: {example: A}", ["'example' is not a domain"]),
    ("outlets: {co.uk: A}", ["anybody may register under 'co.uk'"]),
    # the same feed
    (
        "feeds:\n  - https://a.example/rss\n  - http://www.a.example/rss/",
        ["f.yaml:3:5: feeds[1]", "is subscribed already, in line 2"],
    ),
    ("feeds:\n- url: https://a.example\n- feed://a.example:80", ["f.yaml:3:3: feeds[1]", "in line 2"]),
]


@pytest.mark.parametrize(("text", "parts"), MISTAKES, ids=[text[:60] for text, _ in MISTAKES])
def test_a_mistake_is_named_with_its_place_and_what_is_allowed(text: str, parts: list[str]) -> None:
    messages = mistakes_of(text)
    assert len(messages) == 1, messages
    for part in parts:
        assert part in messages[0]


def test_every_mistake_is_named_in_the_order_of_the_file() -> None:
    text = "poling: {}\nfeeds:\n  - ftp://a.example\n  - {url: https://b.example, evry: 5m, every: 5}\nstore: 5\n"
    starts = [message.split(" ")[0] for message in mistakes_of(text)]
    assert starts == [
        "f.yaml:1:1:",
        "f.yaml:3:5:",
        "f.yaml:4:30:",
        "f.yaml:4:40:",
        "f.yaml:5:1:",
    ]


def test_mistakes_are_values_for_programs() -> None:
    with pytest.raises(ConfigError) as caught:
        parse("server: {port: 70000}", "f.yaml")
    assert caught.value.mistakes == (
        Mistake(file="f.yaml", line=1, column=10, key="server.port", message="found 70000; allowed: at most 65535"),
    )


def test_credentials_are_not_repeated_in_messages() -> None:
    text = "feeds:\n  - https://ana:secret@a.example/ x\n  - https://ana:secret@b.example/\n"
    text += "  - http://ana:secret@b.example\n  - ftp://ana:secret@c.example\n  - [https://ana:secret@d.example]\n"
    text += "server: {public_url: 'https://ana:secret@x.example', host: [https://ana:secret@a.example]}\n"
    text += "outlets: {a.example: [x]}\n"
    text = text.replace("a.example/ x", "a.example/ x?api_key=secret").replace(
        "c.example", "c.example/?a=1&token=secret"
    )
    messages = mistakes_of(text)
    assert len(messages) == 7
    assert "secret" not in str(messages)


def test_aliases_that_multiply_are_stopped() -> None:
    lines = ["a: &a [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"{new}: &{new} [{', '.join([f'*{old}'] * 10)}]" for old, new in zip("abcdef", "bcdefg", strict=True)]
    assert "more than 200,000 values" in mistakes_of("\n".join(lines))[0]


def test_aliases_that_do_not_are_read() -> None:
    config = parse("feeds:\n  - {url: https://a.example, tags: &t [x]}\n  - {url: https://b.example, tags: *t}\n")
    assert [feed.tags for feed in config.feeds] == [("x",), ("x",)]


def test_an_empty_file_is_all_defaults() -> None:
    assert parse("") == parse("# nothing\n") == parse("feeds:\npolling:\noutlets:\n") == Config()


def test_the_defaults_suit_a_person_with_two_hundred_feeds() -> None:
    config = Config()
    assert config.polling.interval == config.polling.minimum == timedelta(minutes=15)
    assert parse("polling: {minimum: 1h}").polling.interval == timedelta(hours=1)
    assert parse("polling: {minimum: 5m}").polling.interval == timedelta(minutes=15)
    assert (config.clustering.window, config.clustering.max_age) == (timedelta(days=3), timedelta(days=7))
    assert (config.publishing.keep, config.publishing.limit) == (timedelta(hours=48), 2_000)
    assert config.store.entries == timedelta(days=90)
    assert (config.server.host, config.server.port, config.server.public_url) == ("127.0.0.1", 8650, None)


def test_norwegian_is_a_language_and_a_date_may_be_a_name() -> None:
    feed = parse("feeds: [{url: https://a.example, language: no, name: 2021-09-01}]").feeds[0]
    assert (feed.language, feed.name) == ("no", "2021-09-01")


def test_a_feed_is_a_bare_url_or_a_mapping() -> None:
    text = """
feeds:
  - https://a.example/rss
  - url: feed://b.example/rss
    name: B
    outlet: Bee
    language: pt_BR
    tags: [x, y]
    every: 1m
"""
    assert parse(text).feeds == (
        FeedConfig(url="https://a.example/rss"),
        FeedConfig(
            url="http://b.example/rss",
            name="B",
            outlet="Bee",
            language="pt-BR",
            tags=("x", "y"),
            every=timedelta(minutes=1),
        ),
    )


@pytest.mark.parametrize(
    ("text", "contact"),
    [
        ("desk@news.example", "desk@news.example"),
        ("mailto:desk+feeds@news.example", "desk+feeds@news.example"),
        ("https://news.example/about/@desk?a=b;c", "https://news.example/about/@desk?a=b;c"),
    ],
)
def test_a_contact_is_a_page_or_a_mail_address(text: str, contact: str) -> None:
    assert parse(f"polling: {{contact: '{text}'}}").polling.contact == contact


def test_allowed_addresses_come_out_in_one_form() -> None:
    lines = ["127.0.0.1", "10.0.0.0/8", "fd00::/8", "LOCALHOST:8080", "[::1]:80", "::1", "192.168.1.7:1"]
    config = parse(f"polling: {{allow: {lines!r}}}")
    expected = ("127.0.0.1", "10.0.0.0/8", "fd00::/8", "localhost:8080", "[::1]:80", "::1", "192.168.1.7:1")
    assert config.polling.allow == expected


@pytest.mark.parametrize(
    ("url", "outlet"),
    [
        ("https://rss.detik.com/news", ("Detik", "Transmedia")),
        ("https://detik.com/news", ("Detik", "Transmedia")),
        ("https://feeds.bbc.co.uk/x", ("BBC", "")),
        ("https://news.bbc.co.uk/x", ("BBC News", "")),
        ("https://uk.news.bbc.co.uk/x", ("BBC News", "")),
        ("https://www.antaranews.com/rss", ("antaranews.com", "")),
        ("https://a.b.something.co.id/rss", ("something.co.id", "")),
        ("https://ana.github.io/feed", ("ana.github.io", "")),
        ("http://127.0.0.1:8081/feed", ("127.0.0.1:8081", "")),
        ("http://127.0.0.1:8082/feed", ("Local", "")),
        ("http://[::1]/feed", ("::1", "")),
        ("http://localhost/feed", ("localhost", "")),
    ],
)
def test_an_outlet_comes_from_the_table_or_the_registrable_domain(url: str, outlet: tuple[str, str]) -> None:
    text = """
outlets:
  Detik.com: {name: Detik, family: Transmedia}
  bbc.co.uk: BBC
  news.bbc.co.uk: BBC News
  127.0.0.1:8082: Local
"""
    config = parse(text)
    assert config.outlet_of(FeedConfig(url=url)) == outlet


def test_a_feeds_own_outlet_beats_the_table_and_has_the_family_of_its_name() -> None:
    config = parse("outlets: {detik.com: {name: Detik, family: Transmedia}}")
    assert config.outlet_of(FeedConfig(url="https://detik.com/x", outlet="Antara")) == ("Antara", "")
    assert config.outlet_of(FeedConfig(url="https://elsewhere.example/x", outlet="Detik")) == ("Detik", "Transmedia")


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"feeds: []\n# caf\xe9\n", ":2:6: byte 0xe9 is not UTF-8"),
        (b"#" * (4 * 1024 * 1024 + 1), "larger than 4 MB"),
    ],
)
def test_a_file_that_is_no_text_is_named(tmp_path: Path, data: bytes, message: str) -> None:
    path = tmp_path / "feeds.yaml"
    path.write_bytes(data)
    with pytest.raises(ConfigError, match=message):
        load(path)


def test_a_file_that_is_missing_or_a_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="aggregator init"):
        load(tmp_path / "feeds.yaml")
    with pytest.raises(ConfigError, match="cannot be read"):
        load(tmp_path)


@given(st.text(max_size=60) | st.text(alphabet="feds: [{url}]-\n&*!|>%'\"#x,", max_size=60))
def test_any_text_is_a_configuration_or_a_named_mistake(text: str) -> None:
    try:
        outcome: object = parse(text)
    except ConfigError as error:
        outcome = error.mistakes
    assert outcome


def test_the_example_is_of_real_feeds_in_many_languages() -> None:
    config = load(ROOT / "feeds.yaml")
    assert len(config.feeds) >= 25
    assert {"id", "en", "tr", "ar", "de", "es"} <= {feed.language for feed in config.feeds}
    outlets = {config.outlet_of(feed)[0] for feed in config.feeds}
    assert {"Anadolu", "Antara", "Tempo", "BBC", "Al Jazeera", "DW", "Tagesschau", "El País"} <= outlets
    assert {outlet.name for outlet in config.outlets.values()} == outlets, "every line of the table is of use"
