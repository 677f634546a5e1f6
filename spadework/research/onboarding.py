"""The job `client_onboarding`: an intake consolidated, made into configurations, and these refined.

Each question is a step run that shows what went in and came out; what it gave is written with its end, and
what an earlier stage gave is never overwritten.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any, ClassVar

from pydantic import Field

from spadework.plug.step import Ask, Inputs, Output, Step
from spadework.research.actions import onboarding, results
from spadework.research.doors import open_door
from spadework.research.rules.variables import Known, Produced
from spadework.research.stepping import Carrier, Place, Prepared
from spadework.research.types.clients import ConfigKind
from spadework.runs.jobs import Job, job


class Refined(Output):
    """A configuration in fewer words."""

    refined: dict[str, Any] = Field(min_length=1)


class Intake(Inputs):
    """What was handed in."""

    intake: dict[str, Any]


class Setup(Step):
    """What the steps of an onboarding have in common; they belong to no dossier and so to no folder."""

    key = "onboarding"
    id = "0-onboarding"
    label = "Onboarding"
    stage = "FIND_LEAD"
    asks = ()
    inputs: ClassVar[type[Inputs]] = Inputs


class Consolidate(Setup):
    """Everything that was handed in, put in order."""

    inputs = Intake


@job(onboarding.KIND)
async def client_onboarding(job: Job) -> dict[str, Any]:
    """Take an intake through its stages; its input is what `actions.onboarding.start` wrote. Re-entrant."""
    prepared = Prepared(**await job.step(f"prepare-{job.run.attempts}", "Prepare", partial(_prepare, job)))
    door = await open_door(
        job, llm=job.run.input.get("llm"), model=job.run.input.get("model"), reuses_answers=True
    )  # fmt: skip
    carrier = Carrier(job, door, prepared)
    async with door.meter:
        try:
            return await _Flow(job, carrier).run()
        finally:
            await carrier.write_ends()


async def _prepare(job: Job) -> dict[str, Any]:
    async with job.database.transaction(job.account_id) as tx:
        return await onboarding.prepare(tx, job.run)


class _Flow:
    """The stages of one intake, one after the other; inside a stage the configurations side by side."""

    def __init__(self, job: Job, carrier: Carrier) -> None:
        self.job = job
        self.carrier = carrier
        prepared = carrier.prepared
        self.known = Known(
            client=prepared.client, seed=prepared.seed, computed={"current_date": prepared.today}
        )  # fmt: skip
        self.total = 1 + 2 * len(onboarding.CONFIGS)

    async def run(self) -> dict[str, Any]:
        """The stages in order.

        Raises:
            Halted: Stop was pressed. SpadeworkError: a question failed; those beside it have ended.
        """
        await self._report(0)
        account = await self._consolidate()
        await self._report(1)
        configs = await self._all([self._configure(name, account) for name in onboarding.CONFIGS])
        await self._keep(onboarding.keep_configs, "configured", {kind: made.output for kind, made in configs})
        await self._report(1 + len(configs))
        refined = await self._all(
            [self._refine(name, made) for name, (_, made) in zip(onboarding.CONFIGS, configs, strict=True)]
        )
        await self._keep(onboarding.keep_refined, "refined", {kind: made.output["refined"] for kind, made in refined})
        await self._report(self.total)
        return {"onboarding_id": str(self.job.run.input["onboarding_id"])}

    async def _consolidate(self) -> Produced:
        async def keep(tx: Any, step_run_id: Any, answer: Any) -> None:
            await onboarding.keep_account(tx, self.job.run, answer)

        place = Place(step=Consolidate(), key="0-consolidate", label="Consolidate the intake")
        made = await self.carrier.ask(
            place, Ask(prompt="onboarding.consolidate", output=results.Anything), self.known, effect=keep
        )
        return replace(made, output={"consolidated": dict(made.output)})

    async def _configure(self, name: str, account: Produced) -> tuple[ConfigKind, Produced]:
        kind = onboarding.CONFIGS[name]

        async def check(tx: Any, step_run_id: Any, answer: Any) -> None:
            onboarding.require_config(kind, answer)

        place = Place(step=Setup(), key=f"0-{name}", label=f"Write {kind.replace('_', ' ')}")
        made = await self.carrier.ask(
            place, Ask(prompt=f"onboarding.{name}", output=results.Anything), replace(self.known, outputs=(account,)),
            effect=check,
        )  # fmt: skip
        return kind, made

    async def _refine(self, name: str, config: Produced) -> tuple[ConfigKind, Produced]:
        kind = onboarding.CONFIGS[name]

        async def check(tx: Any, step_run_id: Any, answer: Any) -> None:
            onboarding.require_config(kind, answer["refined"])

        known = replace(
            self.known, outputs=(replace(config, output={"config": dict(config.output)}),), given={"kind": kind}
        )
        place = Place(step=Setup(), key=f"0-refine-{name}", label=f"Refine {kind.replace('_', ' ')}")
        return kind, await self.carrier.ask(place, Ask(prompt="onboarding.refine", output=Refined), known, effect=check)

    async def _keep(self, keep: Any, name: str, answers: Mapping[ConfigKind, Mapping[str, Any]]) -> None:
        async def write() -> dict[str, Any]:
            async with self.job.database.transaction(self.job.account_id) as tx:
                await keep(tx, self.job.run, answers)
            return {"kinds": list(answers)}

        await self.job.step(f"keep-{name}", f"Keep what was {name}", write)

    async def _all(self, work: Any) -> list[tuple[ConfigKind, Produced]]:
        """All answers once every question has ended: what is under way is paid for and never cut short."""
        ended = await asyncio.gather(*work, return_exceptions=True)
        if problems := [each for each in ended if isinstance(each, BaseException)]:
            raise problems[0]
        return [each for each in ended if not isinstance(each, BaseException)]

    async def _report(self, done: int) -> None:
        async with self.job.database.transaction(self.job.account_id) as tx:
            progress = await onboarding.progress(tx, self.job.run, total=self.total, done=done)
            await self.job.report(progress, tx=tx)
            await self.job.announce(tx)
