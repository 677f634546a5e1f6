"""The job `try_prompt`: asks the language model for each candidate on each case, and judges what comes back.

It stands here because prompts themselves are below the toolbox, which pays. Every trial is one durable
step run; one that fails is recorded as failed and the others go on.
"""

import asyncio
import hashlib
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import orjson

from spadework.clients import actions as clients
from spadework.core.db import Transaction
from spadework.core.errors import Fenced, Halted, InvalidInput, SpadeworkError, Unavailable
from spadework.plug.llm import LlmReply, LlmRequest
from spadework.prompts.actions import evaluating, resolving
from spadework.prompts.types import Candidate, Case, Experiment, Output, Rendered, Verdict
from spadework.research.actions.prompt_trials import KIND
from spadework.runs.jobs import Job, job
from spadework.runs.types import Asked, Notes
from spadework.spend.types import Scopes, Settlement
from spadework.toolbox.cell import CellToolbox, RunDoor
from spadework.toolbox.language import Language
from spadework.toolbox.meter import CellPlace, Meter
from spadework.toolbox.recovery import reconcile_dead_workers, reconcile_run

STEP = "try"
"""The step that every trial's step run names."""
_AT_ONCE = 5


@job(KIND, is_awaited=True)
async def try_prompt(job: Job) -> Mapping[str, Any]:
    """Every candidate on every case; what an earlier go has done is not asked again. Gives the summary."""
    async with job.database.read(job.account_id) as tx:
        experiment = await evaluating.get_experiment(tx, UUID(str(job.run.input["experiment_id"])))
        client = await clients.get(tx, experiment.client_id) if experiment.client_id else None
    app = job.app
    scopes = Scopes(account_id=job.account_id, client_id=experiment.client_id, run_id=job.run.id)
    await reconcile_dead_workers(job.database, app.vendors, app.settings.journal_dir)
    await reconcile_run(job.database, app.vendors, app.journal, scopes, app.worker_id)
    meter = Meter(
        job.database, scopes, worker_id=app.worker_id, journal=app.journal, stop=job.stop,
        reuses_answers=not experiment.is_fresh,
    )  # fmt: skip
    language = Language(
        job.account_id, app.settings, job.database, app.box, llm=client.llm if client else None,
        model=client.model if client else None,
    )  # fmt: skip
    door = RunDoor(
        account_id=job.account_id, vendors=app.vendors, meter=meter, language=language, is_training=job.run.is_simulated
    )
    trials = _Trials(job, experiment, door)
    async with meter:
        try:
            await trials.carry_out()
        finally:
            await trials.write_left()
    async with job.database.transaction(job.account_id) as tx:
        summary = await evaluating.finish(tx, experiment.id)
        await tx.notify(
            "prompts",
            {"type": "experiment", "experiment_id": str(experiment.id), "prompt_id": str(experiment.prompt_id)},
        )
    return summary


@dataclass
class _Tried:
    """What one trial has come to, for the transaction that records its end."""

    output: Output | None = None
    verdicts: list[Verdict] = field(default_factory=list)


@dataclass
class _Trials:
    """All trials of one experiment, a few at a time."""

    job: Job
    experiment: Experiment
    door: RunDoor
    _unsettled: dict[str, list[Settlement]] = field(default_factory=dict)
    _done: int = 0
    _cost_micro_usd: int = 0

    async def carry_out(self) -> None:
        slots = asyncio.Semaphore(_AT_ONCE)

        async def one(candidate_no: int, case_no: int) -> None:
            async with slots:
                self.job.require_going()
                await self._try(candidate_no, case_no)

        places = [(c, n) for n in range(len(self.experiment.cases)) for c in range(len(self.experiment.candidates))]
        tasks = [asyncio.create_task(one(*each)) for each in places]
        try:
            await asyncio.gather(*tasks)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def write_left(self) -> None:
        """Write down what calls cost that no trial's end has written, as when the run breaks off."""
        left = [*(each for ends in self._unsettled.values() for each in ends), *self.door.meter.take_ends()]
        self._unsettled.clear()
        if left:
            with suppress(Unavailable):
                async with self.job.database.transaction(self.job.account_id) as tx:
                    await self.door.meter.write_ends(tx, left)
                self.door.meter.written(left)

    async def _try(self, candidate_no: int, case_no: int) -> None:
        candidate, case = self.experiment.candidates[candidate_no], self.experiment.cases[case_no]
        rendered = resolving.render(candidate, case.variables, nonce=_nonce(candidate, case))
        key, tried, notes = f"{candidate_no}-{case_no}", _Tried(), Notes()

        async def ask() -> dict[str, Any]:
            self.job.require_going()
            return await self._ask(candidate_no, case_no, rendered, tried, notes)

        async def keep(tx: Transaction, step_run_id: UUID, result: Any) -> None:
            # Kept under the trial's key: a transaction that did not commit is tried again with the same ends.
            ends = self._unsettled.setdefault(key, [])
            ends += self.door.meter.take_ends()
            await self.door.meter.write_ends(tx, ends)
            if tried.output is not None:
                await evaluating.record_trial(
                    tx, self.experiment, candidate_no, case_no, tried.output, tried.verdicts
                )  # fmt: skip

        asked = Asked(
            step=STEP, prompt_key=self.experiment.key, prompt_version=candidate.number,
            prompt_id=self.experiment.prompt_id, interpolated_prompt=rendered.text,
        )  # fmt: skip
        try:
            await self.job.step(
                key, f"{candidate.title} on {case.name}", ask, inputs=case.variables, lineage=_lineage(case),
                asked=asked, notes=notes, keep=keep,
            )  # fmt: skip
        except (Halted, Fenced, Unavailable):
            raise
        except SpadeworkError:
            pass  # it stands in the trial and in its step run; the others are worth having
        finally:
            self.door.meter.written(self._unsettled.pop(key, []))
        await self._report(tried)

    async def _ask(
        self, candidate_no: int, case_no: int, rendered: Rendered, tried: _Tried, notes: Notes
    ) -> dict[str, Any]:
        candidate = self.experiment.candidates[candidate_no]
        toolbox = self.door.cell(self._place(candidate_no, case_no))
        config = candidate.config
        began = time.monotonic()
        failure: SpadeworkError | None = None
        reply: LlmReply | None = None
        try:
            reply = await toolbox.complete(
                LlmRequest(
                    model=config.model, system=rendered.system, prompt=rendered.prompt,
                    output_schema=config.output_schema, max_tokens=config.max_tokens, temperature=config.temperature,
                )
            )  # fmt: skip
        except (Halted, Fenced, Unavailable):
            raise
        except SpadeworkError as error:
            failure = error
        output = _output(rendered, reply, failure, toolbox, duration_ms=round((time.monotonic() - began) * 1000))
        tried.output = output
        if output.raw_output is not None:
            tried.verdicts = await self._judge(candidate_no, case_no, output)
        notes.raw_output, notes.model = output.raw_output, output.model
        notes.input_tokens, notes.output_tokens = output.input_tokens, output.output_tokens
        notes.cost_micro_usd, notes.is_simulated, notes.calls = (
            output.cost_micro_usd,
            output.is_simulated,
            toolbox.attempts,
        )
        self._cost_micro_usd += output.cost_micro_usd
        if failure is not None:
            raise failure
        return {"output": output.parsed_output if output.parsed_output is not None else output.raw_output}

    async def _judge(self, candidate_no: int, case_no: int, output: Output) -> list[Verdict]:
        subject = evaluating.subject(self.experiment, candidate_no, case_no, output)
        verdicts: list[Verdict] = []
        for kind in evaluating.judges(self.experiment):
            request = evaluating.judge_request(kind, subject)
            if request is None:
                verdicts.append(evaluating.check(kind, subject))
                continue
            toolbox = self.door.cell(self._place(candidate_no, case_no))
            try:
                verdicts.append(evaluating.check_reply(kind, await toolbox.complete(request)))
            except (Halted, Fenced, Unavailable):
                raise
            except SpadeworkError as error:
                verdicts.append(Verdict(kind=kind.kind, is_passed=False, reason=f"It was not judged. {error.message}"))
            self._cost_micro_usd += toolbox.cost_micro_usd
        return verdicts

    async def _report(self, tried: _Tried) -> None:
        self._done += 1
        total = len(self.experiment.cases) * len(self.experiment.candidates)
        async with self.job.database.transaction(self.job.account_id) as tx:
            await self.job.report(
                {"total": total, "done": self._done, "cost_micro_usd": self._cost_micro_usd}, tx=tx
            )  # fmt: skip
            await self.job.announce(tx)

    def _place(self, candidate_no: int, case_no: int) -> CellPlace:
        return CellPlace(
            table_id=self.experiment.id,
            row_id=case_no,
            field_id=self.experiment.prompt_id,
            settings_version=candidate_no,
        )


def _output(
    rendered: Rendered,
    reply: LlmReply | None,
    failure: SpadeworkError | None,
    toolbox: CellToolbox,
    *,
    duration_ms: int,
) -> Output:
    details = failure.details if failure is not None else {}
    error = {"code": failure.code, "message": failure.message} if failure is not None else None
    if reply is None:
        return Output(
            interpolated_prompt=rendered.text, raw_output=details.get("text") if isinstance(failure, InvalidInput) else None,
            cost_micro_usd=int(details.get("cost_micro_usd") or toolbox.cost_micro_usd), duration_ms=duration_ms,
            attempts=int(details.get("attempts") or 1), is_simulated=toolbox.is_simulated, error=error,
        )  # fmt: skip
    return Output(
        interpolated_prompt=rendered.text, raw_output=reply.text, parsed_output=reply.parsed, model=reply.model,
        input_tokens=reply.input_tokens, output_tokens=reply.output_tokens, cost_micro_usd=toolbox.cost_micro_usd,
        duration_ms=duration_ms, attempts=reply.attempts, is_simulated=reply.is_simulated,
    )  # fmt: skip


def _nonce(candidate: Candidate, case: Case) -> str:
    """The same for the same question, so that it is bought once. Nobody can write text that holds its own digest."""
    content: Sequence[Any] = [candidate.text, dict(case.variables)]
    return hashlib.sha256(orjson.dumps(content, option=orjson.OPT_SORT_KEYS, default=str)).hexdigest()[:16]


def _lineage(case: Case) -> dict[str, Any]:
    origin = "step" if case.step_run_id else "fixture" if case.fixture_id else "override"
    source_id = case.step_run_id or case.fixture_id
    return {
        name: {"source": origin, "step": case.name, "path": name, "step_run_id": str(source_id) if source_id else None}
        for name in case.variables
    }
