"""Rows of a table: pages of a view, added, edited and deleted; and counts of cell states over all of them."""

from typing import Annotated, Any

import orjson
from fastapi import Query, Request, Response
from pydantic import Field, JsonValue

from spadework.accounts.types import Principal
from spadework.core.ids import FieldId
from spadework.plug.column import CellState
from spadework.web.auth import app_of, require
from spadework.web.routes import AnyTable, AnyView, Body, Reply, Router
from spadework.workbooks.actions import asking, pages, rows, tables
from spadework.workbooks.types import CellMark, GridPage

router = Router("records")

AnyRow = Annotated[int, Field(ge=1, le=2**53)]
"""A row's id: a whole number, unique inside its table and never used again."""


class CellBrief(Reply):
    """State of a computed or edited cell. `marks` adds 1 for simulated, 2 for a guess, 4 for edited."""

    state: CellState
    marks: int
    note: str | None = None


class RecordReply(Reply):
    """One row, values and cells by column number; empty values are left out."""

    row_id: int
    values: dict[str, JsonValue]
    cells: dict[str, CellBrief]


class RecordPage(Reply):
    """One page of a view. `total` is a lower bound when `is_total_exact` is false: counting stopped."""

    offset: int
    total: int
    version: int
    is_total_exact: bool
    rows: list[RecordReply]


class NewRecord(Body):
    """One row to add, values by column id or name."""

    cells: dict[str, JsonValue]


class NewRecords(Body):
    """Rows to add at the end; all of them or none."""

    records: list[NewRecord] = Field(min_length=1, max_length=rows.ROWS_AT_ONCE)


class RecordChange(Body):
    """Cells of one row to set, by column id or name; null empties."""

    row_id: AnyRow
    cells: dict[str, JsonValue]


class RecordChanges(Body):
    """Rows to change; all of them or none."""

    records: list[RecordChange] = Field(min_length=1, max_length=rows.ROWS_AT_ONCE)


class GoneRecords(Body):
    """Rows to delete."""

    row_ids: list[AnyRow] = Field(min_length=1, max_length=rows.ROWS_AT_ONCE)


class Records(Reply):
    """The rows that were added or changed, in the order of the request."""

    row_ids: list[int]


class Deleted(Reply):
    """How many rows were there to delete."""

    deleted: int


class Counts(Reply):
    """Cells by column id and state, over all rows."""

    fields: dict[str, dict[CellState, int]]


@router.get("/v3/tables/{table_id}/views/{view_id}/records", responses={200: {"model": RecordPage}})
async def page_records(
    table_id: AnyTable,
    view_id: AnyView,
    request: Request,
    offset: Annotated[int, Query(ge=0, le=10_000_000)] = 0,
    limit: Annotated[int, Query(ge=0, le=pages.MAX_PAGE)] = 200,
    filter_text: Annotated[str | None, Query(alias="filter", max_length=20_000)] = None,
    sort_text: Annotated[str | None, Query(alias="sort", max_length=20_000)] = None,
    search: Annotated[str, Query(max_length=500)] = "",
    who: Principal = require("workbooks.read"),
) -> Response:
    """One page; `filter` and `sort` are JSON as in a view and replace the view's own, `search` narrows further."""
    async with app_of(request).database.read(who.account_id) as tx:
        table = await tables.get_table(tx, table_id)
        wanted = asking.page_of(
            table, view_id, filter_text=filter_text, sort_text=sort_text, search=search, offset=offset, limit=limit
        )
        page = await pages.page_of(tx, table, wanted)
    # Written without a model per row, which would take longer than everything before it.
    return Response(orjson.dumps(_show(page), option=orjson.OPT_NON_STR_KEYS), media_type="application/json")


@router.post("/v3/tables/{table_id}/records", status_code=201)
async def add_records(
    table_id: AnyTable, body: NewRecords, request: Request, who: Principal = require("workbooks.write")
) -> Records:
    """Add up to 1,000 rows."""
    async with app_of(request).database.transaction(who.account_id) as tx:
        table = await tables.get_table(tx, table_id)
        added = [asking.cells_of(table, each.cells) for each in body.records]
        return Records(row_ids=await rows.add_rows(tx, table_id, added, source="typed"))


@router.patch("/v3/tables/{table_id}/records")
async def change_records(
    table_id: AnyTable, body: RecordChanges, request: Request, who: Principal = require("workbooks.write")
) -> Records:
    """Set cells by hand; what they were stays in their history, and what was computed from them becomes `stale`."""
    async with app_of(request).database.transaction(who.account_id) as tx:
        table = await tables.get_table(tx, table_id)
        edits: dict[int, dict[FieldId, Any]] = {}
        for each in body.records:
            edits.setdefault(each.row_id, {}).update(asking.cells_of(table, each.cells))
        return Records(row_ids=list(await rows.update_cells(tx, table_id, edits)))


@router.delete("/v3/tables/{table_id}/records")
async def delete_records(
    table_id: AnyTable, body: GoneRecords, request: Request, who: Principal = require("workbooks.write")
) -> Deleted:
    """Delete rows with their cells; ids that are not there are passed over."""
    async with app_of(request).database.transaction(who.account_id) as tx:
        return Deleted(deleted=await rows.delete_rows(tx, table_id, body.row_ids))


@router.get("/v3/tables/{table_id}/counts")
async def count_states(table_id: AnyTable, request: Request, who: Principal = require("workbooks.read")) -> Counts:
    """Cells by column and state; in plain columns a cell is `done` when it holds something."""
    async with app_of(request).database.read(who.account_id) as tx:
        found = await pages.counts(tx, table_id)
    return Counts(fields={str(field_id): states for field_id, states in found.items()})


def _show(page: GridPage) -> dict[str, Any]:
    briefs = _Briefs()
    return {
        "offset": page.offset, "total": page.total, "version": page.version, "is_total_exact": page.is_total_exact,
        "rows": [
            {"row_id": row_id, "values": values, "cells": {no: briefs[mark] for no, mark in cells.items()}}
            for row_id, values, cells in page.rows
        ],
    }  # fmt: skip


class _Briefs(dict[CellMark, dict[str, Any]]):
    """Each mark as it is shown, made once: a page has thousands of cells and few different marks."""

    def __missing__(self, mark: CellMark) -> dict[str, Any]:
        shown: dict[str, Any] = {"state": mark.state, "marks": mark.marks}
        if mark.note is not None:
            shown["note"] = mark.note
        self[mark] = shown
        return shown
