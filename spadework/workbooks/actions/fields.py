"""Columns of a table: added, changed, moved, deleted; references are stored by id, rings refused."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from pydantic import ValidationError

from spadework.core.db import ReadOnly, Transaction
from spadework.core.errors import Conflict, InvalidInput, LimitReached, NotFound
from spadework.core.ids import FieldId, UserId, new_id
from spadework.plug import catalog
from spadework.plug.column import ColumnKind, Settings, Storage
from spadework.workbooks.actions import prompted, tables
from spadework.workbooks.rules import conditions, order, references, slots
from spadework.workbooks.store import cells, running
from spadework.workbooks.store import fields as store
from spadework.workbooks.types import MAX_FIELDS, AddedField, Field, NewField, NewOutput, Table

UNCHANGED: Any = object()
"""Given for what an update shall leave as it is, where None means "none"."""

_KIND_OF: Mapping[Storage, str] = {"text": "text", "number": "number", "timestamp": "date", "json": "json"}


async def add_field(tx: Transaction, table_id: UUID, new: NewField, *, by: UserId | None) -> AddedField:
    """A new column, and one more for each of its outputs right of it; nothing runs yet.

    Raises:
        NotFound: no such table. InvalidInput: name, settings, condition or an output cannot be used.
        UnknownReference, CyclicReference: what it reads is not there, or would wait for it in turn.
        LimitReached: the table has 200 columns.
    """
    await tables.get_table(tx, table_id)
    number = await store.take_number(tx, table_id)  # locks the table, so the columns read next stay as they are
    table = await tables.get_table(tx, table_id)
    kind = catalog.get(ColumnKind, "column", new.kind)()
    settings = _stored_settings(kind, new.settings, table.fields)
    parsed = _parsed(kind, settings, new.name)
    await prompted.require(tx, kind, parsed)
    field = Field(
        id=FieldId(new_id()), table_id=table.id, no=number, name=_new_name(table, new.name), kind=new.kind,
        settings=settings, settings_version=1, storage=kind.storage(parsed), slot="",
        position=_place(table, new.position), condition=_stored_condition(new.condition, table.fields),
        auto_run=new.auto_run, width=new.width,
    )  # fmt: skip
    if field.condition and not kind.is_computed:
        raise InvalidInput(f"{field.name} is typed or imported, so a condition would never be asked. Leave it out.")
    _require_room(table, 1 + len(new.outputs))
    field = await _place_in_slot(tx, field)
    _require_no_ring((*table.fields, field))
    await store.add_field(tx, field)
    outputs = await _add_outputs(tx, field, kind, parsed, new.outputs)
    await tx.notify(f"table:{table_id}", {"type": "fields"})
    return AddedField(field=field, outputs=outputs)


async def add_outputs(tx: Transaction, field_id: UUID, outputs: Sequence[NewOutput]) -> tuple[Field, ...]:
    """Further columns that this column's run fills from now on.

    Raises:
        NotFound: no such column. InvalidInput: the column has no such output.
    """
    field = await get_field(tx, field_id)
    table = await tables.get_table(tx, field.table_id)
    _require_room(table, len(outputs))
    kind = catalog.get(ColumnKind, "column", field.kind)()
    added = await _add_outputs(tx, field, kind, _parsed(kind, field.settings, field.name), outputs)
    await tx.notify(f"table:{field.table_id}", {"type": "fields"})
    return added


async def get_field(tx: ReadOnly, field_id: UUID) -> Field:
    """The column.

    Raises:
        NotFound: there is no such column in this account.
    """
    if field := await store.find_field(tx, field_id):
        return field
    raise NotFound("There is no such column. It may have been deleted.")


async def update_field(
    tx: Transaction, field_id: UUID, *, name: str | None = None, settings: Mapping[str, Any] | None = None,
    condition: str | None = UNCHANGED, auto_run: bool | None = None, width: int | None = UNCHANGED,
    is_hidden: bool | None = None, position: int | None = None, by: UserId | None,
) -> Field:  # fmt: skip
    """The column with what is given changed. New settings or a new condition make filled cells `stale`.

    Raises:
        NotFound: no such column. Conflict: a run is filling it and what it computes would change.
        InvalidInput, UnknownReference, CyclicReference: as when adding.
    """
    field = await get_field(tx, field_id)
    table = await tables.get_table(tx, field.table_id)
    kind = catalog.get(ColumnKind, "column", field.kind)()
    others = tuple(each for each in table.fields if each.id != field.id)
    if settings is not None:
        stored = _stored_settings(kind, settings, table.fields)
        await prompted.require(tx, kind, _parsed(kind, stored, field.name))
    changed = replace(
        field,
        name=field.name if name is None else _new_name(replace(table, fields=others), name),
        settings=field.settings if settings is None else _stored_settings(kind, settings, table.fields),
        condition=field.condition if condition is UNCHANGED else _stored_condition(condition, table.fields),
        auto_run=field.auto_run if auto_run is None else auto_run,
        width=field.width if width is UNCHANGED else width,
        is_hidden=field.is_hidden if is_hidden is None else is_hidden,
    )  # fmt: skip
    if (changed.settings, changed.condition) != (field.settings, field.condition):
        changed = await _recompute(tx, table, field, changed, kind)
    await store.update_field(tx, changed)
    if position is not None:
        await _move(tx, table, changed, position)
    await tx.notify(f"table:{table.id}", {"type": "fields"})
    return await get_field(tx, field_id)


async def delete_field(tx: Transaction, field_id: UUID, *, force: bool = False) -> None:
    """Delete the column; the columns of its outputs stay, with their values, as plain ones.

    Raises:
        NotFound: no such column. Conflict: a run is filling it, or other columns read it (`details` name
            them) and `force` is not given; with it they keep a reference to nothing.
    """
    field = await get_field(tx, field_id)
    table = await tables.get_table(tx, field.table_id)
    await _require_idle(tx, table, field)
    readers = [each for each in table.fields if field.ref in order.reads(each) and each.output_of != field.id]
    if readers and not force:
        names = ", ".join(each.name for each in readers)
        raise Conflict(
            f"{field.name} is read by {names}. Change that first, or delete it all the same.",
            details={"field_ids": [str(each.id) for each in readers]},
        )
    await cells.mark_stale(tx, table.id, [each.no for each in readers])
    await store.delete_field(tx, field)
    await store.delete_cells(tx, table.id, field.no)
    await tx.notify(f"table:{table.id}", {"type": "fields"})


def show_settings(field: Field, table: Table) -> tuple[Any, str | None]:
    """The column's settings and condition with other columns shown by name."""
    return references.to_names(dict(field.settings), table.fields), references.to_names(field.condition, table.fields)


def depends_on(field: Field, table: Table) -> list[FieldId]:
    """Ids of the columns it reads, in the table's order."""
    reads = order.reads(field)
    return [each.id for each in table.fields if each.ref in reads]


def check_condition(written: str) -> None:
    """Refuse a condition that cannot be read, before there is a table for it.

    Raises:
        InvalidInput: the message points at the place.
    """
    conditions.compile_condition(written)


def is_computed(field: Field) -> bool:
    """Whether runs fill it, as its own column or as an output of another."""
    return field.output_of is not None or order.is_computed(field)


# --- parts of the above --------------------------------------------------------------------------


async def _recompute(tx: Transaction, table: Table, field: Field, changed: Field, kind: ColumnKind) -> Field:
    """The column with a new settings version and, when its type changed, an empty slot of the new type."""
    await _require_idle(tx, table, field)
    parsed = _parsed(kind, changed.settings, changed.name)
    _require_no_ring(tuple(changed if each.id == field.id else each for each in table.fields))
    known = kind.outputs(parsed)
    for each in table.outputs_of(field.id):
        if each.output_name not in known:
            raise InvalidInput(
                f"{each.name} is filled from the output {each.output_name!r}, which these settings no longer have. "
                "Delete that column first, or keep the output."
            )
    changed = replace(changed, settings_version=field.settings_version + 1, storage=kind.storage(parsed))
    if changed.storage != field.storage:
        await store.clear_slot(tx, table.id, field.slot)
        changed = await _place_in_slot(tx, changed)
    own = [field.no, *(each.no for each in table.outputs_of(field.id))]
    await cells.mark_stale(tx, table.id, own)
    return changed


async def _add_outputs(
    tx: Transaction, field: Field, kind: ColumnKind, settings: Settings, outputs: Sequence[NewOutput]
) -> tuple[Field, ...]:
    known = kind.outputs(settings)
    added: list[Field] = []
    for place, each in enumerate(outputs, start=1):
        if each.output_name not in known:
            raise InvalidInput(
                f"{field.name} has no output {each.output_name!r}. "
                + references.closest(each.output_name, known or ["no outputs at all"])
            )
        storage = known[each.output_name]
        table = await tables.get_table(tx, field.table_id)
        output = Field(
            id=FieldId(new_id()), table_id=field.table_id, no=await store.take_number(tx, field.table_id),
            name=_new_name(table, each.name), kind=_KIND_OF[storage], settings={}, settings_version=1,
            storage=storage, slot="", position=field.position + place, output_of=field.id,
            output_name=each.output_name,
        )  # fmt: skip
        output = await _place_in_slot(tx, output)
        await store.add_field(tx, output)
        added.append(output)
    return tuple(added)


async def _place_in_slot(tx: Transaction, field: Field) -> Field:
    live, deleted = await store.held_slots(tx, field.table_id)
    held = live | {slot for _, slot in deleted}
    wanted = set(slots.all_slots(field.storage))
    if not wanted - held:
        # Clearing costs a pass over the table, so a deleted column gives its slot up only when it is needed.
        for deleted_id, slot in deleted:
            if slot in wanted and slot not in live:
                await store.clear_slot(tx, field.table_id, slot, deleted_field_id=deleted_id)
                held -= {slot}
                break
    return replace(field, slot=slots.choose(field.storage, held=held))


async def _move(tx: Transaction, table: Table, field: Field, position: int) -> None:
    others = [each.id for each in table.fields if each.id != field.id]
    others.insert(max(0, min(position, len(others))), field.id)
    await store.put_in_order(tx, table.id, others)


async def _require_idle(tx: ReadOnly, table: Table, field: Field) -> None:
    family = {field.id, field.output_of}
    if any(row["field_id"] in family for row in await running.list_active(tx, table.id)):
        raise Conflict(f"A run is filling {field.name}. Stop it first.")


def _stored_settings(kind: ColumnKind, written: Mapping[str, Any], fields: Sequence[Field]) -> dict[str, Any]:
    """The settings as they are stored: references by id, checked against the kind's own model."""
    stored: dict[str, Any] = references.to_ids(dict(written), fields)
    _parsed(kind, stored, kind.label)
    return stored


def _parsed(kind: ColumnKind, settings: Mapping[str, Any], name: str) -> Settings:
    try:
        return kind.settings.model_validate(dict(settings))
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(each) for each in first["loc"]) or "settings"
        reason = str(first["msg"]).removeprefix("Value error, ").rstrip(".")
        raise InvalidInput(
            f"The settings of {name} cannot be used: {place}: {reason}.",
            details={
                "problems": [{"at": [str(part) for part in each["loc"]], "why": each["msg"]} for each in error.errors()]
            },
        ) from error


def _stored_condition(written: str | None, fields: Sequence[Field]) -> str | None:
    if written is None or not written.strip():
        return None
    stored: str = references.to_ids(written, fields)
    conditions.compile_condition(stored)
    return stored


def _require_no_ring(fields: Sequence[Field]) -> None:
    known = {each.ref for each in fields}
    order.require_no_ring(
        {each.ref: order.reads(each) & known for each in fields}, {each.ref: each.name for each in fields}
    )


def _require_room(table: Table, more: int) -> None:
    if len(table.fields) + more > MAX_FIELDS:
        raise LimitReached(
            f"A table holds at most {MAX_FIELDS} columns; {table.name} has {len(table.fields)}. "
            "Delete some you no longer need, or begin another table."
        )


def _new_name(table: Table, written: str) -> str:
    name = tables.require_name(written)
    if "{{" in name or "}}" in name:
        raise InvalidInput("A column's name may not hold {{ or }}, because those mark references.")
    if table.find_field_by_name(name):
        raise InvalidInput(f"There is already a column {name!r}. Choose another name.")
    return name


def _place(table: Table, position: int | None) -> int:
    return len(table.fields) if position is None else max(0, min(position, len(table.fields)))
