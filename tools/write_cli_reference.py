"""Write docs/cli.md from the commands: `python tools/write_cli_reference.py`."""

from pathlib import Path

from aggregator.cli.reference import document

PAGE = Path(__file__).resolve().parent.parent / "docs" / "cli.md"

if __name__ == "__main__":
    PAGE.write_text(document(), encoding="utf-8")
