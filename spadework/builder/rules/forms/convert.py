"""Write files in another format."""

from typing import Annotated, Literal

from pydantic import Field

from spadework.builder.rules.forms.assembly import Entry
from spadework.builder.rules.forms.operation import Extracts, Operation, Plan, files_field
from spadework.builder.rules.forms.settings import ColumnName, DateOrder, FilePosition, Settings


class ConvertSettings(Settings):
    """Numbers and dates of the chosen columns are written plainly; all other cells stay as they are."""

    file: FilePosition = Field(0, title="File", description="Files like this one are converted.")
    to: Literal["xlsx", "csv"] = Field(
        "xlsx", title="Into", json_schema_extra={"x-labels": {"xlsx": "Excel workbook", "csv": "CSV"}}
    )
    delimiter: Literal[",", ";", "\t", "|"] = Field(
        ",",
        title="Delimiter of CSV",
        json_schema_extra={"x-labels": {",": "comma", ";": "semicolon", "\t": "tab", "|": "vertical bar"}},
    )
    encoding: Literal["utf-8-sig", "utf-8", "utf-16", "cp1252"] = Field(
        "utf-8-sig",
        title="Encoding of CSV",
        json_schema_extra={
            "x-labels": {
                "utf-8-sig": "UTF-8, as Excel likes it",
                "utf-8": "UTF-8",
                "utf-16": "UTF-16",
                "cp1252": "Windows, Western Europe",
            }
        },
    )
    number_columns: Annotated[list[ColumnName], Field(max_length=200)] = Field(
        default=[],
        title="Columns with numbers",
        description="Written as numbers, so that a workbook can add them up.",
        json_schema_extra={"x-kind": "column", "x-of": "file"},
    )
    date_columns: Annotated[list[ColumnName], Field(max_length=200)] = Field(
        default=[],
        title="Columns with dates",
        description="Written as 2024-01-31.",
        json_schema_extra={"x-kind": "column", "x-of": "file"},
    )
    dates: DateOrder = "day_first"


class Convert(Operation):
    """Each file keeps its name and gets another ending."""

    key = "convert"
    label = "Convert files"
    description = "Turn workbooks into CSV or CSV into workbooks, with plain numbers and dates."
    summary = "Writes tables again in another format."
    settings = ConvertSettings

    def plan(self, settings: ConvertSettings, extracts: Extracts) -> Plan:
        table = extracts.get(settings.file, "file")
        table.require(settings.number_columns, "number_columns")
        table.require(settings.date_columns, "date_columns")
        is_workbook = settings.to == "xlsx"
        left_out = {"file", "to"} | ({"delimiter", "encoding"} if is_workbook else set())
        return Plan(
            name=f"Convert to {'Excel' if is_workbook else 'CSV'}",
            description=f"Writes files like {table.name} as {'Excel workbooks' if is_workbook else 'CSV'}.",
            fields=(files_field(f"Files like {table.name}", [settings.file]),),
            entry=Entry("converting", "convert_to_workbooks" if is_workbook else "convert_to_csv"),
            settings={"files": table.source("files"), **settings.model_dump(exclude=left_out)},
            output_filename=None,
            saved_minutes=10,
        )
