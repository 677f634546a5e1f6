"""Workbooks: made with their first table, listed with what their tables are doing, renamed, deleted."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from spadework.clients import actions as clients
from spadework.core.db import ReadOnly, Transaction
from spadework.core.errors import InvalidInput, NotFound
from spadework.core.ids import ClientId, UserId, WorkbookId
from spadework.workbooks.actions import running, tables
from spadework.workbooks.rules import statuses
from spadework.workbooks.store import workbooks as store
from spadework.workbooks.types import Table, TableSummary, Workbook, WorkbookSummary

FIRST_TABLE = "Companies"


@dataclass(frozen=True, slots=True)
class NewWorkbook:
    """A workbook just made and its first table."""

    workbook: Workbook
    table: Table


@dataclass(frozen=True, slots=True)
class WorkbookPage:
    """One page of workbooks and where the next begins; None when this is the last."""

    workbooks: list[WorkbookSummary]
    next_cursor: str | None


async def create_workbook(
    tx: Transaction, client_id: ClientId, name: str, *, is_training: bool, by: UserId | None
) -> NewWorkbook:
    """A new workbook with its CE table, which has one view and no columns yet.

    Raises:
        NotFound: no such client. InvalidInput: the name is blank or too long.
    """
    await clients.get(tx, client_id)
    workbook_id = await store.add_workbook(tx, client_id, tables.require_name(name), is_training=is_training, by=by)
    table = await tables.create_table(tx, workbook_id, FIRST_TABLE, kind="ce")
    return NewWorkbook(await get_workbook(tx, workbook_id), table)


async def get_workbook(tx: ReadOnly, workbook_id: UUID) -> Workbook:
    """The workbook.

    Raises:
        NotFound: there is no such workbook in this account.
    """
    if workbook := await store.find_workbook(tx, workbook_id):
        return workbook
    raise NotFound("There is no such workbook. It may have been deleted.")


async def get_summary(tx: ReadOnly, workbook_id: UUID) -> WorkbookSummary:
    """The workbook with its tables and what they are doing.

    Raises:
        NotFound: there is no such workbook in this account.
    """
    return (await _summaries(tx, [await get_workbook(tx, workbook_id)]))[0]


async def list_workbooks(
    tx: ReadOnly, *, client_id: UUID | None = None, search: str = "", limit: int = 50, cursor: str | None = None
) -> WorkbookPage:
    """Workbooks, newest first, each with its tables.

    Raises:
        InvalidInput: the cursor is not one of ours.
    """
    try:
        after = UUID(cursor) if cursor else None
    except ValueError as error:
        raise InvalidInput("The cursor is damaged. Start from the first page.") from error
    found = await store.list_workbooks(tx, client_id=client_id, search=search, after=after, limit=limit + 1)
    shown = found[:limit]
    return WorkbookPage(await _summaries(tx, shown), str(shown[-1].id) if len(found) > limit else None)


async def count_by_client(tx: ReadOnly) -> dict[UUID, int]:
    """How many workbooks each client has; clients without one are left out."""
    return await store.count_by_client(tx)


async def update_workbook(
    tx: Transaction, workbook_id: UUID, *, name: str | None = None, is_training: bool | None = None
) -> Workbook:
    """The workbook with a new name or mode; None leaves a part as it is.

    Raises:
        NotFound: no such workbook. InvalidInput: the name is blank or too long.
    """
    workbook = await get_workbook(tx, workbook_id)
    await store.update_workbook(
        tx,
        workbook_id,
        name=workbook.name if name is None else tables.require_name(name),
        is_training=workbook.is_training if is_training is None else is_training,
    )
    await tx.notify("workbooks", {"type": "workbook", "id": str(workbook_id)})
    return await get_workbook(tx, workbook_id)


async def delete_workbook(tx: Transaction, workbook_id: UUID, *, by: UserId | None) -> None:
    """Take the workbook out of every list and stop its runs; what was spent for it stays in the books.

    Raises:
        NotFound: no such workbook.
    """
    await get_workbook(tx, workbook_id)
    await running.stop_workbook(tx, workbook_id, by=by)
    await store.archive_workbook(tx, workbook_id)
    await tx.notify("workbooks", {"type": "workbook", "id": str(workbook_id)})


async def _summaries(tx: ReadOnly, workbooks: list[Workbook]) -> list[WorkbookSummary]:
    ids = [each.id for each in workbooks]
    spent = await store.spent(tx, ids)
    by_workbook: dict[UUID, list[TableSummary]] = {}
    for row in await store.list_tables(tx, ids):
        by_workbook.setdefault(row["workbook_id"], []).append(_table_summary(row))
    return [
        WorkbookSummary(
            workbook=each, tables=tuple(by_workbook.get(each.id, ())), spent_micro_usd=spent.get(WorkbookId(each.id), 0)
        )
        for each in workbooks
    ]


def _table_summary(row: Any) -> TableSummary:
    progress = row["run_progress"] or {}
    status = statuses.status_of(row["run_state"], progress.get("by_state", {}))
    return TableSummary(
        id=row["id"], name=row["name"], kind=row["kind"], row_count=row["row_count"], field_count=row["field_count"],
        status=status,
        progress=(progress.get("done", 0), progress.get("total", 0)) if status == "running" else None,
    )  # fmt: skip
