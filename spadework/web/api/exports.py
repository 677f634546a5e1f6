"""A table as a CSV file, streamed."""

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import Query, Request
from fastapi.responses import StreamingResponse

from spadework.accounts.types import Principal
from spadework.web.auth import app_of, require
from spadework.web.routes import AnyTable, AnyView, Router
from spadework.workbooks.actions import exports

router = Router("tables")


@router.get("/v3/tables/{table_id}/export.csv", response_class=StreamingResponse)
async def export_csv(
    table_id: AnyTable,
    request: Request,
    view_id: AnyView | None = None,
    raw: Annotated[bool, Query(description="Leave text alone that a spreadsheet would compute.")] = False,
    who: Principal = require("workbooks.export"),
) -> StreamingResponse:
    """The table or one view of it; safe to open in a spreadsheet unless `raw`, simulated values marked beside them."""
    database = app_of(request).database
    disposition = await exports.file_name(database, who.account_id, table_id)
    pieces = exports.export_csv(database, who.account_id, table_id, view_id=view_id, is_raw=raw)
    # The first piece is taken here, so that an unknown view is an answer and not a broken download.
    first = await anext(pieces)
    return StreamingResponse(
        _all(first, pieces), media_type="text/csv; charset=utf-8", headers={"Content-Disposition": disposition}
    )


async def _all(first: str, rest: AsyncIterator[str]) -> AsyncIterator[str]:
    yield first
    async for piece in rest:
        yield piece
