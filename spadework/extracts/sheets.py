"""Workbooks (XLSX, XLSM, XLS): one extract for each sheet that holds something."""

import datetime
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import python_calamine as calamine

from spadework.extracts import archives, headers, notes, sheet_sizes
from spadework.extracts.errors import TooLarge, Unreadable
from spadework.extracts.extractor import Extractor, Request
from spadework.extracts.sampling import Reservoir, masked_rows
from spadework.extracts.types import MAX_NAME, SAMPLE_ROWS, FileExtract

MAX_SHEETS = 50
MAX_XLS_BYTES = 100 * 1024 * 1024
_FIRST_ROWS = 100


class SheetExtractor(Extractor):
    """Sheets as tables of text: what a cell holds, not how a number format shows it.

    A text cell 007 stays 007; whole numbers come without a decimal point, dates as 2024-01-05 and moments
    as 2024-01-05 13:45:00, flags as TRUE and FALSE, formulas as the value that was saved with them.
    """

    key = "sheets"
    label = "Excel workbook"
    suffixes = (".xlsx", ".xlsm", ".xls")
    mime_types = (
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "application/vnd.ms-excel",
        "application/vnd.ms-excel.sheet.macroenabled.12",
    )

    def extract(self, path: Path, request: Request) -> list[FileExtract]:
        """One extract for each sheet with rows, hidden ones too, in the workbook's order."""
        _require_readable(path)
        request.tell(0.2)
        try:
            with calamine.CalamineWorkbook.from_path(str(path)) as workbook:
                return _extracts(workbook, request)
        except calamine.PasswordError as error:
            raise archives.protected() from error
        except calamine.CalamineError as error:
            raise archives.damaged() from error


def _require_readable(path: Path) -> None:
    with path.open("rb") as file:
        is_zip = file.read(2) == b"PK"
    if is_zip:
        archives.require_safe(path)
        sheet_sizes.require_small(path)
    else:
        archives.require_open(path)
        if path.stat().st_size > MAX_XLS_BYTES:
            raise TooLarge(f"The workbook is larger than {MAX_XLS_BYTES // 2**20} MiB. Save its sheets as CSV.")


def _extracts(workbook: calamine.CalamineWorkbook, request: Request) -> list[FileExtract]:
    sheets = [each for each in workbook.sheets_metadata if each.typ == calamine.SheetTypeEnum.WorkSheet]
    if len(sheets) > MAX_SHEETS:
        raise TooLarge(
            f"The workbook has {len(sheets)} sheets; at most {MAX_SHEETS} are read. Save those you need in a new one."
        )
    found: list[FileExtract] = []
    for no, each in enumerate(sheets, start=1):
        is_hidden = each.visible != calamine.SheetVisibleEnum.Visible
        extract = _extract_sheet(workbook.get_sheet_by_name(each.name), request, is_hidden=is_hidden)
        found += [extract] if extract else []
        request.tell(0.2 + 0.8 * no / len(sheets))
    if not found:
        raise Unreadable(f"{request.filename} holds no values in any sheet. Choose a workbook with a table.")
    return found


def _extract_sheet(sheet: calamine.CalamineSheet, request: Request, *, is_hidden: bool) -> FileExtract | None:
    rows = _filled(sheet.iter_rows())
    first: list[tuple[int, list[Any]]] = []
    for at, row in rows:
        first.append((at, row))
        if len(first) > _FIRST_ROWS:
            break
    if not first:
        return None
    said = {notes.HIDDEN_SHEET} if is_hidden else set()
    width = max(len(row) for _, row in first)
    headers.require_width(width)
    is_named, looks_like_data = request.header != "none", False
    columns = headers.numbered(width)
    if is_named:
        at, row = first.pop(0)
        names = as_texts(row)
        columns, more = headers.name_columns(names)
        looks_like_data = request.header == "auto" and headers.looks_like_data(
            names, [as_texts(each) for _, each in first]
        )
        said |= {*more, notes.with_number(notes.HEADER_ROW, at + 1)} if at else set(more)
    sample, count = _sample(first, rows, request.seed)
    cells, is_cut = masked_rows(sample, len(columns))
    said |= {notes.CUT_VALUES} if is_cut else set()
    return FileExtract(
        filename=request.filename, columns=columns, sample_rows=cells, row_count=count, kind="table",
        sheet=sheet.name[:MAX_NAME] if sheet.name.strip() else None, format=_format(request.filename), notes=tuple(sorted(said)) or None,
        header="looks_like_data" if looks_like_data else "first_row" if is_named else "none",
    )  # fmt: skip


def _filled(rows: Iterator[list[Any]]) -> Iterator[tuple[int, list[Any]]]:
    """The rows that hold a value, each with its place in the sheet, from 0."""
    for at, row in enumerate(rows):
        if any(each != "" for each in row) and any(as_text(each).strip() for each in row):
            yield at, row


def _sample(
    first: Sequence[tuple[int, list[Any]]], rest: Iterator[tuple[int, list[Any]]], seed: int
) -> tuple[list[Sequence[str]], int]:
    reservoir, count = Reservoir(seed, SAMPLE_ROWS), 0
    for part in (iter(first), rest):
        for _, row in part:
            if count == reservoir.due:
                reservoir.take(count, as_texts(row))
            count += 1
    return reservoir.rows(), count


def as_texts(row: Sequence[Any]) -> list[str]:
    """Each cell of the row as text."""
    return [as_text(each) for each in row]


def as_text(value: Any) -> str:
    """What a cell holds, as text; a blank cell is blank."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, datetime.datetime):
        return value.isoformat(sep=" ", timespec="seconds")
    if isinstance(value, datetime.date | datetime.time):
        return value.isoformat()
    if isinstance(value, datetime.timedelta):
        minutes, seconds = divmod(int(value.total_seconds()), 60)
        return f"{minutes // 60}:{minutes % 60:02}:{seconds:02}"
    return str(value)


def _format(filename: str) -> str:
    suffix = filename.lower().rpartition(".")[2]
    return suffix if f".{suffix}" in SheetExtractor.suffixes else "xlsx"
