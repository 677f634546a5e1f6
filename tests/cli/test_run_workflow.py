"""`spadework run-workflow`: only what was approved runs, over the right files, and the run is kept without content."""

import asyncio
import hashlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from spadework import app as wiring
from spadework.accounts.actions import accounts
from spadework.accounts.store import people
from spadework.builder.actions import scripts, versions, workflows
from spadework.builder.store import records
from spadework.builder.store import versions as version_store
from spadework.builder.types import Test as KeptTest
from spadework.builder.types import Version, Workflow, WorkflowRun
from spadework.cli import workflow_sources
from spadework.core import config
from spadework.core.errors import ContentChanged
from spadework.core.ids import UserId, new_id
from tests.builder.conftest import EXTRACT
from tests.cli.conftest import Command

SCRIPT = """import csv
from pathlib import Path

print("progress: 50%")
print("for \\x1b[31m" + customer)
with open("/output/merged.csv", "w", newline="") as file:
    writer = csv.writer(file)
    writer.writerow(["day", "revenue"])
    for path in sorted(Path("/input_files/sales").iterdir()):
        for row in csv.DictReader(path.open(encoding="utf-8-sig")):
            writer.writerow([row["day"], float(row["revenue"])])
"""
FIELDS = (
    {"id": "sales", "type": "multi_file_upload", "label": "Sales files"},
    {"id": "customer", "type": "text_input", "label": "Customer", "required": True},
)
EXECUTION: Mapping[str, Any] = {"engine": "pyodide", "dependencies": [], "outputFilename": "merged.csv"}

Make = Callable[..., tuple[Workflow, Version]]


@pytest.fixture
def make(environment: Mapping[str, str]) -> Make:
    """Makes a workflow of the first account's owner, approved unless told otherwise."""

    def made(script: str = SCRIPT, *, is_approved: bool = True, **execution: Any) -> tuple[Workflow, Version]:
        return asyncio.run(_make(environment, {**EXECUTION, **execution, "script": script}, is_approved))

    return made


@pytest.fixture
def sales(tmp_path: Path) -> Path:
    """A file whose first header is not the one that the script knows."""
    path = tmp_path / "Sales of January.csv"
    path.write_text("Booking date;revenue\n2026-01-05;10.5\n2026-01-06;7\n".replace(";", ","))
    return path


async def _make(environment: Mapping[str, str], execution: Mapping[str, Any], is_approved: bool) -> Any:
    async with wiring.open_app(config.load({**environment, "SPADEWORK_LOG_LEVEL": "ERROR"}), works=False) as app:
        account_id = await accounts.first_account(app.database, app.box)
        async with app.database.transaction(account_id) as tx:
            by = await _owner(tx)
            version = await workflows.create(tx, [EXTRACT], body=b"{}", by=by)
            for status in ("validated", "clarifying"):
                await version_store.set_status(tx, version.id, status)
            await version_store.begin_build(tx, version.id, run_id=None)
            sha256 = hashlib.sha256(execution["script"].encode()).hexdigest()
            await version_store.finish_build(
                tx, version.id, fields=list(FIELDS), execution=execution, script_sha256=sha256, saved_minutes=5
            )
            if is_approved:
                await versions.approve(tx, version.workflow_id, version.id, seen_sha256=sha256, body=b"{}", by=by)
            return await workflows.get_seen_version(tx, version.workflow_id, version.id, by=by)


async def _owner(tx: Any) -> UserId:
    known = await people.find_user_by_email(tx, "olga@example.com")
    if known is not None:
        return known.id
    user_id = UserId(new_id())
    await people.add_user(tx, user_id, email="olga@example.com", name="Olga", role="owner", password_hash="never used")
    return user_id


def runs_of(environment: Mapping[str, str], workflow: Workflow) -> list[WorkflowRun]:
    async def read() -> list[WorkflowRun]:
        async with wiring.open_app(config.load({**environment, "SPADEWORK_LOG_LEVEL": "ERROR"}), works=False) as app:
            account_id = await accounts.first_account(app.database, app.box)
            async with app.database.read(account_id) as tx:
                page = await versions.list_runs(tx, workflow.id, by=workflow.user_id, cursor=None, limit=10)
                return list(page.runs)

    return asyncio.run(read())


def kept_tests_of(environment: Mapping[str, str], version: Version) -> list[KeptTest]:
    async def read() -> list[KeptTest]:
        async with wiring.open_app(config.load({**environment, "SPADEWORK_LOG_LEVEL": "ERROR"}), works=False) as app:
            account_id = await accounts.first_account(app.database, app.box)
            async with app.database.read(account_id) as tx:
                return list((await records.list_tests(tx, [version.id])).get(version.id, ()))

    return asyncio.run(read())


def test_an_approved_workflow_runs_on_renamed_columns_and_gives_the_real_names_back(
    spadework: Command, make: Make, sales: Path, tmp_path: Path, environment: Mapping[str, str]
) -> None:
    workflow, version = make()
    ended = spadework(
        "run-workflow", f"wf_{workflow.id.hex}", sales, "--set", "customer=Heron Ltd.", "--rename", "day=Booking date",
        "--output", tmp_path / "results",
    )  # fmt: skip
    assert ended.code == 0, ended.err
    assert (tmp_path / "results" / "merged.csv").read_text().splitlines() == [
        "Booking date,revenue", "2026-01-05,10.5", "2026-01-06,7.0",
    ]  # fmt: skip
    assert "50% done" in ended.out
    assert "for \N{REPLACEMENT CHARACTER}[31mHeron Ltd." in ended.out
    assert "2 rows in and 2 rows out" in ended.out
    (run,) = runs_of(environment, workflow)
    assert (run.version_id, run.runner, run.success, run.rows_in, run.rows_out) == (version.id, "local", True, 2, 2)


def test_a_failing_script_ends_with_1_and_its_failure_is_kept_masked(
    spadework: Command, make: Make, sales: Path, tmp_path: Path, environment: Mapping[str, str]
) -> None:
    workflow, _ = make()
    ended = spadework(
        "run-workflow", workflow.id, f"sales={sales}", "--set", "customer=x", "--output", tmp_path, "--json"
    )
    assert ended.code == 1
    told = ended.json
    assert (told["success"], told["failure"]["exception"], told["outputs"]) == (False, "KeyError", [])
    assert "KeyError: 'day'" in told["failure_local"]
    (run,) = runs_of(environment, workflow)
    assert run.failure == {"exception": "KeyError", "line": 11, "message": "'aaa'"}


def test_a_workflow_nobody_approved_does_not_run(spadework: Command, make: Make, sales: Path) -> None:
    workflow, _ = make(is_approved=False)
    ended = spadework("run-workflow", workflow.id, sales, "--set", "customer=x")
    assert (ended.code, ended.out) == (4, "")
    assert "no approved version" in ended.err


def test_a_workflow_whose_approved_script_is_not_the_one_that_was_read_does_not_run(
    spadework: Command, make: Make, sales: Path
) -> None:
    workflow, _ = make()
    ended = spadework("run-workflow", workflow.id, sales, "--set", "customer=x", "--hash", "0" * 64)
    assert (ended.code, ended.out) == (4, "")
    assert "The approved script is another one by now" in ended.err


def test_a_stored_script_that_does_not_fit_its_hash_does_not_run(make: Make) -> None:
    workflow, version = make()
    changed = replace(version, execution={**(version.execution or {}), "script": f"{SCRIPT}# changed\n"})
    assert workflow_sources.of_version(workflow, version).script_sha256 == version.script_sha256
    with pytest.raises(ContentChanged, match="not the one that was approved"):
        workflow_sources.of_version(workflow, changed)


def test_an_exported_file_runs_when_its_script_is_the_approved_one(
    spadework: Command, make: Make, sales: Path, tmp_path: Path
) -> None:
    workflow, version = make()
    exports = {"w.json": scripts.as_workflow_file(workflow, version), "w.py": scripts.as_python(workflow, version)}
    for name, content in exports.items():
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        ended = spadework(
            "run-workflow", path, sales, "--set", "customer=x", "--rename", "sales:day=Booking date",
            "--output", tmp_path / name.replace(".", "-"),
        )  # fmt: skip
        assert ended.code == 0, ended.err
        assert [each.name for each in (tmp_path / name.replace(".", "-")).iterdir()] == ["merged.csv"]


def test_an_exported_file_that_was_changed_does_not_run(
    spadework: Command, make: Make, sales: Path, tmp_path: Path
) -> None:
    workflow, version = make()
    content = json.loads(scripts.as_workflow_file(workflow, version))
    content["execution"]["script"] += "\nprint('changed')\n"
    path = tmp_path / "w.json"
    path.write_text(json.dumps(content))
    asked = spadework("run-workflow", path, sales, "--set", "customer=x")
    assert (asked.code, "Nobody here approved" in asked.err) == (4, True)
    seen = spadework("run-workflow", path, sales, "--set", "customer=x", "--hash", version.script_sha256)
    assert (seen.code, "not the one you gave" in seen.err) == (4, True)


def test_an_exported_file_runs_without_an_account_by_the_hash_somebody_approved(
    spadework: Command, tmp_path: Path, sales: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sha256 = hashlib.sha256(SCRIPT.encode()).hexdigest()
    path = tmp_path / "w.json"
    content = {
        "format": scripts.FORMAT, "name": "Sales", "version": 3, "fields": FIELDS, "script_sha256": sha256,
        "execution": {**EXECUTION, "script": SCRIPT},
    }  # fmt: skip
    path.write_text(json.dumps(content))
    monkeypatch.setenv("DATABASE_URL", "postgresql://nobody@127.0.0.1:1/none")
    ended = spadework(
        "run-workflow", path, sales, "--set", "customer=x", "--rename", "day=Booking date", "--hash", sha256,
        "--output", tmp_path / "results", "--json",
    )  # fmt: skip
    assert ended.code == 0, ended.err
    assert (ended.json["success"], ended.json["run_id"]) == (True, None)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--set", "customer=x"], "Sales files needs 1 file. Give sales=PATH."),
        (["nothing.csv", "--set", "customer=x"], "There is no file nothing.csv."),
        (["SALES"], "Customer is missing. Give it with --set customer=TEXT."),
        (["SALES", "SALES", "--set", "customer=x"], "Two files for sales are named"),
        (["orders=nothing.csv", "--set", "customer=x"], "orders is no field for files; this workflow has sales."),
        (["SALES", "--set", "who=x"], "the text fields of this workflow are customer."),
        (["SALES", "--set", "customer=x", "--rename", "day"], "write NAME=HEADER"),
    ],
)
def test_words_that_fit_no_field_are_refused_with_the_way_on(
    spadework: Command, make: Make, sales: Path, words: list[str], said: str
) -> None:
    workflow, _ = make()
    ended = spadework("run-workflow", workflow.id, *(sales if each == "SALES" else each for each in words))
    assert (ended.code, said in ended.err) == (4, True), ended.err


def test_a_version_is_tested_before_its_approval_on_invented_files(
    spadework: Command, make: Make, tmp_path: Path, environment: Mapping[str, str]
) -> None:
    script = (
        "import csv, shutil\nassert customer == 'x'\nnames = next(csv.reader(open('/input_files/sales/sales.csv')))\n"
        "assert names == ['date', 'product_id', 'revenue'], names\n"
        "shutil.copyfile('/input_files/sales/sales.csv', '/output/merged.csv')"
    )
    workflow, version = make(script, is_approved=False)
    ended = spadework("run-workflow", workflow.id, "--test", "--set", "customer=x", "--output", tmp_path, "--json")
    assert ended.code == 0, ended.err + ended.out
    (kept,) = kept_tests_of(environment, version)
    assert (kept.kind, kept.result, kept.rows_in, kept.rows_out) == ("synthetic", "passed", 200, 200)
    assert runs_of(environment, workflow) == []


def test_a_failed_test_on_real_files_is_kept_masked(
    spadework: Command, make: Make, sales: Path, tmp_path: Path, environment: Mapping[str, str]
) -> None:
    workflow, version = make("raise ValueError('Heron Ltd. owes 12')", is_approved=False)
    ended = spadework("run-workflow", workflow.id, sales, "--test", "--set", "customer=x", "--output", tmp_path)
    assert ended.code == 1
    (kept,) = kept_tests_of(environment, version)
    assert (kept.kind, kept.result) == ("real", "failed")
    assert kept.failure == {"exception": "ValueError", "line": 1, "message": "Aaaaa Aaa. aaaa ##"}


def test_a_package_that_is_not_offered_is_named(spadework: Command, make: Make, sales: Path) -> None:
    workflow, _ = make(dependencies=["torch"])
    ended = spadework("run-workflow", workflow.id, sales, "--set", "customer=x")
    assert (ended.code, "needs 'torch', which the local sandbox does not offer" in ended.err) == (4, True)


def test_the_sandbox_says_whether_it_holds(spadework: Command) -> None:
    ended = spadework("run-workflow", "--self-test", "--json")
    assert ended.code == 0, ended.err
    assert set(ended.json["attacks"].values()) == {True}
    assert len(ended.json["attacks"]) == 6


def test_a_run_that_is_interrupted_ends_with_its_script(
    make: Make, sales: Path, tmp_path: Path, environment: Mapping[str, str]
) -> None:
    workflow, _ = make("import time\nprint('begun')\ntime.sleep(600)")
    words = ["run-workflow", str(workflow.id), str(sales), "--set", "customer=x", "--output", str(tmp_path / "results")]
    # A shell that runs the tests in the background makes their processes ignore Ctrl-C.
    heeding = ["env", "--default-signal=INT"]
    with subprocess.Popen(
        [*heeding, sys.executable, "-u", "-m", "spadework.cli.main", *words], env={**os.environ, **environment},
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        assert process.stdout is not None
        assert any("begun" in line for line in process.stdout)
        process.send_signal(signal.SIGINT)
        shown, said = process.communicate()
    assert (process.returncode, "Stopped." in said) == (7, True), f"{shown}{said}"
    assert runs_of(environment, workflow) == []
    assert not (tmp_path / "results").exists()


def test_without_bubblewrap_nothing_runs_and_the_message_says_what_to_install(
    spadework: Command, make: Make, sales: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    workflow, _ = make()
    monkeypatch.setenv("SPADEWORK_BWRAP", str(tmp_path / "nowhere"))
    ended = spadework("run-workflow", workflow.id, sales, "--set", "customer=x", "--output", tmp_path / "results")
    assert (ended.code, "apt install bubblewrap" in ended.err) == (6, True)
    assert not (tmp_path / "results").exists()
