"""The way of an entry, from a server's answer to a published feed."""

import asyncio
import json
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, text

from aggregator.config import load
from aggregator.database import decisions, events, feeds
from aggregator.database.tables import entries, records, revisions
from aggregator.errors import ParserDown, StoreError
from aggregator.parsing import limits
from aggregator.pipeline.pipeline import Pipeline
from tests.pipeline.newsstand import HOUR, START, Told, cycle, rss, serve, working, write_config
from tests.server import Reply, Server

QUAKE = Told(
    "quake",
    "Earthquake of magnitude 7.1 strikes Luzon",
    "A strong earthquake struck northern Luzon near Vigan on Sunday.",
)
QUAKE_TOO = Told(
    "quake2",
    "Magnitude 7.1 earthquake hits Luzon near Vigan",
    "Northern Luzon near Vigan was struck by a strong earthquake.",
)
VOTE = Told(
    "vote", "Parliament votes on pension reform in Ljubljana", "Deputies passed the pension bill after a long night."
)


def stored(pipeline: Pipeline, *columns: object) -> list[tuple[object, ...]]:
    with pipeline.database.read() as connection:
        return [tuple(row) for row in connection.execute(select(*columns).order_by(entries.c.id))]


async def test_reports_of_two_outlets_become_one_event_in_the_combined_feed(
    tmp_path: Path, server: Server, other: Server
) -> None:
    urls = [("Daily Planet", serve(server, "/a", QUAKE, VOTE)), ("Morning Star", serve(other, "/b", QUAKE_TOO))]
    async with working(write_config(tmp_path, urls)) as pipeline:
        await cycle(pipeline, START)
        with pipeline.database.read() as connection:
            found = events.listed(connection, events.Filter(min_sources=2))
    assert [sorted(source.outlet for source in event.sources) for event in found] == [["Daily Planet", "Morning Star"]]
    published = json.loads((tmp_path / "store/feeds/events.json").read_text())
    assert len(published["items"]) == 1
    both = json.loads((tmp_path / "store/feeds/all.json").read_text())
    assert len(both["items"]) == 2


async def test_every_entry_is_in_events_or_singles(tmp_path: Path, server: Server, other: Server) -> None:
    urls = [("A", serve(server, "/a", QUAKE, VOTE)), ("B", serve(other, "/b", QUAKE_TOO))]
    async with working(write_config(tmp_path, urls)) as pipeline:
        await cycle(pipeline, START)
    told = [
        source["url"]
        for name in ("events", "singles")
        for one in json.loads((tmp_path / f"store/feeds/{name}.json").read_text())["items"]
        for source in one["_events"]["sources"]
    ]
    assert sorted(told) == [f"http://news.example/{one.guid}" for one in (QUAKE, QUAKE_TOO, VOTE)]


async def test_an_unchanged_feed_brings_nothing_twice(tmp_path: Path, server: Server) -> None:
    url = serve(server, "/a", QUAKE, VOTE)
    async with working(write_config(tmp_path, [("A", url)])) as pipeline:
        for hour in range(4):
            await cycle(pipeline, START + hour * HOUR)
        assert len(stored(pipeline, entries.c.id)) == 2
    assert len(server.asked) == 4


async def test_a_feed_is_asked_again_with_the_validator_it_gave(tmp_path: Path, server: Server) -> None:
    url = serve(server, "/a", QUAKE, etag='W/"odd\\tag"')
    async with working(write_config(tmp_path, [("A", url)])) as pipeline:
        await cycle(pipeline, START)
        await cycle(pipeline, START + HOUR)
    assert [asked.headers.get("if-none-match") for asked in server.asked] == [None, 'W/"odd\\tag"']


async def test_an_edit_keeps_what_was_said_before_as_a_revision(tmp_path: Path, server: Server) -> None:
    url = serve(server, "/a", QUAKE)
    async with working(write_config(tmp_path, [("A", url)])) as pipeline:
        await cycle(pipeline, START)
        serve(server, "/a", Told("quake", "Earthquake of magnitude 6.9 strikes Luzon", QUAKE.summary))
        await cycle(pipeline, START + HOUR)
        assert stored(pipeline, entries.c.title, entries.c.revision) == [
            ("Earthquake of magnitude 6.9 strikes Luzon", 1)
        ]
        with pipeline.database.read() as connection:
            before = connection.execute(select(revisions.c.title, revisions.c.pending)).all()
    assert [tuple(row) for row in before] == [(QUAKE.title, False)]


async def test_a_document_of_too_much_text_is_shortened_once_and_not_edited_for_ever(
    tmp_path: Path, server: Server
) -> None:
    long = [Told(str(number), f"Report {number}", f"{number} " * 8000) for number in range(100)]
    url = serve(server, "/a", *long)
    async with working(write_config(tmp_path, [("A", url)])) as pipeline:
        await pipeline.poll(await pipeline.claim(START), START)
        told = stored(pipeline, entries.c.title, entries.c.summary)
        assert {title for title, _ in told} == {one.title for one in long}
        assert 1_900_000 < sum(len(str(summary)) for _, summary in told) <= limits.TEXT
        serve(server, "/a", QUAKE, *long)
        await pipeline.poll(await pipeline.claim(START + HOUR), START + HOUR)
        assert stored(pipeline, entries.c.summary, entries.c.revision)[-1] == (QUAKE.summary, 0)
        assert stored(pipeline, entries.c.title, entries.c.summary)[:-1] == told


async def test_a_parser_that_cannot_be_started_is_no_error_of_a_feed(
    tmp_path: Path, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = serve(server, "/a", QUAKE)
    async with working(write_config(tmp_path, [("A", url)])) as pipeline:
        await pipeline.poll(await pipeline.claim(START), START)
        serve(server, "/a", QUAKE, VOTE)
        await pipeline.parser.close()
        with monkeypatch.context() as replaced:
            replaced.setattr(sys, "executable", "/nonexistent/python")
            await pipeline.parser.start()
            with pytest.raises(ParserDown, match="cannot be started"):
                await pipeline.poll(await pipeline.claim(START + HOUR), START + HOUR)
            await pipeline.parser.close()
        with pipeline.database.read() as connection:
            (feed,) = feeds.all_feeds(connection)
        assert (feed.state.errors, feed.state.reason) == (0, "")
        await pipeline.parser.start()
        await pipeline.poll(await pipeline.claim(START + 2 * HOUR), START + 2 * HOUR)
        assert len(stored(pipeline, entries.c.id)) == 2


async def test_one_bad_feed_costs_no_other_feed_anything(tmp_path: Path, server: Server, other: Server) -> None:
    good = serve(server, "/good", QUAKE)
    bad = other.on(
        "/bad", Reply(200, (("Content-Type", "text/html"),), b"<!doctype html><title>Welcome</title><p>Hello")
    )
    async with working(write_config(tmp_path, [("Good", good), ("Bad", bad)])) as pipeline:
        await cycle(pipeline, START)
        with pipeline.database.read() as connection:
            states = {feed.outlet: feed.state for feed in feeds.all_feeds(connection)}
        assert len(stored(pipeline, entries.c.id)) == 1
    assert states["Good"].health == "fine"
    assert states["Bad"].health == "failing"
    assert "HTML" in states["Bad"].reason


async def test_a_document_that_breaks_off_is_stored_as_far_as_it_goes_and_asked_for_again(
    tmp_path: Path, server: Server
) -> None:
    url = serve(server, "/a", QUAKE, VOTE, etag='"half"')
    (answer,) = server.pages["/a"]  # type: ignore[misc]
    half = answer.body[: answer.body.index(b"<title>Parliament") + 5]
    server.on("/a", Reply(200, answer.headers, half))
    async with working(write_config(tmp_path, [("A", url)])) as pipeline:
        await cycle(pipeline, START)
        assert stored(pipeline, entries.c.title) == [(QUAKE.title,)]
        with pipeline.database.read() as connection:
            assert feeds.all_feeds(connection)[0].state.health == "failing"
        serve(server, "/a", QUAKE, VOTE, etag='"whole"')
        await cycle(pipeline, START + 6 * HOUR)
        assert len(stored(pipeline, entries.c.id)) == 2
    assert [asked.headers.get("if-none-match") for asked in server.asked] == [None, None]


async def test_a_feed_is_not_asked_again_before_its_minimum_even_after_a_crash(tmp_path: Path, server: Server) -> None:
    instance = write_config(tmp_path, [("A", serve(server, "/a", QUAKE))])
    async with working(instance) as pipeline:
        assert len(await pipeline.claim(START)) == 1  # and then the process dies
    async with working(instance, START + timedelta(minutes=5)) as pipeline:
        assert await pipeline.claim(START + timedelta(minutes=5)) == []
        assert len(await pipeline.claim(START + timedelta(minutes=16))) == 1


async def test_entries_stored_before_a_crash_are_clustered_after_it(tmp_path: Path, server: Server) -> None:
    instance = write_config(tmp_path, [("A", serve(server, "/a", QUAKE, VOTE))])
    async with working(instance) as pipeline:
        await pipeline.poll(await pipeline.claim(START), START)
        assert await pipeline.pending() == 2
    async with working(instance) as pipeline:
        await pipeline.settle(START)
        assert await pipeline.pending() == 0
        assert all(event for (event,) in stored(pipeline, entries.c.event_id))


async def test_a_restart_between_polls_changes_no_event(tmp_path: Path, server: Server, other: Server) -> None:
    urls = [("A", serve(server, "/a", QUAKE, VOTE)), ("B", serve(other, "/b", VOTE))]

    async def events_after(folder: Path, *, restart: bool) -> list[tuple[object, ...]]:
        folder.mkdir()
        serve(other, "/b", Told("vote2", "Pension reform: parliament in Ljubljana votes", VOTE.summary))
        instance = write_config(folder, urls)
        async with working(instance) as pipeline:
            await cycle(pipeline, START)
            if not restart:
                serve(other, "/b", QUAKE_TOO)
                await cycle(pipeline, START + HOUR)
                return stored(pipeline, entries.c.title, entries.c.event_id)
        serve(other, "/b", QUAKE_TOO)
        async with working(instance, START + HOUR) as pipeline:
            await cycle(pipeline, START + HOUR)
            return stored(pipeline, entries.c.title, entries.c.event_id)

    one = await events_after(tmp_path / "one", restart=False)
    two = await events_after(tmp_path / "two", restart=True)
    assert sorted(one) == sorted(two)


async def test_a_batch_that_cannot_be_stored_is_decided_again(tmp_path: Path, server: Server) -> None:
    many = [
        Told(f"n{i}", f"Report {i} of the harvest in district {i}", f"Farmers in {i} brought it in.") for i in range(90)
    ]
    instance = write_config(tmp_path, [("A", serve(server, "/a", *many))])
    async with working(instance) as pipeline:
        await pipeline.poll(await pipeline.claim(START), START)
        pages = await full_disk(pipeline)
        with pytest.raises(StoreError, match="free some space"):
            await pipeline.settle(START)
        await enough_room(pipeline, pages)
        await pipeline.settle(START)
        assert await pipeline.pending() == 0
        with pipeline.database.read() as connection:
            assert decisions.last_batch(connection) == 1


async def full_disk(pipeline: Pipeline) -> int:
    """Let the database file grow no further; gives the limit before."""

    def work() -> int:
        with pipeline.database.writer.connect() as connection:
            before = connection.execute(text("PRAGMA max_page_count")).scalar_one()
            connection.execute(text("PRAGMA max_page_count = 1"))
            return before

    return await pipeline.in_store(work)


async def enough_room(pipeline: Pipeline, pages: int) -> None:
    def work() -> None:
        with pipeline.database.writer.connect() as connection:
            connection.execute(text(f"PRAGMA max_page_count = {pages}"))

    await pipeline.in_store(work)


async def test_a_feed_taken_out_of_the_configuration_is_not_asked_and_keeps_its_entries(
    tmp_path: Path, server: Server, other: Server
) -> None:
    urls = [("A", serve(server, "/a", QUAKE)), ("B", serve(other, "/b", VOTE))]
    async with working(write_config(tmp_path, urls)) as pipeline:
        await cycle(pipeline, START)
    async with working(write_config(tmp_path, urls[:1])) as pipeline:
        await cycle(pipeline, START + HOUR)
        assert len(stored(pipeline, entries.c.id)) == 2
    assert len(other.asked) == 1


async def test_a_second_source_waits_for_its_hold_and_is_published_after_it(
    tmp_path: Path, server: Server, other: Server
) -> None:
    urls = [("A", serve(server, "/a", VOTE)), ("B", serve(other, "/b", VOTE))]
    async with working(write_config(tmp_path, urls, "publishing: {hold: 20m}\n")) as pipeline:
        await cycle(pipeline, START)
        later = START + 2 * HOUR  # a store under an hour old holds nothing
        serve(server, "/a", QUAKE, VOTE)
        serve(other, "/b", QUAKE_TOO, VOTE)
        await cycle(pipeline, later)
        assert titles(tmp_path, "events") == [VOTE.title]
        await pipeline.publish([], later + timedelta(minutes=21))
        assert QUAKE.title in titles(tmp_path, "events") or QUAKE_TOO.title in titles(tmp_path, "events")


async def test_a_hold_that_ended_while_nothing_ran_is_made_up_for(
    tmp_path: Path, server: Server, other: Server
) -> None:
    urls = [("A", serve(server, "/a", VOTE)), ("B", serve(other, "/b", VOTE))]
    instance = write_config(tmp_path, urls, "publishing: {hold: 20m}\n")
    async with working(instance) as pipeline:
        await cycle(pipeline, START)
        serve(server, "/a", QUAKE)
        serve(other, "/b", QUAKE_TOO)
        await cycle(pipeline, START + 2 * HOUR)
        assert len(titles(tmp_path, "events")) == 1
    async with working(instance, START + 5 * HOUR) as pipeline:
        await pipeline.settle(START + 5 * HOUR)
    assert len(titles(tmp_path, "events")) == 2


def titles(folder: Path, feed: str) -> list[str]:
    return [one["title"] for one in json.loads((folder / f"store/feeds/{feed}.json").read_text())["items"]]


async def test_the_same_state_publishes_the_same_bytes(tmp_path: Path, server: Server, other: Server) -> None:
    urls = [("A", serve(server, "/a", QUAKE, VOTE)), ("B", serve(other, "/b", QUAKE_TOO))]
    instance = write_config(tmp_path, urls)
    folder = tmp_path / "store/feeds"
    async with working(instance) as pipeline:
        await cycle(pipeline, START)
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    for path in folder.iterdir():
        path.unlink()
    async with working(instance, START + HOUR) as pipeline:
        await pipeline.settle(START + HOUR)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


async def test_polls_under_way_are_not_claimed_twice(tmp_path: Path, server: Server) -> None:
    url = serve(server, "/a", QUAKE)
    server.pages["/a"] = [Reply(200, (), server.pages["/a"][0].body, delay=0.3)]  # type: ignore[index]
    async with working(write_config(tmp_path, [("A", url)])) as pipeline:
        claimed = await pipeline.claim(START)
        polling = asyncio.create_task(pipeline.poll(claimed, START))
        assert await pipeline.claim(START + HOUR) == []
        await polling
        assert len(await pipeline.claim(START + 3 * HOUR)) == 1


async def test_what_a_poll_brings_stands_under_the_name_that_its_outlet_got_meanwhile(
    tmp_path: Path, server: Server
) -> None:
    url = serve(server, "/a", QUAKE)
    async with working(write_config(tmp_path, [("Old", url)])) as pipeline:
        claimed = await pipeline.claim(START)
        await pipeline.reconfigure(load(write_config(tmp_path, [("New", url)]).config), START)
        await pipeline.poll(claimed, START)
        assert stored(pipeline, entries.c.outlet) == [("New",)]


async def test_a_clock_set_back_by_a_day_silences_no_feed(tmp_path: Path, server: Server) -> None:
    instance = write_config(tmp_path, [("A", serve(server, "/a", QUAKE))])
    async with working(instance) as pipeline:
        await cycle(pipeline, START)
        back = START - timedelta(days=1)
        await pipeline.rebase(back)
        assert await pipeline.claim(back + timedelta(minutes=5)) == []
        assert len(await pipeline.claim(back + HOUR)) == 1


async def test_a_host_that_hangs_holds_up_no_feed_that_was_claimed_with_it(
    tmp_path: Path, server: Server, other: Server
) -> None:
    slow = other.on("/slow", Reply(200, delay=60))
    urls = [("A", serve(server, "/a", QUAKE)), ("B", slow)]
    async with working(write_config(tmp_path, urls)) as pipeline:
        stored = asyncio.Event()
        claimed = await pipeline.claim(START)
        polling = asyncio.create_task(pipeline.poll(claimed, START, lambda _report: stored.set()))
        await stored.wait()
        again = await pipeline.claim(START + HOUR)
        assert [feed.outlet for feed in again] == ["A"]
        polling.cancel()


async def test_of_a_feed_that_always_breaks_off_all_that_is_whole_is_stored(tmp_path: Path, server: Server) -> None:
    told = [Told(f"e{number}", f"Report number {number} of the harbour office") for number in range(30)]
    async with working(write_config(tmp_path, [("A", server.url("/a"))])) as pipeline:
        for number in range(30):
            server.on("/a", Reply(200, (), rss(told[: number + 1][-3:]).replace(b"</channel></rss>", b"")))
            await cycle(pipeline, START + number * HOUR)
        with pipeline.database.read() as connection:
            imported = connection.scalars(select(entries.c.imported).order_by(entries.c.id)).all()
            polls = feeds.last_polls(connection, feeds.all_feeds(connection)[0].id)
    assert imported == [True] + [False] * 29
    assert {poll.outcome for poll in polls} == {"truncated"}


async def test_two_subscriptions_that_end_at_one_document_are_asked_once(tmp_path: Path, server: Server) -> None:
    target = serve(server, "/a", QUAKE)
    moved = server.on("/old", Reply(302, (("Location", target),)))
    async with working(write_config(tmp_path, [("A", target), ("B", moved)])) as pipeline:
        await cycle(pipeline, START)
        assert len([one for one in server.asked if one.target == "/a"]) == 2  # nobody knew
        await cycle(pipeline, START + HOUR)
        assert len([one for one in server.asked if one.target == "/a"]) == 3
        with pipeline.database.read() as connection:
            reasons = {feed.outlet: feed.state.reason for feed in feeds.all_feeds(connection)}
            brought = connection.scalars(select(entries.c.outlet)).all()
    assert "the same document as" in reasons["B"]
    assert not reasons["A"]
    assert brought == ["A"]


async def test_a_subscription_that_stood_back_brings_all_when_the_other_one_fails(
    tmp_path: Path, server: Server
) -> None:
    target = serve(server, "/a", QUAKE, etag='"1"')
    moved = server.on("/old", Reply(302, (("Location", target),)))
    async with working(write_config(tmp_path, [("A", target), ("B", moved)])) as pipeline:
        await cycle(pipeline, START)
        with pipeline.database.write() as connection:
            known = {feed.outlet: feed.state for feed in feeds.all_feeds(connection)}
            feeds.save_state(connection, replace(known["A"], errors=3, next_check=START + 200 * HOUR))
        assert known["B"].validators is None
        await cycle(pipeline, START + 25 * HOUR)
        with pipeline.database.read() as connection:
            assert connection.scalars(select(entries.c.outlet)).all() == ["A", "B"]


async def test_a_redirect_now_and_then_costs_neither_feed_a_report_and_doubles_none(
    tmp_path: Path, server: Server, other: Server
) -> None:
    """The one that is redirected was subscribed first; each shows its last report alone."""
    urls = [("H", other.url("/h")), ("V", server.url("/v"))]
    async with working(write_config(tmp_path, urls)) as pipeline:
        for number in range(40):
            serve(server, "/v", Told(f"v{number}", f"Report number {number} of the valley"))
            serve(other, "/h", Told(f"h{number // 8}", f"Word number {number // 8} from the hills"))
            if number % 8 == 3:
                other.on("/h", Reply(302, (("Location", server.url("/v")),)))
            await cycle(pipeline, START + number * HOUR)
        with pipeline.database.read() as connection:
            brought = list(connection.scalars(select(entries.c.outlet)))
    assert (brought.count("V"), brought.count("H")) == (40, 5)


async def test_who_stood_back_is_asked_as_soon_as_the_other_fails(tmp_path: Path, server: Server) -> None:
    target = serve(server, "/a", QUAKE)
    moved = server.on("/old", Reply(302, (("Location", target),)))
    async with working(write_config(tmp_path, [("A", target), ("B", moved)])) as pipeline:
        await cycle(pipeline, START)
        server.on("/a", Reply(500))
        serve(server, "/old", QUAKE, VOTE)
        await cycle(pipeline, START + HOUR)
        await cycle(pipeline, START + 2 * HOUR)
        with pipeline.database.read() as connection:
            assert sorted(connection.scalars(select(entries.c.outlet))) == ["A", "B", "B"]


async def test_a_subscription_that_was_redirected_to_another_for_a_while_is_asked_for_its_own_again(
    tmp_path: Path, server: Server
) -> None:
    main = serve(server, "/all", QUAKE)
    sport = serve(server, "/sport", VOTE)
    async with working(write_config(tmp_path, [("A", main), ("B", sport)])) as pipeline:
        await cycle(pipeline, START)
        server.on("/sport", Reply(302, (("Location", main),)))  # the site is being worked on
        for hours in (1, 26):
            await cycle(pipeline, START + hours * HOUR)
        with pipeline.database.read() as connection:
            assert sorted(connection.scalars(select(entries.c.outlet))) == ["A", "B"], "nothing twice"
        serve(server, "/sport", VOTE, Told("match", "Harbour Town beat Mill Lane in the cup final"))
        await cycle(pipeline, START + 52 * HOUR)
        with pipeline.database.read() as connection:
            assert sorted(connection.scalars(select(entries.c.outlet))) == ["A", "B", "B"]
        assert [one.target for one in server.asked].count("/sport") == 4, "daily"


async def test_a_host_that_asked_for_a_pause_is_left_alone_after_a_restart(tmp_path: Path, server: Server) -> None:
    throttled = server.on("/a", Reply(429, (("Retry-After", "7200"),)))
    instance = write_config(tmp_path, [("A", throttled)])
    async with working(instance) as pipeline:
        await cycle(pipeline, START)
    instance = write_config(tmp_path, [("A", throttled), ("B", serve(server, "/b", QUAKE))])
    async with working(instance, START + HOUR) as pipeline:
        await cycle(pipeline, START + HOUR)
    assert [one.target for one in server.asked] == ["/a"]


async def test_a_restart_pauses_the_host_that_throttled_and_no_longer_than_the_daemon_would(
    tmp_path: Path, server: Server, other: Server
) -> None:
    throttled = other.on("/t", Reply(429))
    at_first = server.on("/a", Reply(302, (("Location", throttled),)))
    async with working(write_config(tmp_path, [("A", at_first)])) as pipeline:
        await cycle(pipeline, START)
    urls = [("A", at_first), ("B", serve(server, "/b", QUAKE)), ("C", serve(other, "/c", VOTE))]
    for minutes, heard in ((5, ["/t"]), (25, ["/t", "/c"])):
        now = START + timedelta(minutes=minutes)
        async with working(write_config(tmp_path, urls), now) as pipeline:
            await cycle(pipeline, now)
        assert [one.target for one in other.asked] == heard
    assert [one.target for one in server.asked] == ["/a", "/b", "/b"]


async def test_five_restarts_within_a_minute_ask_nobody_again(tmp_path: Path, server: Server, other: Server) -> None:
    urls = [("A", serve(server, "/a", QUAKE)), ("B", other.on("/b", Reply(500)))]
    for second in range(0, 60, 12):
        now = START + timedelta(seconds=second)
        async with working(write_config(tmp_path, urls), now) as pipeline:
            await cycle(pipeline, now)
    assert (len(server.asked), len(other.asked)) == (1, 1)


async def test_a_store_of_other_rules_is_gone_on_with_from_an_empty_window(
    tmp_path: Path, server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    instance = write_config(tmp_path, [("A", serve(server, "/a", QUAKE, VOTE))])
    async with working(instance) as pipeline:
        await cycle(pipeline, START)
        with pipeline.database.write() as connection:
            data = connection.execute(select(records.c.record)).scalars().first()
            assert data is not None
            connection.execute(records.update().values(record=data[:4] + b"\xfe" + data[5:]))  # of features version 254
    serve(server, "/a", QUAKE_TOO, VOTE)
    async with working(instance, START + HOUR) as pipeline:
        await cycle(pipeline, START + HOUR)
        assert await pipeline.pending() == 0
    assert "made with" in caplog.text
    caplog.clear()
    async with working(instance, START + 2 * HOUR) as pipeline:
        serve(server, "/a", QUAKE_TOO, VOTE, Told("x", "A third report of the harvest in Celje"))
        await cycle(pipeline, START + 2 * HOUR)
        assert await pipeline.pending() == 0
        assert len(set(stored(pipeline, entries.c.event_id))) == 4
    assert "made with" not in caplog.text


async def test_where_all_feeds_are_busy_each_is_asked_less_often_than_beside_quiet_ones(
    tmp_path: Path, server: Server
) -> None:
    """All requests together are to be a third of what a fixed interval costs."""
    ages = [HOUR / 3 * number for number in range(60)], [12 * HOUR * number for number in range(1, 60)]
    busy, quiet = ([Told(f"{age}", f"News after {age}", published=START - age) for age in some] for some in ages)
    found = []
    for name, others in (("busy", busy), ("quiet", quiet)):
        urls = [serve(server, f"/{name}/{number}", *(others if number else busy)) for number in range(8)]
        (tmp_path / name).mkdir()
        instance = write_config(tmp_path / name, [])
        listed = "".join(f"  - {url}\n" for url in urls)
        instance.config.write_text(f"polling:\n  allow: [127.0.0.0/8]\nfeeds:\n{listed}", encoding="utf-8")
        async with working(instance) as pipeline:
            for hours in (0, 1):  # at first nothing is known of them
                now = START + hours * HOUR
                await pipeline.poll(await pipeline.claim(now), now)
            with pipeline.database.read() as connection:
                found.append(feeds.all_feeds(connection)[0].state.interval or HOUR)
    assert found[0] > 1.5 * found[1]
