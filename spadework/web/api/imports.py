"""Importing files: uploaded and looked at, mapped to columns, imported by a run; rejected rows come back as a file."""

import asyncio
from collections.abc import AsyncIterator
from typing import Annotated, Any, Literal

from fastapi import Query, Request
from fastapi.responses import StreamingResponse
from pydantic import Field
from starlette.datastructures import UploadFile

from spadework.accounts.types import Principal
from spadework.core.errors import InvalidInput
from spadework.web.api.runs import RunBrief, brief
from spadework.web.auth import app_of, require
from spadework.web.routes import AnyField, AnyRun, AnyTable, AnyUpload, Body, Reply, Router
from spadework.workbooks import uploads
from spadework.workbooks.actions import asking, imports, tables

router = Router("imports")
_PIECE_BYTES = 1024 * 1024
_FILE = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object", "required": ["file"],
                    "properties": {"file": {"type": "string", "format": "binary"}},
                }
            },
            "text/csv": {"schema": {"type": "string", "format": "binary"}},
        },
    }
}  # fmt: skip


class ColumnOfFile(Reply):
    """One column of a file: its name, some of its values, and the kind of column they suggest."""

    name: str
    samples: list[str]
    guess_kind: str


class PreviewReply(Reply):
    """What a file looks like, from its first rows; the upload is kept for seven days."""

    upload_id: AnyUpload
    encoding: str
    delimiter: str
    columns: list[ColumnOfFile]
    rows_seen: int


class NewColumn(Body):
    """A column to make for what a file brings."""

    name: str = Field(min_length=1, max_length=120)
    kind: str = Field(default="text", min_length=1, max_length=60)


class ColumnPlace(Body):
    """Where one column of the file goes: into a column, a new one, or with neither nowhere."""

    column: str = Field(min_length=1, max_length=200)
    field_id: AnyField | None = None
    new_field: NewColumn | None = None


class ImportBody(Body):
    """Which file, and where its columns go; without a mapping each goes into the column of its name or a new one.

    `upsert` changes rows whose value of the key column is there already, and adds the others.
    """

    upload_id: AnyUpload
    mapping: list[ColumnPlace] = Field(default=[], max_length=500)
    mode: Literal["append", "upsert"] = "append"
    key_field_id: AnyField | None = None


@router.post("/v3/imports/preview", openapi_extra=_FILE)
async def preview_import(
    request: Request,
    name: Annotated[str, Query(max_length=200, description="The file's name, when the body is the file itself.")] = "",
    who: Principal = require("workbooks.write", is_upload=True),
) -> PreviewReply:
    """Upload a CSV file of at most 200 MB, as a form's `file` or as the body itself, and see what is in it."""
    home = app_of(request).settings.home
    if request.headers.get("content-type", "").startswith("multipart/form-data"):
        async with request.form(max_files=1, max_fields=5) as form:
            file = form.get("file")
            if not isinstance(file, UploadFile):
                raise InvalidInput("The form has no file. Send it as the field `file`.")
            upload = await uploads.store(home, who.account_id, _pieces(file), name=file.filename or "file.csv")
    else:
        upload = await uploads.store(home, who.account_id, request.stream(), name=name or "file.csv")
    try:
        seen = await asyncio.to_thread(imports.preview, home, who.account_id, upload.id)
    except BaseException:
        uploads.remove(upload)
        raise
    return PreviewReply.model_validate(seen)


@router.post("/v3/tables/{table_id}/import", status_code=202)
async def import_file(
    table_id: AnyTable, body: ImportBody, request: Request, who: Principal = require("workbooks.write")
) -> RunBrief:
    """Import an uploaded file; the run's progress counts its rows, and its rejects can be downloaded."""
    app = app_of(request)
    named = [each.field_id for each in body.mapping if each.field_id is not None]
    async with app.database.transaction(who.account_id) as tx:
        table = await tables.get_table(tx, table_id)
        asking.get_fields(table, named if body.key_field_id is None else [*named, body.key_field_id])
        mapping: list[dict[str, Any]] = [each.model_dump() for each in body.mapping]
        return brief(
            await imports.start_import(
                tx, table_id, home=app.settings.home, upload_id=body.upload_id, mapping=mapping, mode=body.mode,
                key_field_id=body.key_field_id, by=who.user_id,
            )
        )  # fmt: skip


@router.get("/v3/runs/{run_id}/rejects.csv", response_class=StreamingResponse)
async def download_rejects(
    run_id: AnyRun, request: Request, who: Principal = require("workbooks.export")
) -> StreamingResponse:
    """The rows an import could not take, each with its line in the file and why; safe to open in a spreadsheet."""
    pieces = imports.rejects_csv(app_of(request).database, who.account_id, run_id)
    first = await anext(pieces)  # taken here, so that an unknown run is an answer and not a broken download
    headers = {"Content-Disposition": 'attachment; filename="rejected rows.csv"'}
    return StreamingResponse(_all(first, pieces), media_type="text/csv; charset=utf-8", headers=headers)


async def _pieces(file: UploadFile) -> AsyncIterator[bytes]:
    while piece := await file.read(_PIECE_BYTES):
        yield piece


async def _all(first: str, rest: AsyncIterator[str]) -> AsyncIterator[str]:
    yield first
    async for piece in rest:
        yield piece
