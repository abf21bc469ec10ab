"""Pairs near the thresholds go to a person and come back as labels."""

import json
import shutil
import sqlite3
from pathlib import Path

import pytest

from tests.cli import newsroom
from tests.cli.running import Here


def sampled(room: Here, *words: str) -> list[dict]:
    ran = room.run("events", "sample", *words)
    assert ran.code == 0
    return [json.loads(line) for line in ran.out.splitlines()]


def placed(here: Here) -> dict[str, str]:
    listed = here.run("events", "list", "--all", "--json").json["events"]
    return {str(source["entry"]): event["id"] for event in listed for source in event["sources"]}


def write(path: Path, rows: list[dict]) -> str:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return str(path)


def test_the_same_seed_gives_the_same_pairs(room: Here) -> None:
    first = sampled(room, "--borderline", "8")
    assert first == sampled(room, "--borderline", "8", "--seed", "0")
    assert first != sampled(room, "--borderline", "8", "--seed", "1")


def test_each_pair_comes_once_and_says_whether_it_is_together(room: Here) -> None:
    rows = sampled(room, "--borderline", "12")
    assert len(rows) == 12
    assert len({frozenset((row["a"]["id"], row["b"]["id"])) for row in rows}) == 12
    events = placed(room)
    for row in rows:
        assert row["together"] == (events[row["a"]["id"]] == events[row["b"]["id"]])


def test_what_a_person_labels_is_taken_back(room: Here, tmp_path: Path) -> None:
    out = tmp_path / "pairs.jsonl"
    ran = room.run("events", "sample", "--borderline", "10", "--out", str(out))
    assert "--stored" in ran.err
    rows = [json.loads(line) for line in out.read_text().splitlines()]
    assert room.run("evaluate", str(out)).code == 1, "nobody has labelled any"
    agreed = write(out, [{**row, "same": int(row["together"])} for row in rows])
    told = room.run("evaluate", agreed, "--stored", "--json").json
    assert (told["all"]["pairs"], told["all"]["precision"], told["all"]["recall"]) == (10, 1.0, 1.0)
    other = write(out, [{**row, "same": int(not row["together"])} for row in rows])
    told = room.run("evaluate", other, "--stored", "--json").json
    assert told["all"]["precision"] == 0.0
    assert room.run("evaluate", other, "--json").json["all"]["pairs"] == 10


def test_what_is_not_labelled_yet_is_left_out_and_told(room: Here, tmp_path: Path) -> None:
    rows = sampled(room, "--borderline", "6")
    some = write(tmp_path / "some.jsonl", [{**row, "same": 1} if n < 4 else row for n, row in enumerate(rows)])
    ran = room.run("evaluate", some, "--stored")
    assert "2 pairs are not labelled yet" in ran.out
    assert room.run("evaluate", some, "--stored", "--json").json["all"]["pairs"] == 4


def test_the_labels_are_those_of_the_scorer(room: Here, tmp_path: Path, shared: Path) -> None:
    import subprocess
    import sys

    rows = [{**row, "same": n % 2} for n, row in enumerate(sampled(room, "--borderline", "10"))]
    gold = write(tmp_path / "gold.jsonl", rows)
    predicted = write(tmp_path / "events.jsonl", [{"id": e, "event": n} for e, n in placed(room).items()])
    scorer = [sys.executable, str(shared / "bench" / "score.py"), gold, predicted]
    scored = json.loads(subprocess.run(scorer, capture_output=True, text=True, check=True).stdout)["all"]
    ours = room.run("evaluate", gold, "--stored", "--json").json["all"]
    assert ours["pairs"] == scored["pairs"]
    assert ours["f1"] == pytest.approx(scored["f1"])


def test_stored_and_predicted_exclude_each_other(room: Here, tmp_path: Path) -> None:
    gold = write(tmp_path / "gold.jsonl", [{"id": "1", "cluster": "a"}])
    assert room.run("evaluate", gold, "--stored", "--predicted", gold).code == 1
    nowhere = write(tmp_path / "nowhere.jsonl", [{"id": "a", "cluster": "a"}])
    assert room.run("evaluate", nowhere, "--stored").code == 3


def test_a_store_without_entries_is_not_found(here: Here) -> None:
    here.config.write_text("feeds: []\n")
    assert here.run("events", "sample").code == 3


def test_after_an_upgrade_it_says_what_to_do_and_that_helps(room: Here, tmp_path: Path) -> None:
    shutil.copytree(room.folder, tmp_path / "own")
    own = Here(tmp_path / "own")
    with sqlite3.connect(own.folder / "store" / "aggregator.db") as connection:
        # the fifth byte is the version of the features
        connection.execute(
            "update records set record = cast(substr(record, 1, 4) || x'00' || substr(record, 6) as blob)"
        )
    connection.close()
    ran = own.run("events", "sample", "--borderline", "4")
    assert (ran.code, ran.out) == (1, "")
    assert "made with features 0, not " in ran.err
    assert "`aggregator recluster`" in ran.err
    assert own.run("recluster", "--now", newsroom.NOW.isoformat()).code == 0
    assert len(sampled(own, "--borderline", "4")) == 4
