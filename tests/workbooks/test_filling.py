"""Filling cells: what a run leaves in the row, and what it tells live pages of it."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from spadework.app import App
from spadework.clients import actions as clients
from spadework.core.ids import AccountId
from spadework.runs import store as runs_store
from spadework.toolbox.journal import Journal
from spadework.workbooks import jobs
from spadework.workbooks.actions import fields, running, workbooks
from spadework.workbooks.types import SIMULATED, RunRequest
from tests.workbooks.conftest import Sheet
from tests.workbooks.importing import StraightJob

GOOD = {"expression": "{{Company}} + '!'"}
BROKEN = {"expression": "{{Company}}.no.such.thing"}


class Table:
    """An account's committed table with one formula column, filled as a worker would, without the durable engine."""

    def __init__(self, app: App, account_id: AccountId, sheet: Sheet) -> None:
        self.app = app
        self.account_id = account_id
        self.sheet = sheet

    async def fill(self, *row_ids: int) -> None:
        """Fill the column anew, whole or in these rows."""
        loud = self.sheet.columns["Loud"].id
        request = RunRequest(table_id=self.sheet.table_id, field_ids=(loud,), row_ids=row_ids, mode="force")
        async with self.app.database.transaction(self.account_id) as tx:
            started = await running.start_run(tx, request, by=None)
            run = await runs_store.take(tx, started.id, worker_id="test")
        assert run is not None
        job = StraightJob(run, self.app.database, self.app)
        job.finished = {}
        await jobs.fill_columns(job)

    async def rows(self, sql: str) -> list[Any]:
        """What the statement gives; $1 is the account, $2 the table."""
        async with self.app.database.transaction(self.account_id) as tx:
            return await tx.fetch(sql, tx.account, self.sheet.table_id)

    async def told(self) -> list[Any]:
        """The cells live pages were told of since this was last asked."""
        events = await self.rows(
            "delete from events where account_id = $1 and topic = 'table:' || $2::uuid"
            " and payload ->> 'type' = 'cells' returning id, payload"
        )
        return [cell for event in sorted(events) for cell in event["payload"]["cells"]]


@pytest.fixture
async def table(app: App, account: AccountId, tmp_path: Path) -> Table:
    async with app.database.transaction(account) as tx:
        client = await clients.create(tx, "Example Client")
        made = await workbooks.create_workbook(tx, client.id, "Example", is_training=True, by=None)
        sheet = Sheet(tx, made.table.id)
        await sheet.add("Company")
        await sheet.add("Loud", "formula", GOOD)
        await sheet.fill({"Company": "A"}, {"Company": "B"})
    return Table(replace(app, journal=Journal(tmp_path, "test")), account, sheet)


async def test_live_pages_are_told_the_values_a_run_writes(table: Table) -> None:
    await table.fill()
    told = await table.told()
    assert [each[1:] for each in told] == [[2, "done", "A!", 0, None], [2, "done", "B!", 0, None]]


async def test_a_cell_that_fails_keeps_its_value_and_its_marks_and_live_pages_are_told_so(table: Table) -> None:
    loud = table.sheet.columns["Loud"]
    await table.fill()
    await table.rows(f"update cell_state set marks = {SIMULATED} where account_id = $1 and table_id = $2")
    async with table.app.database.transaction(table.account_id) as tx:
        await fields.update_field(tx, loud.id, settings=BROKEN, by=None)
    await table.told()

    await table.fill()

    held = await table.rows(
        f"select r.row_id, c.state, r.{loud.slot}, c.marks from rows r join cell_state c"
        " using (account_id, table_id, row_id) where account_id = $1 and table_id = $2 order by row_id"
    )
    assert [each[1:] for each in map(tuple, held)] == [("failed", "A!", SIMULATED), ("failed", "B!", SIMULATED)]
    assert [(each[0], *each[2:5]) for each in await table.told()] == [tuple(each) for each in held]


async def test_a_chunk_larger_than_what_is_loaded_and_written_at_once_is_filled_whole(table: Table) -> None:
    company, loud = table.sheet.columns["Company"].slot, table.sheet.columns["Loud"].slot
    await table.rows(
        f"insert into rows (account_id, table_id, row_id, {company})"
        " select $1, $2, g, 'C' || g from generate_series(3, 1203) g returning row_id"
    )
    await table.fill()
    filled = await table.rows(f"select {loud} from rows where account_id = $1 and table_id = $2 order by row_id")
    assert [row[0] for row in filled] == ["A!", "B!", *(f"C{number}!" for number in range(3, 1204))]
    ended = await table.rows(
        "select state, count(*) from cell_runs where account_id = $1 and table_id = $2 group by state"
    )
    assert [tuple(row) for row in ended] == [("done", 1203)]


async def test_chosen_rows_far_apart_are_filled_and_no_others(table: Table) -> None:
    company, loud = table.sheet.columns["Company"].slot, table.sheet.columns["Loud"].slot
    await table.rows(
        f"insert into rows (account_id, table_id, row_id, {company})"
        " select $1, $2, g, 'C' || g from generate_series(3, 2503) g returning row_id"
    )
    await table.fill(2, 501, 502, 2002)
    filled = await table.rows(
        f"select {loud} from rows where account_id = $1 and table_id = $2 and {loud} is not null order by row_id"
    )
    assert [row[0] for row in filled] == ["B!", "C501!", "C502!", "C2002!"]
