"""A file appears whole or not at all, and what a killed program left is cleared away."""

import os
import stat
import subprocess
import sys

import pytest

from playground.atomic import replacing


def dead_process() -> int:
    """Return the id of a process that has ended."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def test_a_file_appears_when_all_is_written(tmp_path):
    with replacing(tmp_path / "file") as partial:
        partial.write_text("new")
        assert not (tmp_path / "file").exists() and partial.parent == tmp_path
    assert (tmp_path / "file").read_text() == "new" and len(list(tmp_path.iterdir())) == 1


def test_what_fails_leaves_the_earlier_file_and_nothing_else(tmp_path):
    (tmp_path / "file").write_text("old")
    with pytest.raises(OSError), replacing(tmp_path / "file") as partial:
        partial.write_text("half")
        raise OSError(28, "No space left on device")
    assert (tmp_path / "file").read_text() == "old" and len(list(tmp_path.iterdir())) == 1


def test_the_umask_says_who_may_read_it(tmp_path):
    before = os.umask(0o027)
    try:
        with replacing(tmp_path / "file") as partial:
            partial.unlink()
            os.close(os.open(partial, os.O_CREAT, 0o600))  # as a library may
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "file").stat().st_mode) == 0o640


def test_what_a_dead_process_left_of_the_same_file_is_removed_and_nothing_else(tmp_path):
    dead, alive = dead_process(), os.getppid()
    left = tmp_path / f".file.{dead}.partial"
    others = [
        f".file.{alive}.partial",
        f".other.{dead}.partial",
        f"file.{dead}.partial",
        ".file.x.partial",
        ".file.1e9.partial",
    ]
    for path in (left, *(tmp_path / name for name in others)):
        path.write_text("half")
    with replacing(tmp_path / "file") as partial:
        partial.write_text("new")
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([*others, "file"])
