"""The commands that start processes: the whole product answers, the demo runs, and both end cleanly."""

import csv
import json
import os
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

pytestmark = [pytest.mark.acceptance, pytest.mark.timeout(300)]


@pytest.fixture
def surroundings(environment: Mapping[str, str], tmp_path: Path) -> dict[str, str]:
    """The environment of a process whose home is the test's own."""
    return {**os.environ, **environment, "SPADEWORK_HOME": str(tmp_path / "home"), "SPADEWORK_LOG_LEVEL": "ERROR"}


def test_the_demo_prints_one_object_and_writes_real_companies_with_simulated_addresses(
    surroundings: dict[str, str], tmp_path: Path
) -> None:
    done = subprocess.run(
        _words("demo", "--yes", "--json"), env=surroundings, cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    said = json.loads(done.stdout)
    assert said["csv_path"] == str(tmp_path / "exports" / "california-technology.csv")
    with Path(said["csv_path"]).open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == said["rows"] >= 30
    assert {row["State"] for row in rows} == {"California"}
    addresses = [row["CEO work e-mail"] for row in rows if row["CEO work e-mail"]]
    assert addresses and all(each.endswith(".example") for each in addresses)
    assert [row["CEO work e-mail (simulated)"] for row in rows if row["CEO work e-mail"]] == ["simulated"] * len(
        addresses
    )
    assert sum(said["cells"].values()) == 2 * said["rows"]
    assert (said["spent_micro_usd"], {each["is_simulated"] for each in said["spend"]}) == (0, {True})
    assert not (tmp_path / "home" / "simulator.json").exists()


def test_a_person_who_says_no_stops_the_demo_before_anything_happens(
    surroundings: dict[str, str], tmp_path: Path
) -> None:
    done = subprocess.run(
        _words("demo"), env=surroundings, cwd=tmp_path, capture_output=True, text=True, input="n\n", check=False
    )
    assert done.returncode == 7
    assert "nothing was carried out" in done.stderr
    assert not (tmp_path / "exports").exists()


def test_nobody_to_ask_is_a_refusal_that_names_the_option(surroundings: dict[str, str], tmp_path: Path) -> None:
    done = subprocess.run(
        _words("demo", "--json"), env=surroundings, cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (4, "")
    assert "--yes" in json.loads(done.stderr)["error"]["message"]


def test_up_answers_at_the_address_it_prints_and_ends_cleanly(surroundings: dict[str, str]) -> None:
    with _started("up", "--port", "0", env=surroundings) as (process, said):
        assert said["pid"] == process.pid
        assert said["sign_in_link"].startswith(f"{said['address']}/welcome?token=")
        with urllib.request.urlopen(f"{said['address']}/readyz") as reply:
            assert reply.status == 200
        process.send_signal(signal.SIGINT)
        assert process.wait() == 0
    assert not (Path(surroundings["SPADEWORK_HOME"]) / "simulator.json").exists()


def test_a_port_in_use_is_told_in_a_sentence(surroundings: dict[str, str]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = subprocess.run(
            _words("api", "--port", str(port), "--json"), env=surroundings, capture_output=True, text=True, check=False
        )
    assert (done.returncode, done.stdout) == (4, "")
    assert f"Port {port} is in use" in json.loads(done.stderr)["error"]["message"]


def test_a_worker_prints_its_pid_and_carries_out_what_was_approved_without_it(
    surroundings: dict[str, str], answers: Path
) -> None:
    plan = _json("plan", "make", str(answers), env=surroundings)
    approved = _json("plan", "approve", plan["id"], "--hash", plan["hash"], env=surroundings)
    with _started("worker", env=surroundings) as (process, said):
        assert said["pid"] == process.pid
        assert _json("quiesce", "--timeout", "60", env=surroundings)["is_quiet"]
        process.send_signal(signal.SIGTERM)
        assert process.wait() == 0
    assert _json("runs", "show", approved["run"]["id"], env=surroundings)["state"] == "succeeded"
    assert _json("check", env=surroundings)["holds"]


def test_a_file_is_imported_and_exported_again(surroundings: dict[str, str], answers: Path, tmp_path: Path) -> None:
    plan = _json("plan", "make", str(answers), env=surroundings)
    run = _json("plan", "approve", plan["id"], "--hash", plan["hash"], env=surroundings)["run"]["id"]
    with _started("worker", env=surroundings):
        assert _json("quiesce", "--timeout", "60", env=surroundings)["is_quiet"]
    table = _json("runs", "show", run, env=surroundings)["progress"]["table_id"]
    leads = tmp_path / "leads.csv"
    leads.write_text('Company,Employees\nExample Robotics,12\nExample Foundry,many\n"Example')
    imported = _json("tables", "import", table, str(leads), env=surroundings)
    assert (imported["imported"], [each["line"] for each in imported["rejects"]]) == (1, [3, 4])
    exported = subprocess.run(
        _words("tables", "export", table), env=surroundings, capture_output=True, text=True, check=True
    )
    names = [row["Company"] for row in csv.DictReader(exported.stdout.splitlines())]
    assert (len(names), names[-1]) == (4, "Example Robotics")


def _words(*words: str) -> list[str]:
    return [sys.executable, "-m", "spadework.cli.main", *words]


def _json(*words: str, env: dict[str, str]) -> Any:
    done = subprocess.run(_words(*words, "--json"), env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@contextmanager
def _started(*words: str, env: dict[str, str]) -> Iterator[tuple["subprocess.Popen[str]", Any]]:
    """A process that stays, and the line it printed when it was ready."""
    process = subprocess.Popen(_words(*words, "--json"), env=env, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        yield process, json.loads(process.stdout.readline())
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            process.wait()
        process.stdout.close()
