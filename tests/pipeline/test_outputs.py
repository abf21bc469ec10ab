"""Output feeds of one's own, through the whole pipeline."""

import json
from pathlib import Path

import pytest

from aggregator.config import load
from aggregator.errors import ConfigError
from tests.pipeline.newsstand import HOUR, START, Told, cycle, serve, working, write_config
from tests.server import Server

MORE = """publishing:
  feeds:
    - {name: panjshir, search: panjshir OR parwan, exclude: cricket, formats: json, title: headline+count}
    - {name: two, min_independent: 2, id_scope: feed, updates: milestones}
"""
# Told by two outlets, each in words of its own.
ASSAULT = Told(
    "assault",
    "Taliban forces storm the Panjshir valley after talks in Parwan",
    "A strong attack of the Taliban struck the Panjshir valley near Shotul on Wednesday.",
)
ASSAULT_TOO = Told(
    "assault-too",
    "Panjshir valley stormed by Taliban forces, Parwan talks failed",
    "The Panjshir valley near Shotul was struck by a strong Taliban attack.",
)
RUPIAH = Told("rupiah", "Rupiah strengthens on exports of palm oil", "The currency closed higher in Jakarta.")
CRICKET = Told("cup", "Panjshir cricket club wins the cup at home", "The eleven beat Herat by nine wickets.")


def items(folder: Path, name: str) -> list[dict[str, object]]:
    found: list[dict[str, object]] = json.loads((folder / "store" / "feeds" / name).read_text())["items"]
    return found


async def test_a_feed_of_ones_own_holds_what_its_filter_lets_through(
    tmp_path: Path, server: Server, other: Server
) -> None:
    urls = [("Tempo", serve(server, "/a", ASSAULT, RUPIAH)), ("Antara", serve(other, "/b", ASSAULT_TOO, CRICKET))]
    async with working(write_config(tmp_path, urls, MORE)) as pipeline:
        await cycle(pipeline, START)
    (found,) = items(tmp_path, "panjshir.json")
    assert str(found["title"]).endswith(" (2)")
    assert not (tmp_path / "store/feeds/panjshir.atom").exists()
    (two,) = items(tmp_path, "two.json")
    assert ":feed/two/event/" in str(two["id"])
    assert len(items(tmp_path, "all.json")) == 3


async def test_the_date_in_a_filtered_feed_is_when_the_event_met_its_filter(
    tmp_path: Path, server: Server, other: Server
) -> None:
    urls = [("Tempo", serve(server, "/a", ASSAULT)), ("Antara", serve(other, "/b"))]
    async with working(write_config(tmp_path, urls, MORE)) as pipeline:
        await cycle(pipeline, START)
        assert items(tmp_path, "two.json") == []
        serve(other, "/b", ASSAULT_TOO)
        await cycle(pipeline, START + 5 * HOUR)
        await cycle(pipeline, START + 6 * HOUR)
    (found,) = items(tmp_path, "two.json")
    assert str(found["date_published"]) >= (START + 5 * HOUR).isoformat()[:19]
    (whole,) = items(tmp_path, "all.json")
    assert str(whole["date_published"]) < str(found["date_published"])


async def test_a_feed_that_is_added_later_begins_with_the_last_days(
    tmp_path: Path, server: Server, other: Server
) -> None:
    urls = [("Tempo", serve(server, "/a", ASSAULT, RUPIAH)), ("Antara", serve(other, "/b", ASSAULT_TOO))]
    instance = write_config(tmp_path, urls)
    async with working(instance) as pipeline:
        await cycle(pipeline, START)
        write_config(tmp_path, urls, MORE)
        await pipeline.reconfigure(load(instance.config), START + 2 * HOUR)
        await pipeline.settle(START + 2 * HOUR)
    assert len(items(tmp_path, "panjshir.json")) == 1


async def test_a_search_that_wants_nothing_changes_nothing(tmp_path: Path, server: Server) -> None:
    urls = [("Tempo", serve(server, "/a", ASSAULT))]
    instance = write_config(tmp_path, urls)
    async with working(instance) as pipeline:
        before = pipeline.config
        write_config(tmp_path, urls, "publishing: {feeds: [{name: none, search: -cricket}]}\n")
        with pytest.raises(ConfigError, match=r"publishing\.feeds: search of none: .*nothing to look for"):
            await pipeline.reconfigure(load(instance.config), START)
        assert pipeline.config is before


async def test_a_preferred_outlet_speaks_for_an_event(tmp_path: Path, server: Server, other: Server) -> None:
    urls = [("Tempo", serve(server, "/a", ASSAULT)), ("Antara", serve(other, "/b", ASSAULT_TOO))]
    heads = []
    for name in ("Tempo", "Antara"):
        folder = tmp_path / name
        folder.mkdir()
        preferred = f"outlets: {{news.example: {{name: {name}, preferred: true}}}}\n"
        async with working(write_config(folder, urls, preferred)) as pipeline:
            await cycle(pipeline, START)
        (item,) = items(folder, "events.json")
        heads.append(item["title"])
    assert heads == [ASSAULT.title, ASSAULT_TOO.title]
