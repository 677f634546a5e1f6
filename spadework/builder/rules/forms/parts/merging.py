"""The script that merges two tables by columns whose values are the same."""

import json
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from spadework.builder.rules.forms.parts.csv_results import write_table
from spadework.builder.rules.forms.parts.reading import Table, open_table
from spadework.builder.rules.forms.parts.values import comparer


def merge_tables(settings: dict[str, Any]) -> None:
    """Put each row of the right file beside the rows of the left file which have the same key."""
    left = open_table(settings["left"], progress=(0, 60))
    right = open_table(settings["right"], progress=(60, 100))
    left_key = row_key(left, settings["left_columns"], comparer(settings["compare_as"], settings["left_dates"]))
    right_key = row_key(right, settings["right_columns"], comparer(settings["compare_as"], settings["right_dates"]))
    left_key_places = left.places(settings["left_columns"])
    right_key_places = right.places(settings["right_columns"])
    taken = right.places(settings["take"]) if settings["take"] else [
        place for place in range(len(right.columns)) if place not in right_key_places
    ]  # fmt: skip
    columns = left.columns + names_beside(left.columns, [right.columns[place] for place in taken])
    database = store_rows(right, right_key)
    blank = [""] * len(taken)
    counts = {"matched": 0, "left_only": 0, "right_only": 0}

    def merged() -> Iterator[list[str]]:
        for row in left.rows:
            matches = find_rows(database, left_key(row), settings["several"])
            counts["matched" if matches else "left_only"] += 1
            for match in matches:
                yield row + [match[place] for place in taken]
            if not matches and settings["keep"] in ("left", "all"):
                yield row + blank
        for match in unused_rows(database):
            counts["right_only"] += 1
            if settings["keep"] in ("right", "all"):
                alone = [""] * len(left.columns)
                for left_place, right_place in zip(left_key_places, right_key_places, strict=True):
                    alone[left_place] = match[right_place]
                yield alone + [match[place] for place in taken]

    write_table("merged", columns, merged())
    print(f"{counts['matched']} rows of {left.name} found a partner, {counts['left_only']} did not;")
    print(f"{counts['right_only']} rows of {right.name} were not used")


def row_key(table: Table, columns: Sequence[str], compare: Callable[[str], str]) -> Callable[[list[str]], str | None]:
    """What makes the key of a row: None where every key column is blank, because blank matches nothing."""
    places = table.places(columns)

    def key(row: list[str]) -> str | None:
        parts = [compare(row[place]) for place in places]
        return json.dumps(parts) if any(each.strip() for each in parts) else None

    return key


def names_beside(left: Sequence[str], right: Sequence[str]) -> list[str]:
    """The right columns' names, numbered where the left file has the same name."""
    names = dict.fromkeys(left)
    for each in right:
        name, number = each, 1
        while name in names:
            number += 1
            name = f"{each} ({number})"
        names[name] = None
    return list(names)[len(left) :]


def store_rows(table: Table, key: Callable[[list[str]], str | None]) -> sqlite3.Connection:
    """The table in SQLite, where many rows take little memory and are found by their key at once."""
    database = sqlite3.connect(":memory:")
    database.execute("create table rows (place integer primary key, key text, cells text, is_used integer default 0)")
    database.executemany(
        "insert into rows (key, cells) values (?, ?)",
        ((key(row), json.dumps(row, ensure_ascii=True)) for row in table.rows),
    )
    database.execute("create index by_key on rows (key)")
    return database


def find_rows(database: sqlite3.Connection, key: str | None, several: str) -> list[list[str]]:
    """The rows of that key in their order; which of several is used is the person's choice."""
    if key is None:
        return []
    found = database.execute(
        "select place, cells, is_used from rows where key = ? order by place limit ?",
        (key, 1 if several == "first" else -1),
    ).fetchall()
    if len(found) > 1 and several == "stop":
        raise ValueError(f"{len(found)} rows of the right file have the same key {key}. Remove the repeated ones.")
    for place, _, is_used in found:
        if not is_used:
            database.execute("update rows set is_used = 1 where place = ?", (place,))
    return [json.loads(cells) for _, cells, _ in found]


def unused_rows(database: sqlite3.Connection) -> Iterator[list[str]]:
    """The rows that no row of the left file asked for, in their order."""
    for (cells,) in database.execute("select cells from rows where is_used = 0 order by place"):
        yield json.loads(cells)
