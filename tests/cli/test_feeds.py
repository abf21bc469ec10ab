"""The feeds commands: over a real file, and where they fetch, a real server."""

import os
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar

import pytest

from aggregator.cli.feed_text import feed_shape
from aggregator.config import listed, load, parse
from aggregator.config.text import fingerprint
from aggregator.database import feeds as stored
from aggregator.database import taken_up
from aggregator.database.engine import FILE_NAME
from aggregator.database.feeds import Condition, Poll, Subscription
from aggregator.database.store import open_store
from aggregator.model import Validators
from aggregator.pipeline.subscribing import subscribe
from aggregator.scheduling.state import FeedState, Health, HostPause, Move, dumped, standing
from tests.cli.running import Here

TEXT = """\
feeds:
  # home
  - https://a.example/rss  # best
  - {url: "https://ana:secret@b.example/rss?token=hidden", name: Bee, tags: [x]}
outlets:
  a.example: A
"""

FEED = b"""<rss version="2.0"><channel><title>The Paper</title><link>http://x.example</link>
<item><title>One</title><link>http://x.example/1</link><guid>1</guid></item></channel></rss>"""
PAGE = b"""<title>home</title><link rel="alternate" type="application/rss+xml" href="/broken">
<link rel="alternate" type="application/rss+xml" href="/rss"><link rel="alternate" type="application/rss+xml"
href="/other">"""


@pytest.fixture
def here(here: Here) -> Here:
    here.config.write_text(TEXT)
    return here


PAGES = {"/rss": FEED, "/other": FEED, "/": PAGE, "/plain": b"<title>no feeds</title>", "/broken": b"<html>"}


class Site(BaseHTTPRequestHandler):
    asked: ClassVar[list[str]] = []

    def do_GET(self) -> None:
        self.asked.append(self.path)
        target = "/rss" if self.path == "/moved" else self.path
        body = PAGES.get(target)
        self.send_response(301 if self.path == "/moved" else 200 if body else 404)
        if self.path == "/moved":
            self.send_header("Location", target)
        self.send_header("Content-Length", str(len(body or b"")))
        self.end_headers()
        self.wfile.write(body or b"")

    def log_message(self, *_: object) -> None:
        """Stay quiet."""


@pytest.fixture
def site(here: Here) -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Site) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        here.config.write_text(f'{TEXT}polling: {{allow: ["127.0.0.1:{server.server_port}"]}}\n')
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def urls(here: Here) -> list[str]:
    return [feed.url for feed in load(here.config).feeds]


def test_add_writes_the_feed_of_a_url(here: Here, site: str) -> None:
    ran = here.run("feeds", "add", f"{site}/rss", "--name", "Paper", "--tag", "x", "--every", "1h")
    assert (ran.code, ran.err) == (0, "")
    assert "The Paper, 1 entries" in ran.out
    feed = load(here.config).feeds[-1]
    assert (feed.url, feed.name, feed.tags) == (f"{site}/rss", "Paper", ("x",))
    assert "  # home\n  - https://a.example/rss  # best\n" in here.config.read_text()


def test_adding_a_feed_and_polling_it_for_the_first_time_cost_one_request(here: Here, site: str) -> None:
    Site.asked.clear()
    assert here.run("feeds", "add", f"{site}/moved").code == 0
    for feed in ("https://a.example/rss", "Bee"):
        here.run("feeds", "remove", feed)
    assert "0 feeds polled" in here.run("poll").out
    assert "subscribed already" in here.run("feeds", "add", f"{site}/rss").err
    assert Site.asked == ["/moved", "/rss"]
    (feed,) = here.run("feeds", "list", "--json").json["feeds"]
    assert (feed["url"], feed["state"], feed["entries"]) == (f"{site}/rss", "fine", 1)
    assert here.run("status", "--json").json


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may give a folder to another user")
def test_root_makes_no_database_in_a_folder_that_is_another_users(here: Here, site: str) -> None:
    store = here.folder / "store"
    store.mkdir(exist_ok=True)
    os.chown(store, 12345, -1)
    assert here.run("feeds", "add", f"{site}/rss").code == 0
    assert list(store.iterdir()) == []


def test_add_finds_the_first_readable_feed_that_a_page_names(here: Here, site: str) -> None:
    told = here.run("feeds", "add", f"{site}/", "--json").json
    assert told["added"] == {"url": f"{site}/rss", "title": "The Paper", "entries": 1}
    assert told["others"] == [f"{site}/broken", f"{site}/other"]
    assert urls(here)[-1] == f"{site}/rss"


def test_add_writes_where_a_permanent_redirect_leads(here: Here, site: str) -> None:
    assert here.run("feeds", "add", f"{site}/moved").code == 0
    assert urls(here)[-1] == f"{site}/rss"


@pytest.mark.parametrize(
    ("target", "message"),
    [("/plain", "names none; perhaps it is at"), ("/none", "404"), (":1/rss", "polling.allow")],
)
def test_add_says_why_there_is_no_feed(here: Here, site: str, target: str, message: str) -> None:
    url = f"{site}{target}" if target.startswith("/") else f"http://127.0.0.1{target}"
    ran = here.run("feeds", "add", url)
    assert ran.code == 1
    assert message in ran.err
    assert len(urls(here)) == 2


def test_a_feed_behind_the_guard_prints_the_line_that_lets_it_through(here: Here) -> None:
    ran = here.run("feeds", "add", "http://10.1.2.3:8080/rss")
    assert ran.code == 1
    assert 'add this line under polling.allow: - "10.1.2.3:8080"' in ran.err


def test_add_can_do_without_looking(here: Here) -> None:
    assert here.run("feeds", "add", "https://c.example/rss", "--unseen", "--language", "id").code == 0
    assert urls(here)[-1] == "https://c.example/rss"
    assert here.run("feeds", "add", "http://www.c.example/rss/", "--unseen").code == 1


def test_remove_takes_a_name_or_a_url(here: Here) -> None:
    ran = here.run("feeds", "remove", "bee")
    assert ran.code == 0
    assert "secret" not in ran.out
    assert here.run("feeds", "remove", "https://a.example/rss", "--json").json["removed"]["url"] == urls_of(TEXT)
    assert urls(here) == []
    assert "# best" in here.config.read_text()


def urls_of(text: str) -> str:
    return text.splitlines()[2].split()[1]


def test_an_unknown_feed_is_not_found_and_close_ones_are_named(here: Here) -> None:
    for words in (("remove", "https://a.example/rs"), ("set", "https://a.example/rs", "name=x"), ("show", "Be")):
        ran = here.run("feeds", *words)
        assert ran.code == 3, words
        assert "did you mean" in ran.err, words


def test_set_changes_and_unsets_keys(here: Here) -> None:
    assert here.run("feeds", "set", "Bee", "every=30m", "tags=a, b", "name=").code == 0
    feed = load(here.config).feeds[1]
    assert (feed.name, feed.tags) == (None, ("a", "b"))
    assert here.run("feeds", "set", "https://a.example/rss", "evry=5m").code == 1
    assert here.run("feeds", "set", "https://a.example/rss", "every").code == 2


def test_what_is_exported_is_imported_again(here: Here, tmp_path: Path) -> None:
    file = tmp_path / "feeds.opml"
    assert here.run("feeds", "export", str(file)).code == 0
    assert "secret" not in file.read_text()
    assert 'xmlUrl="https://a.example/rss"' in here.run("feeds", "export").out
    here.config.write_text("feeds:\n  - https://a.example/rss\n")
    told = here.run("feeds", "import", str(file), "--json").json
    assert [feed["url"] for feed in told["known"]] == ["https://a.example/rss"]
    assert [feed["name"] for feed in told["added"]] == ["Bee"]
    assert load(here.config).feeds[1].tags == ("x",)


def test_list_works_before_the_first_poll(here: Here) -> None:
    lines = here.run("feeds", "list").out.splitlines()
    assert lines[1].split("\t")[:4] == ["", "new", "https://a.example/rss", "A"]
    assert lines[-1] == "2 feeds"


def test_list_and_show_tell_what_the_store_knows(here: Here) -> None:
    now = datetime.now(UTC)
    database = open_store(here.folder / "store", now)
    bee = "https://ana:secret@b.example/rss?token=hidden"
    with database.write() as connection:
        stored.subscribe(connection, [Subscription(url="https://a.example/rss"), Subscription(url=bee)], now)
        known = stored.by_url(connection, bee)
        assert known is not None
        stored.save_title(connection, known, "Bees \x1b[31mred", None)
        stored.add_poll(connection, known.id, Poll(at=now, outcome="status", status=500, reason="500 Oops"))
    database.close()
    told = here.run("feeds", "list", "--json").json
    assert [(feed["id"], feed["name"]) for feed in told["feeds"]] == [(1, None), (2, "Bee")]
    for words in (("2",), ("Bee",), (bee,)):
        shown = here.run("feeds", "show", *words)
        assert "500 Oops" in shown.out, words
        assert "\x1b" not in shown.out
        assert "secret" not in shown.out
        assert "hidden" not in shown.out
    polls = here.run("feeds", "show", "2", "--json").json["polls"]
    assert [(poll["status"], poll["reason"]) for poll in polls] == [(500, "500 Oops")]
    assert here.run("feeds", "remove", "2").code == 0
    assert urls(here) == ["https://a.example/rss"]


def with_states(here: Here, *states: dict[str, Any]) -> None:
    """Have the store know the feeds in these states, as many as there are."""
    now = datetime.now(UTC)
    urls = [f"https://{number}.example/rss" for number in range(1, len(states) + 1)]
    here.config.write_text("feeds:\n" + "".join(f"  - {url}\n" for url in urls) + "server: {port: 0}\n")
    database = open_store(here.folder / "store", now)
    with database.write() as connection:
        stored.subscribe(connection, [Subscription(url=url) for url in urls], now)
        for number, (url, more) in enumerate(zip(urls, states, strict=True), start=1):
            stored.save_state(connection, FeedState(**({"feed": number, "url": url, "last_success": now} | more)))
    database.close()


def test_lists_status_and_doctor_count_the_same_feeds_as_in_trouble(here: Here) -> None:
    with_states(here, *({"health": health, "reason": f"is {health}"} for health in Health))
    listed_ = here.run("feeds", "list").out
    failing = here.run("feeds", "list", "--failing", "--json").json["feeds"]
    assert [feed["state"] for feed in failing] == ["failing", "blocked", "gone", "disabled"]
    assert "8 feeds, 4 in trouble" in listed_
    assert "4 in trouble" in here.run("status").out
    assert here.run("status", "--json").json["failing"] == 4
    assert "8, 4 of them in trouble" in here.run("doctor").out


def test_show_says_how_a_feed_is_asked_without_its_secrets(here: Here) -> None:
    auth = "auth: {user: ana, password_env: PASSWORD}, proxy: 'http://u:very-secret@p.lan:1'"
    said = f"tags: [x], cluster: off, user_agent: Reader, headers: {{X-Key: very-secret}}, {auth}"
    here.config.write_text(TEXT.replace("tags: [x]", said).replace("ana:secret@", "") + "server: {port: 0}\n")
    lines = dict(line.split(maxsplit=1) for line in here.run("feeds", "show", "Bee").out.splitlines() if " " in line)
    told = here.run("feeds", "show", "Bee", "--json")
    checked = here.run("config", "check", env={"PASSWORD": "very-secret"}).out
    assert (lines["cluster"], lines["headers"]) == ("off", "X-Key ***")
    assert lines["auth"] == "user ana, password_env PASSWORD"
    assert told.json["feed"]["settings"]["auth"] == {"user": "ana", "password_env": "PASSWORD"}
    assert "cluster: off; user_agent: Reader; headers: X-Key ***" in checked
    assert "very-secret" not in told.out + checked + str(lines)


def test_show_says_what_is_held_where_a_feed_is_moving_and_since_when_it_fails(here: Here) -> None:
    now = datetime.now(UTC)
    url, new = "https://1.example/rss", "https://1.example/new?token=abc"
    held, move = Validators(url=url, etag='"1"', last_modified="x"), Move(target=new, first_seen=now)
    since = now - timedelta(days=64)
    failing = {
        "health": Health.FAILING,
        "errors": 41,
        "failing_since": since,
        "last_success": since - timedelta(hours=1),
    }
    with_states(here, {"validators": held, "move": move}, failing)
    first, second = (here.run("feeds", "show", feed).out for feed in ("1", "2"))
    assert "validators     ETag, Last-Modified\n" in first
    assert "https://1.example/new?token=***, 1 of 5 sightings since" in first
    assert "remedy" not in first
    assert "it has failed for 64 days" in second
    assert "`aggregator feeds set 2 url=...`" in second
    told = here.run("feeds", "show", "1", "--json").json["feed"]
    assert (told["validators"], told["moving_to"]["sightings"]) == (["ETag", "Last-Modified"], 1)


def test_a_feed_that_breaks_off_for_weeks_and_brings_entries_is_not_to_be_removed(here: Here) -> None:
    now = datetime.now(UTC)
    breaks_off = {"health": Health.FAILING, "errors": 1, "failing_since": now - timedelta(days=64), "last_success": now}
    with_states(here, breaks_off)
    assert "remedy" not in here.run("feeds", "show", "1").out


def test_show_says_that_a_server_does_not_heed_its_own_validators(here: Here) -> None:
    now = datetime.now(UTC)
    with_states(here, {"validators": Validators(url="https://1.example/rss", etag='"1"')})
    database = open_store(here.folder / "store", now)
    for status, yet in ((200, True), (304, False)):
        with database.write() as connection:
            for _ in range(5 if status == 200 else 1):
                stored.add_poll(connection, 1, Poll(at=now, outcome="nothing new", status=status))
        told = "yet 5 of the last 5 answers came whole with nothing new, and none was 304"
        assert (told in here.run("feeds", "show", "1").out) is yet
    database.close()


LISTS = tuple(
    tuple(line.split())
    for line in ("list", "list --json", "show 2", "show Bee --json", "show http://www.a.example/rss/", "show Wasp")
)


def take_up(here: Here) -> None:
    """Have the store take up the configuration, as the daemon and `aggregator poll` do."""
    now = datetime.now(UTC)
    database = open_store(here.folder / "store", now)
    with database.write() as connection:
        subscribe(connection, load(here.config), now)
    database.close()


def test_lists_show_the_same_of_a_configuration_that_was_taken_up(here: Here) -> None:
    said = "tags: [x, y], language: pt-BR, every: 90s, outlet: The Bee, headers: {X-Key: very-secret}"
    text = TEXT.replace("tags: [x]", said).replace("a.example: A", "a.example: {name: A, family: Group}")
    here.config.write_text(text)
    take_up(here)
    kept = [here.run("feeds", *words) for words in LISTS]
    here.config.write_text(f"{text}# read anew\n")
    assert [here.run("feeds", *words) for words in LISTS] == kept
    assert [ran.code for ran in kept] == [0, 0, 0, 0, 0, 3]
    assert b"very-secret" not in b"".join(path.read_bytes() for path in (here.folder / "store").glob(f"{FILE_NAME}*"))


def test_adding_a_feed_and_polling_take_the_configuration_up(here: Here, site: str) -> None:
    def is_kept() -> bool:
        database = open_store(here.folder / "store", datetime.now(UTC))
        with database.read() as connection:
            kept = taken_up.kept(connection, fingerprint(here.config.read_text()))
        database.close()
        assert kept in (None, listed(load(here.config)))
        return kept is not None

    here.config.write_text(here.config.read_text().replace(TEXT, ""))
    assert not is_kept()
    assert here.run("feeds", "add", f"{site}/rss").code == 0
    assert is_kept()
    assert here.run("feeds", "set", f"{site}/rss", "name=Paper").code == 0
    assert not is_kept()
    assert here.run("poll").code == 0
    assert is_kept()


def test_what_was_edited_since_it_was_taken_up_is_shown_at_once(here: Here) -> None:
    take_up(here)
    here.config.write_text(TEXT.replace("name: Bee", "name: Wasp"))
    assert here.run("feeds", "list", "--json").json["feeds"][1]["name"] == "Wasp"
    assert here.run("feeds", "show", "Bee").code == 3
    here.config.write_text(TEXT.replace("name: Bee", "nome: Wasp"))
    ran = here.run("feeds", "list")
    assert (ran.code, ran.out) == (1, "")
    assert "feeds.yaml:4:" in ran.err
    assert "nome" in ran.err
    here.config.unlink()
    assert "no such file" in here.run("feeds", "show", "1").err


def test_a_list_writes_nothing(here: Here) -> None:
    take_up(here)
    here.config.write_text(f"{TEXT}# edited\n")
    files = {path: path.read_bytes() for path in here.folder.rglob("*") if path.is_file()}
    assert here.run("feeds", "list").code == 0
    assert here.run("feeds", "show", "1").code == 0
    now = {path: path.read_bytes() for path in here.folder.rglob("*") if path.is_file()}
    assert now[here.folder / "store" / FILE_NAME] == files[here.folder / "store" / FILE_NAME]
    assert now.keys() <= files.keys() | {here.folder / "store" / f"{FILE_NAME}{end}" for end in ("-wal", "-shm")}


def test_check_says_how_feeds_are_and_fails_for_one_that_cannot_be_read(here: Here, site: str) -> None:
    assert here.run("feeds", "check", f"{site}/rss").code == 0
    ran = here.run("feeds", "check", f"{site}/rss", f"{site}/plain", f"{site}/moved")
    assert ran.code == 1
    assert f"{site}/plain  CANNOT BE READ" in ran.out
    assert "! validators   neither ETag nor Last-Modified" in ran.out
    assert "! redirect     301 to" in ran.out
    assert "1 of 3 feeds cannot be read" in ran.out
    told = here.run("feeds", "check", f"{site}/rss", "--json").json
    assert {"about": "dates", "fault": True, "text": "0 of 1 have one"} in told["feeds"][0]["findings"]


def rested(here: Here, url: str, **known: Any) -> datetime:
    """Have the store know something of a feed; gives the present."""
    now = datetime.now(UTC)
    database = open_store(here.folder / "store", now)
    with database.write() as connection:
        stored.subscribe(connection, [Subscription(url=url)], now)
        feed = stored.by_url(connection, url)
        assert feed is not None
        stored.save_state(connection, replace(feed.state, **known))
    database.close()
    return now


def test_check_does_not_ask_a_server_that_wants_to_be_left_alone(here: Here, site: str) -> None:
    rested(here, f"{site}/rss", not_before=datetime.now(UTC) + timedelta(hours=5))
    ran = here.run("feeds", "check", f"{site}/rss")
    assert ran.code == 1
    assert "not asked: its server wants to be left alone until" in ran.out


def test_a_host_that_asked_for_a_pause_is_asked_for_no_other_feed_either(here: Here, site: str) -> None:
    host = site.removeprefix("http://")
    until = (datetime.now(UTC) + timedelta(hours=6)).replace(second=30)
    rested(here, f"{site}/other", pause=HostPause(host=host, until=until))
    Site.asked.clear()
    checked, added = here.run("feeds", "check", f"{site}/rss"), here.run("feeds", "add", f"{site}/rss")
    assert (checked.code, added.code) == (1, 1)
    for said in (checked.out, added.err):
        assert f"its host wants to be left alone until {until:%Y-%m-%d %H:%M} UTC" in " ".join(said.split())
    assert Site.asked == []
    assert len(urls(here)) == 2


def test_retry_has_a_blocked_or_disabled_feed_asked_again(here: Here) -> None:
    url = "https://a.example/rss"
    assert "asked within seconds" in here.run("feeds", "retry", url).out  # never asked yet
    long_ago = datetime.now(UTC) - timedelta(days=1)
    now = rested(here, url, health=Health.DISABLED, last_attempt=long_ago)
    assert "asked within seconds" in here.run("feeds", "retry", url).out
    told = here.run("feeds", "show", url, "--json").json["feed"]
    assert (told["state"], told["why"]) == ("failing", "a person wants it asked")
    rested(here, url, last_attempt=now)
    assert "is asked in 15m: it was asked just now" in here.run("feeds", "retry", url).out
    rested(here, url, not_before=now + timedelta(hours=5))
    assert "is asked in 5h: its server asked for that" in here.run("feeds", "retry", "1").out
    assert here.run("feeds", "retry", "https://nowhere.example/").code == 3


def test_check_takes_a_feed_by_its_name(here: Here, site: str) -> None:
    here.run("feeds", "add", f"{site}/rss", "--name", "Paper")
    assert here.run("feeds", "check", "Paper").out.startswith("Paper\n")
    assert here.run("feeds", "check", "Papre").code == 3


def test_a_configuration_with_mistakes_is_never_changed(here: Here) -> None:
    here.config.write_text(TEXT + "poling: {}\n")
    for words in (("add", "https://c.example", "--unseen"), ("remove", "Bee"), ("set", "Bee", "name=x"), ("list",)):
        ran = here.run("feeds", *words)
        assert ran.code == 1, words
        assert "did you mean 'polling'" in ran.err, words
    assert here.config.read_text() == TEXT + "poling: {}\n"


@pytest.mark.parametrize(
    ("seconds", "told"), [(6256, "1h44m"), (900, "15m"), (90, "1m30s"), (599, "9m59s"), (629, "10m"), (86_400, "24h")]
)
def test_an_interval_is_told_to_the_minute_and_a_short_one_as_it_is(seconds: int, told: str) -> None:
    state = FeedState(feed=1, url="http://a.example/", interval=timedelta(seconds=seconds))
    feed = listed(parse("feeds: [http://a.example/]", "feeds.yaml")).feeds[0]
    known = Condition(id=1, url=feed.url, title="", label="", subscribed=True, state=standing(dumped(state)))
    assert feed_shape(feed, known)["interval"] == told
