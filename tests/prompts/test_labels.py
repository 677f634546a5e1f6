"""Labels point to versions; a protected one moves only when assertions pass and an approver agrees."""

from uuid import UUID

import pytest

from spadework.core.db import Transaction
from spadework.core.errors import Conflict, ContentChanged, InvalidInput, NotFound
from spadework.core.ids import new_id
from spadework.prompts.actions import evaluating, labels, registry, resolving
from spadework.prompts.types import Assertion, Case, Output, Prompt
from tests.conftest import Person
from tests.prompts.conftest import Save

CONTAINS = Assertion(kind="contains", settings={"value": "hello"})


async def evaluate(tx: Transaction, prompt: Prompt, number: int, said: str) -> UUID:
    """An evaluation of that version on one case that came back with `said`."""
    experiment = await evaluating.plan_experiment(
        tx, prompt, kind="evaluation", name="", candidates=[await evaluating.candidate(tx, prompt, number)],
        cases=[Case(name="One", variables={"name": "Ana"})], client_id=None, is_fresh=False, by=None,
    )  # fmt: skip
    output = Output(interpolated_prompt="…", raw_output=said)
    subject = evaluating.subject(experiment, 0, 0, output)
    verdicts = [evaluating.check(each, subject) for each in evaluating.judges(experiment)]
    await evaluating.record_trial(tx, experiment, 0, 0, output, verdicts)
    await evaluating.finish(tx, experiment.id)
    return experiment.id


async def test_an_open_label_moves_at_once_and_the_move_is_remembered(
    tx: Transaction, prompt: Prompt, save: Save, ana: Person
) -> None:
    await save("Two {{name}}", base=1)
    move = await labels.move(tx, prompt.id, "staging", 1, note="try it", by=ana.id)
    assert (move.state, move.from_number, move.number, move.asked_by) == ("moved", None, 1, ana.id)
    assert (await labels.move(tx, prompt.id, "staging", 2, by=ana.id)).from_number == 1
    assert (await resolving.resolve(tx, "greeting", "staging")).number == 2
    assert [each.number for each in await labels.list_moves(tx, prompt.id)] == [2, 1]


async def test_latest_moves_by_itself_and_not_by_hand(tx: Transaction, prompt: Prompt) -> None:
    with pytest.raises(InvalidInput, match="always points to the newest"):
        await labels.move(tx, prompt.id, "latest", 1, by=None)


async def test_production_without_assertions_is_closed_and_says_so(tx: Transaction, prompt: Prompt) -> None:
    move = await labels.move(tx, prompt.id, "production", 1, by=None)
    assert (move.state, move.gate["is_open"]) == ("waiting", False)
    with pytest.raises(Conflict, match="has no assertions"):
        await labels.decide(tx, move.id, seen=move.fingerprint, is_yes=True, by=None)
    with pytest.raises(NotFound, match="no version labelled 'production'"):
        await resolving.resolve(tx, "greeting")


async def test_a_failing_version_is_stopped_and_a_passing_one_let_through_by_an_approver(
    tx: Transaction, prompt: Prompt, save: Save, ana: Person
) -> None:
    await evaluating.set_assertions(tx, prompt.id, [CONTAINS], by=ana.id)
    await evaluate(tx, prompt, 1, "good bye")
    failing = await labels.move(tx, prompt.id, "production", 1, by=ana.id)
    with pytest.raises(Conflict, match="0 of 1 cases passed"):
        await labels.decide(tx, failing.id, seen=failing.fingerprint, is_yes=True, by=ana.id)
    await save("Say hello to {{name}}", base=1)
    proof = await evaluate(tx, prompt, 2, "Hello Ana")
    asked = await labels.move(tx, prompt.id, "production", 2, by=ana.id)
    assert (asked.state, asked.gate["is_open"], asked.gate["experiment_id"]) == ("waiting", True, str(proof))
    moved = await labels.decide(tx, asked.id, seen=asked.fingerprint, is_yes=True, by=ana.id)
    assert (moved.state, moved.decided_by) == ("moved", ana.id)
    assert (await resolving.resolve(tx, "greeting")).number == 2


async def test_an_evaluation_before_the_assertions_changed_opens_no_gate(tx: Transaction, prompt: Prompt) -> None:
    await evaluating.set_assertions(tx, prompt.id, [CONTAINS], by=None)
    await evaluate(tx, prompt, 1, "hello")
    assert (await labels.gate(tx, prompt.id, 1)).is_open
    await evaluating.set_assertions(tx, prompt.id, [CONTAINS, Assertion(kind="is-json")], by=None)
    gate = await labels.gate(tx, prompt.id, 1)
    assert (gate.is_open, gate.revision) == (False, 2)
    assert "not evaluated against the present assertions" in gate.reason


async def test_a_test_run_of_one_input_opens_no_gate(tx: Transaction, prompt: Prompt) -> None:
    await evaluating.set_assertions(tx, prompt.id, [CONTAINS], by=None)
    experiment = await evaluating.plan_experiment(
        tx, prompt, kind="test", name="", candidates=[await evaluating.candidate(tx, prompt, 1)],
        cases=[Case(name="One", variables={"name": "Ana"})], client_id=None, is_fresh=False, by=None,
    )  # fmt: skip
    await evaluating.record_trial(tx, experiment, 0, 0, Output(interpolated_prompt="…", raw_output="hello"), [])
    await evaluating.finish(tx, experiment.id)
    assert not (await labels.gate(tx, prompt.id, 1)).is_open


async def test_a_yes_to_something_else_moves_nothing(tx: Transaction, prompt: Prompt, save: Save) -> None:
    await evaluating.set_assertions(tx, prompt.id, [CONTAINS], by=None)
    await evaluate(tx, prompt, 1, "hello")
    move = await labels.move(tx, prompt.id, "production", 1, by=None)
    with pytest.raises(ContentChanged):
        await labels.decide(tx, move.id, seen="0" * 64, is_yes=True, by=None)
    await evaluating.set_assertions(tx, prompt.id, [], by=None)
    with pytest.raises(ContentChanged, match="changed after this was shown"):
        await labels.decide(tx, move.id, seen=move.fingerprint, is_yes=True, by=None)


async def test_a_no_leaves_the_label_and_can_be_given_once(tx: Transaction, prompt: Prompt, ana: Person) -> None:
    move = await labels.move(tx, prompt.id, "production", 1, by=ana.id)
    said = await labels.decide(tx, move.id, seen=move.fingerprint, is_yes=False, note="too early", by=ana.id)
    assert (said.state, said.note) == ("rejected", "too early")
    with pytest.raises(Conflict, match="rejected already"):
        await labels.decide(tx, move.id, seen=move.fingerprint, is_yes=True, by=ana.id)


async def test_any_label_can_be_protected_and_then_neither_moves_nor_goes(
    tx: Transaction, prompt: Prompt, save: Save
) -> None:
    await labels.move(tx, prompt.id, "staging", 1, by=None)
    await labels.protect(tx, prompt.id, "staging", is_protected=True)
    await save("Two {{name}}", base=1)
    assert (await labels.move(tx, prompt.id, "staging", 2, by=None)).state == "waiting"
    with pytest.raises(Conflict, match="protected"):
        await labels.remove(tx, prompt.id, "staging")
    await labels.protect(tx, prompt.id, "staging", is_protected=False)
    assert (await labels.remove(tx, prompt.id, "staging")).labels == ()


async def test_a_label_cannot_point_to_a_version_that_is_not_there(tx: Transaction, prompt: Prompt) -> None:
    with pytest.raises(NotFound, match="no version 9"):
        await labels.move(tx, prompt.id, "staging", 9, by=None)
    with pytest.raises(NotFound):
        await labels.get_move(tx, new_id())
    assert (await registry.get(tx, prompt.id)).labels == ()
