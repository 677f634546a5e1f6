"""Jobs: carried out by a worker in this process, step by step, and gone on with after a failure or a stop."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from spadework.core.db import Database
from spadework.core.errors import Fenced, InvalidInput
from spadework.core.ids import AccountId
from spadework.runs import actions as runs
from spadework.runs import store
from spadework.runs.jobs import Job, job
from spadework.runs.opening import Opening
from spadework.runs.running import Runner
from spadework.runs.types import NewRun, Run
from tests.conftest import Addresses, stop_left_runs

calls: list[str] = []
"""What the test jobs below did, in order; each test empties it."""


@job("test_three_steps")
async def three_steps(job: Job) -> dict[str, int]:
    total = 0
    for number in (1, 2, 3):

        async def work(number: int = number) -> int:
            calls.append(f"step {number}")
            if number == 3 and job.run.input.get("fails_until_resumed") and job.run.attempts == 0:
                raise InvalidInput("The third step cannot be done.")
            return number

        total += await job.step(f"step-{number}", f"Step {number}", work, inputs={"number": number})
    return {"total": total}


@job("test_asks_a_person")
async def asks_a_person(job: Job) -> object:
    return await job.wait_for_signal("approved")


@job("test_goes_on_until_stopped")
async def goes_on_until_stopped(job: Job) -> None:
    calls.append("begun")
    await job.stop.wait()
    job.require_going()


@job("test_somebody_waits", is_awaited=True)
async def somebody_waits(job: Job) -> str:
    return "here it is"


@job("test_sends_once_written")
async def sends_once_written(job: Job) -> None:
    opening = Opening()

    async def work() -> None:
        if job.run.input.get("fails_at_once"):
            raise InvalidInput("It cannot be asked.")
        await opening.begin()
        async with job.database.read(job.account_id) as tx:
            calls.extend(f"sent while {each.state}" for each in await runs.list_steps(tx, job.run.id))

    await job.step("ask", "Ask", work, inputs={"question": "Who?"}, opening=opening)


@job("test_breaks")
async def breaks(job: Job) -> None:
    raise ZeroDivisionError("a defect")


@pytest.fixture(scope="module")
async def runner(database: Database, addresses: Addresses) -> AsyncIterator[Runner]:
    """One worker in this process; the engine's library allows no second one."""
    await stop_left_runs(addresses.admin)
    made = Runner(database, addresses.engine, worker_id="test-worker", app=None)
    await made.open()
    yield made
    await made.close()


@pytest.fixture(autouse=True)
def _forget() -> None:
    calls.clear()


async def test_a_job_does_its_steps_in_order_and_keeps_what_each_saw_and_gave(
    database: Database, account: AccountId, runner: Runner
) -> None:
    run = await _until(database, account, await _start(database, account, "test_three_steps"), "succeeded")
    assert run.result == {"total": 6}
    async with database.read(account) as tx:
        steps = await runs.list_steps(tx, run.id)
    assert [(each.key, each.state, each.input_variables, each.parsed_output) for each in steps] == [
        (f"step-{number}", "succeeded", {"number": number}, number) for number in (1, 2, 3)
    ]


async def test_a_resumed_job_does_not_repeat_the_steps_it_had_finished(
    database: Database, account: AccountId, runner: Runner
) -> None:
    started = await _start(database, account, "test_three_steps", fails_until_resumed=True)
    failed = await _until(database, account, started, "failed")
    assert failed.error is not None and failed.error["message"] == "The third step cannot be done."
    async with database.transaction(account) as tx:
        await runs.resume(tx, failed.id, by=None)
    done = await _until(database, account, failed, "succeeded")
    assert done.result == {"total": 6}
    assert calls == ["step 1", "step 2", "step 3", "step 3"]


async def test_a_waiting_job_goes_on_with_what_it_was_signalled(
    database: Database, account: AccountId, runner: Runner
) -> None:
    run = await _until(database, account, await _start(database, account, "test_asks_a_person"), "waiting")
    async with database.transaction(account) as tx:
        await runs.signal(tx, run.id, "approved", {"by": "Ana"})
    assert (await _until(database, account, run, "succeeded")).result == {"by": "Ana"}


async def test_a_stop_reaches_a_running_job(database: Database, account: AccountId, runner: Runner) -> None:
    run = await _until(database, account, await _start(database, account, "test_goes_on_until_stopped"), "running")
    async with database.transaction(account) as tx:
        assert (await runs.request_stop(tx, run.id, by=None)).state in ("stopping", "stopped")
    stopped = await _until(database, account, run, "stopped")
    assert stopped.finished_at is not None


async def test_what_a_person_waits_for_is_done_although_every_place_is_taken(
    database: Database, account: AccountId, runner: Runner
) -> None:
    long = [await _start(database, account, "test_goes_on_until_stopped") for _ in range(9)]
    for each in long[:8]:
        await _until(database, account, each, "running")
    asked = await _until(database, account, await _start(database, account, "test_somebody_waits"), "succeeded")
    assert asked.result == "here it is"
    async with database.transaction(account) as tx:
        assert (await runs.get(tx, long[8].id)).state == "queued"
        for each in long:
            await runs.request_stop(tx, each.id, by=None)
    for each in long:
        await _until(database, account, each, "stopped")


async def test_a_defect_in_a_job_fails_its_run_with_a_sentence(
    database: Database, account: AccountId, runner: Runner
) -> None:
    run = await _until(database, account, await _start(database, account, "test_breaks"), "failed")
    assert run.error is not None
    assert run.error["code"] == "internal"
    assert run.error["cause"] == "a defect"


async def test_what_a_step_sends_waits_for_its_record_although_that_was_put_off(
    database: Database, account: AccountId, runner: Runner
) -> None:
    await _until(database, account, await _start(database, account, "test_sends_once_written"), "succeeded")
    assert calls == ["sent while running"]


async def test_a_step_that_fails_before_its_record_is_written_is_recorded_as_failed(
    database: Database, account: AccountId, runner: Runner
) -> None:
    started = await _start(database, account, "test_sends_once_written", fails_at_once=True)
    run = await _until(database, account, started, "failed")
    async with database.read(account) as tx:
        (step,) = await runs.list_steps(tx, run.id)
    assert (step.state, step.error["message"], step.input_variables) == (
        "failed", "It cannot be asked.", {"question": "Who?"}
    )  # fmt: skip


async def test_a_worker_that_lost_its_run_to_another_can_report_nothing_more(
    database: Database, account: AccountId
) -> None:
    late = await _lost_to_another(database, account)
    with pytest.raises(Fenced):
        await late.report({"done": 1})
    async with database.read(account) as tx:
        assert (await runs.get(tx, late.run.id)).progress == {}


@pytest.mark.parametrize("opening", [None, Opening()], ids=["recorded at once", "put off"])
async def test_a_worker_that_lost_its_run_to_another_sends_nothing_more(
    database: Database, account: AccountId, opening: Opening | None
) -> None:
    late = await _lost_to_another(database, account)

    async def work() -> None:
        if opening is not None:
            await opening.begin()
        calls.append("sent")

    with pytest.raises(Fenced):
        await late.step("ask", "Ask", work, opening=opening)
    async with database.read(account) as tx:
        assert (calls, await runs.list_steps(tx, late.run.id)) == ([], [])


async def _start(database: Database, account: AccountId, kind: str, **given: object) -> Run:
    async with database.transaction(account) as tx:
        return await runs.start(tx, NewRun(kind=kind, title="A test", input=given), by=None)


async def _lost_to_another(database: Database, account: AccountId) -> Job:
    """A run in the hands of a worker from which another has taken it; it has ended, so that nobody takes it again."""
    async with database.transaction(account) as tx:
        made = await runs.start(tx, NewRun(kind="test_nobody_does_this", title="Fill"), by=None)
        await tx.execute("update runs set state = 'waiting' where id = $1", made.id)
        first = await store.take(tx, made.id, worker_id="first")
        assert first is not None
        assert await store.take(tx, made.id, worker_id="second") is not None
        await tx.execute("update runs set state = 'failed' where id = $1", made.id)
    return Job(first, database, None)


async def _until(database: Database, account: AccountId, run: Run, state: str) -> Run:
    """The run once it is in that state; the test's own time limit ends a wait in vain."""
    while True:
        async with database.read(account) as tx:
            current = await runs.get(tx, run.id)
        if current.state == state:
            return current
        assert current.is_open or run.state == current.state, f"{current.state} instead of {state}: {current.error}"
        await asyncio.sleep(0.05)
