"""Parts of pipelines taken again: one step with other variables, one prompt over past runs, old beside new."""

from uuid import UUID

from fastapi import Request
from pydantic import Field, JsonValue

from spadework.accounts.types import Principal
from spadework.research.actions import comparing, pipeline
from spadework.research.types.pipeline import Comparison
from spadework.web.api.runs import RunError
from spadework.web.api.v2_pipeline import AnyPipeline, AnyReplay, PipelineBrief, pipeline_brief
from spadework.web.auth import app_of, require
from spadework.web.routes import AnyClient, AnyStep, Body, Reply, Router

router = Router("pipeline")


class Rerun(Body):
    """Which step to take again, with which variables and prompt versions instead of those it had."""

    variable_overrides: dict[str, JsonValue] = Field(default_factory=dict)
    prompt_versions: dict[str, int] = Field(default_factory=dict)
    with_dependants: bool = False


class NewReplay(Body):
    """A prompt's version to try on past runs: those given, else the newest complete ones."""

    prompt: str = Field(min_length=1, max_length=120)
    version: int = Field(ge=1)
    client_id: AnyClient | None = None
    run_ids: list[AnyPipeline] = Field(default_factory=list, max_length=pipeline.REPLAYS_AT_MOST)
    last_runs: int = Field(default=5, ge=1, le=pipeline.REPLAYS_AT_MOST)
    with_dependants: bool = True


class Replay(Reply):
    """The runs of a replay, each repeating a part of a past one."""

    replay_id: AnyReplay
    runs: list[PipelineBrief]


class StepDifferenceReply(Reply):
    """One step run of the past beside the new one."""

    key: str
    label: str
    old_id: AnyStep | None
    new_id: AnyStep | None
    old_output: JsonValue
    new_output: JsonValue
    is_same: bool
    old_cost_micro_usd: int
    new_cost_micro_usd: int
    old_tokens: int
    new_tokens: int
    error: RunError | None


class ClaimDifferenceReply(Reply):
    """How the claims differ, by what they state."""

    kept: int
    added: list[str]
    removed: list[str]


class ComparisonReply(Reply):
    """A past run beside the run that repeats a part of it."""

    old: PipelineBrief
    new: PipelineBrief
    steps: list[StepDifferenceReply]
    claims: ClaimDifferenceReply
    cost_difference_micro_usd: int


class Comparisons(Reply):
    """Every run of a replay beside its original."""

    data: list[ComparisonReply]


@router.post("/v2/pipeline/runs/{run_id}/steps/{step}/rerun", status_code=202)
async def rerun_step(
    run_id: AnyPipeline, step: str, body: Rerun, request: Request,
    who: Principal = require("runs.start", effects="spend"),
) -> PipelineBrief:  # fmt: skip
    """Take one step again as a run of its own, from what it was given then; the old run stays as it is."""
    async with app_of(request).database.transaction(who.account_id) as tx:
        run = await pipeline.rerun(
            tx, run_id, step, overrides=body.variable_overrides, prompts=body.prompt_versions,
            with_dependants=body.with_dependants, by=who.user_id,
        )  # fmt: skip
    return pipeline_brief(run)


@router.get("/v2/pipeline/runs/{run_id}/comparison")
async def compare_rerun(
    run_id: AnyPipeline, request: Request, who: Principal = require("runs.read")
) -> ComparisonReply:
    """A run that repeats a part of another beside that one: outputs, cost and claims."""
    async with app_of(request).database.read(who.account_id) as tx:
        return _comparison(await comparing.compare(tx, run_id))


@router.post("/v2/pipeline/replays", status_code=202)
async def start_replay(
    body: NewReplay, request: Request, who: Principal = require("runs.start", effects="spend")
) -> Replay:
    """Try a prompt's version on past runs: its steps, and all that depend on them, from their captured inputs."""
    async with app_of(request).database.transaction(who.account_id) as tx:
        replay_id, made = await pipeline.replay(
            tx, body.prompt, body.version, client_id=body.client_id, runs_at_most=body.last_runs,
            run_ids=body.run_ids, with_dependants=body.with_dependants, by=who.user_id,
        )  # fmt: skip
    return Replay(replay_id=UUID(replay_id), runs=[pipeline_brief(each) for each in made])


@router.get("/v2/pipeline/replays/{replay_id}")
async def get_replay(replay_id: AnyReplay, request: Request, who: Principal = require("runs.read")) -> Comparisons:
    """Every run of a replay beside its original, without the outputs; each run's own comparison has them."""
    async with app_of(request).database.read(who.account_id) as tx:
        return Comparisons(data=[_comparison(each) for each in await comparing.compare_replay(tx, str(replay_id))])


def _comparison(found: Comparison) -> ComparisonReply:
    return ComparisonReply(
        old=pipeline_brief(found.old), new=pipeline_brief(found.new),
        steps=[StepDifferenceReply.model_validate(each) for each in found.steps],
        claims=ClaimDifferenceReply.model_validate(found.claims),
        cost_difference_micro_usd=found.cost_difference_micro_usd,
    )  # fmt: skip
