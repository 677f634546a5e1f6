"""The script that splits a table into several files or sheets."""

import json
import sqlite3
from collections.abc import Iterator
from typing import Any

from spadework.builder.rules.forms.parts.csv_results import write_table
from spadework.builder.rules.forms.parts.reading import Table, open_table
from spadework.builder.rules.forms.parts.values import same_text
from spadework.builder.rules.forms.parts.workbook_results import write_workbook
from spadework.builder.rules.forms.parts.writing import file_names

MOST_PARTS = 500


def split_into_files(settings: dict[str, Any]) -> None:
    """Write one file for each value of a column, or for each so many rows."""
    table = open_table(settings["file"], progress=(0, 50))
    database = store_parts(table, settings["column"], settings["rows_per_part"])
    names = name_parts(database)
    for number, (part, name) in enumerate(names.items(), start=1):
        write_table(name, table.columns, rows_of(database, part))
        print(f"progress: {50 + 50 * number // len(names)}%")


def split_into_sheets(settings: dict[str, Any]) -> None:
    """Write one workbook with a sheet for each value of a column, or for each so many rows."""
    table = open_table(settings["file"], progress=(0, 50))
    database = store_parts(table, settings["column"], settings["rows_per_part"])
    names = name_parts(database)
    write_workbook("split.xlsx", {name: (table.columns, rows_of(database, part)) for part, name in names.items()})


def name_parts(database: sqlite3.Connection) -> dict[str, str]:
    """The name of each part's file or sheet, parts in the order in which they first come."""
    parts = [part for (part,) in database.execute("select part from rows group by part order by min(place)")]
    if len(parts) > MOST_PARTS:
        raise ValueError(f"This would make {len(parts)} parts; {MOST_PARTS} are the most. Choose another column.")
    return file_names(parts)


def store_parts(table: Table, column: str | None, rows_per_part: int | None) -> sqlite3.Connection:
    """Every row with the name of its part, in SQLite, where many rows take little memory.

    Values that differ only in capitals or spaces are one part, named as the first of them is written.
    """
    place = None if column is None else table.place(column)
    named: dict[str, str] = {}

    def stored() -> Iterator[tuple[str, str]]:
        for number, row in enumerate(table.rows):
            if place is None:
                part = f"part {number // (rows_per_part or 1) + 1:03}"
            else:
                part = named.setdefault(same_text(row[place]), row[place].strip())
            yield part, json.dumps(row)

    database = sqlite3.connect(":memory:")
    database.execute("create table rows (place integer primary key, part text, cells text)")
    database.executemany("insert into rows (part, cells) values (?, ?)", stored())
    database.execute("create index by_part on rows (part)")
    return database


def rows_of(database: sqlite3.Connection, part: str) -> Iterator[list[str]]:
    """The rows of one part in the file's order."""
    for (cells,) in database.execute("select cells from rows where part = ? order by place", (part,)):
        yield json.loads(cells)
