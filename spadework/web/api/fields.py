"""Columns of a table: added with their outputs, changed, moved, deleted; other columns are shown by name."""

from fastapi import Request
from pydantic import Field as Limits
from pydantic import JsonValue

from spadework.accounts.types import Principal
from spadework.plug.column import Storage
from spadework.web.auth import bulk_database, require
from spadework.web.routes import AnyField, AnyTable, Body, Reply, Router
from spadework.workbooks.actions import fields, tables
from spadework.workbooks.types import Field, NewField, NewOutput, Table

router = Router("fields")


class FieldReply(Reply):
    """One column. Its settings and condition name other columns as `{{Column name}}`.

    `ref` is the name they are stored under. `output_of` is the column whose run fills this one.
    """

    id: AnyField
    ref: str
    no: int
    name: str
    kind: str
    settings: dict[str, JsonValue]
    storage: Storage
    position: int
    condition: str | None
    auto_run: bool
    output_of: AnyField | None
    output_name: str | None
    is_computed: bool
    width: int | None
    is_hidden: bool
    depends_on: list[AnyField]


class AddedFieldReply(FieldReply):
    """A new column and the columns of its outputs."""

    output_fields: list[FieldReply]


class OutputBody(Body):
    """One output of the column that becomes a column of its own, under this name."""

    name: str = Limits(min_length=1, max_length=200)
    output_name: str = Limits(min_length=1, max_length=200)


class FieldBody(Body):
    """A column to add; without `position` it comes last, its outputs right of it."""

    name: str = Limits(min_length=1, max_length=200)
    kind: str = Limits(min_length=1, max_length=60)
    settings: dict[str, JsonValue] = Limits(default={})
    condition: str | None = Limits(default=None, max_length=10_000)
    outputs: list[OutputBody] = Limits(default=[], max_length=200)
    position: int | None = Limits(default=None, ge=0, le=1000)
    auto_run: bool = False
    width: int | None = Limits(default=None, ge=1, le=10_000)


class FieldChange(Body):
    """What to change; what is left out stays, a null condition or width is taken away."""

    name: str = Limits(default="", min_length=1, max_length=200)
    settings: dict[str, JsonValue] = Limits(default={})
    condition: str | None = Limits(default=None, max_length=10_000)
    auto_run: bool = False
    width: int | None = Limits(default=None, ge=1, le=10_000)
    is_hidden: bool = False
    position: int = Limits(default=0, ge=0, le=1000)


@router.post("/v3/tables/{table_id}/fields", status_code=201)
async def add_field(
    table_id: AnyTable, body: FieldBody, request: Request, who: Principal = require("workbooks.write")
) -> AddedFieldReply:
    """A new column; nothing runs yet."""
    new = NewField(
        name=body.name, kind=body.kind, settings=body.settings, condition=body.condition, position=body.position,
        outputs=[NewOutput(name=each.name, output_name=each.output_name) for each in body.outputs],
        auto_run=body.auto_run, width=body.width,
    )  # fmt: skip
    async with bulk_database(request).transaction(who.account_id) as tx:
        added = await fields.add_field(tx, table_id, new, by=who.user_id)
        table = await tables.get_table(tx, table_id)
    return AddedFieldReply(
        **show_field(_current(table, added.field), table).model_dump(),
        output_fields=[show_field(_current(table, each), table) for each in added.outputs],
    )


@router.patch("/v3/fields/{field_id}")
async def change_field(
    field_id: AnyField, body: FieldChange, request: Request, who: Principal = require("workbooks.write")
) -> FieldReply:
    """Change what is given; with new settings or a new condition, cells that were filled become `stale`."""
    async with bulk_database(request).transaction(who.account_id) as tx:
        changed = await fields.update_field(tx, field_id, by=who.user_id, **body.model_dump(exclude_unset=True))
        table = await tables.get_table(tx, changed.table_id)
    return show_field(_current(table, changed), table)


@router.delete("/v3/fields/{field_id}", status_code=204)
async def delete_field(
    field_id: AnyField, request: Request, force: bool = False, who: Principal = require("workbooks.write")
) -> None:
    """Delete a column; 409 names the columns that read it, and `force=true` deletes it all the same."""
    async with bulk_database(request).transaction(who.account_id) as tx:
        await fields.delete_field(tx, field_id, force=force)


def show_field(field: Field, table: Table) -> FieldReply:
    """The column as a reply."""
    settings, condition = fields.show_settings(field, table)
    return FieldReply(
        id=field.id, ref=field.ref, no=field.no, name=field.name, kind=field.kind, settings=settings,
        storage=field.storage, position=field.position, condition=condition, auto_run=field.auto_run,
        output_of=field.output_of, output_name=field.output_name, is_computed=fields.is_computed(field),
        width=field.width, is_hidden=field.is_hidden, depends_on=fields.depends_on(field, table),
    )  # fmt: skip


def _current(table: Table, field: Field) -> Field:
    """The column as it stands now that every column has its place."""
    return table.find_field(field.id) or field
