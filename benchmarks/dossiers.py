"""A product that makes dossiers over loopback, for benchmarks: its model and its vendors take a fixed time to answer."""

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import resources
from pathlib import Path
from typing import Any

from benchmarks import product

_EXAMPLE = Path(str(resources.files("spadework.research.example")))
_LOOK_SECONDS = 0.5
"""What a run took stands in the run itself; looking more often would only be more work for the product beside it."""


@contextmanager
def started(latency_ms: int) -> Iterator[product.Product]:
    """A product whose training mode plays the recorded example, every call taking that long; answers are kept to a run.

    The recording is played inside the process, after a wait, so that what a wire costs is no part of it;
    pages and searches do go over loopback.
    """
    home = product.make_home()
    command = [sys.executable, "-m", "spadework.simulator", "--latency-ms", str(latency_ms), "--throttle-rate", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as vendors:
        try:
            assert vendors.stdout is not None
            os.environ["SPADEWORK_SIMULATOR_URL"] = str(json.loads(vendors.stdout.readline())["url"])
            with product.started(home) as running:
                script = _slowed(home / "script", latency_ms)
                running.call("PUT", "/v3/credentials/llm/scripted", {"values": {"script_path": str(script)}})
                yield running
        finally:
            vendors.terminate()
            shutil.rmtree(home, ignore_errors=True)


def begin(running: product.Product) -> str:
    """The id of a new pipeline run."""
    client = running.call("POST", "/v3/clients", {"name": f"Bench {time.monotonic_ns()}"})
    begun = running.call("POST", "/v2/pipeline/start", {"client_id": client["id"], "is_training": True})
    return str(begun["id"])


def await_end(running: product.Product, run_id: str) -> dict[str, Any]:
    """The run once it has succeeded."""
    while True:
        run: dict[str, Any] = running.call("GET", f"/v2/pipeline/runs/{run_id}")
        if run["status"] not in ("pending", "running"):
            assert run["status"] == "completed", run["error_message"]
            return run
        time.sleep(_LOOK_SECONDS)


def _slowed(folder: Path, latency_ms: int) -> Path:
    shutil.copytree(_EXAMPLE / "replies", folder)
    for path in folder.glob("*.json"):
        lines = [{**each, "delay_seconds": latency_ms / 1000} for each in json.loads(path.read_text("utf-8"))]
        path.write_text(json.dumps(lines), "utf-8")
    return folder
