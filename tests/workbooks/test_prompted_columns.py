"""AI columns that ask with a prompt of the registry: checked when saved, the version recorded with each cell."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from spadework.app import App
from spadework.clients import actions as clients
from spadework.core.config import Settings
from spadework.core.db import Transaction
from spadework.core.errors import ContentChanged, UnknownReference
from spadework.core.ids import AccountId
from spadework.planner import actions as planner
from spadework.planner.types import Answers, Plan
from spadework.prompts.actions import labels, registry
from spadework.runs import actions as runs
from spadework.workbooks.actions import cells, estimates, fields, rows, running, workbooks
from spadework.workbooks.types import Field, NewField, RunRequest
from tests.prompts.conftest import draft, new
from tests.research.dossiers import simulator, until_ended, worker

KEY = "lead.fit"
TEXT = "Does {{company}} fit?\n{{#if note}}Mind {{note}}.{{/if}}\n"
ASKS = {
    "prompt_key": KEY,
    "prompt_label": "staging",
    "variables": {"company": "{{Company}}"},
    "output_fields": {"fit": "string"},
}


@pytest.fixture(scope="module")
async def working(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[App]:
    """The product with a worker in this process, in training mode."""
    home = tmp_path_factory.mktemp("working")
    async with simulator(settings, home / "sim") as url, worker(settings, home, url) as app:
        yield app


async def with_prompt(tx: Transaction) -> None:
    await registry.create(tx, new(KEY), draft(TEXT, "company", "note?", max_tokens=77), by=None)
    await labels.move(tx, KEY, "staging", 1, by=None)


async def add(tx: Transaction, **settings: Any) -> Field:
    """An AI column beside a text column Company with one row, for a client that uses the simulated model."""
    client = await clients.create(tx, "Larch Controls")
    await clients.update(tx, client.id, llm="scripted")
    made = await workbooks.create_workbook(tx, client.id, "Leads", is_training=True, by=None)
    company = await fields.add_field(tx, made.table.id, NewField(name="Company", kind="text"), by=None)
    await rows.add_rows(tx, made.table.id, [{company.field.id: "Acme Pumps"}], source="typed")
    column = NewField(name="Fit", kind="ai", settings={**ASKS, **settings})
    return (await fields.add_field(tx, made.table.id, column, by=None)).field


async def test_each_cell_says_which_version_it_was_asked_with(working: App, account: AccountId) -> None:
    async with working.database.transaction(account) as tx:
        await with_prompt(tx)
        field = await add(tx)
        run = await running.start_run(tx, RunRequest(table_id=field.table_id, field_ids=(field.id,)), by=None)
    run = await until_ended(working, account, run)
    assert run.state == "succeeded", run.error
    async with working.database.transaction(account) as tx:
        cell = await cells.get_cell(tx, field.table_id, 1, field.id)
        await registry.save(tx, KEY, draft(TEXT + "Be brief.\n", "company", "note?"), base=1, by=None)
        await labels.move(tx, KEY, "staging", 2, by=None)
        again = await running.start_run(
            tx, RunRequest(table_id=field.table_id, field_ids=(field.id,), mode="force"), by=None
        )
    await until_ended(working, account, again)
    async with working.database.read(account) as tx:
        later = await cells.get_cell(tx, field.table_id, 1, field.id)
    assert (cell.state, later.state) == ("done", "done")
    (asked,), (asked_later,) = _asked(cell), _asked(later)
    assert [(each["prompt_key"], each["prompt_label"], each["prompt_version"]) for each in (asked, asked_later)] == [
        (KEY, "staging", 1), (KEY, "staging", 2)
    ]  # fmt: skip
    assert asked["system"].rstrip().endswith("Task:\nDoes ⟦company⟧ fit?")
    assert '"company": "Acme Pumps"' in asked["prompt"] and "Acme" not in asked["system"]
    assert asked_later["system"].rstrip().endswith("Be brief.")


def _asked(cell: Any) -> list[dict[str, Any]]:
    return list(cell.versions[0].evidence)


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        ({"prompt_key": "lead.fitt"}, "'lead.fitt' cannot be used"),
        ({"prompt_label": "production"}, "no version labelled 'production'"),
        ({"variables": {}}, "needs 'company'"),
        ({"variables": {"company": "{{Company}}", "size": "5"}}, "has no variable 'size'. It has: company, note"),
    ],
)
async def test_a_column_that_could_never_ask_is_refused_when_it_is_saved(
    tx: Transaction, settings: dict[str, Any], reason: str
) -> None:
    await with_prompt(tx)
    with pytest.raises(UnknownReference, match=reason):
        await add(tx, **settings)


async def test_a_change_that_leaves_a_variable_without_a_value_is_refused(tx: Transaction) -> None:
    await with_prompt(tx)
    field = await add(tx)
    with pytest.raises(UnknownReference, match="needs 'company'"):
        await fields.update_field(tx, field.id, settings={**ASKS, "variables": {}}, by=None)


async def test_a_prompt_that_was_archived_since_stops_the_column_and_the_estimate_says_so(tx: Transaction) -> None:
    await with_prompt(tx)
    field = await add(tx)
    request = RunRequest(table_id=field.table_id, field_ids=(field.id,))
    assert (await estimates.estimate(tx, request)).blockers == ()
    await registry.archive(tx, KEY)
    (blocker,) = (await estimates.estimate(tx, request)).blockers
    assert "'lead.fit' is archived" in blocker.message


async def test_a_plan_shows_key_and_version_and_must_be_seen_again_when_the_label_moves(tx: Transaction) -> None:
    await with_prompt(tx)
    client = await clients.create(tx, "Larch Controls")
    await clients.update(tx, client.id, llm="scripted")
    column = {"name": "Fit", "kind": "ai", "prompt_key": KEY, "prompt_label": "staging",
              "variables": {"company": "{{Company}}"}}  # fmt: skip
    plan = await _plan(tx, client.id, column)
    (step,) = [each for each in plan.document.steps if each.type == "add_column"]
    (shown,) = [each for each in plan.compiled["steps"] if each["order"] == step.order]
    assert (step.config["promptKey"], step.config["promptVersion"]) == (KEY, 1)
    assert "prompt lead.fit, version 1 (staging)" in shown["note"]
    assert plan.compiled["blockers"] == []
    await registry.save(tx, KEY, draft("Rate {{company}}", "company"), base=1, by=None)
    await labels.move(tx, KEY, "staging", 2, by=None)
    with pytest.raises(ContentChanged):
        await planner.approve(tx, plan.id, seen=plan.hash, by=None)


async def test_a_plan_whose_prompt_lacks_a_variable_is_blocked_and_says_which(tx: Transaction) -> None:
    await with_prompt(tx)
    client = await clients.create(tx, "Larch Controls")
    plan = await _plan(tx, client.id, {"name": "Fit", "kind": "ai", "prompt_key": KEY, "prompt_label": "staging"})
    assert "needs 'company'" in plan.compiled["blockers"][0]["message"]
    assert await runs.count_by_state(tx) == {}


async def _plan(tx: Transaction, client_id: Any, column: dict[str, Any]) -> Plan:
    filters = {"industries": ["Semiconductors"], "locations": ["California"], "limit": 5}
    answers = {"workbook_name": "Prospects", "source": {"filters": filters}, "columns": [column]}
    return await planner.draft(tx, client_id, Answers.model_validate(answers), home=Path(), by=None)
