"""One person's part, or one section's, of a finished dossier taken again beside the old."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from spadework.app import App
from spadework.core.config import Settings
from spadework.core.errors import NotFound
from spadework.core.ids import AccountId
from spadework.research.actions import pipeline
from tests.research.dossiers import own_script, read_made, read_steps, simulator, start, until_ended, worker


@pytest.fixture(scope="module")
async def working(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[App]:
    """The product with a worker in this process, in training mode."""
    home = tmp_path_factory.mktemp("working")
    async with simulator(settings, home / "sim") as url, worker(settings, home, url) as app:
        yield app


async def test_one_section_is_written_again_with_an_override_and_the_others_are_left(
    working: App, account: AccountId
) -> None:
    old = await until_ended(working, account, await start(working, account))
    async with working.database.transaction(account) as tx:
        run = await pipeline.rerun(tx, old.id, "6-writer-strategy", overrides={"coverage_notes": "Be brief."}, by=None)
    new = await until_ended(working, account, run)
    assert new.state == "succeeded", new.error
    steps = await read_steps(working, account, new)
    assert list(steps) == ["6-writer-strategy"]
    assert steps["6-writer-strategy"].input_variables["coverage_notes"] == "Be brief."
    assert steps["6-writer-strategy"].lineage["coverage_notes"]["source"] == "override"


async def test_one_person_is_researched_again_with_what_follows_for_that_person_alone(
    working: App, account: AccountId, tmp_path: Path
) -> None:
    await own_script(working, account, tmp_path, None)
    old = await until_ended(working, account, await start(working, account))
    before = await read_made(working, account, old)
    async with working.database.transaction(account) as tx:
        run = await pipeline.rerun(tx, old.id, "6.2-enrich-contact:4", with_dependants=True, by=None)
    new = await until_ended(working, account, run)
    assert new.state == "succeeded", new.error
    steps = await read_steps(working, account, new)
    assert list(steps) == ["6.2-enrich-contact:4", "7a-copy:4", "7.2-copy-client-override:4"]
    assert steps["6.2-enrich-contact:4"].input_variables == before.steps["6.2-enrich-contact:4"].input_variables
    assert steps["7.2-copy-client-override:4"].parsed_output == before.steps["7.2-copy-client-override:4"].parsed_output
    assert (await read_made(working, account, old)).told == before.told


async def test_one_question_to_one_person_is_put_again_from_the_answers_of_before(
    working: App, account: AccountId
) -> None:
    old = await until_ended(working, account, await start(working, account))
    async with working.database.transaction(account) as tx:
        run = await pipeline.rerun(tx, old.id, "7.2-copy-client-override:4", by=None)
    new = await until_ended(working, account, run)
    assert new.state == "succeeded", new.error
    assert list(await read_steps(working, account, new)) == ["7.2-copy-client-override:4"]


async def test_a_person_whom_the_run_did_not_have_cannot_be_taken_again(working: App, account: AccountId) -> None:
    old = await until_ended(working, account, await start(working, account))
    async with working.database.transaction(account) as tx:
        with pytest.raises(NotFound, match="no step run"):
            await pipeline.rerun(tx, old.id, "6.2-enrich-contact:9", by=None)
