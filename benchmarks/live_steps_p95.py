"""From the commit of a step's beginning or end to its arrival at a browser's socket, while dossiers are being made.

The moment of the commit is when a bare LISTEN beside it hears of it, less what a bare NOTIFY takes to be
heard; the two are measured in this process, by one clock.
"""

import argparse
import asyncio
import json
import statistics
import time
from collections import defaultdict
from dataclasses import asdict

import aiohttp
import asyncpg

from benchmarks import dossiers, live_p95, product, report
from spadework.core import postgres
from spadework.core.db import EVENTS_CHANNEL


def main(runs: int) -> None:
    with dossiers.started(100) as running:
        dsn = postgres.start(running.home).dsn()
        ours, bare = asyncio.run(_measure(running, dsn, runs))
    found = report.result(
        "live_steps_p95", ours=ours, reference=bare, reference_name="bare LISTEN/NOTIFY, commit to callback, p95", unit="ms",
        is_more_better=False,
    )  # fmt: skip
    print(json.dumps(asdict(found)), flush=True)


async def _measure(running: product.Product, dsn: str, runs: int) -> tuple[float, float]:
    bare = await live_p95.bare(dsn, 100)
    listener = await asyncpg.connect(dsn)
    told: dict[int, float] = {}
    await listener.add_listener(
        EVENTS_CHANNEL, lambda *given: told.setdefault(int(str(given[3]).rpartition(":")[2]), time.perf_counter())
    )
    arrived: list[tuple[str, str, float]] = []
    headers = {"Cookie": running.cookie, "Origin": running.address, "Sec-Fetch-Site": "same-origin"}
    async with (
        aiohttp.ClientSession(headers=headers) as session,
        session.ws_connect(f"{running.address}/v3/live") as socket,
    ):
        reading = asyncio.create_task(_read(socket, arrived))
        for _ in range(runs):
            run_id = await asyncio.to_thread(dossiers.begin, running)
            await socket.send_json({"subscribe": [f"run:{run_id}"]})
            await asyncio.to_thread(dossiers.await_end, running, run_id)
            await asyncio.sleep(1.5)
        reading.cancel()
    events = await listener.fetch(
        "select id, topic, payload->>'key' as key from events where payload->>'type' = 'step'"
    )
    await listener.close()
    return live_p95.p95(_delays(events, told, arrived)) + statistics.median(bare), live_p95.p95(bare)


async def _read(socket: aiohttp.ClientWebSocketResponse, arrived: list[tuple[str, str, float]]) -> None:
    while True:
        message = json.loads((await socket.receive(600)).data)
        at = time.perf_counter()
        arrived += [(message["topic"], str(each.get("key")), at) for each in message.get("events", ())
                    if each.get("type") == "step"]  # fmt: skip


def _delays(events: list[asyncpg.Record], told: dict[int, float], arrived: list[tuple[str, str, float]]) -> list[float]:
    """Milliseconds for each event, matched by its topic and key in the order of their commits."""
    committed: dict[tuple[str, str], list[float]] = defaultdict(list)
    for each in events:
        if each["id"] in told:
            committed[each["topic"], each["key"]].append(told[each["id"]])
    heard: dict[tuple[str, str], list[float]] = defaultdict(list)
    for topic, key, at in arrived:
        heard[topic, key].append(at)
    pairs = [
        (at, then)
        for place, moments in committed.items()
        for at, then in zip(reversed(heard[place]), sorted(moments, reverse=True), strict=False)
    ]
    assert len(pairs) >= 50, f"only {len(pairs)} of {len(events)} step events were heard"
    return [max(0.0, (at - then) * 1000) for at, then in pairs]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    main(2 if parser.parse_args().quick else 5)
