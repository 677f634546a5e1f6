"""What callers write as text and JSON, turned into what actions take: columns by id or name, filters, sorts, top rows."""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from spadework.core.db import ReadOnly
from spadework.core.errors import InvalidInput, NotFound
from spadework.core.ids import FieldId
from spadework.plug.column import Value
from spadework.workbooks.actions import pages, tables
from spadework.workbooks.rules import filters, layout
from spadework.workbooks.types import PageRequest, Table, View


def get_fields(table: Table, field_ids: Iterable[FieldId]) -> tuple[FieldId, ...]:
    """The same ids, each of a live column of the table.

    Raises:
        NotFound: one is not.
    """
    wanted = tuple(field_ids)
    for each in wanted:
        if table.find_field(each) is None:
            raise NotFound(f"{table.name} has no column of the id {each}. It may have been deleted.")
    return wanted


def cells_of(table: Table, written: Mapping[str, Value]) -> dict[FieldId, Value]:
    """Values by column id, from values by id, `f_…` reference or name.

    Raises:
        UnknownReference: no such column; the message offers the closest name.
    """
    return {filters.find(key, table).id: value for key, value in written.items()}


async def page_of(
    tx: ReadOnly, table_id: UUID, view_id: UUID, *, filter_text: str | None, sort_text: str | None, search: str,
    offset: int, limit: int,
) -> PageRequest:  # fmt: skip
    """The page of a view that is asked for; a filter or sort that is given replaces the view's own.

    Raises:
        NotFound: the table has no such view. InvalidInput, UnknownReference: the filter or sort is wrong.
    """
    view = await view_of(tx, table_id, view_id)
    given = filters.parse_json(filter_text), filters.parse_json(sort_text)
    return await _request(tx, view, *given, search=search, offset=offset, limit=limit)


async def top_row_ids(tx: ReadOnly, table_id: UUID, view_id: UUID, count: int) -> tuple[int, ...]:
    """Ids of the first rows of a view as it is filtered and sorted.

    Raises:
        NotFound: the table has no such view. InvalidInput: it shows no row.
    """
    view = await view_of(tx, table_id, view_id)
    found: list[int] = []
    while len(found) < count:
        limit = min(pages.MAX_PAGE, count - len(found))
        request = await _request(tx, view, None, None, search="", offset=len(found), limit=limit)
        page = await pages.page(tx, table_id, request)
        found += [each.row_id for each in page.rows]
        if len(page.rows) < limit:
            break
    if not found:
        raise InvalidInput(f"The view {view.name} shows no row, so there is nothing to run.")
    return tuple(found)


async def view_of(tx: ReadOnly, table_id: UUID, view_id: UUID) -> View:
    """The table's view.

    Raises:
        NotFound: the table has no such view.
    """
    view = await tables.get_view(tx, view_id)
    if view.table_id != table_id:
        raise NotFound("This table has no such view. It may have been deleted.")
    return view


async def _request(
    tx: ReadOnly, view: View, filters_json: Any, sorts_json: Any, *, search: str, offset: int, limit: int
) -> PageRequest:
    filters_json = view.filters if filters_json is None else filters_json
    sorts_json = view.sorts if sorts_json is None else sorts_json
    if not (filters_json or sorts_json or view.columns):
        return PageRequest(offset=offset, limit=limit, search=search)
    table = await tables.get_table(tx, view.table_id)
    return PageRequest(
        offset=offset, limit=limit, search=search, fields=tuple(each.id for each in layout.read(table.fields, view.columns)),
        filters=filters.parse_filters(filters_json, table), sorts=filters.parse_sorts(sorts_json, table),
    )  # fmt: skip
