"""Cells whose source takes its time: live pages see them running before they see what came of them."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from spadework.app import App
from spadework.clients import actions as clients
from spadework.core.config import Settings
from spadework.core.http import HttpRequest
from spadework.core.ids import AccountId
from spadework.runs import actions as runs
from spadework.toolbox import training
from spadework.workbooks.actions import fields, rows, running, tables, workbooks
from spadework.workbooks.types import NewField, RunRequest
from tests.conftest import at_work

FIND = {"provider": "hunter", "capability": "find_email", "inputs": {"full_name": "{{Name}}", "domain": "{{Domain}}"}}


@pytest.fixture
async def slow(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[App]:
    """The product with a worker in this process, and vendors that take more than a second to answer."""
    home = tmp_path_factory.mktemp("slow")
    async with (
        at_work(replace(settings, home=home)) as app,
        training.simulated(app.vendors, home),
    ):
        wanted = {"latency_ms": 1500, "throttle_rate": 0}
        await app.http.send(
            HttpRequest(method="POST", url=f"{app.vendors.simulator_url}/_sim/config", json_body=wanted),
            deadline_seconds=10,
        )
        yield app


async def test_a_cell_that_waits_for_its_source_is_shown_as_running_and_then_with_its_end(
    slow: App, account: AccountId
) -> None:
    async with slow.database.transaction(account) as tx:
        client = await clients.create(tx, "Example Client")
        made = await workbooks.create_workbook(tx, client.id, "Leads", is_training=True, by=None)
        for name in ("Name", "Domain"):
            await fields.add_field(tx, made.table.id, NewField(name=name, kind="text"), by=None)
        column = (
            await fields.add_field(tx, made.table.id, NewField(name="Mail", kind="enrichment", settings=FIND), by=None)
        ).field
        by_name = {each.name: each.id for each in (await tables.get_table(tx, made.table.id)).fields}
        people = [
            {by_name["Name"]: f"Ana Example{each}", by_name["Domain"]: f"c{each}.example.com"} for each in range(3)
        ]
        await rows.add_rows(tx, made.table.id, people, source="typed")
        run = await running.start_run(tx, RunRequest(table_id=made.table.id, field_ids=(column.id,)), by=None)
    while True:
        async with slow.database.read(account) as tx:
            if not (await runs.get(tx, run.id)).is_open:
                break
        await asyncio.sleep(0.05)
    told = await _told(slow, account, f"table:{made.table.id}")
    begun = [each for each in told if each["type"] == "running"]
    assert {each["field_no"] for each in begun} == {column.no}
    assert sorted(row_id for each in begun for row_id in each["row_ids"]) == [1, 2, 3]
    kinds = [each["type"] for each in told if each["type"] in ("running", "cells")]
    assert kinds.index("running") < kinds.index("cells")


async def _told(app: App, account: AccountId, topic: str) -> list[Any]:
    async with app.database.read(account) as tx:
        events = await tx.fetch(
            "select payload from events where account_id = $1 and topic = $2 order by id", account, topic
        )
    return [each["payload"] for each in events]
