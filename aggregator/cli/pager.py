"""Long output goes through PAGER where a person reads it."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from subprocess import Popen

_paging = False


def on_terminal() -> bool:
    """Tell whether a person reads what is printed, be it through the pager."""
    return _paging or sys.stdout.isatty()


@contextmanager
def pager() -> Iterator[None]:
    """Show what is printed through PAGER where a person reads it: less, which ends by itself where all fits.

    Only a terminal has one; PAGER=cat or an empty PAGER turns it off. Who leaves it early has seen enough.
    """
    import shlex
    import shutil
    import subprocess

    global _paging
    words = shlex.split(os.environ.get("PAGER", "less"))
    if not sys.stdout.isatty() or not words or words[0] == "cat" or shutil.which(words[0]) is None:
        yield
        return
    sys.stdout.flush()
    env = {"LESS": "FRX", "LESSCHARSET": "utf-8", **os.environ}
    straight = sys.stdout
    with subprocess.Popen(words, stdin=subprocess.PIPE, env=env, text=True, encoding="utf-8") as reader:  # noqa: S603
        assert reader.stdin is not None  # noqa: S101  a pipe was asked for
        try:
            sys.stdout, _paging = reader.stdin, True
            yield
            reader.stdin.flush()
        except BrokenPipeError:
            pass
        finally:
            sys.stdout, _paging = straight, False
            with suppress(BrokenPipeError):
                reader.stdin.close()
            _leave_to(reader)


def _leave_to(reader: "Popen[str]") -> None:
    """Wait until the pager has ended; Ctrl-C is a key of its own and does not end it."""
    while True:
        try:
            reader.wait()
        except KeyboardInterrupt:
            continue
        return
