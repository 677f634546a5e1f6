"""The metered door to language models: one purchase per prompt, and evidence of every call that left."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from uuid import UUID

import pytest
from aiohttp import ClientSession, web

from spadework.accounts.actions import credentials
from spadework.core.db import Database
from spadework.core.errors import FateUnknown, InvalidInput
from spadework.core.ids import AccountId, new_id
from spadework.core.secrets import Box
from spadework.plug.llm import LlmRequest
from spadework.simulator.llm_server import make_app
from spadework.spend import actions as spend
from spadework.spend.types import Scopes
from spadework.toolbox.cell import CellPlace, CellToolbox, RunDoor
from spadework.toolbox.journal import Journal
from spadework.toolbox.language import Language
from spadework.toolbox.meter import Meter
from spadework.toolbox.vendors import Vendors

TABLE, FIELD = new_id(), new_id()
SCHEMA = {
    "type": "object",
    "properties": {"size": {"type": "integer"}},
    "required": ["size"],
    "additionalProperties": False,
}


@dataclass
class Service:
    """A pretended compatible server, and an account that has a key for it."""

    url: str
    account: AccountId
    database: Database
    box: Box
    vendors: Vendors
    home: Path

    @asynccontextmanager
    async def run(self) -> AsyncIterator[RunDoor]:
        """The door of one run; what was bought is in the books when it ends."""
        journal = Journal(self.home / "journal", str(new_id()))
        scopes = Scopes(account_id=self.account, table_id=TABLE)
        meter = Meter(self.database, scopes, worker_id="worker-1", journal=journal, stop=asyncio.Event())
        settings = replace(self.vendors.settings, llm_base_url=f"{self.url}/v1")
        async with meter:
            door = RunDoor(
                account_id=self.account, vendors=self.vendors, meter=meter, is_training=True,
                language=Language(self.account, settings, self.database, self.box, llm="openai"),
            )  # fmt: skip
            yield door
            await self.write(door)
        journal.close()

    async def write(self, door: RunDoor) -> None:
        """Have the books written, as the filler does after a group of cells."""
        ends = door.meter.take_ends()
        async with self.database.transaction(self.account) as tx:
            await door.meter.write_ends(tx, ends)
        door.meter.written(ends)
        async with self.database.read(self.account) as tx:
            assert all(each.holds for each in await spend.audit(tx))

    async def asked(self) -> int:
        """How many requests arrived."""
        async with ClientSession() as session, session.get(f"{self.url}/requests") as reply:
            return len(await reply.json())


@pytest.fixture
async def service(
    vendors: Vendors, database: Database, box: Box, account: AccountId, home: Path
) -> AsyncIterator[Service]:
    async with database.transaction(account) as tx:
        await credentials.put_credential(tx, box, "llm", "openai", {"api_key": "example-key-0123456789"})
    runner = web.AppRunner(make_app(), access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield Service(f"http://127.0.0.1:{runner.addresses[0][1]}", account, database, box, vendors, home)
    await runner.cleanup()


async def test_cells_that_send_the_same_prompt_at_once_share_one_purchase(service: Service) -> None:
    async with service.run() as door:
        cells = [_cell(door, row_id) for row_id in range(1, 9)]
        replies = await asyncio.gather(*(each.complete(_ask("gpt-5-mini")) for each in cells))
    assert len({each.text for each in replies}) == 1
    assert await service.asked() == 1
    paid = [each for each in cells if each.cost_micro_usd]
    assert [each.attempts[0].get("is_reused", False) for each in paid] == [False]
    assert sum(each.attempts[0].get("is_reused", False) for each in cells) == 7


async def test_a_cell_that_sends_the_same_prompt_before_the_books_are_written_buys_once(service: Service) -> None:
    async with service.run() as door:
        first = await _cell(door, 1).complete(_ask("gpt-5-mini"))
        second = await _cell(door, 2).complete(_ask("gpt-5-mini"))
        await service.write(door)
        third = await _cell(door, 3).complete(_ask("gpt-5-mini"))
    assert first == second == third
    assert await service.asked() == 1


async def test_different_prompts_are_different_purchases(service: Service) -> None:
    async with service.run() as door:
        await asyncio.gather(*(_cell(door, no).complete(_ask("gpt-5-mini", prompt=f"Row {no}")) for no in (1, 2)))
    assert await service.asked() == 2


async def test_an_answer_bought_by_an_attempt_that_ended_early_is_its_own_cells_cost(service: Service) -> None:
    async with service.run() as door:
        first = _cell(door, 1)
        await first.complete(_ask("gpt-5-mini"))
    async with service.run() as door:
        again, other = _cell(door, 1), _cell(door, 2)
        await again.complete(_ask("gpt-5-mini"))
        await other.complete(_ask("gpt-5-mini"))
    assert again.cost_micro_usd == first.cost_micro_usd > 0
    assert other.cost_micro_usd == 0
    assert await service.asked() == 1


async def test_a_call_whose_fate_is_unknown_is_on_the_evidence_of_every_cell_that_asked(service: Service) -> None:
    async with service.run() as door:
        cells = [_cell(door, row_id) for row_id in (1, 2)]
        ends = await asyncio.gather(*(each.complete(_ask("fault-drop")) for each in cells), return_exceptions=True)
    assert [type(each) for each in ends] == [FateUnknown, FateUnknown]
    assert await service.asked() == 1
    for cell in cells:
        assert cell.provider == "openai"
        (attempt,) = cell.attempts
        assert (attempt["provider"], attempt["model"], attempt["state"]) == ("openai", "fault-drop", "unknown")
        assert (attempt["prompt"], attempt["outcome"], attempt["cost_micro_usd"]) == ("Acme Pumps", "unknown", 0)
        assert "not known" in attempt["message"]
    async with service.database.read(service.account) as tx:
        call = await spend.find_call(tx, UUID(cells[0].attempts[0]["call_id"]))
    assert call is not None and call.state == "unknown"


async def test_a_call_left_unknown_by_an_earlier_attempt_is_not_repeated_and_says_so(service: Service) -> None:
    async with service.run() as door:
        with pytest.raises(FateUnknown):
            await _cell(door, 1).complete(_ask("fault-drop"))
    async with service.run() as door:
        cell = _cell(door, 1)
        with pytest.raises(FateUnknown, match="Decide under Spend"):
            await cell.complete(_ask("fault-drop"))
    (attempt,) = cell.attempts
    assert (attempt["model"], attempt["prompt"], attempt["state"]) == ("fault-drop", "Acme Pumps", "unknown")
    async with service.database.read(service.account) as tx:
        call = await spend.find_call(tx, UUID(attempt["call_id"]))
    assert call is not None and call.state == "unknown"
    assert await service.asked() == 1


async def test_replies_that_never_fit_are_on_the_evidence_with_what_they_cost(service: Service) -> None:
    async with service.run() as door:
        cell = _cell(door, 1)
        with pytest.raises(InvalidInput):
            await cell.complete(_ask("fault-schema"))
    (attempt,) = cell.attempts
    assert (attempt["state"], attempt["outcome"], attempt["prompt"]) == ("failed", "failed", "Acme Pumps")
    assert attempt["raw_output"]
    assert cell.cost_micro_usd == attempt["cost_micro_usd"]


def _ask(model: str, *, prompt: str = "Acme Pumps") -> LlmRequest:
    return LlmRequest(model=model, system="Size the company.", prompt=prompt, output_schema=SCHEMA, max_tokens=200)


def _cell(door: RunDoor, row_id: int) -> CellToolbox:
    return door.cell(CellPlace(TABLE, row_id, FIELD, 1))
