"""Enrichment cells per second, every value, evidence and cost committed with fsync, against bare asyncio.

Bare asyncio is the same HTTP client, the same adapter and the same server in the same process, with
nothing kept. Ours is a run of the product, from its start to its end. The two take turns.
"""

import argparse
import asyncio
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from uuid import UUID

import uvloop

from benchmarks import report
from spadework.accounts.actions import accounts
from spadework.app import App, open_app
from spadework.clients import actions as clients
from spadework.core import config, postgres
from spadework.core.http import HttpClient
from spadework.core.ids import AccountId
from spadework.plug import catalog
from spadework.plug.provider import HttpProvider, Provider, Rate
from spadework.plug.questions import NormalizeDomain
from spadework.runs import actions as runs
from spadework.spend import actions as spend
from spadework.workbooks.actions import fields, running, workbooks
from spadework.workbooks.types import NewField, RunRequest

PLUGINS = Path(__file__).parent / "plugins"
CASES = ((20, 100, 100_000), (5, 8, 20_000), (5, 24, 40_000), (100, 8, 1_600))
"""Latency in milliseconds, calls in flight, cells."""
_KINDS = ("free", "paid")
_LOOK_SECONDS = 0.02


class Memory:
    """Samples the proportional memory of this process, its children and the database while a run is under way."""

    def __init__(self, database_pid: int) -> None:
        self.peak_mib = 0.0
        self._database_pid = database_pid
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._sample, daemon=True)

    def __enter__(self) -> "Memory":
        self._thread.start()
        return self

    def __exit__(self, *ending: object) -> None:
        self._is_over.set()
        self._thread.join()

    def _sample(self) -> None:
        while not self._is_over.wait(1.0):
            self.peak_mib = max(self.peak_mib, sum(_memory_mib(each) for each in self._processes()))

    def _processes(self) -> Iterator[int]:
        yield os.getpid()
        parents = _parents()
        for pid, parent in parents.items():
            if self._database_pid in (pid, parent):
                yield pid


async def main(scale: float, rounds: int) -> None:
    catalog.add_folder(PLUGINS)
    for latency_ms, in_flight, cells in CASES:
        for kind in _KINDS:
            await _case(latency_ms, in_flight, max(int(cells * scale), 400), kind, rounds)


async def _case(latency_ms: int, in_flight: int, cells: int, kind: str, rounds: int) -> None:
    server, url = _start_server(latency_ms)
    home = _make_home()
    name = f"bench_{kind}"
    settings = config.load(
        {
            "SPADEWORK_HOME": str(home / "home"), "SPADEWORK_LOG_LEVEL": "ERROR", "SPADEWORK_PLUGINS": str(PLUGINS),
            f"SPADEWORK_PROVIDER_{name.upper()}_BASE_URL": url,
        }
    )  # fmt: skip
    provider = catalog.get(Provider, "provider", name)
    assert issubclass(provider, HttpProvider)
    provider.rate = Rate(requests=1_000_000, per_seconds=1, concurrency=in_flight)
    ratios: list[tuple[float, float]] = []
    try:
        async with open_app(settings, works=True) as app:
            with Memory(postgres.start(settings.home).pid) as memory:
                for number in range(rounds):
                    bare = await _bare(provider(), url, in_flight, cells, f"b{number}-")
                    ratios.append((await _ours(app, name, cells, f"o{number}-"), bare))
    finally:
        server.terminate()
        postgres.stop(settings.home, mode="immediate")
        shutil.rmtree(home, ignore_errors=True)
    ours, bare = sorted(ratios, key=lambda pair: pair[0] / pair[1])[len(ratios) // 2]
    found = report.result(
        f"enrich_{latency_ms}ms_x{in_flight}_{kind}", ours=ours, reference=bare,
        reference_name="bare asyncio, same client, adapter and server, nothing kept", unit="cells/s", is_more_better=True,
    )  # fmt: skip
    print(json.dumps(asdict(found)), flush=True)
    if latency_ms == 20:
        peak = report.result(
            f"peak_memory_{kind}", ours=memory.peak_mib, reference=700,
            reference_name="the limit set for product and database together", unit="MiB", is_more_better=False,
        )  # fmt: skip
        print(json.dumps(asdict(peak)), flush=True)


async def _bare(provider: HttpProvider, url: str, in_flight: int, cells: int, prefix: str) -> float:
    asked = iter(range(cells))

    async def work(http: HttpClient) -> None:
        for number in asked:
            request = provider.request(NormalizeDomain(value=f"{prefix}{number}"))
            turned = type(request)(url=url + request.url.removeprefix(provider.base_url))
            provider.interpret(turned, await http.send(turned))

    async with HttpClient(connections=in_flight) as http:
        await asyncio.gather(*(work(http) for _ in range(in_flight)))  # warm connections are part of neither
        asked = iter(range(cells))
        started = time.perf_counter()
        await asyncio.gather(*(work(http) for _ in range(in_flight)))
        return cells / (time.perf_counter() - started)


async def _ours(app: App, provider: str, cells: int, prefix: str) -> float:
    account_id, table_id, field_id = await _table(app, provider, cells, prefix)
    started = time.perf_counter()
    async with app.database.transaction(account_id) as tx:
        request = RunRequest(table_id=table_id, field_ids=(field_id,), mode="all", with_dependants=False)
        run = await running.start_run(tx, request, by=None)
    while True:
        await asyncio.sleep(_LOOK_SECONDS)
        async with app.database.read(account_id) as tx:
            seen = await runs.get(tx, run.id)
        if not seen.is_open:
            break
    seconds = time.perf_counter() - started
    assert seen.state == "succeeded" and seen.progress["by_state"] == {"done": cells}, (seen.error, seen.progress)
    return cells / seconds


async def _table(app: App, provider: str, cells: int, prefix: str) -> tuple[AccountId, UUID, UUID]:
    account_id = await accounts.create_account(app.database, app.box, "Bench")
    async with app.database.transaction(account_id) as tx:
        client = await clients.create(tx, "Bench")
        made = await workbooks.create_workbook(tx, client.id, "Bench", is_training=False, by=None)
        table_id = made.table.id
        given = await fields.add_field(tx, table_id, NewField(name="Given", kind="text"), by=None)
        settings = {"provider": provider, "capability": "normalize_domain", "inputs": {"value": "{{Given}}"}}
        filled = await fields.add_field(
            tx, table_id, NewField(name="Found", kind="enrichment", settings=settings), by=None
        )
        await spend.set_budget(tx, "account", account_id, 10**15, by=None)
        await tx.execute(
            "insert into rows (account_id, table_id, row_id, " + given.field.slot + ")"
            " select $1, $2, g, $4 || g from generate_series(1, $3::bigint) g",
            account_id, table_id, cells, prefix,
        )  # fmt: skip
        await tx.execute(
            "update tables set row_count = $3::bigint, next_row_id = $3::bigint + 1 where account_id = $1 and id = $2",
            account_id, table_id, cells,
        )  # fmt: skip
    return account_id, table_id, filled.field.id


def _make_home() -> Path:
    home = Path(tempfile.mkdtemp(prefix="spadework-bench-"))
    home.chmod(0o711)  # root's server runs as another user, who must pass through
    return home


def _start_server(latency_ms: float) -> tuple[subprocess.Popen[str], str]:
    command = [sys.executable, "-m", "spadework.simulator", "--port", "0", "--latency-ms", str(latency_ms)]
    server = subprocess.Popen([*command, "--throttle-rate", "0"], stdout=subprocess.PIPE, text=True)
    assert server.stdout is not None
    return server, str(json.loads(server.stdout.readline())["url"])


def _parents() -> dict[int, int]:
    found: dict[int, int] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                found[int(entry.name)] = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            except OSError:
                continue
    return found


def _memory_mib(pid: int) -> float:
    try:
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) / 1024
    except OSError:
        return 0.0
    return 0.0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    uvloop.run(main(0.2 if options.quick else 1.0, 1 if options.quick else options.rounds))
