"""A run handed from worker to worker at every boundary: the same dossier, and no call bought twice."""

from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from spadework import app as wiring
from spadework.accounts.actions import accounts
from spadework.core.config import Settings
from spadework.core.db import Database
from spadework.core.ids import AccountId
from spadework.core.secrets import Box
from spadework.runs import actions as runs
from spadework.spend import actions as spend
from tests.research.dossiers import read_calls, read_made, runner, simulator, start, until_ended, until_more


@pytest.mark.timeout(400)
async def test_a_run_handed_from_worker_to_worker_tells_the_same_and_buys_nothing_twice(
    settings: Settings, database: Database, box: Box, account: AccountId, tmp_path: Path
) -> None:
    other = await accounts.create_account(database, box, "Other Agency")
    handed, finished = 0, 0
    async with (
        simulator(settings, tmp_path / "sim") as url,
        wiring.open_app(replace(settings, home=tmp_path, simulator_url=url), works=False) as app,
    ):
        async with runner(app):
            whole = await read_made(app, account, await until_ended(app, account, await start(app, account)))
        run = await start(app, other)
        while run.is_open:
            async with runner(app):
                finished = await until_more(app, other, run, finished + 1)
            handed += 1
            async with database.read(other) as tx:
                run = await runs.get(tx, run.id)
        pieces = await read_made(app, other, run)
        bought, bought_whole = await read_calls(app, other, run), await read_calls(app, account, whole.run)
    assert run.state == "succeeded", run.error
    assert handed >= 10
    assert pieces.told == whole.told
    assert {key: each.state for key, each in pieces.steps.items()} == {
        key: each.state for key, each in whole.steps.items()
    }
    assert Counter(each["step"] for each in bought) == Counter(each["step"] for each in bought_whole)
    assert {each["state"] for each in bought} == {"ok"}
    async with database.read(other) as tx:
        assert all(each.holds for each in await spend.audit(tx))
