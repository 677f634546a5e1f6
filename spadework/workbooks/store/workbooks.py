"""SQL on workbooks, tables and views; rows and cells are in `rows.py`, `pages.py` and `cells.py`."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import asyncpg

from spadework.core.db import ReadOnly, Transaction
from spadework.core.ids import ClientId, TableId, UserId, WorkbookId, new_id
from spadework.workbooks.types import Field, Table, View, Workbook


async def add_workbook(
    tx: Transaction, client_id: UUID, name: str, *, is_training: bool, by: UserId | None
) -> WorkbookId:
    """A new workbook without tables."""
    workbook_id = WorkbookId(new_id())
    await tx.execute(
        "insert into workbooks (account_id, id, client_id, name, is_training, created_by)"
        " values ($1, $2, $3, $4, $5, $6)",
        tx.account, workbook_id, client_id, name, is_training, by,
    )  # fmt: skip
    return workbook_id


async def find_workbook(tx: ReadOnly, workbook_id: UUID) -> Workbook | None:
    """The workbook, None when there is none or it was deleted."""
    row = await tx.fetchrow(
        "select * from workbooks where account_id = $1 and id = $2 and archived_at is null", tx.account, workbook_id
    )
    return _workbook(row) if row else None


async def list_workbooks(
    tx: ReadOnly, *, client_id: UUID | None, search: str, after: UUID | None, limit: int
) -> list[Workbook]:
    """Workbooks, newest first, from the one after `after`."""
    rows = await tx.fetch(
        "select * from workbooks where account_id = $1 and archived_at is null"
        " and ($2::uuid is null or client_id = $2) and ($3 = '' or position($3 in lower(name)) > 0)"
        " and ($4::uuid is null or id < $4) order by id desc limit $5",
        tx.account, client_id, search.strip().lower(), after, limit,
    )  # fmt: skip
    return [_workbook(row) for row in rows]


async def count_by_client(tx: ReadOnly) -> dict[UUID, int]:
    rows = await tx.fetch(
        "select client_id, count(*) as n from workbooks where account_id = $1 and archived_at is null"
        " group by client_id",
        tx.account,
    )
    return {row["client_id"]: row["n"] for row in rows}


async def update_workbook(tx: Transaction, workbook_id: UUID, *, name: str, is_training: bool) -> None:
    """Store a new name and mode."""
    await tx.execute(
        "update workbooks set name = $3, is_training = $4, updated_at = now() where account_id = $1 and id = $2",
        tx.account, workbook_id, name, is_training,
    )  # fmt: skip


async def archive_workbook(tx: Transaction, workbook_id: UUID) -> None:
    """Take the workbook out of every list; what was bought for it stays in the books."""
    await tx.execute(
        "update workbooks set archived_at = now() where account_id = $1 and id = $2", tx.account, workbook_id
    )


async def touch(tx: Transaction, workbook_id: UUID) -> None:
    """The workbook was changed now."""
    await tx.execute(
        "update workbooks set updated_at = now() where account_id = $1 and id = $2", tx.account, workbook_id
    )


async def spent(tx: ReadOnly, workbook_ids: Sequence[UUID]) -> dict[UUID, int]:
    """Real money spent for each workbook, in micro-dollars."""
    rows = await tx.fetch(
        "select workbook_id, sum(amount_micro_usd)::bigint as spent from ledger"
        " where account_id = $1 and workbook_id = any($2) and kind = 'settle' and not is_simulated"
        " group by workbook_id",
        tx.account, list(workbook_ids),
    )  # fmt: skip
    return {row["workbook_id"]: row["spent"] for row in rows}


async def add_table(
    tx: Transaction, workbook_id: UUID, name: str, *, kind: str, source: Mapping[str, Any] | None
) -> TableId:
    """A new table at the end of its workbook."""
    table_id = TableId(new_id())
    await tx.execute(
        "insert into tables (account_id, id, workbook_id, name, kind, source, position)"
        " select $1, $2, $3, $4, $5, $6, count(*) from tables where account_id = $1 and workbook_id = $3",
        tx.account, table_id, workbook_id, name, kind, dict(source) if source is not None else None,
    )  # fmt: skip
    return table_id


async def find_table(tx: ReadOnly, table_id: UUID) -> Table | None:
    """The table with its live columns and its views, None when there is none."""
    row = await tx.fetchval("select find_table($1, $2)", tx.account, table_id)
    return _table(row) if row else None


async def list_tables(tx: ReadOnly, workbook_ids: Sequence[UUID]) -> list[asyncpg.Record]:
    """One summary row per table: its counts and the states and progress of its runs that matter."""
    return await tx.fetch(
        "select t.id, t.workbook_id, t.name, t.kind, t.row_count,"
        " (select count(*) from fields f where f.account_id = t.account_id and f.table_id = t.id"
        "  and f.deleted_at is null) as field_count,"
        " r.state as run_state, r.progress as run_progress"
        " from tables t left join lateral (select state, progress from runs where account_id = t.account_id"
        "  and table_id = t.id order by (state in ('running', 'stopping', 'waiting', 'queued')) desc,"
        "  created_at desc limit 1) r"
        " on true where t.account_id = $1 and t.workbook_id = any($2) order by t.workbook_id, t.position, t.id",
        tx.account, list(workbook_ids),
    )  # fmt: skip


async def update_table(tx: Transaction, table_id: UUID, *, name: str) -> None:
    """Store a new name."""
    await tx.execute(
        "update tables set name = $3, updated_at = now() where account_id = $1 and id = $2", tx.account, table_id, name
    )


async def set_source(tx: Transaction, table_id: UUID, source: Mapping[str, Any]) -> None:
    """Remember where the table's rows came from."""
    await tx.execute(
        "update tables set source = $3 where account_id = $1 and id = $2", tx.account, table_id, dict(source)
    )


async def delete_table(tx: Transaction, table_id: UUID) -> None:
    """Delete the table, its rows and every trace of its cells; calls and money stay in the books."""
    for name in ("cell_runs", "cell_state", "rows"):
        await tx.execute(f"delete from {name} where account_id = $1 and table_id = $2", tx.account, table_id)
    await tx.execute("delete from tables where account_id = $1 and id = $2", tx.account, table_id)


async def bump_version(tx: Transaction, table_id: UUID) -> tuple[int, int]:
    """Count one more change of the table; its new version and its row count."""
    row = await tx.fetchrow(
        "update tables set version = version + 1, updated_at = now() where account_id = $1 and id = $2"
        " returning version, row_count",
        tx.account, table_id,
    )  # fmt: skip
    assert row is not None
    return row["version"], row["row_count"]


async def add_view(
    tx: Transaction, table_id: UUID, name: str, *, filters: Any, sorts: Any, columns: Mapping[str, Any]
) -> View:
    """A new view at the end."""
    row = await tx.fetchrow(
        "insert into views (account_id, id, table_id, name, filters, sorts, columns, position)"
        " select $1, $2, $3, $4, $5, $6, $7, count(*) from views where account_id = $1 and table_id = $3 returning *",
        tx.account, new_id(), table_id, name, filters, sorts, dict(columns),
    )  # fmt: skip
    assert row is not None
    return _view(row)


async def list_views(tx: ReadOnly, table_id: UUID) -> tuple[View, ...]:
    """The table's views in order."""
    rows = await tx.fetch(
        "select * from views where account_id = $1 and table_id = $2 order by position, id", tx.account, table_id
    )
    return tuple(_view(row) for row in rows)


async def find_view(tx: ReadOnly, view_id: UUID) -> View | None:
    """The view, None when there is none."""
    row = await tx.fetchrow("select * from views where account_id = $1 and id = $2", tx.account, view_id)
    return _view(row) if row else None


async def update_view(tx: Transaction, view: View) -> None:
    """Store the view as it is given."""
    await tx.execute(
        "update views set name = $3, filters = $4, sorts = $5, columns = $6 where account_id = $1 and id = $2",
        tx.account, view.id, view.name, view.filters, view.sorts, dict(view.columns),
    )  # fmt: skip


async def delete_view(tx: Transaction, view_id: UUID) -> None:
    """Delete the view; rows are not touched."""
    await tx.execute("delete from views where account_id = $1 and id = $2", tx.account, view_id)


def to_field(row: asyncpg.Record) -> Field:
    """The column of one row of `fields`."""
    return Field(**{name: row[name] for name in Field.__dataclass_fields__})


def _field_of_json(row: Mapping[str, Any]) -> Field:
    written = {name: row[name] for name in Field.__dataclass_fields__}
    ids = {name: UUID(written[name]) for name in ("id", "table_id", "output_of") if written[name] is not None}
    return Field(**{**written, **ids})


def _view_of_json(row: Mapping[str, Any]) -> View:
    written = {name: row[name] for name in View.__dataclass_fields__}
    return View(**{**written, "id": UUID(row["id"]), "table_id": UUID(row["table_id"])})


def _workbook(row: asyncpg.Record) -> Workbook:
    return Workbook(**{name: row[name] for name in Workbook.__dataclass_fields__})


def _view(row: asyncpg.Record) -> View:
    return View(**{name: row[name] for name in View.__dataclass_fields__})


def _table(row: Mapping[str, Any]) -> Table:
    return Table(
        id=TableId(UUID(row["id"])), workbook_id=WorkbookId(UUID(row["workbook_id"])), workbook_name=row["workbook_name"],
        client_id=ClientId(UUID(row["client_id"])), is_training=row["is_training"], name=row["name"], kind=row["kind"],
        position=row["position"], row_count=row["row_count"], version=row["version"], source=row["source"],
        fields=tuple(_field_of_json(each) for each in row["fields"] or ()),
        views=tuple(_view_of_json(each) for each in row["views"] or ()),
        is_gapless=row["is_gapless"], is_claimed=row["is_claimed"],
    )  # fmt: skip
