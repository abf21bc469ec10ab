"""The terminal itself: widths, colours, the pager, pipes that close, errors, wrong usage, completion."""

import json
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import typer
from hypothesis import given
from hypothesis import strategies as st

from aggregator.cli import COMMANDS, GROUPS, assemble
from aggregator.cli.table import cells, lines, wrap
from aggregator.config import load
from aggregator.database.feeds import save_state
from aggregator.database.store import open_store
from aggregator.pipeline.subscribing import subscribe
from aggregator.scheduling.state import FeedState
from tests.cli.running import Here, run
from tests.terminal import on_a_terminal


def environment(room: Here, **more: str) -> dict[str, str]:
    kept = {key: value for key, value in os.environ.items() if key not in {"NO_COLOR", "PAGER", "COLUMNS", "LINES"}}
    return kept | {"AGGREGATOR_CONFIG": str(room.config), "TERM": "xterm", "AGGREGATOR_STORE": "", **more}


def drawn_by(room: Here, *words: str, **env: str) -> str:
    """Run a command on a terminal of its own; gives what it drew."""
    return on_a_terminal(*words, env=environment(room, **env)).out


@pytest.mark.parametrize("width", [80, 120])
def test_a_list_fits_the_terminal(room: Here, width: int) -> None:
    drawn = drawn_by(room, "events", "list", "--all", COLUMNS=str(width), PAGER="cat", NO_COLOR="1")
    *table, _summary = drawn.splitlines()
    assert max(cells(row) for row in table) <= width
    assert "\x1b" not in drawn
    assert "Panjshir" in drawn


@pytest.mark.parametrize("width", [20, 40])
def test_where_no_table_fits_a_row_is_a_card(room: Here, width: int) -> None:
    drawn = drawn_by(room, "events", "list", "--all", COLUMNS=str(width), PAGER="cat", NO_COLOR="1")
    cards = drawn.split("\n\n")
    assert "\noutlets   3\n" in cards[0]
    assert {card.split()[0] for card in cards} == {"id"}
    assert max(cells(line) for line in drawn.splitlines()) <= width
    assert len(cards) == len(room.run("events", "list", "--all").out.splitlines()) - 2  # a head and a summary


def test_colours_are_for_terminals_alone(room: Here) -> None:
    assert "\x1b[1m" in drawn_by(room, "events", "list", "--all", PAGER="")
    assert "\x1b" not in drawn_by(room, "events", "list", "--all", PAGER="", NO_COLOR="1")
    assert "\x1b" not in room.run("events", "list", "--all").out


def test_the_time_line_is_drawn_on_a_terminal_and_counted_in_a_pipe(room: Here) -> None:
    [first] = [line for line in room.run("events", "list", "--all").out.splitlines() if "Panjshir" in line][:1]
    name = first.split("\t")[0]
    assert "█" in drawn_by(room, "events", "show", name, PAGER="")
    assert "█" not in room.run("events", "show", name).out


def test_long_output_goes_through_the_pager(room: Here, tmp_path: Path) -> None:
    seen = tmp_path / "seen"
    drawn = drawn_by(room, "events", "list", "--all", PAGER=f"tee {seen}")
    assert seen.read_text() == drawn
    assert "\x1b[1m" in drawn
    seen.unlink()
    ran = subprocess.run(
        [sys.executable, "-m", "aggregator", "events", "list", "--all"],
        env=environment(room, PAGER=f"tee {seen}"), capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert not seen.exists(), "a pipe has no pager"
    assert "Panjshir" in ran.stdout


def test_who_leaves_the_pager_early_has_seen_enough(room: Here) -> None:
    drawn = drawn_by(room, "export", PAGER="true")
    assert "Traceback" not in drawn
    drawn = drawn_by(room, "events", "list", "--all", PAGER="true")
    assert "Traceback" not in drawn
    assert "Broken" not in drawn


@pytest.mark.parametrize("command", ["export", "events list --all --jsonl", "events list --all --json"])
def test_a_pipe_that_closes_is_no_error(room: Here, command: str) -> None:
    words = f"set -o pipefail; {sys.executable} -m aggregator {command} | head -c 20"
    ran = subprocess.run(
        ["bash", "-c", words], env=environment(room), capture_output=True, text=True, check=False, timeout=60
    )
    assert (ran.returncode, ran.stderr) == (0, "")
    assert len(ran.stdout) == 20


@pytest.mark.parametrize(
    "command", ["feeds list", "feeds show 1", "doctor", "config check --json", "events list --all"]
)
def test_a_full_disk_behind_the_output_is_said_in_one_line(room: Here, command: str) -> None:
    with Path("/dev/full").open("w") as full:
        ran = subprocess.run(
            [sys.executable, "-m", "aggregator", *command.split()],
            env=environment(room), stdout=full, stderr=subprocess.PIPE, text=True, check=False,
        )  # fmt: skip
    [line] = ran.stderr.splitlines()
    assert "No space left on device" in line
    assert ran.returncode == 1


def test_an_error_is_a_line_of_json_under_json(room: Here) -> None:
    plain = room.run("events", "show", "nothing-like-it")
    assert (plain.code, plain.out) == (3, "")
    assert plain.err.startswith("aggregator: no event")
    told = room.run("events", "show", "nothing-like-it", "--json")
    [line] = told.err.splitlines()
    assert json.loads(line)["code"] == 3


def test_wrong_usage_is_two_and_json_under_json() -> None:
    assert run("events", "list", "--sort", "beauty").code == 2
    assert run("nothing").code == 2
    ran = run("events", "list", "--sort", "beauty", "--json")
    [line] = ran.err.splitlines()
    assert (ran.code, ran.out, json.loads(line)["code"]) == (2, "", 2)
    assert "beauty" in json.loads(line)["error"]


def test_a_command_under_json_that_ends_well_is_zero(room: Here) -> None:
    assert room.run("events", "list", "--json").code == 0


def test_completion_is_there_for_shells() -> None:
    env = {
        **os.environ,
        "_AGGREGATOR_COMPLETE": "complete_bash",
        "COMP_WORDS": "aggregator events wh",
        "COMP_CWORD": "2",
    }
    code = "import sys; sys.argv[0] = 'aggregator'; from aggregator.cli import main; main()"
    ran = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=False)
    assert set(ran.stdout.split()) == {"why", "why-not"}


HEAVY = {
    "alembic",
    "apscheduler",
    "datasketch",
    "feedparser",
    "httpx",
    "lxml",
    "numpy",
    "rich",
    "scipy",
    "starlette",
}
CONFIGURED = {"pydantic", "ruamel"}  # what reading feeds.yaml takes


def imported(room: Here, *words: str) -> set[str]:
    """Run a command in a process of its own; gives what it had imported at its end."""
    code = f"""
import sys
sys.argv[1:] = {list(words)}
from aggregator.cli import main
try:
    main()
finally:
    print(*sys.modules, file=sys.stderr)
"""
    ran = subprocess.run(
        [sys.executable, "-c", code], env=environment(room), capture_output=True, text=True, check=True
    )
    return set(ran.stderr.split())


@pytest.mark.parametrize(
    "line",
    [
        "events list --all --since 3d",
        "events list --all --sort first-seen --offset 2 --limit 3",
        "events search panjshir taliban",
        "events show EVENT",
        "events show EVENT --revisions",
        "events history EVENT",
        "events corrections",
        "status",
        "store size",
        "outlets list",
        "feeds overlap --limit 3",
        "export --since 1d",
    ],
)
def test_what_only_reads_the_store_imports_nothing_heavy(room: Here, line: str) -> None:
    event = room.run("events", "list", "--all", "--json").json["events"][0]["id"]
    found = imported(room, *line.replace("EVENT", event).split())
    assert (HEAVY | CONFIGURED) & found == set()


@pytest.mark.parametrize("line", ["feeds list", "feeds show 1", "config check"])
def test_what_reads_the_configuration_imports_little_more(room: Here, line: str) -> None:
    found = imported(room, *line.split())
    assert HEAVY & found == set()
    assert "sqlalchemy" not in found or line != "config check"


@pytest.mark.parametrize("line", ["feeds list", "feeds show 1"])
def test_what_was_taken_up_is_listed_without_reading_the_configuration(own: Here, line: str) -> None:
    now = datetime.now(UTC)
    database = open_store(own.folder / "store", now)
    with database.write() as connection:
        subscribe(connection, load(own.config), now)
        polled = FeedState(feed=1, url="https://x.example/", last_success=now, interval=timedelta(minutes=20))
        save_state(connection, polled)
    database.close()
    assert "20m" in own.run(*line.split()).out
    assert (HEAVY | CONFIGURED) & imported(own, *line.split()) == set()
    with own.config.open("a") as file:
        file.write("# edited since\n")
    assert imported(own, *line.split()) >= CONFIGURED


def test_recluster_says_what_it_does_before_it_imports_what_does_it(room: Here) -> None:
    code = """
import sys
from aggregator.cli import main
def told():
    print(*sys.modules, file=sys.stderr)
    raise KeyboardInterrupt
sys.argv[1:] = ["recluster", "--dry-run"]
import aggregator.cli.recluster
aggregator.cli.recluster.flush = told
main()
"""
    ran = subprocess.run(
        [sys.executable, "-c", code], env=environment(room), capture_output=True, text=True, check=False
    )
    assert "clustered anew" in ran.stdout
    assert (HEAVY | {"sqlalchemy"}) & set(ran.stderr.split()) == set()


def paths(command: Any, *above: str) -> dict[tuple[str, ...], list[str]]:
    """Give every command of a program or group with its options."""
    inner = getattr(command, "commands", None)
    if inner is None:
        return {above: sorted(option for param in command.params for option in param.opts)}
    return {path: options for name, found in inner.items() for path, options in paths(found, *above, name).items()}


def test_a_word_makes_the_part_of_the_program_that_it_names() -> None:
    whole = paths(typer.main.get_command(assemble()))
    parts: dict[tuple[str, ...], list[str]] = {}
    for word in (*COMMANDS, *GROUPS):
        part = paths(typer.main.get_command(assemble(word)))
        assert {path[0] for path in part} == {word}
        parts |= part
    assert parts == whole


FEEDS = ("id", "state", "feed", "outlet", "last success", "next check", "why")
WHY = "403 Forbidden: the server turns us away; try user_agent"
ROWS = [
    ["1", "blocked", "新华社国际新闻频道最新报道汇总栏目和更多的新闻", "Xinhua", "2026-09-20", "in 21h45m", WHY],
    ["2", "fine", "A title " * 25, "Tempo", "3h ago", "at once", "its own rhythm: about 26 entries a day"],
    [
        "3",
        "disabled",
        "https://x.example/" + "path/" * 20,
        "An Outlet",
        "never",
        "never",
        f"moved to http://{'x' * 99}/",
    ],
]


def feeds_at(width: int) -> list[str]:
    return [*lines(FEEDS, ROWS, right=("id",), below=("why", "outlet"), names=("feed",), width=width, colour=False)]


@pytest.mark.parametrize("width", [60, 80, 100, 140, 200])
def test_what_leaves_its_row_stands_below_it_and_the_rest_keeps_its_shape(width: int) -> None:
    drawn = feeds_at(width)
    for state, _name, _outlet, last, following, _why in (row[1:] for row in ROWS):
        [line] = [line for line in drawn if f"{state}  " in line[:14]]
        assert last in line
        assert following in line
    assert max(cells(line) for line in drawn if "x" * 99 not in line) <= width
    words = " ".join(" ".join(drawn).split())
    assert "…" in words
    assert f"http://{'x' * 99}/" in words or width > 100, "an address stays whole below its row"
    if width < 140:
        assert "a day · Tempo" in words or "Tempo" in next(line for line in drawn if "fine  " in line)
        assert "    403 Forbidden: the server turns us away" in "\n".join(drawn)


def test_a_long_fact_goes_on_below_itself(own: Here) -> None:
    own.config.write_text(
        "server: {port: 0}\nfeeds: [{url: 'http://a.example/', user_agent: '" + "reader " * 20 + "of news'}]\n"
    )
    drawn = drawn_by(own, "feeds", "show", "http://a.example/", COLUMNS="60", NO_COLOR="1").splitlines()
    at = next(n for n, line in enumerate(drawn) if line.startswith("user agent     reader"))
    assert drawn[at + 1].startswith(" " * 15 + "reader")
    assert max(map(cells, drawn)) <= 60


def test_a_number_that_leaves_its_row_says_of_what() -> None:
    rows = [["Tempo", "fine", "1200"]]
    drawn = [*lines(("feed", "state", "entries"), rows, right=("entries",), below=("entries",), width=19, colour=False)]
    assert drawn[-2:] == ["Tempo  fine", "      1200 entries"]


@given(st.lists(st.tuples(st.text(max_size=40), st.text(max_size=90)), max_size=6), st.integers(24, 120))
def test_no_line_is_wider_than_the_terminal(rows: list[tuple[str, str]], width: int) -> None:
    shown = [[cell.replace("\n", " ") for cell in row] for row in rows]
    shown = [["".join(c if c.isprintable() else " " for c in cell) for cell in row] for row in shown]
    for line in lines(("name", "what it says"), shown, width=width, colour=False):
        assert cells(line) <= width


@given(st.text(alphabet=st.characters(categories=["L", "N", "P", "Zs"]), max_size=80), st.integers(2, 30))
def test_wrapping_loses_no_letter(text: str, width: int) -> None:
    wrapped = wrap(text, width)
    assert "".join(wrapped).replace(" ", "") == text.replace(" ", "")
    assert all(cells(line) <= width for line in wrapped)
