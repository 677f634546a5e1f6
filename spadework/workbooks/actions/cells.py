"""One cell: everything known about it, and taking it back to an earlier value."""

from uuid import UUID

from spadework.core.db import ReadOnly, Transaction
from spadework.core.errors import NotFound
from spadework.core.ids import FieldId
from spadework.workbooks.actions import fields, tables
from spadework.workbooks.rules import order, values
from spadework.workbooks.store import cells, rows
from spadework.workbooks.types import EDITED, CellDetail, Field

VERSIONS_SHOWN = 50


async def get_cell(tx: ReadOnly, table_id: UUID, row_id: int, field_id: FieldId) -> CellDetail:
    """The cell's value, state and marks, where its row came from, and what it has been.

    Raises:
        NotFound: no such table, column or row.
    """
    field = await _field(tx, table_id, field_id)
    row = await rows.find_row(tx, table_id, row_id, [field.slot])
    if row is None:
        raise NotFound("There is no such row. It may have been deleted.")
    stated = await cells.find_state(tx, field, row_id)
    value = values.from_slot(field.storage, row[field.slot])
    return CellDetail(
        field=field, row_id=row_id, value=value,
        state=stated["state"] if stated else "empty" if value is None else "done",
        marks=stated["marks"] if stated else 0,
        note=stated["note"] if stated else None,
        run_id=stated["run_id"] if stated else None,
        row_source=row["source"], row_created_at=row["created_at"],
        versions=await cells.list_versions(tx, field, row_id, limit=VERSIONS_SHOWN),
    )  # fmt: skip


async def restore(tx: Transaction, table_id: UUID, row_id: int, field_id: FieldId, version: UUID) -> CellDetail:
    """Take the cell back to an earlier value, as an edit of its own; marks of that value, such as simulated, return.

    Raises:
        NotFound: no such table, column, row or version.
    """
    table = await tables.get_table(tx, table_id)
    field = await _field(tx, table_id, field_id)
    if not await rows.existing(tx, table_id, [row_id]):
        raise NotFound("There is no such row. It may have been deleted.")
    earlier = await cells.find_version(tx, field, row_id, version)
    if earlier is None:
        raise NotFound("There is no such earlier value of this cell.")
    await rows.write_column(tx, field, [row_id], [values.to_slot(field.storage, earlier.value)])
    await cells.record_edits(tx, field, [row_id], [earlier.value], marks=earlier.marks | EDITED)
    stale = order.dependants(table, [field_id])
    nos = [each.no for one in stale for each in (one, *table.outputs_of(one.id))]
    await cells.mark_stale(tx, table_id, nos, row_ids=[row_id])
    await tables.announce_rows(tx, table_id)
    return await get_cell(tx, table_id, row_id, field_id)


async def _field(tx: ReadOnly, table_id: UUID, field_id: FieldId) -> Field:
    field = await fields.get_field(tx, field_id)
    if field.table_id != table_id:
        raise NotFound("This table has no such column.")
    return field
