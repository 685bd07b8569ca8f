"""Files that appear whole or not at all."""

from __future__ import annotations

import contextlib
import os
import pathlib
import re
from collections.abc import Iterator


@contextlib.contextmanager
def replacing(path: str | os.PathLike) -> Iterator[pathlib.Path]:
    """Give a path to write to, in the folder of `path`, which takes the place of `path` when all went well.

    Otherwise nothing is left of it. What a killed program left behind of the same file is removed first. Raises
    OSError where the folder cannot be written.
    """
    path = pathlib.Path(path)
    remove_leftovers(path)
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        partial.touch()
        mode = partial.stat().st_mode  # what the person's umask says; a library may let nobody else read its files
        yield partial
        partial.chmod(mode)
        os.replace(partial, path)
    finally:
        partial.unlink(missing_ok=True)


def remove_leftovers(path: pathlib.Path) -> None:
    """Remove the partial files of `path` whose program no longer runs."""
    pattern = re.compile(rf"\.{re.escape(path.name)}\.(\d{{1,10}})\.partial")
    with contextlib.suppress(OSError):
        for other in path.parent.iterdir():
            match = pattern.fullmatch(other.name)
            if match and not _runs(int(match[1])):
                other.unlink(missing_ok=True)


def _runs(process: int) -> bool:
    if os.name != "posix":
        return True  # there, asking with signal 0 would end the program
    try:
        os.kill(process, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except OSError:  # it runs, and belongs to someone else
        return True
    return True
