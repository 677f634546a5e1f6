"""Pages through the metered door: fetched from real loopback servers, extracted, shown as evidence."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import count
from pathlib import Path
from typing import Any

import orjson
import pytest
from aiohttp import web

from spadework.core.addresses import ANYWHERE
from spadework.core.config import Settings
from spadework.core.db import Database
from spadework.core.http import HttpClient
from spadework.core.ids import AccountId, new_id
from spadework.core.secrets import Box
from spadework.core.wire import MAX_BODY_BYTES
from spadework.plug.provider import Found, NotFound, Refused
from spadework.plug.questions import Question, ReadPage, SearchWeb, VerifyEmail, WebPage
from spadework.spend.types import Scopes
from spadework.toolbox.cell import CellPlace, CellToolbox, RunDoor
from spadework.toolbox.journal import Journal
from spadework.toolbox.language import Language
from spadework.toolbox.meter import Meter
from spadework.toolbox.vendors import Vendors

STORY = "Heron Orchards will open a second press hall near Hood River in spring 2027, the company said."
VISITS = web.AppKey("visits", count)


async def answer(request: web.Request) -> web.StreamResponse:
    """A small site: a story, a redirect to it, a long one, one with bytes nobody can store, a huge one, a counted one."""
    story = f"<html><head><title>A hall</title></head><body><article><p>{STORY}</p></article></body></html>"
    bodies = {
        "/story": story,
        "/long": story.replace(
            "</article>", "".join(f"<p>Bottle {no} left.</p>" for no in range(20_000)) + "</article>"
        ),
        "/bytes": story.replace("second", "second\x00\x07"),
        "/huge": "a" * (MAX_BODY_BYTES + 1),
    }
    if request.path == "/counted":
        bodies["/counted"] = story.replace("said.", f"said. Visit {next(request.app[VISITS])}.")
    if request.path == "/old":
        raise web.HTTPMovedPermanently("/story")
    if request.path not in bodies:
        raise web.HTTPNotFound
    return web.Response(text=bodies[request.path], content_type="text/html")


@pytest.fixture
async def site() -> AsyncIterator[str]:
    application = web.Application()
    application[VISITS] = count(1)
    application.router.add_get("/{path:.*}", answer)
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    await runner.cleanup()


@asynccontextmanager
async def opened(vendors: Vendors, account: AccountId, home: Path, *, is_training: bool) -> AsyncIterator[RunDoor]:
    journal = Journal(home / "journal", str(new_id()))
    scopes = Scopes(account_id=account, table_id=new_id())
    meter = Meter(vendors.database, scopes, worker_id="worker-1", journal=journal, stop=asyncio.Event())
    language = Language(account, vendors.settings, vendors.database, vendors.box)
    async with meter:
        yield RunDoor(account_id=account, vendors=vendors, meter=meter, language=language, is_training=is_training)
        ends = meter.take_ends()
        async with vendors.database.transaction(account) as tx:
            await meter.write_ends(tx, ends)
        meter.written(ends)
    journal.close()


def a_cell(door: RunDoor, row_id: int = 1) -> CellToolbox:
    return door.cell(CellPlace(door.meter.scopes.table_id or new_id(), row_id, new_id(), 1))


@pytest.fixture
async def cell(
    settings: Settings, database: Database, box: Box, account: AccountId, home: Path
) -> AsyncIterator[CellToolbox]:
    """The door of an installation whose operator lets pages of the own network be read."""
    async with HttpClient(rules=ANYWHERE) as http:
        vendors = Vendors(settings=settings, database=database, http=http, box=box)
        async with opened(vendors, account, home, is_training=False) as door:
            yield a_cell(door)


async def test_a_page_is_fetched_and_its_words_are_the_answer(cell: CellToolbox, site: str) -> None:
    outcome = await cell.ask("page_reader", ReadPage(url=f"{site}/old#top"))
    assert isinstance(outcome, Found)
    page = outcome.answer
    assert isinstance(page, WebPage)
    assert (page.url, page.final_url, page.title, page.text) == (f"{site}/old", f"{site}/story", "A hall", STORY)
    (attempt,) = cell.attempts
    assert (attempt["provider"], attempt["outcome"], attempt["cost_micro_usd"]) == ("page_reader", "Found", 0)
    assert attempt["request"] == {"method": "GET", "url": f"{site}/old"}
    assert not cell.is_simulated


async def test_cells_that_ask_for_a_page_at_once_share_one_visit_and_whoever_asks_later_makes_another(
    cell: CellToolbox, site: str
) -> None:
    cells = [cell, a_cell(cell.door, row_id=2)]
    await cell.door.route("page_reader")  # known to both, so that both ask in the same turn of the loop
    at_once = await asyncio.gather(*(each.ask("page_reader", ReadPage(url=f"{site}/counted")) for each in cells))
    later = await a_cell(cell.door, row_id=3).ask("page_reader", ReadPage(url=f"{site}/counted"))
    said = [each.answer.text for each in (*at_once, later) if isinstance(each, Found)]
    assert said == [f"{STORY} Visit {number}." for number in (1, 1, 2)]
    (own,), (shared,) = (each.attempts for each in cells)
    assert _plain(shared) == {**_plain(own), "is_reused": True}


async def test_a_run_that_keeps_what_is_free_visits_a_page_once(cell: CellToolbox, site: str) -> None:
    cell.door.keeps_free = True
    later = a_cell(cell.door, row_id=2)
    first = await cell.ask("page_reader", ReadPage(url=f"{site}/counted"))
    assert await later.ask("page_reader", ReadPage(url=f"{site}/counted")) == first
    assert [each["is_reused"] for each in later.attempts] == [True]


async def test_a_long_page_is_read_whole_and_shown_by_its_beginning(cell: CellToolbox, site: str) -> None:
    outcome = await cell.ask("page_reader", ReadPage(url=f"{site}/long"))
    assert isinstance(outcome, Found)
    assert "Bottle 7 left." in outcome.answer.text
    assert len(bytes(orjson.dumps(cell.attempts[0]))) < 100_000


async def test_a_page_with_what_postgres_cannot_store_is_answer_and_evidence_without_it(
    cell: CellToolbox, site: str, database: Database, account: AccountId
) -> None:
    outcome = await cell.ask("page_reader", ReadPage(url=f"{site}/bytes"))
    assert isinstance(outcome, Found)
    assert "\x00" not in outcome.answer.text
    async with database.read(account) as tx:
        kept = await tx.fetchval("select $1::jsonb ->> 'provider'", orjson.Fragment(orjson.dumps(cell.attempts[0])))
    assert kept == "page_reader"


async def test_a_page_beyond_the_limit_a_missing_one_and_one_nobody_serves_are_answers(
    cell: CellToolbox, site: str
) -> None:
    huge = await cell.ask("page_reader", ReadPage(url=f"{site}/huge"))
    missing = await cell.ask("page_reader", ReadPage(url=f"{site}/none"))
    down = await cell.ask("page_reader", ReadPage(url="http://127.0.0.1:9/"))
    assert isinstance(huge, Refused)
    assert (huge.kind, "5 MB" in huge.message) == ("invalid_request", True)
    assert missing == NotFound("the site has no such page (HTTP 404)")
    assert isinstance(down, Refused)
    assert down.kind == "vendor_down"


async def test_a_bought_page_read_again_keeps_the_time_at_which_it_was_fetched(
    simulated: Vendors, account: AccountId, home: Path
) -> None:
    question = ReadPage(url="https://heron.example/about")
    async with opened(simulated, account, home, is_training=True) as door:
        first = await a_cell(door).ask("tavily", question)
    await asyncio.sleep(1.1)  # the time is kept in seconds
    async with opened(simulated, account, home, is_training=True) as door:
        again = a_cell(door)
        second = await again.ask("tavily", question)
    assert again.attempts[0]["is_reused"]
    assert isinstance(first, Found)
    assert isinstance(second, Found)
    assert second.answer == first.answer


@pytest.mark.parametrize(
    ("provider", "question", "is_bought_again"),
    [
        ("exa", SearchWeb(query="heron.example"), True),
        ("tavily", ReadPage(url="https://heron.example/about"), True),
        ("hunter", VerifyEmail(email="odile@example.com"), False),
    ],
)
async def test_what_the_web_said_days_ago_is_asked_anew_and_other_answers_serve_for_a_month(
    simulated: Vendors, account: AccountId, home: Path, provider: str, question: Question, is_bought_again: bool
) -> None:
    async with opened(simulated, account, home, is_training=True) as door:
        await a_cell(door).ask(provider, question)
    async with simulated.database.transaction(account) as tx:
        await tx.execute("update calls set settled_at = settled_at - interval '2 days' where account_id = $1", account)
    async with opened(simulated, account, home, is_training=True) as door:
        again = a_cell(door)
        await again.ask(provider, question)
    assert again.attempts[0].get("is_reused", False) != is_bought_again


async def test_in_training_mode_a_page_comes_from_the_invented_web(
    simulated: Vendors, account: AccountId, home: Path
) -> None:
    async with opened(simulated, account, home, is_training=True) as door:
        cell = a_cell(door)
        found = await cell.ask("exa", SearchWeb(query="heron.example"))
        assert isinstance(found, Found)
        for each in found.answer.results:
            page = await cell.ask("page_reader", ReadPage(url=each.url))
            assert isinstance(page, Found)
            assert page.answer.url == each.url
    assert cell.is_simulated


async def test_a_page_read_in_training_mode_bears_its_own_address_and_not_the_simulators(
    simulated: Vendors, account: AccountId, home: Path
) -> None:
    async with opened(simulated, account, home, is_training=True) as door:
        outcome = await a_cell(door).ask("page_reader", ReadPage(url="https://heron.example/about"))
    assert isinstance(outcome, Found) and isinstance(outcome.answer, WebPage)
    assert outcome.answer.final_url == "https://heron.example/about"


def _plain(attempt: dict[str, Any]) -> dict[str, Any]:
    """An attempt as a step run shows it."""
    shown: dict[str, Any] = orjson.loads(orjson.dumps(attempt))
    return shown
