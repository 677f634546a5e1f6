"""The script that groups rows and adds up each group, as a list or as a table with columns across."""

from collections.abc import Callable, Iterator, Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from spadework.builder.rules.forms.parts.csv_results import write_table
from spadework.builder.rules.forms.parts.reading import Table, open_table
from spadework.builder.rules.forms.parts.values import find_date, find_number, same_text
from spadework.builder.rules.forms.parts.writing import Cell


def group_rows(settings: dict[str, Any]) -> None:
    """Write one row for each group, in the groups' order, with the figures asked for."""
    table = open_table(settings["file"])
    labels = [make_label(table, each) for each in settings["group_by"]]
    across = make_label(table, settings["across"]) if settings["across"] else None
    figures = settings["figures"]
    places = [table.place(each["column"]) if each["column"] else None for each in figures]
    groups: dict[tuple[str, ...], dict[str, list[Figure]]] = {}
    for number, row in enumerate(table.rows, start=1):
        group = groups.setdefault(tuple(label(row) for label in labels), {})
        key = across(row) if across else ""
        if key not in group:
            group[key] = [Figure(each["how"], each["column"]) for each in figures]
        for figure, place in zip(group[key], places, strict=True):
            figure.add("" if place is None else row[place], f"{table.name}, row {number}")
    keys = sorted({key for group in groups.values() for key in group}, key=sort_key)
    columns = [each["name"] for each in settings["group_by"]]
    columns += figure_columns(figures, keys, is_across=across is not None)

    def grouped() -> Iterator[list[Cell]]:
        for group in sorted(groups, key=lambda each: [sort_key(part) for part in each]):
            cells: list[Cell] = list(group)
            for key in keys:
                found = groups[group].get(key)
                cells += [
                    found[place].result(settings["decimals"]) if found else nothing(each["how"])
                    for place, each in enumerate(figures)
                ]
            yield cells

    write_table("grouped", columns, grouped())


def make_label(table: Table, grouping: dict[str, Any]) -> Callable[[list[str]], str]:
    """What gives a row's group: the cell without outer spaces, or the part of its date that is grouped by."""
    place, by = table.place(grouping["column"]), grouping["by"]

    def label(row: list[str]) -> str:
        text = row[place].strip()
        if by == "value" or not text:
            return text
        day = find_date(text, grouping["dates"])
        if day is None:
            raise ValueError(f"{table.name}: {text!r} in column {grouping['column']!r} is no date.")
        periods = {
            "day": day.isoformat(),
            "month": f"{day:%Y-%m}",
            "quarter": f"{day.year}-Q{(day.month + 2) // 3}",
            "year": str(day.year),
        }
        return periods[by]

    return label


def figure_columns(figures: Sequence[dict[str, Any]], keys: Sequence[str], *, is_across: bool) -> list[str]:
    """The names of the figures' columns; across, each begins with the value it stands for."""
    if not is_across:
        return [each["name"] for each in figures]
    if len(figures) == 1:
        return [key or "(blank)" for key in keys]
    return [f"{key or '(blank)'} {each['name']}" for key in keys for each in figures]


def sort_key(text: str) -> tuple[int, Decimal, str, str]:
    """Blanks first, then numbers by size, then texts by their letters."""
    if not text:
        return 0, Decimal(0), "", ""
    number = find_number(text)
    if number is None:
        return 2, Decimal(0), same_text(text), text
    return 1, number, "", text


def nothing(how: str) -> Cell:
    """What stands where a group has no row."""
    return 0 if how in ("sum", "count", "count_filled", "count_distinct") else ""


class Figure:
    """One figure of one group, which grows with each row."""

    def __init__(self, how: str, column: str | None) -> None:
        self.how = how
        self.column = column
        self.count = 0
        self.total = Decimal(0)
        self.lowest: Decimal | None = None
        self.highest: Decimal | None = None
        self.texts: dict[str, None] = {}

    def add(self, text: str, where: str) -> None:
        """Take one row's cell in; `where` tells the person which row says no number."""
        text = text.strip()
        if self.how == "count":
            self.count += 1
        elif text and self.how in ("count_filled", "count_distinct", "list"):
            self.count += 1
            self.texts.setdefault(text, None)
        elif text:
            number = find_number(text)
            if number is None:
                raise ValueError(f"{where}: {text!r} in column {self.column!r} is no number.")
            self.count += 1
            self.total += number
            self.lowest = number if self.lowest is None else min(self.lowest, number)
            self.highest = number if self.highest is None else max(self.highest, number)

    def result(self, decimals: int) -> Cell:
        """The figure; an average is rounded to so many decimals, and nothing else is."""
        if self.how in ("count", "count_filled"):
            return self.count
        if self.how == "count_distinct":
            return len(self.texts)
        if self.how == "list":
            return "; ".join(self.texts)
        if self.how == "sum":
            return self.total
        if not self.count:
            return ""
        if self.how == "average":
            return (self.total / self.count).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
        found = self.lowest if self.how == "lowest" else self.highest
        return "" if found is None else found
