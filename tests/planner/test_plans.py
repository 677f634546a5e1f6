"""Plans in the database: drafted, costed, edited, approved against what was shown."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from spadework.accounts.actions import accounts, credentials
from spadework.clients import actions as clients
from spadework.clients.types import Client
from spadework.core.db import Database, Transaction
from spadework.core.errors import Conflict, ContentChanged, InvalidInput, NotFound, OutOfBudget
from spadework.core.secrets import Box
from spadework.planner import actions as planner
from spadework.planner.types import Answers, Plan
from spadework.runs import actions as runs
from spadework.spend import actions as spend
from spadework.workbooks import uploads

FIVE = {"industries": ["Semiconductors"], "locations": ["California"], "limit": 5}
MAIL = {
    "name": "CEO work e-mail",
    "kind": "waterfall",
    "settings": {
        "steps": [
            {
                "provider": "hunter", "capability": "find_email",
                "inputs": {"domain": "{{Domain}}", "full_name": "{{CEO}}"},
            }
        ]
    },
}  # fmt: skip


@pytest.fixture
async def client(tx: Transaction) -> Client:
    return await clients.create(tx, "Example Robotics")


async def _draft(tx: Transaction, client: Client, *columns: dict[str, Any], home: Path = Path(), **more: Any) -> Plan:
    given = {"workbook_name": "Prospects", "source": {"filters": FIVE}, "columns": columns, **more}
    return await planner.draft(tx, client.id, Answers.model_validate(given), home=home, by=None)


async def test_a_draft_counts_its_rows_and_costs_nothing_in_training(tx: Transaction, client: Client) -> None:
    plan = await _draft(tx, client, MAIL)
    assert (plan.state, plan.compiled["rows"], plan.compiled["expected_micro_usd"]) == ("draft", 5, 0)
    assert plan.compiled["blockers"] == []
    assert any("Training mode" in each for each in plan.document.warnings)
    assert await planner.get(tx, plan.id) == plan


async def test_without_training_a_column_whose_vendor_has_no_key_blocks_the_plan(
    tx: Transaction, client: Client
) -> None:
    plan = await _draft(tx, client, MAIL, is_training=False)
    assert [each["order"] for each in plan.compiled["blockers"]] == [4]
    assert "Hunter" in plan.compiled["blockers"][0]["message"]
    with pytest.raises(InvalidInput, match="Hunter"):
        await planner.approve(tx, plan.id, seen=plan.hash, by=None)


async def test_an_ai_column_without_a_language_model_blocks_the_plan_and_says_what_to_do(
    tx: Transaction, client: Client
) -> None:
    plan = await _draft(tx, client, {"name": "Fit", "kind": "ai", "prompt": "Does {{Company}} fit?"})
    assert [each["order"] for each in plan.compiled["blockers"]] == [4]
    assert "Settings › Language models" in plan.compiled["blockers"][0]["message"]


@pytest.mark.parametrize(
    ("column", "says"),
    [
        ({"name": "A", "kind": "astrology"}, "no column 'astrology'"),
        ({"name": "A", "kind": "formula", "settings": {"formula": "1"}}, "expression"),
        ({"name": "A", "kind": "rubric", "settings": {}}, "rules"),
        ({"name": "Company", "kind": "formula", "settings": {"expression": "1"}}, "second column called 'Company'"),
        ({**MAIL, "condition": "!!{{CEO"}, "condition"),
        ({**MAIL, "condition": {"type": "column_empty", "column": "CFO"}}, "{{CFO}}"),
        ({"name": "A", "kind": "waterfall", "settings": {"steps": [{"provider": "x", "capability": "y"}]}}, "'x'"),
    ],
)
async def test_a_column_that_cannot_work_is_a_blocker_of_its_step(
    tx: Transaction, client: Client, column: dict[str, Any], says: str
) -> None:
    plan = await _draft(tx, client, column)
    messages = [each["message"] for each in plan.compiled["blockers"] if each["order"] == 4]
    assert any(says.casefold() in each.casefold() for each in messages), messages


async def test_filters_that_match_nothing_are_a_warning(tx: Transaction, client: Client) -> None:
    plan = await _draft(tx, client, source={"filters": {**FIVE, "founded_to": 1500}})
    assert plan.compiled["rows"] == 0
    assert "The filters match nothing. Widen them, or the table stays empty." in plan.document.warnings


async def test_a_vendor_cannot_be_previewed_as_a_source_of_rows(tx: Transaction, client: Client) -> None:
    with pytest.raises(InvalidInput, match="Preview with the company directory"):
        await _draft(tx, client, source={"provider": "apollo", "filters": FIVE})


async def test_what_the_plans_author_estimated_does_not_count(tx: Transaction, client: Client) -> None:
    plan = await _draft(tx, client, MAIL)
    document = plan.document.model_dump(mode="json")
    document["estimatedRows"], document["estimatedCredits"] = 1, 0.01
    document["steps"][3]["estimatedCredits"] = 0.01
    edited = await planner.edit(tx, plan.id, document)
    assert edited.document == plan.document
    assert edited.hash == plan.hash


async def test_an_edit_gives_the_plan_a_new_hash_and_the_old_yes_no_longer_holds(
    tx: Transaction, client: Client
) -> None:
    plan = await _draft(tx, client, MAIL)
    document = plan.document.model_dump(mode="json")
    document["tableName"] = "Suspects"
    edited = await planner.edit(tx, plan.id, document)
    assert edited.hash != plan.hash
    with pytest.raises(ContentChanged):
        await planner.approve(tx, plan.id, seen=plan.hash, by=None)
    approved, _ = await planner.approve(tx, plan.id, seen=edited.hash, by=None)
    assert approved.state == "applying"


async def test_an_edit_that_is_no_plan_changes_nothing(tx: Transaction, client: Client) -> None:
    plan = await _draft(tx, client)
    with pytest.raises(InvalidInput):
        await planner.edit(tx, plan.id, {"tableName": "Suspects", "steps": "none"})
    assert await planner.get(tx, plan.id) == plan


async def test_approving_twice_starts_one_run(tx: Transaction, client: Client) -> None:
    plan = await _draft(tx, client, MAIL)
    _, first = await planner.approve(tx, plan.id, seen=plan.hash, by=None)
    again, second = await planner.approve(tx, plan.id, seen=plan.hash, by=None)
    assert first.id == second.id == again.run_id
    assert [each.id for each in (await runs.list_runs(tx, kind="apply_plan")).runs] == [first.id]
    assert (first.subject["plan_id"], first.is_simulated) == (str(plan.id), True)


async def test_a_plan_under_way_can_be_neither_edited_nor_rejected(tx: Transaction, client: Client) -> None:
    plan = await _draft(tx, client)
    await planner.approve(tx, plan.id, seen=plan.hash, by=None)
    with pytest.raises(Conflict):
        await planner.edit(tx, plan.id, plan.document.model_dump(mode="json"))
    with pytest.raises(Conflict):
        await planner.reject(tx, plan.id, by=None)


async def test_a_plan_stopped_before_a_worker_took_it_is_stopped_and_another_yes_lets_it_go_on(
    tx: Transaction, client: Client
) -> None:
    plan = await _draft(tx, client)
    _, run = await planner.approve(tx, plan.id, seen=plan.hash, by=None)
    await runs.request_stop(tx, run.id, by=None)
    assert (await planner.get(tx, plan.id)).state == "stopped"
    assert [each.state for each in await planner.list_plans(tx)] == ["stopped"]
    again, resumed = await planner.approve(tx, plan.id, seen=plan.hash, by=None)
    assert (again.state, resumed.id, resumed.state) == ("applying", run.id, "queued")


async def test_a_stopped_plan_that_is_edited_is_a_draft_whose_yes_starts_another_run(
    tx: Transaction, client: Client
) -> None:
    plan = await _draft(tx, client)
    _, run = await planner.approve(tx, plan.id, seen=plan.hash, by=None)
    await runs.request_stop(tx, run.id, by=None)
    document = plan.document.model_dump(mode="json")
    document["tableName"] = "Suspects"
    edited = await planner.edit(tx, plan.id, document)
    assert edited.state == "draft"
    with pytest.raises(ContentChanged):
        await planner.approve(tx, plan.id, seen=plan.hash, by=None)
    approved, second = await planner.approve(tx, plan.id, seen=edited.hash, by=None)
    assert (approved.state, approved.run_id) == ("applying", second.id)
    assert second.id != run.id


async def test_a_price_that_does_not_fit_the_clients_budget_is_refused_with_what_is_missing(
    tx: Transaction, client: Client, box: Box
) -> None:
    await credentials.put_credential(tx, box, "provider", "hunter", {"api_key": "example-key-0123456789"})
    plan = await _draft(tx, client, MAIL, is_training=False)
    price = plan.compiled["expected_micro_usd"]
    assert price > 0
    await spend.set_budget(tx, "client", client.id, price - 1, by=None)
    with pytest.raises(OutOfBudget) as refusal:
        await planner.approve(tx, plan.id, seen=plan.hash, by=None)
    assert refusal.value.details["missing_micro_usd"] == 1
    await spend.set_budget(tx, "client", client.id, price, by=None)
    await planner.approve(tx, plan.id, seen=plan.hash, by=None)


async def test_a_rejected_plan_stays_a_draft(tx: Transaction, client: Client) -> None:
    plan = await _draft(tx, client)
    assert (await planner.reject(tx, plan.id, by=None, reason="Too broad")).state == "draft"


async def test_another_accounts_plan_is_not_found(tx: Transaction, database: Database, box: Box) -> None:
    stranger = await accounts.create_account(database, box, "Somebody Else")
    async with database.transaction(stranger) as other:
        plan = await _draft(other, await clients.create(other, "Theirs"))
    for act in (planner.get(tx, plan.id), planner.approve(tx, plan.id, seen=plan.hash, by=None)):
        with pytest.raises(NotFound):
            await act
    assert await planner.list_plans(tx) == []


async def test_a_file_as_source_brings_its_columns_and_its_rows(
    tx: Transaction, client: Client, tmp_path: Path
) -> None:
    upload = await uploads.store(tmp_path, tx.account, _pieces(b"Name,Staff\nAcme,12\nBolt,7\n"), name="leads.csv")
    plan = await _draft(
        tx, client, {"name": "Twice", "kind": "formula", "settings": {"expression": "{{Staff}} * 2"}},
        home=tmp_path, lead_source="csv", source={"upload_id": str(upload.id)},
    )  # fmt: skip
    assert plan.compiled["blockers"] == []
    assert plan.document.steps[2].config["mapping"] == [
        {"column": "Name", "new_field": {"name": "Name", "kind": "text"}},
        {"column": "Staff", "new_field": {"name": "Staff", "kind": "number"}},
    ]
    assert plan.compiled["rows"] >= 2


@pytest.mark.parametrize("upload_id", [None, "elsewhere", "01a1fdec-06ae-7ce4-b1f2-cc992abc58eb"])
async def test_a_file_that_was_never_uploaded_is_refused(
    tx: Transaction, client: Client, tmp_path: Path, upload_id: str | None
) -> None:
    with pytest.raises((InvalidInput, NotFound)):
        await _draft(tx, client, home=tmp_path, lead_source="csv", source={"upload_id": upload_id})


async def _pieces(content: bytes) -> AsyncIterator[bytes]:
    yield content
