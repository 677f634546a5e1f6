"""The product as a process of its own, for benchmarks that measure it from outside."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

from spadework.core import postgres

_START_SECONDS = 120


@dataclass(frozen=True, slots=True)
class Product:
    """`spadework up`: where it answers, the cookie of its first person, its home, and how long the start took."""

    address: str
    cookie: str
    home: Path
    seconds_to_first_page: float

    def call(self, method: str, path: str, body: Any = None) -> Any:
        """One request as the first person."""
        request = urllib.request.Request(
            f"{self.address}{path}", method=method, data=None if body is None else json.dumps(body).encode()
        )
        request.add_header("Cookie", self.cookie)
        request.add_header("Content-Type", "application/json")
        request.add_header("Sec-Fetch-Site", "same-origin")
        request.add_header("Idempotency-Key", str(uuid4()))
        with urllib.request.urlopen(request, timeout=60) as reply:
            return json.load(reply)


@contextmanager
def started(home: Path | None = None) -> Iterator[Product]:
    """A product that runs inside the block; a given home is kept, an own one removed."""
    own = home or make_home()
    log = own / "up.log"
    environment = {**os.environ, "SPADEWORK_HOME": str(own / "home"), "SPADEWORK_PORT": "0"}
    began = time.perf_counter()
    with log.open("w") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "spadework.cli.main", "up"], env=environment, stdout=output, stderr=output
        )
    try:
        address, seconds = _await_page(log, process, began)
        yield Product(address, _sign_in(address, log), own / "home", seconds)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)
        postgres.stop(own / "home", mode="immediate")
        if home is None:
            shutil.rmtree(own, ignore_errors=True)


def make_home() -> Path:
    """An empty folder that root's server, which runs as another user, can pass through."""
    home = Path(tempfile.mkdtemp(prefix="spadework-bench-"))
    home.chmod(0o711)
    return home


def _await_page(log: Path, process: subprocess.Popen[bytes], began: float) -> tuple[str, float]:
    while time.perf_counter() - began < _START_SECONDS and process.poll() is None:
        if found := re.search(r"answers at (http://\S+)", log.read_text()):
            with urllib.request.urlopen(found[1], timeout=10) as reply:
                reply.read()
            return found[1], time.perf_counter() - began
        time.sleep(0.01)
    raise RuntimeError(f"The product did not start: {log.read_text()[-1000:]}")


def _sign_in(address: str, log: Path) -> str:
    token = re.search(r"token=(\S+)", log.read_text())
    assert token is not None, "the first start prints a link"
    body = {"token": token[1], "email": "ana@example.com", "name": "Ana", "password": "a long sentence is good here"}
    request = urllib.request.Request(f"{address}/v3/session/bootstrap", data=json.dumps(body).encode(), method="POST")
    request.add_header("Content-Type", "application/json")
    request.add_header("Sec-Fetch-Site", "same-origin")
    with urllib.request.urlopen(request, timeout=30) as reply:
        cookies = reply.headers.get_all("Set-Cookie") or []
    return "; ".join(each.partition(";")[0] for each in cookies)
