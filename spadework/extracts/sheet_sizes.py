"""How large a sheet of a packed workbook is, before a reader makes room for every cell of its rectangle."""

import re
import zipfile
from collections.abc import Iterator
from pathlib import Path

from spadework.extracts.errors import TooLarge

MAX_CELLS = 20_000_000
"""Cells of the rectangle around a sheet's values. The reader takes some 30 bytes for each, filled or blank."""

_PIECE_BYTES = 1024 * 1024
_PLACE = re.compile(rb"""\br\s*=\s*["']([A-Z]{0,3})([0-9]{1,7})["']""")
_FAR = re.compile(rb' r="(?:[A-Z]{2,3}[0-9]|[A-Z]?[0-9]{6,7}")')
_UNUSUAL = (b" r='", b"r =", b"r\t=", b"r\n=", b"r\r=", b"\tr=", b"\nr=", b"\rr=", b":c ", b":c>", b":row")
"""Ways of writing a place, or the name of a cell, that the quick look does not know."""
_CELL = re.compile(rb"<(?:\w+:)?c[\s/>]")
_ROW = re.compile(rb"<(?:\w+:)?row[\s/>]")


def require_small(path: Path) -> None:
    """Let a workbook through whose sheets can be held in memory.

    One value in the last cell of a sheet is enough to make the reader ask for 17,000 million cells.

    Raises:
        TooLarge: a sheet's values lie too far apart.
    """
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():  # a sheet may have any name, so every part is looked at
            rows, columns = (0, 0) if _is_plainly_small(archive, name) else _reach(archive, name)
            if rows * columns > MAX_CELLS:
                raise TooLarge(
                    f"A sheet reaches over {rows:,} rows and {columns:,} columns; at most {MAX_CELLS:,} cells are "
                    "read. Delete what stands far from the table, or save the sheet as CSV."
                )


def _is_plainly_small(archive: zipfile.ZipFile, name: str) -> bool:
    """Whether a quick look finds no column past Z, no row from 100,000 on, and a place on every cell.

    Most sheets are so, and to read every place takes three times as long as to read the sheet.
    """
    return all(
        not _FAR.search(piece)
        and piece.count(b' r="') - piece.count(b"<row ") >= sum(map(piece.count, (b"<c ", b"<c>", b"<c/")))
        and not any(each in piece for each in _UNUSUAL)
        for piece in _pieces(archive, name)
    )


def _reach(archive: zipfile.ZipFile, name: str) -> tuple[int, int]:
    """The last row and column that are named, or counted where cells do not name their place; 0 for no sheet."""
    last_row, columns, unplaced, is_sheet = 0, {b"A"}, 0, False
    for piece in _pieces(archive, name):
        is_sheet = is_sheet or b"sheetData" in piece
        if not is_sheet:
            continue
        places = _PLACE.findall(piece)
        columns.update({column for column, _ in places})
        last_row = max(last_row, max(map(int, {row for _, row in places}), default=0))
        unplaced += len(_CELL.findall(piece)) - sum(1 for column, _ in places if column)
    if not is_sheet:
        return 0, 0
    widest = max(map(_number, columns))
    if unplaced > 0:
        counted_rows, counted_cells = _counted(archive, name)
        last_row, widest = last_row + counted_rows, widest + counted_cells
    return last_row, widest


def _counted(archive: zipfile.ZipFile, name: str) -> tuple[int, int]:
    """How many rows there are, and how many cells the longest of them has."""
    rows, longest, current = 0, 0, 0
    for piece in _pieces(archive, name):
        first, *others = _ROW.split(piece)
        current += len(_CELL.findall(first))
        rows += len(others)
        for each in others:
            longest = max(longest, current)
            current = len(_CELL.findall(each))
    return rows, max(longest, current)


def _pieces(archive: zipfile.ZipFile, name: str) -> Iterator[bytes]:
    """The part in pieces that end at the end of a tag, so that none is counted in halves."""
    with archive.open(name) as part:
        left = b""
        while piece := part.read(_PIECE_BYTES):
            whole, mark, left_now = (left + piece).rpartition(b">")
            left = left_now if len(left_now) < _PIECE_BYTES else b""
            yield whole + mark
        yield left


def _number(column: bytes) -> int:
    number = 0
    for letter in column:
        number = number * 26 + letter - 64
    return number
