"""SQL of the hot path: load a stretch of rows with what a run needs, and write a group of cells at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from spadework.core.db import RawJson, ReadOnly, Transaction, json_array
from spadework.plug.column import CellState, Value
from spadework.workbooks.types import Field

_ARRAY = {"text": "text", "number": "float8", "timestamp": "timestamptz", "json": "jsonb"}


@dataclass(slots=True)
class StoredRow:
    """One row as the filler loads it: values by field ref, and by field number what its cell was."""

    row_id: int
    values: dict[str, Value]
    states: dict[int, tuple[CellState, UUID | None]]


@dataclass(slots=True)
class Written:
    """One cell to write. `value` and `marks` are stored only when `keeps_value`, which is when `state` is done or no_data.

    Other states leave the old value alone, and the marks that say where it came from.
    """

    row_id: int
    state: CellState
    value: Any
    value_json: RawJson | None
    keeps_value: bool
    note: str | None
    marks: int
    provider: str | None
    cost_micro_usd: int
    evidence: RawJson | None
    started_at: datetime
    id: UUID


async def bounds(tx: ReadOnly, table_id: UUID) -> tuple[int, int]:
    """The lowest and highest row id; (1, 0) for a table without rows."""
    row = await tx.fetchrow(
        "select min(row_id) as low, max(row_id) as high from rows where account_id = $1 and table_id = $2",
        tx.account, table_id,
    )  # fmt: skip
    return (row["low"], row["high"]) if row and row["low"] is not None else (1, 0)


async def first_row_ids(tx: ReadOnly, table_id: UUID, count: int) -> list[int]:
    rows = await tx.fetch(
        "select row_id from rows where account_id = $1 and table_id = $2 order by row_id limit $3",
        tx.account, table_id, count,
    )  # fmt: skip
    return [row["row_id"] for row in rows]


async def load_rows(
    tx: ReadOnly, table_id: UUID, *, low: int, high: int, row_ids: Sequence[int] | None, reads: Sequence[Field],
    field_nos: Sequence[int],
) -> list[StoredRow]:  # fmt: skip
    """Rows of [low, high] in order, with the values of `reads` and the states of the columns to fill."""
    slots = "".join(f", {each.slot}" for each in reads)
    rows = await tx.fetch(
        f"select row_id{slots} from rows where account_id = $1 and table_id = $2 and row_id between $3 and $4"
        " and ($5::bigint[] is null or row_id = any($5)) order by row_id",
        tx.account, table_id, low, high, list(row_ids) if row_ids is not None else None,
    )  # fmt: skip
    states = await tx.fetch(
        "select row_id, field_no, state, run_id from cell_state where account_id = $1 and table_id = $2"
        " and row_id between $3 and $4 and field_no = any($5)",
        tx.account, table_id, low, high, list(field_nos),
    )  # fmt: skip
    names = [(each.ref, each.storage == "timestamp") for each in reads]
    loaded = [
        StoredRow(
            row[0],
            {
                ref: (row[index].isoformat() if is_time and row[index] is not None else row[index])
                for index, (ref, is_time) in enumerate(names, start=1)
            },
            {},
        )
        for row in rows
    ]
    if states:
        by_id = {each.row_id: each for each in loaded}
        for row_id, field_no, state, run_id in states:
            if row_id in by_id:
                by_id[row_id].states[field_no] = (state, run_id)
    return loaded


async def write_cells(tx: Transaction, field: Field, run_id: UUID, cells: Sequence[Written]) -> None:
    """Values, states and evidence of one column's cells in one statement; rows deleted meanwhile are passed over."""
    slot, array = field.slot, _ARRAY[field.storage]
    await tx.execute(
        f"with c as (select * from unnest($5::bigint[], $6::text[], $7::{array}[], $8::bool[], $9::text[], $10::smallint[],"
        " $11::text[], $12::bigint[], $13::text[], $14::timestamptz[], $15::uuid[], $16::text[])"
        " as c(row_id, state, value, keeps, note, marks, provider, cost, evidence, started_at, id, value_json)),"
        f" changed as (update rows set {slot} = case when c.keeps then c.value else rows.{slot} end"
        # The stretch is given because of a table filled just now Postgres knows nothing yet, and reads all it is let read.
        " from c where rows.account_id = $1 and rows.table_id = $2 and rows.row_id between $17 and $18"
        " and rows.row_id = c.row_id returning rows.row_id),"
        " stated as (insert into cell_state (account_id, table_id, row_id, field_no, state, marks, note, run_id)"
        " select $1, $2, c.row_id, $3, c.state, case when c.keeps then c.marks else 0 end, c.note, $4"
        " from c join changed using (row_id)"
        " on conflict (account_id, table_id, row_id, field_no) do update set state = excluded.state,"
        " marks = case when excluded.state in ('done', 'no_data') then excluded.marks else cell_state.marks end,"
        " note = excluded.note, run_id = excluded.run_id, at = now())"
        " insert into cell_runs (account_id, table_id, row_id, field_no, id, run_id, state, value, note, provider, marks,"
        " cost_micro_usd, evidence, started_at)"
        " select $1, $2, c.row_id, $3, c.id, $4, c.state, c.value_json::jsonb, c.note, c.provider, c.marks, c.cost,"
        # A commit whose acknowledgement was lost is written again, with the same ids.
        " c.evidence::jsonb, c.started_at from c join changed using (row_id) on conflict do nothing",
        tx.account, field.table_id, field.no, run_id,
        [c.row_id for c in cells], [c.state for c in cells],
        json_array(c.value for c in cells) if field.storage == "json" else [c.value for c in cells],
        [c.keeps_value for c in cells],
        [c.note for c in cells], [c.marks for c in cells], [c.provider for c in cells], [c.cost_micro_usd for c in cells],
        json_array(c.evidence for c in cells), [c.started_at for c in cells], [c.id for c in cells],
        json_array(c.value_json for c in cells), min(c.row_id for c in cells), max(c.row_id for c in cells),
    )  # fmt: skip


async def held_cells(tx: ReadOnly, field: Field, row_ids: Sequence[int]) -> dict[int, tuple[Any, int]]:
    """What these rows hold in the column and the marks on it, by row id; rows deleted meanwhile are left out."""
    rows = await tx.fetch(
        f"select r.row_id, r.{field.slot} as value, coalesce(c.marks, 0) as marks from rows r"
        " left join cell_state c on c.account_id = r.account_id and c.table_id = r.table_id"
        " and c.row_id = r.row_id and c.field_no = $3"
        " where r.account_id = $1 and r.table_id = $2 and r.row_id = any($4)",
        tx.account, field.table_id, field.no, list(row_ids),
    )  # fmt: skip
    return {row["row_id"]: (row["value"], row["marks"]) for row in rows}


async def count_cells(
    tx: ReadOnly, table_id: UUID, run_id: UUID, field_nos: Sequence[int]
) -> list[tuple[int, CellState, int]]:
    """How many cells the run has written so far, by column number and state."""
    rows = await tx.fetch(
        "select field_no, state, count(*) as cells from cell_state where account_id = $1 and table_id = $2"
        " and run_id = $3 and field_no = any($4) group by field_no, state",
        tx.account, table_id, run_id, list(field_nos),
    )  # fmt: skip
    return [(row["field_no"], row["state"], row["cells"]) for row in rows]


async def cost_so_far(tx: ReadOnly, table_id: UUID, run_id: UUID) -> int:
    cost = await tx.fetchval(
        "select coalesce(sum(cost_micro_usd), 0)::bigint from cell_runs where account_id = $1 and table_id = $2"
        " and run_id = $3",
        tx.account, table_id, run_id,
    )  # fmt: skip
    return int(cost)


async def release_fields(tx: Transaction, run_id: UUID, *, fence: int) -> bool:
    """Let another run fill the run's columns from now on; False when the run is in another worker's hands."""
    is_held = await tx.fetchval(
        "select true from runs where account_id = $1 and id = $2 and fence = $3", tx.account, run_id, fence
    )
    if is_held:
        await tx.execute("delete from active_fields where account_id = $1 and run_id = $2", tx.account, run_id)
    return bool(is_held)


async def bump_version(tx: Transaction, table_id: UUID) -> None:
    await tx.execute(
        "update tables set version = version + 1, updated_at = now() where account_id = $1 and id = $2",
        tx.account,
        table_id,
    )
