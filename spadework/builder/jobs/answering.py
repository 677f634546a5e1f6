"""The job `answer_message`: the validator where a workflow begins, then the clarifier, which asks or lets it be built."""

from typing import Any
from uuid import UUID

from spadework.builder.actions import talking
from spadework.builder.jobs.asking import Asker, Question, open_asker
from spadework.builder.rules import conversation
from spadework.builder.rules.conversation import Clarification, Verdict
from spadework.builder.types import MOST_QUESTIONS
from spadework.core.db import Transaction
from spadework.core.errors import Fenced, Unavailable
from spadework.core.ids import UserId
from spadework.runs.jobs import Job, job

_NOTHING_LEFT_TO_ASK = "Five questions were asked, so the workflow is built from what is known."


@job(talking.KIND, is_awaited=True)
async def answer_message(job: Job) -> dict[str, Any]:
    """Answer the message the run is about; gives its `status`, `message` and `suggestions`. Re-entrant.

    However it ends, the message is in flight no more, unless another worker goes on with it.
    """
    asked = job.run.input
    try:
        async with open_asker(job, UUID(str(asked["workflow_id"]))) as asker:
            await _answer(job, asker)
    except (Fenced, Unavailable):
        raise
    except Exception:
        if not job.is_leaving:
            await _land(job)
        raise
    await _land(job)
    async with job.database.read(job.account_id) as tx:
        answer = await talking.outcome(tx, asked)
    await job.report({"total": 1, "done": 1, "cost_micro_usd": asker.cost_micro_usd})
    return {"status": answer.status, "message": answer.message, "suggestions": list(answer.suggestions)}


async def _answer(job: Job, asker: Asker) -> None:
    asked = job.run.input

    async def keep_verdict(tx: Transaction, verdict: Verdict) -> None:
        await talking.keep_verdict(tx, asked, verdict)

    async def keep_clarification(tx: Transaction, found: Clarification) -> None:
        await talking.keep_clarification(tx, asked, found, by=_author(job))

    if asked["validates"]:
        verdict = await asker.ask(
            Question(
                key="validate", label="Check whether a script can do it", prompt="builder.validate", reply=Verdict,
                problems=conversation.problems_of, keep=keep_verdict,
            ),
            await _variables(job),
        )  # fmt: skip
        if not verdict.feasible:
            return
    async with job.database.transaction(job.account_id) as tx:
        await talking.begin_clarifying(tx, asked)
    variables = await _variables(job)
    if variables["questions_left"] <= 0:
        await job.skip("clarify", "Ask what is missing", why=_NOTHING_LEFT_TO_ASK)
        async with job.database.transaction(job.account_id) as tx:
            await talking.keep_clarification(tx, asked, Clarification(needs_clarification=False), by=_author(job))
        return
    await asker.ask(
        Question(
            key="clarify", label="Ask what is missing", prompt="builder.clarify", reply=Clarification,
            problems=conversation.problems_of, keep=keep_clarification,
        ),
        variables,
    )  # fmt: skip


async def _variables(job: Job) -> dict[str, Any]:
    asked = job.run.input
    async with job.database.read(job.account_id) as tx:
        version, said = await talking.read(tx, UUID(str(asked["workflow_id"])), UUID(str(asked["version_id"])))
        earlier = await talking.find_earlier(tx, asked)
    known = conversation.variables(version, said)
    return {**known, **conversation.earlier_build(earlier), "most_questions": MOST_QUESTIONS}


async def _land(job: Job) -> None:
    async with job.database.transaction(job.account_id) as tx:
        await talking.land(tx, job.run.input)


def _author(job: Job) -> UserId | None:
    return UserId(job.run.created_by) if job.run.created_by else None
