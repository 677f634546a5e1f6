"""`tables`: workbooks' tables listed, looked into, written to files and filled from them."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

import typer

from spadework.cli.acting import Acting, act, read_id
from spadework.core.errors import InvalidInput, SpadeworkError
from spadework.runs import actions as runs
from spadework.runs.types import Run
from spadework.workbooks import uploads
from spadework.workbooks.actions import exports, imports, pages, tables, workbooks
from spadework.workbooks.types import PageRequest

app = typer.Typer(add_completion=False, no_args_is_help=True)
TableId = Annotated[str, typer.Argument(metavar="ID", help="Id of the table.")]
_LOOK_SECONDS = 0.2
_PIECE_BYTES = 1024 * 1024
_SHOWN_COLUMNS = 8


@app.command("list")
def list_tables(ctx: typer.Context) -> None:
    """Every table by workbook; with `--client`, of that client alone."""
    act(ctx, _list)


@app.command("show")
def show_table(
    ctx: typer.Context,
    table_id: TableId,
    limit: Annotated[int, typer.Option(min=0, max=1000, help="Rows to show.")] = 20,
    offset: Annotated[int, typer.Option(min=0, help="Rows to pass over.")] = 0,
) -> None:
    """A table's columns and some of its rows."""
    act(ctx, lambda acting: _show(acting, table_id, limit, offset))


@app.command("export")
def export_table(
    ctx: typer.Context,
    table_id: TableId,
    to: Annotated[Path | None, typer.Option(help="File to write; by default standard output.")] = None,
) -> None:
    """Write a table as CSV that no spreadsheet runs as formulas; simulated values are marked beside them."""
    act(ctx, lambda acting: _export(acting, table_id, to))


@app.command("import")
def import_file(
    ctx: typer.Context,
    table_id: TableId,
    file: Annotated[Path, typer.Argument(help="A CSV file with a header.")],
) -> None:
    """Add a CSV file's rows; columns of the same name are filled, others are made."""
    act(ctx, lambda acting: _import(acting, table_id, file), works=True)


async def write_csv(acting: Acting, table_id: UUID, path: Path) -> None:
    """Write the table beside the path and move it there, so that nobody ever reads half a file.

    Raises:
        InvalidInput: the file cannot be written; names it.
    """
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with part.open("w", encoding="utf-8", newline="") as file:
            async for piece in exports.export_csv(acting.app.database, acting.account_id, table_id):
                file.write(piece)
        part.replace(path)
    except OSError as error:
        raise InvalidInput(f"{path} cannot be written: {error.strerror}. Choose another file.") from error
    finally:
        part.unlink(missing_ok=True)


async def _list(acting: Acting) -> None:
    client = await acting.client() if acting.client_asked else None
    async with acting.read() as tx:
        page = await workbooks.list_workbooks(tx, client_id=client.id if client else None, limit=500)
    lines = [(each.workbook, table) for each in page.workbooks for table in each.tables]
    acting.terminal.show(
        {
            "data": [
                {"id": str(table.id), "name": table.name, "workbook_id": str(workbook.id), "workbook": workbook.name,
                 "row_count": table.row_count, "field_count": table.field_count, "status": table.status}
                for workbook, table in lines
            ]
        }
    )  # fmt: skip
    acting.terminal.table(
        ("Table", "Workbook", "Name", "Rows", "Columns", "Status"),
        [
            (table.id, workbook.name, table.name, f"{table.row_count:,}", table.field_count, table.status)
            for workbook, table in lines
        ],
        right=(3, 4),
    )


async def _show(acting: Acting, table_id: str, limit: int, offset: int) -> None:
    async with acting.read() as tx:
        table = await tables.get_table(tx, read_id(table_id, "table"))
        page = await pages.page(tx, table.id, PageRequest(offset=offset, limit=limit))
        counts = await pages.counts(tx, table.id)
    shown = [each for each in table.fields if not each.is_hidden]
    acting.terminal.show(
        {
            "id": str(table.id), "name": table.name, "workbook_id": str(table.workbook_id), "row_count": table.row_count,
            "fields": [{"id": str(each.id), "name": each.name, "kind": each.kind, "counts": counts.get(each.id, {})}
                       for each in table.fields],
            "rows": [{"row_id": row.row_id, "values": {each.name: row.values.get(each.no) for each in shown}}
                     for row in page.rows],
        }
    )  # fmt: skip
    narrow = shown[:_SHOWN_COLUMNS]
    acting.terminal.table(
        [each.name for each in narrow], [[row.values.get(each.no) for each in narrow] for row in page.rows]
    )
    more = f", {len(shown) - len(narrow)} more columns" if len(shown) > len(narrow) else ""
    acting.terminal.say(f"{table.name} of {table.workbook_name}: {table.row_count:,} rows{more}.")


async def _export(acting: Acting, table_id: str, to: Path | None) -> None:
    async with acting.read() as tx:
        table = await tables.get_table(tx, read_id(table_id, "table"))
    if to is None:
        if acting.terminal.is_json:
            raise InvalidInput("A table on standard output is CSV, not JSON. Name a file with --to, or leave --json.")
        async for piece in exports.export_csv(acting.app.database, acting.account_id, table.id):
            sys.stdout.write(piece)
        return
    await write_csv(acting, table.id, to)
    acting.terminal.show({"csv_path": str(_absolute(to)), "rows": table.row_count})
    acting.terminal.say(f"{table.row_count:,} rows are in {to}.")


async def _import(acting: Acting, table_id: str, file: Path) -> None:
    async with acting.read() as tx:
        table = await tables.get_table(tx, read_id(table_id, "table"))
    try:
        upload = await uploads.store(acting.app.settings.home, acting.account_id, _pieces(file), name=file.name)
    except FileNotFoundError as error:
        raise InvalidInput(f"{file} is not there. Name a CSV file.") from error
    async with acting.transaction() as tx:
        run = await imports.start_import(
            tx, table.id, home=acting.app.settings.home, upload_id=upload.id, mapping=(), by=None
        )
    ended = await _end_of(acting, run.id)
    rejects = await _rejects(acting, ended)
    result: dict[str, Any] = ended.result or {}
    acting.terminal.show({"run_id": str(run.id), **result, "rejects": rejects})
    acting.terminal.say(
        f"{result.get('imported', 0):,} rows added to {table.name}, {result.get('rejected', 0):,} refused."
    )
    if rejects:
        acting.terminal.table(("Line", "Why it was refused"), [(each["line"], each["reason"]) for each in rejects])


async def _end_of(acting: Acting, run_id: UUID) -> Run:
    while True:
        async with acting.read() as tx:
            run = await runs.get(tx, run_id)
        if run.state == "succeeded":
            return run
        if not run.is_open:
            message = (run.error or {}).get("message", f"The import is {run.state}.")
            raise SpadeworkError(f"{message} Go on with `spadework runs resume {run_id}`.")
        await asyncio.sleep(_LOOK_SECONDS)


async def _rejects(acting: Acting, run: Run) -> list[dict[str, Any]]:
    async with acting.read() as tx:
        found = await imports.list_rejects(tx, run.id)
    return [{"line": each.line, "reason": each.reason, "content": each.content} for each in found]


async def _pieces(file: Path) -> AsyncIterator[bytes]:
    opened = await asyncio.to_thread(file.open, "rb")
    try:
        while piece := await asyncio.to_thread(opened.read, _PIECE_BYTES):
            yield piece
    finally:
        opened.close()


def _absolute(path: Path) -> Path:
    return path.expanduser().absolute()
