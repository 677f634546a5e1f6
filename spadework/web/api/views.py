"""Views of a table: which rows, in which order, with which columns."""

from fastapi import Request
from pydantic import Field, JsonValue

from spadework.accounts.types import Principal
from spadework.web.auth import app_of, require
from spadework.web.routes import AnyTable, AnyView, Body, Reply, Router
from spadework.workbooks.actions import tables

router = Router("views")
Filters = list[JsonValue] | dict[str, JsonValue]


class ViewReply(Reply):
    """One view. `columns` is the layout: `order`, `widths` and `hidden` by column id."""

    id: AnyView
    table_id: AnyTable
    name: str
    filters: Filters
    sorts: list[JsonValue]
    columns: dict[str, JsonValue]
    position: int


class NewView(Body):
    """A view to add. `filters` are `[{"field","op","value"}]`, or `{"or": [[…], […]]}`."""

    name: str = Field(min_length=1, max_length=200)
    filters: Filters = Field(default=[])
    sorts: list[JsonValue] = Field(default=[])
    columns: dict[str, JsonValue] = Field(default={})


class ViewChange(Body):
    """What to change; what is left out stays."""

    name: str = Field(default="", min_length=1, max_length=200)
    filters: Filters = Field(default=[])
    sorts: list[JsonValue] = Field(default=[])
    columns: dict[str, JsonValue] = Field(default={})


@router.post("/v3/tables/{table_id}/views", status_code=201)
async def create_view(
    table_id: AnyTable, body: NewView, request: Request, who: Principal = require("workbooks.write")
) -> ViewReply:
    """A new view."""
    async with app_of(request).database.transaction(who.account_id) as tx:
        made = await tables.create_view(
            tx, table_id, body.name, filters_json=body.filters, sorts_json=body.sorts, columns=body.columns
        )
    return ViewReply.model_validate(made)


@router.patch("/v3/views/{view_id}")
async def change_view(
    view_id: AnyView, body: ViewChange, request: Request, who: Principal = require("workbooks.write")
) -> ViewReply:
    """Change what is given."""
    given = body.model_dump(exclude_unset=True)
    async with app_of(request).database.transaction(who.account_id) as tx:
        changed = await tables.update_view(
            tx, view_id, name=given.get("name"), filters_json=given.get("filters"), sorts_json=given.get("sorts"),
            columns=given.get("columns"),
        )  # fmt: skip
    return ViewReply.model_validate(changed)


@router.delete("/v3/views/{view_id}", status_code=204)
async def delete_view(view_id: AnyView, request: Request, who: Principal = require("workbooks.write")) -> None:
    """Delete a view; rows are not touched. A table keeps at least one."""
    async with app_of(request).database.transaction(who.account_id) as tx:
        await tables.delete_view(tx, view_id)
