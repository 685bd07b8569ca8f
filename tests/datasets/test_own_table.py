"""A table that a person brings: one column of it becomes windows in [-1, 1], or one sentence says why not."""

import math
import os
import re
import time
import zipfile
from pathlib import Path

import numpy as np
import pytest
import torch

from playground.datasets import DATASETS, table
from playground.datasets._columns import MAX_BYTES
from playground.datasets.table import Config, Table, cut, load, open_table

WAVE = [math.sin(n / 5) for n in range(200)]


def written(rows, *, separator=",", header="", comma=False, encoding="utf-8") -> Table:
    lines = [separator.join(str(cell) for cell in row) for row in rows]
    text = "\n".join([header, *lines] if header else lines) + "\n"
    return Table((text.replace(".", ",") if comma else text).encode(encoding))


def refusal(data: bytes | Table, **settings) -> str:
    with pytest.raises(ValueError) as caught:
        cut(data if isinstance(data, Table) else Table(data), Config(**settings))
    message = str(caught.value)
    assert message.endswith(".") and "\n" not in message and len(message) < 250
    return message


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("header", ["", "load"])
def test_the_column_is_cut_into_windows_and_scaled_by_its_range(separator, header):
    names = separator.join(["day", header]) if header else ""
    found = cut(
        written([(f"d{n}", 3 + 2 * value) for n, value in enumerate(WAVE)], separator=separator, header=names), Config()
    )
    assert found.windows.shape == (200 - 32 + 1, 32, 1) and found.windows.dtype == torch.float32
    assert (found.column, found.note) == (header or "column 2", "")
    assert found.low == pytest.approx(3 + 2 * min(WAVE)) and found.high == pytest.approx(3 + 2 * max(WAVE))
    wave = np.array(WAVE)
    scaled = 2 * (wave - wave.min()) / (wave.max() - wave.min()) - 1
    np.testing.assert_allclose(found.windows[7, :, 0], scaled[7:39], atol=1e-6)
    assert (found.windows.min(), found.windows.max()) == (-1, 1)


def test_one_column_alone_is_a_table_too():
    assert len(cut(written([(value,) for value in WAVE]), Config()).windows) == 169


@pytest.mark.parametrize(
    ("cells", "decimal", "low", "high"),
    [
        (["1,5", "2,5"], "auto", 1.5, 2.5),
        (["1.234,5", "2.000,0"], "auto", 1234.5, 2000),
        (["1,234.5", "2,000.0"], "auto", 1234.5, 2000),
        (["1,234", "2,000"], "auto", 1234, 2000),
        (["1,234", "2,000"], ",", 1.234, 2),
        (["1.5", "2.5"], ".", 1.5, 2.5),
        (["1 000", "2\u202f000"], "auto", 1000, 2000),
        (["5%", "\u22127%"], "auto", -7, 5),
        (["1e3", "-2E2"], "auto", -200, 1000),
    ],
)
def test_numbers_are_read_as_people_write_them(cells, decimal, low, high):
    found = cut(
        written([(n % 3, cell) for n, cell in enumerate(cells * 40)], separator=";"), Config(column="2", decimal=decimal)
    )
    assert (found.low, found.high) == pytest.approx((low, high))


def test_a_decimal_comma_is_told_from_a_separator():
    rows = [(f"d{n}", f"{value:.3f}") for n, value in enumerate(WAVE)]
    assert cut(written(rows, separator=";", comma=True), Config()).low == pytest.approx(min(WAVE), abs=1e-3)
    quoted = "\n".join(f'"d{n}","{value:.3f}"'.replace(".", ",") for n, value in enumerate(WAVE))
    assert cut(Table(quoted.encode()), Config()).low == pytest.approx(min(WAVE), abs=1e-3)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_text_is_read_in_the_usual_encodings(encoding):
    found = cut(
        written([(n % 7, value) for n, value in enumerate(WAVE)], header="tag,höhe", encoding=encoding), Config(column="Höhe")
    )
    assert found.column == "höhe"


def test_a_column_is_chosen_by_name_or_number_and_else_the_first_that_goes_up_and_down():
    file = written([(n, "x", value, 10 * value) for n, value in enumerate(WAVE)], header="year,name,small,large")
    columns = {wanted: cut(file, Config(column=wanted)).column for wanted in ("", "4", "LARGE", " small ", "1")}
    assert columns == {"": "small", "4": "large", "LARGE": "large", " small ": "small", "1": "year"}
    assert "choose from: 'year', 'name', 'small', 'large'" in refusal(file, column="price")
    assert "number from 1 to 4" in refusal(file, column="5")
    assert "holds words, such as 'x' in row 2" in refusal(file, column="name")


def test_a_header_of_numbers_is_one_when_said_so():
    file = written([(value,) for value in WAVE], header="2019")
    assert cut(file, Config(header="yes")).column == "2019"
    assert cut(file, Config()).high == 2019


def test_short_gaps_are_bridged_and_windows_with_longer_ones_left_out():
    cells = [f"{value}" for value in WAVE]
    cells[20:22] = ["", "n/a"]
    cells[150:160] = ["?"] * 10
    found = cut(written([(f"d{n}", cell) for n, cell in enumerate(cells)]), Config(length=16))
    assert found.note == "2 missing values were filled in by straight lines. 25 windows with longer gaps were left out."
    middle, half = (found.high + found.low) / 2, (found.high - found.low) / 2
    ends = (WAVE[19], WAVE[22])
    bridge = [(ends[0] + (ends[1] - ends[0]) * part / 3 - middle) / half for part in (0, 1, 2, 3)]
    np.testing.assert_allclose(found.windows[19, :4, 0], bridge, atol=1e-6)


def test_stray_words_are_missing_and_are_named():
    cells = [*map(str, WAVE[:100]), "offline", *map(str, WAVE[101:]), "1e999"]
    note = cut(written([(f"d{n}", cell) for n, cell in enumerate(cells)]), Config()).note
    assert note.startswith("2 cells are no numbers ('offline' in row 101). 1 missing values were filled in")


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "holds no rows"),
        (b"\n \n,,\n", "holds no rows"),
        (b"\x00\x01\x02", "not text"),
        (b"PK\x03\x04rest", "Excel workbook"),
        (b"%PDF-1.7", "a PDF"),
        (b"hello\nworld\n", "No column"),
        (b"1\n2\n", "No column|fewer than"),
        (b"7\n" * 100, "No column"),
        (b'"' + b"a" * 200_000, "no table"),
        (b"," * 5000 + b"\n", "holds no rows|more than 1,000 columns"),
        (b"1," * 5000 + b"\n", "more than 1,000 columns"),
        (b"1;2\n" * 10, "No column|fewer than"),
    ],
    ids=lambda value: repr(value[:12]) if isinstance(value, bytes) else None,
)  # fmt: skip
def test_what_is_no_table_of_numbers_is_refused_in_one_sentence(data, said):
    assert re.search(said, refusal(data))


def test_what_cannot_become_windows_is_refused_in_one_sentence():
    short = written([(n % 5, value) for n, value in enumerate(WAVE[:40])])
    assert "9 windows of 32 steps, and it takes 32" in refusal(short, column="2")
    assert "40 values, fewer than one window of 64" in refusal(short, length=64, column="2")
    assert "never changes" in refusal(written([(n % 3, 5) for n in range(100)]), column="2")
    assert "holds no numbers" in refusal(written([(n % 3, "") for n in range(100)]), column="2")
    assert "cannot be scaled" in refusal(written([(n % 3, (-1) ** n * 1.7e308) for n in range(100)]), column="2")
    assert "without gaps" in refusal(written([(n % 3, n % 7 if n % 9 < 4 else "") for n in range(300)]), column="2")


def test_hostile_tables_take_no_time():
    started = time.process_time()
    for data in (b'"\n' * 2_000_000, b"1,2\n" * 4_000_000, b"(" * 10_000_000, b"9" * 10_000_000, b"\n" * 15_000_000):
        refusal(data)
    assert time.process_time() - started < 10


def test_paths_are_refused_in_one_sentence(tmp_path):
    big = tmp_path / "big.csv"
    with big.open("wb") as file:
        file.truncate(MAX_BYTES + 1)
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "nowhere", "nul\0byte", "~nobody-at-all/x", "long" * 2000, "\ud800"):
        with pytest.raises(FileNotFoundError, match=r"There is no file .* that can be read\.$"):
            open_table(path)
    for path, said in ((big, "larger than 20 MB"), (tmp_path / "pipe", "is no file"), (tmp_path, "is no file")):
        with pytest.raises(ValueError, match=said):
            open_table(path)


def test_a_zip_is_no_table(tmp_path):
    with zipfile.ZipFile(tmp_path / "book.xlsx", "w") as archive:
        archive.writestr("sheet.xml", "<x/>")
    assert "Excel" in refusal(open_table(tmp_path / "book.xlsx"))


def test_the_path_is_private_and_what_it_names_is_loaded(tmp_path):
    path = tmp_path / "load.csv"
    path.write_text("\n".join(map(str, WAVE)))
    samples = load(Config(file=str(path), length=24), Path())
    assert samples.spec == table.spec(Config(length=24)) and samples.values.shape == (177, 24, 1)
    assert Config.__dataclass_fields__["file"].metadata["private"]
    with pytest.raises(FileNotFoundError, match="Choose a table of your own first"):
        DATASETS["table"].load(Config(), Path())


def test_a_long_column_gives_windows_from_all_of_it():
    values = np.sin(np.arange(90_000) / 50) + np.arange(90_000) / 9000
    found = cut(Table("\n".join(map(str, values)).encode()), Config(length=8))
    assert len(found.windows) == 20_000
    assert found.windows[0].max() < -0.7 and found.windows[-1].min() > 0.7
