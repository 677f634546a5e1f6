"""A run's steps on their way: what they read of each other, and how what is put side by side begins."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from spadework.clients import actions as clients
from spadework.core.db import Database
from spadework.core.ids import AccountId
from spadework.plug.step import Ask, Output, Step
from spadework.research import jobs
from spadework.research.actions import pipeline
from spadework.research.jobs import Flow
from spadework.research.rules import sequence
from spadework.research.rules.variables import Known, Produced
from spadework.research.stepping import Place, Prepared
from spadework.research.store import claims as claim_store
from spadework.research.store import merged as merged_store
from spadework.research.types.claims import PIPELINE_KIND, Merge, MergeStats
from spadework.runs import actions as runs
from spadework.runs.jobs import Job
from spadework.runs.types import NewRun, Run
from tests.research.building import claim, merged

SIGNALS, ENTITY, CONTACTS = "2-signal-discovery", "3-entity-research", "4-contact-discovery"
PREPARED = Prepared(today="2026-06-01", client={}, seed={}, prompts={}, search=None, reader="page_reader")


class Digest(Step):
    """A step that merges twice before its report, and makes claims of that."""

    key = "digest"
    id = "9-digest"
    label = "Digest"
    stage = "INSIGHT"
    asks = (
        Ask(id="9-first", prompt="p", output=Output, effect="merge"),
        Ask(id="9-second", prompt="p", output=Output, effect="merge"),
        Ask(id="9-report", prompt="p", output=Output),
    )
    is_in_turn = True
    makes_claims = True


class Answers:
    """Answers a step's questions without a model: each merge gives one claim more, an extraction one claim."""

    prepared = PREPARED

    def __init__(self, database: Database, run: Run) -> None:
        self.database = database
        self.run = run
        self.merged = 0
        self.seen: dict[str, list[str]] = {}

    async def ask(self, place: Place, ask: Ask, known: Known, **_: Any) -> Produced:
        self.seen[ask.id] = names_of(known, "merged_claims")
        if ask.effect == "merge":
            self.merged += 1
            given = tuple(merged(f"merged_{number}", "It builds.") for number in range(self.merged))
            async with self.database.transaction(self.run.account_id) as tx:
                merge = Merge(claims=given, resolved=(), placed={}, rejected=(), stats=MergeStats())
                await merged_store.replace(tx, self.run.id, merge, client_id=None)
        return Produced(key=place.step.key, step_id=place.key, step_run_id=None, output={})

    async def extract(self, place: Place, *_: Any) -> None:
        await keep(self.database, self.run, place.step.id, ["digest_001"])


@pytest.fixture
async def run(database: Database, account: AccountId) -> Run:
    async with database.transaction(account) as tx:
        client = await clients.create(tx, "Coldwell")
        return await runs.start(tx, NewRun(kind=PIPELINE_KIND, title="Dossier", client_id=client.id), by=None)


async def test_what_ended_steps_found_is_read_once_and_what_a_step_found_itself_when_it_has(
    database: Database, run: Run
) -> None:
    flow = flow_of(database, run, pipeline.load_steps())
    await keep(database, run, SIGNALS, ["search_001"])
    first = await seen(flow, ENTITY)
    await keep(database, run, SIGNALS, [])
    again = await seen(flow, ENTITY)
    await keep(database, run, ENTITY, ["entity_001"])
    after = await seen(flow, ENTITY, has_found=True)
    next_step = await seen(flow, CONTACTS)
    assert (first, again, after, next_step) == (["search_001"], ["search_001"], ["entity_001"], ["entity_001"])


async def test_a_step_that_goes_on_finding_sees_it_each_time(database: Database, run: Run) -> None:
    step = Digest()
    flow = flow_of(database, run, [step])
    await flow._answer(Place(step=step, key=step.id, label=step.label), await flow._known(step))
    assert flow.carrier.seen == {
        "9-first": [], "9-second": ["merged_0"], "9-report": ["merged_0", "merged_1"],
    }  # fmt: skip
    assert names_of(await flow._known(step, has_found=True), "all_claims") == ["digest_001"]


async def test_what_is_on_its_way_goes_on_between_questions_put_side_by_side() -> None:
    order: list[str] = []

    async def question(name: str) -> None:
        order.append(name)

    async def on_its_way() -> None:
        for number in range(3):
            await asyncio.sleep(0)
            order.append(f"on its way {number}")

    under_way = asyncio.ensure_future(on_its_way())
    await jobs._all([question("first"), question("second")])
    assert order[-1] == "second"
    assert sorted(order) == ["first", "on its way 0", "on its way 1", "on its way 2", "second"]
    await under_way


def flow_of(database: Database, run: Run, steps: Sequence[Step]) -> Any:
    return Flow(Job(run, database, None), Answers(database, run), steps, None)  # type: ignore[arg-type] # answers only


async def keep(database: Database, run: Run, step: str, names: Sequence[str]) -> None:
    """Store unsupported claims of those names as the step's."""
    found = [claim(each, source_step=step, evidence=None) for each in names]
    async with database.transaction(run.account_id) as tx:
        await claim_store.replace_of_step(tx, run.id, step, found, client_id=None, step_run_id=None)


async def seen(flow: Flow, step: str, *, has_found: bool = False) -> list[str]:
    return names_of(await flow._known(sequence.find(flow.steps, step), has_found=has_found), "all_claims")


def names_of(known: Known, what: str) -> list[str]:
    listed: Sequence[Mapping[str, Any]] = known.computed.get(what, ())
    return [each["claim_id"] for each in listed]
