"""Reading a table: pages of rows with their cells, counts of states, whole columns for those who need them."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from spadework.core.db import ReadOnly, Record
from spadework.core.errors import InvalidInput
from spadework.core.ids import FieldId
from spadework.plug.column import CellState
from spadework.workbooks.actions import fields, tables
from spadework.workbooks.rules import modes, values
from spadework.workbooks.store import cells, pages, running
from spadework.workbooks.types import CellMark, Field, GridPage, GridRow, PageRequest, RunMode, Table

MAX_PAGE = 1000


async def page(tx: ReadOnly, table_id: UUID, request: PageRequest) -> GridPage:
    """One page of rows: values of the shown columns, states of computed and edited cells.

    A cell an open run covers and has not written yet shows as `queued`.

    Raises:
        NotFound: no such table. InvalidInput: offset or limit out of range, or the search took too long.
    """
    return await page_of(tx, await tables.get_table(tx, table_id), request)


async def page_of(tx: ReadOnly, table: Table, request: PageRequest) -> GridPage:
    """The same of a table that the same transaction has read already."""
    if request.offset < 0 or not 0 <= request.limit <= MAX_PAGE:
        raise InvalidInput(f"The offset begins at 0 and a page has at most {MAX_PAGE} rows.")
    shown = _shown(table, request.fields)
    slots = [each.slot for each in shown]
    if request.filters or request.sorts or request.search.strip():
        found = pages.search(tx, table.id, table.fields, request.filters)
        pages.add_text(found, shown, request.search)
        sorts = [(_get(table, each.field), each) for each in request.sorts]
        rows = await pages.search_page(tx, table.id, slots, found, sorts, offset=request.offset, limit=request.limit)
        bound = max(pages.COUNT_AT_MOST, request.offset + 10 * request.limit)
        total = table.row_count
        if len(rows) < request.limit and (rows or request.offset == 0):
            total = request.offset + len(rows)  # the last page says how many there are
        elif request.filters or request.search.strip():
            total = await pages.count(tx, found, at_most=bound)
        is_exact = total < bound or total == table.row_count
    else:
        rows = await _stretch(tx, table, slots, request)
        total, is_exact = table.row_count, True
    marks = await _cells(tx, table, shown, [row[0] for row in rows])
    return GridPage(
        offset=request.offset, total=total, version=table.version, is_total_exact=is_exact,
        rows=_rows(rows, shown, marks),
    )  # fmt: skip


async def find_row_ids(tx: ReadOnly, table_id: UUID, request: PageRequest, *, at_most: int) -> list[int]:
    """Ids of the rows that pass the request's filters and search, lowest first; for running or deleting them.

    Raises:
        NotFound: no such table. InvalidInput: the search took too long.
    """
    table = await tables.get_table(tx, table_id)
    found = pages.search(tx, table_id, table.fields, request.filters)
    pages.add_text(found, _shown(table, request.fields), request.search)
    return await pages.row_ids(tx, found, at_most=at_most)


async def counts(tx: ReadOnly, table_id: UUID) -> dict[FieldId, dict[CellState, int]]:
    """Cells by column and state over all rows. In plain columns a cell is `done` when it holds something.

    Raises:
        NotFound: no such table.
    """
    table = await tables.get_table(tx, table_id)
    stated = await cells.count_states(tx, table_id)
    plain = [each for each in table.fields if not fields.is_computed(each)]
    filled = await cells.count_filled(tx, table_id, plain)
    by_field: dict[FieldId, dict[CellState, int]] = {}
    for each in table.fields:
        if each.no in filled:
            done = filled[each.no]
            by_field[each.id] = {"done": done, "empty": table.row_count - done}
            continue
        known: dict[CellState, int] = {
            state: count for state, count in stated.get(each.no, {}).items() if state != "empty"
        }
        by_field[each.id] = {**known, "empty": table.row_count - sum(known.values())}
    return by_field


async def read_columns(
    tx: ReadOnly, table_id: UUID, field_ids: Sequence[FieldId], *, after: int = 0, limit: int = 1000
) -> list[GridRow]:
    """The next rows after a row id with the values of these columns; for those who walk a whole table.

    Raises:
        NotFound: no such table. UnknownReference: no such column.
    """
    table = await tables.get_table(tx, table_id)
    wanted = [_get(table, each) for each in field_ids]
    rows = await pages.stretch(tx, table_id, [each.slot for each in wanted], after=after, limit=limit)
    return list(_rows(rows, wanted, {}))


async def _stretch(tx: ReadOnly, table: Table, slots: Sequence[str], request: PageRequest) -> list[Record]:
    if table.is_gapless:
        return await pages.stretch(tx, table.id, slots, after=request.offset, limit=request.limit)
    return await pages.page(tx, table.id, slots, offset=request.offset, limit=request.limit)


def _shown(table: Table, wanted: Sequence[FieldId] | None) -> list[Field]:
    if wanted is None:
        return [each for each in table.fields if not each.is_hidden]
    return [_get(table, each) for each in wanted]


def _get(table: Table, field_id: UUID) -> Field:
    field = table.find_field(field_id)
    if field is None:
        raise InvalidInput(f"{table.name} has no column of the id {field_id}. It may have been deleted.")
    return field


async def _cells(
    tx: ReadOnly, table: Table, shown: Sequence[Field], row_ids: Sequence[int]
) -> dict[int, dict[int, CellMark]]:
    stored = await pages.cells(tx, table.id, row_ids, [each.no for each in shown])
    by_row: dict[int, dict[int, CellMark]] = {}
    for field_no, state, marks, note, _, marked in stored:
        mark = CellMark(state, marks, note)
        for row_id in marked:
            by_row.setdefault(row_id, {})[field_no] = mark
    if not table.is_claimed:
        return by_row
    last_run = {(row_id, field_no): run_id for field_no, *_, run_id, marked in stored for row_id in marked}
    nos = {each.no for each in shown}
    for claim in await running.list_active(tx, table.id):
        for no in _covered_nos(table, claim["field_id"]) & nos:
            _overlay_queued(by_row, last_run, row_ids, no, claim)
    return by_row


def _covered_nos(table: Table, field_id: UUID) -> set[int]:
    field = table.find_field(field_id)
    return {field.no, *(each.no for each in table.outputs_of(field_id))} if field else set()


def _overlay_queued(
    by_row: dict[int, dict[int, CellMark]], last_run: Mapping[tuple[int, int], UUID | None], row_ids: Sequence[int],
    no: int, claim: Record,
) -> None:  # fmt: skip
    scope: Mapping[str, Any] = claim["scope"]
    named = set(scope["row_ids"]) if scope.get("row_ids") is not None else None
    mode: RunMode = scope["mode"]
    for row_id in row_ids:
        if (named is not None and row_id not in named) or row_id > scope.get("high", row_id):
            continue
        before = by_row.get(row_id, {}).get(no, CellMark("empty"))
        if last_run.get((row_id, no)) != claim["run_id"] and modes.takes(mode, before.state):
            by_row.setdefault(row_id, {})[no] = CellMark("queued", before.marks)


def _rows(
    rows: Sequence[Record], shown: Sequence[Field], marks: Mapping[int, Mapping[int, CellMark]]
) -> tuple[GridRow, ...]:
    nos = [each.no for each in shown]
    # Most slots hold text or JSON, which is shown as it is stored: they are not asked about one by one.
    turned = [(each.no, each.storage) for each in shown if each.storage in values.STORED_OTHERWISE]
    found: list[GridRow] = []
    for row_id, *stored in rows:
        cells: dict[int, Any] = dict(zip(nos, stored, strict=True))
        if None in stored:
            cells = {no: value for no, value in cells.items() if value is not None}
        for no, storage in turned:
            if no in cells:
                cells[no] = values.from_slot(storage, cells[no])
        found.append(GridRow(row_id, cells, marks.get(row_id, {})))
    return tuple(found)
