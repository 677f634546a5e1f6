"""Which columns of two files could join them: found by comparing their values where the files are, never sent."""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations, islice, product
from pathlib import Path
from typing import Any

import python_calamine as calamine

from spadework.extracts import archives, decoding, headers
from spadework.extracts.csv_files import CsvExtractor, guess_delimiter
from spadework.extracts.errors import ExtractError
from spadework.extracts.sheets import SheetExtractor, as_texts

MOST_ROWS = 200_000
"""As many rows of each table are compared."""
MOST_SUGGESTIONS = 20

_HEAD_BYTES = 256 * 1024
_CHUNK_ROWS = 5_000
_LONGEST_KEY = 120
_LEAST_OVERLAP = 0.05
_LEAST_UNIQUE = 0.3
_LEAST_VALUES = 10
_TRIED = 200
_MOST_COUNTED = 3 * MOST_SUGGESTIONS
"""Pairs of which every value is looked up; of the others a sample has shown that they fit less."""


@dataclass(slots=True)
class _Column:
    """One column's different values, in the order in which they first come."""

    name: str
    values: dict[str, None] = field(default_factory=dict)
    filled: int = 0

    @property
    def uniqueness(self) -> float:
        """1 when no value comes twice."""
        return len(self.values) / self.filled if self.filled else 0.0


@dataclass(slots=True)
class _Table:
    filename: str
    sheet: str | None
    columns: list[_Column]


@dataclass(frozen=True, slots=True)
class _Pair:
    """A column of one table and a column of another."""

    left: _Table
    right: _Table
    one: _Column
    other: _Column

    def sides(self) -> tuple[Mapping[str, None], Mapping[str, None]]:
        """The values of the column with fewer of them, then those of the other."""
        fewer, more = sorted((self.one.values, self.other.values), key=len)
        return fewer, more


def suggest_joins(paths: Sequence[Path]) -> list[dict[str, Any]]:
    """Pairs of columns whose values are largely the same, the best first; at most 20.

    Each is `{left, right, left_sheet, right_sheet, left_column, right_column, overlap, matched}`: file names,
    sheets (None for a CSV), the columns' names, the share of the different values of the column with fewer of
    them which the other has too (0 to 1), and their number. Capitals and outer spaces do not count. A file that
    cannot be read gives nothing; its extraction says why.
    """
    tables = [table for path in paths for table in _read(path)]
    pairs = [
        _Pair(left, right, one, other)
        for left, right in combinations(tables, 2)
        for one, other in product(left.columns, right.columns)
        if _may_join(one, other)
    ]
    guessed = [(rank, pair) for pair in pairs if (rank := _rank(pair, _guess_overlap(pair)))]
    found: list[tuple[float, dict[str, Any]]] = []
    for _, pair in sorted(guessed, key=lambda each: -each[0])[:_MOST_COUNTED]:
        fewer, more = pair.sides()
        matched = sum(map(more.__contains__, fewer))
        overlap = matched / len(fewer)
        if overlap >= _LEAST_OVERLAP:
            found.append((_rank(pair, overlap), _suggestion(pair, overlap, matched)))
    found.sort(key=lambda each: -each[0])
    return [suggestion for _, suggestion in found[:MOST_SUGGESTIONS]]


def _suggestion(pair: _Pair, overlap: float, matched: int) -> dict[str, Any]:
    left, right = pair.left, pair.right
    return {
        "left": left.filename, "right": right.filename, "left_sheet": left.sheet, "right_sheet": right.sheet,
        "left_column": pair.one.name, "right_column": pair.other.name, "overlap": round(overlap, 4),
        "matched": matched,
    }  # fmt: skip


def _may_join(one: _Column, other: _Column) -> bool:
    """Whether it would say something that the two have the same values.

    A column of few values, such as a status, fits nearly any other, so one of the two must have mostly
    different values, or both the same name and ten values, as days have.
    """
    fewest = min(len(one.values), len(other.values))
    if max(one.uniqueness, other.uniqueness) >= _LEAST_UNIQUE:
        return fewest > 0
    return _have_same_name(one, other) and fewest >= _LEAST_VALUES


def _rank(pair: _Pair, overlap: float) -> float:
    """How likely the pair is meant, given what share of its values match; 0 when none does."""
    if not overlap:
        return 0.0
    uniqueness = max(pair.one.uniqueness, pair.other.uniqueness)
    return overlap * (0.5 + 0.5 * uniqueness) + (0.25 if _have_same_name(pair.one, pair.other) else 0.0)


def _guess_overlap(pair: _Pair) -> float:
    """The overlap by some two hundred values from all over, so that files sorted another way are seen to fit."""
    fewer, more = pair.sides()
    tried = list(islice(fewer, 0, None, max(len(fewer) // _TRIED, 1)))
    return sum(map(more.__contains__, tried)) / len(tried)


def _have_same_name(one: _Column, other: _Column) -> bool:
    return _keys([one.name]) == _keys([other.name])


def _keys(texts: Iterable[str]) -> dict[str, None]:
    # Without a function of ours for each value: this is what most of the time goes to.
    return dict.fromkeys(map(str.casefold, map(str.strip, texts)))


# --- reading ---------------------------------------------------------------------------------------


def _read(path: Path) -> list[_Table]:
    suffix = path.suffix.lower()
    try:
        if suffix in CsvExtractor.suffixes:
            return [_collect(path.name, None, rows) for rows in _csv_rows(path)]
        if suffix in SheetExtractor.suffixes:
            return _sheets(path)
    except (ExtractError, calamine.CalamineError, csv.Error, OSError):
        return []
    return []


def _csv_rows(path: Path) -> Iterator[Iterator[list[str]]]:
    with path.open("rb") as file:
        head = file.read(_HEAD_BYTES)
    encoding = decoding.guess_encoding(head, is_whole=path.stat().st_size <= len(head))
    beginning = io.StringIO(head.decode(encoding, "replace").removeprefix("\ufeff"), newline="")
    lines = list(islice(beginning, 200))
    skipped = 1 if lines and lines[0].lower().startswith("sep=") else 0
    delimiter = lines[0][4:5] if skipped else guess_delimiter(lines)
    with path.open(encoding=encoding, errors="replace", newline="") as text:
        yield csv.reader(islice(text, skipped, None), delimiter=delimiter or ",")


def _sheets(path: Path) -> list[_Table]:
    with path.open("rb") as file:
        is_zip = file.read(2) == b"PK"
    (archives.require_safe if is_zip else archives.require_open)(path)
    with calamine.CalamineWorkbook.from_path(str(path)) as workbook:
        return [
            _collect(path.name, each, map(as_texts, workbook.get_sheet_by_name(each).iter_rows()))
            for each in workbook.sheet_names
        ]


def _collect(filename: str, sheet: str | None, rows: Iterator[list[str]]) -> _Table:
    filled = (row for row in rows if row and (row[0] or any(map(str.strip, row))))
    first = next(filled, [])
    columns = [_Column(each) for each in headers.name_columns([each.removeprefix("\ufeff") for each in first])[0]]
    left = MOST_ROWS
    while left > 0 and (chunk := list(islice(filled, min(_CHUNK_ROWS, left)))):
        left -= len(chunk)
        for column, cells in zip(columns, _columns_of(chunk, len(columns)), strict=True):
            _take(column, cells)
    return _Table(filename, sheet, columns)


def _columns_of(rows: list[list[str]], width: int) -> Iterator[Sequence[str]]:
    even = [row if len(row) == width else (row + [""] * width)[:width] for row in rows]
    return iter(zip(*even, strict=True))


def _take(column: _Column, cells: Sequence[str]) -> None:
    keys = _keys(dict.fromkeys(cells))
    column.filled += len(cells) - cells.count("")
    keys.pop("", None)
    if any(len(each) > _LONGEST_KEY for each in islice(keys, 50)):
        return  # long texts join nothing, and would fill the memory
    column.values.update(keys)
