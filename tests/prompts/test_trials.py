"""Trying prompts for real: a worker asks the scripted language model, judges what comes back and pays once."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from spadework.accounts.actions import credentials
from spadework.app import App
from spadework.clients import actions as clients
from spadework.core import config
from spadework.core.errors import InvalidInput, NotFound, UnknownReference
from spadework.core.ids import AccountId, ClientId, new_id
from spadework.prompts.actions import evaluating, labels, registry
from spadework.prompts.types import Assertion, Draft, Experiment, Prompt, Trial
from spadework.research.actions import pipeline, prompt_trials
from spadework.runs import actions as runs
from spadework.runs.types import Run
from spadework.spend import actions as spend
from tests.conftest import SECRET, Addresses, at_work
from tests.prompts.conftest import draft, new

SCHEMA = {
    "type": "object",
    "properties": {"greeting": {"type": "string"}},
    "required": ["greeting"],
    "additionalProperties": False,
}
LINES: list[dict[str, Any]] = [
    {"match": "You judge one output", "reply": {"score": 90, "reason": "It greets."}},
    {"match": "Version two of", "reply": {"greeting": "Good day, Ana"}},
    {"match": "Answer in prose", "reply": "I would rather talk about myself."},
    {"match": "The service is down", "error": "refused"},
    {"match": "Greet", "reply": {"greeting": "Hello, Ana"}},
]


@pytest.fixture(scope="module")
async def worker(addresses: Addresses, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[App]:
    """The product with a worker in this process."""
    home = tmp_path_factory.mktemp("home")
    settings = config.load(
        {
            "SPADEWORK_HOME": str(home),
            "DATABASE_URL": addresses.admin,
            "SPADEWORK_SECRET_KEY": SECRET.hex(),
            "SPADEWORK_LOG_LEVEL": "ERROR",
        }
    )
    async with at_work(settings) as parts:
        yield parts


@pytest.fixture
async def scripted(worker: App, account: AccountId, tmp_path: Path) -> ClientId:
    """A client whose language model plays LINES."""
    script = tmp_path / "script.json"
    script.write_text(json.dumps(LINES))
    async with worker.database.transaction(account) as tx:
        await credentials.put_credential(tx, worker.box, "llm", "scripted", {"script_path": str(script)})
        return (await clients.create(tx, "Example", llm="scripted")).id


@pytest.fixture
async def greeting(worker: App, account: AccountId) -> Prompt:
    async with worker.database.transaction(account) as tx:
        return await registry.create(
            tx, new(), draft("Greet {{name}}.", "name", output_schema=SCHEMA), by=None
        )  # fmt: skip


async def ended(worker: App, account: AccountId, started: tuple[Experiment, Run]) -> tuple[Run, list[Trial]]:
    """The run once it is over, and its trials."""
    while True:
        async with worker.database.read(account) as tx:
            run = await runs.get(tx, started[1].id)
            if not run.is_open:
                return run, await evaluating.list_trials(tx, started[0].id)
        await asyncio.sleep(0.05)


async def run_test(
    worker: App, account: AccountId, prompt: Prompt, client_id: ClientId, wanted: int | str | Draft = "latest",
    variables: Mapping[str, Any] | None = None,
) -> tuple[Run, list[Trial]]:  # fmt: skip
    async with worker.database.transaction(account) as tx:
        started = await prompt_trials.start_test(
            tx, prompt.id, wanted, variables=variables, client_id=client_id, by=None
        )  # fmt: skip
    return await ended(worker, account, started)


async def test_a_test_is_a_run_whose_step_holds_input_prompt_raw_and_parsed_output(
    worker: App, account: AccountId, scripted: ClientId, greeting: Prompt
) -> None:
    run, (trial,) = await run_test(worker, account, greeting, scripted, variables={"name": "Ana"})
    assert (run.state, run.is_simulated, trial.is_passed) == ("succeeded", True, True)
    assert trial.output.parsed_output == {"greeting": "Hello, Ana"}
    async with worker.database.read(account) as tx:
        (step,) = await runs.list_steps(tx, run.id)
        last = await prompt_trials.last_step(tx, "greeting")
    assert last is not None and last.id == step.id
    assert (step.state, step.input_variables, step.prompt_id, step.prompt_version) == (
        "succeeded", {"name": "Ana"}, greeting.id, 1,
    )  # fmt: skip
    assert step.interpolated_prompt is not None and "Greet ⟦name⟧." in step.interpolated_prompt
    assert step.raw_output is not None and json.loads(step.raw_output) == {"greeting": "Hello, Ana"}
    assert (step.model, step.is_simulated) == ("scripted-small", True)


async def test_a_tests_output_reads_as_the_prompts_own_and_free_text_has_no_parsed_one(
    worker: App, account: AccountId, scripted: ClientId, greeting: Prompt
) -> None:
    run, _ = await run_test(worker, account, greeting, scripted, variables={"name": "Ana"})
    free, _ = await run_test(worker, account, greeting, scripted, draft("Answer in prose, {{name}}."), {"name": "Ana"})
    async with worker.database.read(account) as tx:
        (shaped,) = await runs.list_steps(tx, run.id)
        (text,) = await runs.list_steps(tx, free.id)
    assert prompt_trials.output_of(shaped) == {"greeting": "Hello, Ana"}
    assert (prompt_trials.output_of(text), text.raw_output) == (None, "I would rather talk about myself.")


async def test_a_draft_is_tried_on_the_last_input_without_being_saved(
    worker: App, account: AccountId, scripted: ClientId, greeting: Prompt
) -> None:
    await run_test(worker, account, greeting, scripted, variables={"name": "Ana"})
    wanted = draft("Version two of the greeting for {{name}}.", "name", output_schema=SCHEMA)
    run, (trial,) = await run_test(worker, account, greeting, scripted, wanted)
    assert trial.output.parsed_output == {"greeting": "Good day, Ana"}
    async with worker.database.read(account) as tx:
        assert [each.number for each in await registry.list_versions(tx, greeting.id)] == [1]
        (step,) = await runs.list_steps(tx, run.id)
    assert (step.input_variables, step.prompt_version) == ({"name": "Ana"}, None)


async def test_prose_where_json_was_asked_for_is_a_failed_step_that_keeps_what_was_said(
    worker: App, account: AccountId, scripted: ClientId, greeting: Prompt
) -> None:
    wanted = draft("Answer in prose, {{name}}.", "name", output_schema=SCHEMA)
    run, (trial,) = await run_test(worker, account, greeting, scripted, wanted, {"name": "Ana"})
    assert (run.state, trial.is_passed, trial.output.raw_output) == (
        "succeeded", False, "I would rather talk about myself.",
    )  # fmt: skip
    assert trial.output.error is not None and "schema" in trial.output.error["message"]
    async with worker.database.read(account) as tx:
        (step,) = await runs.list_steps(tx, run.id)
    assert (step.state, step.raw_output) == ("failed", "I would rather talk about myself.")


async def test_two_versions_are_compared_on_the_same_inputs_with_verdicts_and_a_summary(
    worker: App, account: AccountId, scripted: ClientId, greeting: Prompt
) -> None:
    async with worker.database.transaction(account) as tx:
        await registry.save(
            tx, greeting.id, draft("Version two of the greeting for {{name}}.", "name", output_schema=SCHEMA), base=1, by=None
        )  # fmt: skip
        await evaluating.set_assertions(
            tx, greeting.id,
            [
                Assertion(kind="schema"),
                Assertion(kind="contains", settings={"value": "hello"}),
                Assertion(kind="llm-rubric", settings={"criterion": "It greets"}),
            ],
            by=None,
        )  # fmt: skip
        for name in ("Ana", "Ben"):
            await evaluating.keep_fixture(tx, greeting.id, name, {"name": name}, by=None)
        started = await prompt_trials.start_experiment(tx, greeting.id, [1, 2], client_id=scripted, by=None)
    run, trials = await ended(worker, account, started)
    assert [(each.case_no, each.candidate_no, each.is_passed) for each in trials] == [
        (0, 0, True), (0, 1, False), (1, 0, True), (1, 1, False),
    ]  # fmt: skip
    assert [each.is_passed for each in trials[1].verdicts] == [True, False, True]
    first, second = run.result["candidates"]
    assert (first["number"], first["passed"], second["passed"], second["failed_assertions"]) == (
        1, 2, 0, {"contains": 2},
    )  # fmt: skip
    async with worker.database.read(account) as tx:
        assert (await labels.gate(tx, greeting.id, 1)).is_open
        gate = await labels.gate(tx, greeting.id, 2)
    assert (gate.is_open, gate.is_simulated, gate.reason) == (False, True, "0 of 2 cases passed all assertions.")


async def test_one_trial_that_is_refused_fails_alone(
    worker: App, account: AccountId, scripted: ClientId, greeting: Prompt
) -> None:
    async with worker.database.transaction(account) as tx:
        await evaluating.keep_fixture(tx, greeting.id, "Ana", {"name": "Ana"}, by=None)
        bad = draft("The service is down for {{name}}.", "name")
        started = await prompt_trials.start_experiment(tx, greeting.id, [1, bad], client_id=scripted, by=None)
    run, trials = await ended(worker, account, started)
    assert run.state == "succeeded"
    assert [(each.is_passed, (each.output.error or {}).get("code")) for each in trials] == [
        (True, None), (False, "provider_refused"),
    ]  # fmt: skip
    assert run.result["candidates"][1]["errors"] == 1


async def test_the_same_question_asked_again_is_answered_from_the_first_purchase(
    worker: App, account: AccountId, scripted: ClientId, greeting: Prompt
) -> None:
    for _ in range(2):
        await run_test(worker, account, greeting, scripted, variables={"name": "Ana"})
    async with worker.database.read(account) as tx:
        assert await tx.fetchval("select count(*) from calls where account_id = $1 and state = 'ok'", account) == 1
        assert all(each.holds for each in await spend.audit(tx))
    async with worker.database.transaction(account) as tx:
        started = await prompt_trials.start_test(
            tx, greeting.id, 1, variables={"name": "Ana"}, client_id=scripted, is_fresh=True, by=None
        )
    await ended(worker, account, started)
    async with worker.database.read(account) as tx:
        assert await tx.fetchval("select count(*) from calls where account_id = $1 and state = 'ok'", account) == 2


async def test_a_past_input_is_kept_as_a_fixture_and_used_again(
    worker: App, account: AccountId, scripted: ClientId, greeting: Prompt
) -> None:
    run, _ = await run_test(worker, account, greeting, scripted, variables={"name": "Ana"})
    async with worker.database.transaction(account) as tx:
        (step,) = await runs.list_steps(tx, run.id)
        kept = await pipeline.capture_fixture(tx, step.id, "Ana's", by=None)
        assert (kept.prompt_id, kept.variables, kept.step_run_id) == (greeting.id, {"name": "Ana"}, step.id)
        with pytest.raises(NotFound):
            await pipeline.capture_fixture(tx, new_id(), "x", by=None)
        started = await prompt_trials.start_experiment(tx, greeting.id, ["latest"], client_id=scripted, by=None)
    _, (trial,) = await ended(worker, account, started)
    assert (started[0].kind, started[0].cases[0].fixture_id, trial.is_passed) == ("evaluation", kept.id, True)


async def test_without_a_language_model_nothing_starts_and_the_reason_says_what_to_do(
    worker: App, account: AccountId, greeting: Prompt
) -> None:
    async with worker.database.transaction(account) as tx:
        with pytest.raises(InvalidInput, match="No language model is set up"):
            await prompt_trials.start_test(tx, greeting.id, 1, variables={"name": "Ana"}, by=None)


async def test_an_input_that_lacks_a_variable_starts_nothing(
    worker: App, account: AccountId, scripted: ClientId, greeting: Prompt
) -> None:
    async with worker.database.transaction(account) as tx:
        with pytest.raises(UnknownReference, match="needs 'name'"):
            await prompt_trials.start_test(tx, greeting.id, 1, variables={}, client_id=scripted, by=None)
        with pytest.raises(InvalidInput, match="has not run yet"):
            await prompt_trials.start_test(tx, greeting.id, 1, client_id=scripted, by=None)


async def test_a_fixture_of_another_prompt_is_refused(
    worker: App, account: AccountId, scripted: ClientId, greeting: Prompt
) -> None:
    async with worker.database.transaction(account) as tx:
        other = await registry.create(tx, new("other"), draft("Other {{name}}"), by=None)
        fixture = await evaluating.keep_fixture(tx, other.id, "Theirs", {"name": "Ana"}, by=None)
        with pytest.raises(InvalidInput, match="another prompt's"):
            await prompt_trials.start_experiment(
                tx, greeting.id, [1], fixture_ids=[fixture.id], client_id=scripted, by=None
            )  # fmt: skip
