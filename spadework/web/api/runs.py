"""Runs: what is being done and was done, each step with what went in and came out; stop, resume, retry."""

from datetime import datetime
from typing import Annotated, Literal

from fastapi import Query, Request
from pydantic import JsonValue

from spadework.accounts.types import Principal
from spadework.core.db import ReadOnly
from spadework.runs import actions as runs
from spadework.runs.types import Run, RunState, StepState
from spadework.spend import actions as spend
from spadework.web.auth import app_of, require
from spadework.web.routes import MAX_PAGE, AnyClient, AnyRun, AnyStep, AnyTable, Reply, Router
from spadework.workbooks.actions import retrying

router = Router("runs")


class RunError(Reply):
    """Why a run or a step failed."""

    message: str
    code: str | None = None


class RunBrief(Reply):
    """One run as lists and live pages show it. `progress` counts cells, or steps of a plan.

    `subject` holds ids of what the run serves: workbook_id, table_id, field_ids, plan_id.
    """

    id: AnyRun
    kind: str
    title: str
    state: RunState
    progress: dict[str, JsonValue]
    subject: dict[str, JsonValue]
    is_simulated: bool
    cost_micro_usd: int
    error: RunError | None
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    client_id: AnyClient | None
    created_by_name: str | None


class Runs(Reply):
    """Runs, newest first."""

    data: list[RunBrief]
    next_cursor: str | None


class StepReply(Reply):
    """One step: what went in, what was sent, what came back, what it cost."""

    id: AnyStep
    no: int
    key: str
    label: str
    state: StepState
    input_variables: JsonValue
    lineage: JsonValue
    interpolated_prompt: str | None
    raw_output: str | None
    parsed_output: JsonValue
    model: str | None
    input_tokens: int | None
    output_tokens: int | None
    cost_micro_usd: int
    attempts: int
    error: RunError | None
    started_at: datetime | None
    finished_at: datetime | None
    duration_ms: int | None


class ProviderSpend(Reply):
    """What one capability of one provider cost; simulated calls cost nothing and are listed apart."""

    provider: str
    capability: str
    calls: int
    settled_micro_usd: int
    reserved_micro_usd: int
    is_simulated: bool


class RunReply(RunBrief):
    """One run with its steps and its spend."""

    steps: list[StepReply]
    spend: list[ProviderSpend]
    input: JsonValue
    result: JsonValue


def brief(run: Run) -> RunBrief:
    """The run as a reply."""
    return RunBrief.model_validate(runs.to_brief(run))


@router.get("/v3/runs")
async def list_runs(
    request: Request,
    client_id: AnyClient | None = None,
    table_id: AnyTable | None = None,
    state: RunState | Literal["open"] | None = None,
    kind: Annotated[str | None, Query(max_length=60)] = None,
    limit: Annotated[int, Query(ge=1, le=MAX_PAGE)] = 50,
    cursor: Annotated[str | None, Query(max_length=200)] = None,
    who: Principal = require("runs.read"),
) -> Runs:
    """Runs, newest first; `state=open` are all that may still change."""
    async with app_of(request).database.read(who.account_id) as tx:
        page = await runs.list_runs(
            tx, client_id=client_id, table_id=table_id, state=state, kind=kind, limit=limit, cursor=cursor
        )
    return Runs(data=[brief(each) for each in page.runs], next_cursor=page.next_cursor)


@router.get("/v3/runs/{run_id}")
async def get_run(run_id: AnyRun, request: Request, who: Principal = require("runs.read")) -> RunReply:
    """One run with every step's input and output."""
    async with app_of(request).database.read(who.account_id) as tx:
        return await _show(tx, await runs.get(tx, run_id))


@router.post("/v3/runs/{run_id}/stop")
async def stop_run(run_id: AnyRun, request: Request, who: Principal = require("runs.stop")) -> RunBrief:
    """Stop a run: nothing new leaves after this reply, what is under way is recorded."""
    async with app_of(request).database.transaction(who.account_id) as tx:
        return brief(await runs.request_stop(tx, run_id, by=who.user_id))


@router.post("/v3/runs/{run_id}/resume", status_code=202)
async def resume_run(
    run_id: AnyRun, request: Request, who: Principal = require("runs.resume", effects="spend")
) -> RunBrief:
    """Let a stopped or failed run go on with what it has not done."""
    async with app_of(request).database.transaction(who.account_id) as tx:
        return brief(await runs.resume(tx, run_id, by=who.user_id))


@router.post("/v3/runs/{run_id}/retry", status_code=202)
async def retry_run(
    run_id: AnyRun, request: Request, who: Principal = require("runs.resume", effects="spend")
) -> RunBrief:
    """Another go: a failed or stopped run goes on, of an ended one the failed cells are tried again."""
    async with app_of(request).database.transaction(who.account_id) as tx:
        return brief(await retrying.retry(tx, run_id, by=who.user_id))


async def _show(tx: ReadOnly, run: Run) -> RunReply:
    return RunReply(
        **brief(run).model_dump(),
        steps=[StepReply.model_validate(each) for each in await runs.list_steps(tx, run.id)],
        spend=[ProviderSpend.model_validate(each) for each in await spend.spent_by_run(tx, run.id)],
        input=dict(run.input),
        result=run.result,
    )
