"""Keep the rows that fit conditions."""

from typing import Annotated, Any, Literal

from pydantic import Field

from spadework.builder.rules.forms.assembly import Entry
from spadework.builder.rules.forms.operation import Extracts, Operation, Plan, listed, wrong
from spadework.builder.rules.forms.settings import ColumnName, DateOrder, FilePosition, Output, Settings

_LABELS = {
    "equals": "is",
    "not_equals": "is not",
    "one_of": "is one of (with commas between)",
    "contains": "contains",
    "not_contains": "does not contain",
    "starts_with": "starts with",
    "ends_with": "ends with",
    "blank": "is blank",
    "not_blank": "is not blank",
    "greater": "is greater than",
    "at_least": "is at least",
    "less": "is less than",
    "at_most": "is at most",
    "before": "is before",
    "on_or_before": "is on or before",
    "after": "is after",
    "on_or_after": "is on or after",
}


class Condition(Settings):
    """A comparison of one column; `ask` makes the value a field of the run form."""

    column: ColumnName = Field(title="Column")
    comparison: Literal[
        "equals", "not_equals", "one_of", "contains", "not_contains", "starts_with", "ends_with", "blank", "not_blank",
        "greater", "at_least", "less", "at_most", "before", "on_or_before", "after", "on_or_after",
    ] = Field("equals", title="Condition", json_schema_extra={"x-labels": {**_LABELS}})  # fmt: skip
    value: str = Field("", max_length=1_000, title="Value", description="Blank for “is blank” and “is not blank”.")
    ask: bool = Field(default=False, title="Ask at each run", description="The value is entered when it runs.")
    dates: DateOrder = "day_first"


class FilterSettings(Settings):
    """`write_rest` writes the rows that do not fit into a second file."""

    file: FilePosition = Field(0, title="File")
    conditions: Annotated[list[Condition], Field(min_length=1, max_length=20)] = Field(title="Conditions")
    match: Literal["all", "any"] = Field(
        "all",
        title="Rows must fit",
        json_schema_extra={"x-labels": {"all": "all conditions", "any": "at least one condition"}},
    )
    write_rest: bool = Field(default=False, title="Write the other rows too", description="Into a file of their own.")
    output: Output = "csv"


class Filter(Operation):
    """The rows that fit, in the file's order; numbers and days are compared as such."""

    key = "filter"
    label = "Filter rows"
    description = "Keep the rows that fit conditions, such as an amount above a limit or a date after a day."
    summary = "Keeps the rows of a table which fit conditions, and writes them."
    settings = FilterSettings

    def plan(self, settings: FilterSettings, extracts: Extracts) -> Plan:
        table = extracts.get(settings.file, "file")
        table.require([each.column for each in settings.conditions], "conditions")
        asked: list[dict[str, Any]] = []
        conditions: list[dict[str, Any]] = []
        for number, each in enumerate(settings.conditions, start=1):
            is_about_blanks = each.comparison in ("blank", "not_blank")
            if not is_about_blanks and not each.ask and not each.value.strip():
                raise wrong("conditions", f"condition {number} has no value. Enter one, or ask for it at each run")
            field_id = f"value_{number}" if each.ask and not is_about_blanks else None
            if field_id:
                label = f"{each.column} {_LABELS[each.comparison].partition(' (')[0]}"
                asked.append({"id": field_id, "type": "text_input", "label": label[:120], "required": True})
            conditions.append(
                {
                    "column": each.column, "is": each.comparison, "value": each.value, "ask": field_id,
                    "dates": each.dates,
                }
            )  # fmt: skip
        if len(asked) > 10:
            raise wrong("conditions", "at most ten values can be asked for at each run")
        columns = list(dict.fromkeys(each.column for each in settings.conditions))
        return Plan(
            name=f"Filter by {listed(columns)}",
            description=f"Keeps the rows of {table.name} that fit "
            f"{'all' if settings.match == 'all' else 'at least one'} of {len(conditions)} condition(s) "
            f"on {listed(columns)}.",
            fields=(table.field("file"), *asked),
            entry=Entry("filtering", "filter_rows", takes_inputs=True),
            settings={
                "file": table.source("file"),
                "conditions": conditions,
                "match": settings.match,
                "write_rest": settings.write_rest,
            },
            output_filename=None if settings.write_rest else f"filtered.{settings.output}",
            saved_minutes=10,
            as_workbook=settings.output == "xlsx",
        )
