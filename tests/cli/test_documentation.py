"""docs/cli.md says what the commands are."""

from aggregator.cli.reference import document
from tests.conftest import ROOT


def test_the_reference_is_current() -> None:
    written = (ROOT / "docs" / "cli.md").read_text(encoding="utf-8")
    assert written == document(), "run `python tools/write_cli_reference.py`"
