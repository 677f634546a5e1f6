"""A background step that a research service does: submitted once, waited for in the open, its pages kept as sources."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from spadework import app as wiring
from spadework.app import App
from spadework.clients import actions as clients
from spadework.core.config import Settings
from spadework.core.db import Database
from spadework.core.errors import InvalidInput, ProviderUnavailable
from spadework.core.ids import AccountId
from spadework.plug.step import Step
from spadework.prompts.actions import files, labels, registry
from spadework.prompts.types import PRODUCTION, Draft
from spadework.research import commissioning
from spadework.research.actions import pipeline
from spadework.research.store import sources as source_store
from spadework.research.types.pipeline import PipelineRequest
from spadework.runs import actions as runs
from spadework.runs.types import Run
from spadework.spend import actions as spend
from spadework.toolbox.tasks import Patience
from tests.research.dossiers import own_script, read_calls, read_made, read_steps, runner, simulator, until_ended
from tests.toolbox.test_tasks import ENDLESS, a_cell, opened

PROMPT = "find-lead.entity-research"
TASK = "3-entity-research_research_task"


@pytest.fixture
async def app(settings: Settings, tmp_path: Path) -> AsyncIterator[App]:
    """The product in training mode; workers are the tests' own."""
    async with (
        simulator(settings, tmp_path / "sim") as url,
        wiring.open_app(replace(settings, home=tmp_path, simulator_url=url), works=False) as opened,
    ):
        yield opened


async def test_a_step_done_by_a_research_service_rests_on_the_pages_its_report_cites(
    app: App, account: AccountId
) -> None:
    async with runner(app):
        made = await read_made(app, account, await until_ended(app, account, await start(app, account)))
    assert made.run.state == "succeeded", made.run.error
    task = made.steps[TASK]
    assert (task.step, task.state) == ("3-entity-research", "succeeded")
    assert task.input_variables["topic"].startswith("Kestrel Cold Storage (kestrelcold.example)")
    (call,) = task.calls
    assert (call["provider"], call["capability"]) == ("tavily", "research_topic")
    assert (call["task_id"], call["state"], call["polls"]) == (task.parsed_output["task_id"], "ended", 3)
    pages = made.steps["3-entity-research_web_research"]
    cited = {each["url"] for each in task.parsed_output["sources"]}
    assert pages.input_variables["cited"] == [each["url"] for each in task.parsed_output["sources"]]
    assert cited & {each["url"] for each in pages.parsed_output["pages"]}
    async with app.database.read(account) as tx:
        kept = {each.url: each.text for each in await source_store.list_of_run(tx, made.run.id)}
    assert all(kept[each["url"]] for each in pages.parsed_output["pages"])
    step = made.steps["3-entity-research"]
    assert step.input_variables["research_notes"] == task.parsed_output["text"]
    assert not any(key.startswith("3-entity-research_look_up") for key in made.steps)
    claims = [each for each in made.claims if each.source_step == "3-entity-research" and each.is_supported]
    assert claims and all(each.quote in kept[each.source_url] for each in claims if each.source_url in kept)


async def test_a_worker_that_ends_while_a_task_is_under_way_leaves_it_to_the_next_which_submits_none(
    app: App, account: AccountId, database: Database
) -> None:
    run = await start(app, account)
    async with runner(app):
        shown = await until_waiting(app, account, run)
    assert (shown["state"], shown["task_id"][:4]) == ("waiting", "sim-")
    async with runner(app):
        run = await until_ended(app, account, run)
    assert run.state == "succeeded", run.error
    task = (await read_steps(app, account, run))[TASK]
    assert task.attempts == 2
    assert task.parsed_output["task_id"] == shown["task_id"]
    assert task.calls[0]["is_reused"] and task.calls[0]["submitted_at"] == shown["submitted_at"]
    bought = [each for each in await read_calls(app, account, run) if each["capability"] == "research_topic"]
    assert [(each["state"], each["step"]) for each in bought] == [("ok", TASK)]
    async with database.read(account) as tx:
        assert all(each.holds for each in await spend.audit(tx))


async def test_cancel_ends_the_waiting_and_the_step_keeps_the_tasks_id(
    app: App, account: AccountId, tmp_path: Path
) -> None:
    await about(app, account, tmp_path, "Zzwait Kestrel")
    run = await start(app, account)
    async with runner(app):
        shown = await until_waiting(app, account, run)
        async with app.database.transaction(account) as tx:
            await runs.request_stop(tx, run.id, by=None)
        run = await until_ended(app, account, run)
    assert run.state == "stopped"
    task = (await read_steps(app, account, run))[TASK]
    assert (task.state, task.calls[0]["state"], task.calls[0]["task_id"]) == ("stopped", "waiting", shown["task_id"])
    async with app.database.read(account) as tx:
        assert all(each.holds for each in await spend.audit(tx))


async def test_a_task_the_service_gives_up_fails_the_run_with_its_id_and_a_retry_begins_another(
    app: App, account: AccountId, tmp_path: Path
) -> None:
    await about(app, account, tmp_path, "Zzqx Kestrel")
    run = await start(app, account)
    async with runner(app):
        run = await until_ended(app, account, run)
    assert run.state == "failed"
    task = (await read_steps(app, account, run))[TASK]
    assert task.error is not None and task.error["code"] == "provider_refused"
    assert task.calls[0]["task_id"] in task.error["message"]
    assert "paid for again" in task.error["message"]
    async with runner(app):
        async with app.database.transaction(account) as tx:
            await runs.resume(tx, run.id, by=None)
        run = await until_ended(app, account, run)
    assert run.state == "failed"
    bought = [each for each in await read_calls(app, account, run) if each["capability"] == "research_topic"]
    assert [each["state"] for each in bought] == ["failed", "failed"]


async def test_a_task_that_takes_longer_than_its_step_may_is_a_failure_that_names_it(
    app: App, account: AccountId, tmp_path: Path
) -> None:
    async with opened(app.vendors, account, tmp_path) as door:
        hasty = a_cell(door, Patience(most_seconds=0))
        with pytest.raises(ProviderUnavailable, match=r"has not finished task sim-.*retry later to wait for the same"):
            await commissioning.report(hasty, "tavily", ENDLESS)


def test_without_a_research_service_the_step_says_which_key_it_lacks() -> None:
    step = next(each for each in pipeline.load_steps() if each.id == "3-entity-research")
    with pytest.raises(InvalidInput, match=r"Add a key for Tavily in Settings"):
        commissioning.question(step, None, {"company": {"name": "Kestrel"}})


@pytest.mark.parametrize(
    "step", [each for each in pipeline.load_steps() if each.mode == "background"], ids=lambda each: each.key
)
def test_a_background_step_has_a_topic_that_names_the_company(step: Step) -> None:
    asked = commissioning.question(step, "tavily", {"company": {"name": "Kestrel", "domain": "kestrel.example"}})
    assert asked.instructions.startswith("Kestrel (kestrel.example)")


async def about(app: App, account: AccountId, folder: Path, name: str) -> None:
    """Have the recorded company bear another name: the simulated service knows some that fail or never end."""
    file = await own_script(app, account, folder, None) / "2-signal-discovery.json"
    file.write_text(file.read_text().replace('"name": "Kestrel Cold Storage"', f'"name": "{name}"', 1))


async def start(app: App, account: AccountId) -> Run:
    """A run whose entity research is left to a research service."""
    async with app.database.transaction(account) as tx:
        await files.ensure_library(tx)
        (stored,) = await registry.list_versions(tx, PROMPT)
        config = stored.config.model_copy(update={"tools": ("research",)})
        saved = await registry.save(
            tx, PROMPT, Draft(text=stored.text, config=config, inputs=stored.inputs), base=1, by=None
        )
        await labels.protect(tx, PROMPT, PRODUCTION, is_protected=False)
        await labels.move(tx, PROMPT, PRODUCTION, saved.number, by=None)
        client = await clients.create(tx, "Larch Controls")
        run = await pipeline.start(tx, PipelineRequest(client_id=client.id, is_training=True), by=None)
    return run


async def until_waiting(app: App, account: AccountId, run: Run) -> dict[str, Any]:
    """What the record of the task shows as soon as it is waited for."""
    while True:
        task = (await read_steps(app, account, run)).get(TASK)
        if task is not None and task.state == "waiting" and task.calls:
            return dict(task.calls[0])
        async with app.database.read(account) as tx:
            assert (await runs.get(tx, run.id)).is_open, "the run ended before its task was waited for"
        await asyncio.sleep(0.005)
