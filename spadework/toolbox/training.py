"""The vendor simulator's process, which training mode talks to: one per home, shared by all processes there."""

import asyncio
import contextlib
import fcntl
import os
import select
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import orjson
import structlog

from spadework.core.errors import ProviderUnavailable, SpadeworkError, Unavailable
from spadework.core.http import HttpClient, HttpRequest
from spadework.toolbox.vendors import Vendors

log = structlog.get_logger()
_START_SECONDS = 20.0
_LOOK_SECONDS = 2.0


@asynccontextmanager
async def simulated(vendors: Vendors, home: Path) -> AsyncIterator[None]:
    """Training mode works inside: `vendors` know a simulator that answers, started unless the home has one.

    It is started again on the same port when it dies. The last process that uses it ends it. Nothing
    happens when SPADEWORK_SIMULATOR_URL names another.

    Raises:
        Unavailable: it did not start.
    """
    if vendors.settings.simulator_url is not None:
        yield
        return
    users = _Users(home)
    await asyncio.to_thread(users.enter)
    keeper: asyncio.Task[None] | None = None
    try:
        vendors.simulator_url = await _find_or_start(home, vendors.http)
        keeper = asyncio.create_task(_keep(vendors, home))
        yield
    finally:
        if keeper is not None:
            keeper.cancel()
            await asyncio.gather(keeper, return_exceptions=True)
        users.leave()


async def _keep(vendors: Vendors, home: Path) -> None:
    while True:
        await asyncio.sleep(_LOOK_SECONDS)
        with contextlib.suppress(SpadeworkError):
            if vendors.simulator_url is None or not await _answers(vendors.http, vendors.simulator_url):
                vendors.simulator_url = await _find_or_start(home, vendors.http)
                log.warning("simulator_started_again", url=vendors.simulator_url)


async def _find_or_start(home: Path, http: HttpClient) -> str:
    lock = await asyncio.to_thread(_locked, home / "simulator.lock")
    try:
        known = _read(home)
        if known is not None and await _answers(http, known.url):
            return known.url
        return (await asyncio.to_thread(_start, home, urlsplit(known.url).port if known else None)).url
    finally:
        os.close(lock)


async def _answers(http: HttpClient, url: str) -> bool:
    """Whether a simulator, and not something else that took its port, answers there."""
    try:
        reply = await http.send(HttpRequest(url=f"{url}/_sim/config"), deadline_seconds=5)
    except ProviderUnavailable:
        return False
    return reply.status == 200 and "x-simulated" in reply.headers


@dataclass(frozen=True, slots=True)
class _Running:
    url: str
    pid: int


class _Users:
    """Who uses the simulator: each holds a shared lock, which the kernel drops when its process dies."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._file = os.open(home / "simulator.users", os.O_RDWR | os.O_CREAT, 0o600)

    def enter(self) -> None:
        fcntl.flock(self._file, fcntl.LOCK_SH)

    def leave(self) -> None:
        """Let go, and end the simulator when nobody else holds on to it."""
        try:
            with contextlib.suppress(BlockingIOError):
                fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                _stop(self._home)
        finally:
            os.close(self._file)


def _locked(path: Path) -> int:
    file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    fcntl.flock(file, fcntl.LOCK_EX)
    return file


def _read(home: Path) -> _Running | None:
    try:
        content = orjson.loads((home / "simulator.json").read_bytes())
        return _Running(str(content["url"]), int(content["pid"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _start(home: Path, last_port: int | None) -> _Running:
    # The last one's port first: runs under way know the simulator by its address.
    for port in [last_port, 0] if last_port else [0]:
        if running := _launch(port or 0):
            written = home / f"simulator.json.{os.getpid()}"
            written.write_bytes(orjson.dumps({"url": running.url, "pid": running.pid}))
            written.replace(home / "simulator.json")
            return running
    raise Unavailable(
        "The vendor simulator, which training mode needs, did not start. "
        "Run `python -m spadework.simulator` to see why."
    )


def _launch(port: int) -> _Running | None:
    process = subprocess.Popen(  # noqa: S603  # our own program with fixed words
        [sys.executable, "-m", "spadework.simulator", "--port", str(port)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,  # Ctrl-C in this terminal must not take it from the others who use it
    )
    assert process.stdout is not None
    _children.append(process)
    try:
        ready, _, _ = select.select([process.stdout], [], [], _START_SECONDS)
        said = orjson.loads(process.stdout.readline()) if ready else None
    except orjson.JSONDecodeError:
        said = None
    finally:
        process.stdout.close()
    if said is None:
        process.kill()
        process.wait()
        return None
    return _Running(str(said["url"]), int(said["pid"]))


_children: list["subprocess.Popen[bytes]"] = []
"""Started here and perhaps dead by now; looked at so that the system may forget them."""


def _stop(home: Path) -> None:
    running = _read(home)
    if running is None:
        return
    if running.pid in _pids_of_simulators():
        with contextlib.suppress(ProcessLookupError):
            os.kill(running.pid, signal.SIGTERM)
    for each in _children:
        if each.pid == running.pid:
            with contextlib.suppress(subprocess.TimeoutExpired):
                each.wait(timeout=5)
    (home / "simulator.json").unlink(missing_ok=True)


def _pids_of_simulators() -> Iterator[int]:
    """Processes that surely are simulators: ours, and those whose command line says so; a pid may be reused."""
    yield from (each.pid for each in _children if each.poll() is None)
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            if b"spadework.simulator" in path.read_bytes():
                yield int(path.parent.name)
