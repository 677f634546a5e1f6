"""What prompts did: their last step runs in pipelines and tests, page by page, and each one whole."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import Query, Request
from pydantic import JsonValue

from spadework.accounts.types import Principal
from spadework.core.db import ReadOnly
from spadework.prompts.actions import registry
from spadework.research.actions import prompt_trials
from spadework.runs import actions as runs
from spadework.runs.types import PromptUse, StepRun, StepState
from spadework.web.api.runs import RunError
from spadework.web.api.v2_prompts import AnyPrompt
from spadework.web.auth import app_of, require
from spadework.web.routes import MAX_PAGE, AnyClient, AnyRun, AnyStep, Reply, Router

router = Router("prompt-runs")


class PromptRunBrief(Reply):
    """One step run in the list. `version` is null for a draft that was not saved when it was tried."""

    step_run_id: AnyStep
    run_id: AnyRun
    client_id: AnyClient | None
    label: str
    state: StepState
    version: int | None
    model: str | None
    input_tokens: int | None
    output_tokens: int | None
    cost_micro_usd: int
    attempts: int
    error: RunError | None
    is_simulated: bool
    is_test: bool
    started_at: datetime | None
    finished_at: datetime | None
    duration_ms: int | None


class PromptRuns(Reply):
    """A prompt's step runs, newest first."""

    data: list[PromptRunBrief]
    next_cursor: str | None


class PromptRun(PromptRunBrief):
    """One step run whole: every variable and where it came from, what was sent and what came back."""

    input_variables: JsonValue
    lineage: JsonValue
    interpolated_prompt: str | None
    raw_output: str | None
    parsed_output: JsonValue


class LastRunReply(Reply):
    """The last run, null when there is none yet."""

    last_run: PromptRun | None


@router.get("/v2/prompts/{prompt_id}/last-run")
async def get_last_run(
    prompt_id: AnyPrompt, request: Request, who: Principal = require("prompts.read")
) -> LastRunReply:
    """What went in and came out when the prompt ran last, whichever its version, in a pipeline or a test."""
    async with app_of(request).database.read(who.account_id) as tx:
        step = await prompt_trials.last_step(tx, prompt_id)
        return LastRunReply(last_run=await _show(tx, step) if step is not None else None)


@router.get("/v2/prompts/{prompt_id}/runs")
async def list_prompt_runs(
    prompt_id: AnyPrompt,
    request: Request,
    client_id: AnyClient | None = None,
    limit: Annotated[int, Query(ge=1, le=MAX_PAGE)] = 50,
    cursor: Annotated[str | None, Query(max_length=200)] = None,
    who: Principal = require("prompts.read"),
) -> PromptRuns:
    """The step runs made with the prompt, newest first, tests included; of one client when it is named."""
    async with app_of(request).database.read(who.account_id) as tx:
        found = await registry.get(tx, prompt_id)
        page = await runs.list_uses_of_prompt(tx, found.id, client_id=client_id, limit=limit, cursor=cursor)
    return PromptRuns(data=[_brief(each) for each in page.uses], next_cursor=page.next_cursor)


@router.get("/v2/prompts/{prompt_id}/runs/{step_run_id}")
async def get_prompt_run(
    prompt_id: AnyPrompt, step_run_id: AnyStep, request: Request, who: Principal = require("prompts.read")
) -> PromptRun:
    """One step run of the prompt, whole."""
    async with app_of(request).database.read(who.account_id) as tx:
        return await _show(tx, await prompt_trials.get_use(tx, prompt_id, step_run_id))


def _brief(use: PromptUse) -> PromptRunBrief:
    shown: dict[str, Any] = {name: getattr(use, name, None) for name in PromptRunBrief.model_fields}
    own = {"step_run_id": use.id, "version": use.prompt_version, "is_test": use.run_kind == prompt_trials.KIND}
    return PromptRunBrief.model_validate({**shown, **own})


async def _show(tx: ReadOnly, step: StepRun) -> PromptRun:
    run = await runs.get(tx, step.run_id)
    shown: dict[str, Any] = {name: getattr(step, name, None) for name in PromptRun.model_fields}
    is_test = run.kind == prompt_trials.KIND
    own = {
        "step_run_id": step.id, "client_id": run.client_id, "version": step.prompt_version, "is_test": is_test,
        "parsed_output": prompt_trials.output_of(step) if is_test else step.parsed_output,
    }  # fmt: skip
    return PromptRun.model_validate({**shown, **own})
