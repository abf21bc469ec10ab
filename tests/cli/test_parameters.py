"""Values are taken as they are where they need no conversion, and refused as before where they are wrong."""

from pathlib import Path

import pytest

from tests.cli.running import Here, run


def test_words_paths_and_options_that_are_not_given_are_what_they_were(room: Here) -> None:
    store = str(room.folder / "store")
    found = run("events", "search", "taliban", "OR", "panjshir", "--store", store, "--config", str(room.config))
    assert found.code == 0
    assert "Panjshir" in found.out
    assert run("events", "list", "--all", "--language", "en", "--language", "id", "--store", store).code == 0


def test_an_empty_word_is_no_path_but_a_word(room: Here) -> None:
    assert room.run("events", "show", "").code == 3


@pytest.mark.parametrize(
    "words",
    [
        ("events", "list", "--limit", "0"),
        ("events", "list", "--limit", "many"),
        ("events", "list", "--sort", "beauty"),
        ("events", "show"),
        ("events", "search"),
        ("events", "why", "abc", "notanumber"),
        ("events", "list", "--nothing"),
    ],
)
def test_what_is_wrong_is_wrong_usage(room: Here, words: tuple[str, ...]) -> None:
    ran = room.run(*words)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err


def test_the_store_is_found_by_its_variable(room: Here, tmp_path: Path) -> None:
    elsewhere = run("status", "--json", env={"AGGREGATOR_STORE": str(room.folder / "store")})
    assert elsewhere.json["store"] == str(room.folder / "store")
    assert run("status", env={"AGGREGATOR_STORE": str(tmp_path)}).code == 3


def test_the_version_and_help_are_told() -> None:
    assert run("--version").out.startswith("aggregator ")
    assert "Usage" in run("--help").out
    assert "Usage" in run("events", "list", "--help").out


def test_configuration_and_store_stand_before_a_command_too(room: Here, tmp_path: Path) -> None:
    store = str(room.folder / "store")
    for words in (
        ("--store", store, "events", "list", "--all"),
        (f"--store={store}", "--config", str(room.config), "events", "list", "--all"),
        ("events", "--store", store, "list", "--all"),
        ("--store", str(tmp_path), "events", "list", "--all", "--store", store),  # the nearest counts
    ):
        ran = run(*words)
        assert (ran.code, ran.err) == (0, ""), words
        assert "Panjshir" in ran.out
    assert run("--store", str(tmp_path), "events", "list", env={"AGGREGATOR_STORE": store}).code == 3
    for bad in (("--store",), ("--config", "--json"), ("--config=", "events", "list")):
        ran = run(*bad)
        assert (ran.code, ran.out) == (2, "")


def test_wrong_usage_is_told_in_words_for_a_person(room: Here) -> None:
    ran = room.run("events", "list", "--sort", "outlets")
    assert "'outlets' is not one of 'sources', 'updated', 'first-seen'" in ran.err
    assert "Value error" not in ran.err


def test_numbers_and_choices_are_read_as_they_are_spelled(room: Here) -> None:
    everything = room.run("events", "list", "--all", "--sort", "first-seen", "--csv").out.splitlines()
    for limit in ("2", "02", "+2"):
        found = room.run("events", "list", "--all", "--sort", "first-seen", "--csv", "--limit", limit, "--offset", "0")
        assert found.out.splitlines() == everything[:3], limit
    for wrong in ("", "２x", "-1", "1.5"):
        assert room.run("events", "list", "--limit", wrong).code == 2, wrong


@pytest.mark.parametrize("option", ["--limit", "--offset"])
def test_a_number_that_no_store_can_hold_is_refused(room: Here, option: str) -> None:
    ran = room.run("events", "list", "--all", option, "9" * 30)
    assert ran.code == 1
    assert "give a smaller one" in ran.err


def test_a_span_that_begins_before_all_time_is_refused(room: Here) -> None:
    ran = room.run("events", "list", "--now", "0001-01-01", "--since", "24h")
    assert ran.code == 1
    assert "'24h' is no time" in ran.err
