"""Servers on two loopback hosts, a disk that is full, a folder that nobody may write."""

import resource
import subprocess
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

from tests.server import Server, serving


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    async with serving() as running:
        yield running


@pytest.fixture
async def other() -> AsyncIterator[Server]:
    async with serving("127.0.0.2") as running:
        yield running


@contextmanager
def files_no_longer_than(size: int) -> Iterator[None]:
    """Have every write of this process fail that would make a file longer than this; the nearest to a full disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@contextmanager
def run_or_skip(do: list[str], undo: list[str], why: str) -> Iterator[None]:
    if subprocess.run(do, capture_output=True, check=False).returncode:
        pytest.skip(why)
    try:
        yield
    finally:
        subprocess.run(undo, capture_output=True, check=True)


@pytest.fixture
def unwritable() -> Callable[[Path], AbstractContextManager[None]]:
    """Make a folder that even root may not write into, while a block lasts."""
    return lambda folder: run_or_skip(
        ["chattr", "+i", str(folder)], ["chattr", "-i", str(folder)], "needs chattr and a file system that knows it"
    )


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Mount a disk of 2 MB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(folder)]
    with run_or_skip(mount, ["umount", str(folder)], "needs the right to mount a file system"):
        yield folder
