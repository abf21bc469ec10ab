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
