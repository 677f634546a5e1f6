"""Batches of dossiers: costed, begun now or by a schedule, watched, stopped and gone on with."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from spadework.clients import actions as base_clients
from spadework.core.db import ReadOnly, Transaction
from spadework.core.errors import Conflict, NotFound
from spadework.core.ids import ClientId, UserId
from spadework.prompts.actions import files
from spadework.research.actions import clients, pipeline
from spadework.research.rules import batches as rules
from spadework.research.store import batches as store
from spadework.research.types.batches import (
    BATCH_KIND,
    Batch,
    BatchBudget,
    BatchEstimate,
    BatchRequest,
    BatchSchedule,
)
from spadework.research.types.pipeline import PipelineRequest
from spadework.runs import actions as runs
from spadework.runs.types import NewRun, Page, Run
from spadework.spend import actions as spend
from spadework.spend.types import Scopes
from spadework.workbooks.actions import dossiers, estimates

CONFIRM_ABOVE_MICRO_USD = 1_000_000
_PAST_RUNS_AT_LEAST, _PAST_RUNS_AT_MOST = 3, 20


async def estimate(tx: Transaction, request: BatchRequest) -> BatchEstimate:
    """What the batch would cost, and what stands in its way; nothing is begun.

    Raises:
        NotFound: no such client. InvalidInput: a seed cannot be used.
    """
    client = await _require(tx, request)
    await files.ensure_library(tx)
    price, past = await _price(tx, request), await store.list_costs(tx, limit=_PAST_RUNS_AT_MOST)
    worst = price.worst_micro_usd
    if request.budget_micro_usd_per_dossier is not None:
        worst = min(worst, request.budget_micro_usd_per_dossier)
    is_known = len(past) >= _PAST_RUNS_AT_LEAST and not request.is_training
    expected = min(worst, sum(past) // len(past) if is_known else price.expected_micro_usd)
    whole = expected * len(request.seeds)
    budgets = tuple(
        BatchBudget(scope=each.scope, left_micro_usd=each.left_micro_usd, fits=whole <= each.left_micro_usd)
        for each in await spend.budgets_over(tx, Scopes(account_id=tx.account, client_id=client.id))
    )
    blockers = price.blockers
    if not request.is_training:
        shared = set.intersection(*(set(each) for each in request.seeds))
        blockers = tuple(each.message for each in await pipeline.list_missing(tx, client.id, seed=shared)) or blockers
    return BatchEstimate(
        dossiers=len(request.seeds), expected_micro_usd_per_dossier=expected, worst_micro_usd_per_dossier=worst,
        based_on_runs=len(past) if is_known else 0, budgets=budgets, warnings=price.warnings, blockers=blockers,
        needs_confirmation=worst * len(request.seeds) > CONFIRM_ABOVE_MICRO_USD or not all(each.fits for each in budgets),
    )  # fmt: skip


async def start(tx: Transaction, request: BatchRequest, *, by: UserId | None) -> Run:
    """A batch; a worker begins its dossiers when this commits. Costs money unless it is training.

    Raises:
        NotFound, InvalidInput: as for `estimate`. Conflict: something a real run needs is missing.
        OutOfBudget: a budget has no room for the expected price of the whole batch.
    """
    found = await estimate(tx, request)
    if found.blockers and not request.is_training:
        raise Conflict(" ".join(found.blockers) + " Or start the batch in training mode, which plays an example.")
    scopes = Scopes(account_id=tx.account, client_id=request.client_id)
    await spend.require_room(tx, scopes, found.expected_micro_usd)
    return await runs.start(
        tx,
        NewRun(
            kind=BATCH_KIND, title=await _title(tx, request), client_id=request.client_id,
            is_simulated=request.is_training, input=_input(request),
        ),
        by=by,
    )  # fmt: skip


async def get(tx: ReadOnly, batch_id: UUID) -> Batch:
    """The batch with the runs of its dossiers.

    Raises:
        NotFound: there is no such batch in this account.
    """
    run = await _run(tx, batch_id)
    begun = await store.list_dossiers(tx, batch_id)
    return Batch(
        run=run, seeds=tuple(run.input.get("seeds") or ()),
        dossiers={place: await runs.get(tx, each) for place, each in begun.items()},
    )  # fmt: skip


async def list_batches(
    tx: ReadOnly, *, client_id: UUID | None = None, limit: int = 50, cursor: str | None = None
) -> Page:
    """Batches, newest first."""
    return await runs.list_runs(tx, client_id=client_id, kind=BATCH_KIND, limit=limit, cursor=cursor)


async def cancel(tx: Transaction, batch_id: UUID, *, by: UserId | None) -> Run:
    """Have it stop, and its dossiers with it: nothing new leaves once they have heard of it.

    Raises:
        NotFound: no such batch. Conflict: it has ended.
    """
    found = await get(tx, batch_id)
    stopped = await runs.request_stop(tx, batch_id, by=by)
    for each in found.dossiers.values():
        if each.is_open and each.state != "stopping":
            await runs.request_stop(tx, each.id, by=by)
    return stopped


async def retry(tx: Transaction, batch_id: UUID, *, by: UserId | None) -> Run:
    """Let it go on with dossiers that failed, were stopped, or have not begun; what is done is not done again.

    Raises:
        NotFound: no such batch. Conflict: it is under way, or every dossier is done.
    """
    found = await get(tx, batch_id)
    if found.run.state != "succeeded":
        return await runs.resume(tx, batch_id, by=by)
    if all(each.state == "succeeded" for each in found.dossiers.values()):
        raise Conflict("Every dossier of this batch is done, so there is nothing to try again.")
    return await runs.reopen(tx, batch_id, by=by)


async def begin_dossier(tx: Transaction, batch: Run, place: int) -> Run:
    """The run for the seed at that place; the one that has begun before when there is one.

    Raises:
        Conflict, NotFound: as for `pipeline.start`.
    """
    if (before := (await store.list_dossiers(tx, batch.id)).get(place)) is not None:
        return await runs.get(tx, before)
    asked = batch.input
    assert batch.client_id is not None
    request = PipelineRequest(
        client_id=batch.client_id, seed=asked["seeds"][place], is_training=bool(asked.get("is_training")),
        release_after_hours=float(asked.get("release_after_hours") or 0),
    )  # fmt: skip
    by = UserId(batch.created_by) if batch.created_by else None
    run = await pipeline.start(tx, request, by=by, parent_run_id=batch.id, subject={"batch_place": place})
    if (limit := asked.get("budget_micro_usd_per_dossier")) is not None:
        await spend.set_budget(tx, "run", run.id, int(limit), by=by)
    return run


async def schedule(tx: Transaction, request: BatchRequest, cron: str) -> BatchSchedule:
    """Start the batch whenever the five-field cron expression says so, in UTC.

    Raises:
        NotFound, InvalidInput: as for `estimate`, or the expression cannot be read.
    """
    await _require(tx, request)
    made = await runs.schedule(
        tx, name=await _title(tx, request), cron=cron, kind=BATCH_KIND, input=_input(request),
        client_id=request.client_id,
    )  # fmt: skip
    return next(each for each in await list_schedules(tx) if each.id == made)


async def list_schedules(tx: ReadOnly) -> list[BatchSchedule]:
    """The account's scheduled batches, the next one first."""
    return [
        BatchSchedule(
            id=each.id, name=each.name, cron=each.cron, client_id=ClientId(each.client_id) if each.client_id else None,
            input=each.input, next_at=each.next_at, last_run_id=each.last_run_id,
        )
        for each in await runs.list_schedules(tx, kind=BATCH_KIND)
    ]  # fmt: skip


async def remove_schedule(tx: Transaction, schedule_id: UUID) -> None:
    """Start that batch no more; what has begun goes on.

    Raises:
        NotFound: there is no such schedule in this account.
    """
    if schedule_id not in {each.id for each in await list_schedules(tx)}:
        raise NotFound("There is no such schedule. It may have been removed.")
    await runs.remove_schedule(tx, schedule_id)


def seed_name(seed: Mapping[str, Any]) -> str:
    """What a seed is called in lists; empty when it names nothing."""
    return rules.name_of(seed) or ""


async def _require(tx: ReadOnly, request: BatchRequest) -> Any:
    client = await base_clients.get(tx, request.client_id)
    if client.archived_at is not None:
        raise Conflict(f"The client {client.name!r} is archived. Choose another, or restore it.")
    known = await clients.get(tx, request.client_id)
    rules.require_seeds(request.seeds, [*known.excluded, *known.do_not_call])
    rules.require_at_once(request.at_once)
    return client


async def _price(tx: ReadOnly, request: BatchRequest) -> Any:
    """What one dossier costs by the prices of now."""
    market = await estimates.find_market(tx, request.client_id, is_training=request.is_training)
    asks = await dossiers.asks(tx, is_training=request.is_training)
    return estimates.price_row(asks, dossiers.market_of(market), name="A dossier")


async def _title(tx: ReadOnly, request: BatchRequest) -> str:
    if request.name.strip():
        return request.name.strip()[:120]
    client = await base_clients.get(tx, request.client_id)
    count = len(request.seeds)
    return f"{count} dossier{'' if count == 1 else 's'} for {client.name}"


def _input(request: BatchRequest) -> dict[str, Any]:
    seeds: list[Mapping[str, Any]] = [dict(each) for each in request.seeds]
    return {
        "seeds": seeds, "is_training": request.is_training, "release_after_hours": request.release_after_hours,
        "at_once": request.at_once, "budget_micro_usd_per_dossier": request.budget_micro_usd_per_dossier,
    }  # fmt: skip


async def _run(tx: ReadOnly, batch_id: UUID) -> Run:
    run = await runs.get(tx, batch_id)
    if run.kind != BATCH_KIND:
        raise NotFound("There is no such batch. The run of that id does something else.")
    return run
