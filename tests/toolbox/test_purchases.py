"""The metered door: what is asked twice is bought once, at any moment."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from spadework.core.db import Database, Transaction
from spadework.core.errors import DatabaseUnavailable
from spadework.core.http import HttpRequest
from spadework.core.ids import AccountId, RunId, new_id
from spadework.core.secrets import Box
from spadework.plug.provider import Found, Refused
from spadework.plug.questions import VerifyEmail
from spadework.runs.opening import Opening
from spadework.runs.types import StepRun
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
        later = _cell(door, row_id=3)
        assert await later.ask("zerobounce", ASKED) == first
        assert "call_id" in later.attempts[0], "the run keeps nothing in mind that the books hold"
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


async def test_questions_put_side_by_side_leave_with_one_commit_of_their_step(
    simulated: Vendors, database: Database, box: Box, account: AccountId, home: Path
) -> None:
    step = _Step(database, account)
    async with _run(simulated, database, box, account, home) as door:
        outcomes = await _ask_three(door, step)
        assert all(isinstance(each, Found) for each in outcomes)
        assert step.commits == 1
    assert await _bought(simulated) == 3


async def test_a_commit_that_fails_fails_one_question_and_the_others_go_again(
    simulated: Vendors, database: Database, box: Box, account: AccountId, home: Path
) -> None:
    step = _Step(database, account, fails_once=True)
    async with _run(simulated, database, box, account, home) as door:
        first, *others = await _ask_three(door, step)
        assert isinstance(first, DatabaseUnavailable)
        assert all(isinstance(each, Found) for each in others)
        assert step.commits == 1
    assert await _bought(simulated) == 2


class _Step:
    """A step whose record is written with its first questions; it counts the commits."""

    def __init__(self, database: Database, account: AccountId, *, fails_once: bool = False) -> None:
        self.opening = Opening()
        self.opening.put_off(self._carry, self._write)
        self.commits = 0
        self._database, self._account, self._fails = database, account, fails_once

    async def _carry(self, work: Callable[[Transaction], Awaitable[None]]) -> None:
        if self._fails:
            self._fails = False
            raise DatabaseUnavailable("The connection was cut.")
        async with self._database.transaction(self._account) as tx:
            await work(tx)
        self.commits += 1

    async def _write(self, tx: Transaction) -> StepRun:
        return StepRun(id=new_id(), run_id=RunId(new_id()), no=1, key="look", label="Look", state="running")


async def _ask_three(door: RunDoor, step: _Step) -> list[Any]:
    # Looked up before, so that none of the three waits for it.
    await door.route("zerobounce")
    cell = door.cell(CellPlace(TABLE, 1, FIELD, 1), opening=step.opening)
    asked = [VerifyEmail(email=f"{name}@example.com") for name in ("ana", "ben", "cleo")]
    return await asyncio.gather(*(cell.ask("zerobounce", each) for each in asked), return_exceptions=True)


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
