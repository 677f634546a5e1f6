"""Sort a file."""

from typing import Annotated, Literal

from pydantic import Field

from spadework.builder.rules.forms.assembly import Entry
from spadework.builder.rules.forms.operation import Extracts, Operation, Plan, listed
from spadework.builder.rules.forms.settings import ColumnName, DateOrder, FilePosition, Output, Settings


class SortKey(Settings):
    """One column to sort by."""

    column: ColumnName = Field(title="Column")
    sort_as: Literal["text", "number", "date"] = Field(
        "text", title="As", json_schema_extra={"x-labels": {"text": "text", "number": "numbers", "date": "dates"}}
    )
    descending: bool = Field(default=False, title="From high to low")
    dates: DateOrder = "day_first"


class SortSettings(Settings):
    """The first column counts most; `first` keeps only so many rows."""

    file: FilePosition = Field(0, title="File")
    columns: Annotated[list[SortKey], Field(min_length=1, max_length=5)] = Field(title="Sort by")
    first: int | None = Field(
        None, ge=1, le=100_000_000, title="Keep only the first", description="So many rows; blank: all."
    )
    output: Output = "csv"


class Sort(Operation):
    """Equal rows stay in the file's order; blanks, and what says no number or date, come last."""

    key = "sort"
    label = "Sort rows"
    description = "Put the rows in order by one or more columns, as text, numbers or dates; keep the top ones."
    summary = "Sorts the rows of a table, and writes them."
    settings = SortSettings

    def plan(self, settings: SortSettings, extracts: Extracts) -> Plan:
        table = extracts.get(settings.file, "file")
        names = [each.column for each in settings.columns]
        table.require(names, "columns")
        keys = [
            {"column": each.column, "as": each.sort_as, "descending": each.descending, "dates": each.dates}
            for each in settings.columns
        ]
        return Plan(
            name=f"Sort by {listed(names)}",
            description=f"Sorts {table.name} by {listed(names)}"
            + (f" and keeps the first {settings.first:,} rows." if settings.first else "."),
            fields=(table.field("file"),),
            entry=Entry("sorting", "sort_rows"),
            settings={"file": table.source("file"), "columns": keys, "first": settings.first},
            output_filename=f"sorted.{settings.output}",
            saved_minutes=10,
            as_workbook=settings.output == "xlsx",
        )
