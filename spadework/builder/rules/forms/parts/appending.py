"""The script that puts the rows of several files below each other."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from python_calamine import CalamineWorkbook, SheetTypeEnum

from spadework.builder.rules.forms.parts.csv_results import write_table
from spadework.builder.rules.forms.parts.reading import WORKBOOKS, Table, input_files, read_table
from spadework.builder.rules.forms.parts.values import same_text


def append_tables(settings: dict[str, Any]) -> None:
    """Write the rows of all files, file by file; columns of the same name go into one column."""
    source = settings["files"]
    tables = [
        table
        for path in input_files(source["field"])
        for table in tables_in(path, source, every_sheet=settings["every_sheet"])
    ]
    columns = shared_columns(tables) if settings["columns"] == "common" else all_columns(tables)
    header = [*columns, "file"] if settings["add_file_name"] else list(columns)

    def appended() -> Iterator[list[str]]:
        for number, table in enumerate(tables, start=1):
            known = places_by_name(table)
            places = [known.get(same_text(each)) for each in columns]
            for row in table.rows:
                cells = ["" if place is None else row[place] for place in places]
                yield [*cells, table.name] if settings["add_file_name"] else cells
            print(f"progress: {100 * number // len(tables)}%")

    write_table("appended", header, appended())


def tables_in(path: Path, source: dict[str, Any], *, every_sheet: bool) -> list[Table]:
    """The file's table; of a workbook every sheet that is not blank, where that was chosen."""
    if not every_sheet or path.suffix.lower() not in WORKBOOKS:
        return [read_table(path, source)]
    with CalamineWorkbook.from_path(str(path)) as workbook:
        sheets = [each.name for each in workbook.sheets_metadata if each.typ == SheetTypeEnum.WorkSheet]
        filled = [each for each in sheets if workbook.get_sheet_by_name(each).height]
    return [replace(read_table(path, {**source, "sheet": each}), name=f"{path.name}, {each}") for each in filled]


def all_columns(tables: Sequence[Table]) -> list[str]:
    """Every column of any file, in the order in which they first come; names are the same by their letters."""
    named: dict[str, str] = {}
    for table in tables:
        for each in table.columns:
            named.setdefault(same_text(each), each)
    return list(named.values())


def shared_columns(tables: Sequence[Table]) -> list[str]:
    """The columns which every file has, in the first file's order."""
    known = [places_by_name(table) for table in tables]
    shared = [each for each in tables[0].columns if all(same_text(each) in places for places in known)]
    if not shared:
        raise ValueError(f"No column is in all files. {tables[0].name} has: {', '.join(tables[0].columns)}.")
    return shared


def places_by_name(table: Table) -> dict[str, int]:
    """Where each column stands, by its name without regard to capitals and spaces; of several the first."""
    places: dict[str, int] = {}
    for place, each in enumerate(table.columns):
        places.setdefault(same_text(each), place)
    return places
