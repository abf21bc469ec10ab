import shutil
from pathlib import Path

import pytest

from tests.cli import newsroom
from tests.cli.running import Here


@pytest.fixture
def here(tmp_path: Path) -> Here:
    return Here(tmp_path)


@pytest.fixture(scope="session")
def room(tmp_path_factory: pytest.TempPathFactory) -> Here:
    """Give an instance with the demo's reports, to read only."""
    return Here(newsroom.write(tmp_path_factory.mktemp("newsroom")))


@pytest.fixture
def own(room: Here, tmp_path: Path) -> Here:
    """Give a copy of that instance, to change."""
    shutil.copytree(room.folder, tmp_path / "own")
    return Here(tmp_path / "own")
