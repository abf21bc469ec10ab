"""Run commands as a person does: the program itself, in this process, over an instance of its own."""

import json
import sys
from dataclasses import dataclass
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
import typer.main
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
    runner, program = CliRunner(), whole_program()
    with runner.isolation(env={**clean, **(env or {})}) as (out, err, _):
        with pytest.raises(SystemExit) as ended:
            program.main(list(words), prog_name="aggregator")
        sys.stdout.flush()
        sys.stderr.flush()
        return Ran(int(ended.value.code or 0), said(out), said(err))


@cache
def whole_program() -> Any:
    """Build every command from its signature, once: CliRunner.invoke would for each command that is run."""
    return typer.main.get_command(assemble())


def said(stream: BytesIO) -> str:
    return stream.getvalue().decode().replace("\r\n", "\n")
