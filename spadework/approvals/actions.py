"""What others may do with approvals: record one, and require one before acting."""

from typing import Any
from uuid import UUID

from spadework.approvals import rules, store
from spadework.approvals.types import Approval, Decision
from spadework.core.db import ReadOnly, Transaction
from spadework.core.ids import UserId


async def record(
    tx: Transaction, subject_kind: str, subject_id: UUID, *, seen: str, actual: str, decision: Decision, shown: Any,
    by: UserId | None,
) -> Approval:  # fmt: skip
    """Record a person's decision on exactly what they were shown; acting on it stays a separate step.

    Safe to call twice: the first decision on the same fingerprint is returned.

    Raises:
        ContentChanged: `seen` is not the fingerprint of what would happen now.
    """
    rules.require_same(seen, actual)
    await store.add(
        tx, subject_kind=subject_kind, subject_id=subject_id, fingerprint=seen, decision=decision, shown=shown, by=by
    )
    return (
        rules.require_yes(await find(tx, subject_kind, subject_id, seen))
        if decision == "yes"
        else await _get(tx, subject_kind, subject_id, seen)
    )


async def find(tx: ReadOnly, subject_kind: str, subject_id: UUID, fingerprint: str) -> Approval | None:
    """The decision on that content, None when there is none."""
    return await store.find(tx, subject_kind=subject_kind, subject_id=subject_id, fingerprint=fingerprint)


async def require(tx: ReadOnly, subject_kind: str, subject_id: UUID, *, fingerprint: str) -> Approval:
    """The yes to exactly this content, read again in the acting transaction.

    Raises:
        ContentChanged: there is none.
    """
    return rules.require_yes(await find(tx, subject_kind, subject_id, fingerprint))


async def _get(tx: ReadOnly, subject_kind: str, subject_id: UUID, fingerprint: str) -> Approval:
    found = await find(tx, subject_kind, subject_id, fingerprint)
    assert found is not None, "the decision was just written"
    return found
