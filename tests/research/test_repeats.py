"""A run watched, and a part of it taken again: what live pages hear, and that the past is not mixed with what came later."""

from collections import Counter
from collections.abc import AsyncIterator

import pytest

from spadework.app import App
from spadework.core.config import Settings
from spadework.core.ids import AccountId
from spadework.research.actions import comparing, pipeline
from tests.research.dossiers import read_steps, simulator, start, until_ended, worker


@pytest.fixture(scope="module")
async def working(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[App]:
    """The product with a worker in this process, in training mode."""
    home = tmp_path_factory.mktemp("working")
    async with simulator(settings, home / "sim") as url, worker(settings, home, url) as app:
        yield app


async def test_live_pages_hear_of_a_step_when_it_begins_and_when_it_ends(working: App, account: AccountId) -> None:
    run = await until_ended(working, account, await start(working, account))
    steps = await read_steps(working, account, run)
    async with working.database.read(account) as tx:
        told = await tx.fetch(
            "select payload from events where account_id = $1 and topic = $2", tx.account, f"run:{run.id}"
        )
        found = await pipeline.get(tx, run.id)
    heard = Counter(row["payload"]["key"] for row in told if row["payload"]["type"] == "step")
    taken = {key for key, each in steps.items() if each.state == "succeeded"}
    assert heard == dict.fromkeys(taken, 2)
    assert (found.dossier_id is not None, found.claims, found.contacts, found.only_steps) == (True, 54, 5, ())


async def test_a_step_before_the_merge_taken_again_sees_nothing_that_came_after_it(
    working: App, account: AccountId
) -> None:
    old = await until_ended(working, account, await start(working, account))
    async with working.database.transaction(account) as tx:
        replay_id, (run,) = await pipeline.replay(
            tx, "find-lead.entity-research", 1, run_ids=[old.id], with_dependants=False, by=None
        )
    new = await until_ended(working, account, run)
    assert new.state == "succeeded", new.error
    assert (new.progress["done"], new.progress["total"]) == (14, 14)
    then, now = await read_steps(working, account, old), await read_steps(working, account, new)
    packed = "3-entity-research_context_pack"
    assert now[packed].input_variables == then[packed].input_variables
    async with working.database.read(account) as tx:
        (listed,) = await comparing.compare_replay(tx, replay_id)
        whole = await comparing.compare(tx, new.id)
        assert (await pipeline.get(tx, new.id)).only_steps == ("3-entity-research",)
    assert [(each.key, each.is_same, each.old_tokens, each.new_tokens) for each in listed.steps] == [
        (each.key, each.is_same, each.old_tokens, each.new_tokens) for each in whole.steps
    ]
    assert {each.key: each.new_output for each in whole.steps}[packed] == now[packed].parsed_output
    assert {each.new_output for each in listed.steps} == {None}
