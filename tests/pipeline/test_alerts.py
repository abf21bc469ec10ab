"""Word of events, once for each, through the whole pipeline."""

import json
import logging
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from aggregator.config import load
from aggregator.errors import ConfigError
from tests.pipeline.newsstand import HOUR, START, Told, cycle, serve, working, write_config
from tests.pipeline.test_outputs import ASSAULT, ASSAULT_TOO, RUPIAH
from tests.server import Reply, Server, reply

MINUTE = timedelta(minutes=1)


def messages(server: Server) -> list[dict[str, Any]]:
    return [json.loads(asked.body) for asked in server.asked if asked.target == "/hook"]


def alerting(folder: Path, urls: list[tuple[str, str]], hook: str, wanted: str = "search: panjshir") -> Any:
    return write_config(folder, urls, f"alerts:\n  - {{{wanted}, webhook: '{hook}'}}\n")


async def test_word_goes_out_once_when_an_event_meets_the_filter(tmp_path: Path, server: Server, other: Server) -> None:
    hook = server.on("/hook", reply(200))
    urls = [("Tempo", serve(server, "/a", ASSAULT, RUPIAH)), ("Antara", serve(other, "/b"))]
    instance = alerting(tmp_path, urls, hook, "search: panjshir, min_independent: 2")
    async with working(instance) as pipeline:
        await cycle(pipeline, START)
        assert messages(server) == []
        serve(other, "/b", ASSAULT_TOO)
        await cycle(pipeline, START + HOUR)
        await cycle(pipeline, START + 2 * HOUR)
    async with working(instance, START + 3 * HOUR) as pipeline:
        await cycle(pipeline, START + 3 * HOUR)
    (told,) = messages(server)
    assert told["alert"] == "search=panjshir min_independent=2"
    assert (told["outlets"], told["independent"]) == (2, 2)
    assert [one["outlet"] for one in told["sources"]] == ["Tempo", "Antara"]


async def test_word_goes_out_before_documents_are_written(tmp_path: Path, server: Server) -> None:
    instance = alerting(tmp_path, [("Tempo", serve(server, "/a", ASSAULT))], server.on("/hook", reply(200)))
    async with working(instance) as pipeline:
        await pipeline.poll(await pipeline.claim(START), START)
        (batch,) = await pipeline.cluster(START)
        assert await pipeline.alert(START) == 1
        await pipeline.publish(batch.changed, START)
        assert await pipeline.alert(START) == 0
    assert len(messages(server)) == 1


async def test_what_is_refused_is_sent_again_later_and_later(
    tmp_path: Path, server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    hook = server.on("/hook", reply(500), reply(503), reply(200)) + "?token=s3cret"
    server.pages["/hook?token=s3cret"] = server.pages.pop("/hook")
    async with working(alerting(tmp_path, [("Tempo", serve(server, "/a", ASSAULT))], hook)) as pipeline:
        await cycle(pipeline, START)
        tried = [await pipeline.alert(START + minutes * MINUTE) for minutes in (0.5, 1, 2, 3, 9, 99)]
    assert tried == [0, 1, 0, 1, 0, 0]
    keys = {asked.headers["idempotency-key"] for asked in server.asked if asked.method == "POST"}
    assert len(keys) == 1
    assert "s3cret" not in caplog.text


async def test_what_may_have_arrived_is_not_sent_again(tmp_path: Path, server: Server) -> None:
    hook = server.on("/hook", Reply(raw=b""))
    async with working(alerting(tmp_path, [("Tempo", serve(server, "/a", ASSAULT))], hook)) as pipeline:
        await cycle(pipeline, START)
        assert await pipeline.alert(START + HOUR) == 0
    assert len(messages(server)) == 1


async def test_what_was_begun_when_the_program_ended_is_not_sent_again(
    tmp_path: Path, server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    instance = alerting(tmp_path, [("Tempo", serve(server, "/a", ASSAULT))], server.on("/hook", reply(200)))
    async with working(instance) as pipeline:
        await pipeline.poll(await pipeline.claim(START), START)
        await pipeline.publish([1], START)
        batches = await pipeline.cluster(START)
        await pipeline.publish(batches[0].changed, START)
        assert len(pipeline.alarm._take(START)) == 1
    with caplog.at_level(logging.WARNING):
        async with working(instance, START + HOUR) as pipeline:
            assert await pipeline.alert(START + HOUR) == 0
    assert messages(server) == []
    assert "the program ended while it was sent" in caplog.text


async def test_a_new_alert_tells_of_what_comes(tmp_path: Path, server: Server) -> None:
    urls = [("Tempo", serve(server, "/a", ASSAULT))]
    async with working(write_config(tmp_path, urls)) as pipeline:
        await cycle(pipeline, START)
        instance = alerting(tmp_path, urls, server.on("/hook", reply(200)))
        await pipeline.reconfigure(load(instance.config), START + HOUR)
        bridge = Told("bridge", "Bridge over the river in Panjshir collapses under floods", "Three lorries fell.")
        serve(server, "/a", ASSAULT, bridge)
        await cycle(pipeline, START + HOUR)
    assert [told["headline"] for told in messages(server)] == [bridge.title]


async def test_a_program_has_the_message_on_its_standard_input(tmp_path: Path, server: Server) -> None:
    script = tmp_path / "note.py"
    script.write_text(f"import sys; open({str(tmp_path / 'told')!r}, 'a').write(sys.stdin.read())")
    more = f"alerts:\n  - {{search: panjshir, exec: [{sys.executable}, {script}]}}\n"
    async with working(write_config(tmp_path, [("Tempo", serve(server, "/a", ASSAULT))], more)) as pipeline:
        await cycle(pipeline, START)
        await cycle(pipeline, START + HOUR)
    told = json.loads((tmp_path / "told").read_text())
    assert told["headline"] == ASSAULT.title


async def test_a_program_that_fails_is_run_again(tmp_path: Path, server: Server) -> None:
    more = "alerts:\n  - {search: panjshir, exec: [/bin/false]}\n  - {search: shotul, exec: [/nowhere/at-all]}\n"
    async with working(write_config(tmp_path, [("Tempo", serve(server, "/a", ASSAULT))], more)) as pipeline:
        await cycle(pipeline, START)
        assert await pipeline.alert(START + MINUTE) == 2


async def test_a_secret_that_is_not_there_changes_nothing(tmp_path: Path, server: Server) -> None:
    urls = [("Tempo", serve(server, "/a", ASSAULT))]
    async with working(write_config(tmp_path, urls)) as pipeline:
        instance = write_config(tmp_path, urls, "alerts:\n  - {search: x, webhook_env: NOT_SET_ANYWHERE}\n")
        with pytest.raises(ConfigError, match="alerts: search=x: the variable NOT_SET_ANYWHERE is not set"):
            await pipeline.reconfigure(load(instance.config), START)
        assert pipeline.alarm.alerts == ()


async def test_an_agencys_dispatch_at_two_outlets_is_one_independent_source(
    tmp_path: Path, server: Server, other: Server
) -> None:
    dispatch = Told("one", ASSAULT.title, f"KABUL (AFP) - {ASSAULT.summary}")
    carried = Told("two", ASSAULT_TOO.title, f"KABUL, March 1 (AFP) - {ASSAULT_TOO.summary}")
    urls = [("Tempo", serve(server, "/a", dispatch)), ("Detik", serve(other, "/b", carried))]
    async with working(write_config(tmp_path, urls)) as pipeline:
        await cycle(pipeline, START)
    (item,) = json.loads((tmp_path / "store/feeds/events.json").read_text())["items"]
    assert (item["_events"]["outlets"], item["_events"]["independent"]) == (2, 1)
    assert {one["agency"] for one in item["_events"]["sources"]} == {"AFP"}
