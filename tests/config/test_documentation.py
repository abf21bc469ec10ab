"""docs/configuration.md names every key, and every default as it is."""

import re

import pytest
from pydantic import BaseModel

from aggregator.config import AlertConfig, Config, FeedConfig, OutletConfig, format_duration
from tests.conftest import ROOT

PAGE = (ROOT / "docs" / "configuration.md").read_text()
SECTIONS = {
    "feeds": FeedConfig,
    "outlets": OutletConfig,
    "alerts": AlertConfig,
    **{name: type(value) for name, value in Config() if isinstance(value, BaseModel)},
}


def rows(section: str) -> dict[str, list[str]]:
    """Give the cells of each row of a section's table, by its key."""
    found = re.search(rf"^## `{section}`\n(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL)
    assert found, section
    lines = re.findall(r"^\| `(\w+)` \| (.*) \|$", found[1], re.MULTILINE)
    return {key: cells.split(" | ") for key, cells in lines}


def test_every_section_is_explained() -> None:
    assert set(SECTIONS) == set(Config.model_fields)


@pytest.mark.parametrize("section", SECTIONS)
def test_every_key_is_explained(section: str) -> None:
    assert list(rows(section)) == list(SECTIONS[section].model_fields)


@pytest.mark.parametrize("section", [name for name in SECTIONS if name not in ("feeds", "outlets", "alerts")])
def test_every_default_is_given_as_it_is(section: str) -> None:
    for key, field in SECTIONS[section].model_fields.items():
        default = field.default
        shown = format_duration(default) if hasattr(default, "total_seconds") else str(default)
        assert rows(section)[key][0].strip("`") == {"None": "none", "()": "[]"}.get(shown, shown), key
