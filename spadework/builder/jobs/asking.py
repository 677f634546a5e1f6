"""Puts one question to the language model for a job of the Builder: a visible, paid step, and its bytes in the ledger before they leave.

A reply that cannot be used is given back at most twice with what is wrong with it, each time as a step of its own.
"""

import hashlib
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar
from uuid import UUID, uuid5

from pydantic import BaseModel, ValidationError

from spadework.builder.actions import ledger
from spadework.builder.rules import conversation
from spadework.core.db import Transaction
from spadework.core.errors import InvalidInput, ProviderError, Unavailable
from spadework.plug import departures
from spadework.plug.llm import LlmRequest
from spadework.prompts.actions import resolving
from spadework.prompts.types import PromptVersion, Rendered
from spadework.runs.jobs import Job
from spadework.runs.types import Asked, Notes
from spadework.spend.types import Scopes, Settlement
from spadework.toolbox.cell import CellToolbox, RunDoor
from spadework.toolbox.language import Language
from spadework.toolbox.meter import CellPlace, Meter
from spadework.toolbox.recovery import reconcile_dead_workers, reconcile_run

REPAIRS_AT_MOST = 2
Reply = TypeVar("Reply", bound=BaseModel)


@dataclass(frozen=True, slots=True, kw_only=True)
class Question(Generic[Reply]):
    """One question: the step it is shown as, its prompt, and what makes its reply usable.

    `problems` says what a reply in the right form still lacks. `keep` writes what came of it, in the transaction
    that records the end of the step.
    """

    key: str
    label: str
    prompt: str
    reply: type[Reply]
    problems: Callable[[Reply], Sequence[str]]
    keep: Callable[[Transaction, Reply], Any]


@dataclass
class Asker:
    """Asks for one run; open its meter with `open_asker`."""

    job: Job
    door: RunDoor
    workflow_id: UUID
    _unsettled: dict[str, list[Settlement]] = field(default_factory=dict)
    cost_micro_usd: int = 0

    async def ask(self, question: Question[Reply], variables: Mapping[str, Any]) -> Reply:
        """The reply, usable and kept.

        Raises:
            ProviderError: three replies could not be used. Others as the door's and of a prompt that is not there.
        """
        async with self.job.database.read(self.job.account_id) as tx:
            version = await resolving.resolve(tx, question.prompt)
        given: dict[str, Any] = {**variables, "problems": None, "previous_reply": None}
        for attempt in range(REPAIRS_AT_MOST + 1):
            done = await self._try(question, version, given, attempt)
            if "answer" in done:
                return question.reply.model_validate(done["answer"])
            given |= conversation.told(done["problems"], done["reply"])
        raise ProviderError(
            f"The language model gave no usable answer in {REPAIRS_AT_MOST + 1} attempts: {done['problems'][0]} "
            "Say it in other words and send it again, or choose a stronger model in Settings › Language models."
        )

    async def write_left(self) -> None:
        """Write down what calls cost that no step's end has written, as when the run breaks off."""
        left = [*(each for ends in self._unsettled.values() for each in ends), *self.door.meter.take_ends()]
        self._unsettled.clear()
        if left:
            with suppress(Unavailable):
                async with self.job.database.transaction(self.job.account_id) as tx:
                    await self.door.meter.write_ends(tx, left)
                self.door.meter.written(left)

    async def _try(
        self, question: Question[Reply], version: PromptVersion, given: Mapping[str, Any], attempt: int
    ) -> dict[str, Any]:
        key = question.key if attempt == 0 else f"{question.key}-again-{attempt}"
        label = question.label if attempt == 0 else f"{question.label}, again with what was wrong ({attempt})"
        rendered = resolving.render(version, given, nonce=self._nonce(key))
        request = LlmRequest(
            model=version.config.model, system=rendered.system, prompt=rendered.prompt,
            output_schema=version.config.output_schema or question.reply.model_json_schema(),
            max_tokens=version.config.max_tokens, temperature=version.config.temperature, repairs_at_most=0,
            purpose=f"{question.prompt} {key}",
        )  # fmt: skip
        notes, toolbox = Notes(), self.door.cell(self._place(key))

        async def answer() -> dict[str, Any]:
            self.job.require_going()
            with departures.heard_by(self._entering(label)):
                return await _complete(toolbox, request, question, notes)

        async def keep(tx: Transaction, step_run_id: UUID, done: Any) -> None:
            # Kept under the step's key: a transaction that did not commit is tried again with the same ends.
            ends = self._unsettled.setdefault(key, [])
            ends += self.door.meter.take_ends()
            await self.door.meter.write_ends(tx, ends)
            if done is not None and "answer" in done:
                await question.keep(tx, question.reply.model_validate(done["answer"]))

        try:
            return await self.job.step(
                key, label, answer, inputs=rendered.variables, asked=self._asked(question, version, rendered),
                notes=notes, keep=keep,
            )  # fmt: skip
        finally:
            self.door.meter.written(self._unsettled.pop(key, []))
            self.cost_micro_usd += notes.cost_micro_usd

    def _entering(self, label: str) -> departures.Listener:
        """What leaves for the model, in the ledger before it does."""

        async def enter(content: bytes) -> None:
            async with self.job.database.transaction(self.job.account_id) as tx:
                await ledger.enter(tx, self.workflow_id, direction="to_llm", what=label, content=content)

        return enter

    def _asked(self, question: Question[Reply], version: PromptVersion, rendered: Rendered) -> Asked:
        return Asked(
            step=question.key, prompt_key=question.prompt, prompt_version=version.number, prompt_id=version.prompt_id,
            interpolated_prompt=rendered.text,
        )  # fmt: skip

    def _place(self, key: str) -> CellPlace:
        run_id = self.job.run.id
        return CellPlace(table_id=run_id, row_id=0, field_id=uuid5(run_id, key), settings_version=1)

    def _nonce(self, key: str) -> str:
        # The same for every attempt, so that a repeated question is the same purchase; no file or message has
        # seen the run's random id.
        return hashlib.sha256(f"{self.job.run.id}:{key}".encode()).hexdigest()[:16]


@asynccontextmanager
async def open_asker(job: Job, workflow_id: UUID) -> AsyncIterator[Asker]:
    """Somebody who asks for this run, with what earlier holders of the run left open settled."""
    app = job.app
    scopes = Scopes(account_id=job.account_id, run_id=job.run.id)
    await reconcile_dead_workers(job.database, app.vendors, app.settings.journal_dir)
    await reconcile_run(job.database, app.vendors, app.journal, scopes, app.worker_id)
    meter = Meter(
        job.database, scopes, worker_id=app.worker_id, journal=app.journal, stop=job.stop, gather_seconds=0.0
    )  # fmt: skip
    language = Language(job.account_id, app.settings, job.database, app.box)
    door = RunDoor(
        account_id=job.account_id, vendors=app.vendors, meter=meter, language=language, is_training=job.run.is_simulated
    )
    asker = Asker(job, door, workflow_id)
    async with meter:
        try:
            yield asker
        finally:
            await asker.write_left()


async def _complete(
    toolbox: CellToolbox, request: LlmRequest, question: Question[Reply], notes: Notes
) -> dict[str, Any]:  # fmt: skip
    """The answer, or what is wrong with the reply; a reply that is no answer at all is wrong too, not an error."""
    try:
        reply = await toolbox.complete(request)
    except InvalidInput as error:
        notes.raw_output = error.details.get("text")
        notes.cost_micro_usd = int(error.details.get("cost_micro_usd") or 0)
        if error.details.get("reason") == "declined" or error.details.get("text") is None:
            raise
        return {"problems": _reasons(error), "reply": str(error.details["text"])}
    finally:
        notes.calls = [_evidence(each) for each in toolbox.attempts]
        notes.cost_micro_usd = max(notes.cost_micro_usd, toolbox.cost_micro_usd)
        notes.is_simulated = toolbox.is_simulated
    notes.raw_output, notes.model = reply.text, reply.model
    notes.input_tokens, notes.output_tokens = reply.input_tokens, reply.output_tokens
    try:
        found = question.reply.model_validate(reply.parsed)
    except ValidationError as error:
        problems = [f"{'.'.join(map(str, each['loc'])) or 'the reply'}: {each['msg']}" for each in error.errors()[:10]]
        return {"problems": problems, "reply": reply.text}
    if problems := list(question.problems(found)):
        return {"problems": problems, "reply": reply.text}
    return {"answer": found.model_dump(mode="json")}


def _reasons(error: InvalidInput) -> list[str]:
    if error.details.get("reason") == "cut":
        return ["The reply was cut off because it was too long. Write a shorter one."]
    return [str(each) for each in error.details.get("errors") or ()][:10] or [error.message]


def _evidence(attempt: Mapping[str, Any]) -> dict[str, Any]:
    """One call without what the step's own columns, or the books, hold in full."""
    return {
        name: value for name, value in attempt.items() if name not in ("system", "prompt", "raw_output", "response")
    }
