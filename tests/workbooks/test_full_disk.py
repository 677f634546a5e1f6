"""The database's disk is full in the middle of an import or a fill: it is said, nothing is lost, and the work goes on.

The database raises the error of a full disk (53100) where the disk would be written; the disk itself stays as it is.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from spadework.app import App
from spadework.clients import actions as clients
from spadework.core.config import Settings
from spadework.core.errors import StorageFull
from spadework.core.http import HttpRequest
from spadework.core.ids import AccountId, FieldId
from spadework.runs import actions as runs
from spadework.runs.types import Run
from spadework.toolbox import training
from spadework.workbooks import uploads
from spadework.workbooks.actions import fields, imports, pages, rows, running, tables, workbooks
from spadework.workbooks.types import NewField, RunRequest, Table
from tests.conftest import Addresses, at_work

FIND = {"provider": "hunter", "capability": "find_email", "inputs": {"full_name": "{{Name}}", "domain": "{{Domain}}"}}
WHAT_A_FILL_WRITES = ("calls", "ledger", "cell_state", "cell_runs", "rows", "runs", "step_runs", "events")


@pytest.fixture(scope="module")
async def working(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[App]:
    """The product with a worker in this process, and a simulator that takes a while."""
    home = tmp_path_factory.mktemp("working")
    async with (
        at_work(replace(settings, home=home)) as app,
        training.simulated(app.vendors, home),
    ):
        wanted = {"latency_ms": 400, "throttle_rate": 0}
        await app.http.send(
            HttpRequest(method="POST", url=f"{app.vendors.simulator_url}/_sim/config", json_body=wanted),
            deadline_seconds=10,
        )
        yield app


@pytest.fixture
async def table(working: App, account: AccountId) -> Table:
    async with working.database.transaction(account) as tx:
        client = await clients.create(tx, "Example Client")
        made = await workbooks.create_workbook(tx, client.id, "Leads", is_training=True, by=None)
        for name in ("Name", "Domain"):
            await fields.add_field(tx, made.table.id, NewField(name=name, kind="text"), by=None)
        return await tables.get_table(tx, made.table.id)


async def test_an_import_says_that_the_disk_is_full_keeps_the_parts_that_are_in_and_ends_once_there_is_room(
    working: App, account: AccountId, table: Table, addresses: Addresses
) -> None:
    home, lines = working.settings.home, 40_000
    upload = await uploads.store(home, account, _file(lines), name="leads.csv")
    async with full_disk(addresses, account, ("rows",), when="new.row_id > 25000") as disk:
        async with working.database.transaction(account) as tx:
            run = await imports.start_import(tx, table.id, home=home, upload_id=upload.id, mapping=[], by=None)
        await disk.until_refused(2)
        # Two parts may be refused at once; the step's word of it comes a moment after the refusals.
        await until(lambda: _error_of(working, account, run.id, "rows"), bool)
        async with working.database.read(account) as tx:
            waiting = await runs.get(tx, run.id)
            steps = {each.key: each for each in await runs.list_steps(tx, run.id)}
            kept = (await tables.get_table(tx, table.id)).row_count
            stored = await tx.fetchval("select count(*) from rows where table_id = $1", table.id)
    assert waiting.is_open
    reason = steps["rows"].error or {}
    assert reason == {
        "code": "storage_full",
        "message": "The disk of the database is full. Nothing was lost; make room and the work goes on.",
        "attempt": reason.get("attempt"),
    }
    assert reason["attempt"] >= 1
    assert 0 < kept == stored <= 25_000
    done = await _until_ended(working, account, run.id)
    assert (done.state, done.result) == ("succeeded", {"imported": lines, "updated": 0, "rejected": 0})
    async with working.database.read(account) as tx:
        names = await tx.fetch(f"select {table.fields[0].slot} from rows where table_id = $1 order by row_id", table.id)
    assert [row[0].split()[0] for row in names] == [f"n{each}" for each in range(lines)]


async def test_a_fill_waits_for_room_buys_nothing_twice_and_loses_no_answer(
    working: App, account: AccountId, table: Table, addresses: Addresses
) -> None:
    by_name = {each.name: each.id for each in table.fields}
    async with working.database.transaction(account) as tx:
        people = [
            {by_name["Name"]: f"Ana Example{each}", by_name["Domain"]: f"c{each}.example.com"} for each in range(400)
        ]
        await rows.add_rows(tx, table.id, people, source="typed")
        column = (
            await fields.add_field(tx, table.id, NewField(name="Mail", kind="enrichment", settings=FIND), by=None)
        ).field
        run = await running.start_run(tx, RunRequest(table_id=table.id, field_ids=(column.id,)), by=None)
    await until(lambda: _states(working, account, table, column.id), lambda states: states.total() >= 20)
    async with full_disk(addresses, account, WHAT_A_FILL_WRITES) as disk:
        with pytest.raises(StorageFull, match="make room"):
            async with working.database.transaction(account) as tx:
                await rows.add_rows(tx, table.id, [{by_name["Name"]: "Too many"}], source="typed")
        before = await _states(working, account, table, column.id)
        await disk.until_refused(8)
        assert await _states(working, account, table, column.id) == before
    assert 20 <= before.total() < 400
    done = await _until_ended(working, account, run.id)
    assert (done.state, done.error) == ("succeeded", None)
    states = await _states(working, account, table, column.id)
    assert states.total() == 400
    assert set(states) <= {"done", "no_data"}
    async with working.database.read(account) as tx:
        calls = await tx.fetch("select row_id, state from v_calls where table_id = $1", table.id)
        versions = await tx.fetch(
            "select row_id from v_cell_versions where table_id = $1 and field_no = $2", table.id, column.no
        )
    assert Counter(row["row_id"] for row in calls) == Counter(row["row_id"] for row in versions)
    assert {row["state"] for row in calls} <= {"ok", "failed"}  # each has an end; "failed" is a person's objection
    assert len(calls) == 400


class Disk:
    """A full disk of one account's, and how often it refused to be written."""

    def __init__(self, admin: asyncpg.Connection) -> None:
        self._admin = admin

    async def until_refused(self, times: int) -> None:
        """Return once so many writes were refused."""
        asked = "select case when is_called then last_value else 0 end from refusals"
        await until(lambda: self._admin.fetchval(asked), lambda refused: refused >= times)


@asynccontextmanager
async def full_disk(
    addresses: Addresses, account: AccountId, written: Sequence[str], *, when: str = "true"
) -> AsyncIterator[Disk]:
    """What the account writes to these tables fails as on a full disk, until the block ends."""
    admin = await asyncpg.connect(addresses.admin)
    try:
        # A sequence counts on when the transaction it was asked in is undone.
        await admin.execute(
            "create sequence refusals; grant usage on sequence refusals to public;"
            "create function refuse() returns trigger language plpgsql as $$ begin"
            " perform nextval('refusals');"
            " raise exception 'could not extend file: No space left on device' using errcode = '53100'; end $$;"
        )
        for each in written:
            await admin.execute(
                f"create trigger full_disk before insert or update on {each} for each row"
                f" when (new.account_id = '{account}' and {when}) execute function refuse()"
            )
        yield Disk(admin)
    finally:
        await admin.execute("drop function if exists refuse() cascade; drop sequence if exists refusals")
        await admin.close()


async def _file(lines: int) -> AsyncIterator[bytes]:
    yield b"Name,Domain\n"
    for start in range(0, lines, 1000):
        yield b"".join(b"n%d %s,c%d.example.com\n" % (each, b"x" * 400, each) for each in range(start, start + 1000))


async def _states(app: App, account: AccountId, table: Table, field_id: FieldId) -> Counter[str]:
    async with app.database.read(account) as tx:
        counts = await pages.counts(tx, table.id)
    return Counter({state: count for state, count in counts[field_id].items() if state != "empty" and count})


async def _error_of(app: App, account: AccountId, run_id: UUID, step: str) -> Any:
    async with app.database.read(account) as tx:
        return {each.key: each.error for each in await runs.list_steps(tx, run_id)}.get(step)


async def until(look: Callable[[], Awaitable[Any]], is_right: Callable[[Any], bool]) -> None:
    """Return once what is looked at is right; the test's own time limit ends a wait in vain."""
    seen = await look()
    while not is_right(seen):
        await asyncio.sleep(0.01)
        seen = await look()


async def _until_ended(app: App, account: AccountId, run_id: UUID) -> Run:
    while True:
        async with app.database.read(account) as tx:
            run = await runs.get(tx, run_id)
        if not run.is_open:
            return run
        await asyncio.sleep(0.05)
