"""A whole installation of real processes, each of which may be killed: database, web server, workers, vendor."""

import asyncio
import contextlib
import json
import os
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import asyncpg
import httpx2

from spadework.core import postgres

PRICE_A, PRICE_B = 1_000, 2_000
"""What one question to each test vendor costs, in micro-dollars."""
_PLUGINS = Path(__file__).parent / "plugins"
_START_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the simulator's ledger: a request it received, or an effect it had."""

    at: datetime
    asked: str
    key: str | None
    is_effect: bool


@dataclass
class Process:
    """One running program and what it said when it was ready."""

    popen: "subprocess.Popen[bytes]"
    log: Path

    @cached_property
    def said(self) -> dict[str, Any]:
        """The JSON line it prints when it is ready; waited for."""
        assert self.popen.stdout is not None
        ready, _, _ = select.select([self.popen.stdout], [], [], _START_SECONDS)
        line = self.popen.stdout.readline() if ready else b""
        assert line, f"{self.log.stem} did not start:\n{self.log.read_text()}"
        return dict(json.loads(line))

    @property
    def pid(self) -> int:
        return self.popen.pid

    @property
    def is_alive(self) -> bool:
        return self.popen.poll() is None

    def kill(self) -> None:
        """As a power cut would: no handler runs."""
        self.popen.kill()
        self.popen.wait()

    def end(self) -> None:
        """As Ctrl-C would."""
        self.popen.terminate()
        try:
            self.popen.wait(timeout=60)
        except subprocess.TimeoutExpired:
            self.kill()

    def send(self, which: signal.Signals) -> None:
        self.popen.send_signal(which)


class Installation:
    """Everything under one home folder. Use it as a context manager."""

    def __init__(self, *, latency_ms: int) -> None:
        self.home = Path(tempfile.mkdtemp(prefix="spadework-acceptance-"))
        self.home.chmod(0o711)  # root's database runs as another user, who must pass through
        self.ledger_file = self.home / "vendor.ledger"
        self.workers: list[Process] = []
        self.killed_workers = 0
        self._latency_ms = latency_ms
        self._started: list[Process] = []

    def __enter__(self) -> "Installation":
        self.simulator = self._start(
            "simulator", "-m", "spadework.simulator", "--ledger", str(self.ledger_file),
            "--latency-ms", str(self._latency_ms), "--throttle-rate", "0",
        )  # fmt: skip
        self.postgres = postgres.start(self.home / "spadework")
        self.start_api()
        token = parse_qs(urlsplit(self.api.said["sign_in_link"]).query)["token"][0]
        entry = {"token": token, "email": "ana@example.com", "name": "Ana", "password": "seven quiet herons at noon"}
        self.web = httpx2.Client(headers={"Sec-Fetch-Site": "same-origin"}, timeout=60)
        self.ask("POST", "/v3/session/bootstrap", entry)
        return self

    def __exit__(self, *_: object) -> None:
        self.web.close()
        for each in self._started:
            if each.is_alive:
                each.send(signal.SIGCONT)
                each.kill()
        postgres.stop(self.home / "spadework", mode="immediate")
        shutil.rmtree(self.home, ignore_errors=True)

    # --- processes ---------------------------------------------------------------------------------

    def start_api(self) -> None:
        self.api = self._start("api", "-m", "spadework.cli.main", "--json", "api", "--port", "0")

    def start_worker(self) -> Process:
        worker = self._start("worker", "-m", "spadework.cli.main", "--json", "worker")
        self.workers.append(worker)
        return worker

    def kill_worker(self, worker: Process) -> None:
        worker.kill()
        self.workers.remove(worker)
        self.killed_workers += 1

    def kill_postgres(self) -> None:
        """The postmaster and all its children at once."""
        pid = self.postgres.pid
        for each in [pid, *_children(pid)]:
            with contextlib.suppress(ProcessLookupError):
                os.kill(each, signal.SIGKILL)

    def start_postgres(self) -> None:
        self.postgres = postgres.start(self.home / "spadework")

    def command(self, *words: str) -> "subprocess.CompletedProcess[bytes]":
        """One command of the product, run to its end."""
        program = [sys.executable, "-m", "spadework.cli.main", "--json", *words]
        return subprocess.run(program, env=self._environment(), capture_output=True, timeout=120, check=False)

    # --- asking and looking ------------------------------------------------------------------------

    def ask(self, method: str, path: str, body: Any = None, *, expect: int = 300) -> Any:
        """The reply's JSON; refused when the status is `expect` or above."""
        reply = self.web.request(
            method, f"{self.api.said['address']}{path}", json=body or {}, headers={"Idempotency-Key": str(uuid4())}
        )
        assert reply.status_code < expect, f"{method} {path}: {reply.status_code} {reply.text}"
        return reply.json() if reply.content else None

    def fetch(self, sql: str, *values: Any) -> list[Any]:
        """Rows, seen as the superuser sees them."""
        return asyncio.run(self._fetch(sql, *values))

    async def _fetch(self, sql: str, *values: Any) -> list[Any]:
        connection = await asyncpg.connect(self.postgres.dsn())
        try:
            return list(await connection.fetch(sql, *values))
        finally:
            await connection.close()

    def ledger(self) -> list[Entry]:
        """What the vendor saw and did so far; an unfinished last line is left out."""
        lines = self.ledger_file.read_bytes().split(b"\n")[:-1]
        return [
            Entry(datetime.fromisoformat(each["at"]), each["call_id"], each["key"], each["effect"])
            for each in map(json.loads, lines)
        ]

    def requests(self, prefix: str = "") -> list[Entry]:
        """The requests whose question begins so."""
        return [each for each in self.ledger() if not each.is_effect and each.asked.startswith(prefix)]

    def until(self, is_so: Callable[[], Any], *, seconds: float, what: str) -> Any:
        """What `is_so` gives once that is true."""
        give_up_at = time.monotonic() + seconds
        while True:
            if found := is_so():
                return found
            assert time.monotonic() < give_up_at, f"waited {seconds:.0f} s for {what}\n{self.logs()}"
            time.sleep(0.02)

    def logs(self) -> str:
        """The end of what each process wrote, for a failed test's report."""
        files = sorted(self.home.glob("*.log"))
        return "\n".join(f"--- {each.name}\n{each.read_text(errors='replace')[-3000:]}" for each in files)

    def _start(self, name: str, *arguments: str) -> Process:
        log = self.home / f"{name}-{len(self._started)}.log"
        with log.open("wb") as errors:
            popen = subprocess.Popen(
                [sys.executable, *arguments], env=self._environment(), stdout=subprocess.PIPE, stderr=errors,
                start_new_session=True,
            )  # fmt: skip
        process = Process(popen, log)
        self._started.append(process)
        return process

    def _environment(self) -> dict[str, str]:
        kept = {key: value for key, value in os.environ.items() if not key.startswith(("SPADEWORK", "DATABASE_URL"))}
        if not hasattr(self, "simulator"):
            return kept
        vendor = self.simulator.said["url"]
        return {
            **kept, "SPADEWORK_HOME": str(self.home / "spadework"), "SPADEWORK_PLUGINS": str(_PLUGINS),
            "SPADEWORK_SIMULATOR_URL": vendor, "SPADEWORK_PROVIDER_CRASH_A_BASE_URL": vendor,
            "SPADEWORK_PROVIDER_CRASH_B_BASE_URL": vendor,
        }  # fmt: skip


def _children(pid: int) -> Iterator[int]:
    for path in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            if int(path.read_text().rpartition(")")[2].split()[1]) == pid:
                yield int(path.parent.name)
