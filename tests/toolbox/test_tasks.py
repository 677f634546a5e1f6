"""What a vendor works on for minutes: bought once, waited for by whoever is there, and never bought twice."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from spadework.core.errors import Halted
from spadework.core.http import HttpRequest
from spadework.core.ids import AccountId, new_id
from spadework.plug.provider import Found, Outcome, Refused
from spadework.plug.questions import ResearchReport, ResearchTopic
from spadework.spend import actions as spend
from spadework.spend.types import Call, Scopes
from spadework.toolbox.cell import CellToolbox, RunDoor
from spadework.toolbox.journal import Journal
from spadework.toolbox.language import Language
from spadework.toolbox.meter import CellPlace, Meter
from spadework.toolbox.recovery import reconcile_dead_workers, reconcile_run
from spadework.toolbox.tasks import Patience
from spadework.toolbox.vendors import TaskState, Vendors

PLACE = CellPlace(new_id(), 1, new_id(), 1)
TOPIC = ResearchTopic(instructions="heron.example: what this company is and does")
ENDLESS = ResearchTopic(instructions="zzwait heron.example: what this company is and does")
HOPELESS = ResearchTopic(instructions="zzqx heron.example: what this company is and does")


async def test_a_task_is_submitted_once_polled_until_it_ends_and_answers_with_its_sources(
    simulated: Vendors, account: AccountId, home: Path
) -> None:
    seen: list[TaskState] = []
    async with opened(simulated, account, home) as door:
        cell = a_cell(door, Patience(watch=noting(seen)))
        outcome = await cell.ask("tavily", TOPIC)
    assert isinstance(outcome, Found) and isinstance(outcome.answer, ResearchReport)
    assert "Heron" in outcome.answer.text
    assert all(each.url.startswith("https://") for each in outcome.answer.sources)
    assert [(each.state, each.polls) for each in seen] == [("waiting", 0), ("waiting", 1), ("waiting", 2)]
    evidence = cell.attempts[0]
    assert (evidence["task_id"], evidence["state"], evidence["polls"]) == (outcome.answer.task_id, "ended", 3)
    assert await submissions(simulated) == 1
    (call,) = await books(simulated, account)
    assert (call.state, call.response["body"]["status"]) == ("ok", "completed")


async def test_the_books_have_the_task_before_it_is_asked_about(
    simulated: Vendors, account: AccountId, home: Path
) -> None:
    kept: list[Call] = []

    async def watch(task: TaskState) -> None:
        if not task.polls:
            kept.extend(await books(simulated, account))

    async with opened(simulated, account, home) as door:
        await a_cell(door, Patience(watch=watch)).ask("tavily", TOPIC)
    assert [(each.state, each.response["body"]["status"]) for each in kept] == [("sent", "pending")]


@pytest.mark.parametrize("has_journal", [True, False], ids=["on the same machine", "on another machine"])
async def test_after_a_worker_died_the_next_polls_the_same_task_and_submits_none(
    simulated: Vendors, account: AccountId, home: Path, has_journal: bool
) -> None:
    dead = await die_while_waiting(simulated, account, home, TOPIC)
    if not has_journal:
        (home / "journal" / f"{dead}.journal").unlink()
    await reconcile_dead_workers(simulated.database, simulated, home / "journal")
    async with opened(simulated, account, home) as door:
        await reconcile_run(simulated.database, simulated, door.meter.journal, Scopes(account_id=account), "another")
        cell = a_cell(door)
        outcome = await cell.ask("tavily", TOPIC)
    assert isinstance(outcome, Found)
    assert cell.attempts[0]["is_reused"]
    assert await submissions(simulated) == 1
    (call,) = await books(simulated, account)
    assert (call.state, call.response["body"]["status"]) == ("ok", "completed")


async def test_a_task_that_takes_too_long_is_a_failure_that_names_it_and_is_waited_for_again_without_paying(
    simulated: Vendors, account: AccountId, home: Path
) -> None:
    async with opened(simulated, account, home) as door:
        first = await a_cell(door, Patience(most_seconds=0)).ask("tavily", ENDLESS)
    async with opened(simulated, account, home) as door:
        again = a_cell(door, Patience(most_seconds=0))
        second = await again.ask("tavily", ENDLESS)
    for outcome in (first, second):
        assert isinstance(outcome, Refused)
        assert again.attempts[0]["task_id"] in outcome.message and "paid for" in outcome.message
    assert again.attempts[0]["state"] == "waiting"
    assert await submissions(simulated) == 1


async def test_a_task_the_vendor_gives_up_is_a_failure_that_names_it_and_asking_again_begins_another(
    simulated: Vendors, account: AccountId, home: Path
) -> None:
    outcomes: list[Outcome] = []
    for _ in range(2):
        async with opened(simulated, account, home) as door:
            cell = a_cell(door)
            outcomes.append(await cell.ask("tavily", HOPELESS))
        (call,) = await books(simulated, account)
        assert (call.state, call.settled_micro_usd, cell.attempts[0]["state"]) == ("failed", 0, "failed")
    assert all(isinstance(each, Refused) and cell.attempts[0]["task_id"] in each.message for each in outcomes)
    assert await submissions(simulated) == 2


async def test_a_task_given_up_after_a_worker_died_is_not_waited_for_again(
    simulated: Vendors, account: AccountId, home: Path
) -> None:
    await die_while_waiting(simulated, account, home, HOPELESS)
    await reconcile_dead_workers(simulated.database, simulated, home / "journal")
    async with opened(simulated, account, home) as door:
        outcome = await a_cell(door).ask("tavily", HOPELESS)
    assert isinstance(outcome, Refused)
    (call,) = await books(simulated, account)
    assert call.state == "failed"


async def test_stop_ends_the_waiting_and_the_books_keep_the_task_for_whoever_goes_on(
    simulated: Vendors, account: AccountId, home: Path
) -> None:
    async with opened(simulated, account, home) as door:

        async def stop(task: TaskState) -> None:
            if task.polls == 1:
                door.meter.stop.set()

        stopped = a_cell(door, Patience(watch=stop))
        with pytest.raises(Halted):
            await stopped.ask("tavily", TOPIC)
    assert (stopped.attempts[0]["state"], stopped.attempts[0]["polls"]) == ("waiting", 1)
    (call,) = await books(simulated, account)
    assert (call.state, call.response["body"]["status"]) == ("ok", "pending")
    async with opened(simulated, account, home) as door:
        assert isinstance(await a_cell(door).ask("tavily", TOPIC), Found)
    assert await submissions(simulated) == 1


async def test_a_poll_that_gets_no_usable_answer_is_repeated_later(
    simulated: Vendors, account: AccountId, home: Path
) -> None:
    faults = {0: "vendor_down", 1: "garbage", 2: "drop", 3: "rate_limited", 4: ""}

    async def disturb(task: TaskState) -> None:
        if task.polls in faults:
            await configure(simulated, {"fault": faults[task.polls], "only": "tavily"})

    async with opened(simulated, account, home) as door:
        cell = a_cell(door, Patience(watch=disturb))
        outcome = await cell.ask("tavily", TOPIC)
    assert isinstance(outcome, Found)
    assert cell.attempts[0]["polls"] > 4
    assert await submissions(simulated) == 1


async def test_a_key_refused_while_a_task_is_waited_for_leaves_the_task_bought(
    simulated: Vendors, account: AccountId, home: Path
) -> None:
    async def revoke(task: TaskState) -> None:
        await configure(simulated, {"fault": "bad_key", "only": "tavily"})

    async with opened(simulated, account, home) as door:
        refused = await a_cell(door, Patience(watch=revoke)).ask("tavily", TOPIC)
    assert isinstance(refused, Refused) and refused.kind == "bad_key"
    await configure(simulated, {"fault": ""})
    async with opened(simulated, account, home) as door:
        assert isinstance(await a_cell(door).ask("tavily", TOPIC), Found)
    assert await submissions(simulated) == 1


def noting(seen: list[TaskState]):  # type: ignore[no-untyped-def]  # a Watch
    async def watch(task: TaskState) -> None:
        seen.append(task)

    return watch


async def die_while_waiting(vendors: Vendors, account: AccountId, home: Path, question: ResearchTopic) -> str:
    """Submit a task and let the worker die before its first poll; the worker's id."""
    waiting = asyncio.Event()

    async def watch(task: TaskState) -> None:
        waiting.set()
        await asyncio.Event().wait()

    worker_id = str(new_id())
    async with opened(vendors, account, home, worker_id=worker_id) as door:
        asking = asyncio.create_task(a_cell(door, Patience(watch=watch)).ask("tavily", question))
        await waiting.wait()
        asking.cancel()
        await asyncio.gather(asking, return_exceptions=True)
        assert door.meter.take_ends() == []
    return worker_id


@asynccontextmanager
async def opened(vendors: Vendors, account: AccountId, home: Path, *, worker_id: str = "") -> AsyncIterator[RunDoor]:
    worker_id = worker_id or str(new_id())
    journal = Journal(home / "journal", worker_id)
    meter = Meter(
        vendors.database, Scopes(account_id=account), worker_id=worker_id, journal=journal, stop=asyncio.Event()
    )
    language = Language(account, vendors.settings, vendors.database, vendors.box)
    async with meter:
        yield RunDoor(account_id=account, vendors=vendors, meter=meter, language=language, is_training=True)
        ends = meter.take_ends()
        async with vendors.database.transaction(account) as tx:
            await meter.write_ends(tx, ends)
        meter.written(ends)
    journal.close()


def a_cell(door: RunDoor, patience: Patience | None = None) -> CellToolbox:
    return door.cell(PLACE, patience=patience)


async def books(vendors: Vendors, account: AccountId) -> list[Call]:
    async with vendors.database.read(account) as tx:
        ids = await tx.fetch("select id from calls where account_id = $1", account)
        found = [await spend.find_call(tx, each["id"]) for each in ids]
    return [each for each in found if each is not None]


async def submissions(vendors: Vendors) -> int:
    """How many tasks the vendor itself has begun."""
    reply = await vendors.http.send(HttpRequest(url=f"{vendors.simulator_url}/_sim/state"), deadline_seconds=10)
    return int(reply.json()["tavily"]["effects"])


async def configure(vendors: Vendors, wanted: dict[str, str]) -> None:
    await vendors.http.send(
        HttpRequest(method="POST", url=f"{vendors.simulator_url}/_sim/config", json_body=wanted), deadline_seconds=10
    )
