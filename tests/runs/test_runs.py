"""Runs as rows: made with what they serve, listed, stopped, resumed, signalled."""

import pytest

from spadework.accounts.actions import accounts
from spadework.core.db import Database, Transaction
from spadework.core.errors import Conflict, InvalidInput, NotFound
from spadework.core.ids import TableId, new_id
from spadework.core.secrets import Box
from spadework.runs import actions as runs
from spadework.runs.types import NewRun, Run
from tests.conftest import Person


async def _start(tx: Transaction, title: str = "Fill columns", **more: object) -> Run:
    return await runs.start(tx, NewRun(kind="rest", title=title, **more), by=None)  # type: ignore[arg-type]


async def test_a_new_run_waits_with_what_it_was_given(tx: Transaction) -> None:
    run = await _start(tx, subject={"plan_id": "p"}, input={"mode": "all"}, is_simulated=True)
    assert (run.state, run.subject, run.input, run.is_simulated) == ("queued", {"plan_id": "p"}, {"mode": "all"}, True)
    assert await runs.get(tx, run.id) == run


async def test_a_run_names_who_started_it(database: Database, ana: Person) -> None:
    async with database.transaction(ana.account_id) as tx:
        run = await runs.start(tx, NewRun(kind="rest", title="Fill"), by=ana.id)
        assert run.created_by_name == "Ana"
        await runs.request_stop(tx, run.id, by=ana.id)


async def test_a_run_vanishes_with_the_transaction_it_was_made_in(database: Database, box: Box) -> None:
    account = await accounts.create_account(database, box, "Example Agency")
    with pytest.raises(RuntimeError, match="changed my mind"):
        async with database.transaction(account) as tx:
            run = await _start(tx)
            raise RuntimeError("changed my mind")
    async with database.read(account) as tx:
        with pytest.raises(NotFound):
            await runs.get(tx, run.id)


async def test_another_accounts_run_is_not_found(tx: Transaction, database: Database, box: Box) -> None:
    stranger = await accounts.create_account(database, box, "Somebody Else")
    async with database.transaction(stranger) as other:
        run = await _start(other)
        await runs.request_stop(other, run.id, by=None)
    for act in (runs.get(tx, run.id), runs.request_stop(tx, run.id, by=None), runs.resume(tx, run.id, by=None)):
        with pytest.raises(NotFound):
            await act


async def test_page_by_page_every_run_comes_once(tx: Transaction) -> None:
    made = [(await _start(tx, f"Run {number}")).id for number in range(5)]
    seen, cursor = [], None
    while True:
        page = await runs.list_runs(tx, limit=2, cursor=cursor)
        seen += [each.id for each in page.runs]
        cursor = page.next_cursor
        if cursor is None:
            break
    assert sorted(seen) == sorted(made)


async def test_lists_are_narrowed_by_table_state_and_kind(tx: Transaction) -> None:
    table_id = TableId(new_id())
    of_table, stopped = await _start(tx, table_id=table_id), await _start(tx)
    await runs.request_stop(tx, stopped.id, by=None)
    assert [each.id for each in (await runs.list_runs(tx, table_id=table_id)).runs] == [of_table.id]
    assert [each.id for each in (await runs.list_runs(tx, state="stopped")).runs] == [stopped.id]
    assert [each.id for each in (await runs.list_runs(tx, state="open")).runs] == [of_table.id]
    assert (await runs.list_runs(tx, kind="other")).runs == []


@pytest.mark.parametrize("cursor", ["nonsense", '["yesterday", "x"]', "[]", "7"])
async def test_a_damaged_cursor_is_refused(tx: Transaction, cursor: str) -> None:
    with pytest.raises(InvalidInput):
        await runs.list_runs(tx, cursor=cursor)


async def test_a_run_nobody_has_begun_stops_at_once_and_can_be_resumed(tx: Transaction) -> None:
    run = await _start(tx)
    assert (await runs.request_stop(tx, run.id, by=None)).state == "stopped"
    with pytest.raises(Conflict):
        await runs.request_stop(tx, run.id, by=None)
    resumed = await runs.resume(tx, run.id, by=None)
    assert (resumed.state, resumed.attempts, resumed.finished_at) == ("queued", 1, None)
    with pytest.raises(Conflict):
        await runs.resume(tx, run.id, by=None)


async def test_the_first_signal_of_a_name_counts(tx: Transaction) -> None:
    run = await _start(tx)
    await runs.signal(tx, run.id, "approved", {"by": "Ana"})
    await runs.signal(tx, run.id, "approved", {"by": "Bob"})
    row = await tx.fetchrow("select payload from run_signals where run_id = $1", run.id)
    assert row is not None and row["payload"] == {"by": "Ana"}


async def test_runs_are_counted_by_state(tx: Transaction) -> None:
    await _start(tx)
    stopped = await _start(tx)
    await runs.request_stop(tx, stopped.id, by=None)
    assert await runs.count_by_state(tx) == {"queued": 1, "stopped": 1}


async def test_a_run_is_abandoned_when_its_worker_has_been_silent_for_long(tx: Transaction) -> None:
    run = await _start(tx)
    await tx.execute(
        "update runs set state = 'running', worker_id = 'gone', updated_at = now() - interval '61 s' where id = $1",
        run.id,
    )
    assert await runs.count_abandoned(tx, after_seconds=60) == (1, 1)
    assert await runs.count_abandoned(tx, after_seconds=120) == (1, 0)


@pytest.mark.parametrize("cron", ["whenever", "99 * * * *", ""])
async def test_what_is_no_schedule_is_refused(tx: Transaction, cron: str) -> None:
    with pytest.raises(InvalidInput):
        await runs.schedule(tx, name="Weekly", cron=cron, kind="rest", input={})
