"""Twelve realistic tasks in the local sandbox: what the script writes equals the answer computed without it."""

from pathlib import Path

import pytest

from spadework.builder.rules.checking import check_script
from spadework.extracts import traces
from spadework.sandbox.bubblewrap import run_script
from spadework.sandbox.harness import Outcome
from spadework.sandbox.types import Job, Masking
from tests.acceptance.workflow_tasks import forms, scripts
from tests.acceptance.workflow_tasks.task import Task, fingerprint, read_results
from tests.builder.running import run_build

pytestmark = pytest.mark.acceptance
TASKS = (*forms.TASKS, *scripts.TASKS)
MASKING = Masking(Path(traces.__file__).parent, traces.__name__, traces.mask_failure.__name__)


@pytest.mark.parametrize("task", TASKS, ids=lambda task: task.key)
def test_a_realistic_task_gives_the_answer_computed_independently(task: Task, tmp_path: Path) -> None:
    outcome = _run(task, tmp_path)
    assert outcome.success, outcome.failure_local
    (output,) = outcome.outputs
    found = read_results(output.name, output.path.read_bytes())
    expected = task.expect(task.make(tmp_path))
    assert sorted(found) == sorted(expected)
    for name, rows in expected.items():
        assert found[name][:1] == rows[:1], name
        different = [pair for pair in zip(found[name], rows, strict=True) if pair[0] != pair[1]]
        assert different[:3] == [], name


@pytest.mark.parametrize("task", TASKS, ids=lambda task: task.key)
def test_three_runs_of_a_task_give_the_same_hash(task: Task, tmp_path: Path) -> None:
    found = set()
    for no in range(3):
        folder = tmp_path / str(no)
        folder.mkdir()
        (output,) = _run(task, folder).outputs
        found.add((output.name, fingerprint(output.path.read_bytes())))
    assert len(found) == 1


@pytest.mark.parametrize("task", scripts.TASKS, ids=lambda task: task.key)
def test_a_task_exported_as_a_plain_py_gives_the_same_answer_without_spadework(task: Task, tmp_path: Path) -> None:
    files = task.make(tmp_path)
    run = run_build(task.build(files), files, tmp_path, task.values)
    assert run.failure == ""
    found = {key: rows for name, content in run.files.items() for key, rows in read_results(name, content).items()}
    assert found == task.expect(files)


def test_there_are_twelve_tasks_of_a_hundred_to_a_hundred_thousand_rows_and_nothing_in_them_stands_out() -> None:
    assert len({task.key for task in TASKS}) == 12
    assert (min(task.rows for task in TASKS), max(task.rows for task in TASKS)) == (100, 100_000)
    for task in scripts.TASKS:
        assert check_script(task.build({}).execution.script) == []


def _run(task: Task, folder: Path) -> Outcome:
    files = task.make(folder)
    build = task.build(files)
    job = Job(
        build.execution.script, {field: tuple(paths) for field, paths in files.items()}, task.values,
        output_filename=build.execution.outputFilename, dependencies=build.execution.dependencies,
    )  # fmt: skip
    return run_script(job, into=folder / "into", masking=MASKING)
