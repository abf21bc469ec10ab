"""The lock of a store: held by the one process that polls and clusters, and looked at by others."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TextIO

from aggregator.errors import StoreError, StoreInUse

_LOOKS, _LOOK = 50, 0.02  # how often, and in which seconds, who only looks is waited for


@contextmanager
def sole(folder: Path, what: str) -> Iterator[None]:
    """Hold the store as its one poller and clusterer, until the block or the process ends.

    Raises:
        StoreInUse: another process holds it.
        StoreError: the folder cannot be written.
    """
    path = folder / "daemon.lock"
    with _lock_file(path) as file:
        if not _locked(file):
            file.seek(0)
            what = file.read().strip() or "another process"
            raise StoreInUse(
                f"{folder} is in use by {what}; end it first, or name another folder with --store (AGGREGATOR_STORE)",
                what,
            )
        file.truncate(0)
        file.write(f"{what}, process {os.getpid()}")
        file.flush()
        yield
        file.truncate(0)


def _locked(file: TextIO) -> bool:
    """Lock it, unless somebody holds it; who shares a lock of it only looks (`holder`), and is through at once.

    Else a start would fail where the last daemon was killed, whose name stands there still.
    """
    for _ in range(_LOOKS):
        if _taken(file, fcntl.LOCK_EX):
            return True
        if not _taken(file, fcntl.LOCK_SH):
            return False
        fcntl.flock(file, fcntl.LOCK_UN)
        time.sleep(_LOOK)
    return False


def _taken(file: TextIO, kind: int) -> bool:
    try:
        fcntl.flock(file, kind | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _lock_file(path: Path) -> TextIO:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        return path.open("a+")
    except OSError as error:
        raise StoreError(
            f"{path}: cannot be written: {error.strerror}; make the folder writable for this user, or name another one"
            " with --store (AGGREGATOR_STORE)"
        ) from error


@dataclass(frozen=True, slots=True)
class Holder:
    """Who polls and clusters a store, and since when."""

    what: str
    since: datetime


def holder(folder: Path) -> Holder | None:
    """Say who holds the store as its poller and clusterer; None where nobody does."""
    path = folder / "daemon.lock"
    if not path.exists():
        return None
    with path.open() as file:
        if _taken(file, fcntl.LOCK_SH):
            return None
        since = datetime.fromtimestamp(path.stat().st_mtime, UTC)
        return Holder(file.read().strip() or "another process", since)
