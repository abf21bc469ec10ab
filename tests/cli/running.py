"""Run commands as a person does: the program itself, in this process, over an instance of its own."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from typer.testing import CliRunner

from aggregator.cli import assemble


@dataclass(frozen=True, slots=True)
class Ran:
    """What a command left behind."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Read what it printed as JSON."""
        return json.loads(self.out)


@dataclass(frozen=True, slots=True)
class Here:
    """A folder with a configuration and a store."""

    folder: Path

    @property
    def config(self) -> Path:
        return self.folder / "feeds.yaml"

    def run(self, *words: str, env: dict[str, str] | None = None) -> Ran:
        """Run a command on this instance."""
        return run(*words, env={"AGGREGATOR_CONFIG": str(self.config), **(env or {})})


def run(*words: str, env: dict[str, str] | None = None) -> Ran:
    """Run a command; the environment names no instance but what is given."""
    clean = {"AGGREGATOR_CONFIG": None, "AGGREGATOR_STORE": None}
    result = CliRunner().invoke(assemble(), list(words), env={**clean, **(env or {})}, catch_exceptions=False)
    return Ran(result.exit_code, result.stdout, result.stderr)
