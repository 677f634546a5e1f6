"""Tables and their views: made, found, renamed, deleted."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from spadework.core.db import ReadOnly, Transaction
from spadework.core.errors import Conflict, InvalidInput, NotFound
from spadework.workbooks.rules import filters
from spadework.workbooks.store import running as claims
from spadework.workbooks.store import workbooks as store
from spadework.workbooks.types import Table, TableKind, View

DEFAULT_VIEW = "All rows"
_LONGEST_NAME = 120


async def create_table(
    tx: Transaction, workbook_id: UUID, name: str, *, kind: TableKind = "table", source: Mapping[str, Any] | None = None
) -> Table:
    """A new table at the end of its workbook, with a view of all rows.

    Raises:
        NotFound: no such workbook. InvalidInput: the name is blank or too long.
    """
    if await store.find_workbook(tx, workbook_id) is None:
        raise NotFound("There is no such workbook. It may have been deleted.")
    table_id = await store.add_table(tx, workbook_id, require_name(name), kind=kind, source=source)
    await store.add_view(tx, table_id, DEFAULT_VIEW, filters=[], sorts=[], columns={})
    await store.touch(tx, workbook_id)
    await tx.notify("workbooks", {"type": "workbook", "id": str(workbook_id)})
    return await get_table(tx, table_id)


async def get_table(tx: ReadOnly, table_id: UUID) -> Table:
    """The table with its live columns and views.

    Raises:
        NotFound: there is no such table in this account.
    """
    if table := await store.find_table(tx, table_id):
        return table
    raise NotFound("There is no such table. It may have been deleted.")


async def find_table(tx: ReadOnly, table_id: UUID) -> Table | None:
    """The table, None when there is none in this account."""
    return await store.find_table(tx, table_id)


async def rename_table(tx: Transaction, table_id: UUID, name: str) -> Table:
    """The table under its new name.

    Raises:
        NotFound: no such table. InvalidInput: the name is blank or too long.
    """
    table = await get_table(tx, table_id)
    await store.update_table(tx, table_id, name=require_name(name))
    await tx.notify(f"table:{table_id}", {"type": "fields"})
    await tx.notify("workbooks", {"type": "workbook", "id": str(table.workbook_id)})
    return await get_table(tx, table_id)


async def set_source(tx: Transaction, table_id: UUID, source: Mapping[str, Any]) -> None:
    """Remember where the table's rows came from: a capability with its filters, or a file's name."""
    await store.set_source(tx, table_id, source)


async def delete_table(tx: Transaction, table_id: UUID) -> None:
    """Delete the table with its rows and cells; calls and money stay in the books.

    Raises:
        NotFound: no such table. Conflict: a run is filling it.
    """
    table = await get_table(tx, table_id)
    if await claims.list_active(tx, table_id):
        raise Conflict(f"A run is filling {table.name}. Stop it first, then delete the table.")
    await store.delete_table(tx, table_id)
    await tx.notify("workbooks", {"type": "workbook", "id": str(table.workbook_id)})


async def announce_rows(tx: Transaction, table_id: UUID) -> None:
    """Count a change of the table's rows and tell live pages when this transaction commits."""
    version, row_count = await store.bump_version(tx, table_id)
    await tx.notify(f"table:{table_id}", {"type": "rows", "version": version, "row_count": row_count})


# --- views ---------------------------------------------------------------------------------------


async def create_view(
    tx: Transaction, table_id: UUID, name: str, *, filters_json: Any, sorts_json: Any, columns: Mapping[str, Any]
) -> View:
    """A new view.

    Raises:
        NotFound: no such table. InvalidInput: a filter or sort is wrong.
    """
    table = await get_table(tx, table_id)
    _require_usable(table, filters_json, sorts_json)
    return await store.add_view(
        tx, table_id, require_name(name), filters=filters_json or [], sorts=sorts_json or [], columns=columns
    )


async def get_view(tx: ReadOnly, view_id: UUID) -> View:
    """The view.

    Raises:
        NotFound: there is no such view in this account.
    """
    if view := await store.find_view(tx, view_id):
        return view
    raise NotFound("There is no such view. It may have been deleted.")


async def update_view(
    tx: Transaction, view_id: UUID, *, name: str | None = None, filters_json: Any = None, sorts_json: Any = None,
    columns: Mapping[str, Any] | None = None,
) -> View:  # fmt: skip
    """The view with what is given replaced; None leaves a part as it is.

    Raises:
        NotFound: no such view. InvalidInput: a filter or sort is wrong.
    """
    view = await get_view(tx, view_id)
    changed = View(
        id=view.id, table_id=view.table_id, position=view.position,
        name=view.name if name is None else require_name(name),
        filters=view.filters if filters_json is None else filters_json,
        sorts=view.sorts if sorts_json is None else sorts_json,
        columns=view.columns if columns is None else columns,
    )  # fmt: skip
    _require_usable(await get_table(tx, view.table_id), changed.filters, changed.sorts)
    await store.update_view(tx, changed)
    return changed


async def delete_view(tx: Transaction, view_id: UUID) -> None:
    """Delete the view; no row is touched.

    Raises:
        NotFound: no such view. Conflict: it is the table's last.
    """
    view = await get_view(tx, view_id)
    if len(await store.list_views(tx, view.table_id)) == 1:
        raise Conflict("This is the table's last view. Make another one first.")
    await store.delete_view(tx, view_id)


def require_name(text: str) -> str:
    """The name without outer blanks.

    Raises:
        InvalidInput: nothing is left, or it is too long.
    """
    name = " ".join(text.replace("\0", " ").split())
    if not name or len(name) > _LONGEST_NAME:
        raise InvalidInput(f"A name has 1 to {_LONGEST_NAME} characters. This one has {len(name)}.")
    return name


def _require_usable(table: Table, filters_json: Any, sorts_json: Any) -> None:
    filters.parse_filters(filters_json, table)
    filters.parse_sorts(sorts_json, table)
