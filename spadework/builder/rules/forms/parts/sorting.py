"""The script that sorts a table."""

import json
import sqlite3
from collections.abc import Callable, Iterator
from typing import Any

from spadework.builder.rules.forms.parts.csv_results import write_table
from spadework.builder.rules.forms.parts.reading import open_table
from spadework.builder.rules.forms.parts.values import find_date, find_number, same_text


def sort_rows(settings: dict[str, Any]) -> None:
    """Write the rows in order; rows that are equal stay in the file's order, and blanks come last."""
    table = open_table(settings["file"], progress=(0, 70))
    keys = settings["columns"]
    places = table.places([each["column"] for each in keys])
    measures = [make_measure(each["as"], each["dates"]) for each in keys]
    names = [f"key_{number}" for number in range(len(keys))]
    database = sqlite3.connect(":memory:")
    database.execute(f"create table rows (place integer primary key, cells text, {', '.join(names)})")

    def stored() -> Iterator[list[object]]:
        for row in table.rows:
            yield [json.dumps(row), *(measure(row[place]) for measure, place in zip(measures, places, strict=True))]

    database.executemany(
        f"insert into rows (cells, {', '.join(names)}) values ({', '.join(['?'] * (len(names) + 1))})", stored()
    )
    order = [
        f"{name} is null, {name} {'desc' if each['descending'] else 'asc'}"
        for name, each in zip(names, keys, strict=True)
    ]
    found = database.execute(f"select cells from rows order by {', '.join(order)}, place")
    rows = (json.loads(cells) for (cells,) in found)
    if settings["first"]:
        rows = (row for row, _ in zip(rows, range(settings["first"]), strict=False))
    write_table("sorted", table.columns, rows)


def make_measure(kind: str, dates: str) -> Callable[[str], object]:
    """What a cell is sorted by; None for a blank cell and for one that says no number or date."""

    def number(text: str) -> float | None:
        found = find_number(text)
        return None if found is None else float(found)

    def day(text: str) -> str | None:
        found = find_date(text, dates)
        return None if found is None else found.isoformat()

    measures: dict[str, Callable[[str], object]] = {
        "text": lambda text: same_text(text) or None,
        "number": number,
        "date": day,
    }
    return measures[kind]
