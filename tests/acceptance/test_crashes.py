"""Nothing is lost, paid for twice or overspent when processes are killed, frozen or stopped at any moment.

The simulated vendor is never killed and writes each request and each effect to its ledger before it
answers, so its ledger is the outside truth that the product's books are compared with.
"""

import json
import os
import random
import signal
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any
from uuid import UUID

import pytest

from spadework.simulator.invented import Draw
from tests.acceptance.installation import PRICE_A, PRICE_B, Installation, Process

pytestmark = [pytest.mark.acceptance, pytest.mark.timeout(280)]
SIMULATOR_SEED = 7
HAND_OVER_SECONDS = 35


@pytest.fixture(scope="module")
def here() -> Iterator[Installation]:
    with Installation(latency_ms=150) as installation:
        yield installation


def tell(text: str) -> None:
    """A figure for whoever reads the test's output (`-s`, or after a failure)."""
    sys.stdout.write(f"{text}\n")


@dataclass(frozen=True)
class Sheet:
    """A table whose rows each make one purchase of class A and one of class B, or of B alone."""

    name: str
    rows: int
    client_id: str
    workbook_id: str
    table_id: str
    fields: dict[str, str]
    """Field id by vendor, `a` or `b`."""


def make_sheet(here: Installation, name: str, *, rows: int, vendors: str = "ab") -> Sheet:
    client = here.ask("POST", "/v3/clients", {"name": f"Client of {name}"})
    made = here.ask("POST", "/v3/workbooks", {"client_id": client["id"], "name": name, "is_training": False})
    table = made["default_table_id"]
    here.ask("POST", f"/v3/tables/{table}/fields", {"name": "In", "kind": "text"})
    fields = {}
    for vendor in vendors:
        settings = {
            "provider": f"crash_{vendor}", "capability": "normalize_domain", "inputs": {"value": "{{In}}"},
        }  # fmt: skip
        column = {"name": vendor.upper(), "kind": "enrichment", "settings": settings}
        fields[vendor] = here.ask("POST", f"/v3/tables/{table}/fields", column)["id"]
    for low in range(0, rows, 1000):
        records = [{"cells": {"In": f"{name}-{each}"}} for each in range(low, min(rows, low + 1000))]
        here.ask("POST", f"/v3/tables/{table}/records", {"records": records})
    return Sheet(name, rows, client["id"], made["id"], table, fields)


def set_budget(here: Installation, scope: str, scope_id: str, limit: int) -> None:
    here.ask("PUT", "/v3/budgets", {"scope": scope, "scope_id": scope_id, "limit_micro_usd": limit})


def start(here: Installation, sheet: Sheet, **more: Any) -> str:
    body = {"field_ids": list(sheet.fields.values()), "mode": "all", **more}
    return str(here.ask("PATCH", f"/v3/tables/{sheet.table_id}/run", body)["id"])


def holder(here: Installation, run_id: str) -> Process:
    """The worker that has the run, which must be under way."""
    (row,) = here.fetch("select state, worker_id from v_jobs where job_id = $1", UUID(run_id))
    found = [each for each in here.workers if f"-{each.pid}-" in str(row["worker_id"])]
    assert row["state"] == "running", f"the run is {row['state']}"
    assert found, f"the run is with {row['worker_id']}, who is dead"
    return found[0]


def finished(here: Installation, run_id: str, *, seconds: float = 120) -> Any:
    """The run's row once it has ended."""
    give_up_at = time.monotonic() + seconds
    while True:
        (row,) = here.fetch("select * from runs where id = $1", UUID(run_id))
        if row["state"] in ("succeeded", "failed", "stopped"):
            return row
        assert time.monotonic() < give_up_at, f"still {row['state']} after {seconds:.0f} s\n{here.logs()}"
        time.sleep(0.2)


# --- the tests --------------------------------------------------------------------------------------


def test_killing_workers_web_server_and_database_loses_nothing_and_pays_nothing_twice(here: Installation) -> None:
    seed = int(os.environ.get("SPADEWORK_CRASH_SEED") or time.time_ns() % 1_000_000)
    tell(f"SPADEWORK_CRASH_SEED={seed}")
    chance = random.Random(seed)
    sheet = make_sheet(here, "crash", rows=1000)
    enough = 1000 * (PRICE_A + PRICE_B)
    set_budget(here, "client", sheet.client_id, enough)
    set_budget(here, "workbook", sheet.workbook_id, enough + 500_000)
    set_budget(here, "column", sheet.fields["b"], 1000 * PRICE_B)
    workers_before = here.killed_workers
    start_workers(here, 2)
    run_id = start(here, sheet, budget_micro_usd=enough)
    blows = ["worker", "worker", "worker and database", "database", "database", "api", "api", "idle worker"]
    chance.shuffle(blows)
    for at, blow in zip(sorted(chance.sample(range(60, 1850), len(blows))), blows, strict=True):
        here.until(lambda at=at: len(here.requests()) >= at, seconds=60, what=f"request {at}")
        time.sleep(chance.random() * 0.1)
        strike(here, run_id, blow, chance)
    run = finished(here, run_id)
    assert (run["state"], run["error"]) == ("succeeded", None)
    assert here.ask("GET", f"/v3/runs/{run_id}")["state"] == "succeeded"
    assert_books_agree(here, sheet, run_id, killed=here.killed_workers - workers_before)


def test_a_budget_that_runs_out_is_never_overspent_even_when_its_worker_is_killed(here: Installation) -> None:
    sheet = make_sheet(here, "short", rows=300)
    limit = 200 * PRICE_B + 1_500
    set_budget(here, "table", sheet.table_id, 10 * limit)
    set_budget(here, "column", sheet.fields["b"], limit)
    before = here.killed_workers
    start_workers(here, 2)
    run_id = start(here, sheet)
    here.until(lambda: len(here.requests("b-short")) >= 90, seconds=60, what="90 requests")
    busy = holder(here, run_id)
    here.kill_worker(busy)
    run = finished(here, run_id)
    assert run["state"] == "succeeded"
    states = assert_books_agree(here, sheet, run_id, killed=here.killed_workers - before)
    # What is unknown keeps its money set aside, so bought and unknown together are what the limit allows.
    assert states["b", "done"] + states["b", "unknown"] == 200
    assert states["b", "over_budget"] == 100
    assert states["a", "done"] == 300


def test_after_stop_nothing_leaves_and_resuming_pays_for_nothing_again(here: Installation) -> None:
    sheet = make_sheet(here, "stop", rows=400, vendors="b")
    start_workers(here, 1)
    run_id = start(here, sheet)
    here.until(lambda: len(here.requests("b-stop")) >= 100, seconds=60, what="100 requests")
    here.ask("POST", f"/v3/runs/{run_id}/stop")
    stopped_at = datetime.now(UTC)
    assert (finished(here, run_id))["state"] == "stopped"
    time.sleep(3)
    requests = here.requests("b-stop")
    late = [each for each in requests if each.at > stopped_at + timedelta(seconds=2)]
    assert late == []
    tell(f"last request {(max(each.at for each in requests) - stopped_at).total_seconds():+.3f} s after the stop")
    calls = here.fetch("select state from v_calls where run_id = $1 and state <> 'void'", UUID(run_id))
    assert Counter(each["state"] for each in calls) == {"ok": len(requests)}
    here.ask("POST", f"/v3/runs/{run_id}/resume")
    assert (finished(here, run_id))["state"] == "succeeded"
    states = assert_books_agree(here, sheet, run_id, killed=0)
    assert states["b", "done"] == 400


def test_a_worker_that_ends_in_good_order_leaves_no_call_unknown(here: Installation) -> None:
    sheet = make_sheet(here, "leave", rows=300, vendors="b")
    start_workers(here, 2)
    run_id = start(here, sheet)
    here.until(lambda: len(here.requests("b-leave")) >= 60, seconds=60, what="60 requests")
    busy = holder(here, run_id)
    busy.end()
    here.workers.remove(busy)
    assert finished(here, run_id)["state"] == "succeeded"
    moments = sorted(each.at for each in here.requests("b-leave"))
    gap = max(later - earlier for earlier, later in pairwise(moments))
    tell(f"handed over within {gap.total_seconds():.2f} s after a worker ended")
    states = assert_books_agree(here, sheet, run_id, killed=0)
    assert states["b", "done"] == 300


def test_a_worker_frozen_past_its_death_changes_nothing_when_it_wakes(here: Installation) -> None:
    sheet = make_sheet(here, "frozen", rows=500)
    set_budget(here, "client", sheet.client_id, 500 * (PRICE_A + PRICE_B))
    start_workers(here, 2)
    run_id = start(here, sheet)
    here.until(lambda: len(here.requests("b-frozen")) >= 60, seconds=60, what="60 requests")
    frozen = holder(here, run_id)
    frozen.send(signal.SIGSTOP)
    time.sleep(1)
    seen, began = len(here.requests("b-frozen")), time.monotonic()
    here.until(lambda: len(here.requests("b-frozen")) > seen + 20, seconds=HAND_OVER_SECONDS, what="the other worker")
    tell(f"taken over {time.monotonic() - began + 1:.1f} s after a worker froze")
    frozen.send(signal.SIGCONT)
    run = finished(here, run_id)
    assert run["state"] == "succeeded"
    # The frozen worker may still have its own calls to write down; then its books are complete.
    end_workers(here)
    assert_books_agree(here, sheet, run_id, killed=None)


# --- what is done to it, and what must then hold ------------------------------------------------------


def strike(here: Installation, run_id: str, blow: str, chance: random.Random) -> None:
    """Kill something and start it again; after the death of the run's worker, wait for the other to go on."""
    if blow == "api":
        here.api.kill()
        here.start_api()
        return
    if blow == "database":
        here.kill_postgres()
        time.sleep(chance.random() * 2)
        here.start_postgres()
        return
    busy = holder(here, run_id)
    if blow == "idle worker":
        here.kill_worker(next(each for each in here.workers if each is not busy))
        here.start_worker()
        return
    here.kill_worker(busy)
    killed_at = time.monotonic()
    if blow == "worker and database":
        here.kill_postgres()
        here.start_postgres()
    here.start_worker()
    time.sleep(1)
    seen = len(here.requests())
    here.until(lambda: len(here.requests()) > seen, seconds=HAND_OVER_SECONDS, what="another worker to go on")
    seconds = time.monotonic() - killed_at
    tell(f"handed over {seconds:.1f} s after the death of {blow}")
    assert seconds <= HAND_OVER_SECONDS


def assert_books_agree(
    here: Installation, sheet: Sheet, run_id: str, *, killed: int | None
) -> Counter[tuple[str, str]]:
    """Every promise, with the vendor's ledger as the truth; cells by vendor and state.

    `killed` workers can each have died with one call noted as sent whose bytes had not left: it is
    unknown to us and unseen by the vendor. None when a worker woke up and may have ended unknown calls.
    """
    requests, effects = here.requests(), [each for each in here.ledger() if each.is_effect]
    sent = {vendor: Counter(each.asked for each in requests if each.asked.startswith(f"{vendor}-{sheet.name}-"))
            for vendor in "ab"}  # fmt: skip

    # No purchase of class A had two effects or two keys, and none of class B was asked for twice.
    done_a = Counter(each.asked for each in effects if each.asked.startswith(f"a-{sheet.name}-"))
    assert set(done_a.values()) <= {1}
    keys = {(each.asked, each.key) for each in requests if each.asked.startswith(f"a-{sheet.name}-")}
    assert len(keys) == len(sent["a"])
    assert set(sent["b"].values()) <= {1}

    # Unknown are exactly the class-B calls that were under way without a recorded reply.
    calls = here.fetch("select * from v_calls where table_id = $1", UUID(sheet.table_id))
    inputs = here.fetch("select row_id, t1 from rows where table_id = $1", UUID(sheet.table_id))
    asked = {row["row_id"]: row["t1"] for row in inputs}
    by_state: dict[str, set[str]] = {"a": set(), "b": set()}
    settled: dict[str, set[str]] = {"a": set(), "b": set()}
    for each in calls:
        vendor = each["provider"].removeprefix("crash_")
        assert each["state"] in ("ok", "void", "unknown"), dict(each)
        if each["state"] == "unknown":
            by_state[vendor].add(f"{vendor}-{asked[each['row_id']]}")
        elif each["state"] == "ok":
            settled[vendor].add(f"{vendor}-{asked[each['row_id']]}")
    assert by_state["a"] == set()
    unrecorded = set(sent["b"]) - settled["b"]
    unseen = by_state["b"] - unrecorded
    tell(f"{len(unrecorded)} calls were under way at a kill; {len(by_state['b'])} are unknown")
    assert unrecorded <= by_state["b"]
    assert killed is None or len(unseen) <= killed
    assert settled["b"] <= set(sent["b"])

    states = assert_cells_are_right(here, sheet, unknown=by_state["b"], is_exact=killed is not None)
    assert_money_adds_up(here, sheet, settled, unknown=len(by_state["b"]))

    # Nothing is left half done, and each cell was written once by the run.
    (open_runs,) = here.fetch("select count(*) from v_jobs where state not in ('succeeded', 'stopped', 'failed')")
    assert open_runs["count"] == 0
    repeated = here.fetch(
        "select row_id, field_no from v_cell_versions where run_id = $1 and state <> 'over_budget'"
        " group by row_id, field_no having count(*) > 1",
        UUID(run_id),
    )
    assert repeated == []
    check = here.command("check")
    assert check.returncode == 0, check.stdout.decode()
    progress = json.loads((here.fetch("select progress from runs where id = $1", UUID(run_id)))[0]["progress"])
    assert (progress["total"], progress["done"]) == (len(sheet.fields) * sheet.rows,) * 2
    assert progress["by_state"] == {
        state: sum(n for (_, each), n in states.items() if each == state) for state in {each for _, each in states}
    }
    return states


def assert_cells_are_right(
    here: Installation, sheet: Sheet, *, unknown: set[str], is_exact: bool
) -> Counter[tuple[str, str]]:
    states: Counter[tuple[str, str]] = Counter()
    for vendor, field_id in sheet.fields.items():
        (field,) = here.fetch("select no, slot from fields where id = $1", UUID(field_id))
        cells = here.fetch(
            f"select r.t1 as asked, r.{field['slot']} as value, s.state, s.note from rows r left join cell_state s"
            " on s.table_id = r.table_id and s.row_id = r.row_id and s.field_no = $2 where r.table_id = $1",
            UUID(sheet.table_id), field["no"],
        )  # fmt: skip
        assert len(cells) == sheet.rows
        for each in cells:
            question = f"{vendor}-{each['asked']}"
            states[vendor, each["state"]] += 1
            if each["state"] == "done":
                assert each["value"] == Draw(SIMULATOR_SEED, "bench", question).token(16)
            else:
                assert each["state"] in ("unknown", "over_budget"), (question, dict(each))
                assert each["value"] is None
            assert (each["state"] == "unknown") == (question in unknown) or not is_exact
    return states


def assert_money_adds_up(here: Installation, sheet: Sheet, settled: dict[str, set[str]], *, unknown: int) -> None:
    over = here.fetch("select * from v_budget_ledger where pending + posted > limit_at")
    assert over == []
    spent = len(settled["a"]) * PRICE_A + len(settled["b"]) * PRICE_B
    ledger = here.fetch(
        "select sum(l.amount_micro_usd) as spent from ledger l where l.table_id = $1 and l.kind = 'settle'",
        UUID(sheet.table_id),
    )
    assert ledger[0]["spent"] == spent
    budgets = here.fetch(
        "select scope, reserved_micro_usd as reserved, spent_micro_usd as spent from budgets"
        " where scope_id = any($1::uuid[])",
        [UUID(each) for each in (sheet.client_id, sheet.workbook_id, sheet.table_id, *sheet.fields.values())],
    )
    for each in budgets:
        is_column = each["scope"] == "column"
        assert each["reserved"] == unknown * PRICE_B, each["scope"]
        assert each["spent"] == (len(settled["b"]) * PRICE_B if is_column else spent), each["scope"]


def start_workers(here: Installation, wanted: int) -> None:
    """So many are alive; those of the test before go on."""
    assert all(each.is_alive for each in here.workers), here.logs()
    for _ in range(wanted - len(here.workers)):
        here.start_worker()


def end_workers(here: Installation) -> None:
    for each in here.workers:
        each.end()
    here.workers.clear()
