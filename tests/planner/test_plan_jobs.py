"""Carrying a plan out: what it makes, and that going on after a stop or a failure makes nothing twice."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from spadework.app import App
from spadework.clients import actions as clients
from spadework.core.config import Settings
from spadework.core.http import HttpRequest
from spadework.core.ids import AccountId
from spadework.planner import actions as planner
from spadework.planner.types import Answers, Plan
from spadework.runs import actions as runs
from spadework.runs.types import Run
from spadework.toolbox import training
from spadework.workbooks import uploads
from spadework.workbooks.actions import pages, tables, workbooks
from spadework.workbooks.types import PageRequest, Table
from tests.conftest import at_work

SHOUT = {"name": "Shout", "kind": "formula", "settings": {"expression": "{{Company}}.toUpperCase()"}}
SCORE = {
    "name": "Score",
    "kind": "rubric",
    "settings": {
        "rules": [
            {"label": "Place", "field": "{{State}}", "op": "equals", "values": ["California"], "weight": 10},
            {"label": "Head", "field": "{{CEO}}", "op": "is_filled", "weight": 5},
        ],
        "outputColumns": {"Why": "reasons"},
    },
}
MAIL = {
    "name": "Mail",
    "kind": "waterfall",
    "settings": {
        "steps": [
            {
                "provider": "hunter", "capability": "find_email",
                "inputs": {"domain": "{{Domain}}", "full_name": "{{Company}}"},
            }
        ]
    },
}  # fmt: skip


@pytest.fixture(scope="module")
async def working(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[App]:
    """The product with a worker in this process, in training mode."""
    home = tmp_path_factory.mktemp("working")
    async with (
        at_work(replace(settings, home=home)) as app,
        training.simulated(app.vendors, home),
    ):
        wanted = {"latency_ms": 300, "throttle_rate": 0}
        await app.http.send(
            HttpRequest(method="POST", url=f"{app.vendors.simulator_url}/_sim/config", json_body=wanted),
            deadline_seconds=10,
        )
        yield app


async def test_a_plan_makes_its_workbook_and_fills_every_column(working: App, account: AccountId) -> None:
    plan = await _draft(working, account, SHOUT, SCORE)
    run = await _until(working, account, await _approve(working, account, plan), "succeeded")
    table = await _table(working, account, run)
    async with working.database.read(account) as tx:
        page = await pages.page(tx, table.id, PageRequest(limit=50))
        done = await planner.get(tx, plan.id)
    assert (done.state, str(done.workbook_id)) == ("applied", run.result["workbook_id"])
    assert (table.workbook_name, table.row_count) == ("Prospects", 5)
    by_name = {each.name: each.no for each in table.fields}
    for row in page.rows:
        assert row.values[by_name["Shout"]] == str(row.values[by_name["Company"]]).upper()
        assert row.values[by_name["State"]] == "California"


async def test_a_list_in_a_column_stays_with_its_own_row(working: App, account: AccountId) -> None:
    plan = await _draft(working, account, SCORE)
    run = await _until(working, account, await _approve(working, account, plan), "succeeded")
    table = await _table(working, account, run)
    async with working.database.read(account) as tx:
        page = await pages.page(tx, table.id, PageRequest(limit=50))
    by_name = {each.name: each.no for each in table.fields}
    for row in page.rows:
        ceo = row.values.get(by_name["CEO"])
        reasons: Any = row.values[by_name["Why"]]
        assert reasons[0] == "10 of 10: Place (California)."
        assert (f"({ceo})" in reasons[1]) if ceo else ("blank" in reasons[1])


async def test_a_stopped_plan_goes_on_where_it_stopped_and_makes_nothing_twice(
    working: App, account: AccountId
) -> None:
    plan = await _draft(working, account, MAIL, filters={"limit": 400})
    run = await _approve(working, account, plan)
    await _until_filling(working, account, run)
    async with working.database.transaction(account) as tx:
        await runs.request_stop(tx, run.id, by=None)
    await _until(working, account, run, "stopped")
    stopped = await _child(working, account, run)
    assert stopped is not None and stopped.state == "stopped"
    assert await _state(working, account, plan) == "stopped"
    async with working.database.transaction(account) as tx:
        await runs.resume(tx, run.id, by=None)
    assert await _state(working, account, plan) == "applying"
    await _until(working, account, run, "succeeded")
    assert await _state(working, account, plan) == "applied"
    resumed = await _child(working, account, run)
    assert resumed is not None and (resumed.id, resumed.state, resumed.attempts) == (stopped.id, "succeeded", 1)
    table = await _table(working, account, await _get(working, account, run.id))
    async with working.database.read(account) as tx:
        counts = await pages.counts(tx, table.id)
        made = await workbooks.list_workbooks(tx)
        steps = await runs.list_steps(tx, run.id)
    mail = table.find_field_by_name("Mail")
    assert mail is not None
    assert set(counts[mail.id]) - {"empty"} <= {"done", "no_data", "missing_input", "failed", "invalid"}
    assert (counts[mail.id]["empty"], table.row_count, len(made.workbooks)) == (0, 400, 1)
    assert Counter(each.state for each in steps) == {"succeeded": 5}


async def test_a_file_becomes_rows_before_the_columns_that_read_it(working: App, account: AccountId) -> None:
    home = working.settings.home
    upload = await uploads.store(home, account, _pieces(b"Name,Staff\nAcme,12\nBolt,7\n"), name="leads.csv")
    twice = {"name": "Twice", "kind": "formula", "settings": {"expression": "{{Staff}} * 2"}}
    plan = await _draft(working, account, twice, lead_source="csv", source={"upload_id": str(upload.id)})
    run = await _until(working, account, await _approve(working, account, plan), "succeeded")
    table = await _table(working, account, run)
    async with working.database.read(account) as tx:
        page = await pages.page(tx, table.id, PageRequest(limit=50))
    by_name = {each.name: each.no for each in table.fields}
    assert [(row.values[by_name["Name"]], float(str(row.values[by_name["Twice"]]))) for row in page.rows] == [
        ("Acme", 24.0),
        ("Bolt", 14.0),
    ]


async def test_a_plan_whose_file_is_gone_fails_with_a_sentence_and_may_be_approved_again(
    working: App, account: AccountId
) -> None:
    home = working.settings.home
    upload = await uploads.store(home, account, _pieces(b"Name\nAcme\n"), name="leads.csv")
    plan = await _draft(working, account, lead_source="csv", source={"upload_id": str(upload.id)})
    uploads.remove(upload)
    failed = await _until(working, account, await _approve(working, account, plan), "failed")
    assert failed.error is not None and "There is no such upload" in failed.error["message"]
    assert await _state(working, account, plan) == "failed"
    again = await _until(working, account, await _approve(working, account, plan), "failed")
    assert again.id != failed.id
    async with working.database.read(account) as tx:
        assert len((await workbooks.list_workbooks(tx)).workbooks) == 1


async def _draft(app: App, account: AccountId, *columns: dict[str, Any], **more: Any) -> Plan:
    filters = more.pop("filters", {"industries": ["Semiconductors"], "locations": ["California"], "limit": 5})
    given = {"workbook_name": "Prospects", "source": {"filters": filters}, "columns": columns, **more}
    async with app.database.transaction(account) as tx:
        client = await clients.create(tx, "Example Robotics")
        return await planner.draft(
            tx, client.id, Answers.model_validate(given), home=app.settings.home, by=None
        )  # fmt: skip


async def _approve(app: App, account: AccountId, plan: Plan) -> Run:
    async with app.database.transaction(account) as tx:
        return (await planner.approve(tx, plan.id, seen=plan.hash, by=None))[1]


async def _get(app: App, account: AccountId, run_id: UUID) -> Run:
    async with app.database.read(account) as tx:
        return await runs.get(tx, run_id)


async def _state(app: App, account: AccountId, plan: Plan) -> str:
    async with app.database.read(account) as tx:
        return (await planner.get(tx, plan.id)).state


async def _child(app: App, account: AccountId, run: Run) -> Run | None:
    async with app.database.read(account) as tx:
        return await runs.find_child(tx, run.id, "fill_columns")


async def _until_filling(app: App, account: AccountId, run: Run) -> None:
    child = None
    while child is None or child.state != "running":
        await asyncio.sleep(0.02)
        child = await _child(app, account, run)


async def _until(app: App, account: AccountId, run: Run, state: str) -> Run:
    """The run once it is in that state; the test's own time limit ends a wait in vain."""
    while (current := await _get(app, account, run.id)).state != state:
        assert current.is_open, f"{current.state} instead of {state}: {current.error}"
        await asyncio.sleep(0.05)
    return current


async def _table(app: App, account: AccountId, run: Run) -> Table:
    async with app.database.read(account) as tx:
        return await tables.get_table(tx, UUID(run.progress["table_id"]))


async def _pieces(content: bytes) -> AsyncIterator[bytes]:
    yield content
