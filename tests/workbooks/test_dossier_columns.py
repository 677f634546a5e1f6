"""A dossier for each row of a table: begun once for a cell, its score in the cell, its people rows of another table."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from spadework.accounts.actions import credentials
from spadework.app import App
from spadework.clients import actions as clients
from spadework.core.config import Settings
from spadework.core.db import Transaction
from spadework.core.errors import InvalidInput
from spadework.core.ids import AccountId
from spadework.core.secrets import Box
from spadework.research.actions import cell_dossiers, dossiers, pipeline
from spadework.runs import actions as runs
from spadework.runs.types import Run
from spadework.web import main as web
from spadework.workbooks.actions import cells, estimates, fields, rows, running, tables, workbooks
from spadework.workbooks.types import SIMULATED, Field, NewField, NewOutput, RunRequest, Table
from tests.conftest import Person, browser, sign_in
from tests.research.dossiers import own_script, simulator, until_ended, worker

OUTPUTS = ("state", "company", "urgency", "contacts", "dossier_id")


@pytest.fixture(scope="module")
async def working(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[App]:
    """The product with a worker in this process, in training mode."""
    home = tmp_path_factory.mktemp("working")
    async with simulator(settings, home / "sim") as url, worker(settings, home, url) as app:
        yield app


@dataclass
class Leads:
    """A table with a dossier column beside a company column, and a table for people."""

    field: Field
    outputs: dict[str, Field]
    people: Table

    def request(self, **given: Any) -> RunRequest:
        return RunRequest(table_id=self.field.table_id, field_ids=(self.field.id,), **given)


async def leads(tx: Transaction, *companies: str, is_training: bool = True, **settings: Any) -> Leads:
    client = await clients.create(tx, "Larch Controls")
    made = await workbooks.create_workbook(tx, client.id, "Leads", is_training=is_training, by=None)
    people = await tables.create_table(tx, made.workbook.id, "People", kind="table")
    company = await fields.add_field(tx, made.table.id, NewField(name="Company", kind="text"), by=None)
    await rows.add_rows(tx, made.table.id, [{company.field.id: each} for each in companies], source="typed")
    column = NewField(
        name="Dossier", kind="dossier", outputs=[NewOutput(name=f"Its {each}", output_name=each) for each in OUTPUTS],
        settings={"company": "{{Company}}", "contacts_table_id": str(people.id), **settings},
    )  # fmt: skip
    added = await fields.add_field(tx, made.table.id, column, by=None)
    return Leads(added.field, dict(zip(OUTPUTS, added.outputs, strict=True)), people)


async def fill(app: App, account: AccountId, made: Leads, **given: Any) -> Run:
    async with app.database.transaction(account) as tx:
        run = await running.start_run(tx, made.request(**given), by=None)
    return await until_ended(app, account, run)


async def shown(app: App, account: AccountId, made: Leads, row_id: int) -> dict[str, Any]:
    async with app.database.read(account) as tx:
        found = {name: await cells.get_cell(tx, each.table_id, row_id, each.id) for name, each in made.outputs.items()}
        return {name: each.value for name, each in found.items()}


async def test_a_row_gets_a_dossier_with_its_score_and_its_people_become_rows_once(
    working: App, account: AccountId
) -> None:
    async with working.database.transaction(account) as tx:
        made = await leads(tx, "Kestrel Cold Storage")
    run = await fill(working, account, made)
    assert run.state == "succeeded", run.error
    async with working.database.read(account) as tx:
        cell = await cells.get_cell(tx, made.field.table_id, 1, made.field.id)
        people = await tables.get_table(tx, made.people.id)
        name = people.find_field_by_name("Name")
        assert name is not None
        first = await cells.get_cell(tx, people.id, 1, name.id)
    values = await shown(working, account, made, 1)
    assert (cell.state, cell.value) == ("done", 89)
    assert {name: values[name] for name in ("state", "company", "contacts")} == {
        "state": "ready", "company": "Kestrel Cold Storage", "contacts": 5
    }  # fmt: skip
    (evidence,) = cell.versions[0].evidence
    async with working.database.read(account) as tx:
        dossier = (await dossiers.get_view(tx, values["dossier_id"])).dossier
        child = await runs.get(tx, evidence["run_id"])
    assert (evidence["dossier_id"], dossier.company_name) == (values["dossier_id"], "Kestrel Cold Storage")
    assert (child.parent_run_id, child.input["seed"]) == (run.id, {"company": "Kestrel Cold Storage"})
    assert cell.marks & SIMULATED
    assert (people.row_count, first.value, first.row_source) == (5, "Dana Whitfield", f"dossier {child.id}")
    assert first.marks & SIMULATED
    async with working.database.transaction(account) as tx:
        assert await cell_dossiers.add_rows(tx, child, made.people.id) == []


async def test_a_cell_leads_to_its_dossier_and_a_persons_row_says_where_it_comes_from(
    working: App, account: AccountId, ana: Person
) -> None:
    async with working.database.transaction(account) as tx:
        made = await leads(tx, "Kestrel Cold Storage")
    await fill(working, account, made)
    values = await shown(working, account, made, 1)
    async with working.database.read(account) as tx:
        people = await tables.get_table(tx, made.people.id)
    name = people.find_field_by_name("Name")
    assert name is not None
    async with browser(web.create(working), await sign_in(working, ana)) as client:
        place = f"/v3/tables/{made.field.table_id}/records/1/cells/{made.field.id}"
        (attempt,) = (await client.get(place)).json()["attempts"]
        run = (await client.get(f"/v2/pipeline/runs/{attempt['run_id']}")).json()
        person = (await client.get(f"/v3/tables/{people.id}/records/1/cells/{name.id}")).json()
    assert (attempt["dossier_id"], attempt["outcome"]) == (values["dossier_id"], "found")
    assert run["status"] == "completed"
    assert {name: person["source"][name] for name in ("kind", "label")} == {"kind": "dossier", "label": "Dossier"}


async def test_a_cell_whose_dossier_failed_goes_on_with_the_same_dossier(
    working: App, account: AccountId, tmp_path: Path
) -> None:
    script = await own_script(working, account, tmp_path, "7b-insight\n")
    async with working.database.transaction(account) as tx:
        made = await leads(tx, "Kestrel Cold Storage")
    await fill(working, account, made)
    async with working.database.read(account) as tx:
        failed = await cells.get_cell(tx, made.field.table_id, 1, made.field.id)
        before = await pipeline.list_runs(tx)
    assert (failed.state, "SIMULATED" in (failed.note or "")) == ("failed", True)
    (script / "0-fault.json").unlink()
    await fill(working, account, made, mode="failed")
    async with working.database.read(account) as tx:
        cell = await cells.get_cell(tx, made.field.table_id, 1, made.field.id)
        after = await pipeline.list_runs(tx)
    assert (cell.state, cell.value) == ("done", 89)
    assert [each.id for each in after.runs] == [each.id for each in before.runs]


async def test_a_row_without_anything_to_begin_from_starts_no_dossier(working: App, account: AccountId) -> None:
    async with working.database.transaction(account) as tx:
        made = await leads(tx, "")
    await fill(working, account, made)
    async with working.database.read(account) as tx:
        cell = await cells.get_cell(tx, made.field.table_id, 1, made.field.id)
        assert (await pipeline.list_runs(tx)).runs == []
    assert (cell.state, cell.note) == ("missing_input", "Nothing in Company to begin from.")


async def test_a_dossier_column_is_costed_before_it_runs(tx: Transaction, box: Box) -> None:
    await credentials.put_credential(tx, box, "llm", "openai", {"api_key": "example-key-0123456789"})
    await credentials.put_credential(tx, box, "provider", "exa", {"api_key": "example-key-0123456789"})
    made = await leads(tx, "A", "B", is_training=False)
    found = await estimates.estimate(tx, made.request())
    (line,) = found.fields
    assert (found.blockers, line.rows) == ((), 2)
    assert 0 < line.price_micro_usd_per_row * 2 == found.expected_micro_usd < found.worst_micro_usd
    assert found.needs_confirmation


async def test_training_needs_no_model_and_costs_nothing(
    tx: Transaction,
) -> None:
    training = await estimates.estimate(tx, (await leads(tx, "A")).request())
    assert (training.blockers, training.worst_micro_usd) == ((), 0)


async def test_a_real_column_without_a_model_is_blocked(tx: Transaction) -> None:
    (blocker,) = (await estimates.estimate(tx, (await leads(tx, "A", is_training=False)).request())).blockers
    assert "Settings › Language models" in blocker.message


async def test_a_column_that_says_nothing_to_begin_from_is_refused(tx: Transaction) -> None:
    with pytest.raises(InvalidInput, match="a company, a domain or a hint"):
        await leads(tx, "A", company="")
