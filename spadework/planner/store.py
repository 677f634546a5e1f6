"""The table `plans` and all SQL on it."""

from typing import Any
from uuid import UUID

import asyncpg

from spadework.core.db import ReadOnly, Transaction
from spadework.core.ids import ClientId, PlanId, new_id
from spadework.planner.types import Plan, PlanDocument

# While a plan is carried out, its run is the truth: Stop, resume and a crash change that one alone.
_PLANS = (
    "select p.*, case when p.state not in ('applying', 'failed') or r.state is null or r.state = 'succeeded' then p.state"
    " when r.state in ('stopped', 'failed') then r.state else 'applying' end as shown_state"
    " from plans p left join runs r on r.account_id = p.account_id and r.id = p.run_id where p.account_id = $1"
)


async def add(
    tx: Transaction,
    *,
    client_id: UUID,
    name: str,
    answers: Any,
    document: Any,
    compiled: Any,
    hash: str,
    by: UUID | None,
) -> PlanId:
    plan_id = PlanId(new_id())
    await tx.execute(
        "insert into plans (account_id, id, client_id, name, answers, document, compiled, hash, created_by)"
        " values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        tx.account, plan_id, client_id, name, answers, document, compiled, hash, by,
    )  # fmt: skip
    return plan_id


async def find(tx: ReadOnly, plan_id: UUID) -> Plan | None:
    row = await tx.fetchrow(f"{_PLANS} and p.id = $2", tx.account, plan_id)
    return _plan(row) if row else None


async def lock(tx: Transaction, plan_id: UUID) -> Plan | None:
    row = await tx.fetchrow(f"{_PLANS} and p.id = $2 for update of p", tx.account, plan_id)
    return _plan(row) if row else None


async def list_plans(tx: ReadOnly, *, client_id: UUID | None, limit: int) -> list[Plan]:
    rows = await tx.fetch(
        f"{_PLANS} and ($2::uuid is null or p.client_id = $2) order by p.created_at desc limit $3",
        tx.account, client_id, limit,
    )  # fmt: skip
    return [_plan(row) for row in rows]


async def set_document(tx: Transaction, plan_id: UUID, *, document: Any, compiled: Any, hash: str) -> None:
    """The plan is a draft again: nobody has said yes to what it holds now."""
    await tx.execute(
        "update plans set document = $3, compiled = $4, hash = $5, state = 'draft', updated_at = now()"
        " where account_id = $1 and id = $2",
        tx.account, plan_id, document, compiled, hash,
    )  # fmt: skip


async def set_state(tx: Transaction, plan_id: UUID, state: str, *, run_id: UUID | None = None) -> None:
    await tx.execute(
        "update plans set state = $3, run_id = coalesce($4, run_id), updated_at = now() where account_id = $1 and id = $2",
        tx.account, plan_id, state, run_id,
    )  # fmt: skip


async def set_workbook(tx: Transaction, plan_id: UUID, workbook_id: UUID) -> None:
    await tx.execute(
        "update plans set workbook_id = $3, updated_at = now() where account_id = $1 and id = $2",
        tx.account, plan_id, workbook_id,
    )  # fmt: skip


def _plan(row: asyncpg.Record) -> Plan:
    return Plan(
        id=PlanId(row["id"]), client_id=ClientId(row["client_id"]), name=row["name"], state=row["shown_state"], hash=row["hash"],
        document=PlanDocument.model_validate(row["document"]), compiled=row["compiled"], answers=row["answers"],
        workbook_id=row["workbook_id"], run_id=row["run_id"], created_by=row["created_by"], created_at=row["created_at"],
        updated_at=row["updated_at"],
    )  # fmt: skip
