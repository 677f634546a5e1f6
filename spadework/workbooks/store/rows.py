"""SQL that writes rows: added, edited and deleted in batches, with the counts of every 1,000 row ids kept right."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from spadework.core.db import ReadOnly, Transaction, json_array
from spadework.workbooks.types import BLOCK_ROWS, SLOT_TYPES, Field


async def reserve(tx: Transaction, table_id: UUID, count: int) -> int:
    """Row ids that nobody else will get: the first of `count` in a row. Locks the table's line until the end."""
    first = await tx.fetchval(
            "update tables set next_row_id = next_row_id + $3 where account_id = $1 and id = $2"
            " returning next_row_id - $3",
        tx.account, table_id, count,
    )  # fmt: skip
    return int(first)


async def add_rows(
    tx: Transaction,
    table_id: UUID,
    row_ids: Sequence[int],
    columns: Mapping[str, tuple[str, Sequence[Any]]],
    *,
    source: str,
) -> None:
    """Insert rows; `columns` are values by slot, each with its Postgres type, as many as row ids."""
    names = "".join(f", {slot}" for slot in columns)
    arrays = "".join(f", ${number}::{kind}[]" for number, (kind, _) in enumerate(columns.values(), start=5))
    aliases = "".join(f", {slot}" for slot in columns)
    await tx.execute(
        f"insert into rows (account_id, table_id, row_id, source{names})"
        f" select $1, $2, row_id, $4{names} from unnest($3::bigint[]{arrays}) as given(row_id{aliases})",
        tx.account, table_id, list(row_ids), source, *(_array(kind, values) for kind, values in columns.values()),
    )  # fmt: skip
    await count_blocks(tx, table_id, row_ids, sign=1)


async def count_blocks(tx: Transaction, table_id: UUID, row_ids: Iterable[int], *, sign: int) -> None:
    """Add the rows to their blocks' counts and the table's, or with `sign` -1 take them off."""
    blocks = Counter(row_id // BLOCK_ROWS for row_id in row_ids)
    if not blocks:
        return
    await tx.execute(
        "insert into row_blocks as b (account_id, table_id, block, live)"
        " select $1, $2, block, live from unnest($3::int[], $4::int[]) as given(block, live) order by block"
        " on conflict (account_id, table_id, block) do update set live = b.live + excluded.live",
        tx.account, table_id, list(blocks), [sign * each for each in blocks.values()],
    )  # fmt: skip
    await tx.execute(
        "update tables set row_count = row_count + $3 where account_id = $1 and id = $2",
        tx.account, table_id, sign * blocks.total(),
    )  # fmt: skip


async def delete_rows(tx: Transaction, table_id: UUID, row_ids: Sequence[int]) -> list[int]:
    """Delete rows with their cells; the ids that were there."""
    gone = await tx.fetch(
        "delete from rows where account_id = $1 and table_id = $2 and row_id = any($3) returning row_id",
        tx.account, table_id, list(row_ids),
    )  # fmt: skip
    found = [row["row_id"] for row in gone]
    for name in ("cell_state", "cell_runs"):
        await tx.execute(
            f"delete from {name} where account_id = $1 and table_id = $2 and row_id = any($3)",
            tx.account, table_id, found,
        )  # fmt: skip
    await count_blocks(tx, table_id, found, sign=-1)
    return found


async def existing(tx: ReadOnly, table_id: UUID, row_ids: Sequence[int]) -> set[int]:
    """Which of these rows are there."""
    rows = await tx.fetch(
        "select row_id from rows where account_id = $1 and table_id = $2 and row_id = any($3)",
        tx.account, table_id, list(row_ids),
    )  # fmt: skip
    return {row["row_id"] for row in rows}


async def read_column(tx: ReadOnly, field: Field, row_ids: Sequence[int]) -> dict[int, Any]:
    """What one column's slot holds in these rows."""
    rows = await tx.fetch(
        f"select row_id, {field.slot} as value from rows where account_id = $1 and table_id = $2 and row_id = any($3)",
        tx.account, field.table_id, list(row_ids),
    )  # fmt: skip
    return {row["row_id"]: row["value"] for row in rows}


async def write_column(tx: Transaction, field: Field, row_ids: Sequence[int], values: Sequence[Any]) -> None:
    """Set one column's slot in these rows."""
    await tx.execute(
        f"update rows set {field.slot} = given.value"
        f" from unnest($3::bigint[], $4::{SLOT_TYPES[field.storage]}[]) as given(row_id, value)"
        " where rows.account_id = $1 and rows.table_id = $2 and rows.row_id = given.row_id",
        tx.account, field.table_id, list(row_ids), _array(SLOT_TYPES[field.storage], values),
    )  # fmt: skip


async def lock(tx: Transaction, table_id: UUID) -> None:
    """Let no other transaction that locks the table come between."""
    await tx.execute("select from tables where account_id = $1 and id = $2 for update", tx.account, table_id)


async def has_source(tx: ReadOnly, table_id: UUID, source: str) -> bool:
    return bool(
        await tx.fetchval(
            "select exists (select from rows where account_id = $1 and table_id = $2 and source = $3)",
            tx.account, table_id, source,
        )
    )  # fmt: skip


async def find_row(tx: ReadOnly, table_id: UUID, row_id: int, slots: Sequence[str]) -> Mapping[str, Any] | None:
    """One row: `source`, `created_at` and the given slots; None when it is not there."""
    names = "".join(f", {slot}" for slot in slots)
    return await tx.fetchrow(
        f"select row_id, source, created_at{names} from rows where account_id = $1 and table_id = $2 and row_id = $3",
        tx.account, table_id, row_id,
    )  # fmt: skip


def _array(kind: str, values: Sequence[Any]) -> list[Any]:
    return list(json_array(values)) if kind == "jsonb" else list(values)
