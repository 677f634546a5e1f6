"""SQL on the states and the history of cells outside the hot path."""

from collections.abc import Collection, Sequence
from uuid import UUID

import asyncpg

from spadework.core.db import ReadOnly, Transaction, json_array
from spadework.core.ids import new_id
from spadework.plug.column import CellState, Value
from spadework.workbooks.types import EDITED, CellVersion, Field

_TURNS_STALE = ["done", "no_data", "condition_not_met", "missing_input", "invalid"]
"""Cells whose answer rested on what changed. A failed one stays failed, an unknown one stays a person's decision."""


async def find_state(tx: ReadOnly, field: Field, row_id: int) -> asyncpg.Record | None:
    """State, marks, note, run and time of one cell; None for a cell nothing happened to."""
    return await tx.fetchrow(
        "select state, marks, note, run_id, at from cell_state"
        " where account_id = $1 and table_id = $2 and row_id = $3 and field_no = $4",
        tx.account, field.table_id, row_id, field.no,
    )  # fmt: skip


async def list_versions(tx: ReadOnly, field: Field, row_id: int, *, limit: int) -> tuple[CellVersion, ...]:
    """What the cell has been, newest first."""
    rows = await tx.fetch(
        "select id, value, state, at, run_id, marks, note, provider, cost_micro_usd, evidence from cell_runs"
        " where account_id = $1 and table_id = $2 and row_id = $3 and field_no = $4 order by at desc, id desc limit $5",
        tx.account, field.table_id, row_id, field.no, limit,
    )  # fmt: skip
    return tuple(CellVersion(**{**dict(row), "evidence": row["evidence"] or ()}) for row in rows)


async def find_version(tx: ReadOnly, field: Field, row_id: int, version: UUID) -> CellVersion | None:
    """One earlier value of the cell, None when there is none of that id."""
    row = await tx.fetchrow(
        "select id, value, state, at, run_id, marks, note, provider, cost_micro_usd, evidence from cell_runs"
        " where account_id = $1 and table_id = $2 and row_id = $3 and field_no = $4 and id = $5",
        tx.account, field.table_id, row_id, field.no, version,
    )  # fmt: skip
    return CellVersion(**{**dict(row), "evidence": row["evidence"] or ()}) if row else None


async def record_first(tx: Transaction, field: Field, row_ids: Sequence[int], values: Sequence[Value]) -> None:
    """Keep values that have no history yet as a first version, so that an edit can be taken back."""
    await tx.execute(
        "insert into cell_runs (account_id, table_id, row_id, field_no, id, state, value, at)"
        " select $1, $2, given.row_id, $3, given.id, 'done', given.value, now() - interval '1 microsecond'"
        " from unnest($4::bigint[], $5::uuid[], $6::jsonb[]) as given(row_id, id, value)"
        " where not exists (select from cell_runs c where c.account_id = $1 and c.table_id = $2"
        "  and c.row_id = given.row_id and c.field_no = $3)",
        tx.account, field.table_id, field.no, list(row_ids), [new_id() for _ in row_ids], json_array(values),
    )  # fmt: skip


async def record_edits(
    tx: Transaction, field: Field, row_ids: Sequence[int], values: Sequence[Value], *, marks: int = EDITED
) -> None:
    """Note that a person set these cells: their state, their marks, and one more version each."""
    states: list[CellState] = ["empty" if value is None else "done" for value in values]
    await tx.execute(
        "with given as (select * from unnest($4::bigint[], $5::text[], $6::jsonb[], $7::uuid[])"
        "  as g(row_id, state, value, id)),"
        " stated as (insert into cell_state (account_id, table_id, row_id, field_no, state, marks)"
        "  select $1, $2, row_id, $3, state, $8 from given"
        "  on conflict (account_id, table_id, row_id, field_no) do update"
        "  set state = excluded.state, marks = excluded.marks, note = null, run_id = null, at = now())"
        " insert into cell_runs (account_id, table_id, row_id, field_no, id, state, value, marks)"
        " select $1, $2, row_id, $3, id, state, value, $8 from given",
        tx.account, field.table_id, field.no, list(row_ids), states, json_array(values), [new_id() for _ in row_ids], marks,
    )  # fmt: skip


async def mark_stale(
    tx: Transaction, table_id: UUID, field_nos: Sequence[int], *, row_ids: Sequence[int] | None = None
) -> int:
    """Mark answered cells of these columns as resting on something that changed; how many there were."""
    if not field_nos:
        return 0
    status = await tx.execute(
        "update cell_state set state = 'stale', at = now() where account_id = $1 and table_id = $2"
        " and field_no = any($3) and ($4::bigint[] is null or row_id = any($4)) and state = any($5)",
        tx.account, table_id, list(field_nos), list(row_ids) if row_ids is not None else None, _TURNS_STALE,
    )  # fmt: skip
    return int(status.split()[-1])


async def end_unknown(
    tx: Transaction, table_id: UUID, row_id: int, field_nos: Sequence[int], *, state: CellState, note: str
) -> int:
    """Give these cells of a row that wait for a person's decision their new state; how many did wait."""
    status = await tx.execute(
        "update cell_state set state = $5, note = $6, at = now() where account_id = $1 and table_id = $2"
        " and row_id = $3 and field_no = any($4) and state = 'unknown'",
        tx.account, table_id, row_id, list(field_nos), state, note,
    )  # fmt: skip
    return int(status.split()[-1])


async def count_states(
    tx: ReadOnly, table_id: UUID, *, field_nos: Sequence[int] | None = None, row_ids: Sequence[int] | None = None
) -> dict[int, dict[CellState, int]]:
    """Cells by column number and state, over all rows or the given ones; cells nothing happened to are not counted."""
    rows = await tx.fetch(
        "select field_no, state, count(*) as cells from cell_state where account_id = $1 and table_id = $2"
        " and ($3::int[] is null or field_no = any($3)) and ($4::bigint[] is null or row_id = any($4))"
        " group by field_no, state",
        tx.account, table_id, list(field_nos) if field_nos is not None else None,
        list(row_ids) if row_ids is not None else None,
    )  # fmt: skip
    counts: dict[int, dict[CellState, int]] = {}
    for row in rows:
        counts.setdefault(row["field_no"], {})[row["state"]] = row["cells"]
    return counts


async def count_rows_with(
    tx: ReadOnly, table_id: UUID, field_nos: Sequence[int], states: Collection[CellState],
    *, row_ids: Sequence[int] | None = None,
) -> int:  # fmt: skip
    """How many rows, of all or the given ones, have any of these columns' cells in one of the states."""
    rows = await tx.fetchval(
        "select count(distinct row_id) from cell_state where account_id = $1 and table_id = $2"
        " and field_no = any($3) and state = any($4) and ($5::bigint[] is null or row_id = any($5))",
        tx.account, table_id, list(field_nos), list(states), list(row_ids) if row_ids is not None else None,
    )  # fmt: skip
    return int(rows)


async def count_rows_without(
    tx: ReadOnly, table_id: UUID, field_nos: Sequence[int], states: Collection[CellState],
    *, row_ids: Sequence[int] | None = None,
) -> int:  # fmt: skip
    """How many rows have all of these columns' cells in other states; a cell nothing happened to is in none."""
    rows = await tx.fetchval(
        "select count(*) from (select from cell_state where account_id = $1 and table_id = $2"
        " and field_no = any($3) and state <> all($4) and ($5::bigint[] is null or row_id = any($5))"
        " group by row_id having count(*) = $6) as settled",
        tx.account, table_id, list(field_nos), list(states), list(row_ids) if row_ids is not None else None,
        len(field_nos),
    )  # fmt: skip
    return int(rows)


async def count_filled(tx: ReadOnly, table_id: UUID, fields: Sequence[Field]) -> dict[int, int]:
    """How many rows hold something in each of these columns, by column number."""
    if not fields:
        return {}
    counts = ", ".join(f"count({each.slot})" for each in fields)
    row = await tx.fetchrow(f"select {counts} from rows where account_id = $1 and table_id = $2", tx.account, table_id)
    assert row is not None
    return {each.no: int(count) for each, count in zip(fields, row, strict=True)}


async def simulated_field_nos(tx: ReadOnly, table_id: UUID) -> set[int]:
    """Numbers of the columns in which any value came from the simulator."""
    rows = await tx.fetch(
        "select distinct field_no from cell_state where account_id = $1 and table_id = $2 and marks & 1 = 1",
        tx.account, table_id,
    )  # fmt: skip
    return {row["field_no"] for row in rows}


async def simulated_cells(
    tx: ReadOnly, table_id: UUID, row_ids: Sequence[int], field_nos: Sequence[int]
) -> dict[tuple[int, int], bool]:
    """Which of these cells came from the simulator, by (row id, field number)."""
    if not row_ids or not field_nos:
        return {}
    rows = await tx.fetch(
        "select row_id, field_no from cell_state where account_id = $1 and table_id = $2 and row_id = any($3)"
        " and field_no = any($4) and marks & 1 = 1",
        tx.account, table_id, list(row_ids), list(field_nos),
    )  # fmt: skip
    return {(row["row_id"], row["field_no"]): True for row in rows}
