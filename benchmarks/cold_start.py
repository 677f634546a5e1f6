"""From `spadework up` to the first page, on an empty home and on one that has run before, against Python's own start."""

import argparse
import json
import shutil
import statistics
import subprocess
import sys
import time
from dataclasses import asdict

from benchmarks import product, report


def main(rounds: int) -> None:
    first: list[float] = []
    bare: list[float] = []
    for _ in range(rounds):
        home = product.make_home()
        try:
            with product.started(home) as running:
                first.append(running.seconds_to_first_page)
        finally:
            shutil.rmtree(home, ignore_errors=True)
        bare.append(_bare())
    found = report.result(
        "cold_start", ours=statistics.median(first), reference=statistics.median(bare),
        reference_name="Python importing FastAPI, uvicorn and asyncpg, no database", unit="s", is_more_better=False,
    )  # fmt: skip
    print(json.dumps(asdict(found)), flush=True)


def _bare() -> float:
    began = time.perf_counter()
    subprocess.run([sys.executable, "-c", "import fastapi, uvicorn, asyncpg"], check=True)
    return time.perf_counter() - began


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    main(1 if parser.parse_args().quick else 3)
