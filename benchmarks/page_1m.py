"""A page of 200 rows anywhere in 1,000,000 x 10, over HTTP as the grid asks for it, against the bare SQL of the same.

One of the ten columns has been filled by a run, so a page shows the state of its cells; the reference reads as many
rows and states by primary key, signs nobody in and begins no transaction. Each side reads the same pages in an order of
its own: what one has just read, Postgres still holds in its memory for the other.
"""

import argparse
import asyncio
import json
import random
import statistics
import time
from dataclasses import asdict
from typing import Any
from uuid import UUID

import aiohttp
import asyncpg
import orjson

from benchmarks import product, report
from spadework.core import postgres

_PAGE = 200
_COLUMNS = 10


def main(rows: int, pages: int) -> None:
    with product.started() as running:
        client = running.call("POST", "/v3/clients", {"name": "Bench"})
        workbook = running.call("POST", "/v3/workbooks", {"client_id": client["id"], "name": "Bench"})
        table_id, view_id = workbook["default_table_id"], workbook["default_view_id"]
        for number in range(_COLUMNS):
            running.call("POST", f"/v3/tables/{table_id}/fields", {"name": f"Column {number}", "kind": "text"})
        dsn = postgres.start(running.home).dsn()
        ours, bare = asyncio.run(_measure(running, dsn, UUID(table_id), view_id, rows, pages))
    found = [
        report.result(
            "page_1m", ours=ours, reference=bare, reference_name="bare SQL of as many rows and states, p95",
            unit="ms", is_more_better=False,
        ),
        report.result(
            "page_1m_limit", ours=ours, reference=50.0, reference_name="the limit set for p95 at the API", unit="ms",
            is_more_better=False,
        ),
    ]  # fmt: skip
    for each in found:
        print(json.dumps(asdict(each)), flush=True)


async def _measure(
    running: product.Product, dsn: str, table_id: UUID, view_id: str, rows: int, pages: int
) -> tuple[float, float]:
    connection = await asyncpg.connect(dsn)
    account_id = await connection.fetchval("select account_id from tables where id = $1", table_id)
    slots = await _fill(connection, account_id, table_id, rows)
    chance = random.Random(1)
    offsets = [chance.randrange(rows - _PAGE) for _ in range(pages)]
    bare_offsets = chance.sample(offsets, pages)
    ours: list[float] = []
    bare: list[float] = []
    url = f"{running.address}/v3/tables/{table_id}/views/{view_id}/records"
    async with aiohttp.ClientSession(headers={"Cookie": running.cookie}) as session:
        # The first twenty warm both sides up.
        for offset, bare_offset in zip([*offsets[-20:], *offsets], [*bare_offsets[-20:], *bare_offsets], strict=True):
            began = time.perf_counter()
            async with session.get(url, params={"offset": offset, "limit": _PAGE}) as reply:
                page: Any = orjson.loads(await reply.read())
            ours.append((time.perf_counter() - began) * 1000)
            assert page["rows"][0]["row_id"] == offset + 1 and len(page["rows"]) == _PAGE, page
            assert all(len(each["cells"]) == 1 and len(each["values"]) == _COLUMNS for each in page["rows"]), page
            began = time.perf_counter()
            await connection.fetch(
                f"select row_id, {', '.join(slots)} from rows where account_id = $1 and table_id = $2 and row_id > $3"
                " order by row_id limit $4",
                account_id, table_id, bare_offset, _PAGE,
            )  # fmt: skip
            await connection.fetch(
                "select row_id, field_no, state, marks, note, run_id from cell_state"
                " where account_id = $1 and table_id = $2 and row_id between $3 and $4",
                account_id, table_id, bare_offset + 1, bare_offset + _PAGE,
            )  # fmt: skip
            bare.append((time.perf_counter() - began) * 1000)
    await connection.close()
    return _p95(ours[20:]), _p95(bare[20:])


async def _fill(connection: asyncpg.Connection, account_id: UUID, table_id: UUID, rows: int) -> list[str]:
    slots = [
        row["slot"]
        for row in await connection.fetch("select slot from fields where table_id = $1 order by no", table_id)
    ]
    values = ", ".join(f"'value ' || g || ' of {slot}'" for slot in slots)
    await connection.execute(
        f"insert into rows (account_id, table_id, row_id, {', '.join(slots)}) select $1, $2, g, {values}"
        " from generate_series(1, $3::bigint) g",
        account_id, table_id, rows,
    )  # fmt: skip
    await connection.execute(
        "insert into row_blocks (account_id, table_id, block, live) select $1, $2, g / 1000, count(*)"
        " from generate_series(1, $3::bigint) g group by g / 1000",
        account_id, table_id, rows,
    )  # fmt: skip
    await connection.execute(
        "update tables set row_count = $2::bigint, next_row_id = $2::bigint + 1 where id = $1", table_id, rows
    )
    await connection.execute(
        "insert into cell_state (account_id, table_id, row_id, field_no, state)"
        " select $1, $2, g, (select max(no) from fields where table_id = $2), 'done' from generate_series(1, $3::bigint) g",
        account_id, table_id, rows,
    )  # fmt: skip
    await connection.execute("vacuum (analyze) rows, cell_state")  # else it begins by itself in the midst of measuring
    await connection.execute("checkpoint")
    return slots


def _p95(figures: list[float]) -> float:
    return statistics.quantiles(figures, n=20)[-1]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    options = parser.parse_args()
    main(200_000 if options.quick else 1_000_000, 100 if options.quick else 300)
