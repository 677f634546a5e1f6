"""SQL on which run fills which column."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import asyncpg

from spadework.core.db import ReadOnly, Transaction


async def free_ended(tx: Transaction, table_id: UUID) -> None:
    """Drop the claims of runs that have ended, as of a run stopped before a worker took it."""
    await tx.execute(
        "delete from active_fields a using runs r where a.account_id = $1 and a.table_id = $2"
        " and r.account_id = a.account_id and r.id = a.run_id and r.state in ('stopped', 'succeeded', 'failed')",
        tx.account, table_id,
    )  # fmt: skip


async def claim(
    tx: Transaction, table_id: UUID, field_ids: Sequence[UUID], run_id: UUID, scope: Mapping[str, Any]
) -> set[UUID]:
    """Have the run fill these columns and nobody else; the columns it got."""
    rows = await tx.fetch(
        "insert into active_fields (account_id, table_id, field_id, run_id, scope)"
        " select $1, $2, field_id, $4, $5 from unnest($3::uuid[]) as given(field_id)"
        " on conflict (account_id, field_id) do nothing returning field_id",
        tx.account, table_id, list(field_ids), run_id, dict(scope),
    )  # fmt: skip
    return {row["field_id"] for row in rows}


async def list_active(tx: ReadOnly, table_id: UUID) -> list[asyncpg.Record]:
    """Field, run and scope of every column of the table that an open run fills."""
    return await tx.fetch(
        "select a.field_id, a.run_id, a.scope, r.state as run_state from active_fields a"
        " join runs r on r.account_id = a.account_id and r.id = a.run_id"
        " where a.account_id = $1 and a.table_id = $2 and r.state in ('queued', 'running', 'waiting', 'stopping')",
        tx.account, table_id,
    )  # fmt: skip


async def release(tx: Transaction, run_id: UUID) -> None:
    """The run's columns may be filled by another run."""
    await tx.execute("delete from active_fields where account_id = $1 and run_id = $2", tx.account, run_id)
