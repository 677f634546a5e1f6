"""What the form refuses, and how what a person chose gets into a script: as data, never as code."""

import ast
import json
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spadework.builder.rules.checking import check_script
from spadework.builder.rules.forms.compiling import compile_form, list_operations
from spadework.builder.types import MOST_SCRIPT_BYTES
from spadework.core.errors import InvalidInput, UnknownReference
from spadework.extracts.types import FileExtract

EXTRACTS = (
    FileExtract(filename="orders.csv", columns=("order", "day", "amount"), delimiter=";"),
    FileExtract(filename="people.xlsx", columns=("name", "day"), sheet="All"),
    FileExtract(filename="scan.pdf", kind="document"),
)
USUAL: Mapping[str, Mapping[str, Any]] = {
    "merge": {"left_columns": ["day"], "right_columns": ["day"]},
    "append": {},
    "filter": {"conditions": [{"column": "day", "value": "x"}]},
    "group_and_aggregate": {"group_by": [{"column": "day"}], "figures": [{"how": "sum", "column": "amount"}]},
    "dedupe": {"columns": ["day"]},
    "split": {"column": "day"},
    "columns": {"columns": [{"made_of": ["day"]}]},
    "sort": {"columns": [{"column": "day"}]},
    "convert": {},
}


def _settings_literal(script: str) -> Any:
    """The settings as the script has them; fails when they are anything but one literal."""
    for node in ast.parse(script).body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and node.targets[0].id == "SETTINGS":
            return ast.literal_eval(node.value)
    raise AssertionError("the script has no settings")


def test_every_operation_is_listed_with_a_schema_that_says_what_to_ask_for() -> None:
    listed = list_operations()
    assert [each.key for each in listed] == list(USUAL)
    for each in listed:
        assert each.label and each.description
        assert json.loads(json.dumps(each.settings_schema))["additionalProperties"] is False
        assert all("title" in found for found in each.settings_schema["properties"].values())


@pytest.mark.parametrize("operation", USUAL)
def test_the_same_settings_give_the_same_readable_script(operation: str) -> None:
    extracts = EXTRACTS[:1] if operation == "append" else EXTRACTS
    first, second = (compile_form(operation, USUAL[operation], extracts) for _ in range(2))
    assert first == second
    script = first.execution.script
    compile(script, "script", "exec")
    assert len(script) < MOST_SCRIPT_BYTES / 5
    assert max(map(len, script.splitlines())) <= 120
    assert "spadework" not in script.lower()
    assert check_script(script) == []


@pytest.mark.parametrize(
    ("operation", "settings", "setting", "why"),
    [
        ("merge", {"left_columns": ["day"]}, "right_columns", "field required"),
        ("merge", {"left_columns": ["no"], "right_columns": ["day"]}, "left_columns", "has no column 'no'"),
        ("merge", {"left_columns": ["order", "day"], "right_columns": ["day"]}, "right_columns", "choose 2"),
        ("merge", {"right": 0, "left_columns": ["day"], "right_columns": ["day"]}, "right", "another file"),
        ("merge", {"right": 9, "left_columns": ["day"], "right_columns": ["day"]}, "right", "no file number 10"),
        ("merge", {"right": 2, "left_columns": ["day"], "right_columns": ["day"]}, "right", "scan.pdf is no table"),
        ("append", {}, "columns", "scan.pdf is no table"),
        ("filter", {"conditions": []}, "conditions", "at least 1"),
        ("filter", {"conditions": [{"column": "day"}]}, "conditions", "condition 1 has no value"),
        ("filter", {"conditions": [{"column": "day", "value": 3}]}, "conditions.0.value", "valid string"),
        (
            "group_and_aggregate",
            {**USUAL["group_and_aggregate"], "figures": [{}]},
            "figures",
            "figure 1 needs a column",
        ),
        ("dedupe", {"columns": ["day"], "keep": "some"}, "keep", "'first', 'last' or 'fullest'"),
        ("split", {}, "column", "either a column or a number"),
        ("split", {"column": "day", "rows_per_part": 5}, "column", "either a column or a number"),
        ("columns", {"columns": [{"made_of": ["day"]}] * 2}, "columns", "would be named 'day'"),
        ("sort", {"columns": [{"column": "day"}], "colour": "red"}, "colour", "extra inputs"),
        ("convert", {"number_columns": ["nope"]}, "number_columns", "Its columns are: order, day, amount"),
    ],
)
def test_a_wrong_setting_is_named_with_the_reason(
    operation: str, settings: Mapping[str, object], setting: str, why: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        compile_form(operation, settings, EXTRACTS)
    assert refused.value.details == {"setting": setting}
    assert why.lower() in refused.value.message.lower()


def test_an_unknown_operation_is_refused_with_those_there_are() -> None:
    with pytest.raises(UnknownReference, match="merge, append, filter"):
        compile_form("drop_table", {}, EXTRACTS)


def test_files_with_and_without_a_header_cannot_be_appended_together() -> None:
    bare = FileExtract(filename="bare.csv", columns=("column_1",), header="none")
    with pytest.raises(InvalidInput, match="some have none"):
        compile_form("append", {}, (EXTRACTS[0], bare))


def test_sheets_of_one_workbook_are_appended_only_when_every_sheet_is_meant() -> None:
    sheets = [FileExtract(filename="book.xlsx", columns=("x",), sheet=each) for each in ("One", "Two")]
    with pytest.raises(InvalidInput, match="several sheets"):
        compile_form("append", {}, sheets)
    assert compile_form("append", {"every_sheet": True}, sheets).fields[0].extracts == (0, 1)


def test_values_asked_for_at_each_run_become_fields_and_stay_out_of_the_script() -> None:
    settings = {"conditions": [{"column": "amount", "comparison": "greater", "ask": True}]}
    build = compile_form("filter", settings, EXTRACTS)
    assert [(each.id, each.type, each.label) for each in build.fields] == [
        ("file", "file_upload", "File like orders.csv"),
        ("value_1", "text_input", "amount is greater than"),
    ]
    assert _settings_literal(build.execution.script)["conditions"][0]["ask"] == "value_1"


def test_a_workbook_as_result_brings_the_library_that_writes_it() -> None:
    as_csv = compile_form("sort", USUAL["sort"], EXTRACTS)
    as_workbook = compile_form("sort", {**USUAL["sort"], "output": "xlsx"}, EXTRACTS)
    assert as_csv.execution.dependencies == ("python-calamine",)
    assert as_workbook.execution.dependencies == ("openpyxl", "python-calamine")
    assert (as_csv.execution.outputFilename, as_workbook.execution.outputFilename) == ("sorted.csv", "sorted.xlsx")
    assert "openpyxl" not in as_csv.execution.script


@given(
    name=st.text(st.characters(exclude_categories=("Cs",)), min_size=1, max_size=60).filter(
        lambda each: "\0" not in each
    ),
    value=st.text(min_size=1, max_size=60).filter(str.strip),
)
def test_any_column_name_and_value_enter_a_script_as_data(name: str, value: str) -> None:
    extracts = (FileExtract(filename=f"{name}.csv", columns=(name,)),)
    settings = {"conditions": [{"column": name, "value": value}]}
    plain = compile_form(
        "filter", {"conditions": [{"column": "x", "value": "y"}]}, (FileExtract(filename="f", columns=("x",)),)
    )
    build = compile_form("filter", settings, extracts)
    condition = _settings_literal(build.execution.script)["conditions"][0]
    assert (condition["column"], condition["value"]) == (name, value)
    # Apart from the settings' own line the script's syntax is that of any other: nothing became code.
    assert _without_settings(build.execution.script) == _without_settings(plain.execution.script)


def _without_settings(script: str) -> list[str]:
    body = ast.parse(script).body
    return [
        ast.dump(each)
        for each in body
        if not (isinstance(each, ast.Assign) and "SETTINGS" in ast.dump(each.targets[0]))
    ]


def test_a_form_without_columns_is_named_and_described_in_words_that_read_well() -> None:
    deduped = compile_form("dedupe", {}, EXTRACTS[:1])
    assert deduped.name == "Remove repeated rows"
    assert deduped.description.endswith(" where several are the same.")
