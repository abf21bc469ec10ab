import stat
from pathlib import Path

import pytest

from aggregator.errors import StoreError
from aggregator.publishing.files import remove_temporaries, write_if_changed


def test_a_file_is_written_whole_and_readable_by_all(tmp_path: Path) -> None:
    path = tmp_path / "feeds" / "events.atom"
    assert write_if_changed(path, b"<feed/>")
    assert path.read_bytes() == b"<feed/>"
    assert stat.S_IMODE(path.stat().st_mode) == 0o644
    assert [path.name for path in path.parent.iterdir()] == ["events.atom"]


def test_the_same_bytes_are_not_written_again(tmp_path: Path) -> None:
    path = tmp_path / "events.atom"
    write_if_changed(path, b"one")
    before = path.stat()
    assert not write_if_changed(path, b"one")
    assert (path.stat().st_ino, path.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    assert write_if_changed(path, b"two")
    assert path.read_bytes() == b"two"


def test_a_reader_that_has_the_old_file_open_keeps_it_whole(tmp_path: Path) -> None:
    path = tmp_path / "events.atom"
    write_if_changed(path, b"old" * 1000)
    with path.open("rb") as reader:
        write_if_changed(path, b"new")
        assert reader.read() == b"old" * 1000


def test_what_a_cut_off_write_left_is_removed(tmp_path: Path) -> None:
    (tmp_path / ".events.atom.x1y2.part").write_bytes(b"half")
    (tmp_path / "events.atom").write_bytes(b"whole")
    assert remove_temporaries(tmp_path) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["events.atom"]


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "feeds").write_bytes(b"a file, not a folder")
    with pytest.raises(StoreError, match=r"feeds/events\.atom: cannot be written"):
        write_if_changed(tmp_path / "feeds" / "events.atom", b"x")


def test_a_failed_write_leaves_the_old_file_and_no_temporary(tmp_path: Path) -> None:
    path = tmp_path / "events.atom"
    path.mkdir()  # a rename onto a folder fails after the temporary was written
    with pytest.raises(StoreError):
        write_if_changed(path, b"x")
    assert [path.name for path in tmp_path.iterdir()] == ["events.atom"]
