"""When a version may be saved, and when a label may move; pure."""

import hashlib
from typing import Any

import orjson

from spadework.core.errors import Conflict, ContentChanged, InvalidInput
from spadework.prompts.types import (
    LATEST,
    MAIN,
    PRODUCTION,
    AssertionSet,
    Draft,
    Experiment,
    Gate,
    LabelMove,
    Prompt,
    PromptVersion,
)


def fingerprint_of(draft: Draft) -> bytes:
    """SHA-256 of what makes a version what it is: text, config and inputs."""
    content = [draft.text, draft.config.model_dump(mode="json"), [each.model_dump() for each in draft.inputs]]
    return hashlib.sha256(orjson.dumps(content, option=orjson.OPT_SORT_KEYS)).digest()


def require_head(prompt: Prompt, head: PromptVersion | None, *, base: int, branch: str) -> None:
    """Refuse a save that did not begin from the branch's newest version.

    Raises:
        Conflict: somebody saved in between; details name the newer version.
    """
    if head is None or head.number == base:
        return
    who = f" by {head.created_by_name}" if head.created_by_name else ""
    raise Conflict(
        f"Version {head.number} of {prompt.key} was saved{who} after you began from version {base}. "
        f"Nothing of yours is lost: merge it with version {head.number}, or save it on a branch of its own.",
        details={"key": prompt.key, "base_version": base, "newer_version": head.number, "branch": branch},
    )


def require_movable(label: str, version: PromptVersion) -> None:
    """Refuse to move the label that moves by itself.

    Raises:
        InvalidInput: the label is `latest`.
    """
    if label == LATEST:
        raise InvalidInput(f"{LATEST!r} always points to the newest version of {MAIN}. Move another label.")


def is_protected(prompt: Prompt, label: str) -> bool:
    """Whether the label moves only through the gate; `production` does unless somebody said otherwise."""
    found = prompt.find_label(label)
    return found.is_protected if found is not None else label == PRODUCTION


def gate_of(assertions: AssertionSet, proof: Experiment | None, number: int) -> Gate:
    """Whether the version's newest evaluation against the present assertions lets it through.

    `proof` is that evaluation, None when there is none.
    """
    revision = assertions.revision
    if not assertions.assertions:
        return Gate(
            is_open=False, revision=revision,
            reason="The prompt has no assertions, so nothing shows that this version works. Write some first.",
        )  # fmt: skip
    if proof is None:
        return Gate(
            is_open=False, revision=revision,
            reason=f"Version {number} was not evaluated against the present assertions. Evaluate it first.",
        )  # fmt: skip
    line = next(each for each in proof.summary["candidates"] if each["number"] == number)
    note = f"{line['passed']} of {line['trials']} cases passed"
    return Gate(
        is_open=line["trials"] > 0 and line["passed"] == line["trials"], revision=revision, experiment_id=proof.id,
        is_simulated=bool(line["is_simulated"]), reason=f"{note} all assertions." if line["trials"] else "No case was tried.",
    )  # fmt: skip


def move_fingerprint(prompt: Prompt, label: str, version: PromptVersion, assertions: AssertionSet) -> str:
    """What a yes to moving the label binds to: which label, from where, to which content, under which assertions."""
    current = prompt.find_label(label)
    parts: list[Any] = [
        str(prompt.id), label, current.number if current else None, version.number, version.sha256.hex(),
        assertions.revision,
    ]  # fmt: skip
    return hashlib.sha256(orjson.dumps(parts)).hexdigest()


def require_decidable(move: LabelMove, *, seen: str, actual: str) -> None:
    """Refuse a decision on a move that is over, or that is not what was shown.

    Raises:
        Conflict: it was decided already. ContentChanged: the label, the assertions or the request changed.
    """
    if move.state != "waiting":
        raise Conflict(f"This move was {move.state} already. Ask for a new one.")
    if seen != move.fingerprint or actual != move.fingerprint:
        raise ContentChanged("The label or the assertions changed after this was shown to you. Ask for the move again.")


def require_open(gate: Gate, label: str) -> None:
    """Refuse to move a protected label past a closed gate.

    Raises:
        Conflict: with the gate's reason.
    """
    if not gate.is_open:
        raise Conflict(
            f"The label {label!r} is protected and its gate is closed. {gate.reason}",
            details={"label": label, "revision": gate.revision, "reason": gate.reason},
        )
