"""Pipelines: a dossier begun, watched live step by step, stopped and gone on with."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Query, Request
from pydantic import Field, JsonValue

from spadework.accounts.types import Principal
from spadework.core.ids import RunId
from spadework.plug.step import Mode, Stage, Step
from spadework.research.actions import pipeline
from spadework.research.types.pipeline import Pipeline, PipelineRequest, StepBrief, shown_state
from spadework.runs.types import Run, StepRun
from spadework.web.api.runs import RunError
from spadework.web.api.v2_contacts import AnyDossier
from spadework.web.api.v2_prompt_evaluation import AnyFixture
from spadework.web.auth import app_of, require
from spadework.web.routes import MAX_PAGE, AnyClient, AnyRun, AnyStep, Body, Reply, Router, resource

router = Router("pipeline")
AnyPipeline = Annotated[RunId, resource("pipeline")]
AnyReplay = Annotated[UUID, resource("replay")]
RunStatus = Literal["pending", "running", "completed", "failed", "cancelled"]
StepStatus = Literal["pending", "running", "completed", "failed", "skipped"]
_STATES = {
    "pending": "queued",
    "running": "running",
    "completed": "succeeded",
    "failed": "failed",
    "cancelled": "stopped",
}


class NewPipeline(Body):
    """A dossier to make. `seed` names a company or hint to begin from; with `is_training` an example is played."""

    client_id: AnyClient
    seed: dict[str, JsonValue] = Field(default_factory=dict)
    is_training: bool = False
    release_after_hours: float = Field(default=0, ge=0, le=24 * 365)


class AskReply(Reply):
    """One question of a step, which becomes a step run of that `key`; `prompt` is the prompt's key."""

    key: str
    label: str
    prompt: str


class PlannedStep(Reply):
    """One step of a dossier, run or not: its place, what it waits for (`after`, by key) and what it asks.

    With `is_per_contact` it is taken once for each person found.
    """

    key: str
    label: str
    stage: Stage
    mode: Mode
    after: list[str]
    asks: list[AskReply]
    makes_claims: bool
    makes_pack: str | None
    is_per_contact: bool


class PlannedSteps(Reply):
    """The steps of a dossier in their order, and the prompts that steps share, such as for claims."""

    data: list[PlannedStep]
    shared_prompts: list[str]


class PipelineBrief(Reply):
    """One pipeline as lists show it; `total_steps` counts the steps of a dossier.

    `base_run_id` is the run a part of which this one repeats, `replay_id` the replay it belongs to,
    `prompt_versions` the versions it was told to ask with.
    """

    id: AnyRun
    client_id: AnyClient | None
    title: str
    status: RunStatus
    current_step: str | None
    steps_completed: int
    total_steps: int
    cost_micro_usd: int
    is_simulated: bool
    is_rerun: bool
    is_stopping: bool
    base_run_id: AnyPipeline | None
    replay_id: AnyReplay | None
    prompt_versions: dict[str, int]
    created_by_name: str | None
    error_message: str | None
    created_at: datetime
    started_at: datetime | None
    completed_at: datetime | None


class Pipelines(Reply):
    """Pipelines, newest first."""

    data: list[PipelineBrief]
    next_cursor: str | None


class StepBriefReply(Reply):
    """One step run without what went in and came out. `of_step` is the step it belongs to, `prompt` the prompt's key."""

    id: AnyStep
    step: str
    of_step: str
    label: str
    contact_index: int | None
    status: StepStatus
    model: str | None
    prompt: str | None
    prompt_version: int | None
    tokens_in: int | None
    tokens_out: int | None
    cost_micro_usd: int
    attempts: int
    is_simulated: bool
    error: RunError | None
    started_at: datetime | None
    completed_at: datetime | None
    duration_ms: int | None


class PipelineReply(PipelineBrief):
    """One pipeline with its steps, and the runs that repeat a part of it.

    Of a run that repeats a part, `only_steps` are the steps it takes (none: all). `claims` and `contacts`
    count what was found so far.
    """

    steps: list[StepBriefReply]
    reruns: list[AnyRun]
    only_steps: list[str]
    dossier_id: AnyDossier | None
    claims: int
    contacts: int
    seed: dict[str, JsonValue]
    result: JsonValue


class StepRunReply(StepBriefReply):
    """One step run whole: every variable with where it came from, what was sent, what came back, every call.

    `lineage` has, for each variable, its `source` (client_config, step, context_pack, seed, computed or
    override), the `step` and `step_run_id` it came from, its `path` there and a `preview`. What we computed
    from another step of this run names that step too.
    """

    run_id: AnyRun
    input_variables: JsonValue
    lineage: JsonValue
    interpolated_prompt: str | None
    raw_output: str | None
    parsed_output: JsonValue
    calls: JsonValue


class Steps(Reply):
    """Every step run of a pipeline, in order."""

    data: list[StepRunReply]


class LiveStep(Reply):
    """One step run as the live view needs it."""

    step: str
    label: str
    status: StepStatus
    duration_ms: int | None
    started_at: datetime | None


class Live(Reply):
    """Where a pipeline is now."""

    id: AnyRun
    status: RunStatus
    current_step: str | None
    steps_completed: int
    total_steps: int
    cost_micro_usd: int
    steps: list[LiveStep]
    error_message: str | None


class MissingReply(Reply):
    """One thing a real run cannot begin without, and where to set it up."""

    what: str
    message: str


class Needs(Reply):
    """What is missing for a real run; empty when it may begin. Training mode needs nothing."""

    missing: list[MissingReply]


class NewCapture(Body):
    """A step run whose input is to be kept for testing its prompt."""

    step_run_id: AnyStep
    name: str = Field(min_length=1, max_length=120)


class CapturedInput(Reply):
    """An input kept for testing."""

    id: AnyFixture
    name: str
    variables: dict[str, JsonValue]
    step_run_id: AnyStep | None
    created_at: datetime


@router.get("/v2/pipeline/needs")
async def list_needs(
    request: Request, client_id: AnyClient | None = None, who: Principal = require("runs.read")
) -> Needs:
    """What must be set up before a real run can start; with a client also what that client must say first."""
    async with app_of(request).database.read(who.account_id) as tx:
        missing = await pipeline.list_missing(tx, client_id)
    return Needs(missing=[MissingReply.model_validate(each) for each in missing])


@router.get("/v2/pipeline/steps")
async def list_planned_steps(request: Request, who: Principal = require("runs.read")) -> PlannedSteps:
    """The steps a dossier is made in, as the plug-ins of this installation say."""
    steps = pipeline.load_steps()
    ids = {each.key: each.id for each in steps}
    return PlannedSteps(
        data=[_planned(each, ids) for each in steps], shared_prompts=[pipeline.EXTRACTION, pipeline.PACKING]
    )


@router.post("/v2/pipeline/start", status_code=202)
async def start_pipeline(
    body: NewPipeline, request: Request, who: Principal = require("runs.start", effects="spend")
) -> PipelineBrief:
    """Start a run; its id comes at once, the work follows. 404 without the client, 409 with what is missing."""
    wanted = PipelineRequest(
        client_id=body.client_id, seed=body.seed, is_training=body.is_training,
        release_after_hours=body.release_after_hours,
    )  # fmt: skip
    async with app_of(request).database.transaction(who.account_id) as tx:
        return pipeline_brief(await pipeline.start(tx, wanted, by=who.user_id))


@router.get("/v2/pipeline/runs")
async def list_pipelines(
    request: Request,
    client_id: AnyClient | None = None,
    status: RunStatus | None = None,
    limit: Annotated[int, Query(ge=1, le=MAX_PAGE)] = 50,
    cursor: Annotated[str | None, Query(max_length=200)] = None,
    who: Principal = require("runs.read"),
) -> Pipelines:
    """Pipelines, newest first."""
    async with app_of(request).database.read(who.account_id) as tx:
        page = await pipeline.list_runs(
            tx, client_id=client_id, state=_STATES[status] if status else None, limit=limit, cursor=cursor
        )
    return Pipelines(data=[pipeline_brief(each) for each in page.runs], next_cursor=page.next_cursor)


@router.get("/v2/pipeline/runs/{run_id}")
async def get_pipeline(run_id: AnyPipeline, request: Request, who: Principal = require("runs.read")) -> PipelineReply:
    """One pipeline with all its steps in brief."""
    async with app_of(request).database.read(who.account_id) as tx:
        return _whole(await pipeline.get(tx, run_id))


@router.get("/v2/pipeline/runs/{run_id}/steps")
async def list_pipeline_steps(
    run_id: AnyPipeline,
    request: Request,
    step: Annotated[str | None, Query(max_length=120)] = None,
    who: Principal = require("runs.read"),
) -> Steps:
    """Every step run with its input, prompt, raw and parsed output; with `step`, the one of that key alone."""
    async with app_of(request).database.read(who.account_id) as tx:
        if step is not None:
            return Steps(data=[_step(await pipeline.get_step(tx, run_id, step))])
        return Steps(data=[_step(each) for each in await pipeline.list_steps(tx, run_id)])


@router.get("/v2/pipeline/runs/{run_id}/live")
async def get_live(run_id: AnyPipeline, request: Request, who: Principal = require("runs.read")) -> Live:
    """Where the run is now, small enough to ask for often."""
    async with app_of(request).database.read(who.account_id) as tx:
        found = await pipeline.get(tx, run_id)
    shown = pipeline_brief(found.run)
    steps = [
        LiveStep(
            step=each.key, label=each.label, status=each.status, duration_ms=each.duration_ms, started_at=each.started_at
        )
        for each in found.steps
    ]  # fmt: skip
    return Live(**shown.model_dump(include=set(Live.model_fields) - {"steps"}), steps=steps)


@router.post("/v2/pipeline/runs/{run_id}/cancel")
async def cancel_pipeline(
    run_id: AnyPipeline, request: Request, who: Principal = require("runs.stop")
) -> PipelineBrief:
    """Stop a run: nothing new leaves after this reply, what is under way is recorded."""
    async with app_of(request).database.transaction(who.account_id) as tx:
        return pipeline_brief(await pipeline.cancel(tx, run_id, by=who.user_id))


@router.post("/v2/pipeline/runs/{run_id}/retry", status_code=202)
async def retry_pipeline(
    run_id: AnyPipeline, request: Request, who: Principal = require("runs.resume", effects="spend")
) -> PipelineBrief:
    """Go on with what failed or was not reached, with the prompts of now; nothing done is done again."""
    async with app_of(request).database.transaction(who.account_id) as tx:
        return pipeline_brief(await pipeline.retry(tx, run_id, by=who.user_id))


@router.post("/v2/fixtures/capture", status_code=201)
async def capture_fixture(
    body: NewCapture, request: Request, who: Principal = require("prompts.write")
) -> CapturedInput:
    """Keep a step run's input as a fixture of its prompt."""
    async with app_of(request).database.transaction(who.account_id) as tx:
        found = await pipeline.capture_fixture(tx, body.step_run_id, body.name, by=who.user_id)
    return CapturedInput.model_validate(found)


def pipeline_brief(run: Run) -> PipelineBrief:
    return PipelineBrief(
        id=run.id, client_id=run.client_id, title=run.title, status=shown_state(run),
        current_step=run.progress.get("current_step"), steps_completed=run.progress.get("done", 0),
        total_steps=run.progress.get("total", len(pipeline.load_steps())),
        cost_micro_usd=run.progress.get("cost_micro_usd", 0), is_simulated=run.is_simulated, is_rerun="base" in run.input,
        is_stopping=run.state == "stopping", base_run_id=_base(run).get("run_id"),
        replay_id=run.subject.get("replay_id"), prompt_versions=dict(run.input.get("prompts") or {}), created_by_name=run.created_by_name,
        error_message=(run.error or {}).get("message"), created_at=run.created_at, started_at=run.started_at,
        completed_at=run.finished_at,
    )  # fmt: skip


def _base(run: Run) -> dict[str, Any]:
    return dict(run.input.get("base") or {})


def _planned(step: Step, ids: dict[str, str]) -> PlannedStep:
    asks = [
        AskReply(key=each.id or step.id, label=each.label or step.label, prompt=each.prompt) for each in step.asks
    ]  # fmt: skip
    return PlannedStep(
        key=step.id, label=step.label, stage=step.stage, mode=step.mode, after=[ids[each] for each in step.after],
        asks=asks, makes_claims=step.makes_claims, makes_pack=step.makes_pack, is_per_contact=step.is_per_contact,
    )  # fmt: skip


def _whole(found: Pipeline) -> PipelineReply:
    return PipelineReply(
        **pipeline_brief(found.run).model_dump(), steps=[_step_brief(each) for each in found.steps],
        reruns=list(found.reruns), only_steps=list(found.only_steps),
        dossier_id=found.dossier_id,
        claims=found.claims, contacts=found.contacts, seed=dict(found.run.input.get("seed") or {}), result=found.run.result,
    )  # fmt: skip


def _step_brief(step: StepBrief) -> StepBriefReply:
    return StepBriefReply(
        id=step.id, step=step.key, of_step=step.step, label=step.label, contact_index=step.contact_index,
        status=step.status, model=step.model, prompt=step.prompt_key, prompt_version=step.prompt_version,
        tokens_in=step.input_tokens, tokens_out=step.output_tokens, cost_micro_usd=step.cost_micro_usd,
        attempts=step.attempts, is_simulated=step.is_simulated, error=step_error(step.status, step.error),
        started_at=step.started_at, completed_at=step.finished_at, duration_ms=step.duration_ms,
    )  # fmt: skip


def _step(step: StepRun) -> StepRunReply:
    shown = _step_brief(pipeline.brief(step))
    return StepRunReply(
        **shown.model_dump(), run_id=step.run_id, input_variables=step.input_variables, lineage=step.lineage,
        interpolated_prompt=step.interpolated_prompt, raw_output=step.raw_output, parsed_output=step.parsed_output,
        calls=step.calls,
    )  # fmt: skip


def step_error(status: str, error: object) -> RunError | None:
    """Why it failed or was skipped; what an earlier attempt failed with is no error of one under way."""
    return RunError.model_validate(error) if error is not None and status in ("failed", "skipped") else None
