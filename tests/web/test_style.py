"""The colours of both themes can be read: WCAG 2.2 §1.4.3 asks for a contrast of 4.5 between text and ground."""

import re

import pytest

from aggregator.web.pages import STATIC

SHEET = (STATIC / "style.css").read_text(encoding="utf-8")


def themes() -> dict[str, dict[str, str]]:
    blocks = re.findall(r":root \{(.*?)\}", SHEET, re.DOTALL)
    light, dark = (dict(re.findall(r"--(\w+): (#[0-9a-f]{6})", block)) for block in blocks)
    return {"light": light, "dark": dark}


def luminance(colour: str) -> float:
    parts = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("name", ["ink", "quiet", "link", "mark", "good", "bad"])
def test_text_stands_out_from_its_ground(theme: str, name: str) -> None:
    colours = themes()[theme]
    one, other = sorted((luminance(colours[name]), luminance(colours["paper"])))
    assert (other + 0.05) / (one + 0.05) >= 4.5


def test_nothing_in_the_style_sheet_asks_for_a_file() -> None:
    assert "url(" not in SHEET
    assert "@import" not in SHEET
