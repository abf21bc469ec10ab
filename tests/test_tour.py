"""docs/tour.md is what the program answers."""

from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.tour import tour


@pytest.mark.timeout(900)
def test_the_tour_is_what_happens(shared: Path, tmp_path: Path) -> None:
    written = (ROOT / "docs" / "tour.md").read_text(encoding="utf-8")
    assert tour(shared, tmp_path) == written, "run `python tools/write_tour.py` and read what changed"
