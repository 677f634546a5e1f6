"""Rows: added, edited by hand and deleted; what was computed from an edited cell becomes `stale`."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from spadework.core.db import ReadOnly, Transaction
from spadework.core.errors import InvalidInput, LimitReached, UnknownReference
from spadework.core.ids import FieldId
from spadework.plug import catalog
from spadework.plug.column import ColumnKind, Value
from spadework.workbooks.actions import fields, tables
from spadework.workbooks.rules import order, values
from spadework.workbooks.store import cells
from spadework.workbooks.store import rows as store
from spadework.workbooks.types import MAX_ROWS, SLOT_TYPES, Field, Table

ROWS_AT_ONCE = 1000


async def lock(tx: Transaction, table_id: UUID) -> None:
    """Hold the table until this transaction ends, so that nothing that locks it too comes between look and write."""
    await store.lock(tx, table_id)


async def has_source(tx: ReadOnly, table_id: UUID, source: str) -> bool:
    """Whether the table has rows from there; rows that were deleted do not count."""
    return await store.has_source(tx, table_id, source)


async def add_rows(
    tx: Transaction, table_id: UUID, rows: Sequence[Mapping[FieldId, Value]], *, source: str, marks: int = 0
) -> list[int]:
    """New rows at the end; their ids in order. `source` says where they come from: typed, imported, directory.

    `marks` other than 0 are noted on every value, as for rows that came from the simulator.

    Raises:
        NotFound: no such table. UnknownReference: no such column. LimitReached: more than 1,000,000 rows.
        InvalidInput: a value does not fit its column; nothing was added.
    """
    table = await tables.get_table(tx, table_id)
    if not rows:
        return []
    _require_room(table, len(rows))
    by_field = _columns(table, rows)
    first = await store.reserve(tx, table_id, len(rows))
    row_ids = list(range(first, first + len(rows)))
    await store.add_rows(
        tx, table_id, row_ids,
        {field.slot: (SLOT_TYPES[field.storage], column) for field, column in by_field},
        source=source,
    )  # fmt: skip
    for field, column in by_field:
        if marks or fields.is_computed(field):
            present = [(row_id, value) for row_id, value in zip(row_ids, column, strict=True) if value is not None]
            shown = [values.from_slot(field.storage, value) for _, value in present]
            await cells.record_edits(tx, field, [row_id for row_id, _ in present], shown, marks=marks)
    await tables.announce_rows(tx, table_id)
    return row_ids


async def update_cells(
    tx: Transaction, table_id: UUID, edits: Mapping[int, Mapping[FieldId, Value]]
) -> dict[int, list[FieldId]]:
    """Set cells by hand, by row id and column; what they were stays in their history, dependants turn `stale`.

    Returns the columns set per row.

    Raises:
        NotFound: no such table. UnknownReference: no such column. InvalidInput: a row is not there, or a
            value does not fit its column; nothing was changed.
    """
    table = await tables.get_table(tx, table_id)
    known = await store.existing(tx, table_id, list(edits))
    if missing := [row_id for row_id in edits if row_id not in known]:
        raise InvalidInput(f"Row {missing[0]} is not in {table.name}. It may have been deleted.")
    by_field: dict[FieldId, dict[int, Value]] = {}
    for row_id, edit in edits.items():
        for field_id, value in edit.items():
            by_field.setdefault(field_id, {})[row_id] = value
    for field_id, column in by_field.items():
        await _set_column(tx, _field(table, field_id), column)
    for field_id, column in by_field.items():
        stale = order.dependants(table, [field_id])
        nos = [each.no for one in stale for each in (one, *table.outputs_of(one.id))]
        await cells.mark_stale(tx, table_id, nos, row_ids=list(column))
    await tables.announce_rows(tx, table_id)
    return {row_id: list(edit) for row_id, edit in edits.items()}


async def delete_rows(tx: Transaction, table_id: UUID, row_ids: Sequence[int]) -> int:
    """Delete rows with their cells; how many were there. Ids that are not there are passed over.

    Raises:
        NotFound: no such table.
    """
    await tables.get_table(tx, table_id)
    gone = await store.delete_rows(tx, table_id, row_ids)
    await tables.announce_rows(tx, table_id)
    return len(gone)


def parse_value(field: Field, raw: Any) -> Any:
    """What the column's slot stores for something typed, imported or given.

    Raises:
        InvalidInput: it does not fit the column; the message names the column.
    """
    try:
        kind = catalog.get(ColumnKind, "column", field.kind)()
        parsed = raw if kind.is_computed else kind.parse(raw, kind.settings.model_validate(dict(field.settings)))
        return values.to_slot(field.storage, parsed)
    except InvalidInput as error:
        raise InvalidInput(f"{field.name}: {error.message}", details={"field_id": str(field.id)}) from error


async def _set_column(tx: Transaction, field: Field, column: Mapping[int, Value]) -> None:
    row_ids = list(column)
    stored = [parse_value(field, each) for each in column.values()]
    before = await store.read_column(tx, field, row_ids)
    kept = [(row_id, values.from_slot(field.storage, old)) for row_id, old in before.items() if old is not None]
    await cells.record_first(tx, field, [row_id for row_id, _ in kept], [old for _, old in kept])
    await store.write_column(tx, field, row_ids, stored)
    await cells.record_edits(tx, field, row_ids, [values.from_slot(field.storage, each) for each in stored])


def _columns(table: Table, rows: Sequence[Mapping[FieldId, Value]]) -> list[tuple[Field, list[Any]]]:
    named = {field_id for row in rows for field_id in row}
    given = {field_id: _field(table, field_id) for field_id in named}
    return [(field, [parse_value(field, row.get(field_id)) for row in rows]) for field_id, field in given.items()]


def _field(table: Table, field_id: UUID) -> Field:
    if field := table.find_field(field_id):
        return field
    raise UnknownReference(f"{table.name} has no column of the id {field_id}. It may have been deleted.")


def _require_room(table: Table, more: int) -> None:
    if table.row_count + more > MAX_ROWS:
        raise LimitReached(
            f"A table holds at most {MAX_ROWS:,} rows; {table.name} has {table.row_count:,}, {more:,} more do not fit."
        )
