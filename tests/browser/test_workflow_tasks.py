"""The twelve realistic tasks in the browser's Python: the same answers as computed without it, byte for byte each time."""

import base64
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.acceptance.workflow_tasks import forms, scripts
from tests.acceptance.workflow_tasks.task import Files, Task, fingerprint, read_results
from tests.browser import frame_site

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]
TASKS = (*forms.TASKS, *scripts.TASKS)

_OPEN = """async () => {
  window.door = await import("/python/door.js");
  const input = Object.assign(document.createElement("input"), { type: "file", multiple: true, id: "files" });
  document.body.append(input);
}"""
# The files come as a person gives them; only their fields are told apart by name.
_RUN = """async ([request, fields]) => {
  const given = [...document.getElementById("files").files];
  const files = {};
  for (const [field, names] of Object.entries(fields)) files[field] = names.map((name) => given.find((file) => file.name === name));
  const outcome = await door.run({ ...request, files }).result;
  const outputs = [];
  for (const { name, blob } of outcome.outputs) {
    const bytes = new Uint8Array(await blob.arrayBuffer());
    let text = "";
    for (let at = 0; at < bytes.length; at += 32768) text += String.fromCharCode(...bytes.subarray(at, at + 32768));
    outputs.push([name, btoa(text)]);
  }
  return { success: outcome.success, failure: outcome.failure_local, log: outcome.log.slice(-2000), outputs };
}"""


@dataclass
class Bench:
    """A page of the site with the door open."""

    page: Page

    def run(self, task: Task, files: Files) -> tuple[str, bytes]:
        """The name and the bytes of what the task's script made."""
        build = task.build(files)
        script = build.execution.script
        request: dict[str, Any] = {
            "script": script,
            "sha256": hashlib.sha256(script.encode()).hexdigest(),
            "values": dict(task.values),
            "outputFilename": build.execution.outputFilename,
        }
        self.page.set_input_files("#files", [path for paths in files.values() for path in paths])
        names = {field: [path.name for path in paths] for field, paths in files.items()}
        outcome = self.page.evaluate(_RUN, [request, names])
        assert outcome["success"], outcome
        ((name, content),) = outcome["outputs"]
        return name, base64.b64decode(content)


@pytest.fixture(scope="module")
def bench(browser: Browser) -> Iterator[Bench]:
    with frame_site.served() as site:
        page = browser.new_page()
        page.goto(f"{site.address}/blank")
        page.evaluate(_OPEN)
        yield Bench(page)
        page.close()


@pytest.mark.parametrize("task", TASKS, ids=lambda task: task.key)
def test_a_realistic_task_gives_the_same_answer_in_the_browser(task: Task, bench: Bench, tmp_path: Path) -> None:
    files = task.make(tmp_path)
    found = read_results(*bench.run(task, files))
    expected = task.expect(files)
    assert sorted(found) == sorted(expected)
    for name, rows in expected.items():
        different = [pair for pair in zip(found[name], rows, strict=True) if pair[0] != pair[1]]
        assert different[:3] == [], name


@pytest.mark.parametrize("key", ["tidy_people", "stock_reorder"])
def test_three_runs_in_the_browser_give_the_same_hash(key: str, bench: Bench, tmp_path: Path) -> None:
    (task,) = (each for each in TASKS if each.key == key)
    files = task.make(tmp_path)
    found = {(name, fingerprint(content)) for name, content in (bench.run(task, files) for _ in range(3))}
    assert len(found) == 1
