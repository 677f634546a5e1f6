"""The script that keeps one of each set of rows which are the same in chosen columns."""

import json
from collections.abc import Iterator
from typing import Any

from spadework.builder.rules.forms.parts.csv_results import write_table
from spadework.builder.rules.forms.parts.reading import open_table
from spadework.builder.rules.forms.parts.values import comparer


def dedupe_rows(settings: dict[str, Any]) -> None:
    """Write each row whose key comes once, and one row of each repeated key; rows without a key all stay."""
    chosen = choose_rows(settings)
    written = write_chosen(settings, chosen, keep=True, name="deduped")
    print(f"{written} rows kept")
    if settings["write_removed"]:
        write_chosen(settings, chosen, keep=False, name="removed")


def choose_rows(settings: dict[str, Any]) -> set[int]:
    """The numbers of the rows that stay: of each key the first, the last, or the one with the most filled cells."""
    table = open_table(settings["file"], progress=(0, 50))
    places = table.places(settings["columns"] or table.columns)
    compare = comparer(settings["compare_as"], settings["dates"])
    best: dict[str, tuple[int, int]] = {}
    alone: set[int] = set()
    for number, row in enumerate(table.rows):
        parts = [compare(row[place]) for place in places]
        if not any(each.strip() for each in parts):
            alone.add(number)
            continue
        key = json.dumps(parts)
        filled = sum(1 for cell in row if cell.strip()) if settings["keep"] == "fullest" else 0
        known = best.get(key)
        if known is None or settings["keep"] == "last" or filled > known[0]:
            best[key] = (filled, number)
    return alone | {number for _, number in best.values()}


def write_chosen(settings: dict[str, Any], chosen: set[int], *, keep: bool, name: str) -> int:
    """Write the chosen rows, or the others, in the file's order."""
    table = open_table(settings["file"], progress=(50, 100))

    def rows() -> Iterator[list[str]]:
        for number, row in enumerate(table.rows):
            if (number in chosen) is keep:
                yield row

    return write_table(name, table.columns, rows())
