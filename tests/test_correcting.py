"""Corrections beside a running daemon: the command stores them, the daemon carries them out and publishes at once."""

import json
from pathlib import Path
from typing import Any

from tests.cli.running import Here
from tests.pipeline.newsstand import Told, rss
from tests.test_daemon import configure, daemon, get, newsstand, wait_until

QUAKE = Told(
    "quake", "Earthquake of magnitude 7.1 strikes Luzon", "A strong earthquake struck Luzon near Vigan on Sunday."
)
QUAKE_TOO = Told(
    "quake2", "Magnitude 7.1 earthquake hits Luzon near Vigan", "Luzon near Vigan was struck by a strong earthquake."
)
BUDGET = Told("budget", "Parliament in Oslo passes budget after a long night", "The budget was passed in Oslo.")


def corrected(folder: Path, *words: str) -> dict[str, Any]:
    ran = Here(folder).run(*words, "--json")
    assert ran.code == 0, ran.err
    found: dict[str, Any] = ran.json["correction"]
    assert found["carried_out"] is not None
    return found


def items(address: str) -> dict[str, dict[str, Any]]:
    status, _, body = get(address)
    return {item["title"]: item for item in json.loads(body)["items"]} if status == 200 else {}


def events(folder: Path) -> dict[str, dict[str, Any]]:
    listed = Here(folder).run("events", "list", "--all", "--json").json["events"]
    return {event["headline"]: event for event in listed}


def test_corrections_reach_a_running_daemon_its_feeds_and_its_next_life(tmp_path: Path) -> None:
    with newsstand({"/a": rss([QUAKE, BUDGET]), "/b": rss([QUAKE_TOO])}) as base:
        configure(tmp_path, [f"{base}/a", f"{base}/b"])
        with daemon(tmp_path) as running:
            address = running.event("started")["subscribe"].replace("events.atom", "all.json")
            wait_until(lambda: {QUAKE.title, BUDGET.title} <= items(address).keys())
            quake, budget = (events(tmp_path)[told.title] for told in (QUAKE, BUDGET))
            corrected(tmp_path, "events", "merge", quake["id"], budget["id"], "--reason", "one and the same")
            running.event("correction", moved=1)
            wait_until(lambda: "Merged:" in items(address)[BUDGET.title]["content_html"])
            page = address.replace("/feeds/all.json", f"/events/{budget['id']}")
            assert quake["id"] in get(page)[2].decode()
            corrected(tmp_path, "events", "mute", quake["id"])
            wait_until(lambda: QUAKE.title not in items(address))
            corrected(tmp_path, "undo")
            wait_until(lambda: QUAKE.title in items(address))
        with daemon(tmp_path) as running:
            running.event("started")
            assert {event["id"] for event in events(tmp_path).values()} == {quake["id"]}
            corrected(tmp_path, "undo", "1")
            assert set(events(tmp_path)) == {QUAKE.title, BUDGET.title}
