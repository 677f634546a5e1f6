"""Put the rows of several files below each other."""

from typing import Literal

from pydantic import Field

from spadework.builder.rules.forms.assembly import Entry
from spadework.builder.rules.forms.operation import Extracts, Operation, Plan, files_field, wrong
from spadework.builder.rules.forms.settings import Output, Settings


class AppendSettings(Settings):
    """Any number of files may be given at each run."""

    columns: Literal["all", "common"] = Field(
        "all",
        title="Columns",
        description="Columns are the same when their names are, without regard to capitals and spaces.",
        json_schema_extra={"x-labels": {"all": "every column of any file", "common": "only those that all files have"}},
    )
    add_file_name: bool = Field(
        default=False, title="Add the file's name", description="A last column says which file a row comes from."
    )
    every_sheet: bool = Field(
        default=False, title="Every sheet of a workbook", description="Otherwise one sheet of each workbook is used."
    )
    output: Output = "csv"


class Append(Operation):
    """One table of all rows, file by file in the order of their names."""

    key = "append"
    label = "Put files below each other"
    description = "Make one table of several files with the same kind of rows, such as one file for each month."
    summary = "Puts the rows of several tables below each other, and writes one table."
    settings = AppendSettings

    def plan(self, settings: AppendSettings, extracts: Extracts) -> Plan:
        positions = range(len(extracts.files))
        tables = [extracts.get(each, "columns") for each in positions]
        shapes = [each.extract for each in tables]
        if not tables:
            raise wrong("columns", "there is no file")
        if len({each.header == "none" for each in shapes}) > 1:
            raise wrong("columns", "some files have a header and some have none. Choose the same for all of them")
        # One field takes all files, so a sheet's name is asked for only when all have the same one.
        sheets = {each.sheet for each in shapes}
        source = {**tables[0].source("files"), "sheet": sheets.pop() if len(sheets) == 1 else None}
        if len({each.delimiter for each in shapes}) > 1:
            source["delimiter"] = None
        if len({each.filename for each in shapes}) < len(shapes) and not settings.every_sheet:
            raise wrong("every_sheet", "a workbook has several sheets. Choose every sheet, or give files of one sheet")
        return Plan(
            name="Append files" if len(tables) > 1 else f"Append files like {tables[0].name}"[:120],
            description="Puts the rows of all files below each other, with "
            + ("every column of any file." if settings.columns == "all" else "the columns that all files have."),
            fields=(files_field("Files to put below each other", positions),),
            entry=Entry("appending", "append_tables"),
            settings={"files": source, **settings.model_dump(exclude={"output"})},
            output_filename=f"appended.{settings.output}",
            saved_minutes=20,
            as_workbook=settings.output == "xlsx",
        )
