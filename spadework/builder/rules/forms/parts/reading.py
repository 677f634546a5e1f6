"""How a form's script finds its files and reads tables from them; the assembler copies from here what a script needs.

What stands here runs without Spadework, in the browser and on any machine with Python, so it imports the
standard library and the two spreadsheet readers only.
"""

import csv
import io
import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from python_calamine import CalamineWorkbook

INPUTS = Path("/input_files")
WORKBOOKS = (".xlsx", ".xlsm", ".xls")


@dataclass(frozen=True)
class Table:
    """A table's column names and its rows; each row is a list of texts, one for each column."""

    name: str
    columns: list[str]
    rows: Iterator[list[str]]

    def place(self, column: str) -> int:
        """Where the column stands in each row; a column that is missing is named, with those there are."""
        if column not in self.columns:
            raise ValueError(f"{self.name} has no column {column!r}. Its columns are: {', '.join(self.columns)}.")
        return self.columns.index(column)

    def places(self, columns: Sequence[str]) -> list[int]:
        """Where several columns stand."""
        return [self.place(each) for each in columns]


def input_files(field: str) -> list[Path]:
    """The files given for a field, by name."""
    files = sorted(each for each in (INPUTS / field).iterdir() if not each.name.startswith("."))
    if not files:
        raise ValueError(f"No file was given for {field!r}.")
    return files


def open_table(source: Mapping[str, Any], progress: tuple[int, int] = (0, 100)) -> Table:
    """The table in the one file of a field, read row by row; `progress` is the share of the work this is."""
    files = input_files(source["field"])
    if len(files) > 1:
        raise ValueError(f"Give one file for {source['field']!r}; there are {len(files)}.")
    return read_table(files[0], source, progress)


def read_table(path: Path, source: Mapping[str, Any], progress: tuple[int, int] = (0, 100)) -> Table:
    """The table in a CSV file or a workbook's sheet; blank rows are left out."""
    if path.suffix.lower() in WORKBOOKS:
        lines = read_sheet(path, source["sheet"], progress)
    else:
        lines = read_csv(path, source["encoding"], source["delimiter"], progress)
    filled = (each for each in lines if any(cell and not cell.isspace() for cell in each))
    first = next(filled, None)
    if first is None:
        raise ValueError(f"{path.name} is empty.")
    if source["has_header"]:
        columns = name_columns(first)
        return Table(path.name, columns, fit_rows(filled, len(columns), path.name))
    columns = [f"column_{number}" for number in range(1, len(first) + 1)]
    return Table(path.name, columns, fit_rows(itertools.chain([first], filled), len(columns), path.name))


def name_columns(header: Sequence[str]) -> list[str]:
    """A name for each column: blank ones are numbered, and a repeated one gets (2), (3)."""
    names: dict[str, None] = {}
    for number, each in enumerate(header, start=1):
        base = name = each.replace("\0", "").removeprefix("\ufeff").strip() or f"column_{number}"
        repeats = 1
        while name in names:
            repeats += 1
            name = f"{base} ({repeats})"
        names[name] = None
    return list(names)


def fit_rows(rows: Iterator[list[str]], width: int, name: str) -> Iterator[list[str]]:
    """Each row with exactly one cell for each column; filled cells beyond the last column stop the script."""
    for number, row in enumerate(rows, start=1):
        if len(row) > width and any(cell.strip() for cell in row[width:]):
            raise ValueError(
                f"{name}: row {number} has {len(row)} cells, but there are {width} columns. "
                "Is a comma or a quotation mark missing?"
            )
        yield row if len(row) == width else row[:width] + [""] * (width - len(row))


def read_csv(
    path: Path, encoding: str | None, delimiter: str | None, progress: tuple[int, int] = (0, 100)
) -> Iterator[list[str]]:
    """The lines of a CSV file as lists of texts; the encoding and the delimiter are found where none is given."""
    csv.field_size_limit(100_000_000)
    encoding = encoding or find_encoding(path)
    size, (begin, end) = max(path.stat().st_size, 1), progress
    with path.open(encoding=encoding, errors="replace", newline="") as file:
        first_line = file.readline().removeprefix("\ufeff")
        names_delimiter = re.fullmatch(r"sep=(.)\r?\n?", first_line, re.IGNORECASE)  # as Excel writes it
        delimiter = names_delimiter[1] if names_delimiter else find_delimiter(first_line, delimiter)
    with path.open("rb") as bytes_read, io.TextIOWrapper(bytes_read, encoding, errors="replace", newline="") as file:
        if names_delimiter:
            next(file)
        for number, row in enumerate(csv.reader(file, delimiter=delimiter), start=1):
            if number % 20_000 == 0:
                print(f"progress: {begin + (end - begin) * bytes_read.tell() // size}%")
            yield row


def find_encoding(path: Path) -> str:
    """UTF-16 or UTF-8 where the bytes are that, but for a few broken ones, and else that of Windows in the West."""
    with path.open("rb") as file:
        head = file.read(4096)
        if head.startswith((b"\xff\xfe", b"\xfe\xff")):
            return "utf-16"
        if head[1::2].count(0) * 3 > len(head):
            return "utf-16-le"
        if head[::2].count(0) * 3 > len(head):
            return "utf-16-be"
    try:
        with path.open(encoding="utf-8") as text:
            while text.read(1_000_000):
                pass
    except UnicodeDecodeError as error:
        piece = bytes(error.object).decode("utf-8", "replace")
        broken = piece.count("\ufffd")
        if sum(not each.isascii() for each in piece) - broken <= 10 * broken:
            return "cp1252"
    return "utf-8-sig"


def find_delimiter(line: str, expected: str | None) -> str:
    """The delimiter of a file whose first line this is: the expected one if it occurs, else the most frequent."""
    outside_quotes = "".join(line.split('"')[::2])
    if expected and expected in outside_quotes:
        return expected
    return max(",;\t|", key=outside_quotes.count)


def read_sheet(path: Path, sheet: str | None, progress: tuple[int, int] = (0, 100)) -> Iterator[list[str]]:
    """The rows of a workbook's sheet as texts: the named sheet, or the first one where there is no such name."""
    with CalamineWorkbook.from_path(str(path)) as workbook:
        names = workbook.sheet_names
        if sheet is not None and sheet not in names and len(names) > 1:
            raise ValueError(f"{path.name} has no sheet {sheet!r}. Its sheets are: {', '.join(names)}.")
        found = workbook.get_sheet_by_name(sheet if sheet in names else names[0])
        size, (begin, end) = max(found.total_height, 1), progress
        for number, row in enumerate(found.iter_rows(), start=1):
            if number % 20_000 == 0:
                print(f"progress: {begin + (end - begin) * number // size}%")
            yield [cell_text(each) for each in row]


def cell_text(value: object) -> str:
    """A workbook's cell as text: 3.0 is 3, a day is 2024-01-05, and true is TRUE."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else f"{value:.15g}"
    if isinstance(value, datetime):
        return value.isoformat(" ", "seconds").removesuffix(" 00:00:00")
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        minutes, seconds = divmod(int(value.total_seconds()), 60)
        return f"{minutes // 60}:{minutes % 60:02}:{seconds:02}"
    return "" if value is None else str(value)
