"""Keep, rename, reorder, join and tidy columns."""

from typing import Annotated, Literal

from pydantic import Field

from spadework.builder.rules.forms.assembly import Entry
from spadework.builder.rules.forms.operation import Extracts, Operation, Plan, listed, wrong
from spadework.builder.rules.forms.settings import ColumnName, DateOrder, FilePosition, Output, Settings


class Column(Settings):
    """One column of the result, made of one column of the file or of several joined."""

    made_of: Annotated[list[ColumnName], Field(min_length=1, max_length=10)] = Field(
        title="Made of", json_schema_extra={"x-kind": "column"}
    )
    name: str = Field("", max_length=200, title="Name", description="Blank: as in the file.")
    separator: str = Field(" ", max_length=10, title="Between them", description="Where several columns are joined.")
    change: Literal["none", "trim", "lower", "upper", "title", "digits", "number", "date"] = Field(
        "none",
        title="Change",
        json_schema_extra={
            "x-labels": {
                "none": "leave as it is",
                "trim": "remove needless spaces",
                "lower": "small letters",
                "upper": "capital letters",
                "title": "Capitals At The Beginning",
                "digits": "digits only",
                "number": "as a plain number (1234.5)",
                "date": "as a date (2024-01-31)",
            }
        },
    )
    dates: DateOrder = "day_first"


class ColumnsSettings(Settings):
    """The result's columns in their order."""

    file: FilePosition = Field(0, title="File")
    columns: Annotated[list[Column], Field(min_length=1, max_length=200)] = Field(title="Columns of the result")
    keep_others: bool = Field(default=False, title="Keep all other columns", description="After the chosen ones.")
    output: Output = "csv"


class Columns(Operation):
    """Every row stays; what cannot be read as a number or a date stays as it is."""

    key = "columns"
    label = "Choose, rename and tidy columns"
    description = "Keep the columns you need in your order, rename them, join them, or tidy what they hold."
    summary = "Chooses, renames, joins and tidies the columns of a table, and writes them."
    settings = ColumnsSettings

    def plan(self, settings: ColumnsSettings, extracts: Extracts) -> Plan:
        table = extracts.get(settings.file, "file")
        wanted = []
        for each in settings.columns:
            table.require(each.made_of, "columns")
            wanted.append(
                {
                    "name": each.name.strip() or listed(each.made_of), "from": each.made_of,
                    "separator": each.separator, "change": each.change, "dates": each.dates,
                }
            )  # fmt: skip
        names = [str(each["name"]) for each in wanted]
        if repeated := next((each for each in names if names.count(each) > 1), None):
            raise wrong("columns", f"two columns would be named {repeated!r}. Give one of them another name")
        return Plan(
            name=f"Columns {listed(names)}",
            description=f"Writes {listed(names)} of {table.name}"
            + (", and all other columns after them." if settings.keep_others else "."),
            fields=(table.field("file"),),
            entry=Entry("choosing", "choose_columns"),
            settings={
                "file": table.source("file"),
                "columns": wanted,
                "keep_others": settings.keep_others,
            },
            output_filename=f"columns.{settings.output}",
            saved_minutes=15,
            as_workbook=settings.output == "xlsx",
        )
