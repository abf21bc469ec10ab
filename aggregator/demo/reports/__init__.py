"""The demo's reports: sentences of our own about happenings of September 2021, in the name of invented outlets.

Each report is labelled with its happening. Events are per language, so the reports of one (happening, language) are
what clustering should bring together. The labels are never served.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from importlib.resources import files
from io import StringIO
from typing import Any, Literal

from anyascii import anyascii
from ruamel.yaml import YAML

LANGUAGES = ("id", "en", "tr", "de", "es")

Format = Literal["rss", "atom", "json", "rdf"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlet:
    """An invented outlet and the format of its feed."""

    key: str
    name: str
    language: str
    format: Format
    site: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NewsReport:
    """One report as its outlet wrote it. `byline` is the outlet's own opening of a text that it took over."""

    id: str
    outlet: Outlet
    happening: str
    published: datetime
    title: str
    summary: str
    byline: str = ""
    copy_of: str | None = None  # id of the report whose text it took over

    @property
    def language(self) -> str:
        """Give the outlet's language: no outlet here writes in two."""
        return self.outlet.language

    @property
    def text(self) -> str:
        """Give the summary as the outlet prints it."""
        return self.byline + self.summary

    @property
    def url(self) -> str:
        """Give an address under .example, made of date and title as news sites do."""
        words = "".join(c if c.isalnum() else " " for c in anyascii(self.title).lower().replace("'", "")).split()
        return f"{self.outlet.site}/{self.published:%Y/%m/%d}/{'-'.join(words[:8])}"


@cache
def outlets() -> tuple[Outlet, ...]:
    """Read the outlets, in the order of their file."""
    return tuple(Outlet(**row) for row in _rows("outlets"))


@cache
def reports() -> tuple[NewsReport, ...]:
    """Read all reports, earliest first."""
    by_key = {outlet.key: outlet for outlet in outlets()}
    found = [_report(row, by_key) for language in LANGUAGES for row in _rows(language)]
    return tuple(sorted(found, key=lambda report: (report.published, report.id)))


def _report(row: dict[str, Any], by_key: dict[str, Outlet]) -> NewsReport:
    published = datetime.fromisoformat(str(row["published"])).replace(tzinfo=UTC)
    return NewsReport(**row | {"outlet": by_key[row["outlet"]], "published": published})


def _rows(name: str) -> Iterator[dict[str, Any]]:
    text = (files(__name__) / f"{name}.yaml").read_text(encoding="utf-8")
    yield from YAML(typ="safe", pure=True).load(StringIO(text))
