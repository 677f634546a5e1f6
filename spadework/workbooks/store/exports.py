"""SQL that writes rows out as CSV: the database makes every cell safe, and its COPY does the quoting.

Measured for 200,000 x 10: 0.5 s, against 1.9 s when each cell passed through Python.
"""

from collections.abc import Awaitable, Callable, Collection, Sequence
from uuid import UUID

from spadework.core.db import ReadOnly
from spadework.workbooks.store import pages
from spadework.workbooks.store.pages import Search
from spadework.workbooks.types import SIMULATED, Field, Sort

_PIECE_BYTES = 128 * 1024
_MOST_SECONDS = 3600
"""Somebody who stopped reading must not hold a connection for ever; the pool's own 120 s would cut slow readers off."""

# What `rules.sheets.safe` says; a test holds both against each other.
_UNSAFE_STARTS = ", ".join(str(ord(each)) for each in "=+-@\t\r＝＋－＠")
_PLAIN_NUMBER = r"'^[+-]?[0-9]+([.,][0-9]+)?$'"


async def copy_csv(
    tx: ReadOnly, table_id: UUID, fields: Sequence[Field], found: Search, sorts: Sequence[tuple[Field, Sort]],
    put: Callable[[str], Awaitable[None]], *, simulated_nos: Collection[int], is_raw: bool,
) -> None:  # fmt: skip
    """Put everything the search finds, sorted, as lines of CSV in pieces of some 128 KiB; nothing is held whole.

    Postgres waits while `put` does. Let it run to its end: asyncpg 0.32 loses track of a connection whose
    COPY is cancelled while more of it has arrived. A column of `simulated_nos` is followed by one that says `simulated` beside each such value.
    """
    columns: list[str] = []
    for each in fields:
        text = _text(each)
        columns.append(text if is_raw else _safe(text))
        if each.no in simulated_nos:
            columns.append(_simulated(tx, table_id, each, found))
    # A blank cell that stands alone would be a blank line, which is no row to whoever reads the file.
    chosen = f"coalesce({columns[0]}, '')" if len(columns) == 1 else ", ".join(columns)
    sql = f"select {chosen} from rows r where {found.where} order by {pages.order(sorts)}"
    held = bytearray()

    async def take(rows: bytes) -> None:
        held.extend(rows)  # always whole rows
        if len(held) >= _PIECE_BYTES:
            await put(_with_crlf(bytes(held)).decode())
            held.clear()

    await tx.connection.copy_from_query(sql, *found.values, output=take, format="csv", timeout=_MOST_SECONDS)
    await put(_with_crlf(bytes(held)).decode())


def _text(field: Field) -> str:
    """The cell as text, in the form in which `values.show` gives it."""
    slot = f"r.{field.slot}"
    if field.storage == "text":
        return slot
    if field.storage == "json":
        return f"({slot} #>> '{{}}')"
    if field.storage == "number":
        return f"({slot}::text)"
    day_and_time = 'YYYY-MM-DD"T"HH24:MI:SS'
    return (
        f"to_char({slot} at time zone 'UTC', case when date_trunc('second', {slot}) = {slot}"
        f" then '{day_and_time}\"+00:00\"' else '{day_and_time}.US\"+00:00\"' end)"
    )


def _safe(text: str) -> str:
    return f"case when ascii({text}) in ({_UNSAFE_STARTS}) and {text} !~ {_PLAIN_NUMBER} then '''' || {text} else {text} end"


def _simulated(tx: ReadOnly, table_id: UUID, field: Field, found: Search) -> str:
    return (
        f"case when r.{field.slot} is not null and exists (select from cell_state c"
        f" where c.account_id = {found.put(tx.account)} and c.table_id = {found.put(table_id)}"
        f" and c.row_id = r.row_id and c.field_no = {field.no} and c.marks & {SIMULATED} <> 0)"
        " then 'simulated' end"
    )


def _with_crlf(rows: bytes) -> bytes:
    """The rows ended as RFC 4180 says, CRLF; what stands inside quotes is a value and stays as it is."""
    parts = rows.split(b'"')
    parts[::2] = [each.replace(b"\n", b"\r\n") for each in parts[::2]]
    return b'"'.join(parts)
