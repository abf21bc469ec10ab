"""`aggregator evaluate`: labels in, figures out, and what is said of labels that are wrong."""

import json
from pathlib import Path

import pytest

from aggregator.demo.reports import reports
from tests.cli.running import Here


def write(path: Path, rows: list[dict]) -> Path:
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return path


def labels() -> list[dict]:
    """Label the demo's reports with their happening; events are per language."""
    return [
        {
            "id": report.id,
            "title": report.title,
            "summary": report.text,
            "source": report.outlet.name,
            "lang": report.language,
            "published": report.published.isoformat(),
            "cluster": f"{report.happening} {report.language}",
        }
        for report in reports()
    ]


@pytest.fixture
def gold(tmp_path: Path) -> Path:
    return write(tmp_path / "gold.jsonl", labels())


def test_the_daemons_own_clustering_is_measured(here: Here, gold: Path) -> None:
    told = here.run("evaluate", str(gold), "--json").json
    assert told["schema_version"] == 1
    assert told["all"]["entries"] == len(labels())
    assert told["all"]["b3_f1"] > 0.9
    assert set(told["languages"]) == {"id", "en", "tr", "de", "es"}


def test_it_measures_what_cluster_writes(here: Here, gold: Path, tmp_path: Path) -> None:
    assert here.run("cluster", str(gold), "--out", str(tmp_path / "events.jsonl")).code == 0
    told = here.run("evaluate", str(gold), "--predicted", str(tmp_path / "events.jsonl"), "--json").json
    assert told == here.run("evaluate", str(gold), "--json").json


def test_the_worst_events_are_named(here: Here, gold: Path, tmp_path: Path) -> None:
    one = write(tmp_path / "one.jsonl", [{"id": row["id"], "event": row["lang"]} for row in labels()])
    told = here.run("evaluate", str(gold), "--predicted", str(one), "--worst", "2", "--json").json
    assert (told["all"]["b3_recall"], told["split"], len(told["mixed"])) == (1.0, [], 2)
    assert told["mixed"][0]["wrong_pairs"] >= told["mixed"][1]["wrong_pairs"] > 0
    text = here.run("evaluate", str(gold), "--predicted", str(one), "--worst", "1").out
    assert "the worst mixed events" in text
    assert labels()[0]["cluster"] in text or told["mixed"][0]["parts"][0]["name"] in text


def test_pairs_are_measured_and_the_wrong_ones_named(here: Here, tmp_path: Path) -> None:
    a, b, c = ({"id": name, "title": f"title of {name}", "lang": "en"} for name in "abc")
    gold = write(tmp_path / "gold.jsonl", [{"a": a, "b": b, "same": 1}, {"a": a, "b": c, "same": 0}])
    made = write(tmp_path / "made.jsonl", [{"id": "a", "event": 1}, {"id": "b", "event": 2}, {"id": "c", "event": 1}])
    told = here.run("evaluate", str(gold), "--predicted", str(made), "--json").json
    assert (told["kind"], told["all"]["precision"], told["all"]["recall"]) == ("pairs", 0.0, 0.0)
    text = here.run("evaluate", str(gold), "--predicted", str(made)).out
    assert "apart, but the same: 1" in text
    assert "title of c" in text


def test_a_gold_file_with_an_error_says_the_line(here: Here, tmp_path: Path) -> None:
    gold = write(tmp_path / "gold.jsonl", [{"id": "a", "cluster": "x"}, {"id": "a", "cluster": "y"}])
    ran = here.run("evaluate", str(gold), "--json")
    assert (ran.code, ran.out) == (1, "")
    assert "line 2: id a" in json.loads(ran.err)["error"]
    assert here.run("evaluate", str(tmp_path / "missing.jsonl")).code == 1


def test_a_prediction_without_an_event_says_the_line(here: Here, gold: Path, tmp_path: Path) -> None:
    made = write(tmp_path / "made.jsonl", [{"id": "a"}])
    ran = here.run("evaluate", str(gold), "--predicted", str(made))
    assert (ran.code, "line 1" in ran.err) == (1, True)
