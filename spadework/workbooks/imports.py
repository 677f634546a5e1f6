"""The job `import_csv`: a file taken in part by part; each part is in whole, once, or not at all.

Rows become visible as their parts commit. A part notes itself in the transaction that puts its rows in,
so a run that goes on after a crash, a stop or a full disk passes over what is in and repeats nothing.
"""

import asyncio
import os
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from spadework.core.db import Transaction
from spadework.core.errors import InvalidInput, LimitReached
from spadework.core.ids import TableId
from spadework.plug import catalog
from spadework.plug.column import ColumnKind, Settings
from spadework.runs.jobs import Job, job
from spadework.workbooks import uploads
from spadework.workbooks.actions import tables
from spadework.workbooks.rules import csv_parts, order, values
from spadework.workbooks.rules.csv_files import Dialect
from spadework.workbooks.rules.csv_parts import Part
from spadework.workbooks.store import cells
from spadework.workbooks.store import imports as store
from spadework.workbooks.store import rows as rows_store
from spadework.workbooks.store.imports import Taken, Target
from spadework.workbooks.types import MAX_ROWS, Field, Reject, Table
from spadework.workbooks.uploads import Opened, Upload

_AT_ONCE = 4
_REJECT_CHARACTERS = 2_000


@dataclass(frozen=True, slots=True)
class Column:
    """One column of the file: where it goes and what reads its values; both None when it is left out."""

    field: Field | None
    kind: ColumnKind | None
    settings: Settings | None

    @property
    def is_verbatim(self) -> bool:
        """Whether the database may take the text as it is."""
        return self.kind is None or self.kind.is_verbatim


@dataclass(frozen=True, slots=True)
class Import:
    """One import under way. `first_row_id` is the id of a row on the line after the header's."""

    table: Table
    columns: tuple[Column, ...]
    target: Target
    dialect: Dialect
    key: Field | None
    first_row_id: int
    first_line: int
    lines: int

    def row_id_at(self, line: int) -> int:
        """The first id for a part that begins on a line: the same however often the file is read."""
        return self.first_row_id + line - self.first_line


@job("import_csv")
async def import_csv(job: Job) -> dict[str, Any]:
    """Import the run's file; its input is what `actions.imports.start_import` wrote."""
    upload = uploads.find(job.app.settings.home, job.account_id, UUID(str(job.run.input["upload_id"])))
    opened = await asyncio.to_thread(uploads.open_csv, upload)
    plan = await job.step("plan", "Look through the file", lambda: _plan(job, upload, opened))
    work = await _open(job, opened, plan)
    done = await job.step(
        "rows", "Import the rows", lambda: _import_rows(job, work, upload, opened), inputs={"file": upload.name, **plan}
    )
    uploads.remove(upload)
    return done


async def _plan(job: Job, upload: Upload, opened: Opened) -> dict[str, Any]:
    """Row ids for every line the file can have, set aside once, so that a repeat gives each row the same one."""
    lines = await asyncio.to_thread(uploads.count_lines, upload)
    async with job.database.transaction(job.account_id) as tx:
        table_id = UUID(str(job.run.subject["table_id"]))
        first = await rows_store.reserve(tx, table_id, lines + 1)
    return {"first_row_id": first, "first_line": opened.header.lines + 1, "lines": lines}


async def _open(job: Job, opened: Opened, plan: dict[str, Any]) -> Import:
    async with job.database.read(job.account_id) as tx:
        table = await tables.get_table(tx, TableId(UUID(str(job.run.subject["table_id"]))))
        columns = tuple(_column(table, each) for each in job.run.input["field_ids"])
        target = await store.find_target(tx, table.id, [each.field for each in columns])
    key = job.run.input.get("key_field_id")
    return Import(
        table=table, columns=columns, target=target, dialect=opened.dialect,
        key=table.find_field(UUID(key)) if key else None, **plan,
    )  # fmt: skip


def _column(table: Table, field_id: str | None) -> Column:
    if field_id is None:
        return Column(None, None, None)
    field = table.find_field(UUID(field_id))
    if field is None:
        raise InvalidInput("A column this import fills was deleted meanwhile. Start the import again.")
    kind = catalog.get(ColumnKind, "column", field.kind)()
    return Column(field, kind, kind.settings.model_validate(dict(field.settings)))


async def _import_rows(job: Job, work: Import, upload: Upload, opened: Opened) -> dict[str, Any]:
    """Parts are read ahead and parsed on as many connections as there are processors, or one for upsert."""
    waiting: asyncio.Queue[Part | None] = asyncio.Queue(maxsize=2)
    turn = asyncio.Lock()
    # Two parts that hold the same key must not both find it missing.
    takers = 1 if work.key else max(2, min(_AT_ONCE, os.cpu_count() or 1))

    async def read() -> None:
        async for part in _parts(work, upload, opened):
            job.require_going()
            await waiting.put(part)
        for _ in range(takers):
            await waiting.put(None)

    async def take() -> None:
        while (part := await waiting.get()) is not None:
            job.require_going()
            await _take(job, work, part, turn)

    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(read())
            for _ in range(takers):
                group.create_task(take())
    except BaseExceptionGroup as failures:
        raise failures.exceptions[0] from failures  # the run's loop knows single errors
    async with job.database.transaction(job.account_id) as tx:
        await tables.announce_rows(tx, work.table.id)
        await _report(job, tx, work, is_over=True)
        imported, updated, rejected = await store.totals(tx, job.run.id)
    return {"imported": imported, "updated": updated, "rejected": rejected}


async def _parts(work: Import, upload: Upload, opened: Opened) -> AsyncIterator[Part]:
    cutter = csv_parts.Cutter(work.dialect, first_line=work.first_line)
    pieces = uploads.read_pieces(upload, opened)
    is_last = False
    while not is_last:
        piece, is_last = await asyncio.to_thread(next, pieces)
        for part in await asyncio.to_thread(cutter.feed, piece, is_last=is_last):
            yield part


async def _take(job: Job, work: Import, part: Part, turn: asyncio.Lock) -> None:
    """Put one part in, in one transaction with the note that it is in.

    Parts are parsed side by side and put in by turns: two writers at the end of one index cost more
    processor time than one (measured: 4.2 against 3.6 seconds per million rows).
    """
    is_fast = part.is_clean and _may_copy_text(work, part)
    read = None if is_fast else await asyncio.to_thread(_read, work, part)
    async with job.database.transaction(job.account_id) as tx:
        if await store.is_done(tx, job.run.id, part.number):
            return
        first = work.row_id_at(part.first_line)
        if is_fast and not await store.copy_text(
            tx, work.target, part.content, delimiter=work.dialect.delimiter, first_row_id=first
        ):
            read = await asyncio.to_thread(_read, work, part)
        if read is not None:
            await store.copy_rows(tx, work.target, read[0], first_row_id=first)
            await store.add_rejects(tx, job.run.id, read[1])
        if work.key is None:
            await store.widen(tx, work.target)
        async with turn:
            taken = await _take_over(tx, work, first)
        rejected = len(read[1]) if read else 0
        await store.mark_done(tx, job.run.id, part.number, taken, rejected=rejected)
        await _require_room(tx, work, part)
        await _report(job, tx, work)


async def _take_over(tx: Transaction, work: Import, first_row_id: int) -> Taken:
    if work.key is None:
        return await store.take_over(tx, work.target, first_row_id=first_row_id)
    taken, changed = await store.take_over_by_key(tx, work.target, work.key)
    for each in work.target.used:
        stale = order.dependants(work.table, [each.id])
        nos = [one.no for column in stale for one in (column, *work.table.outputs_of(column.id))]
        await cells.mark_stale(tx, work.table.id, nos, row_ids=changed)
    return taken


def _may_copy_text(work: Import, part: Part) -> bool:
    if not all(each.is_verbatim for each in work.columns):
        return False
    has_numbers = any(each.field is not None and each.field.storage == "number" for each in work.columns)
    # The database reads 0x1A as a number, and a column of numbers does not.
    return not has_numbers or (b"0x" not in part.content and b"0X" not in part.content)


def _read(work: Import, part: Part) -> tuple[list[tuple[Any, ...]], list[Reject]]:
    """The part's rows as their slots store them, and those that cannot be used."""
    found = csv_parts.read_rows(part, work.dialect, columns=len(work.columns))
    rejects = list(found.rejects)
    rows: list[tuple[Any, ...]] = []
    for line, row in zip(found.lines, found.rows, strict=True):
        try:
            rows.append(tuple(_value(column, text) for column, text in zip(work.columns, row, strict=True)))
        except InvalidInput as error:
            shown = work.dialect.delimiter.join(row)[:_REJECT_CHARACTERS]
            rejects.append(Reject(line=line, reason=error.message, content=shown))
    return rows, rejects


def _value(column: Column, text: str) -> Any:
    if column.field is None or column.kind is None:
        return None
    try:
        return values.to_slot(column.field.storage, column.kind.parse(text, column.settings))
    except InvalidInput as error:
        raise InvalidInput(f"{column.field.name}: {error.message}") from error


async def _require_room(tx: Transaction, work: Import, part: Part) -> None:
    table = await tables.get_table(tx, work.table.id)
    if table.row_count > MAX_ROWS:
        raise LimitReached(
            f"{table.name} would hold more than {MAX_ROWS:,} rows. The file was imported up to about line "
            f"{part.first_line - 1:,}; import the rest into another table."
        )


async def _report(job: Job, tx: Transaction, work: Import, *, is_over: bool = False) -> None:
    """How far the import is, against the file's lines; blank lines and line ends in quotes are no rows, which shows last."""
    imported, updated, rejected = await store.totals(tx, job.run.id)
    done = imported + updated + rejected
    progress = {
        "total": done if is_over else max(work.lines - 1, done), "done": done,
        "by_state": {"done": imported + updated, "failed": rejected}, "fields": {}, "cost_micro_usd": 0,
    }  # fmt: skip
    await job.report(progress, tx=tx)
    await job.announce(tx)
