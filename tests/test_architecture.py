"""The folder is the architecture: a row of the layout imports rows above it only."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import ROOT

PACKAGE = ROOT / "aggregator"
ROWS = (
    "__init__",
    "errors",
    "memory",
    "systemd",
    "model",
    "config",
    "text",
    "parsing",
    "clustering",
    "fetching",
    "scheduling",
    "database",
    "publishing",
    "pipeline",
    "evaluation",
    "web",
    "daemon",
    "demo",
    "cli",
    "__main__",
)
SOLE_USERS = {
    "feedparser": "aggregator/parsing/",
    "datasketch": "aggregator/clustering/minhash.py",
    "httpx": "aggregator/fetching/",
    "httpcore": "aggregator/fetching/",
    "apscheduler": "aggregator/scheduling/",
    "sqlalchemy": "aggregator/database/",
    "starlette": "aggregator/web/",
    "uvicorn": "aggregator/web/",
    "typer": "aggregator/cli/",
}
# Connections are handed through the pipeline, which runs no SQL itself.
EXCEPTIONS = {("sqlalchemy", "aggregator/pipeline/")}

MODULES = sorted(PACKAGE.rglob("*.py"))


def imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            if node.level:
                parts = path.relative_to(ROOT).with_suffix("").parts[: -node.level]
                yield ".".join([*parts, node.module or ""]).rstrip(".")
            elif node.module == "aggregator":
                yield from (f"aggregator.{alias.name}" for alias in node.names)
            else:
                yield node.module or ""


def row_of(module: str) -> str:
    parts = module.split(".")
    return parts[1] if len(parts) > 1 and parts[1] in ROWS else "__init__"


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_imports_rows_above_its_own(path: Path) -> None:
    own = path.relative_to(PACKAGE).with_suffix("").parts[0]
    assert own in ROWS, f"{own} has no row in the layout"
    wrong = [
        name
        for name in imported(path)
        if name.split(".")[0] == "aggregator" and ROWS.index(row_of(name)) > ROWS.index(own)
    ]
    assert not wrong, f"{path.name} imports {wrong}, which stand below it"


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_library_has_one_user(path: Path) -> None:
    place = path.relative_to(ROOT).as_posix()
    for name in imported(path):
        library = name.split(".")[0]
        owner = SOLE_USERS.get(library)
        excepted = any(library == one and place.startswith(folder) for one, folder in EXCEPTIONS)
        assert owner is None or place.startswith(owner) or excepted, f"{place} uses {library}; only {owner} may"


def test_the_imports_between_rows_are_seen() -> None:
    assert "aggregator.model" in set(imported(PACKAGE / "parsing" / "identity.py"))
    assert "aggregator.text.words" in set(imported(PACKAGE / "text" / "query.py"))
