"""List the pictures in files, folders and zips that strangers may have made. Nothing is ever unpacked to disk."""

from __future__ import annotations

import io
import os
import stat
import zipfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from playground.datasets._pictures import HEAD_BYTES, is_picture, is_zip

MAX_ENTRIES = 60_000
MAX_FILE_BYTES = 20_000_000
MAX_UNPACKED_BYTES = 600_000_000
MAX_RATIO = 200  # photographs hardly compress at all; a bomb of zeros reaches 1000
HARMLESS_BYTES = 1_000_000  # a file this small may compress as well as it likes: a plain BMP icon does
MAX_READ = 2 * MAX_FILE_BYTES


@dataclass(frozen=True)
class Entry:
    """A file of `size` bytes that claims to be a picture; `read(n)` returns its first n bytes, n being `size` or less."""

    name: str
    size: int
    read: Callable[[int], bytes]
    packed: bool = False


@dataclass
class Listing:
    """What was found, and a sentence on each file that was not taken; `seen` counts both."""

    entries: list[Entry] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)
    seen: int = 0

    def skip(self, name: str, reason: str) -> None:
        self.skipped.append(f"{label(name)}: {reason}")

    def add(self, entry: Entry) -> None:
        """Take `entry` when its content says that it is a picture."""
        self.seen += 1
        try:
            head = entry.read(min(entry.size, HEAD_BYTES))
        except Exception:  # beside OSError, zipfile raises whatever its decompressor meets in a damaged member
            return self.skip(entry.name, "cannot be read")
        if is_picture(head):
            self.entries.append(entry)
        else:
            self.skip(entry.name, "a zip inside another; choose it by itself" if is_zip(head) else "not an image")


def label(name: str) -> str:
    """Return a file's name fit to be shown: printable characters only, and at most 60 of them."""
    printable = "".join(letter if letter.isprintable() else "?" for letter in name)
    return printable if len(printable) <= 60 else "…" + printable[-59:]


def list_pictures(paths: Sequence[Path], stack: ExitStack) -> Listing:
    """List the pictures in files, folders and zips, told apart by content. `stack` keeps the zips open for reading."""
    listing = Listing()
    for path in paths:
        if path.is_dir():
            _list_folder(path, listing)
        elif not path.is_file():
            listing.seen += 1
            listing.skip(path.name, "no such file")
        elif _is_zip_file(path):
            _list_zip(path, listing, stack)
        else:
            _add_file(path, path.name, listing)
    return listing


def _list_folder(folder: Path, listing: Listing) -> None:
    for count, path in enumerate(_walk(folder)):
        if count == MAX_ENTRIES:
            return listing.skip(folder.name, f"only its first {MAX_ENTRIES:,} files were looked at")
        _add_file(path, str(path.relative_to(folder)), listing)


def _walk(folder: Path) -> Iterator[Path]:
    """Yield the files under `folder` in order of their names, but not hidden ones; links to folders are not followed."""
    for parent, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if not _is_hidden(name))
        yield from (Path(parent, name) for name in sorted(files) if not _is_hidden(name))


def _add_file(path: Path, name: str, listing: Listing) -> None:
    try:
        if not path.is_file():  # a pipe or a device would never end
            return
        size = path.stat().st_size
    except OSError:
        size = 0  # reading it will fail too, and be reported
    if size > MAX_FILE_BYTES:
        listing.seen += 1
        return listing.skip(name, _too_big())
    listing.add(Entry(name, size, partial(_read_file, path)))


def _read_file(path: Path, count: int) -> bytes:
    with path.open("rb") as file:
        return file.read(count)


def _is_zip_file(path: Path) -> bool:
    try:
        return is_zip(_read_file(path, HEAD_BYTES))
    except OSError:
        return False


def _list_zip(path: Path, listing: Listing, stack: ExitStack) -> None:
    try:
        file = stack.enter_context(_BoundedReader(io.FileIO(path)))
        archive = stack.enter_context(zipfile.ZipFile(file))
    except Exception:  # BadZipFile, and whatever else a forged directory provokes
        listing.seen += 1
        return listing.skip(path.name, "a damaged zip")
    members = archive.infolist()
    if len(members) > MAX_ENTRIES:
        listing.seen += 1
        return listing.skip(path.name, f"holds {len(members):,} files, more than {MAX_ENTRIES:,}")
    for member in members:
        problem = _problem(member)
        if problem:
            listing.seen += 1
            listing.skip(member.filename, problem)
        elif not member.is_dir() and not any(map(_is_hidden, _parts(member.filename))):
            listing.add(Entry(member.filename, member.file_size, partial(_read_member, archive, member), packed=True))


class _BoundedReader(io.BufferedReader):
    """Refuse the one huge read with which a zip's directory of millions of entries would be taken into memory."""

    def read(self, size: int | None = -1, /) -> bytes:
        if size is not None and size > MAX_READ:
            raise zipfile.BadZipFile("the directory is too large")
        return super().read(size)


def _read_member(archive: zipfile.ZipFile, member: zipfile.ZipInfo, count: int) -> bytes:
    with archive.open(member) as file:
        return file.read(count)


def _problem(member: zipfile.ZipInfo) -> str | None:
    """Return why a zip's entry is refused, from its directory alone, or None. Nothing here trusts a file's suffix."""
    if member.filename.startswith(("/", "\\")) or ".." in _parts(member.filename) or member.filename[1:2] == ":":
        return "its path leads out of the zip"
    if stat.S_ISLNK(member.external_attr >> 16):
        return "a link, not a file"
    if member.flag_bits & 0x1:
        return "is encrypted"
    if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        return "is compressed in an unusual way"  # Python's other decompressors have no bound on memory
    if member.file_size > max(HARMLESS_BYTES, MAX_RATIO * member.compress_size):
        return f"unpacks to more than {MAX_RATIO} times its size"
    return _too_big() if member.file_size > MAX_FILE_BYTES else None


def _too_big() -> str:
    return f"has more than {MAX_FILE_BYTES // 1_000_000} MB"


def _parts(name: str) -> list[str]:
    return name.replace("\\", "/").split("/")


def _is_hidden(name: str) -> bool:
    return name.startswith(".") or name == "__MACOSX"
