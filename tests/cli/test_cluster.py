"""`aggregator cluster`: rows in, events out, and what is said of a row that is wrong."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from aggregator.cli import assemble

QUAKE = "Earthquake of magnitude 7.1 strikes Luzon near Vigan"


@pytest.fixture(scope="module")
def run() -> CliRunner:
    return CliRunner()


def write(path: Path, *lines: object) -> Path:
    path.write_text(
        "".join(f"{line if isinstance(line, str) else json.dumps(line)}\n" for line in lines), encoding="utf-8"
    )
    return path


def events(path: Path) -> list[tuple[str, int]]:
    return [(row["id"], row["event"]) for row in map(json.loads, path.read_text().splitlines())]


def test_every_row_gets_its_event_in_order(tmp_path: Path, run: CliRunner) -> None:
    given = write(
        tmp_path / "in",
        {"id": "b", "title": QUAKE, "published": "2026-03-01T10:00:00"},
        {"id": "a", "title": "Parliament votes on pension reform in Ljubljana"},
        {"id": "c", "title": QUAKE + ", dozens hurt", "summary": None, "lang": "", "source": "X"},
        {"id": "d"},
        {"id": "e", "title": "", "summary": ""},
    )
    ended = run.invoke(assemble(), ["cluster", str(given), "--out", str(tmp_path / "out")])
    assert ended.exit_code == 0, ended.output
    found = dict(events(tmp_path / "out"))
    assert list(found) == ["b", "a", "c", "d", "e"]
    assert found["b"] == found["c"]
    assert len(set(found.values())) == 4
    assert "5 entries, 4 events" in ended.stderr
    assert "entries a second" in ended.stderr


def test_an_id_need_not_be_text(tmp_path: Path, run: CliRunner) -> None:
    given = write(tmp_path / "in", {"id": 7, "title": QUAKE})
    assert run.invoke(assemble(), ["cluster", str(given), "--out", str(tmp_path / "out")]).exit_code == 0
    assert events(tmp_path / "out")[0][0] in (7, "7")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("not json", "line 2: not JSON"),
        ('["a list"]', "line 2: not an object"),
        ('{"title": "no id"}', "line 2: no id"),
        ('{"id": null}', "line 2: no id"),
        ('{"id": "x", "published": "yesterday"}', "line 2: published"),
    ],
)
def test_a_wrong_row_is_named_by_its_line_and_nothing_is_written(
    tmp_path: Path, run: CliRunner, line: str, said: str
) -> None:
    given = write(tmp_path / "in", {"id": "a", "title": QUAKE}, line)
    out = write(tmp_path / "out", "what was there before")
    ended = run.invoke(assemble(), ["cluster", str(given), "--out", str(out)])
    assert ended.exit_code == 1
    assert said in ended.stderr
    assert out.read_text() == "what was there before\n"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in", "out"]


def test_a_file_that_is_not_there_is_named(tmp_path: Path, run: CliRunner) -> None:
    ended = run.invoke(assemble(), ["cluster", str(tmp_path / "none"), "--out", str(tmp_path / "out")])
    assert ended.exit_code == 1
    assert "none" in ended.stderr


def test_a_report_of_another_week_founds_its_own_event(tmp_path: Path, run: CliRunner) -> None:
    given = write(
        tmp_path / "in",
        {"id": "a", "title": QUAKE, "published": "2026-03-01T10:00:00Z"},
        {"id": "b", "title": QUAKE, "published": "2026-03-20T10:00:00Z"},
    )
    assert run.invoke(assemble(), ["cluster", str(given), "--out", str(tmp_path / "out")]).exit_code == 0
    (_, one), (_, other) = events(tmp_path / "out")
    assert one != other
