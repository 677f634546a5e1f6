"""The table `approvals` and all SQL on it."""

from typing import Any
from uuid import UUID

import asyncpg

from spadework.approvals.types import Approval
from spadework.core.db import ReadOnly, Transaction
from spadework.core.ids import new_id


async def add(
    tx: Transaction,
    *,
    subject_kind: str,
    subject_id: UUID,
    fingerprint: str,
    decision: str,
    shown: Any,
    by: UUID | None,
) -> None:
    await tx.execute(
        "insert into approvals (account_id, id, subject_kind, subject_id, fingerprint, decision, shown, decided_by)"
        " values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict (account_id, subject_kind, subject_id, fingerprint) do nothing",
        tx.account, new_id(), subject_kind, subject_id, fingerprint, decision, shown, by,
    )  # fmt: skip


async def find(tx: ReadOnly, *, subject_kind: str, subject_id: UUID, fingerprint: str) -> Approval | None:
    row = await tx.fetchrow(
        "select * from approvals where account_id = $1 and subject_kind = $2 and subject_id = $3 and fingerprint = $4",
        tx.account, subject_kind, subject_id, fingerprint,
    )  # fmt: skip
    return _approval(row) if row else None


def _approval(row: asyncpg.Record) -> Approval:
    return Approval(
        id=row["id"], subject_kind=row["subject_kind"], subject_id=row["subject_id"], fingerprint=row["fingerprint"],
        decision=row["decision"], shown=row["shown"], decided_by=row["decided_by"], decided_at=row["decided_at"],
    )  # fmt: skip
