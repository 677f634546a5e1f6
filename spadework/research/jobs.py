"""The jobs of research: `research_pipeline` fills one dossier, step by step, and never any step twice."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from types import MappingProxyType
from typing import Any
from uuid import UUID

from spadework.core.db import ReadOnly, Transaction
from spadework.core.errors import Fenced, Halted, SpadeworkError, Unavailable
from spadework.plug.step import Ask, Step
from spadework.research.actions import pipeline, results
from spadework.research.doors import open_door
from spadework.research.rules import sequence
from spadework.research.rules.variables import Known, Packed, Produced
from spadework.research.stepping import Carrier, Place, Prepared
from spadework.research.types.claims import PIPELINE_KIND
from spadework.runs.jobs import Job, job

CONTACTS_AT_MOST = 15
CONTACTS_AT_ONCE = 5
_TOLD_AFTER_SECONDS = 0.01
_APART_SECONDS = 0.002
"""Between what is begun side by side: long enough for a statement or two of what is begun already."""


@job(PIPELINE_KIND)
async def research_pipeline(job: Job) -> dict[str, Any]:
    """Fill the dossier of this run; its input is what `actions.pipeline.start` wrote.

    Re-entrant: what is done is read and not done again, and purchases are found by their keys.
    """
    prepared = Prepared(**await job.step(f"prepare-{job.run.attempts}", "Prepare", partial(_prepare, job)))
    base = job.run.input.get("base")
    door = await open_door(
        job, llm=job.run.input.get("llm"), model=job.run.input.get("model"), reuses_answers=base is None
    )
    carrier = Carrier(job, door, prepared, overrides=job.run.input.get("overrides") or {})
    flow = Flow(job, carrier, pipeline.load_steps(), base)
    async with door.meter:
        try:
            return await flow.run()
        finally:
            await carrier.write_ends()


async def _prepare(job: Job) -> dict[str, Any]:
    async with job.database.transaction(job.account_id) as tx:
        return await pipeline.prepare(tx, job.run)


@dataclass
class Flow:
    """One run's steps on their way. `base` names the run this one repeats a part of, and which part."""

    job: Job
    carrier: Carrier
    steps: Sequence[Step]
    base: Mapping[str, Any] | None
    produced: dict[str, list[Produced]] = field(default_factory=dict)
    packs: dict[str, Packed] = field(default_factory=dict)
    done: set[str] = field(default_factory=set)
    failed_contacts: dict[int, str] = field(default_factory=dict)
    _ground: results.Ground | None = None
    _facts_of: dict[tuple[frozenset[str], bool], dict[str, Any]] = field(default_factory=dict)
    _reading: asyncio.Lock = field(default_factory=asyncio.Lock)
    _reports: list[asyncio.Task[None]] = field(default_factory=list)
    _reporting: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def run(self) -> dict[str, Any]:
        """Take every step as soon as those it waits for have ended.

        Raises:
            Halted: Stop was pressed. SpadeworkError: a step failed; those beside it have ended.
        """
        if self.base is not None:
            await self._carry_over()
        self._tell_beside()
        lanes = [each for each in self.steps if each.is_per_contact]
        tasks: dict[str, asyncio.Task[None]] = {}
        for step in self.steps:
            if step not in lanes:
                tasks[step.key] = asyncio.create_task(self._when_ready(step, tasks))
        if lanes:
            waits = [tasks[name] for step in lanes for name in step.after if name in tasks]
            tasks["contacts"] = asyncio.create_task(self._after(waits, lambda: self._take_lanes(lanes)))
        try:
            await _all(list(tasks.values()))
        finally:
            await asyncio.gather(*self._reports, return_exceptions=True)
        return await self._finish()

    async def _when_ready(self, step: Step, tasks: Mapping[str, asyncio.Task[None]]) -> None:
        await self._after([tasks[name] for name in step.after], lambda: self._take(step))

    async def _after(self, waits: Sequence[asyncio.Task[None]], act: Callable[[], Awaitable[None]]) -> None:
        if waits:
            await asyncio.wait(waits)
        if any(each.cancelled() or each.exception() for each in waits):
            raise _NotReached
        self.job.require_going()
        await act()

    async def _take(self, step: Step) -> None:
        known = await self._known(step)
        if not self._is_wanted(step):
            await self._recall(step)
            return
        place = Place(step=step, key=step.id, label=step.label)
        answers = await self._answer(place, known)
        self.produced[step.key] = answers
        if step.makes_pack:
            known = replace(await self._known(step, has_found=True), outputs=(*reversed(answers), *known.outputs))
            self.packs[step.key] = await self.carrier.pack(place, step.makes_pack, known)
        self._ended(step)

    async def _answer(self, place: Place, known: Known) -> list[Produced]:
        """The step's answers, one for each question that makes sense here, and their claims."""
        step = place.step
        pages: list[dict[str, Any]] = []
        if step.mode != "sync":
            found = await (self._found_before(place) if self.base else self.carrier.research(place, known))
            pages = found["pages"]
            known = replace(known, given={**known.given, **found})
        answers: list[Produced] = []
        wanted = [each for each in step.asks if self._is_asked(place, each)]
        others = await self._recalled(place, [each for each in step.asks if each not in wanted])
        if step.is_in_turn:
            for ask in wanted:
                now = replace(known, outputs=(*reversed([*others, *answers]), *known.outputs))
                answers += await self._ask(place, ask, now)
                if ask.effect == "merge":
                    self._facts_of.clear()
                    known = replace(known, computed=(await self._known(step, has_found=True)).computed)
        else:
            sections = await self._sections(wanted)
            given = await _all([self._ask(place, ask, known, sections) for ask in wanted])
            answers = [each for one in given for each in one]
        if step.makes_claims:
            for each in answers:
                await self.carrier.extract(place, each, pages, known)
            self._facts_of.clear()
        return [*others, *answers]

    async def _sections(self, asks: Sequence[Ask]) -> Mapping[str, Mapping[str, Any]]:
        """What the sections that these questions are about are written from, by section."""
        keys = [str(each.given["section_key"]) for each in asks if "section_key" in each.given]
        if not keys:
            return {}
        async with self.job.database.read(self.job.account_id) as tx:
            self._ground = await results.read_ground(tx, self.job.run.id)
            return await results.section_facts(tx, self.job.run.id, keys, self._ground)

    async def _ask(
        self, place: Place, ask: Ask, known: Known, sections: Mapping[str, Mapping[str, Any]] = MappingProxyType({})
    ) -> list[Produced]:
        spot = _place_of(place, ask)
        variables = {name: each for produced in reversed(known.outputs) for name, each in produced.output.items()}
        if not place.step.is_wanted(ask, {**variables, **known.given}):
            await self.carrier.skip(spot, ask, "Nothing calls for it here.")
            return []
        known = replace(known, given={**sections.get(str(ask.given.get("section_key")), {}), **known.given})
        return [await self.carrier.ask(spot, ask, known, effect=self._effect(spot, ask))]

    def _effect(self, place: Place, ask: Ask) -> results.Effect:
        async def effect(tx: Any, step_run_id: UUID, output: Any) -> None:
            await results.keep(
                tx, self.job.run, step_run_id, ask, output, contact_index=place.contact_index,
                unwanted=results.Unwanted.of(self.carrier.prepared.client), ground=self._ground,
            )  # fmt: skip

        return effect

    # --- people --------------------------------------------------------------------------------------

    async def _take_lanes(self, lanes: Sequence[Step]) -> None:
        """Every person through the steps that are taken for each, five at once; one's failure is that one's alone."""
        wanted = [each for each in lanes if self._is_wanted(each)]
        if not wanted:
            self.done |= {each.key for each in lanes}
            return
        people = [each for each in self._people(lanes[0]) if self._is_one_of_ours(each[0])]
        known = await self._known(lanes[0])
        slots = asyncio.Semaphore(CONTACTS_AT_ONCE)

        async def one(index: int, person: Mapping[str, Any]) -> None:
            has_waited = slots.locked()
            async with slots:
                if has_waited:
                    # The first of them begin right after the client was looked at.
                    await self._require_client()
                await self._take_person(lanes, index, person, known)

        await _all([one(index, person) for index, person in people])
        self._ended(*lanes)

    async def _take_person(self, lanes: Sequence[Step], index: int, person: Mapping[str, Any], known: Known) -> None:
        source = next((each for each in known.outputs if "contacts" in each.output), None)
        current = {**person, "contact_index": index}
        if source is not None:
            known = replace(known, outputs=(replace(source, output={"contact": current}), *known.outputs))
        looking: list[asyncio.Task[None]] = []
        try:
            try:
                for step in lanes:
                    self.job.require_going()
                    label = _of(step.label, current)
                    place = Place(step=step, key=f"{step.id}:{index}", label=label, contact_index=index)
                    if self._is_wanted(step):
                        answers = await self._answer(place, known)
                    else:
                        answers = await self._recalled(place, step.asks)
                    for each in answers:
                        given = {name: value for name, value in each.output.items() if value is not None}
                        current = {**current, **given}
                        joined = replace(each, output={**each.output, "contact": current})
                        known = replace(known, outputs=(joined, *known.outputs))
                    if step.finds_address and self._is_wanted(step):
                        # Beside the steps after it, none of which needs the address.
                        looking.append(asyncio.create_task(self._find_address(place, current)))
            finally:
                await asyncio.gather(*looking, return_exceptions=True)
            for task in looking:
                task.result()
        except (Halted, Fenced, Unavailable):
            raise
        except SpadeworkError as error:
            self.failed_contacts[index] = error.message
            async with self.job.database.transaction(self.job.account_id) as tx:
                await results.keep_failure(tx, self.job.run, index, error.message)

    async def _require_client(self) -> None:
        async with self.job.database.read(self.job.account_id) as tx:
            await pipeline.require_client(tx, self.job.run)

    async def _find_address(self, place: Place, person: Mapping[str, Any]) -> None:
        before = UUID(str(self.base["run_id"])) if self.base else None
        await self.carrier.find_address(place, person, before=before)

    def _people(self, lane: Step) -> list[tuple[int, dict[str, Any]]]:
        for name in lane.after:
            for each in self.produced.get(name, []):
                if isinstance(each.output.get("contacts"), list):
                    unwanted = results.Unwanted.of(self.carrier.prepared.client)
                    return results.list_people(each.output, unwanted)[:CONTACTS_AT_MOST]
        return []

    # --- what is known -------------------------------------------------------------------------------

    async def _known(self, step: Step, *, has_found: bool = False) -> Known:
        """Everything a variable of this step may come from, once it `has_found` also what that is; steps beside do not.

        Raises:
            NotFound, Conflict: the client was removed or archived meanwhile, so nothing more is done for it.
        """
        earlier = [each for each in reversed(sequence.before(self.steps, step.key)) if not each.is_per_contact]
        async with self.job.database.read(self.job.account_id) as tx:
            await pipeline.require_client(tx, self.job.run)
            facts = await self._facts(tx, [step, *earlier] if has_found else earlier)
        prepared = self.carrier.prepared
        return Known(
            outputs=tuple(answer for each in earlier for answer in reversed(self.produced.get(each.key, []))),
            packs=tuple(self.packs[each.key] for each in earlier if each.key in self.packs),
            client=prepared.client, seed=prepared.seed, computed={"current_date": prepared.today, **facts},
        )  # fmt: skip

    async def _facts(self, tx: ReadOnly, steps: Sequence[Step]) -> dict[str, Any]:
        """What these steps have found, read once for all that build on it, until one of them finds more."""
        found = frozenset(each.id for each in steps if each.makes_claims), any(_merges(each) for each in steps)
        async with self._reading:
            if found not in self._facts_of:
                makers, is_merged = found
                self._facts_of[found] = await results.facts(tx, self.job.run.id, makers, is_merged=is_merged)
            return self._facts_of[found]

    # --- a part of an earlier run --------------------------------------------------------------------

    def _is_wanted(self, step: Step) -> bool:
        return self.base is None or step.key in self.base["steps"]

    def _is_asked(self, place: Place, ask: Ask) -> bool:
        """Whether the step's question is put: all are, unless only one question of that very step is repeated."""
        only = self.base.get("only") if self.base else None
        if only is None or sequence.find(self.steps, only) is not place.step:
            return True
        name = only.partition(":")[0]
        return name in (place.step.id, place.step.key) or name == ask.id

    def _is_one_of_ours(self, index: int) -> bool:
        """Whether the steps taken for each person are taken for that one: for all, unless one alone is repeated."""
        only = str(self.base.get("only") or "") if self.base else ""
        return ":" not in only or only.partition(":")[2] == str(index)

    async def _carry_over(self) -> None:
        assert self.base is not None
        base_id, kept = UUID(str(self.base["run_id"])), [each for each in self.steps if not self._is_wanted(each)]

        async def copy() -> dict[str, Any]:
            async with self.job.database.transaction(self.job.account_id) as tx:
                return await results.carry_over(tx, self.job.run.id, base_id, kept)

        await self.job.step("carry-over", "Take over what stays", copy)

    async def _found_before(self, place: Place) -> dict[str, Any]:
        assert self.base is not None
        return await self.carrier.research_of(place, UUID(str(self.base["run_id"])))

    async def _recall(self, step: Step) -> None:
        """What an earlier run's step gave, for the steps of this one."""
        place = Place(step=step, key=step.id, label=step.label)
        self.produced[step.key] = await self._recalled(place, step.asks)
        if step.makes_pack:
            assert self.base is not None
            kept = await self.carrier.recall(place.beside("context_pack", "").key, UUID(str(self.base["run_id"])))
            if kept is not None and isinstance(kept.parsed_output, Mapping):
                content = kept.parsed_output.get("content", kept.parsed_output)
                self.packs[step.key] = Packed(
                    consumer=step.makes_pack, content=content, step_id=kept.key, step_run_id=kept.id
                )
        self.done.add(step.key)

    async def _recalled(self, place: Place, asks: Sequence[Ask]) -> list[Produced]:
        if not asks:
            return []
        assert self.base is not None
        base_id = UUID(str(self.base["run_id"]))
        found = [await self.carrier.recall(_place_of(place, ask).key, base_id) for ask in asks]
        return [
            Produced(key=place.step.key, step_id=each.key, step_run_id=each.id, output=each.parsed_output)
            for each in found
            if each is not None and isinstance(each.parsed_output, Mapping)
        ]

    # --- progress and end ----------------------------------------------------------------------------

    def _ended(self, *steps: Step) -> None:
        self.done |= {each.key for each in steps}
        # The last of all is told with the run's end.
        if len(self.done) < len(self.steps):
            self._tell_beside()

    def _tell_beside(self) -> None:
        # Beside the next step, which need not wait for it and proves for itself that the run is still ours.
        self._reports = [*(each for each in self._reports if not each.done()), asyncio.create_task(self._report())]

    async def _report(self) -> None:
        # By then the next question has mostly left, which otherwise shares the database and this process with it.
        await asyncio.sleep(_TOLD_AFTER_SECONDS)
        async with self._reporting, self.job.database.transaction(self.job.account_id) as tx:
            await self._tell(tx)

    async def _tell(self, tx: Transaction) -> None:
        progress = await pipeline.progress(tx, self.job.run.id, total=len(self.steps), done=len(self.done))
        await self.job.report({**progress, "failed_contacts": len(self.failed_contacts)}, tx=tx)
        await self.job.announce(tx)

    async def _finish(self) -> dict[str, Any]:
        async with self.job.database.transaction(self.job.account_id) as tx:
            # Once more for what was taken over, and as the proof that the run is still ours to end.
            await self._tell(tx)
            ended = await results.finish(tx, self.job.run, is_partial=self.base is not None)
        return {**ended, "failed_contacts": {str(index): why for index, why in sorted(self.failed_contacts.items())}}


class _NotReached(Exception):
    """A step before this one failed, so this one did not begin; the failure itself is reported."""


async def _all(work: Sequence[Awaitable[Any]]) -> list[Any]:
    """All results once everything has ended: what is under way may be paid for and is never cut short.

    Raises the gravest of what went wrong: a lost run, a lost database, a stop, then the first failure.
    """
    tasks = []
    for each in work:
        tasks.append(asyncio.ensure_future(each))
        # Putting a question together takes milliseconds: what is on its way already goes on before the next.
        await asyncio.sleep(_APART_SECONDS)
    ended = await asyncio.gather(*tasks, return_exceptions=True)
    problems = [each for each in ended if isinstance(each, BaseException) and not isinstance(each, _NotReached)]
    for kind in (Fenced, Unavailable, asyncio.CancelledError, Halted, BaseException):
        if found := next((each for each in problems if isinstance(each, kind)), None):
            raise found
    if any(isinstance(each, _NotReached) for each in ended):
        raise _NotReached
    return ended


def _merges(step: Step) -> bool:
    return any(ask.effect == "merge" for ask in step.asks)


def _place_of(place: Place, ask: Ask) -> Place:
    if not ask.id:
        return place
    index = f":{place.contact_index}" if place.contact_index is not None else ""
    return replace(place, key=f"{ask.id}{index}", label=ask.label or place.label)


def _of(label: str, person: Mapping[str, Any]) -> str:
    name = person.get("name") or f"{person.get('first_name', '')} {person.get('last_name', '')}".strip()
    return f"{label}: {str(name)[:80]}" if name else label
