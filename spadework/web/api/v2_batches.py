"""Batches: many dossiers asked for at once, costed first, begun now or by a schedule, watched and stopped."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import Query, Request
from pydantic import Field, JsonValue

from spadework.accounts.types import Principal
from spadework.research.actions import batches
from spadework.research.types.batches import MAX_AT_ONCE, MAX_SEEDS, Batch, BatchRequest, BatchSchedule
from spadework.research.types.pipeline import shown_state
from spadework.runs.types import Run
from spadework.web.api.v2_pipeline import RunStatus
from spadework.web.auth import app_of, require
from spadework.web.routes import MAX_PAGE, AnyClient, AnyRun, Body, Reply, Router, resource

router = Router("batches")
AnyBatch = Annotated[UUID, resource("batch")]
AnySchedule = Annotated[UUID, resource("batch_schedule")]


class NewBatch(Body):
    """Dossiers to make, one for each seed; a seed names a `company`, `domain` or `hint` to begin from.

    `at_once` are made side by side. `budget_micro_usd_per_dossier` is what each may cost at the very most.
    """

    client_id: AnyClient
    seeds: list[dict[str, JsonValue]] = Field(min_length=1, max_length=MAX_SEEDS)
    name: str = Field(default="", max_length=120)
    is_training: bool = False
    release_after_hours: float = Field(default=0, ge=0, le=24 * 365)
    at_once: int = Field(default=3, ge=1, le=MAX_AT_ONCE)
    budget_micro_usd_per_dossier: int | None = Field(default=None, ge=0)

    def request(self) -> BatchRequest:
        """The batch as the domain knows it."""
        values = {name: getattr(self, name) for name in NewBatch.model_fields}
        return BatchRequest(**values)


class NewSchedule(NewBatch):
    """A batch to start whenever the five-field cron expression says so, in UTC, such as `0 6 * * 1`."""

    cron: str = Field(min_length=9, max_length=100)


class BudgetFit(Reply):
    """A budget above the batch, and whether the batch at its expected price fits it."""

    scope: str
    left_micro_usd: int
    fits: bool


class BatchEstimateReply(Reply):
    """What a batch is expected to cost and at most; `based_on_runs` 0 says from prices, else from past dossiers."""

    dossiers: int
    expected_micro_usd: int
    worst_micro_usd: int
    expected_micro_usd_per_dossier: int
    worst_micro_usd_per_dossier: int
    based_on_runs: int
    budgets: list[BudgetFit]
    needs_confirmation: bool
    warnings: list[str]
    blockers: list[str]


class BatchBrief(Reply):
    """One batch as lists show it; `done` counts dossiers that have ended, well or not."""

    id: AnyBatch
    client_id: AnyClient | None
    name: str
    status: RunStatus
    total: int
    done: int
    cost_micro_usd: int
    is_simulated: bool
    error_message: str | None
    created_at: datetime
    started_at: datetime | None
    completed_at: datetime | None


class Batches(Reply):
    """Batches, newest first."""

    data: list[BatchBrief]
    next_cursor: str | None


class BatchDossier(Reply):
    """One seed of a batch and the run that makes its dossier; None before it has begun."""

    place: int
    name: str
    seed: dict[str, JsonValue]
    run_id: AnyRun | None
    status: RunStatus
    current_step: str | None
    steps_completed: int
    total_steps: int
    cost_micro_usd: int
    error_message: str | None


class BatchReply(BatchBrief):
    """One batch with every seed and how far its dossier is."""

    at_once: int
    release_after_hours: float
    dossiers: list[BatchDossier]


class ScheduleReply(Reply):
    """A batch that is started again and again; `cron` is in UTC."""

    id: AnySchedule
    name: str
    cron: str
    client_id: AnyClient | None
    seeds: list[dict[str, JsonValue]]
    is_training: bool
    next_at: datetime
    last_batch_id: AnyBatch | None


class Schedules(Reply):
    """Scheduled batches, the next one first."""

    data: list[ScheduleReply]


@router.post("/v2/batches/estimate")
async def estimate_batch(body: NewBatch, request: Request, who: Principal = require("runs.read")) -> BatchEstimateReply:
    """What the batch would cost and what stands in its way; nothing is begun."""
    async with app_of(request).database.transaction(who.account_id) as tx:
        return BatchEstimateReply.model_validate(await batches.estimate(tx, body.request()))


@router.post("/v2/batches", status_code=202)
async def start_batch(
    body: NewBatch, request: Request, who: Principal = require("runs.start", effects="spend")
) -> BatchBrief:
    """Start a batch. 409 with what is missing; 402 when a budget has no room for its expected price."""
    async with app_of(request).database.transaction(who.account_id) as tx:
        return _brief(await batches.start(tx, body.request(), by=who.user_id))


@router.get("/v2/batches")
async def list_batches(
    request: Request,
    client_id: AnyClient | None = None,
    limit: Annotated[int, Query(ge=1, le=MAX_PAGE)] = 50,
    cursor: Annotated[str | None, Query(max_length=200)] = None,
    who: Principal = require("runs.read"),
) -> Batches:
    """The account's batches."""
    async with app_of(request).database.read(who.account_id) as tx:
        page = await batches.list_batches(tx, client_id=client_id, limit=limit, cursor=cursor)
    return Batches(data=[_brief(each) for each in page.runs], next_cursor=page.next_cursor)


@router.get("/v2/batches/schedules")
async def list_schedules(request: Request, who: Principal = require("runs.read")) -> Schedules:
    """Scheduled batches."""
    async with app_of(request).database.read(who.account_id) as tx:
        return Schedules(data=[_schedule(each) for each in await batches.list_schedules(tx)])


@router.post("/v2/batches/schedules", status_code=201)
async def schedule_batch(
    body: NewSchedule, request: Request, who: Principal = require("runs.start", effects="spend")
) -> ScheduleReply:
    """Have a batch start by the clock; each start is costed and checked against the budgets as by hand."""
    async with app_of(request).database.transaction(who.account_id) as tx:
        return _schedule(await batches.schedule(tx, body.request(), body.cron))


@router.delete("/v2/batches/schedules/{schedule_id}", status_code=204)
async def remove_schedule(schedule_id: AnySchedule, request: Request, who: Principal = require("runs.start")) -> None:
    """Start that batch no more; what has begun goes on."""
    async with app_of(request).database.transaction(who.account_id) as tx:
        await batches.remove_schedule(tx, schedule_id)


@router.get("/v2/batches/{batch_id}")
async def get_batch(batch_id: AnyBatch, request: Request, who: Principal = require("runs.read")) -> BatchReply:
    """One batch with every seed; live under the topic of its run, `run:{id}`."""
    async with app_of(request).database.read(who.account_id) as tx:
        return _show(await batches.get(tx, batch_id))


@router.post("/v2/batches/{batch_id}/cancel")
async def cancel_batch(batch_id: AnyBatch, request: Request, who: Principal = require("runs.stop")) -> BatchBrief:
    """Stop a batch and its dossiers; nothing new leaves, what is under way is recorded."""
    async with app_of(request).database.transaction(who.account_id) as tx:
        return _brief(await batches.cancel(tx, batch_id, by=who.user_id))


@router.post("/v2/batches/{batch_id}/retry", status_code=202)
async def retry_batch(
    batch_id: AnyBatch, request: Request, who: Principal = require("runs.resume", effects="spend")
) -> BatchBrief:
    """Go on with the dossiers that failed, were stopped or have not begun."""
    async with app_of(request).database.transaction(who.account_id) as tx:
        return _brief(await batches.retry(tx, batch_id, by=who.user_id))


def _brief(run: Run) -> BatchBrief:
    return BatchBrief(**_fields(run))


def _fields(run: Run) -> dict[str, object]:
    return {
        "id": run.id, "client_id": run.client_id, "name": run.title, "status": shown_state(run),
        "total": len(run.input.get("seeds") or ()), "done": run.progress.get("done", 0),
        "cost_micro_usd": run.progress.get("cost_micro_usd", 0), "is_simulated": run.is_simulated,
        "error_message": (run.error or {}).get("message"), "created_at": run.created_at,
        "started_at": run.started_at, "completed_at": run.finished_at,
    }  # fmt: skip


def _show(batch: Batch) -> BatchReply:
    return BatchReply(
        **_fields(batch.run), at_once=batch.run.input.get("at_once", 1),
        release_after_hours=batch.run.input.get("release_after_hours", 0),
        dossiers=[_dossier(place, dict(seed), batch.dossiers.get(place)) for place, seed in enumerate(batch.seeds)],
    )  # fmt: skip


def _dossier(place: int, seed: dict[str, JsonValue], run: Run | None) -> BatchDossier:
    progress = run.progress if run else {}
    return BatchDossier(
        place=place, name=batches.seed_name(seed), seed=seed, run_id=run.id if run else None,
        status=shown_state(run) if run else "pending", current_step=progress.get("current_step"),
        steps_completed=progress.get("done", 0), total_steps=progress.get("total", 0),
        cost_micro_usd=progress.get("cost_micro_usd", 0),
        error_message=(run.error or {}).get("message") if run else None,
    )  # fmt: skip


def _schedule(schedule: BatchSchedule) -> ScheduleReply:
    return ScheduleReply(
        id=schedule.id, name=schedule.name, cron=schedule.cron, client_id=schedule.client_id,
        seeds=list(schedule.input.get("seeds") or ()), is_training=bool(schedule.input.get("is_training")),
        next_at=schedule.next_at, last_batch_id=schedule.last_run_id,
    )  # fmt: skip
