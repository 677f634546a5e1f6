"""A client's intake taken through its stages by the model: every question in the open, originals kept."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from spadework.accounts.actions import credentials
from spadework.app import App
from spadework.core.config import Settings
from spadework.core.db import Database
from spadework.core.errors import Conflict
from spadework.core.ids import AccountId
from spadework.research.actions import clients, onboarding, pipeline
from spadework.research.actions.clients import ClientChanges
from spadework.research.types.clients import Onboarding
from spadework.research.types.pipeline import PipelineRequest
from spadework.runs import actions as runs
from spadework.runs.types import Run
from tests.research.dossiers import own_script, simulator, until_ended, worker

INTAKE = {"what_we_sell": "Ammonia detection", "do_not_call": ["quarry.example"]}
MATERIALS = [{"name": "Call with Joel", "text": "Please leave Bayline Foods alone, they are a partner of ours."}]


@pytest.fixture(scope="module")
async def working(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[App]:
    """The product with a worker in this process, in training mode."""
    home = tmp_path_factory.mktemp("working")
    async with simulator(settings, home / "sim") as url, worker(settings, home, url) as app:
        yield app


async def begin(app: App, account: AccountId) -> Onboarding:
    async with app.database.transaction(account) as tx:
        client = await clients.create(tx, "Larch Controls", ClientChanges(), by=None)
        made = await clients.start_onboarding(tx, client.client_id, intake=INTAKE, materials=MATERIALS, by=None)
        return await onboarding.start(tx, made.id, is_training=True, by=None)


async def ended(app: App, account: AccountId, started: Onboarding) -> tuple[Run, Onboarding]:
    assert started.run_id is not None
    async with app.database.read(account) as tx:
        run = await runs.get(tx, started.run_id)
    run = await until_ended(app, account, run)
    async with app.database.read(account) as tx:
        return run, await clients.get_onboarding(tx, started.id)


async def test_an_intake_becomes_an_account_configurations_and_shorter_forms_of_them(
    working: App, account: AccountId
) -> None:
    run, done = await ended(working, account, await begin(working, account))
    assert run.state == "succeeded", run.error
    assert (run.progress["done"], run.progress["total"]) == (7, 7)
    async with working.database.read(account) as tx:
        client = await clients.get(tx, done.client_id)
        steps = {each.key: each for each in await runs.list_steps(tx, run.id) if each.prompt_key}
    assert (done.state, client.state) == ("refined", "active")
    assert set(done.generated) == set(done.refined) == {"icp_config", "industry_research", "research_context"}
    assert (done.intake, list(done.materials)) == (INTAKE, MATERIALS)
    context = client.configs["research_context"]
    assert context.original["differentiators"][1] == "technicians within four hours in the Southeast"
    assert context.current["differentiators"][1] == "technicians in 4 h, Southeast"
    assert list(steps) == [
        "0-consolidate", "0-icp", "0-industry", "0-context", "0-refine-icp", "0-refine-industry", "0-refine-context"
    ]  # fmt: skip
    refine = steps["0-refine-icp"]
    assert (refine.lineage or {})["config"]["step_run_id"] == str(steps["0-icp"].id)
    assert "Bayline" in (steps["0-consolidate"].interpolated_prompt or "")


async def test_whom_the_materials_want_left_alone_is_left_alone_and_nobody_else(
    working: App, account: AccountId, tmp_path: Path
) -> None:
    script = await own_script(working, account, tmp_path, None)
    lines = json.loads((script / "0-onboarding.json").read_text())
    lines[0]["reply"]["do_not_call"] = ["Bayline Foods", "Somebody the model made up"]
    (script / "0-onboarding.json").write_text(json.dumps(lines))
    _, done = await ended(working, account, await begin(working, account))
    async with working.database.read(account) as tx:
        client = await clients.get(tx, done.client_id)
    assert client.do_not_call == ("quarry.example", "Bayline Foods")


async def test_what_a_recording_wrote_is_marked_and_never_used_for_a_real_run(working: App, account: AccountId) -> None:
    _, done = await ended(working, account, await begin(working, account))
    async with working.database.transaction(account) as tx:
        client = await clients.get(tx, done.client_id)
        assert {each.current["is_simulated"] for each in client.configs.values()} == {True}
        await credentials.put_credential(tx, working.box, "llm", "openai", {"api_key": "example-key-0123456789"})
        await credentials.put_credential(tx, working.box, "provider", "exa", {"api_key": "example-key-0123456789"})
        with pytest.raises(Conflict, match="icp_config was made in training mode"):
            await pipeline.start(tx, PipelineRequest(client_id=client.client_id), by=None)


async def test_a_configuration_of_the_wrong_form_fails_its_own_step_and_a_retry_asks_that_alone_again(
    working: App, account: AccountId, tmp_path: Path
) -> None:
    script = await own_script(working, account, tmp_path, None)
    (script / "0-fault.json").write_text(json.dumps([{"match": "onboarding.icp 0-icp\n", "error": "invalid"}]))
    run, broken = await ended(working, account, await begin(working, account))
    assert (run.state, broken.state, dict(broken.generated)) == ("failed", "consolidated", {})
    (script / "0-fault.json").unlink()
    async with working.database.transaction(account) as tx:
        again = await onboarding.start(tx, broken.id, is_training=True, by=None)
    run, done = await ended(working, account, again)
    assert (run.state, done.state) == ("succeeded", "refined")
    async with working.database.read(account) as tx:
        attempts = {each.key: each.attempts for each in await runs.list_steps(tx, run.id) if each.prompt_key}
    assert attempts["0-icp"] == 2
    async with working.database.transaction(account) as tx:
        with pytest.raises(Conflict, match="complete already"):
            await onboarding.start(tx, broken.id, is_training=True, by=None)


async def test_without_a_model_an_onboarding_says_what_is_missing(database: Database, account: AccountId) -> None:
    async with database.transaction(account) as tx:
        client = await clients.create(tx, "Larch Controls", ClientChanges(), by=None)
        made = await clients.start_onboarding(tx, client.client_id, intake=INTAKE, by=None)
        with pytest.raises(Conflict, match="Settings › Language models"):
            await onboarding.start(tx, made.id, is_training=False, by=None)
