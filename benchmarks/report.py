"""What every benchmark prints and writes: ours beside a reference measured in the same run."""

import json
import os
import platform
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

RESULTS = Path(__file__).parent / "results" / "latest.json"

PUBLISHED = {
    "enrich_5ms_x8_free": "OpenGTM 94 (Python), 1,369 (Go) without fsync; 47 and 138 with",
    "enrich_5ms_x24_free": "OpenGTM 76 (Python), 2,875 (Go)",
    "enrich_100ms_x8_free": "OpenGTM 51 (Python), 79 (Go)",
    "enrich_5ms_x8_paid": "OpenGTM 57 (Python), 636 (Go)",
}
"""Cells per second OpenGTM published on 2026-10-05, on 32 threads of a Ryzen 9 7950X; not measured here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """One figure. `ratio` above 1 is better than the reference, whichever way the unit counts."""

    id: str
    ours: float
    reference: float
    reference_name: str
    unit: str
    ratio: float
    machine: str
    at: str


def result(name: str, *, ours: float, reference: float, reference_name: str, unit: str, is_more_better: bool) -> Result:
    """A figure beside its reference, with the ratio turned so that more is better."""
    ratio = ours / reference if is_more_better else reference / ours
    return Result(
        id=name, ours=round(ours, 3), reference=round(reference, 3), reference_name=reference_name, unit=unit,
        ratio=round(ratio, 3), machine=machine(), at=datetime.now(UTC).isoformat(timespec="seconds"),
    )  # fmt: skip


def machine() -> str:
    """Cores, memory and interpreter, without the machine's name."""
    pages = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return f"{os.cpu_count()} cores, {pages / 2**30:.0f} GiB, {platform.machine()}, Python {platform.python_version()}"


def write(results: Sequence[Result]) -> None:
    """Keep the newest figure of each benchmark in `results/latest.json`."""
    known = {each["id"]: each for each in json.loads(RESULTS.read_text())} if RESULTS.exists() else {}
    known |= {each.id: asdict(each) for each in results}
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(list(known.values()), indent=2) + "\n")


def show(results: Sequence[Result]) -> None:
    """The table a person reads."""
    print(f"{'benchmark':<26}{'ours':>12}{'reference':>12} {'unit':<10}{'ratio':>7}  against")
    for each in results:
        print(
            f"{each.id:<26}{each.ours:>12,.2f}{each.reference:>12,.2f} {each.unit:<10}{each.ratio:>7.2f}  {each.reference_name}"
        )
        if ceiling := _ceiling(each.id):
            print(f"{'':<26}{each.ours / ceiling:>11.0%} of the ceiling of {ceiling:,.0f} (in flight ÷ latency)")
        if each.id in PUBLISHED:
            print(f"{'':<26}published: {PUBLISHED[each.id]}")


def _ceiling(name: str) -> float | None:
    parts = name.split("_")
    if parts[0] != "enrich":
        return None
    return int(parts[2].removeprefix("x")) / (float(parts[1].removesuffix("ms")) / 1000)
