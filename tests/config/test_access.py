"""Feeds that want more than a URL: what is taken, what is refused, and that secrets stay where they are."""

import os
import re
from pathlib import Path

import jsonschema
import pytest
from ruamel.yaml import YAML

from aggregator.config import Config, load, parse, set_feed
from aggregator.config.schema import json_schema
from aggregator.errors import ConfigError, InputError

SECRET = "hunter2"


def feed(more: str) -> str:
    return f"feeds: [{{url: 'https://a.example/rss', {more}}}]"


GOOD = [
    "user_agent: Mozilla/5.0 (compatible; desk@example.org)",
    "headers: {X-Key: k1, Cookie: 'a=b; c=d'}",
    "headers: {X-Key: {env: API_KEY}, X-Other: {file: /etc/key}}",
    "auth: {user: ana, password_env: PASSWORD}",
    "auth: {user: ana, password_file: ~/password}",
    "auth: {token_env: TOKEN}",
    "auth: {token_file: /run/credentials/token}",
    "proxy: 'http://me:word@proxy.lan:3128'",
    "proxy: {env: A_PROXY}",
    "proxy: {file: /etc/proxy}",
    "ca_file: /etc/ssl/own.pem",
    "cluster: off",
    "cluster: on",
]


@pytest.mark.parametrize("more", GOOD)
def test_what_is_documented_is_read_and_valid_by_the_schema(more: str) -> None:
    parse(feed(more))
    jsonschema.Draft202012Validator(json_schema()).validate(YAML(typ="safe", pure=True).load(feed(more)))


MISTAKES = [
    ("auth: {}", "feeds[0].auth: has no secret"),
    ("auth: {user: ana}", "feeds[0].auth: has no secret"),
    ("auth: {user: ana, password_env: A, password_file: /b}", "names several secrets"),
    ("auth: {password_env: A}", "a password needs its user"),
    ("auth: {user: ana, token_env: A}", "a token has no user"),
    ("auth: {user: 'a:b', password_env: A}", "feeds[0].auth.user: holds a colon"),
    ("auth: {user: ana, password: hunter2}", "feeds[0].auth.password: unknown key, did you mean 'password_"),
    ("auth: 'ana:hunter2'", "feeds[0].auth: expected a mapping of keys to values, found text; write {user: NAME"),
    ("auth: {'ana:hunter2': x}", "feeds[0].auth.***: unknown key"),
    ("headers: 'X-Key: hunter2'", "feeds[0].headers: expected a mapping of keys to values, found text; write {X-Key"),
    ("headers: {X-Key: }", "feeds[0].headers: names a header without a value; write NAME: value"),
    ("headers: {X-Key:hunter2}", "feeds[0].headers: names a header without a value"),
    ("headers: {hunter2}", "feeds[0].headers: names a header without a value"),
    ("headers: {'X-Key:hunter2': x}", "feeds[0].headers.***: is not the name of a header"),
    ("auth: {token_env: 'A B'}", "is not the name of a variable"),
    ("auth: {token_file: secret}", "is not a whole path"),
    ("headers: {X-Key: {}}", "feeds[0].headers.X-Key: give its value, or one of env and file"),
    ("headers: {X-Key: {env: A, file: /b}}", "give its value, or one of env and file"),
    ("headers: {X-Key: 5}", "put the value in quotes"),
    ("headers: {X-Key: [hunter2]}", "found a list"),
    ("headers: [hunter2]", "expected a mapping"),
    ("headers: hunter2", "expected a mapping"),
    ("headers: {'X Key': a}", "is not the name of a header"),
    ('headers: {"X-Key\\r\\nX": a}', "is not the name of a header"),
    ('headers: {X-Key: "hunter2\\r\\nHost: b.example"}', "cannot be sent in a header"),
    ("headers: {X-Key: ' hunter2'}", "cannot be sent in a header"),
    ("headers: {X-Key: 'hunter2 \u0414'}", "cannot be sent in a header"),
    ("headers: {x-key: a, X-Key: b}", "stands twice"),
    *((f"headers: {{{name}: a}}", "would break the request") for name in ("Host", "content-length", "Connection")),
    *((f"headers: {{{name}: a}}", "would break the request") for name in ("Transfer-Encoding", "TE", "Upgrade")),
    ("headers: {User-Agent: a}", "write it as user_agent"),
    ("headers: {Authorization: hunter2}", "write it as auth"),
    ("headers: {If-None-Match: a}", "is sent as the server gave it"),
    ("headers: {Range: a}", "a feed is read whole"),
    ('user_agent: "a\\nb"', "feeds[0].user_agent: cannot be sent"),
    ("proxy: 'socks5://hunter2@proxy.lan'", "as http://proxy.lan:3128; the scheme socks5: is not fetched"),
    ("proxy: 'http://me:hunter2@proxy.lan/path'", "scheme, host and port only"),
    ("proxy: {env: A, file: /b}", "feeds[0].proxy: give its value, or one of env and file"),
    ("proxy: {}", "feeds[0].proxy: give its value, or one of env and file"),
    ("proxy: [hunter2]", "feeds[0].proxy: expected a mapping"),
    ("proxy: 'http://me:hunter2/x@proxy.lan'", "feeds[0].proxy: a proxy is an http"),
    ("ca_file: own.pem", "is not a whole path"),
    ("cluster: maybe", "feeds[0].cluster"),
]


@pytest.mark.parametrize(("more", "said"), MISTAKES, ids=[more[:50] for more, _ in MISTAKES])
def test_what_would_break_a_request_is_refused_without_repeating_it(more: str, said: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse(feed(more), "f.yaml")
    assert said in str(caught.value)
    assert "f.yaml:1:" in str(caught.value)
    assert SECRET not in str(caught.value)


ODD = [
    *(f"{{scheme}}u:{password}@h.example{{path}}" for password in ("hun/ter2", "hun?ter2", "hun#ter2")),
    "{scheme}u:hun ter2@h.example{path}",
    "{scheme}u:hunter2",
    "//u:hunter2@h.example/x",
    "//u:hun/ter2@h.example/x",
    "news.user:hunter2@h.example/x",
    "hunter2@h.example/x",
    "h.example/x?token=hunter2",
    "h.example/x?a=b&api_key=hunter2",
    "http:///u:hunter2@h.example",
    "http://u:hunter2@[::1/x",
    "ftp://u:hunter2@h.example/x",
]


@pytest.mark.parametrize("url", ODD)
def test_a_password_in_what_is_no_url_is_not_repeated(url: str) -> None:
    url = url.format(scheme="http://", path="")
    for text in (f"feeds: ['{url}']", f"feeds: [{{url: '{url}'}}]", feed(f"proxy: '{url}'")):
        with pytest.raises(ConfigError) as caught:
            parse(text)
        assert not re.search("hun|ter2", str(caught.value)), str(caught.value)


def test_a_slash_in_a_password_is_said_to_be_written_otherwise() -> None:
    with pytest.raises(ConfigError, match=r"proxy: .*write / as %2F"):
        parse(feed("proxy: 'http://u:hun/ter2@h.example:80'"))


@pytest.mark.parametrize("value", ["*hunter2", "!hunter2 x", "!hunter2", "!!int hunter2", "!e!hunter2 x", "&hunter2 x"])
def test_a_secret_that_yaml_reads_otherwise_is_not_repeated(value: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse(f"feeds:\n- url: https://a.example\n  headers:\n    X-Key: {value}\n    X-Other: &hunter2 5\n")
    assert SECRET not in str(caught.value)
    assert "quotes" in str(caught.value)


def test_a_secret_in_place_of_a_variables_name_is_not_repeated(tmp_path: Path) -> None:
    (tmp_path / "feeds.yaml").write_text(feed("auth: {token_env: ghp_hunter2}"))
    with pytest.raises(ConfigError, match=r"the variable ghp\*\*\* is not set") as caught:
        load(tmp_path / "feeds.yaml", {})
    assert SECRET not in str(caught.value)


def test_a_password_in_the_url_and_an_auth_exclude_each_other() -> None:
    with pytest.raises(ConfigError, match="keep one of the two") as caught:
        parse("feeds: [{url: 'https://ana:hunter2@a.example/', auth: {token_env: T}}]")
    assert SECRET not in str(caught.value)


def test_a_secret_that_is_not_there_is_a_mistake_with_its_line_where_servers_are_asked(tmp_path: Path) -> None:
    path = tmp_path / "feeds.yaml"
    path.write_text(
        "feeds:\n- url: https://a.example\n  auth: {token_env: NO_SUCH}\n"
        f"- url: https://b.example\n  headers:\n    X-A: {{file: {tmp_path}/none}}\n  ca_file: {path}\n"
    )
    load(path)  # lists do without
    with pytest.raises(ConfigError) as caught:
        load(path, {})
    lines = str(caught.value).splitlines()
    assert [line.removeprefix(str(path)).split(": ")[0] for line in lines] == [":3:3", ":6:5", ":7:3"]
    assert "NO_SUCH is not set" in lines[0]
    assert "none cannot be read" in lines[1]
    assert "no certificate" in lines[2]


@pytest.mark.parametrize("held", ["", "two\nlines", "hunter2\x00"])
def test_a_secret_that_cannot_be_sent_is_a_mistake(tmp_path: Path, held: str) -> None:
    (tmp_path / "feeds.yaml").write_text(feed(f"auth: {{token_file: {tmp_path}/token}}"))
    (tmp_path / "token").write_text(held)
    with pytest.raises(ConfigError, match="token") as caught:
        load(tmp_path / "feeds.yaml", {})
    assert SECRET not in str(caught.value)


def test_what_is_in_force_is_printed_without_secrets() -> None:
    config = parse(feed("headers: {X-Key: hunter2}, proxy: 'http://me:hunter2@proxy.lan:3128'"))
    assert SECRET not in str(config.model_dump(mode="json"))
    assert config.feeds[0].headers["X-Key"].read({}) == SECRET


def edited(tmp_path: Path, **changes: object) -> tuple[str, Config]:
    path = tmp_path / "feeds.yaml"
    if not path.exists():
        path.write_text("feeds:\n  - https://a.example/rss  # the first\n")
    set_feed(path, "https://a.example/rss", changes)
    return path.read_text(), load(path)


def test_a_feeds_keys_are_set_and_unset_by_command(tmp_path: Path) -> None:
    text, _ = edited(tmp_path, user_agent="Desk/1 (desk@example.org)", cluster="off")
    assert text == (
        "feeds:\n  - url: https://a.example/rss  # the first\n"
        "    user_agent: Desk/1 (desk@example.org)\n    cluster: off\n"
    )
    text, config = edited(tmp_path, auth={"user": "ana", "password_env": "P"}, headers={"X-Key": {"env": "K"}})
    assert "    auth: {user: ana, password_env: P}\n    headers: {X-Key: {env: K}}\n" in text
    text, config = edited(tmp_path, headers={"X-Key": "a, b"}, user_agent=None)
    assert "    headers: {X-Key: 'a, b'}" in text
    assert "user_agent" not in text
    assert config.feeds[0].auth is not None
    assert edited(tmp_path, cluster=None, auth=None, headers=None)[1].feeds[0].cluster == "on"
    with pytest.raises(InputError, match=r"headers\.Host: is said by the connection"):
        edited(tmp_path, headers={"Host": "b.example"})


@pytest.mark.parametrize("key", ["auth: {token_file: PIPE}", "headers: {X-Key: {file: PIPE}}", "ca_file: PIPE"])
def test_a_pipe_is_not_waited_for(tmp_path: Path, key: str) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "feeds.yaml").write_text(feed(key.replace("PIPE", f"{tmp_path}/pipe")))
    with pytest.raises(ConfigError, match=r"feeds\[0\]\.\S+: \S+/pipe is not a regular file"):
        load(tmp_path / "feeds.yaml", {})


def test_a_proxy_with_its_password_may_lie_in_a_variable(tmp_path: Path) -> None:
    (tmp_path / "feeds.yaml").write_text(feed("proxy: {env: A_PROXY}"))
    (found,) = load(tmp_path / "feeds.yaml", {"A_PROXY": "http://me:hunter2@proxy.lan:3128"}).feeds
    assert found.proxy is not None
    assert found.proxy.read({"A_PROXY": "http://me:hunter2@proxy.lan:3128"}) == "http://me:hunter2@proxy.lan:3128"
    assert found.model_dump(mode="json", exclude_defaults=True)["proxy"] == {"env": "A_PROXY"}
    for held, said in (("http://me:hun/ter2@proxy.lan", "no http or https URL of a proxy"), (None, "is not set")):
        with pytest.raises(ConfigError, match=rf"feeds\[0\]\.proxy: .*{said}") as caught:
            load(tmp_path / "feeds.yaml", {} if held is None else {"A_PROXY": held})
        assert "ter2" not in str(caught.value)


def test_a_proxy_is_set_by_command_and_shown_without_its_password(tmp_path: Path) -> None:
    text, config = edited(tmp_path, proxy="http://me:hunter2@proxy.lan:3128")
    assert "    proxy: http://me:hunter2@proxy.lan:3128\n" in text
    assert config.feeds[0].model_dump(mode="json")["proxy"] == "http://proxy.lan:3128"
    assert "    proxy: {env: A_PROXY}\n" in edited(tmp_path, proxy={"env": "A_PROXY"})[0]
