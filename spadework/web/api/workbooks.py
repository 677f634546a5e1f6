"""Workbooks of a client, each with what its tables are doing."""

from datetime import datetime
from typing import Annotated

from fastapi import Query, Request
from pydantic import Field

from spadework.accounts.actions import accounts
from spadework.accounts.types import Principal
from spadework.web.auth import app_of, require
from spadework.web.routes import MAX_PAGE, AnyClient, AnyTable, AnyView, AnyWorkbook, Body, Reply, Router
from spadework.workbooks.actions import workbooks
from spadework.workbooks.types import TableKind, TableStatus, TableSummary, WorkbookSummary

router = Router("workbooks")


class Progress(Reply):
    """Cells of the run under way."""

    done: int
    total: int


class TableBrief(Reply):
    """One table as a list of workbooks shows it."""

    id: AnyTable
    name: str
    kind: TableKind
    row_count: int
    field_count: int
    status: TableStatus
    progress: Progress | None


class WorkbookReply(Reply):
    """One workbook. `spent_micro_usd` is what really left; simulated calls are not in it."""

    id: AnyWorkbook
    client_id: AnyClient
    name: str
    is_training: bool
    created_at: datetime
    updated_at: datetime
    spent_micro_usd: int
    tables: list[TableBrief]


class MadeWorkbook(WorkbookReply):
    """A new workbook and where its first rows go."""

    default_table_id: AnyTable
    default_view_id: AnyView


class Workbooks(Reply):
    """Workbooks, newest first."""

    data: list[WorkbookReply]
    next_cursor: str | None


class NewWorkbook(Body):
    """A workbook for a client; without `is_training` it starts in the account's mode."""

    client_id: AnyClient
    name: str = Field(min_length=1, max_length=200)
    is_training: bool | None = None


class WorkbookChange(Body):
    """What to change; what is left out stays."""

    name: str = Field(default="", min_length=1, max_length=200)
    is_training: bool = False


@router.get("/v3/workbooks")
async def list_workbooks(
    request: Request,
    client_id: AnyClient | None = None,
    search: Annotated[str, Query(max_length=200)] = "",
    limit: Annotated[int, Query(ge=1, le=MAX_PAGE)] = 50,
    cursor: Annotated[str | None, Query(max_length=100)] = None,
    who: Principal = require("workbooks.read"),
) -> Workbooks:
    """Workbooks, newest first; `search` looks into their names."""
    async with app_of(request).database.read(who.account_id) as tx:
        page = await workbooks.list_workbooks(tx, client_id=client_id, search=search, limit=limit, cursor=cursor)
    return Workbooks(data=[_show(each) for each in page.workbooks], next_cursor=page.next_cursor)


@router.post("/v3/workbooks", status_code=201)
async def create_workbook(
    body: NewWorkbook, request: Request, who: Principal = require("workbooks.write")
) -> MadeWorkbook:
    """A new workbook with its first table, which has one view and no columns."""
    async with app_of(request).database.transaction(who.account_id) as tx:
        is_training = (await accounts.get_account(tx)).is_training if body.is_training is None else body.is_training
        made = await workbooks.create_workbook(tx, body.client_id, body.name, is_training=is_training, by=who.user_id)
        shown = _show(await workbooks.get_summary(tx, made.workbook.id))
    return MadeWorkbook(**shown.model_dump(), default_table_id=made.table.id, default_view_id=made.table.views[0].id)


@router.get("/v3/workbooks/{workbook_id}")
async def get_workbook(
    workbook_id: AnyWorkbook, request: Request, who: Principal = require("workbooks.read")
) -> WorkbookReply:
    """One workbook with its tables."""
    async with app_of(request).database.read(who.account_id) as tx:
        return _show(await workbooks.get_summary(tx, workbook_id))


@router.patch("/v3/workbooks/{workbook_id}")
async def change_workbook(
    workbook_id: AnyWorkbook, body: WorkbookChange, request: Request, who: Principal = require("workbooks.write")
) -> WorkbookReply:
    """Rename it, or switch its training mode; runs under way go on as they began."""
    async with app_of(request).database.transaction(who.account_id) as tx:
        await workbooks.update_workbook(tx, workbook_id, **body.model_dump(exclude_unset=True))
        return _show(await workbooks.get_summary(tx, workbook_id))


@router.delete("/v3/workbooks/{workbook_id}", status_code=204)
async def delete_workbook(
    workbook_id: AnyWorkbook, request: Request, who: Principal = require("workbooks.write")
) -> None:
    """Delete it and stop its runs; what was spent for it stays in the books."""
    async with app_of(request).database.transaction(who.account_id) as tx:
        await workbooks.delete_workbook(tx, workbook_id, by=who.user_id)


def _show(summary: WorkbookSummary) -> WorkbookReply:
    return WorkbookReply.model_validate(
        {
            **{name: getattr(summary.workbook, name) for name in WorkbookReply.model_fields if name not in _SUMMED},
            "spent_micro_usd": summary.spent_micro_usd,
            "tables": [_show_table(each) for each in summary.tables],
        }
    )


_SUMMED = ("spent_micro_usd", "tables")


def _show_table(table: TableSummary) -> TableBrief:
    progress = Progress(done=table.progress[0], total=table.progress[1]) if table.progress else None
    return TableBrief(
        id=table.id, name=table.name, kind=table.kind, row_count=table.row_count, field_count=table.field_count,
        status=table.status, progress=progress,
    )  # fmt: skip
