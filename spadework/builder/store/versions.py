"""The table `workflow_versions` and all SQL on it; which status may follow which is the table's own trigger."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import asyncpg

from spadework.builder.types import Status, Version, VersionId, WorkflowId
from spadework.core.db import ReadOnly, Transaction
from spadework.core.ids import new_id

_VERSIONS = "select * from workflow_versions where account_id = $1"


async def add(
    tx: Transaction, workflow_id: UUID, *, version: int, status: Status, file_extracts: Sequence[Mapping[str, Any]]
) -> VersionId:
    version_id = VersionId(new_id())
    await tx.execute(
        "insert into workflow_versions (account_id, id, workflow_id, version, status, file_extracts)"
        " values ($1, $2, $3, $4, $5, $6)",
        tx.account, version_id, workflow_id, version, status, list(file_extracts),
    )  # fmt: skip
    return version_id


async def find(tx: ReadOnly, version_id: UUID) -> Version | None:
    row = await tx.fetchrow(f"{_VERSIONS} and id = $2", tx.account, version_id)
    return _version(row) if row else None


async def find_current(tx: ReadOnly, workflow_id: UUID) -> Version | None:
    row = await tx.fetchrow(
        f"{_VERSIONS} and workflow_id = $2 order by version desc limit 1", tx.account, workflow_id
    )  # fmt: skip
    return _version(row) if row else None


async def find_active(tx: ReadOnly, workflow_id: UUID) -> Version | None:
    row = await tx.fetchrow(f"{_VERSIONS} and workflow_id = $2 and is_active", tx.account, workflow_id)
    return _version(row) if row else None


async def list_active_with(tx: ReadOnly, script_sha256: str) -> list[Version]:
    """The versions in use whose script has that hash, newest first."""
    rows = await tx.fetch(
        f"{_VERSIONS} and is_active and script_sha256 = $2 order by updated_at desc",
        tx.account,
        bytes.fromhex(script_sha256),
    )
    return [_version(row) for row in rows]


async def list_versions(tx: ReadOnly, workflow_id: UUID) -> list[Version]:
    """Newest first."""
    rows = await tx.fetch(f"{_VERSIONS} and workflow_id = $2 order by version desc", tx.account, workflow_id)
    return [_version(row) for row in rows]


async def set_status(tx: Transaction, version_id: UUID, status: Status) -> None:
    await tx.execute(
        "update workflow_versions set status = $3, is_active = is_active and $3 = 'approved', updated_at = now()"
        " where account_id = $1 and id = $2",
        tx.account, version_id, status,
    )  # fmt: skip


async def reject(tx: Transaction, version_id: UUID, reason: str) -> None:
    await tx.execute(
        "update workflow_versions set status = 'rejected', rejection_reason = $3, updated_at = now()"
        " where account_id = $1 and id = $2",
        tx.account, version_id, reason,
    )  # fmt: skip


async def count_question(tx: Transaction, version_id: UUID) -> None:
    await tx.execute(
        "update workflow_versions set questions_asked = questions_asked + 1, updated_at = now()"
        " where account_id = $1 and id = $2",
        tx.account, version_id,
    )  # fmt: skip


async def begin_build(tx: Transaction, version_id: UUID, *, run_id: UUID | None, is_repair: bool = False) -> None:
    await tx.execute(
        "update workflow_versions set status = 'building', build_run_id = $3, build_started_at = now(), failure = null,"
        " repairs_used = repairs_used + $4, updated_at = now() where account_id = $1 and id = $2",
        tx.account, version_id, run_id, int(is_repair),
    )  # fmt: skip


async def finish_build(
    tx: Transaction, version_id: UUID, *, fields: Any, execution: Mapping[str, Any], script_sha256: str,
    saved_minutes: int, form: Mapping[str, Any] | None = None,
) -> None:  # fmt: skip
    await tx.execute(
        "update workflow_versions set status = 'pending_user_approval', fields = $3, execution = $4, script_sha256 = $5,"
        " saved_minutes = $6, source = case when $7::jsonb is null then source else 'form' end, form = $7, updated_at = now()"
        " where account_id = $1 and id = $2",
        tx.account, version_id, fields, dict(execution), bytes.fromhex(script_sha256), saved_minutes,
        dict(form) if form is not None else None,
    )  # fmt: skip


async def fail_build(tx: Transaction, version_id: UUID, failure: str, *, status: Status) -> None:
    """The build gave nothing: `status` is failed, or pending_user_approval when an earlier script is still there."""
    await tx.execute(
        "update workflow_versions set status = $4, failure = $3, updated_at = now() where account_id = $1 and id = $2",
        tx.account, version_id, failure, status,
    )  # fmt: skip


async def approve(tx: Transaction, version_id: UUID, *, by: UUID) -> None:
    await tx.execute(
        "update workflow_versions set status = 'approved', is_active = true, approved_at = now(), approved_by = $3,"
        " updated_at = now() where account_id = $1 and id = $2",
        tx.account, version_id, by,
    )  # fmt: skip


async def archive_others(tx: Transaction, workflow_id: UUID, *, than: UUID | None, approved_too: bool) -> None:
    """Archive every version but one; with `approved_too` also the one in use."""
    await tx.execute(
        "update workflow_versions set status = 'archived', is_active = false, updated_at = now() where account_id = $1"
        " and workflow_id = $2 and status <> 'archived' and ($3::uuid is null or id <> $3) and ($4 or status <> 'approved')",
        tx.account, workflow_id, than, approved_too,
    )  # fmt: skip


def _version(row: asyncpg.Record) -> Version:
    return Version(
        id=VersionId(row["id"]), workflow_id=WorkflowId(row["workflow_id"]), version=row["version"],
        status=row["status"], is_active=row["is_active"], file_extracts=row["file_extracts"], fields=row["fields"],
        execution=row["execution"], script_sha256=row["script_sha256"].hex() if row["script_sha256"] else None,
        saved_minutes=row["saved_minutes"], source=row["source"], form=row["form"],
        rejection_reason=row["rejection_reason"], failure=row["failure"], questions_asked=row["questions_asked"],
        repairs_used=row["repairs_used"], build_run_id=row["build_run_id"], build_started_at=row["build_started_at"],
        approved_at=row["approved_at"], created_at=row["created_at"], updated_at=row["updated_at"],
    )  # fmt: skip
