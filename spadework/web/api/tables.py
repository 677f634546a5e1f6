"""Tables: what is in one, made, renamed, deleted. Its columns, views, rows and runs have files of their own."""

from fastapi import Request
from pydantic import Field

from spadework.accounts.types import Principal
from spadework.core.db import ReadOnly
from spadework.runs import actions as runs
from spadework.web.api.fields import FieldReply, show_field
from spadework.web.api.runs import RunBrief, brief
from spadework.web.api.views import ViewReply
from spadework.web.auth import app_of, bulk_database, require
from spadework.web.routes import AnyClient, AnyTable, AnyWorkbook, Body, Reply, Router
from spadework.workbooks.actions import tables
from spadework.workbooks.types import Table, TableKind

router = Router("tables")


class TableReply(Reply):
    """One table with its columns, its views and what is being done to it.

    `version` grows with every change of its rows. `auto_run` says whether any column asks to run by itself.
    """

    id: AnyTable
    workbook_id: AnyWorkbook
    workbook_name: str
    client_id: AnyClient
    name: str
    kind: TableKind
    row_count: int
    version: int
    is_training: bool
    auto_run: bool
    fields: list[FieldReply]
    views: list[ViewReply]
    active_runs: list[RunBrief]


class NewTable(Body):
    """A table to add to a workbook."""

    name: str = Field(min_length=1, max_length=200)


class TableChange(Body):
    """A new name."""

    name: str = Field(min_length=1, max_length=200)


@router.post("/v3/workbooks/{workbook_id}/tables", status_code=201)
async def create_table(
    workbook_id: AnyWorkbook, body: NewTable, request: Request, who: Principal = require("workbooks.write")
) -> TableReply:
    """A new table at the end of the workbook, with one view and no columns."""
    async with app_of(request).database.transaction(who.account_id) as tx:
        return await _show(tx, await tables.create_table(tx, workbook_id, body.name))


@router.get("/v3/tables/{table_id}")
async def get_table(table_id: AnyTable, request: Request, who: Principal = require("workbooks.read")) -> TableReply:
    """One table; its rows are read through a view."""
    async with app_of(request).database.read(who.account_id) as tx:
        return await _show(tx, await tables.get_table(tx, table_id))


@router.patch("/v3/tables/{table_id}")
async def change_table(
    table_id: AnyTable, body: TableChange, request: Request, who: Principal = require("workbooks.write")
) -> TableReply:
    """Rename the table."""
    async with app_of(request).database.transaction(who.account_id) as tx:
        return await _show(tx, await tables.rename_table(tx, table_id, body.name))


@router.delete("/v3/tables/{table_id}", status_code=204)
async def delete_table(table_id: AnyTable, request: Request, who: Principal = require("workbooks.write")) -> None:
    """Delete the table with its rows; 409 while a run fills it."""
    async with bulk_database(request).transaction(who.account_id) as tx:
        await tables.delete_table(tx, table_id)


async def _show(tx: ReadOnly, table: Table) -> TableReply:
    active = await runs.list_runs(tx, table_id=table.id, state="open", limit=100)
    return TableReply(
        id=table.id, workbook_id=table.workbook_id, workbook_name=table.workbook_name, client_id=table.client_id,
        name=table.name, kind=table.kind, row_count=table.row_count, version=table.version,
        is_training=table.is_training, auto_run=any(each.auto_run for each in table.fields),
        fields=[show_field(each, table) for each in table.fields],
        views=[ViewReply.model_validate(each) for each in table.views],
        active_runs=[brief(each) for each in active.runs],
    )  # fmt: skip
