"""The job `build_workflow`: the builder writes a workflow from the conversation, or repairs one whose test failed."""

from functools import partial
from typing import Any
from uuid import UUID

from spadework.builder.actions import building, talking
from spadework.builder.jobs.asking import Question, open_asker
from spadework.builder.rules import building as rules
from spadework.builder.rules import conversation
from spadework.builder.types import Build
from spadework.core.db import Transaction
from spadework.core.errors import Fenced, Halted, SpadeworkError, Unavailable
from spadework.runs.jobs import Job, job

_STOPPED = "It was stopped."
_BROKE = "Something in Spadework broke; the log says what."


@job(building.KIND, is_awaited=True)
async def build_workflow(job: Job) -> dict[str, Any]:
    """Build or repair the version the run is about. Re-entrant; whatever stops it, the version does not stay in building."""
    try:
        cost = await _build(job)
    except (Fenced, Unavailable):
        raise
    except Halted:
        if not job.is_leaving:
            await _fail(job, _STOPPED)
        raise
    except SpadeworkError as error:
        await _fail(job, error.message)
        raise
    except Exception:
        await _fail(job, _BROKE)
        raise
    await job.report({"total": 1, "done": 1, "cost_micro_usd": cost})
    return {"version_id": job.run.input["version_id"]}


async def _build(job: Job) -> int:
    asked = job.run.input

    async def keep(tx: Transaction, build: Build) -> None:
        await building.finish(tx, asked, build)

    variables = await _variables(job)
    extracts = len(variables["file_extracts"])
    is_repair = bool(asked.get("test_id"))
    question = Question(
        key="repair" if is_repair else "build", label="Repair the script" if is_repair else "Write the workflow",
        prompt="builder.repair" if is_repair else "builder.build", reply=Build,
        problems=partial(rules.problems_of, extracts=extracts), keep=keep,
    )  # fmt: skip
    async with open_asker(job, UUID(str(asked["workflow_id"]))) as asker:
        await asker.ask(question, variables)
        return asker.cost_micro_usd


async def _variables(job: Job) -> dict[str, Any]:
    asked = job.run.input
    async with job.database.read(job.account_id) as tx:
        version, said = await talking.read(tx, UUID(str(asked["workflow_id"])), UUID(str(asked["version_id"])))
        known = conversation.variables(version, said)
        if asked.get("test_id"):
            test = await building.get_test(tx, UUID(str(asked["test_id"])))
            return {**known, **conversation.earlier_build(version), **conversation.failed_test(test)}
        return {**known, **conversation.earlier_build(await talking.find_earlier(tx, asked))}


async def _fail(job: Job, reason: str) -> None:
    async with job.database.transaction(job.account_id) as tx:
        await building.fail(tx, job.run.input, reason)
