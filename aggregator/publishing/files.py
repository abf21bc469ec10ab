"""Files that a reader sees whole or not at all."""

import os
import tempfile
from contextlib import suppress
from pathlib import Path

from aggregator.errors import StoreError

_TEMPORARY = ".part"

Version = tuple[int, int, int]


def version(path: Path) -> Version:
    """Give a value that changes when a file does, without reading it.

    Raises:
        OSError: there is none.
    """
    status = os.stat(path)  # noqa: PTH116  # asked for on each request; Path.stat costs twice as much
    return status.st_ino, status.st_mtime_ns, status.st_size


def write_if_changed(path: Path, data: bytes) -> bool:
    """Write a file under a temporary name, fsync, rename, fsync its folder; tell whether it had to be written.

    A file with the same bytes is not touched: its time stands for its content, and flash memory is spared.

    Raises:
        StoreError: when it cannot be written; names the file.
    """
    try:
        if _holds(path, data):
            return False
        _replace(path, data)
    except OSError as error:
        raise StoreError(f"{path}: cannot be written: {error.strerror or error}") from error
    return True


def remove_temporaries(folder: Path) -> int:
    """Remove what writes that were cut off have left; only where no other process writes. Count them."""
    removed = 0
    for path in folder.glob(f".*{_TEMPORARY}"):
        with suppress(OSError):
            path.unlink()
            removed += 1
    return removed


def _holds(path: Path, data: bytes) -> bool:
    try:
        return path.stat().st_size == len(data) and path.read_bytes() == data
    except FileNotFoundError:
        return False


def _replace(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=_TEMPORARY, dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fchmod(file.fileno(), 0o644)
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
