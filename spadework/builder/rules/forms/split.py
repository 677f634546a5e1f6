"""Split a file into several files or sheets."""

from typing import Literal

from pydantic import Field

from spadework.builder.rules.forms.assembly import Entry
from spadework.builder.rules.forms.operation import Extracts, Operation, Plan, wrong
from spadework.builder.rules.forms.settings import ColumnName, FilePosition, Settings


class SplitSettings(Settings):
    """Either `column` or `rows_per_part` says where the file is split."""

    file: FilePosition = Field(0, title="File")
    column: ColumnName | None = Field(
        None,
        title="By column",
        description="One part for each value; blank cells make a part of their own.",
        json_schema_extra={"x-kind": "column", "x-of": "file"},
    )
    rows_per_part: int | None = Field(
        None, ge=1, le=10_000_000, title="Or by number of rows", description="How many rows each part has."
    )
    output: Literal["csv", "xlsx", "sheets"] = Field(
        "csv",
        title="Result as",
        json_schema_extra={
            "x-labels": {
                "csv": "one CSV file for each part",
                "xlsx": "one Excel workbook for each part",
                "sheets": "one Excel workbook with a sheet for each part",
            }
        },
    )


class Split(Operation):
    """Parts are named after the value; at most 500 of them."""

    key = "split"
    label = "Split into files"
    description = "Make one file or sheet for each region, owner or month, or for each so many rows."
    summary = "Splits a table into parts, and writes each part."
    settings = SplitSettings

    def plan(self, settings: SplitSettings, extracts: Extracts) -> Plan:
        table = extracts.get(settings.file, "file")
        if (settings.column is None) is (settings.rows_per_part is None):
            raise wrong("column", "choose either a column or a number of rows")
        if settings.column is not None:
            table.require([settings.column], "column")
        by = settings.column or f"{settings.rows_per_part:,} rows"
        in_sheets = settings.output == "sheets"
        return Plan(
            name=f"Split by {by}",
            description=f"Splits {table.name} by {by} into {'sheets of one workbook' if in_sheets else 'files'}.",
            fields=(table.field("file"),),
            entry=Entry("splitting", "split_into_sheets" if in_sheets else "split_into_files"),
            settings={
                "file": table.source("file"),
                "column": settings.column,
                "rows_per_part": settings.rows_per_part,
            },
            output_filename="split.xlsx" if in_sheets else None,
            saved_minutes=20,
            as_workbook=settings.output == "xlsx",
        )
