"""Keys of single feeds, set and checked by command."""

import pytest

from tests.cli.running import Here

URL = "https://a.example/rss"


@pytest.fixture
def one(here: Here) -> Here:
    here.config.write_text(f"feeds:\n  - {URL}\n")
    return here


def test_access_is_set_by_command_and_secrets_are_not_printed(one: Here) -> None:
    ran = one.run("feeds", "set", URL, "user_agent=Desk/1", "cluster=off", "headers={X-Key: hunter2}")
    assert ran.code == 0, ran.err
    assert "hunter2" not in ran.out
    ran = one.run("feeds", "set", URL, "auth={user: ana, password_env: A_PASSWORD}", "--json")
    assert ran.json["feed"]["auth"] == {"user": "ana", "password_env": "A_PASSWORD"}
    assert one.config.read_text() == (
        f"feeds:\n  - url: {URL}\n    user_agent: Desk/1\n    cluster: off\n    headers: {{X-Key: hunter2}}\n"
        "    auth: {user: ana, password_env: A_PASSWORD}\n"
    )


@pytest.mark.parametrize(
    ("pair", "said"),
    [
        ("auth={user: ana}", "auth: has no secret"),
        ("auth={user: [}", "auth"),
        ("headers={X-Key:k}", "headers: names a header without a value"),
        ("headers={Host: b.example}", "would break the request"),
        ("user_agent=a\nb", "cannot be sent in a header"),
        ("cluster=maybe", "allowed: on, off"),
    ],
)
def test_what_would_break_is_refused_and_nothing_is_written(one: Here, pair: str, said: str) -> None:
    before = one.config.read_text()
    ran = one.run("feeds", "set", URL, pair)
    assert ran.code in (1, 2)
    assert said in ran.err
    assert one.config.read_text() == before


def test_a_missing_secret_is_a_mistake_where_servers_are_asked_and_lists_do_without(one: Here) -> None:
    one.config.write_text(f"feeds:\n  - url: {URL}\n    auth: {{token_env: NO_SUCH_TOKEN}}\n")
    assert one.run("feeds", "list").code == 0
    for words in (("config", "check"), ("poll",), ("feeds", "check"), ("run",)):
        ran = one.run(*words)
        assert ran.code == 1, words
        assert "feeds.yaml:3:5: feeds[0].auth: the variable NO_SUCH_TOKEN is not set" in ran.err, words
    assert "NO_SUCH_TOKEN is not set" in one.run("doctor").out


def test_setting_what_is_not_there_says_so(one: Here) -> None:
    ran = one.run("feeds", "set", URL, "auth={user: ana, password_env: NO_SUCH_PASSWORD}", "tags=a,b")
    assert ran.code == 0
    told, caution = ran.out.splitlines()
    assert told == f"url: {URL}, tags: [a, b], auth: {{user: ana, password_env: NO_SUCH_PASSWORD}}"
    assert caution.startswith("auth: the variable NO_SUCH_PASSWORD is not set")
    assert "refuse feeds.yaml" in caution


def test_what_is_set_is_told_as_it_is_written(one: Here) -> None:
    ran = one.run("feeds", "set", URL, "headers={X-Key: hunter2, X-Other: {file: /etc/passwd}}")
    assert ran.out.splitlines()[0] == f"url: {URL}, headers: {{X-Key: ***, X-Other: {{file: /etc/passwd}}}}"


def test_secrets_that_go_to_another_server_are_told_of(one: Here) -> None:
    assert "from now on" not in one.run("feeds", "set", URL, "headers={X-Key: hunter2}").out
    assert "from now on" not in one.run("feeds", "set", URL, "url=https://a.example/new").out
    ran = one.run("feeds", "set", "https://a.example/new", "url=https://b.example/rss", "--json")
    assert ran.json["cautions"] == ["its headers are sent to b.example from now on; `headers=` takes them away"]


def test_one_feed_is_checked_without_the_secrets_of_others(one: Here) -> None:
    one.config.write_text(f"feeds:\n  - url: {URL}\n    auth: {{token_env: NO_SUCH_TOKEN}}\n  - http://10.0.0.1/rss\n")
    ran = one.run("feeds", "check", "http://10.0.0.1/rss")
    assert "NO_SUCH_TOKEN" not in ran.out + ran.err
    assert "10.0.0.1" in ran.out
    assert "NO_SUCH_TOKEN is not set" in one.run("feeds", "check", URL).err
