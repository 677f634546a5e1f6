"""Answers made into a plan, what stops one, and the fingerprint an approval binds to; all without a database."""

import json
from importlib import resources
from typing import Any

import pytest

from spadework.core.errors import InvalidInput
from spadework.planner import actions, rules
from spadework.planner.types import Answers, PlanDocument, PlanStep, SourceColumn

SOURCE = [SourceColumn(name="Company", kind="text", path="name"), SourceColumn(name="CEO", kind="text", path="ceo")]


def _answers(*columns: dict[str, Any], **more: Any) -> Answers:
    return Answers.model_validate({"workbook_name": "Prospects", "columns": columns, **more})


def _plan(*steps: dict[str, Any]) -> PlanDocument:
    numbered = ({"order": number, **each} for number, each in enumerate(steps, start=1))
    return PlanDocument.model_validate({"tableName": "Prospects", "steps": list(numbered)})


SOURCE_STEP = {"type": "add_source", "config": {"sourceType": "find_companies"}}


def _column(name: str, expression: str = "1", **more: Any) -> dict[str, Any]:
    config = {"name": name, "type": "formula", "settings": {"expression": expression}, **more}
    return {"type": "add_column", "config": config}


def test_answers_become_workbook_table_source_columns_and_one_run() -> None:
    document = rules.from_answers(
        _answers({"name": "Score", "kind": "formula", "settings": {"expression": "1"}}), rows=12
    )
    assert [(each.order, each.type, each.dependsOn) for each in document.steps] == [
        (1, "create_workbook", ()),
        (2, "create_table", (1,)),
        (3, "add_source", (2,)),
        (4, "add_column", (3,)),
        (5, "run_enrichment", (3, 4)),
    ]
    assert document.steps[4].config == {"columns": ["Score"], "runAll": True}
    assert (document.tableName, document.estimatedRows) == ("Prospects", 12)


@pytest.mark.parametrize(
    ("name", "kind", "says"),
    [
        ("Score", "rubric", "Add Score (ICP score)"),
        ("ICP score", "rubric", "Add ICP score"),
        ("Address waterfall", "waterfall", "Add Address waterfall"),
    ],
)
def test_a_step_names_the_kind_of_its_column_once(name: str, kind: str, says: str) -> None:
    document = rules.from_answers(_answers({"name": name, "kind": kind, "settings": {}}), rows=1)
    assert document.steps[3].description == says


def test_without_columns_nothing_runs() -> None:
    assert [each.type for each in rules.from_answers(_answers(), rows=1).steps] == [
        "create_workbook",
        "create_table",
        "add_source",
    ]


def test_a_column_depends_on_the_columns_it_reads_also_through_an_output() -> None:
    document = rules.from_answers(
        _answers(
            {"name": "Score", "kind": "rubric", "settings": {"outputColumns": {"Tier": "tier"}}},
            {"name": "Letter", "kind": "ai", "prompt": "Write for {{score}}"},
            {"name": "Second", "kind": "formula", "settings": {"expression": "{{Letter}}"}},
        ),
        rows=1,
    )
    assert [each.dependsOn for each in document.steps if each.type == "add_column"] == [(3,), (3, 4), (3, 5)]


@pytest.mark.parametrize(
    ("condition", "text"),
    [
        (None, None),
        ({"type": "always"}, None),
        ({"type": "column_not_empty", "column": "CEO"}, "!!{{CEO}}"),
        ({"type": "column_empty", "column": "CEO"}, "!{{CEO}}"),
        ("{{Employees}} > 5", "{{Employees}} > 5"),
        ({"type": "column_empty"}, None),
    ],
)
def test_the_wizards_condition_is_written_in_the_language_of_conditions(condition: Any, text: str | None) -> None:
    step = rules.from_answers(_answers({"name": "Letter", "kind": "ai", "condition": condition}), rows=1).steps[3]
    assert step.config.get("conditionalRun") == text


def test_an_ai_column_without_outputs_gets_the_wizards_three() -> None:
    step = rules.from_answers(_answers({"name": "Fit", "kind": "ai", "prompt": "Does it fit?"}), rows=1).steps[3]
    assert step.config["outputSchema"] == {"qualified": "boolean", "score": "number", "reasoning": "text"}
    assert rules.column_settings(step.config)["output_fields"] == [
        {"name": "qualified", "type": "boolean"},
        {"name": "score", "type": "number"},
        {"name": "reasoning", "type": "text"},
    ]


def test_an_enrichment_named_by_its_old_type_asks_the_provider_behind_it() -> None:
    settings = rules.column_settings(
        {"type": "enrichment", "enrichmentType": "apollo_company", "sourceColumn": "Domain"}
    )
    assert settings == {"capability": "enrich_company", "provider": "apollo", "inputs": {"domain": "{{Domain}}"}}


def test_a_sound_plan_has_no_blockers() -> None:
    document = _plan(SOURCE_STEP, _column("Greeting", "{{ceo}}"), _column("Twice", "{{Greeting}}"))
    assert rules.check(document, source_columns=SOURCE) == []


@pytest.mark.parametrize(
    ("steps", "order", "says"),
    [
        ([SOURCE_STEP, {"type": "launch_rocket"}], 2, "unknown type 'launch_rocket'"),
        ([SOURCE_STEP, {**_column("A"), "order": 1}], 1, "Two steps have the order 1"),
        ([SOURCE_STEP, {**_column("A"), "dependsOn": [3]}, _column("B")], 2, "depends on step 3"),
        ([SOURCE_STEP, {**_column("A"), "dependsOn": [2]}], 2, "depends on step 2"),
        ([SOURCE_STEP, _column(" ")], 2, "without a name"),
        ([SOURCE_STEP, _column("company")], 2, "second column called 'company'"),
        ([SOURCE_STEP, _column("A"), _column("a")], 3, "second column called 'a'"),
        ([SOURCE_STEP, _column("A", "{{CFO}}")], 2, "{{CFO}}"),
        ([SOURCE_STEP, _column("A", "{{A}}")], 2, "A → A"),
        ([SOURCE_STEP, _column("A", "{{B}}"), _column("B", "{{A}}")], 2, "A → B → A"),
        ([SOURCE_STEP, _column("A", conditionalRun="!!{{CFO}}")], 2, "{{CFO}}"),
        ([_column("A", "{{Company}}"), SOURCE_STEP], 1, "{{Company}}"),
        ([SOURCE_STEP, {"type": "run_enrichment", "config": {"columns": ["B"]}}], 2, "runs the column 'B'"),
        ([_column("A")], 0, "adds no rows"),
        ([], 0, "adds no rows"),
    ],
)
def test_what_cannot_be_carried_out_is_named_with_its_step(steps: list[dict[str, Any]], order: int, says: str) -> None:
    found = rules.check(_plan(*steps), source_columns=SOURCE)
    assert len(found) == 1
    assert found[0].order == order
    assert says in found[0].message


def test_a_fingerprint_is_the_same_for_the_same_plan_however_it_was_written() -> None:
    one = _plan(SOURCE_STEP, _column("A"))
    settings = {"settings": {"expression": "1"}, "type": "formula", "name": "A"}
    other = PlanDocument(
        steps=(
            PlanStep(order=1, type="add_source", config={"sourceType": "find_companies"}),
            PlanStep(order=2, type="add_column", config=settings),
        ),
        tableName="Prospects",
    )
    assert rules.fingerprint(one) == rules.fingerprint(other)
    assert rules.fingerprint(PlanDocument.model_validate(one.model_dump(mode="json"))) == rules.fingerprint(one)


@pytest.mark.parametrize(
    "change",
    [
        {"tableName": "Suspects"},
        {"estimatedRows": 1},
        {"description": "Something else"},
        {"warnings": ["Careful"]},
        {"steps": []},
    ],
)
def test_a_fingerprint_changes_with_any_part_of_the_plan(change: dict[str, Any]) -> None:
    document = _plan(SOURCE_STEP)
    changed = PlanDocument.model_validate({**document.model_dump(mode="json"), **change})
    assert rules.fingerprint(changed) != rules.fingerprint(document)


@pytest.mark.parametrize(
    ("answers", "says"),
    [
        ({}, "workbook_name"),
        ({"workbook_name": ""}, "workbook_name"),
        ({"workbook_name": "x" * 121}, "workbook_name"),
        ({"workbook_name": "A", "lead_source": "telepathy"}, "lead_source"),
        ({"workbook_name": "A", "columns": [{"kind": "ai"}]}, "columns.0.name"),
        ({"workbook_name": "A", "columns": "all"}, "columns"),
        ({"workbook_name": "A", "surprise": 1}, "surprise"),
        ({"workbook_name": "A", "source": {"filters": {"limit": 0}}}, "source.filters.limit"),
        ({"workbook_name": "A", "source": {"filters": {"limit": 50_001}}}, "source.filters.limit"),
        ({"workbook_name": "A", "source": {"filters": {"colour": "red"}}}, "source.filters.colour"),
        ({"workbook_name": "A", "source": {"filters": {"founded_from": "long ago"}}}, "source.filters.founded_from"),
    ],
)
def test_bad_answers_are_refused_with_the_place_that_is_wrong(answers: dict[str, Any], says: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        actions.parse_answers(answers)
    assert f"cannot be used: {says}:" in refusal.value.message


@pytest.mark.parametrize(
    ("document", "says"),
    [
        ({"steps": []}, "tableName"),
        ({"tableName": "A"}, "steps"),
        ({"tableName": "A", "steps": [{"type": "create_workbook"}]}, "steps.0.order"),
        ({"tableName": "A", "steps": [{"order": 0, "type": "create_workbook"}]}, "steps.0.order"),
        ({"tableName": "A", "steps": [], "owner": "Ana"}, "owner"),
        ({"tableName": "A", "steps": [{"order": n, "type": "x"} for n in range(1, 252)]}, "steps"),
    ],
)
def test_what_is_not_a_plan_is_refused_with_the_place_that_is_wrong(document: dict[str, Any], says: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        actions.parse(document)
    assert f"not a plan: {says}:" in refusal.value.message


def test_our_own_answers_ask_for_californian_technology_and_are_valid() -> None:
    own = actions.parse_answers(_own_answers())
    assert own.source.filters.industries == ("Software", "Semiconductors", "Internet")
    assert own.source.filters.locations == ("California",)
    assert [each.kind for each in own.columns] == ["rubric", "waterfall"]


def _own_answers() -> dict[str, Any]:
    content: dict[str, Any] = json.loads(
        resources.files("spadework.planner").joinpath("default_answers.json").read_text("utf-8")
    )
    return content
