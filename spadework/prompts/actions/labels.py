"""Labels: pointers to versions. An open one moves at once, a protected one through assertions and an approver."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any
from uuid import UUID

from spadework.core.db import ReadOnly, Transaction
from spadework.core.errors import Conflict, NotFound
from spadework.core.ids import UserId
from spadework.prompts.actions import registry
from spadework.prompts.rules import gates, templates
from spadework.prompts.store import experiments
from spadework.prompts.store import registry as store
from spadework.prompts.types import AssertionSet, Experiment, Gate, LabelMove, Prompt, PromptVersion

MOVES_SHOWN = 100


async def move(
    tx: Transaction, prompt: str | UUID, label: str, number: int, *, note: str = "", by: UserId | None
) -> LabelMove:
    """Point an open label at a version, or ask for the move of a protected one, which `decide` then makes.

    The move's `state` says which of the two happened. A label that points there already is left alone.

    Raises:
        NotFound: no such prompt or version. InvalidInput: the label moves by itself or is no label.
    """
    found = await registry.get(tx, prompt)
    templates.require_label(label)
    await store.lock(tx, found.id)
    found = await registry.get(tx, found.id)
    version = await registry.get_version(tx, found, number)
    gates.require_movable(label, version)
    current = found.find_label(label)
    assertions = await experiments.find_assertions(tx, found.id)
    gate = await _gate(tx, found, version, assertions)
    is_protected = gates.is_protected(found, label)
    is_waiting = is_protected and (current is None or current.number != number)
    move_id = await store.add_move(
        tx, found.id, label, number=number, from_number=current.number if current else None,
        state="waiting" if is_waiting else "moved",
        fingerprint=gates.move_fingerprint(found, label, version, assertions), gate=_to_json(gate), note=note, by=by,
    )  # fmt: skip
    if not is_waiting:
        await _put(tx, found, label, number, is_protected=is_protected, by=by)
    return await get_move(tx, move_id)


async def decide(
    tx: Transaction, move_id: UUID, *, seen: str, is_yes: bool, note: str = "", by: UserId | None
) -> LabelMove:
    """Record an approver's yes or no to exactly the move they were shown; a yes moves the label.

    The gate is looked at again here, so that a failing evaluation in between counts.

    Raises:
        Conflict: the gate is closed, or the move was decided. ContentChanged: it is not what was shown.
        NotFound: no such move.
    """
    move = await store.lock_move(tx, move_id)
    if move is None:
        raise _no_move()
    await store.lock(tx, move.prompt_id)
    prompt = await registry.get(tx, move.prompt_id)
    version = await registry.get_version(tx, prompt, move.number)
    assertions = await experiments.find_assertions(tx, prompt.id)
    actual = gates.move_fingerprint(prompt, move.label, version, assertions)
    gates.require_decidable(move, seen=seen, actual=actual if is_yes else move.fingerprint)
    gate = await _gate(tx, prompt, version, assertions)
    if is_yes:
        gates.require_open(gate, move.label)
        await _put(tx, prompt, move.label, move.number, is_protected=True, by=by)
    await store.decide_move(
        tx, move_id, "moved" if is_yes else "rejected", gate=_to_json(gate), note=note or move.note, by=by
    )
    return await get_move(tx, move_id)


async def gate(tx: ReadOnly, prompt: str | UUID, number: int) -> Gate:
    """Whether that version could be let through now, and what is missing.

    Raises:
        NotFound: no such prompt or version.
    """
    found = await registry.get(tx, prompt)
    version = await registry.get_version(tx, found, number)
    return await _gate(tx, found, version, await experiments.find_assertions(tx, found.id))


async def get_move(tx: ReadOnly, move_id: UUID) -> LabelMove:
    """The move.

    Raises:
        NotFound: the account has none of that id.
    """
    if move := await store.find_move(tx, move_id):
        return move
    raise _no_move()


async def list_moves(tx: ReadOnly, prompt: str | UUID) -> list[LabelMove]:
    """The prompt's moves, asked for, made and rejected, newest first.

    Raises:
        NotFound: no such prompt.
    """
    return await store.list_moves(tx, (await registry.get(tx, prompt)).id, limit=MOVES_SHOWN)


async def protect(tx: Transaction, prompt: str | UUID, label: str, *, is_protected: bool) -> Prompt:
    """Put a label behind the gate, or take it out; for those who may approve.

    Raises:
        NotFound: no such prompt, or the label points nowhere yet.
    """
    found = await registry.get(tx, prompt)
    if found.find_label(label) is None:
        raise NotFound(f"{found.key} has no label {label!r}. Move it to a version first.")
    await store.set_protected(tx, found.id, label, is_protected=is_protected)
    return await registry.get(tx, found.id)


async def remove(tx: Transaction, prompt: str | UUID, label: str) -> Prompt:
    """Take a label away; a version stays what it is.

    Raises:
        NotFound: no such prompt or label. Conflict: the label is protected; take the protection off first.
    """
    found = await registry.get(tx, prompt)
    pointer = found.find_label(label)
    if pointer is None:
        raise NotFound(f"{found.key} has no label {label!r}.")
    if pointer.is_protected:
        raise Conflict(f"The label {label!r} is protected. Have an approver take the protection off first.")
    await store.remove_label(tx, found.id, label)
    return await registry.get(tx, found.id)


async def _put(
    tx: Transaction, prompt: Prompt, label: str, number: int, *, is_protected: bool, by: UserId | None
) -> None:
    await store.put_label(tx, prompt.id, label, number, is_protected=is_protected, by=by)
    await tx.notify(
        "prompts",
        {"type": "label", "prompt_id": str(prompt.id), "key": prompt.key, "label": label, "number": number},
    )


async def _gate(tx: ReadOnly, prompt: Prompt, version: PromptVersion, assertions: AssertionSet) -> Gate:
    proof: Experiment | None = None
    if assertions.assertions:
        proof = await experiments.find_proof(tx, prompt.id, version.number, assertions.revision)
    return gates.gate_of(assertions, proof, version.number)


def _to_json(gate: Gate) -> Mapping[str, Any]:
    return asdict(gate)


def _no_move() -> NotFound:
    return NotFound("There is no such move of a label in this account.")
