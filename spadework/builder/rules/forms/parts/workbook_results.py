"""How a form's script writes its result as a workbook: texts stay text, and a second run gives the same bytes."""

import io
import re
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell

from spadework.builder.rules.forms.parts.writing import OUTPUT, Cell

NOT_IN_WORKBOOKS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
ROWS_OF_A_SHEET = 1_048_576


def write_table(name: str, columns: Sequence[str], rows: Iterable[Sequence[Cell]]) -> int:
    """Write rows to /output/`name`.xlsx and give their number."""
    return write_workbook(f"{name}.xlsx", {name: (columns, rows)})


def write_workbook(file_name: str, sheets: Mapping[str, tuple[Sequence[str], Iterable[Sequence[Cell]]]]) -> int:
    """Write one sheet for each entry; texts are stored as text, so that none of them is computed."""
    workbook = Workbook(write_only=True)
    count = 0
    for title, (columns, rows) in sheets.items():
        sheet = workbook.create_sheet(sheet_title(title, workbook.sheetnames))
        sheet.append([workbook_cell(sheet, each) for each in columns])
        for number, row in enumerate(rows, start=1):
            if number == ROWS_OF_A_SHEET:
                raise ValueError(f"A sheet holds {ROWS_OF_A_SHEET} rows at most. Choose CSV as the result's format.")
            sheet.append([workbook_cell(sheet, each) for each in row])
            count += 1
    save(workbook, OUTPUT / file_name)
    print(f"{file_name}: {count} rows written")
    return count


def workbook_cell(sheet: object, value: Cell) -> object:
    """The cell with its type set: a number, or a text that stays one."""
    if not isinstance(value, str):
        return value
    text = NOT_IN_WORKBOOKS.sub("", value)
    if not text.startswith(("=", "#")):
        return text
    cell = WriteOnlyCell(sheet, text)
    cell.data_type = "s"
    return cell


def sheet_title(name: str, taken: Sequence[str]) -> str:
    """A title that a workbook accepts: at most 31 characters, none of []:*?/\\, and none that is taken."""
    base = re.sub(r"[\x00-\x1f\[\]:*?/\\]+", " ", name).strip(" '")[:31] or "Sheet"
    title, number = base, 1
    while title.casefold() in {each.casefold() for each in taken}:
        number += 1
        title = f"{base[:26]} ({number})"
    return title


def save(workbook: Workbook, path: Path) -> None:
    """Save the workbook without the time of day, which would make each run's file another one."""
    buffer = io.BytesIO()
    workbook.save(buffer)
    with zipfile.ZipFile(buffer) as dated, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as undated:
        for name in sorted(dated.namelist()):
            part = dated.read(name)
            if name == "docProps/core.xml":
                part = re.sub(rb"\d{4}-\d\d-\d\dT[\d:.]+Z?", b"2000-01-01T00:00:00Z", part)
            undated.writestr(zipfile.ZipInfo(name, (2000, 1, 1, 0, 0, 0)), part, zipfile.ZIP_DEFLATED)
