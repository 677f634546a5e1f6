"""The script that writes files in another format."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

from spadework.builder.rules.forms.parts.reading import Table, input_files, read_table
from spadework.builder.rules.forms.parts.values import find_date, find_number
from spadework.builder.rules.forms.parts.workbook_results import write_workbook
from spadework.builder.rules.forms.parts.writing import Cell, write_csv


def convert_to_workbooks(settings: dict[str, Any]) -> None:
    """Write each file as a workbook under its own name."""
    for name, table in open_tables(settings["files"]):
        write_workbook(f"{name}.xlsx", {name: (table.columns, convert_rows(table, settings))})


def convert_to_csv(settings: dict[str, Any]) -> None:
    """Write each file as CSV under its own name, with the delimiter and the encoding chosen."""
    for name, table in open_tables(settings["files"]):
        rows = convert_rows(table, settings)
        write_csv(f"{name}.csv", table.columns, rows, settings["delimiter"], settings["encoding"])


def open_tables(source: dict[str, Any]) -> Iterator[tuple[str, Table]]:
    """Each file's table with a name of its own: the file's without its ending."""
    paths = input_files(source["field"])
    stems = [path.stem for path in paths]
    for number, path in enumerate(paths, start=1):
        name = path.stem if stems.count(path.stem) == 1 else path.name.replace(".", "_")
        yield name, read_table(path, source)
        print(f"progress: {100 * number // len(paths)}%")


def convert_rows(table: Table, settings: dict[str, Any]) -> Iterator[list[Cell]]:
    """The rows, with numbers and dates of the chosen columns written plainly; other cells stay as they are."""
    numbers = find_places(table, settings["number_columns"])
    dates = find_places(table, settings["date_columns"])
    for row in table.rows:
        cells: list[Cell] = list(row)
        for place in numbers:
            number = find_number(row[place])
            cells[place] = row[place] if number is None else plain_number(number)
        for place in dates:
            day = find_date(row[place], settings["dates"])
            cells[place] = row[place] if day is None else day.isoformat()
        yield cells


def find_places(table: Table, columns: Sequence[str]) -> list[int]:
    """Where the columns stand which this file has; another file may have others."""
    return [table.columns.index(each) for each in columns if each in table.columns]


def plain_number(number: Decimal) -> Cell:
    """A whole number as such, so that a workbook shows it without decimals."""
    return int(number) if number == number.to_integral_value() and number.as_tuple().exponent == 0 else number
