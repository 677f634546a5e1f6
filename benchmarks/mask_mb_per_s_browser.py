"""Reading and masking a CSV in the browser, megabytes a second, against the same code in this Python in the same run."""

import argparse
import json
import statistics
import tempfile
import time
from dataclasses import asdict
from pathlib import Path

from benchmarks import browser, report
from spadework.extracts.reading import extract

_EXTRACT = """async () => {
  const began = performance.now();
  const [found] = await door.extract(document.getElementById("chosen").files[0], { seed: 7 }).result;
  return [(performance.now() - began) / 1000, found.row_count, found.sample_rows];
}"""
_LINE = "{no:07},Ana Pereira,ana.pereira@example.com,2026-11-21,1234.56,Rua das Flores {no}\n"


def main(megabytes: int, times: int) -> None:
    with tempfile.TemporaryDirectory() as folder, browser.ready_page() as page:
        path = Path(folder, "people.csv")
        size = _write(path, megabytes * 1_000_000)
        native = statistics.median(_native(path) for _ in range(times))
        page.evaluate("document.body.innerHTML = '<input type=file id=chosen>'")
        page.locator("#chosen").set_input_files(path)
        seconds = []
        for _ in range(times):
            took, rows, samples = page.evaluate(_EXTRACT)
            assert rows == _rows(path) and samples[0][1] == "Aaa Aaaaaaa", samples
            seconds.append(took)
    found = report.result(
        "mask_mb_per_s_browser", ours=size / 1e6 / statistics.median(seconds), reference=size / 1e6 / native,
        reference_name="the same extract in CPython, same run", unit="MB/s", is_more_better=True,
    )  # fmt: skip
    print(json.dumps(asdict(found)), flush=True)


def _write(path: Path, size: int) -> int:
    lines = size // len(_LINE.format(no=1_000_000))
    path.write_text("id,name,email,day,amount,street\n" + "".join(_LINE.format(no=no) for no in range(lines)))
    return path.stat().st_size


def _rows(path: Path) -> int:
    return path.read_bytes().count(b"\n") - 1


def _native(path: Path) -> float:
    began = time.perf_counter()
    extract(path, filename=path.name, mime="text/csv", seed=7)
    return time.perf_counter() - began


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    options = parser.parse_args()
    main(5 if options.quick else 50, 2 if options.quick else 5)
