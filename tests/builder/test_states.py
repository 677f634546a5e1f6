"""The state machine: the seed's steps and no others, whatever comes in whatever order, against the real database."""

import random
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any, get_args

import asyncpg
import pytest

from spadework.accounts.actions import credentials
from spadework.builder.actions import building, talking, versions, workflows
from spadework.builder.rules.conversation import Clarification, Verdict
from spadework.builder.store import versions as store
from spadework.builder.types import (
    DRAFT_STATUSES,
    MOST_QUESTIONS,
    MOST_REPAIRS,
    Build,
    Failure,
    Status,
    TestReport,
    Version,
    VersionId,
    WorkflowId,
)
from spadework.core.db import Database, Transaction
from spadework.core.errors import SpadeworkError
from spadework.core.ids import AccountId
from spadework.core.secrets import Box
from spadework.prompts.actions import files
from spadework.runs import actions as runs
from tests.builder.conftest import BUILT, EXTRACT, FAILURE, SCRIPT, SHA256, built
from tests.conftest import Person

STATUSES: tuple[Status, ...] = get_args(Status)
STEPS: frozenset[tuple[str, str]] = frozenset(
    {
        ("validating", "validated"), ("validating", "rejected"), ("validated", "clarifying"), ("clarifying", "building"),
        ("building", "pending_user_approval"), ("building", "failed"), ("pending_user_approval", "approved"),
        ("pending_user_approval", "building"),
    }
) | {(each, "archived") for each in STATUSES if each != "archived"}  # fmt: skip
WAY_TO: Mapping[str, tuple[Status, ...]] = {
    "validating": (), "validated": ("validated",), "rejected": ("rejected",), "clarifying": ("validated", "clarifying"),
    "building": ("validated", "clarifying", "building"), "archived": ("archived",),
    "failed": ("validated", "clarifying", "building", "failed"),
    "pending_user_approval": ("validated", "clarifying", "building", "pending_user_approval"),
    "approved": ("validated", "clarifying", "building", "pending_user_approval", "approved"),
}  # fmt: skip
ORDERS = 2_000
PARTS = 4
"""So that several processes may share the orders."""
LONGEST = 14


async def step(tx: Transaction, version_id: VersionId, status: str) -> None:
    """Set a status past everything but the database, with the script and the decision that go with it."""
    await tx.execute(
        "update workflow_versions set approved_at = now(), repairs_used = repairs_used + case when"
        "  status = 'pending_user_approval' and $2 = 'building' then 1 else 0 end,"
        " execution = case when $2 in ('pending_user_approval', 'approved') then $3 else execution end,"
        " script_sha256 = case when $2 in ('pending_user_approval', 'approved') then $4 else script_sha256 end,"
        " status = $2 where id = $1",
        version_id, status, BUILT["execution"], bytes.fromhex(SHA256),
    )  # fmt: skip


@pytest.mark.parametrize(("before", "after"), [pair for pair in product(STATUSES, STATUSES) if pair[0] != pair[1]])
async def test_the_database_takes_the_steps_of_the_state_machine_and_refuses_all_others(
    tx: Transaction, ana: Person, before: str, after: str
) -> None:
    version = await workflows.create(tx, [EXTRACT], body=b"{}", by=ana.id)
    for status in WAY_TO[before]:
        await step(tx, version.id, status)
    is_taken = True
    try:
        async with tx.savepoint():
            await step(tx, version.id, after)
    except asyncpg.CheckViolationError:
        is_taken = False
    assert is_taken is ((before, after) in STEPS)


async def test_the_database_refuses_a_second_draft_a_second_active_version_and_a_second_message_in_flight(
    tx: Transaction, ana: Person
) -> None:
    version = await workflows.create(tx, [EXTRACT], body=b"{}", by=ana.id)
    with pytest.raises(asyncpg.UniqueViolationError, match="one_draft"):
        async with tx.savepoint():
            await store.add(tx, version.workflow_id, version=2, status="validated", file_extracts=[EXTRACT])
    for status in WAY_TO["approved"]:
        await step(tx, version.id, status)
    second = await store.add(tx, version.workflow_id, version=2, status="validated", file_extracts=[EXTRACT])
    for status in WAY_TO["pending_user_approval"][1:]:
        await step(tx, second, status)
    with pytest.raises(asyncpg.UniqueViolationError, match="one_approved"):
        async with tx.savepoint():
            await step(tx, second, "approved")
    add = (
        "insert into workflow_messages (account_id, id, workflow_id, version_id, role, content, is_in_flight)"
        " values ($1, gen_random_uuid(), $2, $3, 'user', 'merge', true)"
    )
    await tx.execute(add, tx.account, version.workflow_id, second)
    with pytest.raises(asyncpg.UniqueViolationError, match="one_in_flight"):
        async with tx.savepoint():
            await tx.execute(add, tx.account, version.workflow_id, second)


@pytest.mark.parametrize("beyond", ["repairs_used = 4", "questions_asked = 6"])
async def test_the_database_refuses_a_fourth_repair_and_a_sixth_question(
    tx: Transaction, ana: Person, beyond: str
) -> None:
    version = await workflows.create(tx, [EXTRACT], body=b"{}", by=ana.id)
    with pytest.raises(asyncpg.CheckViolationError):
        async with tx.savepoint():
            await tx.execute(f"update workflow_versions set {beyond} where id = $1", version.id)


async def test_the_database_puts_nothing_but_an_approved_version_in_use(tx: Transaction, ana: Person) -> None:
    version = await workflows.create(tx, [EXTRACT], body=b"{}", by=ana.id)
    for status in WAY_TO["pending_user_approval"]:
        await step(tx, version.id, status)
    use = "update workflow_versions set is_active = true where id = $1"
    with pytest.raises(asyncpg.CheckViolationError):
        async with tx.savepoint():
            await tx.execute(use, version.id)
    await step(tx, version.id, "approved")
    assert await tx.execute(use, version.id) == "UPDATE 1"


async def test_the_script_of_a_version_that_has_ended_cannot_be_changed_by_anybody(
    tx: Transaction, ana: Person
) -> None:
    version = await workflows.create(tx, [EXTRACT], body=b"{}", by=ana.id)
    for status in WAY_TO["approved"]:
        await step(tx, version.id, status)
    for change in (
        "execution = jsonb_set(execution, '{script}', '\"import os\"')",
        "script_sha256 = sha256('import os')",
        "fields = '[]'",
    ):
        with pytest.raises(asyncpg.CheckViolationError):
            async with tx.savepoint():
                await tx.execute(f"update workflow_versions set {change} where id = $1", version.id)


@pytest.mark.parametrize(
    ("before", "change", "refusal"),
    [
        (
            "pending_user_approval",
            "execution = jsonb_set(execution, '{script}', '\"import os\"'), script_sha256 = sha256('import os')",
            "only a build writes a script",
        ),
        ("pending_user_approval", "status = 'building'", "only a repair builds a version again"),
        (
            "building",
            "execution = '{\"script\": \"import os\"}', script_sha256 = sha256('import csv')",
            "the hash is that of another script",
        ),
    ],
)
async def test_the_database_takes_a_script_from_a_build_alone_and_with_its_own_hash(
    tx: Transaction, ana: Person, before: str, change: str, refusal: str
) -> None:
    version = await workflows.create(tx, [EXTRACT], body=b"{}", by=ana.id)
    for status in WAY_TO[before]:
        await step(tx, version.id, status)
    with pytest.raises(asyncpg.CheckViolationError, match=refusal):
        async with tx.savepoint():
            await tx.execute(f"update workflow_versions set {change} where id = $1", version.id)


# --- random orders of events ---------------------------------------------------------------------------------


@dataclass
class Play:
    """One workflow in the hands of somebody who does anything at any time."""

    tx: Transaction
    by: Person
    dice: random.Random
    workflow_id: WorkflowId

    async def current(self) -> Version:
        found = await store.find_current(self.tx, self.workflow_id)
        assert found is not None
        return found

    async def asked(self) -> dict[str, Any]:
        """What a job was started with; sometimes one that is long over."""
        found = await self.tx.fetch(
            "select input from runs where subject ->> 'workflow_id' = $1 order by created_at", str(self.workflow_id)
        )
        inputs: list[dict[str, Any]] = [each["input"] for each in found]
        version = (await self.current()).id
        made_up = {"workflow_id": str(self.workflow_id), "version_id": str(version), "message_id": str(version)}
        return {**made_up, **(self.dice.choice(inputs[-2:]) if inputs else {})}

    async def say(self) -> None:
        await talking.send(self.tx, self.workflow_id, "merge", body=b"{}", by=self.by.id)

    async def judge(self) -> None:
        verdict = Verdict(feasible=self.dice.random() < 0.8, reason="No.")
        await talking.keep_verdict(self.tx, await self.asked(), verdict)

    async def clarify(self) -> None:
        asked = await self.asked()
        await talking.begin_clarifying(self.tx, asked)
        found = Clarification(needs_clarification=self.dice.random() < 0.4, question="Which?", suggestions=("this",))
        await talking.keep_clarification(self.tx, asked, found, by=None)

    async def land(self) -> None:
        await talking.land(self.tx, await self.asked())

    async def build(self) -> None:
        build = Build.model_validate(built(script=f"{SCRIPT}# {self.dice.random()}\n"))
        await building.finish(self.tx, await self.asked(), build)

    async def break_off(self) -> None:
        await building.fail(self.tx, await self.asked(), "The model is down.")

    async def test(self) -> None:
        version = await self.current()
        has_failed = self.dice.random() < 0.7
        report = TestReport(
            script_sha256=version.script_sha256 or "0" * 64, kind="synthetic",
            result="failed" if has_failed else "passed", failure=Failure(**FAILURE) if has_failed else None,
        )  # fmt: skip
        await versions.report_test(self.tx, self.workflow_id, version.id, report, body=b"{}", by=self.by.id)

    async def approve(self) -> None:
        version = self.dice.choice(await store.list_versions(self.tx, self.workflow_id))
        seen = version.script_sha256 if self.dice.random() < 0.9 else SHA256
        await versions.approve(
            self.tx, self.workflow_id, version.id, seen_sha256=seen or SHA256, body=b"{}", by=self.by.id
        )

    async def edit(self) -> None:
        await versions.edit(self.tx, self.workflow_id, by=self.by.id)

    async def archive(self) -> None:
        if self.dice.random() < 0.2:
            await versions.archive(self.tx, self.workflow_id, by=self.by.id)

    async def stop(self) -> None:
        """The runs are stopped before a worker took them, and the page is looked at."""
        version = await self.current()
        if version.status == "building" and version.build_run_id:
            await runs.request_stop(self.tx, version.build_run_id, by=None)
        if await talking.upkeep.has_lost(self.tx, self.workflow_id):
            await talking.upkeep.settle(self.tx, self.workflow_id)

    async def force(self) -> None:
        """Somebody with the app's own rights writes a status into the table."""
        await step(self.tx, (await self.current()).id, self.dice.choice(STATUSES))

    async def next_event(self) -> Callable[[], Awaitable[None]]:
        """Mostly what leads on from here, so that orders get far; otherwise anything."""
        if self.dice.random() < 0.6:
            return {
                "validating": self.dice.choice([self.say, self.judge]), "validated": self.dice.choice([self.say, self.clarify]),
                "clarifying": self.dice.choice([self.say, self.clarify]), "building": self.build,
                "pending_user_approval": self.approve, "approved": self.edit, "rejected": self.edit, "failed": self.edit,
            }.get((await self.current()).status, self.say)  # fmt: skip
        return self.dice.choice([
            self.say, self.judge, self.clarify, self.build, self.test, self.test, self.approve, self.edit, self.land,
            self.break_off, self.stop, self.archive, self.force,
        ])  # fmt: skip

    async def happen(self) -> str:
        event = await self.next_event()
        try:
            async with self.tx.savepoint():
                await event()
        except (SpadeworkError, asyncpg.CheckViolationError) as error:
            return f"{event.__name__}: {error}"
        return event.__name__


async def look(tx: Transaction, workflow_id: WorkflowId) -> dict[VersionId, Version]:
    """The workflow's versions, once everything that must always hold does."""
    found = await store.list_versions(tx, workflow_id)
    active = [each for each in found if each.is_active]
    assert len([each for each in found if each.status in DRAFT_STATUSES]) <= 1
    assert len(active) <= 1
    assert all(each.status == "approved" for each in active)
    assert len([each for each in found if each.status == "approved"]) <= 1
    assert [each.version for each in found] == list(range(len(found), 0, -1))
    assert all(each.questions_asked <= MOST_QUESTIONS and each.repairs_used <= MOST_REPAIRS for each in found)
    assert all(each.script for each in found if each.status in ("pending_user_approval", "approved"))
    in_flight = await tx.fetchval(
        "select count(*) from workflow_messages where workflow_id = $1 and is_in_flight", workflow_id
    )
    assert in_flight <= 1
    return {each.id: each for each in found}


@pytest.mark.timeout(300)
@pytest.mark.parametrize("part", range(PARTS))
async def test_two_thousand_random_orders_of_events_never_break_the_state_machine(
    database: Database, account: AccountId, box: Box, ana: Person, part: int
) -> None:
    async with database.transaction(account) as tx:
        await credentials.put_credential(tx, box, "llm", "scripted", {"script_path": ""})
        await files.ensure_library(tx)
    seen: set[tuple[str, str]] = set()
    for seed in range(part, ORDERS, PARTS):
        async with database.transaction(account) as tx:
            seen |= await play_one(tx, ana, seed)
    assert {("building", "failed"), ("approved", "archived"), ("pending_user_approval", "building")} <= seen


async def play_one(tx: Transaction, ana: Person, seed: int) -> set[tuple[str, str]]:
    """One order of events, looked at after each; gives the changes of status it saw."""
    seen: set[tuple[str, str]] = set()
    dice = random.Random(seed)
    version = await workflows.create(tx, [EXTRACT], body=b"{}", by=ana.id)
    play, told = Play(tx, ana, dice, version.workflow_id), list[str]()
    before = await look(tx, version.workflow_id)
    for _ in range(dice.randint(4, LONGEST)):
        told.append(await play.happen())
        after = await look(tx, version.workflow_id)
        for version_id, each in after.items():
            was = before[version_id].status if version_id in before else "nothing"
            assert was in ("nothing", each.status) or is_way(was, each.status), f"order {seed}: {told}"
            if was == "nothing":
                assert each.status in ("validated", "validating"), f"order {seed}: {told}"
            if was in ("approved", "archived", "rejected", "failed"):
                assert each.script == before[version_id].script, f"order {seed}: {told}"
            seen.add((was, each.status))
        before = after
    return seen


def is_way(before: str, after: str) -> bool:
    """Whether steps of the state machine lead there; one event may take several, as a first message does."""
    reached, new = {before}, {before}
    while new:
        new = {there for here, there in STEPS if here in new} - reached
        reached |= new
    return after in reached and (after == "archived" or before not in ("approved", "rejected", "failed", "archived"))
