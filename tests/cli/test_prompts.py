"""`spadework prompts`: files in and out, versions, labels, and an evaluation whose exit code CI can read."""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from spadework import app as wiring
from spadework.accounts.actions import accounts, credentials
from spadework.core import config
from tests.cli.conftest import Command, Ended

Evaluate = Callable[..., Ended]

FILE = """---
key: cli.greeting
name: Greeting
stage: FINAL
config: {max_tokens: 100}
inputs: {name: Who is greeted.}
assertions:
  - kind: contains
    settings: {value: hello}
---

Greet {{name}}.
"""


@pytest.fixture
def greeting(spadework: Command, tmp_path: Path) -> Path:
    """A prompt of the account's, and the file it came from."""
    path = tmp_path / "greeting.md"
    path.write_text(FILE)
    assert spadework("prompts", "import", path).code == 0
    return path


@pytest.fixture
def llm(environment: Mapping[str, str], tmp_path: Path) -> Path:
    """A scripted language model for the first account; what it says is in this file."""
    script = tmp_path / "script.json"

    async def set_up() -> None:
        settings = config.load({**environment, "SPADEWORK_LOG_LEVEL": "ERROR"})
        async with wiring.open_app(settings, works=False) as app:
            account_id = await accounts.first_account(app.database, app.box)
            async with app.database.transaction(account_id) as tx:
                values = {"script_path": str(script)}
                await credentials.put_credential(tx, app.box, "llm", "scripted", values)

    asyncio.run(set_up())
    return script


@pytest.fixture
def evaluate(environment: Mapping[str, str]) -> Evaluate:
    """`spadework prompts evaluate` as a process of its own, since it carries runs out."""

    def call(*words: str) -> Ended:
        done = subprocess.run(
            [sys.executable, "-m", "spadework.cli.main", "prompts", "evaluate", *words],
            env={**os.environ, **environment}, capture_output=True, text=True, check=False,
        )  # fmt: skip
        return Ended(done.returncode, done.stdout, done.stderr)

    return call


def says(script: Path, *lines: Any) -> None:
    script.write_text(json.dumps(list(lines)))


def test_the_list_holds_the_library(spadework: Command) -> None:
    listed = spadework("prompts", "list", "--json").json["data"]
    assert "claims.merge" in {each["key"] for each in listed}
    assert "find-lead.search-builder" in spadework("prompts", "list", "--stage", "FIND_LEAD").out


def test_prompts_go_out_as_files_and_come_back_unchanged(spadework: Command, greeting: Path, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    assert spadework("prompts", "export", folder).code == 0
    assert (folder / "cli.greeting.md").read_text().startswith("---\nkey: cli.greeting\n")
    done = spadework("prompts", "import", folder, "--json").json["data"]
    assert {each["state"] for each in done} == {"same"}


def test_a_save_is_a_version_and_the_difference_is_shown(spadework: Command, greeting: Path, tmp_path: Path) -> None:
    newest = spadework("prompts", "show", "cli.greeting", "--json").json["latest"]
    text = tmp_path / "text.md"
    text.write_text("Greet {{name}} kindly.\n")
    saved = spadework("prompts", "save", "cli.greeting", text, "--base", newest, "--notes", "Kinder", "--json")
    assert (saved.json["number"], saved.json["config"]["max_tokens"]) == (newest + 1, 100)
    assert "+    1  Greet {{name}} kindly." in spadework("prompts", "diff", "cli.greeting", newest, newest + 1).out
    late = spadework("prompts", "save", "cli.greeting", greeting, "--base", newest, "--json")
    assert (late.code, late.error["code"], late.error["details"]["newer_version"]) == (4, "conflict", newest + 1)


def test_a_protected_label_waits_and_an_open_one_moves(spadework: Command, greeting: Path) -> None:
    assert "staging → 1" in spadework("prompts", "label", "cli.greeting", "staging", 1).out
    asked = spadework("prompts", "label", "cli.greeting", "production", 1, "--json").json
    assert (asked["state"], asked["gate"]["is_open"]) == ("waiting", False)
    refused = spadework("prompts", "approve", asked["id"], "--hash", asked["fingerprint"], "--json")
    assert (refused.code, refused.error["code"]) == (4, "conflict")


def test_an_evaluation_ends_with_0_when_all_pass_100_when_one_fails_and_1_for_an_error(
    spadework: Command, evaluate: Evaluate, greeting: Path, llm: Path, tmp_path: Path
) -> None:
    says(llm, {"match": "Greet", "reply": "Hello Ana"})
    assert "no last input" in evaluate("cli.greeting").err
    fixture = tmp_path / "ana.json"
    fixture.write_text('{"name": "Ana"}')
    assert spadework("prompts", "fixture", "cli.greeting", "Ana", fixture).code == 0
    passed = evaluate("cli.greeting", "--json")
    assert (passed.code, passed.json["summary"]["passed"], passed.json["state"]) == (0, 1, "succeeded")
    says(llm, {"match": "Greet", "reply": "Good bye"})
    failed = evaluate("cli.greeting", "--fresh")
    assert (failed.code, "does not hold 'hello'" in failed.out) == (100, True)
    says(llm, {"match": "Greet", "error": "refused"})
    assert evaluate("cli.greeting", "--fresh").code == 1


def test_an_evaluation_of_nothing_is_an_error(evaluate: Evaluate) -> None:
    ended = evaluate("nothing.there", "--json")
    assert (ended.code, ended.error["code"]) == (1, "not_found")


def test_a_file_that_cannot_be_read_is_refused(spadework: Command, tmp_path: Path) -> None:
    ended = spadework("prompts", "import", tmp_path / "none.md", "--json")
    assert (ended.code, ended.error["code"]) == (4, "invalid_input")
