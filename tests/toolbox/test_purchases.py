"""The metered door: what is asked twice is bought once, at any moment."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

from spadework.core.db import Database
from spadework.core.http import HttpRequest
from spadework.core.ids import AccountId, new_id
from spadework.core.secrets import Box
from spadework.plug.provider import Found, Refused
from spadework.plug.questions import VerifyEmail
from spadework.spend import actions as spend
from spadework.spend.types import Scopes
from spadework.toolbox.cell import CellPlace, CellToolbox, RunDoor
from spadework.toolbox.journal import Journal
from spadework.toolbox.language import Language
from spadework.toolbox.meter import Meter
from spadework.toolbox.vendors import Vendors

TABLE, FIELD = new_id(), new_id()
ASKED = VerifyEmail(email="nobody@shop.example")
"""Asked of ZeroBounce: paid, and neither repeatable nor to be looked up (class B)."""


async def test_a_cell_that_asks_the_same_again_before_the_books_are_written_buys_once(
    simulated: Vendors, database: Database, box: Box, account: AccountId, home: Path
) -> None:
    async with _run(simulated, database, box, account, home) as door:
        cell = _cell(door, row_id=1)
        first, second = await cell.ask("zerobounce", ASKED), await cell.ask("zerobounce", ASKED)
        assert isinstance(first, Found) and first == second
        assert [each.get("is_reused", False) for each in cell.attempts] == [False, True]
    assert await _bought(simulated) == 1


async def test_cells_that_ask_the_same_at_once_share_one_purchase(
    simulated: Vendors, database: Database, box: Box, account: AccountId, home: Path
) -> None:
    async with _run(simulated, database, box, account, home) as door:
        cells = [_cell(door, row_id=row_id) for row_id in range(1, 21)]
        outcomes = await asyncio.gather(*(each.ask("zerobounce", ASKED) for each in cells))
        assert len({repr(each) for each in outcomes}) == 1
    assert await _bought(simulated) == 1


async def test_another_run_finds_the_answer_in_the_books(
    simulated: Vendors, database: Database, box: Box, account: AccountId, home: Path
) -> None:
    async with _run(simulated, database, box, account, home) as door:
        first = await _cell(door, row_id=1).ask("zerobounce", ASKED)
        await _write(door, database, account)
        assert (door.unwritten, door.under_way) == (set(), {})
    async with _run(simulated, database, box, account, home) as door:
        assert await _cell(door, row_id=2).ask("zerobounce", ASKED) == first
    assert await _bought(simulated) == 1


async def test_another_run_that_reuses_no_answers_buys_anew(
    simulated: Vendors, database: Database, box: Box, account: AccountId, home: Path
) -> None:
    for generation in ("", "forced"):
        async with _run(simulated, database, box, account, home, reuses_answers=not generation) as door:
            await _cell(door, row_id=1, generation=generation).ask("zerobounce", ASKED)
            await _write(door, database, account)
    assert await _bought(simulated) == 2


@asynccontextmanager
async def _run(
    vendors: Vendors, database: Database, box: Box, account: AccountId, home: Path, *, reuses_answers: bool = True
) -> AsyncIterator[RunDoor]:
    journal = Journal(home / "journal", str(new_id()))
    meter = Meter(
        database, Scopes(account_id=account, table_id=TABLE), worker_id="worker-1", journal=journal,
        stop=asyncio.Event(), reuses_answers=reuses_answers,
    )  # fmt: skip
    async with meter:
        yield RunDoor(
            account_id=account, vendors=vendors, meter=meter, is_training=True,
            language=Language(account, vendors.settings, database, box, llm=None, model=None),
        )  # fmt: skip
    journal.close()


def _cell(door: RunDoor, *, row_id: int, generation: str = "") -> CellToolbox:
    return door.cell(CellPlace(TABLE, row_id, FIELD, 1, generation))


async def _write(door: RunDoor, database: Database, account: AccountId) -> None:
    ends = door.meter.take_ends()
    async with database.transaction(account) as tx:
        await door.meter.write_ends(tx, ends)
    door.meter.written(ends)
    async with database.read(account) as tx:
        assert all(each.holds for each in await spend.audit(tx))


async def _bought(vendors: Vendors) -> int:
    """How many requests the vendor itself has seen."""
    reply = await vendors.http.send(HttpRequest(url=f"{vendors.simulator_url}/_sim/state"), deadline_seconds=10)
    return int(reply.json()["zerobounce"]["requests"])


async def test_a_call_to_an_address_nothing_connects_to_is_void_and_says_why(
    simulated: Vendors, database: Database, box: Box, account: AccountId, home: Path
) -> None:
    simulated.settings = replace(simulated.settings, provider_base_urls={"zerobounce": "http://2852039166/v2"})
    async with _run(simulated, database, box, account, home) as door:
        outcome = await _cell(door, row_id=1).ask("zerobounce", ASKED)
        assert isinstance(outcome, Refused) and "metadata" in outcome.message
        assert [each.state for each in door.meter.take_ends()] == ["void"]
