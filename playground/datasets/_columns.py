"""Columns of numbers from a text table of unknown origin: separators, headers, decimal commas and gaps as they come."""

from __future__ import annotations

import codecs
import csv
import io
import itertools
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from playground.config import shorten

MAX_BYTES, MAX_ROWS, MAX_COLUMNS, MAX_CELL = 20_000_000, 200_000, 1000, 1000
TOO_LARGE = f"This file is larger than {MAX_BYTES // 1_000_000} MB: a part of it would do."
SEPARATORS = ("\t", ";", "|", ",")  # in this order: where a comma is the decimal sign, columns are parted by another
LOOKED_AT = 50  # lines that the separator is judged by
MISSING = frozenset(("", "-", "--", ".", "?", "na", "n/a", "nan", "null", "none", "nil", "missing", "#n/a"))
MARKS = (codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
ENCODINGS = ("utf-8-sig", "utf-16", "utf-16")
KNOWN_FILES = {b"PK": "a zip or an Excel workbook", b"\xd0\xcf\x11\xe0": "an old Excel workbook", b"%PDF": "a PDF"}
GROUPED = re.compile(r"[+-]?[1-9]\d{0,2}(,\d{3})+")  # 1,234,567


@dataclass(frozen=True)
class Column:
    """One column: float64 (rows,) with NaN where a cell is missing or is no number; `words` counts the latter.

    `example` is the first cell that is no number, with its line.
    """

    values: np.ndarray
    words: int = 0
    example: str = ""


@dataclass(frozen=True)
class Grid:
    """A table of text: the names of its columns, and its rows below the header. `first` is the line of the first row."""

    names: tuple[str, ...]
    rows: list[list[str]]
    first: int
    cut: bool = False

    def column(self, number: int, decimal: str, every: int = 1) -> Column:
        """Read a column, or one row in `every` of it; the decimal sign is `.`, `,` or, with `auto`, what cells look like."""
        cells = [row[number].strip() if number < len(row) else "" for row in self.rows[::every]]
        comma = decimal == "," or (decimal == "auto" and _has_decimal_commas(cells))
        values, words, example = np.full(len(cells), np.nan), 0, ""
        for place, cell in enumerate(cells):
            if cell.lower() in MISSING:
                continue
            number_read = _number(cell, comma)
            if number_read is None:
                words += 1
                example = example or f"{shorten(cell, 24)} in row {self.first + every * place}"
            else:
                values[place] = number_read
        return Column(values, words, example)


def read_grid(data: bytes, header: str = "auto", decimal: str = "auto") -> Grid:
    """Read a table from the bytes of a file. Raises ValueError with one sentence when it is none."""
    text = _text(data).strip("\r\n")
    separator = _separator(text, decimal)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, skipinitialspace=True)
    try:
        rows = list(itertools.islice((row for row in reader if any(map(str.strip, row))), MAX_ROWS + 2))
    except csv.Error as error:
        raise ValueError(f"This file is no table that can be read: {str(error)[:80]}.") from None
    if not rows:
        raise ValueError("This file holds no rows.")
    if max(map(len, rows)) > MAX_COLUMNS:
        raise ValueError(f"This file has more than {MAX_COLUMNS:,} columns.")
    named = header == "yes" or (header == "auto" and _is_header(rows))
    width = max(len(row) for row in rows[:LOOKED_AT])
    names = [_label(cell) for cell in rows[0]] if named else []
    names += [f"column {number}" for number in range(len(names) + 1, width + 1)]
    body = rows[named : MAX_ROWS + named]
    return Grid(tuple(names), body, 1 + named, len(rows) - named > MAX_ROWS)


def _text(data: bytes) -> str:
    if len(data) > MAX_BYTES:
        raise ValueError(TOO_LARGE)
    for signature, what in KNOWN_FILES.items():
        if data.startswith(signature):
            raise ValueError(f"This file is {what}: save the table as CSV first.")
    encodings = [name for mark, name in zip(MARKS, ENCODINGS, strict=True) if data.startswith(mark)] or ["utf-8", "cp1252"]
    if b"\0" in data and encodings[0] != "utf-16":
        raise ValueError("This file is not text: save the table as CSV first.")
    for encoding in encodings:
        try:
            return data.decode(encoding)
        except UnicodeError:
            continue
    return data.decode("latin-1")


def _separator(text: str, decimal: str) -> str:
    """Return what parts most of the first lines into the same number of cells, more than one; a tab where nothing does."""
    lines = [line for line in itertools.islice(io.StringIO(text), 4 * LOOKED_AT) if line.strip()][:LOOKED_AT]
    for separator in SEPARATORS:
        if separator == "," and decimal == ",":
            continue
        counts = [line.count(separator) for line in lines]
        usual = max(set(counts), key=counts.count, default=0)
        if usual and counts.count(usual) * 2 > len(counts):
            return separator
    return "\t"


def _is_header(rows: Sequence[Sequence[str]]) -> bool:
    """Say whether the first row names columns: it holds no number, and some row after it does."""

    def holds_numbers(row: Sequence[str]) -> bool:
        return any(_number(cell.strip(), comma) is not None for cell in row for comma in (False, True))

    return not holds_numbers(rows[0]) and any(holds_numbers(row) for row in rows[1:LOOKED_AT])


def _has_decimal_commas(cells: Sequence[str]) -> bool:
    """Say whether commas are decimal signs: in 1,5 and 1.234,5, but not in 1,234,567 or 1,234.5."""
    with_comma = [cell for cell in cells if "," in cell]
    if not with_comma:
        return False
    both = [cell for cell in with_comma if "." in cell]
    if both:
        return sum(cell.rfind(",") > cell.rfind(".") for cell in both) * 2 > len(both)
    return not all(GROUPED.fullmatch(cell) for cell in with_comma)


def _number(cell: str, comma: bool) -> float | None:
    """Return a cell as a finite number, or None. Blanks and the other sign part thousands; a percent sign may follow."""
    if not cell or len(cell) > MAX_CELL or not any(map(str.isdigit, cell)) or "_" in cell:
        return None
    plain = cell.rstrip("%").replace(" ", "").replace("\u00a0", "").replace("\u202f", "").replace("'", "").replace("−", "-")
    plain = plain.replace(".", "").replace(",", ".") if comma else plain.replace(",", "")
    try:
        value = float(plain)
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def _label(cell: str) -> str:
    """Return the name of a column fit to be shown."""
    printable = "".join(letter if letter.isprintable() else "?" for letter in cell.strip())
    return printable[:60]
