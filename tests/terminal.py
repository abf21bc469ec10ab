"""The program on a terminal of its own."""

import os
import pty
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Drawn:
    """What a command left behind."""

    code: int
    out: str
    err: str  # empty where errors go to the terminal too


def on_a_terminal(*words: str, env: Mapping[str, str], errors: int | None = None) -> Drawn:
    """Run a command in a process of its own; `errors`: `subprocess.PIPE` keeps them from the terminal."""
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "aggregator", *words]
    stderr = theirs if errors is None else errors
    with subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=stderr, env=env) as process:
        os.close(theirs)
        drawn = b""
        try:
            while part := os.read(ours, 65_536):
                drawn += part
        except OSError:  # Linux: the other end is closed
            pass
        told = process.stderr.read() if process.stderr else b""
    os.close(ours)
    return Drawn(process.returncode, drawn.decode().replace("\r\n", "\n"), told.decode())
