"""Write docs/tour.md from the newsroom in ../shared: every command in it is run, and its answer copied."""

import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.tour import tour  # noqa: E402  the tests' own newsroom

if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        (ROOT / "docs" / "tour.md").write_text(tour(ROOT.parent / "shared", Path(folder)), encoding="utf-8")
