"""SQL on the columns of tables; their values are in `rows.py`."""

from collections.abc import Sequence
from uuid import UUID

from spadework.core.db import ReadOnly, Transaction
from spadework.workbooks.store.workbooks import to_field
from spadework.workbooks.types import Field


async def find_field(tx: ReadOnly, field_id: UUID) -> Field | None:
    """The live column of that id, None when there is none."""
    row = await tx.fetchrow(
        "select * from fields where account_id = $1 and id = $2 and deleted_at is null", tx.account, field_id
    )
    return to_field(row) if row else None


async def take_number(tx: Transaction, table_id: UUID) -> int:
    """The table's next column number; it also locks the table against two columns being added at once."""
    number = await tx.fetchval(
        "update tables set next_field_no = next_field_no + 1, updated_at = now()"
        " where account_id = $1 and id = $2 returning next_field_no - 1",
        tx.account, table_id,
    )  # fmt: skip
    return int(number)


async def held_slots(tx: ReadOnly, table_id: UUID) -> tuple[set[str], list[tuple[UUID, str]]]:
    """Slots of live columns, and (id, slot) of deleted columns whose values may still be there, oldest first."""
    rows = await tx.fetch(
        "select id, slot, deleted_at from fields where account_id = $1 and table_id = $2 and slot <> ''"
        " order by deleted_at nulls last",
        tx.account, table_id,
    )  # fmt: skip
    live = {row["slot"] for row in rows if row["deleted_at"] is None}
    return live, [(row["id"], row["slot"]) for row in rows if row["deleted_at"] is not None]


async def add_field(tx: Transaction, field: Field) -> None:
    """Store a new column; those at its position and after it move one to the right."""
    await tx.execute(
        "update fields set position = position + 1 where account_id = $1 and table_id = $2 and position >= $3",
        tx.account, field.table_id, field.position,
    )  # fmt: skip
    await tx.execute(
        "insert into fields (account_id, id, table_id, no, name, kind, settings, settings_version, storage, slot,"
        " position, condition, auto_run, output_of, output_name, width, is_hidden)"
        " values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)",
        tx.account, field.id, field.table_id, field.no, field.name, field.kind, dict(field.settings),
        field.settings_version, field.storage, field.slot, field.position, field.condition, field.auto_run,
        field.output_of, field.output_name, field.width, field.is_hidden,
    )  # fmt: skip


async def update_field(tx: Transaction, field: Field) -> None:
    """Store the column as it is given, apart from its position."""
    await tx.execute(
        "update fields set name = $3, settings = $4, settings_version = $5, storage = $6, slot = $7, condition = $8,"
        " auto_run = $9, output_of = $10, output_name = $11, width = $12, is_hidden = $13"
        " where account_id = $1 and id = $2",
        tx.account, field.id, field.name, dict(field.settings), field.settings_version, field.storage, field.slot,
        field.condition, field.auto_run, field.output_of, field.output_name, field.width, field.is_hidden,
    )  # fmt: skip


async def put_in_order(tx: Transaction, table_id: UUID, field_ids: Sequence[UUID]) -> None:
    """Number the columns' positions as they are listed."""
    await tx.execute(
        "update fields set position = o.position - 1 from unnest($3::uuid[]) with ordinality as o(id, position)"
        " where fields.account_id = $1 and fields.table_id = $2 and fields.id = o.id",
        tx.account, table_id, list(field_ids),
    )  # fmt: skip


async def delete_field(tx: Transaction, field: Field) -> None:
    """Take the column out; its values stay in their slot until `clear_slot`."""
    await tx.execute("update fields set deleted_at = now() where account_id = $1 and id = $2", tx.account, field.id)
    await tx.execute(
        "update fields set output_of = null, output_name = null where account_id = $1 and output_of = $2",
        tx.account, field.id,
    )  # fmt: skip


async def clear_slot(tx: Transaction, table_id: UUID, slot: str, *, deleted_field_id: UUID | None = None) -> None:
    """Empty a slot over all rows so that another column may have it; rows that hold nothing there are not touched."""
    await tx.execute(
        f"update rows set {slot} = null where account_id = $1 and table_id = $2 and {slot} is not null",
        tx.account, table_id,
    )  # fmt: skip
    if deleted_field_id is not None:
        await tx.execute("update fields set slot = '' where account_id = $1 and id = $2", tx.account, deleted_field_id)


async def delete_cells(tx: Transaction, table_id: UUID, field_no: int) -> None:
    """Forget the states of one column's cells; their history stays."""
    await tx.execute(
        "delete from cell_state where account_id = $1 and table_id = $2 and field_no = $3",
        tx.account, table_id, field_no,
    )  # fmt: skip
