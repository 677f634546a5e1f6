"""Keep one of each set of rows which are the same."""

from typing import Annotated, Literal

from pydantic import Field

from spadework.builder.rules.forms.assembly import Entry
from spadework.builder.rules.forms.operation import Extracts, Operation, Plan, listed
from spadework.builder.rules.forms.settings import ColumnName, Compare, DateOrder, FilePosition, Output, Settings


class DedupeSettings(Settings):
    """No column chosen: rows are the same when all their cells are."""

    file: FilePosition = Field(0, title="File")
    columns: Annotated[list[ColumnName], Field(max_length=20)] = Field(
        default=[],
        title="Columns that make rows the same",
        description="None chosen: all columns. Rows in which these are blank all stay.",
        json_schema_extra={"x-kind": "column", "x-of": "file"},
    )
    compare_as: Compare = "text"
    dates: DateOrder = "day_first"
    keep: Literal["first", "last", "fullest"] = Field(
        "first",
        title="Row to keep",
        json_schema_extra={
            "x-labels": {"first": "the first", "last": "the last", "fullest": "the one with the most filled cells"}
        },
    )
    write_removed: bool = Field(
        default=False, title="Write the removed rows too", description="Into a file of their own, to look them over."
    )
    output: Output = "csv"


class Dedupe(Operation):
    """The rows that stay keep the file's order; nothing is merged into them."""

    key = "dedupe"
    label = "Remove repeated rows"
    description = "Keep one row for each e-mail address, number or name, and see which rows were removed."
    summary = "Keeps one of each set of rows which are the same, and writes what is kept."
    settings = DedupeSettings

    def plan(self, settings: DedupeSettings, extracts: Extracts) -> Plan:
        table = extracts.get(settings.file, "file")
        table.require(settings.columns, "columns")
        by = listed(settings.columns) if settings.columns else ""
        kept = {"first": "the first row", "last": "the last row", "fullest": "the row with the most filled cells"}
        return Plan(
            name=f"Remove repeats by {by}" if by else "Remove repeated rows",
            description=f"Keeps {kept[settings.keep]} of {table.name} "
            + (f"for each {by}." if by else "where several are the same."),
            fields=(table.field("file"),),
            entry=Entry("deduping", "dedupe_rows"),
            settings={"file": table.source("file"), **settings.model_dump(exclude={"file", "output"})},
            output_filename=None if settings.write_removed else f"deduped.{settings.output}",
            saved_minutes=15,
            as_workbook=settings.output == "xlsx",
        )
