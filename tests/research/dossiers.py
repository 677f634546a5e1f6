"""What tests of pipelines share: a worker in training mode, a run and its end, and what it left behind."""

import asyncio
import json
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from importlib import resources
from pathlib import Path
from typing import Any
from uuid import uuid5

from spadework import app as wiring
from spadework.accounts.actions import credentials
from spadework.app import App
from spadework.clients import actions as clients
from spadework.core.config import Settings
from spadework.core.http import HttpRequest
from spadework.core.ids import AccountId
from spadework.engine.workers import new_worker_id
from spadework.research import jobs
from spadework.research.actions import pipeline
from spadework.research.store import claims as claim_store
from spadework.research.store import contacts as contact_store
from spadework.research.store import dossiers as dossier_store
from spadework.research.types.claims import Claim
from spadework.research.types.dossiers import Contact, Dossier, Section
from spadework.research.types.pipeline import PipelineRequest
from spadework.runs import actions as runs
from spadework.runs.jobs import JOBS
from spadework.runs.running import Runner
from spadework.runs.types import Run, StepRun
from spadework.toolbox import training
from spadework.toolbox.journal import Journal
from tests.conftest import at_work

EXAMPLE = Path(str(resources.files("spadework.research.example"))) / "replies"


@dataclass
class Made:
    """What a run left behind."""

    run: Run
    steps: dict[str, StepRun]
    claims: list[Claim]
    dossier: Dossier
    sections: list[Section]
    contacts: list[Contact]

    @property
    def told(self) -> Any:
        """What the dossier tells, without ids and times."""
        return (
            self.dossier.company_name, self.dossier.score, self.dossier.primary_signal, self.dossier.state,
            sorted((each.claim_id, each.statement, each.quote, each.merged_into) for each in self.claims),
            {each.key: (each.content, each.claim_ids) for each in self.sections}, self.contacts,
        )  # fmt: skip


async def start(app: App, account: AccountId) -> Run:
    async with app.database.transaction(account) as tx:
        client = await clients.create(tx, "Larch Controls")
        return await pipeline.start(tx, PipelineRequest(client_id=client.id, is_training=True), by=None)


async def until_ended(app: App, account: AccountId, run: Run) -> Run:
    while True:
        async with app.database.read(account) as tx:
            current = await runs.get(tx, run.id)
        if not current.is_open:
            return current
        await asyncio.sleep(0.05)


@asynccontextmanager
async def simulator(settings: Settings, home: Path) -> AsyncIterator[str]:
    """The address of a simulator that answers at once and never throttles."""
    async with wiring.open_app(replace(settings, home=home), works=False) as app, training.simulated(app.vendors, home):
        assert app.vendors.simulator_url is not None
        await app.http.send(
            HttpRequest(
                method="POST", url=f"{app.vendors.simulator_url}/_sim/config",
                json_body={"latency_ms": 0, "throttle_rate": 0},
            ),
            deadline_seconds=10,
        )  # fmt: skip
        yield app.vendors.simulator_url


@asynccontextmanager
async def worker(settings: Settings, home: Path, simulator_url: str) -> AsyncIterator[App]:
    """The product with a worker in this process; the engine's library allows no second one at a time."""
    async with at_work(replace(settings, home=home, simulator_url=simulator_url)) as app:
        yield app


@asynccontextmanager
async def runner(app: App) -> AsyncIterator[None]:
    """A worker of its own; leaving the block ends it as when its process is told to end."""
    assert JOBS["research_pipeline"] is jobs.research_pipeline
    worker_id = new_worker_id("handover")
    journal = Journal(app.settings.journal_dir, worker_id)
    parts = replace(app, worker_id=worker_id, journal=journal)
    working = Runner(app.database, app.addresses.engine, worker_id=worker_id, app=parts)
    await working.open()
    yield
    await working.close()
    journal.close()


async def until_more(app: App, account: AccountId, run: Run, finished: int) -> int:
    """How many steps have ended, once it is more than before or the run has ended."""
    while True:
        async with app.database.read(account) as tx:
            current = await runs.get(tx, run.id)
        ended = sum(each.state in ("succeeded", "skipped") for each in (await read_steps(app, account, run)).values())
        if ended > finished or not current.is_open:
            return ended
        await asyncio.sleep(0.005)


async def until_step(app: App, account: AccountId, run: Run, finished: int) -> None:
    while True:
        done = [each for each in (await read_steps(app, account, run)).values() if each.state == "succeeded"]
        if len(done) >= finished:
            return
        await asyncio.sleep(0.01)


async def read_steps(app: App, account: AccountId, run: Run) -> dict[str, StepRun]:
    async with app.database.read(account) as tx:
        return {each.key: each for each in await pipeline.list_steps(tx, run.id)}


async def read_made(app: App, account: AccountId, run: Run) -> Made:
    steps = await read_steps(app, account, run)
    async with app.database.read(account) as tx:
        dossier = await dossier_store.find_by_run(tx, run.id)
        assert dossier is not None
        found = await contact_store.list_filtered(
            tx, run_id=run.id, dossier_id=None, client_id=None, search="", after=None, limit=50
        )
        return Made(
            run=await runs.get(tx, run.id), steps=steps, claims=await claim_store.list_of_run(tx, run.id),
            dossier=dossier, sections=await dossier_store.list_sections(tx, dossier.id),
            contacts=[each.contact for each in found],
        )  # fmt: skip


async def read_calls(app: App, account: AccountId, run: Run) -> list[dict[str, Any]]:
    """Every call of a run: for which step run, to whom and for what, and how it ended."""
    keys = {uuid5(run.id, key): key for key in await read_steps(app, account, run)}
    async with app.database.read(account) as tx:
        rows = await tx.fetch(
            "select field_id, provider, capability, state from calls where account_id = $1 and run_id = $2",
            account, run.id,
        )  # fmt: skip
    return [{**row, "step": keys[row["field_id"]]} for row in rows]


def outputs(made: Made, *, besides: int) -> dict[str, Any]:
    return {key: each.parsed_output for key, each in made.steps.items() if each.contact_index != besides}


async def own_script(app: App, account: AccountId, folder: Path, failing: str | None) -> Path:
    """The account's own copy of the recording; with `failing`, that question gets a refusal until the file is gone."""
    script = folder / "script"
    shutil.copytree(EXAMPLE, script)
    if failing:
        (script / "0-fault.json").write_text(json.dumps([{"match": failing, "error": "invalid"}]))
    async with app.database.transaction(account) as tx:
        await credentials.put_credential(tx, app.box, "llm", "scripted", {"script_path": str(script)})
    return script
