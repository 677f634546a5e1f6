"""A request's p95 while two endless scripts run in the local sandbox, against the same requests with nothing beside."""

import argparse
import json
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

from benchmarks import product, report
from benchmarks.live_p95 import p95
from spadework.extracts import traces
from spadework.sandbox import bubblewrap
from spadework.sandbox.types import Job, Limits, Masking

_MASKING = Masking(Path(traces.__file__).parent, traces.__name__, traces.mask_failure.__name__)
_ENDLESS = Job("print('begun')\nwhile True: pass", {})
_AT_ONCE = 2
_ROUNDS = 3


def main(seconds: float) -> None:
    idle: list[float] = []
    busy: list[float] = []
    with product.started() as running:
        _requests(running, seconds)
        for _ in range(_ROUNDS):
            idle += _requests(running, seconds)
            with _scripts():
                busy += _requests(running, seconds)
    found = report.result(
        "sandbox_api_p95", ours=p95(busy), reference=p95(idle), reference_name="the same requests, no script running, p95",
        unit="ms", is_more_better=False,
    )  # fmt: skip
    print(json.dumps(asdict(found)), flush=True)


def _requests(running: product.Product, seconds: float) -> list[float]:
    """Milliseconds of each of the requests, one after the other with a breath between, for about that long."""
    figures: list[float] = []
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        began = time.perf_counter()
        running.call("GET", "/v3/clients")
        figures.append((time.perf_counter() - began) * 1000)
        time.sleep(0.005)
    return figures


@contextmanager
def _scripts() -> Iterator[None]:
    """As many scripts as may run at once, all of them begun and none of them ended inside the block."""
    begun, ended = threading.Barrier(_AT_ONCE + 1), threading.Event()

    def has_begun(_: str) -> None:
        begun.wait(30)

    def run(folder: str) -> str | None:
        outcome = bubblewrap.run_script(
            _ENDLESS, into=Path(folder), masking=_MASKING, limits=Limits(cpu_seconds=120, seconds=120),
            on_print=has_begun, is_stopped=ended.is_set,
        )  # fmt: skip
        return outcome.failure_local

    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(_AT_ONCE) as pool:
        runs = [pool.submit(run, folder) for _ in range(_AT_ONCE)]
        try:
            begun.wait(30)
            yield
        finally:
            ended.set()
        assert [each.result() for each in runs] == ["The script was stopped."] * _AT_ONCE


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    main(1 if parser.parse_args().quick else 5)
