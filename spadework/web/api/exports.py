"""A table as a CSV file, streamed."""

import contextlib
from collections.abc import AsyncGenerator, AsyncIterator
from typing import Annotated

from fastapi import Query, Request
from fastapi.responses import StreamingResponse

from spadework.accounts.types import Principal
from spadework.web.auth import bulk_database, require
from spadework.web.routes import AnyTable, AnyView, Router
from spadework.workbooks.actions import exports

router = Router("tables")


@router.get("/v3/tables/{table_id}/export.csv", response_class=StreamingResponse)
async def export_csv(
    table_id: AnyTable,
    request: Request,
    view_id: AnyView | None = None,
    filter_text: Annotated[str | None, Query(alias="filter", max_length=20_000)] = None,
    sort_text: Annotated[str | None, Query(alias="sort", max_length=20_000)] = None,
    search: Annotated[str, Query(max_length=500)] = "",
    raw: Annotated[bool, Query(description="Leave text alone that a spreadsheet would compute.")] = False,
    who: Principal = require("workbooks.export"),
) -> StreamingResponse:
    """The table or one view of it; safe to open in a spreadsheet unless `raw`, simulated values marked beside them.

    `filter`, `sort` and `search` are those of a page of the view, and choose the same rows.
    """
    database = bulk_database(request)
    disposition = await exports.file_name(database, who.account_id, table_id)
    pieces = exports.export_csv(
        database, who.account_id, table_id, view_id=view_id, filter_text=filter_text, sort_text=sort_text,
        search=search, is_raw=raw,
    )  # fmt: skip
    # The first piece is taken here, so that an unknown view is an answer and not a broken download.
    first = await anext(pieces)
    return StreamingResponse(
        _all(first, pieces), media_type="text/csv; charset=utf-8", headers={"Content-Disposition": disposition}
    )


async def _all(first: str, rest: AsyncGenerator[str]) -> AsyncIterator[str]:
    # A browser that goes away ends the reading at once, not when memory is next tidied up.
    async with contextlib.aclosing(rest):
        yield first
        async for piece in rest:
            yield piece
