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
