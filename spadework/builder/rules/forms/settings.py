"""The settings that the form's operations share: what a person is asked, and in which words."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

DateOrder = Annotated[
    Literal["day_first", "month_first"],
    Field(
        title="Dates such as 03/04/2024",
        description="Which part comes first. Dates such as 2024-04-03 are always understood.",
        json_schema_extra={"x-labels": {"day_first": "3 April (day first)", "month_first": "March 4 (month first)"}},
    ),
]
Output = Annotated[
    Literal["csv", "xlsx"],
    Field(
        title="Result as",
        description="CSV opens everywhere and has no limit of rows; a workbook opens in Excel at once.",
        json_schema_extra={"x-labels": {"csv": "CSV", "xlsx": "Excel workbook"}},
    ),
]
Compare = Annotated[
    Literal["text", "exact", "number", "date"],
    Field(
        title="Values are the same",
        description="When two values count as the same.",
        json_schema_extra={
            "x-labels": {
                "text": "without regard to capitals and spaces",
                "exact": "when every character is the same",
                "number": "when they are the same number (007 and 7)",
                "date": "when they are the same day",
            }
        },
    ),
]
FilePosition = Annotated[int, Field(ge=0, le=999, json_schema_extra={"x-kind": "file"})]
ColumnName = Annotated[str, Field(min_length=1, max_length=500, json_schema_extra={"x-kind": "column"})]


class Settings(BaseModel):
    """An operation's settings; their JSON Schema is what the form is drawn from.

    `x-kind: file` is the position of one of the workflow's extracts, `x-kind: column` the name of one of
    its columns, where `x-of` names the setting that says which file; `x-labels` name an enum's values.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")
