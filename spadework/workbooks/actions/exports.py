"""A table as CSV, in pieces: safe to open in a spreadsheet, with simulated values marked beside them."""

import csv
import io
from collections.abc import AsyncIterator, Mapping, Sequence
from uuid import UUID

from spadework.core.db import Database, Record
from spadework.core.errors import NotFound
from spadework.core.ids import AccountId
from spadework.plug.column import Value
from spadework.workbooks.actions import tables
from spadework.workbooks.rules import filters, sheets, values
from spadework.workbooks.store import cells, pages
from spadework.workbooks.types import Field

_ROWS_AT_ONCE = 1000


async def export_csv(
    database: Database, account_id: AccountId, table_id: UUID, *, view_id: UUID | None = None, is_raw: bool = False
) -> AsyncIterator[str]:
    """The table's lines in pieces of a thousand rows, read from one snapshot; nothing is held whole.

    With a view, its filters, sorts and hidden columns apply. A column with any simulated value is
    followed by one that says which. `is_raw` leaves text alone that a spreadsheet would compute.

    Raises:
        NotFound: no such table or view.
    """
    async with database.read(account_id) as tx:
        table = await tables.get_table(tx, table_id)
        view = await tables.get_view(tx, view_id) if view_id is not None else None
        if view is not None and view.table_id != table_id:
            raise NotFound("This table has no such view. It may have been deleted.")
        hidden = set(view.columns.get("hidden", ())) if view is not None else set()
        shown = [each for each in table.fields if not each.is_hidden and str(each.id) not in hidden]
        simulated = await cells.simulated_field_nos(tx, table_id)
        yield _lines([_header(shown, simulated)])
        asked = filters.parse_filters(view.filters, table) if view is not None else ()
        sorts = filters.parse_sorts(view.sorts, table) if view is not None else ()
        found = pages.search(tx, table_id, table.fields, asked)
        ordered = [(field, each) for each in sorts if (field := table.find_field(each.field)) is not None]
        slots = [each.slot for each in shown]
        async for rows in pages.searched_stretches(tx, slots, found, ordered, size=_ROWS_AT_ONCE):
            nos = [each.no for each in shown if each.no in simulated]
            marked = await cells.simulated_cells(tx, table_id, [row[0] for row in rows], nos)
            yield _lines([_cells(row, shown, simulated, marked, is_raw=is_raw) for row in rows])


def _header(shown: Sequence[Field], simulated: set[int]) -> list[str]:
    names: list[str] = []
    for each in shown:
        names.append(sheets.safe(each.name))
        if each.no in simulated:
            names.append(sheets.safe(f"{each.name} (simulated)"))
    return names


def _cells(
    row: Record, shown: Sequence[Field], simulated: set[int], marked: Mapping[tuple[int, int], bool], *, is_raw: bool
) -> list[str]:
    texts: list[str] = []
    for field, stored in zip(shown, tuple(row)[1:], strict=True):
        text = values.show(_value(field, stored))
        texts.append(text if is_raw else sheets.safe(text))
        if field.no in simulated:
            texts.append("simulated" if marked.get((row[0], field.no)) and text else "")
    return texts


def _value(field: Field, stored: object) -> Value:
    return values.from_slot(field.storage, stored)


def _lines(rows: Sequence[Sequence[str]]) -> str:
    buffer = io.StringIO()
    csv.writer(buffer).writerows(rows)
    return buffer.getvalue()


async def file_name(database: Database, account_id: AccountId, table_id: UUID) -> str:
    """The Content-Disposition under which the export is saved.

    Raises:
        NotFound: no such table.
    """
    async with database.read(account_id) as tx:
        table = await tables.get_table(tx, table_id)
    return sheets.attachment(f"{table.workbook_name} - {table.name}", "csv")
