"""Group rows and add up each group, as a list or as a table with columns across (a pivot)."""

from typing import Annotated, Any, Literal

from pydantic import Field

from spadework.builder.rules.forms.assembly import Entry
from spadework.builder.rules.forms.operation import Example, Extracts, Operation, Plan, listed, wrong
from spadework.builder.rules.forms.settings import ColumnName, DateOrder, FilePosition, Output, Settings

_LABELS = {
    "sum": "sum",
    "count": "number of rows",
    "count_filled": "number of filled cells",
    "count_distinct": "number of different values",
    "average": "average",
    "lowest": "lowest",
    "highest": "highest",
    "list": "list of the different values",
}


class Grouping(Settings):
    """What rows are grouped by: a column's value, or a part of its date."""

    column: ColumnName = Field(title="Column")
    by: Literal["value", "day", "month", "quarter", "year"] = Field(
        "value",
        title="By",
        json_schema_extra={
            "x-labels": {
                "value": "each value",
                "day": "day of its date",
                "month": "month of its date",
                "quarter": "quarter of its date",
                "year": "year of its date",
            }
        },
    )
    dates: DateOrder = "day_first"


class Figure(Settings):
    """One figure for each group; counting rows needs no column."""

    how: Literal["sum", "count", "count_filled", "count_distinct", "average", "lowest", "highest", "list"] = Field(
        "sum", title="Figure", json_schema_extra={"x-labels": {**_LABELS}}
    )
    column: ColumnName | None = Field(None, title="Of column", json_schema_extra={"x-kind": "column"})
    name: str = Field("", max_length=200, title="Name", description="Blank: made of the figure and the column.")


class GroupSettings(Settings):
    """`across` puts the values of a column across, one column for each."""

    file: FilePosition = Field(0, title="File")
    group_by: Annotated[list[Grouping], Field(min_length=1, max_length=5)] = Field(title="One row for each")
    figures: Annotated[list[Figure], Field(min_length=1, max_length=20)] = Field(title="Figures")
    across: Grouping | None = Field(
        None, title="One column for each", description="A pivot: the values of this column stand across."
    )
    decimals: int = Field(2, ge=0, le=10, title="Decimals of averages")
    output: Output = "csv"


class GroupAndAggregate(Operation):
    """One row for each group, in the groups' order; money is added up exactly."""

    key = "group_and_aggregate"
    label = "Group and add up"
    description = "Sums, counts and averages for each customer, region or month, also as a pivot table."
    summary = "Groups the rows of a table, and writes figures for each group."
    settings = GroupSettings

    def plan(self, settings: GroupSettings, extracts: Extracts) -> Plan:
        table = extracts.get(settings.file, "file")
        table.require([each.column for each in settings.group_by], "group_by")
        if settings.across:
            table.require([settings.across.column], "across")
        figures = [self._figure(each, number, table) for number, each in enumerate(settings.figures, 1)]
        if len({each["name"] for each in figures}) < len(figures):
            raise wrong("figures", "two figures have the same name. Give one of them another")
        groupings = [self._grouping(each) for each in settings.group_by]
        if len({each["name"] for each in groupings}) < len(groupings):
            raise wrong("group_by", "the same column is there twice. Choose another, or remove one")
        by = listed([each["name"] for each in groupings])
        across = self._grouping(settings.across) if settings.across else None
        return Plan(
            name=f"Group by {by}" if across is None else f"{by.capitalize()} by {across['name']}",
            description=f"Gives {listed([each['name'] for each in figures])} of {table.name} for each {by}"
            + (f", with a column for each {across['name']}." if across else "."),
            fields=(table.field("file"),),
            entry=Entry("grouping", "group_rows"),
            settings={
                "file": table.source("file"),
                "group_by": groupings,
                "across": across,
                "figures": figures,
                "decimals": settings.decimals,
            },
            output_filename=f"grouped.{settings.output}",
            saved_minutes=30,
            as_workbook=settings.output == "xlsx",
        )

    def _figure(self, figure: Figure, number: int, table: Example) -> dict[str, Any]:
        if figure.how == "count":
            return {"how": "count", "column": None, "name": figure.name.strip() or "rows"}
        if figure.column is None:
            raise wrong("figures", f"figure {number} needs a column")
        table.require([figure.column], "figures")
        name = figure.name.strip() or f"{figure.how.replace('_', ' ')} of {figure.column}"
        return {"how": figure.how, "column": figure.column, "name": name}

    def _grouping(self, grouping: Grouping) -> dict[str, Any]:
        name = grouping.column if grouping.by == "value" else f"{grouping.column} ({grouping.by})"
        return {**grouping.model_dump(), "name": name}
