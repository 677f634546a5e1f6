"""A worker killed with -9 while it answers or builds: the work goes on elsewhere or has failed within a minute, paid once.

The language model is a process that is never killed and writes each request to its ledger before it answers, so its
ledger is the outside truth that the product's books are compared with.
"""

import asyncio
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import httpx2
import pytest

from tests.acceptance.dossier_house import DossierHouse
from tests.builder.conftest import BUILT, EXTRACT, SHA256

pytestmark = [pytest.mark.acceptance, pytest.mark.timeout(280)]
_GATE = 20_261_123
REPLIES: dict[str, Any] = {
    "builder.validate validate": {"feasible": True, "reason": None},
    "builder.clarify clarify": {"needs_clarification": False, "question": None, "suggestions": []},
    "builder.build build": BUILT,
}


@pytest.fixture
def house(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[DossierHouse]:
    """Two workers, and a model that is slow where the test says so."""
    slow = getattr(request, "param", "")
    lines = [
        {"match": each, "reply": reply, "delay_seconds": 4 if each == slow else 0} for each, reply in REPLIES.items()
    ]
    (tmp_path / "replies.json").write_text(json.dumps(lines))
    with DossierHouse(latency_ms=5, replies=tmp_path) as house:
        house.ensure_workers(2)
        yield house


def test_a_build_whose_worker_is_killed_before_it_asks_is_built_by_another_and_asked_once(house: DossierHouse) -> None:
    path = begin(house)
    with builds_held_back(house) as is_waiting:
        assert say(house, path).json()["status"] == "building"
        house.until(is_waiting, seconds=60, what="a build at its first step")
        house.kill_worker(house.holder(build_run(house, path)))
        end_those_waiting(house)
    version = ended(house, path)
    assert (version["status"], version["script_sha256"]) == ("pending_user_approval", SHA256)
    assert asked(house) == ["builder.validate validate", "builder.clarify clarify", "builder.build build"]


@pytest.mark.parametrize("house", ["builder.build build"], indirect=True)
def test_a_build_whose_worker_is_killed_in_the_middle_of_a_paid_call_has_failed_and_edit_leads_on(
    house: DossierHouse,
) -> None:
    path = begin(house)
    assert say(house, path).json()["status"] == "building"
    house.until(lambda: "builder.build build" in asked(house), seconds=60, what="the builder's question")
    house.kill_worker(house.holder(build_run(house, path)))
    version = ended(house, path)
    assert version["status"] == "failed"
    assert "no known end" in version["failure"]
    assert asked(house).count("builder.build build") == 1
    assert [each["state"] for each in house.fetch("select state from v_calls where state <> 'ok'")] == ["unknown"]
    assert house.ask("POST", f"{path}/edit")["status"] == "validated"
    assert say(house, path).json()["status"] == "building"
    assert ended(house, path)["status"] == "pending_user_approval"


@pytest.mark.parametrize("house", ["builder.validate validate"], indirect=True)
def test_a_message_whose_worker_is_killed_in_the_middle_of_a_paid_call_is_let_go_and_can_be_sent_again(
    house: DossierHouse,
) -> None:
    path, answers = begin(house), list[httpx2.Response]()
    sending = threading.Thread(target=lambda: answers.append(say(house, path)))
    sending.start()
    house.until(lambda: asked(house), seconds=60, what="the validator's question")
    (run,) = house.fetch("select id from runs where kind = 'answer_message'")
    house.kill_worker(house.holder(str(run["id"])))
    sending.join(timeout=100)
    assert [each.status_code for each in answers] == [502]
    workflow = house.read(path)
    assert workflow["current_version"]["status"] == "validating"
    assert [each["is_in_flight"] for each in workflow["messages"]] == [False]
    assert asked(house) == ["builder.validate validate"]
    assert say(house, path).json()["status"] == "building"
    assert ended(house, path)["status"] == "pending_user_approval"


# --- what is done, and what is looked at -----------------------------------------------------------------------


def begin(house: DossierHouse) -> str:
    """The address of a new workflow."""
    return f"/api/workflows/{house.ask('POST', '/api/workflows', {'file_extracts': [EXTRACT]})['workflow_id']}"


def say(house: DossierHouse, path: str) -> httpx2.Response:
    """Send a message; given back whatever its status."""
    with httpx2.Client(headers={"Sec-Fetch-Site": "same-origin"}, cookies=house.web.cookies, timeout=150) as browser:
        return browser.post(
            f"{house.api.said['address']}{path}/messages", json={"content": "merge these files"},
            headers={"Idempotency-Key": str(uuid4())},
        )  # fmt: skip


def ended(house: DossierHouse, path: str) -> Any:
    """The version once it is no longer being built; that takes a minute at most."""

    def look() -> Any:
        version = house.read(path)["current_version"]
        return version if version["status"] != "building" else None

    return house.until(look, seconds=60, what="the end of the build")


def build_run(house: DossierHouse, path: str) -> str:
    """The run that builds the workflow."""
    (row,) = house.fetch(
        "select build_run_id from workflow_versions where workflow_id = $1 and status = 'building'",
        UUID(path.rpartition("wf_")[2]),
    )
    return str(row["build_run_id"])


def asked(house: DossierHouse) -> list[str]:
    """What the model was asked so far, in order."""
    return [str(each["purpose"]) for each in house.asked_of_model()]


@contextmanager
def builds_held_back(house: DossierHouse) -> Iterator[Any]:
    """Inside, a build stops at the record of its first step; gives what tells whether one waits there."""
    loop = asyncio.new_event_loop()
    connection = loop.run_until_complete(asyncpg.connect(house.postgres.dsn()))

    def do(sql: str) -> Any:
        return loop.run_until_complete(connection.fetch(sql))

    do(f"select pg_advisory_lock({_GATE})")
    do(
        "create or replace function hold_builds() returns trigger language plpgsql security definer as $$ begin"
        f" if new.key = 'build' then perform pg_advisory_xact_lock_shared({_GATE}); end if; return new; end $$"
    )
    do("create trigger hold_builds before insert on step_runs for each row execute function hold_builds()")
    try:
        yield lambda: do(f"select from pg_locks where locktype = 'advisory' and objid = {_GATE} and not granted")
    finally:
        do(f"select pg_advisory_unlock({_GATE})")
        do("drop trigger hold_builds on step_runs")
        loop.run_until_complete(connection.close())
        loop.close()


def end_those_waiting(house: DossierHouse) -> None:
    """What the database does once it notices that a client is dead; it would not look while it waits for a lock."""
    house.fetch(
        "select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory' and objid = $1 and not granted",
        _GATE,
    )
