"""Feeds that want more than a URL, and feeds that are not clustered."""

import asyncio
import json
import logging
from base64 import b64encode
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import select

from aggregator import HOMEPAGE, __version__
from aggregator.config import Instance, load
from aggregator.database.tables import entries, evidence
from aggregator.errors import ConfigError
from aggregator.fetching.request import FetchRequest
from aggregator.pipeline.access import accesses
from tests.pipeline.newsstand import HOUR, START, Told, cycle, rss, serve, working, write_config
from tests.pipeline.test_pipeline import QUAKE, QUAKE_TOO, VOTE
from tests.server import Asked, Reply, Server, reply

PASSWORD, KEY = "hunter2", "k3y"


def configured(folder: Path, *feeds: str) -> Instance:
    lines = "".join(f"  - {feed}\n" for feed in feeds)
    instance = Instance(config=folder / "feeds.yaml", store=folder / "store")
    instance.config.write_text(f"polling: {{allow: [127.0.0.0/8]}}\nfeeds:\n{lines}", encoding="utf-8")
    return instance


async def test_a_feed_is_asked_with_what_its_configuration_says(
    tmp_path: Path, server: Server, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    monkeypatch.setenv("A_PASSWORD", PASSWORD)
    (tmp_path / "key").write_text(f"{KEY}\n")
    url = serve(server, "/a", QUAKE)
    more = (
        f"headers: {{X-Key: {{file: {tmp_path}/key}}, X-Client: desk}}, auth: {{user: ana, password_env: A_PASSWORD}}"
    )
    async with working(configured(tmp_path, f"{{url: '{url}', user_agent: Desk/1, {more}}}")) as pipeline:
        await cycle(pipeline, START)
    sent = server.asked[0].headers
    basic = "Basic " + b64encode(f"ana:{PASSWORD}".encode()).decode()
    assert (sent["user-agent"], sent["x-key"], sent["x-client"], sent["authorization"]) == (
        "Desk/1",
        KEY,
        "desk",
        basic,
    )
    kept = b"".join(path.read_bytes() for path in (tmp_path / "store").rglob("*") if path.is_file())
    for secret in (PASSWORD, KEY, basic.removeprefix("Basic ")):
        assert secret not in caplog.text
        assert secret.encode() not in kept


async def test_publishers_are_told_the_contact_unless_a_feed_has_an_agent_of_its_own(
    tmp_path: Path, server: Server
) -> None:
    feeds = (f"'{serve(server, '/a', QUAKE)}'", f"{{url: '{serve(server, '/b', VOTE)}', user_agent: Desk/1}}")
    instance = configured(tmp_path, *feeds)
    text = instance.config.read_text(encoding="utf-8")
    async with working(instance) as pipeline:
        await cycle(pipeline, START)
        instance.config.write_text(text.replace("{allow", "{contact: desk@news.example, allow"), encoding="utf-8")
        await pipeline.reconfigure(load(instance.config), START)
        await cycle(pipeline, START + HOUR)
    ours = f"aggregator/{__version__} (+{HOMEPAGE}"
    assert [asked.headers["user-agent"] for asked in server.asked if asked.target == "/a"] == [
        f"{ours})",
        f"{ours}; desk@news.example)",
    ]
    assert {asked.headers["user-agent"] for asked in server.asked if asked.target == "/b"} == {"Desk/1"}


async def test_a_token_is_sent_as_bearer_and_a_proxy_is_asked(
    tmp_path: Path, server: Server, other: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("A_TOKEN", KEY)
    monkeypatch.setenv("A_PROXY", f"http://{other.host}:{other.port}")
    target = server.url("/feed")
    serve(other, target, QUAKE)  # a proxy is asked for the whole URL
    feed = f"{{url: '{target}', auth: {{token_env: A_TOKEN}}, proxy: {{env: A_PROXY}}}}"
    async with working(configured(tmp_path, feed)) as pipeline:
        await cycle(pipeline, START)
    assert other.asked[0].headers["authorization"] == f"Bearer {KEY}"
    assert not server.asked


def repeating(name: str, asked: Asked) -> Reply:
    return reply(301, Location=f"/to/{asked.headers[name].replace(' ', '%20')}")


async def test_a_server_that_repeats_a_feeds_secrets_puts_none_into_the_store(
    tmp_path: Path, server: Server, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("A_KEY", "k3y-of-ours")
    monkeypatch.setenv("A_TOKEN", "t0ken-of-ours")
    for place, name in (("/a", "x-key"), ("/b", "x-secret"), ("/c", "authorization")):
        server.do(place, partial(repeating, name))
    more = "headers: {X-Key: {env: A_KEY}, X-Secret: k3y-of-ours}, auth: {token_env: A_TOKEN}"
    feeds = [f"{{url: '{server.url(place)}', {more}}}" for place in ("/a", "/b", "/c")]
    async with working(configured(tmp_path, *feeds)) as pipeline:
        await cycle(pipeline, START)
    kept = b"".join(path.read_bytes() for path in (tmp_path / "store").rglob("*") if path.is_file())
    assert b"repeats the feed" in kept
    assert b"-of-ours" not in kept
    assert "-of-ours" not in caplog.text


def test_a_feed_that_moved_to_another_origin_takes_no_secrets_along(tmp_path: Path) -> None:
    feed = "{url: 'https://a.example/rss', headers: {X-Key: k3y}, user_agent: Desk/1, auth: {token_env: A_TOKEN}}"
    access = accesses(load(configured(tmp_path, feed).config), {"A_TOKEN": "t"})["https://a.example/rss"]
    there = access.added_to(FetchRequest(url="https://a.example/new"))
    assert (there.headers, there.authorization) == ((("X-Key", KEY),), "Bearer t")
    elsewhere = access.added_to(FetchRequest(url="https://b.example/rss"))
    assert (elsewhere.headers, elsewhere.authorization, elsewhere.user_agent) == ((), None, "Desk/1")
    assert KEY not in repr(access)


async def test_a_reload_whose_secret_is_missing_changes_nothing(tmp_path: Path, server: Server) -> None:
    url = serve(server, "/a", QUAKE)
    async with working(configured(tmp_path, f"'{url}'")) as pipeline:
        before = pipeline.config
        changed = load(configured(tmp_path, f"{{url: '{url}', auth: {{token_env: NO_SUCH_TOKEN}}}}").config)
        with pytest.raises(ConfigError, match="NO_SUCH_TOKEN is not set"):
            await pipeline.reconfigure(changed, START)
        assert pipeline.config is before
        assert len(await pipeline.claim(START)) == 1


@pytest.mark.parametrize(
    ("answer", "key"),
    [
        (reply(401), "set the feed's auth"),
        (reply(403), "user_agent"),
        (reply(403, b"", Cf_Mitigated="challenge"), "proxy"),
        (reply(200, b"<html><title>Just a moment...</title></html>", Content_Type="text/html"), "proxy"),
    ],
)
async def test_a_blocked_feed_says_which_key_to_try(tmp_path: Path, server: Server, answer: object, key: str) -> None:
    url = server.on("/a", answer)  # type: ignore[arg-type]  # parametrised
    async with working(configured(tmp_path, f"'{url}'")) as pipeline:
        (report,) = await pipeline.poll(await pipeline.claim(START), START)
    assert report.state.health == "blocked"
    assert key in report.state.reason


async def test_a_feed_that_was_blocked_is_asked_again_once_it_has_its_password(
    tmp_path: Path, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("A_TOKEN", KEY)
    url, later = server.on("/a", reply(401)), START + HOUR
    async with working(configured(tmp_path, f"'{url}'")) as pipeline:
        await cycle(pipeline, START)
        await pipeline.reconfigure(pipeline.config, later)
        assert await pipeline.claim(later) == []
        serve(server, "/a", QUAKE)
        await pipeline.reconfigure(
            load(configured(tmp_path, f"{{url: '{url}', auth: {{token_env: A_TOKEN}}}}").config), later
        )
        (report,) = await pipeline.poll(await pipeline.claim(later), later)
    assert (report.state.health, report.poll.new) == ("fine", 1)


async def test_a_feed_that_gets_its_password_while_it_is_asked_without_is_asked_again(
    tmp_path: Path, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("A_TOKEN", KEY)
    asked, configured_anew = asyncio.Event(), asyncio.Event()

    async def answer(request: Asked) -> Reply:
        if "authorization" in request.headers:
            return Reply(200, body=rss([QUAKE]))
        asked.set()
        await configured_anew.wait()
        return Reply(401)

    url = server.do("/a", answer)
    async with working(configured(tmp_path, f"'{url}'")) as pipeline:
        poll = asyncio.create_task(pipeline.poll(await pipeline.claim(START), START))
        await asked.wait()
        changed = load(configured(tmp_path, f"{{url: '{url}', auth: {{token_env: A_TOKEN}}}}").config)
        await pipeline.reconfigure(changed, START)
        configured_anew.set()
        [without] = await poll
        assert without.poll.outcome == "blocked"
        later = START + changed.polling.minimum
        [report] = await pipeline.poll(await pipeline.claim(later), later)
    assert (report.state.health, report.poll.new) == ("fine", 1)


async def test_entries_of_a_feed_that_is_not_clustered_are_events_of_their_own(
    tmp_path: Path, server: Server, other: Server
) -> None:
    jobs, news = serve(server, "/jobs", QUAKE), serve(other, "/news", QUAKE_TOO)
    instance = configured(
        tmp_path, f"{{url: '{jobs}', cluster: off, outlet: Jobs}}", f"{{url: '{news}', outlet: News}}"
    )
    async with working(instance) as pipeline:
        await cycle(pipeline, START)
        serve(server, "/jobs", QUAKE, Told("again", QUAKE.title, QUAKE.summary))
        serve(other, "/news", QUAKE_TOO, VOTE, Told("third", QUAKE_TOO.title, QUAKE_TOO.summary))
        await cycle(pipeline, START + HOUR)
        with pipeline.database.read() as connection:
            rows = connection.execute(select(entries.c.outlet, entries.c.event_id).order_by(entries.c.id)).all()
            reasons = set(connection.scalars(select(evidence.c.reason).join(entries).where(entries.c.outlet == "Jobs")))
    alone = [event for outlet, event in rows if outlet == "Jobs"]
    grouped = [event for outlet, event in rows if outlet == "News"]
    assert len(set(alone)) == len(alone) == 2
    assert set(alone).isdisjoint(grouped)
    assert len(set(grouped)) == 2  # the quake twice, and the vote
    assert reasons == {"founded"}
    singles = json.loads((tmp_path / "store/feeds/singles.json").read_text())["items"]
    assert [one["title"] for one in singles].count(QUAKE.title) >= 1


async def test_event_numbers_go_on_over_a_restart_of_a_feed_that_is_not_clustered(
    tmp_path: Path, server: Server
) -> None:
    instance = configured(tmp_path, f"{{url: '{serve(server, '/a', QUAKE)}', cluster: off}}")
    for hour, told in enumerate((QUAKE, QUAKE_TOO, VOTE)):
        serve(server, "/a", told)
        async with working(instance, START + hour * HOUR) as pipeline:
            await cycle(pipeline, START + hour * HOUR)
            with pipeline.database.read() as connection:
                events = list(connection.scalars(select(entries.c.event_id).order_by(entries.c.id)))
    assert events == [1, 2, 3]


async def test_an_edit_of_an_entry_that_is_not_clustered_is_taken_up(tmp_path: Path, server: Server) -> None:
    instance = configured(tmp_path, f"{{url: '{serve(server, '/a', QUAKE)}', cluster: off}}")
    async with working(instance) as pipeline:
        await cycle(pipeline, START)
        serve(server, "/a", Told("quake", "Earthquake: what is known", QUAKE.summary))
        await cycle(pipeline, START + HOUR)
        assert (await pipeline.settle(START + HOUR)).batches == ()
        with pipeline.database.read() as connection:
            assert connection.execute(select(entries.c.title, entries.c.event_id)).all() == [
                ("Earthquake: what is known", 1)
            ]


def test_a_feed_without_keys_of_its_own_is_asked_as_ever(tmp_path: Path) -> None:
    assert accesses(load(write_config(tmp_path, [("A", "https://a.example/")]).config), {}) == {}
