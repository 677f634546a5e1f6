"""What callers write as text and JSON, turned into what actions take: columns by id or name, filters, sorts, top rows."""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from spadework.core.db import ReadOnly
from spadework.core.errors import InvalidInput, NotFound
from spadework.core.ids import FieldId
from spadework.plug.column import Value
from spadework.workbooks.actions import pages
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


def page_of(
    table: Table, view_id: UUID, *, filter_text: str | None, sort_text: str | None, search: str, offset: int, limit: int
) -> PageRequest:
    """The page of a view that is asked for; a filter or sort that is given replaces the view's own.

    Raises:
        NotFound: the table has no such view. InvalidInput, UnknownReference: the filter or sort is wrong.
    """
    view = view_of(table, view_id)
    given = filters.parse_json(filter_text), filters.parse_json(sort_text)
    return _request(table, view, *given, search=search, offset=offset, limit=limit)


async def top_row_ids(tx: ReadOnly, table: Table, view_id: UUID, count: int) -> tuple[int, ...]:
    """Ids of the first rows of a view as it is filtered and sorted.

    Raises:
        NotFound: the table has no such view. InvalidInput: it shows no row.
    """
    view = view_of(table, view_id)
    found: list[int] = []
    while len(found) < count:
        limit = min(pages.MAX_PAGE, count - len(found))
        request = _request(table, view, None, None, search="", offset=len(found), limit=limit)
        page = await pages.page_of(tx, table, request)
        found += [each.row_id for each in page.rows]
        if len(page.rows) < limit:
            break
    if not found:
        raise InvalidInput(f"The view {view.name} shows no row, so there is nothing to run.")
    return tuple(found)


def view_of(table: Table, view_id: UUID) -> View:
    """The table's view.

    Raises:
        NotFound: the table has no such view.
    """
    view = next((each for each in table.views if each.id == view_id), None)
    if view is None:
        raise NotFound("This table has no such view. It may have been deleted.")
    return view


def _request(
    table: Table, view: View, filters_json: Any, sorts_json: Any, *, search: str, offset: int, limit: int
) -> PageRequest:
    filters_json = view.filters if filters_json is None else filters_json
    sorts_json = view.sorts if sorts_json is None else sorts_json
    if not (filters_json or sorts_json or view.columns):
        return PageRequest(offset=offset, limit=limit, search=search)
    return PageRequest(
        offset=offset, limit=limit, search=search, fields=tuple(each.id for each in layout.read(table.fields, view.columns)),
        filters=filters.parse_filters(filters_json, table), sorts=filters.parse_sorts(sorts_json, table),
    )  # fmt: skip
