"""What every command promises a program: `schema_version` in its JSON, an error line and an exit code from 1 to 3."""

import json

import pytest

from tests.cli.running import Here

PRINTS = (
    "status --json",
    "doctor --json",
    "config check --json",
    "feeds list --json",
    "feeds show 1 --json",
    "feeds overlap --json",
    "outlets list --json",
    "events list --all --json",
    "events search taliban --json",
    "events corrections --json",
    "events show {event} --json",
    "events show {event} --revisions --json",
    "events history {event} --json",
    "events why {event} --json",
    "events why-not {event} {other} --json",
    "recluster --dry-run --json",
    "store size --json",
)
REFUSES = (
    ("events show nothing-like-it --json", 3),
    ("events why {event} 999999 --json", 3),
    ("events history nothing-like-it --json", 3),
    ("events why-not {event} {event} --json", 1),
    ("events list --since yesterday --json", 1),
    ("events list --json --csv", 1),
    ("events search ( --json", 1),
    ("events list --limit 0 --json", 2),
    ("events merge {event} {event} --json", 1),
    ("events move 999999 {event} --json", 3),
    ("events split {event} x --json", 1),
    ("undo 99 --json", 3),
    ("feeds show nothing-like-it --json", 3),
    ("feeds overlap --since never --json", 1),
    ("outlets list --since never --json", 1),
    ("recluster --dry-run --set nothing --json", 1),
    ("evaluate nowhere.jsonl --json", 1),
    ("nothing --json", 2),
)


@pytest.fixture(scope="module")
def names(room: Here) -> dict[str, str]:
    events = room.run("events", "list", "--all", "--json").json["events"]
    return {"event": events[0]["id"], "other": events[1]["id"]}


@pytest.mark.parametrize("line", PRINTS)
def test_what_is_printed_for_programs_says_its_version(room: Here, names: dict[str, str], line: str) -> None:
    ran = room.run(*line.format(**names).split())
    assert ran.code in {0, 1}, ran.err  # doctor: 1 where it finds something
    assert ran.json["schema_version"] == 1


def test_lines_say_it_too(room: Here) -> None:
    for words in ("events list --all --jsonl", "events search taliban --jsonl"):
        lines = room.run(*words.split()).out.splitlines()
        assert lines
        assert {json.loads(line)["schema_version"] for line in lines} == {1}


@pytest.mark.parametrize(("line", "code"), REFUSES)
def test_an_error_is_one_line_and_a_code(room: Here, names: dict[str, str], line: str, code: int) -> None:
    before = room.run("events", "list", "--all", "--json").out
    ran = room.run(*line.format(**names).split())
    assert (ran.code, ran.out) == (code, "")
    [told] = ran.err.splitlines()
    assert json.loads(told).keys() == {"error", "code"}
    assert json.loads(told)["code"] == code
    assert room.run("events", "list", "--all", "--json").out == before
    plain = room.run(*line.replace(" --json", "").format(**names).split())
    if plain.code:
        assert "Traceback" not in plain.err
