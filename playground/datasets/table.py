"""Your own series: one column of a table, cut into windows and scaled to [-1, 1] by its range."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from dataclasses import field as plain_field
from pathlib import Path

import numpy as np
import torch

from playground.config import check, field, shorten
from playground.datasets._columns import MAX_BYTES, TOO_LARGE, Column, Grid, read_grid
from playground.datasets._dataset import Dataset
from playground.samples import Samples, SampleSpec

MAX_WINDOWS, MIN_WINDOWS = 20_000, 32
GLANCE = 200  # rows by which a column is first judged
MAX_GAP = 3  # missing values in a row that a straight line may bridge
MOST_WORDS = 0.1  # of a column of numbers that may be words: a total below, a note between


@dataclass(frozen=True)
class Config:
    length: int = field(32, help="Steps of each window that is cut from the column.", low=8, high=128, advanced=False)
    column: str = field("", help="Name or number of the column; empty: the first that holds numbers.", advanced=False)
    stride: int = field(1, help="Steps from the start of one window to the next.", low=1, high=10_000)
    header: str = field("auto", help="Whether the first row names the columns.", choices=("auto", "yes", "no"))
    decimal: str = field("auto", help="The decimal sign: 1.5 or 1,5.", choices=("auto", ".", ","))
    file: str = field("", help="A CSV file on this machine.", private=True, advanced=False)

    def __post_init__(self) -> None:
        check(self)


@dataclass
class Table:
    """A file as it came; what was read last is kept, so that another window length costs nothing."""

    data: bytes
    _read: tuple[tuple[str, str], Grid] | None = plain_field(default=None, repr=False)

    @property
    def num_bytes(self) -> int:
        """Memory that the table holds, about: a cell that was read takes some sixty bytes."""
        cells = sum(map(len, self._read[1].rows)) if self._read else 0
        return len(self.data) + 60 * cells

    def grid(self, header: str, decimal: str) -> Grid:
        """Return the table's cells. Raises ValueError with one sentence when there is no table in it."""
        if self._read is None or self._read[0] != (header, decimal):
            self._read = (header, decimal), read_grid(self.data, header, decimal)
        return self._read[1]


@dataclass(frozen=True)
class Cut:
    """What was cut from a column: `windows` float32 (N, length, 1) in [-1, 1], `low` and `high` being the column's range.

    `note` says in a sentence or two what was left out or filled in.
    """

    windows: torch.Tensor
    column: str
    low: float
    high: float
    note: str


def spec(config: Config) -> SampleSpec:
    return SampleSpec("series", (config.length, 1))


def open_table(path: str | os.PathLike) -> Table:
    """Read a file of at most 20 MB. Raises FileNotFoundError, or ValueError, with one sentence."""
    try:
        path = Path(path).expanduser()
        known = path.stat()
        regular, small = stat.S_ISREG(known.st_mode), known.st_size <= MAX_BYTES
        data = path.read_bytes() if regular and small else b""  # a pipe or a device would never end
    except (OSError, RuntimeError, ValueError) as error:  # also a home of nobody's, or a name too long to exist
        raise FileNotFoundError(f"There is no file {shorten(str(path))} that can be read.") from error
    if not regular:
        raise ValueError(f"{shorten(str(path))} is no file: it takes a CSV file.")
    if not small:
        raise ValueError(TOO_LARGE)
    return Table(data)


def cut(table: Table, config: Config) -> Cut:
    """Cut windows from the column that `config` names. Raises ValueError with one sentence saying what stands against it."""
    grid = table.grid(config.header, config.decimal)
    number, column = _choose(grid, config)
    name = grid.names[number]
    values, filled = _bridged(column.values)
    low, high = _range(values, name)
    windows, torn = _windows((values - (low / 2 + high / 2)) / (high / 2 - low / 2), config)
    return Cut(torch.from_numpy(windows).unsqueeze(2), name, low, high, _note(grid, column, filled, torn))


def _range(values: np.ndarray, name: str) -> tuple[float, float]:
    """Return the lowest and the highest value. Raises ValueError where there is nothing between them."""
    known = values[np.isfinite(values)]
    if not len(known):
        raise ValueError(f"The column {shorten(name)} holds no numbers.")
    low, high = float(known.min()), float(known.max())
    if not low < high:
        raise ValueError(f"The column {shorten(name)} never changes: there is nothing to learn.")
    if not np.isfinite(high - low) or high / 2 - low / 2 == 0:
        raise ValueError(f"The column {shorten(name)} cannot be scaled: it runs from {low:.3g} to {high:.3g}.")
    return low, high


def prepare(table: Table, config: Config) -> Samples:
    """Turn a table into samples as `config` says. Raises ValueError as `cut`."""
    return Samples(spec(config), cut(table, config).windows)


def load(config: Config, root: Path) -> Samples:
    """Read the table at `config.file`. Raises FileNotFoundError, or ValueError when no windows can be cut from it."""
    if not config.file:
        raise FileNotFoundError("Choose a table of your own first: a CSV file with a column of numbers.")
    return prepare(open_table(config.file), config)


def _choose(grid: Grid, config: Config) -> tuple[int, Column]:
    """Return the number of the column asked for, and what it holds."""
    if not config.column:
        every = max(1, len(grid.rows) // GLANCE)
        for number in range(len(grid.names)):
            if not _is_series(grid.column(number, config.decimal, every)):
                continue
            column = grid.column(number, config.decimal)
            if _is_series(column):
                return number, column
        raise ValueError("No column of this table holds numbers that go up and down.")
    number = _number_of(grid, config.column)
    column = grid.column(number, config.decimal)
    if column.words > MOST_WORDS * len(column.values):
        raise ValueError(f"The column {shorten(grid.names[number])} holds words, such as {column.example}.")
    return number, column


def _is_series(column: Column) -> bool:
    """Say whether a column holds numbers, and does not merely count rows as an index or a year does."""
    values = column.values
    if not np.isfinite(values).any() or column.words > MOST_WORDS * len(values):
        return False
    steps = np.diff(values)
    return len(steps) < 2 or not bool((steps == steps[0]).all())


def _number_of(grid: Grid, wanted: str) -> int:
    names = [name.casefold() for name in grid.names]
    if wanted.strip().casefold() in names:
        return names.index(wanted.strip().casefold())
    if wanted.strip().isdecimal() and 1 <= int(wanted[:9]) <= len(names):
        return int(wanted) - 1
    few = ", ".join(shorten(name, 24) for name in grid.names[:6]) + (" …" if len(names) > 6 else "")
    raise ValueError(f"There is no column {shorten(wanted)}; choose from: {few}, or a number from 1 to {len(names)}.")


def _bridged(values: np.ndarray) -> tuple[np.ndarray, int]:
    """Fill gaps of up to MAX_GAP values by straight lines; returns the values and how many were filled."""
    gone = ~np.isfinite(values)
    known = np.flatnonzero(~gone)
    if len(known) < 2:
        return values, 0
    before = known[np.searchsorted(known, np.arange(len(values)), side="right").clip(1) - 1]
    after = known[np.searchsorted(known, np.arange(len(values))).clip(max=len(known) - 1)]
    short = gone & (before < np.arange(len(values))) & (after > np.arange(len(values))) & (after - before - 1 <= MAX_GAP)
    filled = values.copy()
    filled[short] = np.interp(np.flatnonzero(short), known, values[known])
    return filled, int(short.sum())


def _windows(values: np.ndarray, config: Config) -> tuple[np.ndarray, int]:
    """Return the windows (N, length) without gaps, float32, at most MAX_WINDOWS, and how many had gaps."""
    if len(values) < config.length:
        raise ValueError(f"The column has {len(values):,} values, fewer than one window of {config.length}.")
    views = np.lib.stride_tricks.sliding_window_view(values, config.length)[:: config.stride]
    whole = np.flatnonzero(np.isfinite(views).all(1))
    if len(whole) < MIN_WINDOWS:
        why = " without gaps" if len(whole) < len(views) else ""
        raise ValueError(
            f"The column gives {len(whole)} windows of {config.length} steps{why}, and it takes {MIN_WINDOWS}: "
            "a longer column, shorter windows or a smaller stride would do."
        )
    torn = len(views) - len(whole)
    if len(whole) > MAX_WINDOWS:  # spread evenly, so that no part of the column is left out
        whole = whole[np.arange(MAX_WINDOWS) * len(whole) // MAX_WINDOWS]
    return np.ascontiguousarray(views[whole], np.float32).clip(-1, 1), torn


def _note(grid: Grid, column: Column, filled: int, torn: int) -> str:
    said = []
    if grid.cut:
        said.append(f"Only the first {len(grid.rows):,} rows are used.")
    if column.words:
        said.append(f"{column.words:,} cells are no numbers ({column.example}).")
    if filled:
        said.append(f"{filled:,} missing values were filled in by straight lines.")
    if torn:
        said.append(f"{torn:,} windows with longer gaps were left out.")
    return " ".join(said)


DATASET = Dataset(
    name="table",
    title="Your own table (CSV)",
    summary="A column of numbers of yours, cut into windows: a few hundred rows make a good start.",
    credits="Yours",
    licence="Whatever you decide",
    config=Config,
    spec=spec,
    load=load,
    available=lambda root: False,  # only ever with a file, which no default can know
    architecture="rgan",
    order=15,
)
