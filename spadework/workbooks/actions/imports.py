"""Importing files: looked at first, then started as a run with each column's place settled."""

import csv
import io
from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

from spadework.core.db import Database, ReadOnly, Transaction
from spadework.core.errors import InvalidInput
from spadework.core.ids import AccountId, RunId, UserId
from spadework.runs import actions as runs
from spadework.runs.types import NewRun, Run
from spadework.workbooks import uploads
from spadework.workbooks.actions import fields, tables
from spadework.workbooks.rules import csv_files, csv_parts, filters, references, sheets
from spadework.workbooks.store import imports as store
from spadework.workbooks.types import ColumnPreview, Field, ImportPreview, NewField, Reject, Table
from spadework.workbooks.uploads import Opened

JOB = "import_csv"
_SAMPLES = 5


def preview(home: Path, account_id: UUID, upload_id: UUID) -> ImportPreview:
    """What an uploaded file looks like; only its first 2 MiB are read, so call it in a thread.

    Raises:
        NotFound: no such upload. InvalidInput, LimitReached: it is no usable CSV file.
    """
    opened = uploads.open_csv(uploads.find(home, account_id, upload_id))
    rows = _first_rows(opened)
    columns = tuple(
        ColumnPreview(
            name=name,
            samples=tuple(row[place][:200] for row in rows if row[place].strip())[:_SAMPLES],
            guess_kind=csv_files.guess_kind([row[place] for row in rows]),
        )
        for place, name in enumerate(opened.header.names)
    )
    return ImportPreview(
        upload_id=upload_id, encoding=opened.dialect.encoding, delimiter=opened.dialect.delimiter, columns=columns,
        rows_seen=len(rows),
    )  # fmt: skip


async def start_import(
    tx: Transaction, table_id: UUID, *, home: Path, upload_id: UUID, mapping: Sequence[Mapping[str, Any]],
    mode: str = "append", key_field_id: UUID | None = None, by: UserId | None, parent_run_id: RunId | None = None,
) -> Run:  # fmt: skip
    """A run that imports an uploaded file; new columns are made at once, rows become visible part by part.

    Each entry of `mapping` is `{"column": name, "field_id": id}` or `{"column": name, "new_field": {"name",
    "kind"}}`; a column without either is left out. An empty mapping takes every column: into the one of its
    name, else into a new one. `upsert` changes rows whose key is there already.

    Raises:
        NotFound: no such table or upload. InvalidInput, UnknownReference, LimitReached: the file or the
            mapping cannot be used; nothing was changed.
    """
    table = await tables.get_table(tx, table_id)
    upload = uploads.find(home, tx.account, upload_id)
    opened = uploads.open_csv(upload)
    if mode not in ("append", "upsert"):
        raise InvalidInput(f"There is no import mode {mode!r}. Choose append or upsert.")
    targets = await _settle(tx, table, opened, mapping or _everything(table, opened))
    key = _key(targets, key_field_id) if mode == "upsert" else None
    await tables.set_source(tx, table_id, {"kind": "csv", "file": upload.name})
    return await runs.start(
        tx,
        NewRun(
            kind=JOB, title=f"Import {upload.name} into {table.name}", client_id=table.client_id, table_id=table.id,
            subject={"workbook_id": str(table.workbook_id), "table_id": str(table.id)},
            input={
                "upload_id": str(upload_id), "file": upload.name, "mode": mode,
                "field_ids": [str(each.id) if each else None for each in targets],
                "key_field_id": str(key.id) if key else None,
            },
            parent_run_id=parent_run_id,
        ),
        by=by,
    )  # fmt: skip


async def list_rejects(tx: ReadOnly, run_id: UUID, *, after: int = 0, limit: int = 1000) -> list[Reject]:
    """Rows of a file that were not imported, in its order, from the line after `after`; none of a run without a file.

    Raises:
        NotFound: there is no such run in this account.
    """
    await runs.get(tx, run_id)
    return await store.list_rejects(tx, run_id, after=after, limit=limit)


async def rejects_csv(database: Database, account_id: AccountId, run_id: UUID) -> AsyncIterator[str]:
    """The rejected rows as CSV, safe to open in a spreadsheet, in pieces; nothing is held whole.

    Raises:
        NotFound: there is no such run in this account.
    """
    async with database.read(account_id) as tx:
        found = await list_rejects(tx, run_id)
    yield _lines([("line", "reason", "content")])
    while found:
        yield _lines([(str(each.line), sheets.safe(each.reason), sheets.safe(each.content)) for each in found])
        async with database.read(account_id) as tx:
            found = await list_rejects(tx, run_id, after=found[-1].line)


def _lines(rows: Sequence[Sequence[str]]) -> str:
    buffer = io.StringIO()
    csv.writer(buffer).writerows(rows)
    return buffer.getvalue()


def _first_rows(opened: Opened) -> list[list[str]]:
    cutter = csv_parts.Cutter(opened.dialect, first_line=opened.header.lines + 1)
    rows: list[list[str]] = []
    for part in cutter.feed(opened.head[: csv_files.MAX_LINE_BYTES], is_last=opened.is_whole):
        rows += csv_parts.read_rows(part, opened.dialect, columns=len(opened.header.names)).rows
    return rows


def _everything(table: Table, opened: Opened) -> list[dict[str, Any]]:
    rows = _first_rows(opened)
    entries: list[dict[str, Any]] = []
    for place, name in enumerate(opened.header.names):
        known = table.find_field_by_name(name)
        if known and not fields.is_computed(known):
            entries.append({"column": name, "field_id": str(known.id)})
        else:
            free = name if known is None else f"{name} (imported)"
            kind = csv_files.guess_kind([row[place] for row in rows])
            entries.append({"column": name, "new_field": {"name": free, "kind": kind}})
    return entries


async def _settle(
    tx: Transaction, table: Table, opened: Opened, mapping: Sequence[Mapping[str, Any]]
) -> list[Field | None]:
    """The column each column of the file goes to, in the file's order; new ones are made."""
    names = opened.header.names
    targets: dict[str, Field] = {}
    for entry in mapping:
        column = str(entry.get("column"))
        if column not in names:
            raise InvalidInput(f"The file has no column {column!r}. {references.closest(column, names)}")
        target = await _target(tx, table, entry)
        if target is None:
            continue
        if column in targets or target.id in {each.id for each in targets.values()}:
            raise InvalidInput(f"{target.name} would be filled from two columns of the file. Choose one of them.")
        targets[column] = target
    if not targets:
        raise InvalidInput("No column of the file goes anywhere. Map at least one.")
    return [targets.get(name) for name in names]


async def _target(tx: Transaction, table: Table, entry: Mapping[str, Any]) -> Field | None:
    new = entry.get("new_field")
    if new:
        added = await fields.add_field(
            tx,
            table.id,
            NewField(name=str(new.get("name") or entry["column"]), kind=str(new.get("kind") or "text")),
            by=None,
        )
        target = added.field
    elif entry.get("field_id"):
        target = filters.find(entry["field_id"], table)
    else:
        return None
    if fields.is_computed(target):
        raise InvalidInput(f"{target.name} is computed, so a file cannot fill it. Choose another column.")
    return target


def _key(targets: Sequence[Field | None], key_field_id: UUID | None) -> Field:
    for each in targets:
        if each is not None and each.id == key_field_id:
            return each
    raise InvalidInput("To change rows that are there, choose a key: one of the columns that the file fills.")
