"""A dossier in the making loses nothing and pays nothing twice when its worker or its database is killed.

Language model and vendors are processes that are never killed; each writes a request to its ledger before
it answers, so their ledgers are the outside truth that the product's books are compared with.
"""

import json
import shutil
import sys
import time
from collections import Counter
from collections.abc import Iterator
from importlib import resources
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from tests.acceptance.dossier_house import DossierHouse

pytestmark = [pytest.mark.acceptance, pytest.mark.timeout(280)]
RECORDING = Path(str(resources.files("spadework.research.example"))) / "replies"


@pytest.fixture(scope="module")
def here() -> Iterator[DossierHouse]:
    with DossierHouse(latency_ms=20) as house:
        yield house


@pytest.mark.timeout(420)
def test_killing_the_worker_at_every_step_boundary_gives_the_same_dossier_and_pays_for_nothing_twice(
    here: DossierHouse,
) -> None:
    here.ensure_workers(2)
    before = len(here.asked_of_model())
    run_id = here.begin()
    kills, boundaries, database_kills = 0, -1, 0
    seen: dict[str, Any] = {}
    with here.stopped_between_steps(run_id) as gate:
        while (ended := gate.rest(after=boundaries)) is not None:
            boundaries = ended
            assert {each["state"] for each in calls(here, run_id)} <= {"ok"}
            finished = {key: each["completed_at"] for key, each in here.steps(run_id).items()}
            assert finished.items() >= seen.items(), "a finished step was done again"
            seen = finished
            kills += 1
            here.kill_holder(run_id)
            gate.end_those_waiting()
            if kills == 8:
                here.kill_postgres()
                here.start_postgres()
                gate.close()
                database_kills += 1
            here.ensure_workers(2)
            # At rest again in other hands, with nothing done twice: the next step waits to be begun.
            gate.rest(after=boundaries - 1)
            gate.pass_those_waiting()
    tell(f"{kills} kills at the ends of {boundaries} step runs")
    run = here.ended(run_id)
    assert (run["status"], run["steps_completed"]) == ("completed", 14), run["error_message"]
    assert kills >= 20
    assert database_kills == 1
    assert_paid_once(here, run_id, since=before)
    dossier, steps = told(here, run_id), here.steps(run_id)
    assert {key: each["completed_at"] for key, each in steps.items()}.items() >= seen.items()
    whole = undisturbed(here)
    assert list(differences(dossier, told(here, whole))) == []
    assert list(differences(shown(steps), shown(here.steps(whole)))) == []


def test_a_worker_killed_in_the_middle_of_a_paid_call_leaves_it_to_a_person_and_never_makes_it_again(
    tmp_path: Path,
) -> None:
    replies = shutil.copytree(RECORDING, tmp_path / "replies")
    (slow,) = json.loads((replies / "1-search-builder.json").read_text())
    (replies / "0-slow.json").write_text(json.dumps([{**slow, "delay_seconds": 3}]))
    with DossierHouse(latency_ms=5, replies=replies) as house:
        house.ensure_workers(2)
        run_id = house.begin()
        (lost,) = house.until(house.asked_of_model, seconds=60, what="the first question")
        house.kill_holder(run_id)
        assert house.ended(run_id)["status"] == "failed"
        assert house.asked_of_model() == [lost]
        (call,) = calls(house, run_id)
        assert call["state"] == "unknown"
        assert [each["status"] for each in house.steps(run_id).values()] == ["failed"]
        house.ask("POST", f"/v3/calls/{call['id']}/reconcile", {"action": "retry_and_pay_again"})
        house.ask("POST", f"/v2/pipeline/runs/{run_id}/retry")
        assert house.ended(run_id)["status"] == "completed"
        asked = Counter(each["purpose"] for each in house.asked_of_model())
        assert [each for each, times in asked.items() if times > 1] == [lost["purpose"]]


def test_a_dead_workers_dossier_is_taken_over_by_itself_within_35_seconds(here: DossierHouse) -> None:
    here.ensure_workers(2)
    before = len(here.asked_of_model())
    run_id = here.begin()
    with here.stopped_between_steps(run_id) as gate:
        ended = gate.rest(after=-1)
        assert ended is not None
        here.kill_worker(here.holder(run_id))
        killed_at = time.monotonic()
        gate.end_those_waiting()
    here.until(lambda: here.read(f"/v2/pipeline/runs/{run_id}/live")["steps_completed"] > 1, seconds=35, what="another")
    tell(f"taken over {time.monotonic() - killed_at:.1f} s after the death")
    assert here.ended(run_id)["status"] == "completed"
    assert_paid_once(here, run_id, since=before)


# --- what is done to it, and what must then hold ------------------------------------------------------


def tell(text: str) -> None:
    """A figure for whoever reads the test's output (`-s`, or after a failure)."""
    sys.stdout.write(f"{text}\n")


def undisturbed(here: DossierHouse) -> str:
    """The id of a run that nobody killed anything in."""
    run_id = here.begin()
    assert here.ended(run_id)["status"] == "completed"
    return run_id


def calls(here: DossierHouse, run_id: str) -> list[Any]:
    """What our books say of a run's calls."""
    return here.fetch(
        "select id, capability, state, price_settled as cost from v_calls where run_id = $1", UUID(run_id)
    )


def assert_paid_once(here: DossierHouse, run_id: str, *, since: int) -> None:
    """No question reached the model or the search engine twice, every one is paid and nothing is left half done."""
    asked = here.asked_of_model()[since:]
    assert [each for each, times in Counter(each["digest"] for each in asked).items() if times > 1] == []
    booked = calls(here, run_id)
    assert Counter(each["state"] for each in booked) == {"ok": len(booked)}
    assert len([each for each in booked if each["capability"] == "complete"]) == len(asked)
    searches = Counter(each["question"] for each in here.asked_of_vendor("serper"))
    assert set(searches.values()) == {1}
    steps = here.steps(run_id)
    assert {each["status"] for each in steps.values()} == {"completed", "skipped"}
    assert here.read(f"/v2/pipeline/runs/{run_id}")["cost_micro_usd"] == sum(each["cost"] for each in booked)
    check = here.command("check")
    assert check.returncode == 0, check.stdout.decode()


def told(here: DossierHouse, run_id: str) -> Any:
    """What a dossier tells, its claims and people included, without ids and times."""
    dossier = here.dossier(run_id)
    # Writers end side by side, and so do the steps that make claims; whichever is first is no part of the dossier.
    dossier["sections_completed"].sort()
    return without_ids([dossier, sorted(here.claims(run_id), key=lambda each: str(each["claim_id"]))])


def differences(one: Any, other: Any, place: str = "") -> Iterator[str]:
    """Where two values differ, and how."""
    if isinstance(one, dict) and isinstance(other, dict) and one.keys() == other.keys():
        for name in one:
            yield from differences(one[name], other[name], f"{place}.{name}")
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        for no, (left, right) in enumerate(zip(one, other, strict=True)):
            yield from differences(left, right, f"{place}[{no}]")
    elif one != other:
        yield f"{place}: {str(one)[:200]} instead of {str(other)[:200]}"


def without_ids(value: Any) -> Any:
    if isinstance(value, list):
        return [without_ids(each) for each in value]
    if not isinstance(value, dict):
        return value
    kept = {name: each for name, each in value.items() if not is_of_one_run(name)}
    return {name: without_ids(each) for name, each in kept.items()}


def is_of_one_run(name: str) -> bool:
    return name.endswith("_at") or name in ("id", "run_id", "step_run_id", "source_id", "dossier_id", "client_id")


def shown(steps: dict[str, Any]) -> Any:
    """What each step run gave."""
    return {key: (each["status"], without_ids(each["parsed_output"])) for key, each in steps.items()}
