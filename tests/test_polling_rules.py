"""docs/polling.md tells the truth about its tests."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGE = (ROOT / "docs" / "polling.md").read_text(encoding="utf-8")
NAMED = re.findall(r"`([\w/]+\.py)::(test_\w+)`", PAGE)


def test_every_rule_but_delta_encoding_and_websub_has_its_row_with_a_test() -> None:
    rows = re.findall(r"^\| (\d+) \|.*::test_", PAGE, re.MULTILINE)
    assert [int(number) for number in rows] == [number for number in range(1, 51) if number not in (34, 35)]


def test_every_test_that_the_page_names_exists() -> None:
    assert len(NAMED) > 100
    for path, name in NAMED:
        source = (ROOT / "tests" / path).read_text(encoding="utf-8")
        assert re.search(rf"^(async )?def {name}\(", source, re.MULTILINE), f"{path} has no {name}"
