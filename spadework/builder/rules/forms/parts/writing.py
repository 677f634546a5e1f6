"""How a form's script writes CSV: no text is taken for a formula, and a second run gives the same bytes."""

import csv
import re
from collections.abc import Iterable, Sequence
from decimal import Decimal
from pathlib import Path

OUTPUT = Path("/output")
# A spreadsheet computes a text that begins so, also in the wide letters of East Asia.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\0", "＝", "＋", "－", "＠")
PLAIN_NUMBER = re.compile(r"[+-]?\d+([.,]\d+)?", re.ASCII)
NOT_IN_FILE_NAMES = re.compile(r'[\x00-\x1f\x7f"\\/:*?<>|]+')

Cell = str | int | Decimal


def write_csv(
    file_name: str, columns: Sequence[str], rows: Iterable[Sequence[Cell]], delimiter: str = ",",
    encoding: str = "utf-8-sig",
) -> int:  # fmt: skip
    """Write rows as CSV; a text that a spreadsheet would compute gets a ' before it."""
    count = 0
    with (OUTPUT / file_name).open("w", encoding=encoding, newline="") as file:
        writer = csv.writer(file, delimiter=delimiter)
        writer.writerow([safe(each) for each in columns])
        for row in rows:
            writer.writerow([safe(each) for each in row])
            count += 1
    print(f"{file_name}: {count} rows written")
    return count


def safe(value: Cell) -> str:
    """The cell as text which no spreadsheet takes for a formula."""
    text = value if isinstance(value, str) else number_text(value)
    if text.startswith(FORMULA_STARTS) and not PLAIN_NUMBER.fullmatch(text):
        return f"'{text}"
    return text


def number_text(value: int | Decimal) -> str:
    """A number as people write it, never with an exponent."""
    return f"{value:f}" if isinstance(value, Decimal) else str(value)


def file_names(values: Sequence[str]) -> dict[str, str]:
    """A file name for each value, without its ending; values that differ only in capitals get different ones."""
    names: dict[str, str] = {}
    taken: set[str] = set()
    for value in values:
        base = " ".join(NOT_IN_FILE_NAMES.sub(" ", value).split()).strip(" .")[:80] or "blank"
        name, number = base, 1
        while name.casefold() in taken:
            number += 1
            name = f"{base} ({number})"
        taken.add(name.casefold())
        names[value] = name
    return names
