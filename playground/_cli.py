"""What the commands share: reading what a person typed, writing lines and tables."""

from __future__ import annotations

import contextlib
import pathlib
import signal
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Annotated, Any, BinaryIO

import typer
from typer.core import TyperGroup

from playground.atomic import replacing
from playground.config import shorten

if TYPE_CHECKING:
    from playground.inspection import ShapeTable
    from playground.layers import Row
    from playground.model import Model

OK, FAILED, MISUSED, INTERRUPTED = 0, 1, 2, 130  # exit status
SECTIONS = ("data", "generator", "discriminator", "recipe", "engine")

UsageError = typer.BadParameter.__base__  # of all that typer refuses; it has no public name


class OneLineErrors(TyperGroup):
    """Turn what a person can get wrong into one line on standard error and exit status 2, never a traceback."""

    def main(self, *args: Any, **kwargs: Any) -> None:
        for stream in (sys.stdout, sys.stderr):
            stream.reconfigure(errors="replace")  # a terminal that has no × shows a question mark
        try:
            status = super().main(*args, **{**kwargs, "standalone_mode": False})
        except (UsageError, ValueError, OSError) as error:
            status = MISUSED
            note(f"error: {sentence(error)}")
        except (KeyboardInterrupt, typer.Abort):
            status = INTERRUPTED
        sys.exit(status)


def note(text: str) -> None:
    """Write one line to standard error."""
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


def sentence(error: Exception) -> str:
    """Write an error in one line."""
    if isinstance(error, UsageError):
        text = error.format_message()
    elif isinstance(error, OSError) and error.strerror:
        text = f"{error.filename}: {error.strerror}" if error.filename else error.strerror
    else:
        text = str(error)
    return " ".join(text.split())


def whole(help: str) -> Any:
    """Declare an option that takes a whole number."""
    return typer.Option(parser=lambda text: _parsed(int, "a whole number", text), metavar="N", help=help)


def number(help: str) -> Any:
    """Declare an option that takes a number."""
    return typer.Option(parser=lambda text: _parsed(float, "a number", text), metavar="X", help=help)


def _parsed(kind: type, what: str, text: str) -> Any:
    try:
        return kind(text)
    except ValueError:
        raise typer.BadParameter(f"{shorten(text)} is not {what}") from None  # typer's own message does not name the value


AsJson = Annotated[bool, typer.Option("--json", help="Write JSON to standard output.")]
Settings = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="KEY=VALUE",
        help="Change a setting: data.*, generator.*, discriminator.*, recipe.*, engine.*, opponent.",
    ),
]
Checkpoint = Annotated[str, typer.Argument(metavar="CHECKPOINT", help="A file, or the name of a shipped checkpoint.")]


def read_settings(pairs: Sequence[str] | None) -> dict[str, str]:
    """Read what follows `--set`. Raises ValueError for what is no `key=value` and for a key of no section."""
    flat = {}
    for pair in pairs or ():
        key, equals, value = pair.partition("=")
        if not equals:
            raise ValueError(f"--set takes key=value, not {shorten(pair)}")
        if key.partition(".")[0] not in SECTIONS and key != "opponent":
            raise ValueError(f"unknown setting {shorten(key)}; it is opponent or starts with one of: {', '.join(SECTIONS)}")
        flat[key] = value
    return flat


def read_whole_numbers(text: str, option: str) -> list[int]:
    """Read whole numbers separated by commas. Raises ValueError naming what is no whole number."""
    numbers = []
    for word in text.split(","):
        try:
            numbers.append(int(word))
        except ValueError:
            raise ValueError(f"{option} takes whole numbers separated by commas, not {shorten(word)}") from None
    return numbers


def open_checkpoint(name: str) -> Model:
    """Load the checkpoint in the file `name`, or the shipped one of that name. Raises ValueError when there is neither."""
    from playground.checkpoint import load, shipped

    known = {path.stem: path for path in shipped()}
    path = pathlib.Path(name)
    if not path.is_file() and name not in known:
        raise ValueError(f"there is no checkpoint {shorten(name)}; give a file or one of: {', '.join(known)}")
    return load(path if path.is_file() else known[name])


def origin(model: Model, checkpoint: str, **call: Any) -> dict[str, Any]:
    """Return what it takes to make a picture again, for its metadata."""
    return {"experiment": model.experiment.settings(), "checkpoint": pathlib.Path(checkpoint).name, "step": model.step, **call}


def check_output(path: pathlib.Path, suffixes: Sequence[str]) -> str:
    """Return the suffix of `path`. Raises ValueError, before any work is done, for another one or an unwritable place."""
    suffix = path.suffix.lower()
    if suffix not in suffixes:
        raise ValueError(f"--output {shorten(str(path))} must end in {' or '.join(suffixes)}")
    try:
        if path.is_dir():
            raise IsADirectoryError(None, "it is a folder")
        with tempfile.TemporaryFile(dir=path.parent):
            pass
    except OSError as error:
        raise ValueError(f"--output {shorten(str(path))} cannot be written: {error.strerror}") from None
    return suffix


@contextlib.contextmanager
def whole_file(path: pathlib.Path) -> Iterator[BinaryIO]:
    """Open a file for writing that takes the place of `path` when all went well; else nothing is left of it."""
    with replacing(path) as partial, partial.open("wb") as file:
        yield file


@contextlib.contextmanager
def interruptions() -> Iterator[Callable[[], bool]]:
    """Give a function that says whether SIGINT or SIGTERM has come. A second one ends the program at once."""
    caught: list[int] = []

    def catch(number: int, frame: Any) -> None:
        if caught:
            raise KeyboardInterrupt
        caught.append(number)

    before = {number: signal.signal(number, catch) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield lambda: bool(caught)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def table(rows: Sequence[Sequence[str]], right: Sequence[int] = ()) -> list[str]:
    """Align `rows` of cells into lines; the columns numbered in `right` are flush right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(
            cell.rjust(width) if number in right else cell.ljust(width)
            for number, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]


def shape_report(shapes: ShapeTable) -> str:
    """Write both networks of a shape table as aligned text, a line a module, with totals."""
    return "\n\n".join("\n".join(_network(name, getattr(shapes, name))) for name in ("generator", "discriminator"))


def _network(name: str, rows: Sequence[Row]) -> list[str]:
    from playground.inspection import formula

    heads = ("stage", "module", "input", "output", "size", "parameters", "MACs")
    cells = [
        (
            row.stage,
            row.type,
            _size(row.input_shape),
            _size(row.output_shape),
            formula(row),
            f"{row.parameters:,}",
            f"{row.macs:,}",
        )
        for row in rows
    ]
    total = ("total", "", "", "", "", f"{sum(row.parameters for row in rows):,}", f"{sum(row.macs for row in rows):,}")
    return [name, *table([heads, *cells, total], right=(5, 6))]


def _size(shape: Sequence[int]) -> str:
    return "×".join(map(str, shape)) or "1"
