"""Masking a whole CSV file, and making its extract, against only reading and cutting the same file into values."""

import argparse
import csv
import json
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

from benchmarks import report
from spadework.extracts.masking import mask_all
from spadework.extracts.reading import extract

_LINES = (
    'PROD-194211,John Smith,john.smith@mail.example.com,2024-01-15,"$1,234.56",Berlin,paid\r\n',
    "PROD-194212,Zoë Straße,zoe.strasse@mail.example.com,2024-02-29,$99.00,Zürich,open\r\n",
    'PROD-194213,Ana Berg,,2024-03-01,"$12,000.00",Oslo,"late, called twice"\r\n',
    "PROD-194214,Иван Петров,ivan@post.example.com,2024-03-07,$0.50,São Paulo,paid\r\n",
)
_REFERENCE = "open and csv.reader of the same file, nothing else"


def main(size_mb: int, rounds: int) -> None:
    folder = Path(tempfile.mkdtemp(prefix="spadework-bench-"))
    try:
        path = _write(folder, size_mb)
        megabytes = path.stat().st_size / 1e6
        figures: dict[str, list[float]] = {"read": [], "mask": [], "extract": []}
        works: dict[str, Callable[[Path], int]] = {"read": _read, "mask": _mask, "extract": _extract}
        for _ in range(rounds + 1):  # in turns, so that a busy moment of the machine meets all three
            counts = set()
            for name, work in works.items():
                began = time.perf_counter()
                counts.add(work(path))
                figures[name].append(megabytes / (time.perf_counter() - began))
            assert len(counts) == 1, counts
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    read = statistics.median(figures["read"][1:])  # the first of each fills caches
    for name, id_ in (("mask", "mask_mb_per_s_native"), ("extract", "extract_mb_per_s_native")):
        found = report.result(
            id_, ours=statistics.median(figures[name][1:]), reference=read, reference_name=_REFERENCE, unit="MB/s",
            is_more_better=True,
        )  # fmt: skip
        print(json.dumps(asdict(found)), flush=True)


def _write(folder: Path, size_mb: int) -> Path:
    path = folder / "customers.csv"
    block = "".join(_LINES) * 1_000
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write("product,name,email,date,sum,city,note\r\n")
        for _ in range(size_mb * 1_000_000 // len(block.encode()) + 1):
            file.write(block)
    return path


def _read(path: Path) -> int:
    with path.open(encoding="utf-8", newline="") as file:
        return sum(1 for _ in csv.reader(file)) - 1


def _mask(path: Path) -> int:
    """Every value of the file masked, which is more than an extract needs."""
    with path.open(encoding="utf-8", newline="") as file:
        count = -1
        for row in csv.reader(file):
            mask_all(row)
            count += 1
        return count


def _extract(path: Path) -> int:
    """What the Builder does with the file: header, exact count, three rows of all, masked."""
    (found,) = extract(path, filename=path.name, mime="text/csv", seed=1)
    return found.row_count


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    quick = parser.parse_args().quick
    main(5 if quick else 25, 2 if quick else 5)
