"""From the commit of a change to its arrival at a browser's socket, against bare LISTEN/NOTIFY."""

import argparse
import asyncio
import json
import statistics
import time
from dataclasses import asdict

import aiohttp
import asyncpg

from benchmarks import product, report
from spadework.core import postgres


def main(changes: int) -> None:
    with product.started() as running:
        client = running.call("POST", "/v3/clients", {"name": "Bench"})
        workbook = running.call("POST", "/v3/workbooks", {"client_id": client["id"], "name": "Bench"})
        table_id = workbook["default_table_id"]
        field = running.call("POST", f"/v3/tables/{table_id}/fields", {"name": "Value", "kind": "text"})
        dsn = postgres.start(running.home).dsn()
        ours, bare = asyncio.run(_measure(running, dsn, table_id, field["id"], changes))
    found = report.result(
        "live_p95", ours=ours, reference=bare, reference_name="bare LISTEN/NOTIFY, commit to callback, p95", unit="ms",
        is_more_better=False,
    )  # fmt: skip
    print(json.dumps(asdict(found)), flush=True)


async def _measure(
    running: product.Product, dsn: str, table_id: str, field_id: str, changes: int
) -> tuple[float, float]:
    headers = {"Cookie": running.cookie, "Origin": running.address, "Sec-Fetch-Site": "same-origin"}
    ours: list[float] = []
    async with (
        aiohttp.ClientSession(headers=headers) as session,
        session.ws_connect(f"{running.address}/v3/live") as socket,
    ):
        await socket.send_json({"subscribe": [f"table:{table_id}"]})
        await asyncio.sleep(0.5)
        for number in range(changes):
            body = {"records": [{"cells": {field_id: f"value {number}"}}]}
            async with session.post(f"{running.address}/v3/tables/{table_id}/records", json=body) as reply:
                await reply.read()
                assert reply.status < 300, await reply.text()
                committed = time.perf_counter()
            while True:
                message = json.loads((await socket.receive(10)).data)
                if message.get("topic") == f"table:{table_id}":
                    break
            ours.append(max(0.0, (time.perf_counter() - committed) * 1000))
            await asyncio.sleep(0.07)
    return p95(ours), p95(await bare(dsn, changes))


async def bare(dsn: str, changes: int) -> list[float]:
    """Milliseconds from a bare NOTIFY to a bare LISTEN's callback, that many times."""
    sender, listener = await asyncpg.connect(dsn), await asyncpg.connect(dsn)
    arrived = asyncio.Event()
    await listener.add_listener("bench", lambda *given: arrived.set())
    figures: list[float] = []
    for _ in range(changes):
        arrived.clear()
        await sender.execute("select pg_notify('bench', 'x')")
        committed = time.perf_counter()
        await arrived.wait()
        figures.append((time.perf_counter() - committed) * 1000)
        await asyncio.sleep(0.02)
    await sender.close()
    await listener.close()
    return figures


def p95(figures: list[float]) -> float:
    """The figure that 95 in 100 stay below; never nought, so that it can be divided by."""
    return max(statistics.quantiles(figures, n=20)[-1], 0.01)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    main(40 if parser.parse_args().quick else 200)
