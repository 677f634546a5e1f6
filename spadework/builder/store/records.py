"""The tables `workflow_tests`, `workflow_runs` and `workflow_ledger`: what happened, only ever added to."""

import hashlib
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import asyncpg

from spadework.builder.types import Direction, LedgerEntry, RunReport, Test, TestReport, VersionId, WorkflowRun
from spadework.core.db import ReadOnly, Transaction
from spadework.core.ids import new_id


async def add_test(tx: Transaction, workflow_id: UUID, version_id: UUID, report: TestReport) -> UUID:
    test_id = new_id()
    await tx.execute(
        "insert into workflow_tests (account_id, id, workflow_id, version_id, script_sha256, kind, result, seconds,"
        " rows_in, rows_out, files_out, failure) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
        tx.account, test_id, workflow_id, version_id, bytes.fromhex(report.script_sha256), report.kind, report.result,
        report.seconds, report.rows_in, report.rows_out, report.files_out,
        report.failure.model_dump(mode="json") if report.failure else None,
    )  # fmt: skip
    return test_id


async def find_test(tx: ReadOnly, test_id: UUID) -> Test | None:
    row = await tx.fetchrow("select * from workflow_tests where account_id = $1 and id = $2", tx.account, test_id)
    return _test(row) if row else None


async def list_tests(tx: ReadOnly, version_ids: Sequence[UUID]) -> dict[VersionId, list[Test]]:
    """Each version's tests, oldest first."""
    rows = await tx.fetch(
        "select * from workflow_tests where account_id = $1 and version_id = any($2) order by created_at, id",
        tx.account, list(version_ids),
    )  # fmt: skip
    found: dict[VersionId, list[Test]] = defaultdict(list)
    for row in rows:
        found[VersionId(row["version_id"])].append(_test(row))
    return found


async def add_run(tx: Transaction, workflow_id: UUID, report: RunReport, *, by: UUID) -> UUID:
    run_id = new_id()
    await tx.execute(
        "insert into workflow_runs (account_id, id, workflow_id, version_id, user_id, script_sha256, runner, success,"
        " seconds, rows_in, rows_out, files_out, failure)"
        " values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
        tx.account, run_id, workflow_id, report.version_id, by, bytes.fromhex(report.script_sha256), report.runner,
        report.success, report.seconds, report.rows_in, report.rows_out, report.files_out,
        report.failure.model_dump(mode="json") if report.failure else None,
    )  # fmt: skip
    return run_id


async def list_runs(
    tx: ReadOnly, workflow_id: UUID, *, before: tuple[datetime, UUID] | None, limit: int, run_id: UUID | None = None
) -> list[WorkflowRun]:
    """Newest first; with `run_id` that one alone."""
    at, last_id = before or (None, None)
    rows = await tx.fetch(
        "select r.*, v.version, u.name as user_name from workflow_runs r"
        " join workflow_versions v on v.account_id = r.account_id and v.id = r.version_id"
        " join users u on u.account_id = r.account_id and u.id = r.user_id"
        " where r.account_id = $1 and r.workflow_id = $2 and ($3::timestamptz is null or (r.created_at, r.id) < ($3, $4))"
        " and ($6::uuid is null or r.id = $6) order by r.created_at desc, r.id desc limit $5",
        tx.account, workflow_id, at, last_id, limit, run_id,
    )  # fmt: skip
    return [_run(row) for row in rows]


async def add_entry(tx: Transaction, workflow_id: UUID, *, direction: Direction, what: str, content: bytes) -> None:
    await tx.execute(
        "insert into workflow_ledger (account_id, id, workflow_id, direction, what, content, sha256)"
        " values ($1, $2, $3, $4, $5, $6, $7)",
        tx.account, new_id(), workflow_id, direction, what, content, hashlib.sha256(content).digest(),
    )  # fmt: skip


async def list_entries(tx: ReadOnly, workflow_id: UUID) -> list[LedgerEntry]:
    """In the order they left."""
    rows = await tx.fetch(
        "select id, created_at, direction, what, octet_length(content) as size, sha256 from workflow_ledger"
        " where account_id = $1 and workflow_id = $2 order by created_at, id",
        tx.account, workflow_id,
    )  # fmt: skip
    return [
        LedgerEntry(
            id=row["id"], at=row["created_at"], direction=row["direction"], what=row["what"], bytes=row["size"],
            sha256=row["sha256"].hex(),
        )
        for row in rows
    ]  # fmt: skip


async def find_content(tx: ReadOnly, workflow_id: UUID, entry_id: UUID) -> bytes | None:
    content = await tx.fetchval(
        "select content from workflow_ledger where account_id = $1 and workflow_id = $2 and id = $3",
        tx.account, workflow_id, entry_id,
    )  # fmt: skip
    return bytes(content) if content is not None else None


def _test(row: asyncpg.Record) -> Test:
    return Test(
        id=row["id"], version_id=VersionId(row["version_id"]), script_sha256=row["script_sha256"].hex(),
        kind=row["kind"], result=row["result"], seconds=row["seconds"], rows_in=row["rows_in"],
        rows_out=row["rows_out"], files_out=row["files_out"], failure=row["failure"], created_at=row["created_at"],
    )  # fmt: skip


def _run(row: asyncpg.Record) -> WorkflowRun:
    return WorkflowRun(
        id=row["id"], version_id=VersionId(row["version_id"]), version=row["version"], user_id=row["user_id"],
        user_name=row["user_name"], script_sha256=row["script_sha256"].hex(), runner=row["runner"],
        success=row["success"], seconds=row["seconds"], rows_in=row["rows_in"], rows_out=row["rows_out"],
        files_out=row["files_out"], failure=row["failure"], created_at=row["created_at"],
    )  # fmt: skip
