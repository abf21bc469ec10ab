from pathlib import Path

import pytest

from aggregator.config import Instance, locate, personal_instance


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "feeds.yaml").touch()
    return tmp_path


ENV = {"XDG_CONFIG_HOME": "/xdg/config", "XDG_DATA_HOME": "/xdg/data"}
PERSONAL = Instance(config=Path("/xdg/config/aggregator/feeds.yaml"), store=Path("/xdg/data/aggregator"))


def test_an_option_beats_everything(folder: Path) -> None:
    env = ENV | {"AGGREGATOR_CONFIG": "/env/feeds.yaml", "AGGREGATOR_STORE": "/env/store"}
    found = locate(Path("/option/a.yaml"), Path("/option/data"), env, folder)
    assert found == Instance(config=Path("/option/a.yaml"), store=Path("/option/data"))


def test_the_environment_beats_the_folder(folder: Path) -> None:
    env = ENV | {"AGGREGATOR_CONFIG": "/env/feeds.yaml", "AGGREGATOR_STORE": "/env/data"}
    assert locate(None, None, env, folder) == Instance(config=Path("/env/feeds.yaml"), store=Path("/env/data"))


def test_the_folder_beats_the_personal_folders(folder: Path) -> None:
    assert locate(None, None, ENV, folder) == Instance(config=folder / "feeds.yaml", store=folder / "store")


def test_the_personal_folders_are_last(tmp_path: Path) -> None:
    assert locate(None, None, ENV, tmp_path) == PERSONAL


def test_a_store_lies_beside_a_configuration_that_was_named(tmp_path: Path) -> None:
    assert locate(Path("/some/where.yaml"), None, ENV, tmp_path).store == Path("/some/store")
    assert locate(None, None, ENV | {"AGGREGATOR_CONFIG": "/e/x.yaml"}, tmp_path).store == Path("/e/store")


def test_naming_the_personal_configuration_keeps_the_personal_store(folder: Path) -> None:
    assert locate(PERSONAL.config, None, ENV, folder) == PERSONAL


def test_a_store_alone_leaves_the_configuration_to_the_rest(folder: Path, tmp_path: Path) -> None:
    assert locate(None, Path("/data"), ENV, folder) == Instance(config=folder / "feeds.yaml", store=Path("/data"))


def test_relative_paths_and_the_home_folder_become_absolute(tmp_path: Path) -> None:
    found = locate(Path("a/feeds.yaml"), Path("~/data"), ENV, tmp_path)
    assert found == Instance(config=tmp_path / "a/feeds.yaml", store=Path.home() / "data")


def test_empty_variables_count_as_unset(tmp_path: Path) -> None:
    assert locate(None, None, ENV | {"AGGREGATOR_CONFIG": "", "AGGREGATOR_STORE": ""}, tmp_path) == PERSONAL


def test_a_relative_xdg_folder_is_ignored() -> None:
    assert personal_instance({"XDG_CONFIG_HOME": "here"}).config.is_absolute()
