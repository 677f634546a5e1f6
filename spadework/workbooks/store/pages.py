"""SQL that finds a page of rows: by counted blocks without a filter, by a bounded search with one."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg

from spadework.core.db import ReadOnly
from spadework.core.errors import InvalidInput
from spadework.workbooks.types import BLOCK_ROWS, Field, Filter, FilterGroups, Sort

SEARCH_SECONDS = 15
COUNT_AT_MOST = 100_000
"""Rows a search counts beyond the page; with more, the total is a lower bound."""

_SIGNS = {"gt": ">", "gte": ">=", "lt": "<", "lte": "<="}


@dataclass(slots=True)
class Search:
    """Conditions as SQL over `rows r`, with their values in order."""

    conditions: list[str] = field(default_factory=list)
    values: list[Any] = field(default_factory=list)

    def put(self, value: Any) -> str:
        """The parameter that stands for a value."""
        self.values.append(value)
        return f"${len(self.values)}"

    @property
    def where(self) -> str:
        """Everything after `where`."""
        return " and ".join(self.conditions)


async def page(tx: ReadOnly, table_id: UUID, slots: Sequence[str], *, offset: int, limit: int) -> list[asyncpg.Record]:
    """Rows `offset` to `offset + limit` in the order of their ids; found through the block counts, not by counting."""
    start = await tx.fetchrow(
        "select block, upto - live as before from (select block, live, sum(live) over (order by block) as upto"
        " from row_blocks where account_id = $1 and table_id = $2) as blocks where upto > $3 order by block limit 1",
        tx.account, table_id, offset,
    )  # fmt: skip
    if start is None:
        return []
    return await tx.fetch(
        f"select {_names(slots)} from rows r where account_id = $1 and table_id = $2 and row_id >= $3"
        " order by row_id limit $4 offset $5",
        tx.account, table_id, start["block"] * BLOCK_ROWS, limit, offset - int(start["before"]),
    )  # fmt: skip


def search(tx: ReadOnly, table_id: UUID, fields: Sequence[Field], groups: FilterGroups) -> Search:
    """The rows that pass one of the groups; all rows without any."""
    found = Search()
    found.conditions.append(f"r.account_id = {found.put(tx.account)} and r.table_id = {found.put(table_id)}")
    by_id = {each.id: each for each in fields}
    if groups:
        either = [" and ".join(_condition(found, by_id[each.field], each) for each in group) for group in groups]
        found.conditions.append("(" + " or ".join(f"({each})" for each in either) + ")")
    return found


def add_text(found: Search, fields: Sequence[Field], text: str) -> None:
    """Narrow the search to rows that hold the text in any of the columns; a blank text narrows nothing."""
    if not text.strip():
        return
    pattern = found.put(f"%{_escaped(text.strip())}%")
    # Numbers and dates are written out to be searched, which costs most of the time; letters are never in them.
    is_letters = not any(each.isdigit() for each in text)
    looked_at = [each for each in fields if not (is_letters and each.storage in ("number", "timestamp"))]
    columns = [f"r.{each.slot}{'' if each.storage == 'text' else '::text'} ilike {pattern}" for each in looked_at]
    found.conditions.append("(" + (" or ".join(columns) or "false") + ")")


async def search_page(
    tx: ReadOnly, table_id: UUID, slots: Sequence[str], found: Search, sorts: Sequence[tuple[Field, Sort]],
    *, offset: int, limit: int,
) -> list[asyncpg.Record]:  # fmt: skip
    """One page of what the search finds, sorted.

    Ids are found first and values read after: a join of both is planned badly while a table that was
    just imported has no statistics yet (measured: over 15 s for 1,000,000 rows, against 0.5 s).

    Raises:
        InvalidInput: it took longer than 15 seconds.
    """
    values = [*found.values, limit, offset]
    rows = await _bounded(
        tx,
        f"select r.row_id from rows r where {found.where} order by {order(sorts)}"
        f" limit ${len(values) - 1} offset ${len(values)}",
        values,
    )
    ids = [row[0] for row in rows]
    read = await tx.fetch(
        f"select {_names(slots)} from rows r where account_id = $1 and table_id = $2 and row_id = any($3)",
        tx.account, table_id, ids,
    )  # fmt: skip
    by_id = {row[0]: row for row in read}
    return [by_id[each] for each in ids]


async def count(tx: ReadOnly, found: Search, *, at_most: int) -> int:
    """How many rows the search finds; counting stops at the bound.

    Raises:
        InvalidInput: it took longer than 15 seconds.
    """
    rows = await _bounded(
        tx, f"select count(*) from (select from rows r where {found.where} limit {int(at_most)}) as found", found.values
    )
    return int(rows[0][0])


async def row_ids(tx: ReadOnly, found: Search, *, at_most: int) -> list[int]:
    """Ids of the rows the search finds, lowest first, at most so many."""
    rows = await _bounded(
        tx, f"select row_id from rows r where {found.where} order by row_id limit {int(at_most)}", found.values
    )
    return [row[0] for row in rows]


async def cells(tx: ReadOnly, table_id: UUID, row_ids: Sequence[int], field_nos: Sequence[int]) -> list[asyncpg.Record]:
    """States of these rows' cells, as (field_no, state, marks, note, run_id, row_ids), by column.

    Cells of one column that say the same are one answer: a page has thousands of cells and few different states.
    """
    if not row_ids or not field_nos:
        return []
    # A page without filter is one stretch of ids: a range reads it three times as fast as a list.
    low, high = min(row_ids), max(row_ids)
    is_stretch = high - low < 3 * len(row_ids)
    return await tx.fetch(
        "select field_no, state, marks, note, run_id, array_agg(row_id) as row_ids from cell_state"
        " where account_id = $1 and table_id = $2"
        + (" and row_id between $4 and $5" if is_stretch else " and row_id = any($4)")
        + " and field_no = any($3) group by field_no, state, marks, note, run_id order by field_no",
        tx.account, table_id, list(field_nos), *((low, high) if is_stretch else (list(row_ids),)),
    )  # fmt: skip


async def stretch(
    tx: ReadOnly, table_id: UUID, slots: Sequence[str], *, after: int, limit: int
) -> list[asyncpg.Record]:
    """The next rows after a row id, for reading a whole table in pieces."""
    return await tx.fetch(
        f"select {_names(slots)} from rows r where account_id = $1 and table_id = $2 and row_id > $3"
        " order by row_id limit $4",
        tx.account, table_id, after, limit,
    )  # fmt: skip


async def _bounded(tx: ReadOnly, sql: str, values: Sequence[Any]) -> list[asyncpg.Record]:
    limit_before = await tx.fetchval(
        "with before as materialized (select current_setting('statement_timeout') as limit_before)"
        " select limit_before, set_config('statement_timeout', $1, true) from before",
        f"{SEARCH_SECONDS}s",
    )
    try:
        rows = await tx.fetch(sql, *values)
    except asyncpg.QueryCanceledError as error:
        raise InvalidInput(
            f"This search took longer than {SEARCH_SECONDS} seconds and was stopped. Add a condition that leaves "
            "fewer rows, or sort by another column."
        ) from error
    await tx.fetchval("select set_config('statement_timeout', $1, true)", limit_before)
    return rows


def order(sorts: Sequence[tuple[Field, Sort]]) -> str:
    """Everything after `order by`; rows that are equal keep the order of their ids."""
    keys = [f"r.{each.slot} {'desc' if sort.is_descending else 'asc'} nulls last" for each, sort in sorts]
    return ", ".join([*keys, "r.row_id"])


def _names(slots: Sequence[str]) -> str:
    return ", ".join(["r.row_id", *(f"r.{each}" for each in slots)])


def _condition(found: Search, target: Field, asked: Filter) -> str:
    slot = f"r.{target.slot}"
    if asked.op == "is_empty":
        return f"{slot} is null"
    if asked.op == "is_not_empty":
        return f"{slot} is not null"
    if asked.op == "state_is":
        return (
            "coalesce((select c.state from cell_state c where c.account_id = r.account_id and c.table_id = r.table_id"
            f" and c.row_id = r.row_id and c.field_no = {target.no}),"
            f" case when {slot} is null then 'empty' else 'done' end) = any({found.put(asked.value)}::text[])"
        )
    if asked.op == "contains":
        text = slot if target.storage == "text" else f"{slot}::text"
        return f"{text} ilike {found.put(f'%{_escaped(str(asked.value))}%')}"
    if target.storage == "json":
        slot = f"({slot} #>> '{{}}')"
    value = datetime.fromisoformat(str(asked.value)) if target.storage == "timestamp" else asked.value
    parameter = found.put(value)
    if asked.op == "is":
        return f"{slot} = {parameter}"
    if asked.op == "is_not":
        return f"{slot} is distinct from {parameter}"
    return f"{slot} {_SIGNS[asked.op]} {parameter}"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_").replace("\0", "")
