"""The table `workflows`, and all SQL that lists them with what stands in their versions and runs."""

from typing import Any
from uuid import UUID

import asyncpg

from spadework.builder.types import Card, Status, VersionId, Workflow, WorkflowId
from spadework.core.db import ReadOnly, Transaction
from spadework.core.ids import new_id

_WORKFLOWS = (
    "select w.*, u.name as owner_name from workflows w join users u on u.account_id = w.account_id and u.id = w.user_id"
    " where w.account_id = $1"
)
# What a person may see: their own, and what others share once it can be run.
_SEEN = (
    "(w.user_id = $2 or w.is_shared and exists (select from workflow_versions v where v.account_id = w.account_id"
    " and v.workflow_id = w.id and v.is_active))"
)


async def add(tx: Transaction, *, user_id: UUID) -> WorkflowId:
    workflow_id = WorkflowId(new_id())
    await tx.execute(
        "insert into workflows (account_id, id, user_id) values ($1, $2, $3)", tx.account, workflow_id, user_id
    )
    return workflow_id


async def find_seen(tx: ReadOnly, workflow_id: UUID, *, by: UUID) -> Workflow | None:
    row = await tx.fetchrow(f"{_WORKFLOWS} and {_SEEN} and w.id = $3", tx.account, by, workflow_id)
    return _workflow(row) if row else None


async def find(tx: ReadOnly, workflow_id: UUID) -> Workflow | None:
    row = await tx.fetchrow(f"{_WORKFLOWS} and w.id = $2", tx.account, workflow_id)
    return _workflow(row) if row else None


async def lock(tx: Transaction, workflow_id: UUID) -> None:
    """Let nobody else change the workflow or its versions before this transaction ends."""
    await tx.execute("select from workflows where account_id = $1 and id = $2 for update", tx.account, workflow_id)


async def change(tx: Transaction, workflow_id: UUID, changes: dict[str, Any]) -> None:
    await tx.execute(
        "update workflows set name = coalesce($3, name), description = coalesce($4, description),"
        " label = case when $5 then $6 else label end, is_shared = coalesce($7, is_shared), updated_at = now()"
        " where account_id = $1 and id = $2",
        tx.account, workflow_id, changes.get("name"), changes.get("description"), "label" in changes,
        changes.get("label"), changes.get("is_shared"),
    )  # fmt: skip


async def name_once(tx: Transaction, workflow_id: UUID, *, name: str, description: str) -> None:
    """Give a workflow the words of its first build; what is there already stays."""
    await tx.execute(
        "update workflows set name = coalesce(name, $3), description = coalesce(description, $4), updated_at = now()"
        " where account_id = $1 and id = $2",
        tx.account, workflow_id, name, description,
    )  # fmt: skip


async def touch(tx: Transaction, workflow_id: UUID) -> None:
    await tx.execute(
        "update workflows set updated_at = now() where account_id = $1 and id = $2", tx.account, workflow_id
    )


async def delete(tx: Transaction, workflow_id: UUID) -> None:
    await tx.execute("delete from workflows where account_id = $1 and id = $2", tx.account, workflow_id)


async def list_cards(
    tx: ReadOnly, *, by: UUID, search: str | None, label: str | None, status: Status | None, shared: bool | None,
    limit: int,
) -> list[Card]:  # fmt: skip
    """Workflows the person may see, the one changed last first; others' show their active version as the current one."""
    rows = await tx.fetch(
        "select w.*, u.name as owner_name, c.id as current_id, c.version as current_no, c.status as current_status,"
        " a.id as active_id, a.version as active_no, coalesce(a.saved_minutes, c.saved_minutes) as minutes,"
        " r.runs, r.last_run_at, r.last_run_success, r.saved"
        " from workflows w join users u on u.account_id = w.account_id and u.id = w.user_id"
        " left join workflow_versions a on a.account_id = w.account_id and a.workflow_id = w.id and a.is_active"
        " cross join lateral (select v.id, v.version, v.status, v.saved_minutes from workflow_versions v"
        "   where v.account_id = w.account_id and v.workflow_id = w.id and (w.user_id = $2 or v.is_active)"
        "   order by v.version desc limit 1) c"
        " cross join lateral (select count(*) as runs, max(x.created_at) as last_run_at,"
        "   (array_agg(x.success order by x.created_at desc, x.id desc))[1] as last_run_success,"
        "   coalesce(sum(v.saved_minutes) filter (where x.success), 0) as saved"
        "   from workflow_runs x join workflow_versions v on v.account_id = x.account_id and v.id = x.version_id"
        "   where x.account_id = w.account_id and x.workflow_id = w.id) r"
        f" where w.account_id = $1 and {_SEEN}"
        " and ($3::text is null or position(lower($3) in lower(coalesce(w.name, '') || ' ' || coalesce(w.description, '')"
        "   || ' ' || coalesce(w.label, ''))) > 0)"
        " and ($4::text is null or lower(w.label) = lower($4)) and ($5::text is null or c.status = $5)"
        " and ($6::bool is null or w.is_shared = $6)"
        " order by w.updated_at desc, w.id desc limit $7",
        tx.account, by, search, label, status, shared, limit,
    )  # fmt: skip
    return [_card(row, by) for row in rows]


def _card(row: asyncpg.Record, by: UUID) -> Card:
    return Card(
        workflow=_workflow(row), is_mine=row["user_id"] == by, current_id=VersionId(row["current_id"]),
        current_version=row["current_no"], current_status=row["current_status"],
        active_id=VersionId(row["active_id"]) if row["active_id"] else None, active_version=row["active_no"],
        saved_minutes=row["minutes"], runs=row["runs"], last_run_at=row["last_run_at"],
        last_run_success=row["last_run_success"], minutes_saved_total=int(row["saved"]),
    )  # fmt: skip


def _workflow(row: asyncpg.Record) -> Workflow:
    return Workflow(
        id=WorkflowId(row["id"]), user_id=row["user_id"], owner_name=row["owner_name"], name=row["name"],
        description=row["description"], label=row["label"], is_shared=row["is_shared"], created_at=row["created_at"],
        updated_at=row["updated_at"],
    )  # fmt: skip
