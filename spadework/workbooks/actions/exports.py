"""A table as CSV, in pieces: safe to open in a spreadsheet, with simulated values marked beside them."""

import asyncio
import contextlib
import csv
import io
from collections.abc import AsyncGenerator, Awaitable, Callable, Collection, Sequence
from uuid import UUID

from spadework.core.db import Database
from spadework.core.errors import InvalidInput
from spadework.core.ids import AccountId
from spadework.workbooks.actions import asking, tables
from spadework.workbooks.rules import filters, layout, sheets
from spadework.workbooks.store import cells, pages
from spadework.workbooks.store import exports as store
from spadework.workbooks.types import Field, FilterGroups, Sort, Table, View

Put = Callable[[str], Awaitable[None]]

_PIECES_AHEAD = 2
_writing: set[asyncio.Future[None]] = set()
"""Exports under way; the event loop alone would let one whose reader left be collected."""


async def export_csv(
    database: Database, account_id: AccountId, table_id: UUID, *, view_id: UUID | None = None,
    filter_text: str | None = None, sort_text: str | None = None, search: str = "", is_raw: bool = False,
) -> AsyncGenerator[str]:  # fmt: skip
    """The table's lines in pieces, read from one snapshot; nothing is held whole.

    With a view, its columns come in its order, and its filters and sorts apply unless `filter_text` or
    `sort_text` (JSON as in a view) replace them; `search` narrows further: the rows are those that the
    table screen shows. A column with any simulated value is followed by one that says which. `is_raw`
    leaves text alone that a spreadsheet would compute.

    Raises:
        NotFound: no such table or view. InvalidInput, UnknownReference: the filter or sort is wrong, or
            there is no column to export.
    """

    async def write(put: Put) -> None:
        async with database.read(account_id) as tx:
            table = await tables.get_table(tx, table_id)
            view = asking.view_of(table, view_id) if view_id is not None else None
            columns = view.columns if view is not None else {}
            shown = layout.shown(table.fields, columns)
            if not shown:
                raise InvalidInput(f"{table.name} shows no column, so there is nothing to export. Show or add one.")
            groups, sorts = _asked(table, view, filter_text, sort_text)
            found = pages.search(tx, table_id, table.fields, groups)
            pages.add_text(found, layout.read(table.fields, columns), search)
            simulated = await cells.simulated_field_nos(tx, table_id)
            await put(_header(shown, simulated))
            await store.copy_csv(tx, table_id, shown, found, sorts, put, simulated_nos=simulated, is_raw=is_raw)

    async with contextlib.aclosing(_handed_over(write)) as pieces:
        async for each in pieces:
            yield each


async def file_name(database: Database, account_id: AccountId, table_id: UUID) -> str:
    """The Content-Disposition under which the export is saved.

    Raises:
        NotFound: no such table.
    """
    async with database.read(account_id) as tx:
        table = await tables.get_table(tx, table_id)
    return sheets.attachment(f"{table.workbook_name} - {table.name}", "csv")


def _asked(
    table: Table, view: View | None, filter_text: str | None, sort_text: str | None
) -> tuple[FilterGroups, list[tuple[Field, Sort]]]:
    filters_json, sorts_json = filters.parse_json(filter_text), filters.parse_json(sort_text)
    if view is not None:
        filters_json = view.filters if filters_json is None else filters_json
        sorts_json = view.sorts if sorts_json is None else sorts_json
    sorts = filters.parse_sorts(sorts_json, table)
    ordered = [(field, each) for each in sorts if (field := table.find_field(each.field)) is not None]
    return filters.parse_filters(filters_json, table), ordered


def _header(shown: Sequence[Field], simulated: Collection[int]) -> str:
    names: list[str] = []
    for each in shown:
        names.append(sheets.safe(each.name))
        if each.no in simulated:
            names.append(sheets.safe(f"{each.name} (simulated)"))
    buffer = io.StringIO()
    csv.writer(buffer).writerow(names)
    return buffer.getvalue()


async def _handed_over(write: Callable[[Put], Awaitable[None]]) -> AsyncGenerator[str]:
    """What `write` puts, as it comes; it waits while two pieces lie unread, and its error comes at the end.

    It runs in a task of its own, because a reader who leaves, a browser that was closed, is cancelled in
    the middle, and a COPY must not be: what it puts from then on is dropped until it ends.
    """
    waiting: asyncio.Queue[str] = asyncio.Queue()
    room = asyncio.Semaphore(_PIECES_AHEAD)
    has_left = False

    async def put(piece: str) -> None:
        if piece and not has_left:
            await room.acquire()
            waiting.put_nowait(piece)

    writing = asyncio.ensure_future(write(put))
    _writing.add(writing)
    writing.add_done_callback(_writing.discard)
    writing.add_done_callback(lambda _: waiting.put_nowait(""))
    try:
        while piece := await waiting.get():
            room.release()
            yield piece
        writing.result()
    finally:
        has_left = True
        room.release()
