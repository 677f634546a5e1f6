"""Merge two files by columns whose values are the same."""

from typing import Annotated, Literal

from pydantic import Field

from spadework.builder.rules.forms.assembly import Entry
from spadework.builder.rules.forms.operation import Extracts, Operation, Plan, listed, wrong
from spadework.builder.rules.forms.settings import ColumnName, Compare, DateOrder, FilePosition, Output, Settings


class MergeSettings(Settings):
    """The nth of `left_columns` is compared with the nth of `right_columns`."""

    left: FilePosition = Field(0, title="First file", description="Its rows come first and keep their order.")
    right: FilePosition = Field(1, title="Second file", description="Its columns are put beside the first file's.")
    left_columns: Annotated[list[ColumnName], Field(min_length=1, max_length=5)] = Field(
        title="Columns of the first file",
        description="What says that two rows belong together, such as a date or a number.",
        json_schema_extra={"x-kind": "column", "x-of": "left"},
    )
    right_columns: Annotated[list[ColumnName], Field(min_length=1, max_length=5)] = Field(
        title="The same columns of the second file",
        description="As many as of the first file, in the same order.",
        json_schema_extra={"x-kind": "column", "x-of": "right"},
    )
    compare_as: Compare = "text"
    left_dates: DateOrder = Field("day_first", title="Dates of the first file")
    right_dates: DateOrder = Field("day_first", title="Dates of the second file")
    keep: Literal["left", "matching", "right", "all"] = Field(
        "left",
        title="Rows to keep",
        description="What happens to rows without a partner.",
        json_schema_extra={
            "x-labels": {
                "left": "all rows of the first file",
                "matching": "only rows that have a partner",
                "right": "all rows of the second file",
                "all": "all rows of both files",
            }
        },
    )
    several: Literal["all", "first", "stop"] = Field(
        "all",
        title="If several rows of the second file fit",
        description="One row of the first file may have several partners.",
        json_schema_extra={
            "x-labels": {
                "all": "write one row for each",
                "first": "use the first one",
                "stop": "stop and say so",
            }
        },
    )
    take: Annotated[list[ColumnName], Field(max_length=500)] = Field(
        default=[],
        title="Columns to take from the second file",
        description="None chosen: all but those compared.",
        json_schema_extra={"x-kind": "column", "x-of": "right"},
    )
    output: Output = "csv"


class Merge(Operation):
    """Rows with the same key beside each other; several partners give several rows, and blank matches nothing."""

    key = "merge"
    label = "Merge two files by a column"
    description = "Put the rows of two files beside each other where a date, a number or a name is the same."
    summary = "Merges two tables by columns whose values are the same, and writes one table."
    settings = MergeSettings

    def plan(self, settings: MergeSettings, extracts: Extracts) -> Plan:
        left, right = extracts.get(settings.left, "left"), extracts.get(settings.right, "right")
        if settings.left == settings.right:
            raise wrong("right", "choose another file than the first")
        if len(settings.left_columns) != len(settings.right_columns):
            raise wrong("right_columns", f"choose {len(settings.left_columns)}, as many as of the first file")
        left.require(settings.left_columns, "left_columns")
        right.require(settings.right_columns, "right_columns")
        right.require(settings.take, "take")
        by = listed(settings.left_columns)
        given = settings.model_dump(exclude={"left", "right", "output"})
        return Plan(
            name=f"Merge by {by}",
            description=f"Merges {left.name} and {right.name} by {by}. {_KEPT[settings.keep]}",
            fields=(
                left.field("left_file"),
                right.field("right_file"),
            ),
            entry=Entry("merging", "merge_tables"),
            settings={"left": left.source("left_file"), "right": right.source("right_file"), **given},
            output_filename=f"merged.{settings.output}",
            saved_minutes=30,
            as_workbook=settings.output == "xlsx",
        )


_KEPT = {
    "left": "Every row of the first file stays.",
    "matching": "Only rows with a partner stay.",
    "right": "Every row of the second file stays.",
    "all": "Every row of both files stays.",
}
