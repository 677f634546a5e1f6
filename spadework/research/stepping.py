"""Carries one step of a dossier: its web research, its questions to the model, its claims and its pack.

The part of `jobs` that knows one step; which steps there are and in which order is `jobs.py`'s business.
Each question is one durable step run, recorded before it leaves; what it made is written with its end.
"""

import hashlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from uuid import UUID, uuid5

from pydantic import ValidationError

from spadework.core.db import Transaction
from spadework.core.errors import InvalidInput, SpadeworkError, Unavailable, UnknownReference
from spadework.plug.interpolate import references
from spadework.plug.llm import LlmRequest
from spadework.plug.step import EXTRACTION, PACKING, Ask, Output, Step
from spadework.prompts.actions import resolving
from spadework.prompts.types import Candidate, PromptConfig, PromptInput, Rendered
from spadework.research import addressing, commissioning
from spadework.research.actions import results
from spadework.research.addressing import Addressing
from spadework.research.looking import Looker
from spadework.research.rules import variables, web
from spadework.research.rules.variables import Known, Packed, Produced, Variable
from spadework.runs import actions as runs
from spadework.runs.jobs import Job
from spadework.runs.opening import Opening
from spadework.runs.types import Asked, Notes, StepRun
from spadework.spend.types import Settlement
from spadework.toolbox.cell import CellToolbox, RunDoor
from spadework.toolbox.meter import CellPlace

ADDRESS = "address"
WEB_RESEARCH = "web_research"
LOOK_UP = "look_up"
RESEARCH_TASK = "research_task"
_UNUSABLE = (InvalidInput.code, UnknownReference.code)


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """What a run fixed when it began: the same for every worker that goes on with it."""

    today: str
    client: Mapping[str, Any]
    seed: Mapping[str, Any]
    prompts: Mapping[str, Any]
    search: str | None
    reader: str
    researcher: str | None = None
    finders: Sequence[str] = ()
    verifiers: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a question stands: its step, and the person it is about."""

    step: Step
    key: str
    label: str
    contact_index: int | None = None

    def beside(self, suffix: str, label: str) -> "Place":
        """The place of something that belongs to this one, such as its claims extraction."""
        base, _, index = self.key.partition(":")
        key = f"{base}_{suffix}:{index}" if index else f"{base}_{suffix}"
        return Place(step=self.step, key=key, label=f"{self.label}: {label}", contact_index=self.contact_index)


@dataclass
class Carrier:
    """Carries steps of one run. `generation` differs for runs that must not reuse what another has bought."""

    job: Job
    door: RunDoor
    prepared: Prepared
    overrides: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    _unsettled: dict[str, list[Settlement]] = field(default_factory=dict)
    _step_run_ids: dict[str, UUID] = field(default_factory=dict)
    _versions: dict[str, Candidate] = field(default_factory=dict)
    _kept_sources: set[UUID] = field(default_factory=set)

    async def ask(self, place: Place, ask: Ask, known: Known, *, effect: results.Effect | None = None) -> Produced:
        """The answer to one question, kept as a step run.

        Raises:
            InvalidInput: a variable is missing, or the answer has not the form the step needs. Others as the door's.
        """
        version = self._version(ask.prompt)
        # By the step's id, or by the step run's own key, whichever the person named.
        named = {**self.overrides.get(place.step.id, {}), **self.overrides.get(place.key, {})}
        known = Known(**{**_fields(known), "overrides": named, "given": {**ask.given, **known.given}})
        found = variables.resolve({*references(version.text), *place.step.inputs.model_fields}, known)
        notes = Notes()
        toolbox = self.door.cell(self._cell(place, await self._generation(place.key)), opening=Opening())
        rendered: Rendered | None = None
        problem: SpadeworkError | None = None
        try:
            _require_inputs(place, found)
            rendered = self._render(version, found, place.key)
        except SpadeworkError as error:
            problem = error

        async def answer() -> dict[str, Any]:
            self.job.require_going()
            if rendered is None:
                assert problem is not None
                raise problem
            return await _complete(toolbox, version, ask, rendered, notes, purpose=f"{ask.prompt} {place.key}")

        asked = Asked(
            step=place.step.id, prompt_key=ask.prompt, prompt_version=version.number,
            prompt_id=UUID(str(self.prepared.prompts[ask.prompt]["prompt_id"])),
            interpolated_prompt=rendered.text if rendered else None, contact_index=place.contact_index,
        )  # fmt: skip
        output = await self._step(place, answer, toolbox, found=found, asked=asked, notes=notes, effect=effect)
        return Produced(
            key=place.step.key, step_id=place.key, step_run_id=await self._step_run_id(place.key), output=output
        )  # fmt: skip

    async def research(self, place: Place, known: Known) -> dict[str, Any]:
        """What was found on the web for a step, as variables of its questions: `pages`, and `research_notes`.

        Pages are kept as sources. The first look is a step run of its own, and so is each turn in which the
        model asks for more; a search or page that fails is listed with its reason, and the others count. Where
        a research service does the step, the pages are those that its report cites.

        Raises:
            ProviderUnavailable: nothing could be searched or read at all.
        """
        looker = Looker(self.job, place.step, self.prepared.search, self.prepared.reader)
        if commissioning.is_wanted(place.step, self._version(place.step.asks[0].prompt).config):
            report = await self._commission(place, known)
            done = await self._look(place, looker, known, cited=[each["url"] for each in report["sources"]])
            more, notes = list[UUID](), report["text"][: commissioning.MOST_NOTES_CHARACTERS]
        else:
            done = await self._look(place, looker, known)
            more, notes = await self._look_further(place, looker, known, done)
        ids = list(dict.fromkeys([*(UUID(each["source_id"]) for each in done["pages"]), *more]))
        pages = web.shown(results.shown_pages(await looker.sources(ids)))
        return {"pages": pages, "research_notes": notes}

    async def research_of(self, place: Place, run_id: UUID) -> dict[str, Any]:
        """What another run found for that step: a part is taken again from what it was given then."""
        done = await self.recall(place.beside(WEB_RESEARCH, "").key, run_id)
        if done is None or not isinstance(done.parsed_output, Mapping):
            return {"pages": [], "research_notes": ""}
        ids, notes = [UUID(each["source_id"]) for each in done.parsed_output["pages"]], ""
        task = await self.recall(place.beside(RESEARCH_TASK, "").key, run_id)
        if task is not None and isinstance(task.parsed_output, Mapping):
            notes = task.parsed_output["text"][: commissioning.MOST_NOTES_CHARACTERS]
        for number in range(1, place.step.turns_at_most + 1):
            turn = await self.recall(place.beside(f"{LOOK_UP}-turn-{number}", "").key, run_id)
            if turn is None or not isinstance(turn.parsed_output, Mapping):
                break
            ids += [UUID(each["read"]["source_id"]) for each in turn.parsed_output["findings"] if "read" in each]
            notes = turn.parsed_output["narrative"]
        async with self.job.database.read(self.job.account_id) as tx:
            pages = web.shown(await results.list_pages(tx, run_id, list(dict.fromkeys(ids))))
        return {"pages": pages, "research_notes": notes}

    async def find_address(self, place: Place, person: Mapping[str, Any], *, before: UUID | None) -> None:
        """The work address of one person, from the account's sources, kept with the contact and never as a claim.

        A run that repeats a part of another, `before`, buys nothing and takes what that one was given. Where there
        is nobody to ask, or too little to ask with, that is shown as skipped with its reason.

        Raises:
            InvalidInput: the client wants the person left alone. Others as the door's.
        """
        spot = place.beside(ADDRESS, "work e-mail")
        asked = addressing.question(person)
        index = place.contact_index or 0
        if before is not None:
            kept = await self.recall(spot.key, before)
            if kept is not None and isinstance(kept.parsed_output, Mapping):
                async with self.job.database.transaction(self.job.account_id) as tx:
                    await results.keep_address(tx, self.job.run, index, kept.parsed_output)
            return
        if why := addressing.why_not(person, self.prepared.finders):
            where = Asked(step=place.step.id, contact_index=place.contact_index)
            await self.job.skip(spot.key, spot.label, why=why, asked=where)
            return
        assert asked is not None
        notes, toolbox = Notes(), self.door.cell(self._cell(spot, await self._generation(spot.key)), opening=Opening())
        sources = Addressing(finders=self.prepared.finders, verifier=next(iter(self.prepared.verifiers), None))

        async def find() -> dict[str, Any]:
            self.job.require_going()
            try:
                return {"name": asked.full_name, **await sources.find(toolbox, asked)}
            finally:
                _note(notes, toolbox)

        async def effect(tx: Transaction, step_run_id: UUID, output: Any) -> None:
            await results.keep_address(tx, self.job.run, index, output)

        await self._step(
            spot, find, toolbox, found={}, asked=Asked(step=place.step.id, contact_index=place.contact_index),
            notes=notes, effect=effect,
            inputs={"name": asked.full_name, "domain": asked.domain, "sources": list(self.prepared.finders)},
        )  # fmt: skip

    async def skip(self, place: Place, ask: Ask, why: str) -> None:
        """Show a question that nothing calls for here."""
        asked = Asked(step=place.step.id, prompt_key=ask.prompt, contact_index=place.contact_index)
        await self.job.skip(place.key, place.label, why=why, asked=asked)

    async def pack(self, place: Place, consumer: str, known: Known) -> Packed:
        """The context pack for its consumer, from what is known now."""

        async def effect(tx: Transaction, step_run_id: UUID, output: Any) -> None:
            await results.keep_pack(tx, self.job.run, step_run_id, consumer, output)

        given = {**known.given, "consumer": consumer}
        spot = place.beside("context_pack", "context pack")
        made = await self.ask(
            spot, Ask(prompt=PACKING, output=results.Anything),
            Known(**{**_fields(known), "given": given}), effect=effect,
        )  # fmt: skip
        content = made.output.get("content", made.output)
        return Packed(consumer=consumer, content=content, step_id=spot.key, step_run_id=made.step_run_id)

    async def extract(self, place: Place, produced: Produced, pages: Sequence[Mapping[str, Any]], known: Known) -> None:
        """The claims of an answer, each with its quote looked for in the sources."""

        async def effect(tx: Transaction, step_run_id: UUID, output: Any) -> None:
            read = [str(each["url"]) for each in pages]
            await results.keep_claims(tx, self.job.run, step_run_id, place.step, output, read=read)

        given = {
            **known.given, "step": place.step.id, "source_step": place.step.id, "pages": list(pages),
            "narrative": produced.output.get("narrative", dict(produced.output)), "step_output": dict(produced.output),
        }  # fmt: skip
        spot = place.beside("claims_extraction", "claims extraction")
        await self.ask(
            spot, Ask(prompt=EXTRACTION, output=results.Claims, given=given),
            Known(**{**_fields(known), "outputs": (produced, *known.outputs)}), effect=effect,
        )  # fmt: skip

    async def recall(self, key: str, run_id: UUID) -> StepRun | None:
        """A step run of another run whose answer this one builds on."""
        async with self.job.database.read(self.job.account_id) as tx:
            return await runs.find_step(tx, run_id, key)

    async def write_ends(self) -> None:
        """Write down what calls cost that no step run's end has written, as when the run breaks off."""
        left = [*(each for ends in self._unsettled.values() for each in ends), *self.door.meter.take_ends()]
        self._unsettled.clear()
        if not left:
            return
        with suppress(Unavailable):
            async with self.job.database.transaction(self.job.account_id) as tx:
                await self.door.meter.write_ends(tx, left)
            self.door.meter.written(left)

    async def _step(
        self, place: Place, function: Callable[[], Awaitable[dict[str, Any]]], toolbox: CellToolbox, *,
        found: Mapping[str, Variable], asked: Asked, notes: Notes, effect: results.Effect | None,
        inputs: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:  # fmt: skip
        async def keep(tx: Transaction, step_run_id: UUID, output: Any) -> None:
            self._step_run_ids[place.key] = step_run_id
            # Kept under the step's key: a transaction that did not commit is tried again with the same ends.
            ends = self._unsettled.setdefault(place.key, [])
            ends += self.door.meter.take_ends(field_id=toolbox.place.field_id)
            await self.door.meter.write_ends(tx, ends)
            if output is not None and effect is not None:
                await effect(tx, step_run_id, output)

        try:
            return await self.job.step(
                place.key, place.label, function,
                inputs=inputs if inputs is not None else {name: each.value for name, each in found.items()},
                lineage={name: each.lineage() for name, each in found.items()}, asked=asked, notes=notes, keep=keep,
                opening=toolbox.opening,
            )  # fmt: skip
        finally:
            self.door.meter.written(self._unsettled.pop(place.key, []))

    async def _commission(self, place: Place, known: Known) -> dict[str, Any]:
        """The report of a research service, bought once however often the run is taken up again."""
        found = variables.resolve([*place.step.inputs.model_fields, "company"], known)
        _require_inputs(place, found)
        values = {name: each.value for name, each in found.items()}
        provider, spot, notes = self.prepared.researcher, place.beside(RESEARCH_TASK, "research task"), Notes()
        before = await self.recall(spot.key, self.job.run.id)
        toolbox = self.door.cell(
            self._cell(spot, commissioning.generation(before)),
            patience=commissioning.patience(self.job, spot.key, place.step, before),
        )

        async def wait() -> dict[str, Any]:
            self.job.require_going()
            asked = commissioning.question(place.step, provider, values)
            try:
                return await commissioning.report(toolbox, str(provider), asked)
            finally:
                _note(notes, toolbox)

        return await self._step(
            spot, wait, toolbox, found=found, asked=Asked(step=place.step.id, contact_index=place.contact_index), notes=notes,
            effect=None, inputs={"topic": place.step.topic(values), **values},
        )  # fmt: skip

    async def _look(
        self, place: Place, looker: Looker, known: Known, *, cited: Sequence[str] | None = None
    ) -> dict[str, Any]:
        found = variables.resolve([*place.step.inputs.model_fields, "company", "contact"], known)
        _require_inputs(place, found)
        values = {name: each.value for name, each in found.items()}
        notes, toolbox = Notes(), self.door.cell(self._cell(place), opening=Opening())

        async def look() -> dict[str, Any]:
            self.job.require_going()
            try:
                return await looker.begin(values, toolbox, cited=cited)
            finally:
                _note(notes, toolbox)

        done = await self._step(
            place.beside(WEB_RESEARCH, "pages read"), look, toolbox, found=found,
            asked=Asked(step=place.step.id, contact_index=place.contact_index), notes=notes,
            effect=self._keeping(looker),
            inputs={**({"searches": list(place.step.searches(values))} if cited is None else {"cited": cited}), **values},
        )  # fmt: skip
        self._kept_sources |= {each.id for each in looker.read}
        return done

    async def _look_further(
        self, place: Place, looker: Looker, known: Known, done: Mapping[str, Any]
    ) -> tuple[list[UUID], str]:
        """What the model asked to see besides, turn by turn; nothing where its prompt has no tools."""
        version = self._version(place.step.asks[0].prompt)
        known = Known(**{**_fields(known), "given": {**known.given, "pages": [], "research_notes": ""}})
        found = variables.resolve(references(version.text), known)
        try:
            rendered = self._render(version, found, f"{place.key} {LOOK_UP}")
        except SpadeworkError:
            # What the prompt lacks is said once, where the step itself is asked.
            return [], ""

        async def take(
            key: str, request: LlmRequest, work: Callable[[CellToolbox], Awaitable[dict[str, Any]]]
        ) -> dict[str, Any]:
            spot = place.beside(f"{LOOK_UP}-{key}", f"looking further, {key.replace('-', ' ')}")
            notes = Notes()
            toolbox = self.door.cell(self._cell(spot, await self._generation(spot.key)), opening=Opening())

            async def turn() -> dict[str, Any]:
                self.job.require_going()
                try:
                    return await work(toolbox)
                finally:
                    _note(notes, toolbox)
                    _note_reply(notes, toolbox)

            asked = Asked(
                step=place.step.id, contact_index=place.contact_index,
                interpolated_prompt=f"{request.system}\n\n{request.prompt}",
            )  # fmt: skip
            return await self._step(
                spot, turn, toolbox, found=found, asked=asked, notes=notes, effect=self._keeping(looker)
            )  # fmt: skip

        spot = place.beside(LOOK_UP, "")
        nonce = self._nonce(spot.key)
        return await looker.go_on(done, version, rendered, nonce=nonce, purpose=spot.key, take=take)

    def _keeping(self, looker: Looker) -> results.Effect:
        async def keep(tx: Transaction, step_run_id: UUID, done: Any) -> None:
            # Steps look at the same pages, and those that another step has kept are not sent to the database again.
            await results.keep_sources(tx, [each for each in looker.read if each.id not in self._kept_sources])

        return keep

    def _version(self, prompt: str) -> Candidate:
        if prompt not in self._versions:
            kept = self.prepared.prompts.get(prompt)
            if kept is None:
                raise InvalidInput(
                    f"The run has no version of the prompt {prompt!r}. Load the prompt library, then retry."
                )
            self._versions[prompt] = Candidate(
                number=kept["number"], title=prompt, text=kept["text"],
                config=PromptConfig.model_validate(kept["config"]),
                inputs=tuple(PromptInput.model_validate(each) for each in kept["inputs"]),
            )  # fmt: skip
        return self._versions[prompt]

    def _cell(self, place: Place, generation: str = "") -> CellPlace:
        run_id = self.job.run.id
        return CellPlace(run_id, place.contact_index or 0, uuid5(run_id, place.key), 1, generation)

    async def _generation(self, key: str) -> str:
        """Tells purchases apart after an answer that could not be used: only then is the same asked and paid again."""
        if self.job.is_first_go:
            return ""
        async with self.job.database.read(self.job.account_id) as tx:
            before = await runs.find_step(tx, self.job.run.id, key)
        error = before.error if before else None
        return str(error.get("attempt", "")) if error and error.get("code") in _UNUSABLE else ""

    def _render(self, version: Candidate, found: Mapping[str, Variable], key: str) -> Rendered:
        # In one order of keys, as with the nonce: a question that is asked again is the same purchase.
        values = {name: each.value for name, each in found.items()}
        return resolving.render(version, values, nonce=self._nonce(key), sort_keys=True)

    def _nonce(self, key: str) -> str:
        # The same for every attempt, so that a repeated question is the same purchase; the run's id is
        # random and no page has seen it.
        return hashlib.sha256(f"{self.job.run.id}:{key}".encode()).hexdigest()[:16]

    async def _step_run_id(self, key: str) -> UUID | None:
        if key in self._step_run_ids:
            return self._step_run_ids[key]
        async with self.job.database.read(self.job.account_id) as tx:
            step_run = await runs.find_step(tx, self.job.run.id, key)
        return step_run.id if step_run else None


async def _complete(
    toolbox: CellToolbox, version: Candidate, ask: Ask, rendered: Rendered, notes: Notes, *, purpose: str
) -> dict[str, Any]:
    schema = version.config.output_schema or _schema_of(ask.output)
    request = LlmRequest(
        model=version.config.model, system=rendered.system, prompt=rendered.prompt, output_schema=schema,
        max_tokens=version.config.max_tokens, temperature=version.config.temperature, purpose=purpose,
    )  # fmt: skip
    try:
        reply = await toolbox.complete(request)
    except SpadeworkError as error:
        notes.raw_output = error.details.get("text")
        notes.cost_micro_usd = int(error.details.get("cost_micro_usd") or 0)
        raise
    finally:
        _note(notes, toolbox)
    notes.raw_output, notes.model = reply.text, reply.model
    notes.input_tokens, notes.output_tokens = reply.input_tokens, reply.output_tokens
    try:
        return ask.output.model_validate(reply.parsed).model_dump(mode="json")
    except ValidationError as error:
        place = ".".join(str(each) for each in error.errors()[0]["loc"]) or "the whole"
        raise InvalidInput(
            f"The answer to {version.title} has not the form the step needs ({place}: {error.errors()[0]['msg']}). "
            "Correct the prompt's output schema, then retry.",
            details={"text": reply.text},
        ) from error


@cache
def _schema_of(output: type[Output]) -> dict[str, Any]:
    return output.model_json_schema()


def _note(notes: Notes, toolbox: CellToolbox) -> None:
    notes.calls = [_evidence(each) for each in toolbox.attempts]
    notes.cost_micro_usd = max(notes.cost_micro_usd, toolbox.cost_micro_usd)
    notes.is_simulated = notes.is_simulated or toolbox.is_simulated


def _note_reply(notes: Notes, toolbox: CellToolbox) -> None:
    """What the model of a turn said and used, which stands in the turn's evidence."""
    asked = next((each for each in toolbox.attempts if each["capability"] == "complete"), None)
    if asked is not None:
        notes.raw_output, notes.model = asked["raw_output"], asked["model"]
        notes.input_tokens, notes.output_tokens = asked["input_tokens"], asked["output_tokens"]


def _evidence(attempt: Mapping[str, Any]) -> dict[str, Any]:
    """One call without what the step run's own columns, or the books, hold in full."""
    return {
        name: value for name, value in attempt.items() if name not in ("system", "prompt", "raw_output", "response")
    }


def _require_inputs(place: Place, found: Mapping[str, Variable]) -> None:
    try:
        place.step.inputs.model_validate({name: each.value for name, each in found.items()})
    except ValidationError as error:
        name = ".".join(str(each) for each in error.errors()[0]["loc"])
        raise InvalidInput(
            f"{place.step.id} needs {name!r}, and no earlier step gave it in a usable form. "
            "Look at that step's output, correct its prompt, and retry from there."
        ) from error


def _fields(known: Known) -> dict[str, Any]:
    return {name: getattr(known, name) for name in Known.__dataclass_fields__}
