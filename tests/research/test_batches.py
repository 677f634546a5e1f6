"""Many dossiers at once: costed and checked first, a few side by side, stopped and gone on with as one."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from spadework.accounts.actions import credentials
from spadework.app import App
from spadework.core.config import Settings
from spadework.core.db import Transaction
from spadework.core.errors import Conflict, InvalidInput, NotFound, OutOfBudget
from spadework.core.ids import AccountId
from spadework.core.secrets import Box
from spadework.research.actions import batches, clients, dossiers
from spadework.research.actions.clients import ClientChanges
from spadework.research.types.batches import Batch, BatchRequest
from spadework.runs.types import Run
from spadework.spend import actions as spend
from tests.research.dossiers import own_script, simulator, until_ended, worker

SEEDS: list[Mapping[str, Any]] = [
    {"company": "Kestrel Cold Storage"},
    {"hint": "Tybee Harbor"},
    {"domain": "a.example"},
]


@pytest.fixture(scope="module")
async def working(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[App]:
    """The product with a worker in this process, in training mode."""
    home = tmp_path_factory.mktemp("working")
    async with simulator(settings, home / "sim") as url, worker(settings, home, url) as app:
        yield app


async def wanted(tx: Transaction, seeds: list[Mapping[str, Any]] = SEEDS, **given: Any) -> BatchRequest:
    client = await clients.create(tx, "Larch Controls", ClientChanges(do_not_call=["quarry.example"]), by=None)
    return BatchRequest(client_id=client.client_id, seeds=seeds, **{"is_training": True, **given})


async def begin(app: App, account: AccountId, **given: Any) -> Run:
    async with app.database.transaction(account) as tx:
        return await batches.start(tx, await wanted(tx, **given), by=None)


async def look(app: App, account: AccountId, run: Run) -> Batch:
    async with app.database.read(account) as tx:
        return await batches.get(tx, run.id)


async def test_every_seed_becomes_a_dossier_never_more_than_asked_for_at_once(working: App, account: AccountId) -> None:
    run = await begin(working, account, at_once=2, release_after_hours=48)
    most = 0
    while (found := await look(working, account, run)).run.is_open:
        most = max(most, sum(each.is_open for each in found.dossiers.values()))
        await asyncio.sleep(0.01)
    assert found.run.state == "succeeded", found.run.error
    assert most == 2
    assert found.run.result == {"succeeded": ["0", "1", "2"], "failed": {}}
    assert (found.run.progress["done"], found.run.progress["total"]) == (3, 3)
    assert [each.input["seed"] for each in found.dossiers.values()] == SEEDS
    async with working.database.read(account) as tx:
        page = await dossiers.list_dossiers(tx)
    assert [each.state for each in page.dossiers] == ["ready", "superseded", "superseded"]
    assert all((each.release_at - each.ready_at).total_seconds() == 48 * 3600 for each in page.dossiers
               if each.release_at and each.ready_at)  # fmt: skip


async def test_a_dossier_that_fails_leaves_the_others_alone_and_a_retry_takes_it_alone(
    working: App, account: AccountId, tmp_path: Path
) -> None:
    script = await own_script(working, account, tmp_path, "Tybee Harbor")
    run = await until_ended(working, account, await begin(working, account))
    assert (run.state, run.result["succeeded"], list(run.result["failed"])) == ("succeeded", ["0", "2"], ["1"])
    before = await look(working, account, run)
    (script / "0-fault.json").unlink()
    async with working.database.transaction(account) as tx:
        await batches.retry(tx, run.id, by=None)
    again = await until_ended(working, account, run)
    assert again.result == {"succeeded": ["0", "1", "2"], "failed": {}}
    after = await look(working, account, again)
    assert [each.id for each in after.dossiers.values()] == [each.id for each in before.dossiers.values()]
    assert [each.attempts for each in after.dossiers.values()] == [0, 1, 0]
    async with working.database.transaction(account) as tx:
        with pytest.raises(Conflict, match="Every dossier of this batch is done"):
            await batches.retry(tx, run.id, by=None)


async def test_a_stopped_batch_stops_its_dossiers_and_goes_on_where_it_was(working: App, account: AccountId) -> None:
    run = await begin(working, account, at_once=1)
    while True:
        if (await look(working, account, run)).dossiers:
            break
        await asyncio.sleep(0.01)
    async with working.database.transaction(account) as tx:
        await batches.cancel(tx, run.id, by=None)
    stopped = await until_ended(working, account, run)
    found = await look(working, account, run)
    assert (stopped.state, [each.is_open for each in found.dossiers.values()]) == ("stopped", [False])
    async with working.database.transaction(account) as tx:
        await batches.retry(tx, run.id, by=None)
    done = await until_ended(working, account, run)
    assert (done.state, done.result) == ("succeeded", {"succeeded": ["0", "1", "2"], "failed": {}})


async def test_a_batch_that_is_due_by_its_schedule_starts_by_itself(working: App, account: AccountId) -> None:
    async with working.database.transaction(account) as tx:
        made = await batches.schedule(tx, await wanted(tx, SEEDS[:1]), "0 6 * * 1")
        assert (made.name, made.next_at.weekday(), made.next_at.hour) == ("1 dossier for Larch Controls", 0, 6)
        await tx.execute("update schedules set next_at = now() where account_id = $1 and id = $2", account, made.id)
    while True:
        async with working.database.read(account) as tx:
            (due,) = await batches.list_schedules(tx)
        if due.last_run_id is not None:
            break
        await asyncio.sleep(0.05)
    async with working.database.read(account) as tx:
        run = (await batches.get(tx, due.last_run_id)).run
    ended = await until_ended(working, account, run)
    assert (ended.state, ended.is_simulated, ended.result["succeeded"]) == ("succeeded", True, ["0"])
    async with working.database.transaction(account) as tx:
        await batches.remove_schedule(tx, made.id)
        with pytest.raises(NotFound):
            await batches.remove_schedule(tx, made.id)


@pytest.mark.parametrize(
    ("seeds", "reason"),
    [
        ([], "1 to 200 seeds"),
        ([{"note": "no name"}], "Seed 1 names nothing"),
        ([{"company": "Harbor"}, {"company": " harbor "}], "Seeds 1 and 2 are the same"),
        ([{"company": "Stone", "domain": "www.quarry.example"}], "to leave alone"),
    ],
)
async def test_a_seed_that_cannot_be_used_is_named(tx: Transaction, seeds: list[Any], reason: str) -> None:
    with pytest.raises(InvalidInput, match=reason):
        await batches.estimate(tx, await wanted(tx, seeds))


async def test_training_costs_nothing_and_a_real_batch_says_what_is_missing(tx: Transaction) -> None:
    request = await wanted(tx)
    assert (await batches.estimate(tx, request)).worst_micro_usd == 0
    real = replace(request, is_training=False)
    assert len((await batches.estimate(tx, real)).blockers) == 4
    with pytest.raises(Conflict, match="Settings › Language models"):
        await batches.start(tx, real, by=None)


async def test_a_real_batch_is_costed_by_prices_and_refused_when_no_budget_holds_it(tx: Transaction, box: Box) -> None:
    await credentials.put_credential(tx, box, "llm", "openai", {"api_key": "example-key-0123456789"})
    await credentials.put_credential(tx, box, "provider", "exa", {"api_key": "example-key-0123456789"})
    request = await wanted(tx, is_training=False)
    configs = {"icp_config": {"target_titles": ["Buyer"]}, "research_context": {"goals": ["More cold stores"]}}
    await clients.update(tx, request.client_id, ClientChanges(configs=configs), by=None)
    found = await batches.estimate(tx, request)
    assert (found.blockers, found.based_on_runs) == ((), 0)
    assert 0 < found.expected_micro_usd < found.worst_micro_usd
    assert found.expected_micro_usd == 3 * found.expected_micro_usd_per_dossier
    capped = await batches.estimate(tx, replace(request, budget_micro_usd_per_dossier=500))
    assert (capped.worst_micro_usd, capped.expected_micro_usd) == (1500, 1500)
    await spend.set_budget(tx, "account", tx.account, found.expected_micro_usd - 1, by=None)
    assert [each.fits for each in (await batches.estimate(tx, request)).budgets] == [False]
    with pytest.raises(OutOfBudget):
        await batches.start(tx, request, by=None)
