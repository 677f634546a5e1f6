"""The script that keeps the rows which fit conditions."""

from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from typing import Any

from spadework.builder.rules.forms.parts.csv_results import write_table
from spadework.builder.rules.forms.parts.reading import Table, open_table
from spadework.builder.rules.forms.parts.values import find_date, find_number, same_text


def filter_rows(settings: dict[str, Any], inputs: dict[str, str]) -> None:
    """Write the rows that fit; where asked for, the others go into a file of their own."""
    share = 50 if settings["write_rest"] else 100
    write_fitting(settings, inputs, fitting=True, name="filtered", progress=(0, share))
    if settings["write_rest"]:
        write_fitting(settings, inputs, fitting=False, name="rest", progress=(share, 100))


def write_fitting(
    settings: dict[str, Any], inputs: dict[str, str], *, fitting: bool, name: str, progress: tuple[int, int]
) -> None:
    """Write the rows that fit the conditions, or those that do not."""
    table = open_table(settings["file"], progress)
    tests = [make_test(table, each, inputs) for each in settings["conditions"]]
    together = all if settings["match"] == "all" else any

    def kept() -> Iterator[list[str]]:
        for row in table.rows:
            if together(test(row) for test in tests) is fitting:
                yield row

    write_table(name, table.columns, kept())


def make_test(table: Table, condition: dict[str, Any], inputs: dict[str, str]) -> Callable[[list[str]], bool]:
    """What tells of a row whether it fits one condition; a value to be asked for comes from `inputs`."""
    place = table.place(condition["column"])
    asked = condition["ask"]
    value = inputs.get(asked, "") if asked else condition["value"]
    if asked and not value.strip():
        raise ValueError(f"No value was given for {asked!r}. Enter one.")
    fits = make_comparison(condition["is"], value, condition["dates"])
    return lambda row: fits(row[place])


def make_comparison(kind: str, value: str, dates: str) -> Callable[[str], bool]:
    """What tells of a cell whether it compares so with the value; capitals and extra spaces do not count."""
    if kind in ("greater", "at_least", "less", "at_most"):
        return compare_numbers(kind, value)
    if kind in ("before", "after", "on_or_before", "on_or_after"):
        return compare_dates(kind, value, dates)
    wanted = same_text(value)
    choices = {same_text(each) for each in value.split(",")}
    comparisons: dict[str, Callable[[str], bool]] = {
        "equals": lambda cell: same_text(cell) == wanted,
        "not_equals": lambda cell: same_text(cell) != wanted,
        "one_of": lambda cell: same_text(cell) in choices,
        "contains": lambda cell: wanted in same_text(cell),
        "not_contains": lambda cell: wanted not in same_text(cell),
        "starts_with": lambda cell: same_text(cell).startswith(wanted),
        "ends_with": lambda cell: same_text(cell).endswith(wanted),
        "blank": lambda cell: not cell.strip(),
        "not_blank": lambda cell: bool(cell.strip()),
    }
    return comparisons[kind]


def compare_numbers(kind: str, value: str) -> Callable[[str], bool]:
    """A comparison of numbers; a cell that says no number never fits."""
    limit = find_number(value)
    if limit is None:
        raise ValueError(f"{value!r} is no number.")
    comparisons: dict[str, Callable[[Decimal], bool]] = {
        "greater": lambda number: number > limit,
        "at_least": lambda number: number >= limit,
        "less": lambda number: number < limit,
        "at_most": lambda number: number <= limit,
    }
    fits = comparisons[kind]
    return lambda cell: (number := find_number(cell)) is not None and fits(number)


def compare_dates(kind: str, value: str, dates: str) -> Callable[[str], bool]:
    """A comparison of days; a cell that says no day never fits."""
    limit = find_date(value, dates)
    if limit is None:
        raise ValueError(f"{value!r} is no date. Write it as 2024-01-31.")
    comparisons: dict[str, Callable[[date], bool]] = {
        "before": lambda day: day < limit,
        "on_or_before": lambda day: day <= limit,
        "after": lambda day: day > limit,
        "on_or_after": lambda day: day >= limit,
    }
    fits = comparisons[kind]
    return lambda cell: (day := find_date(cell, dates)) is not None and fits(day)
