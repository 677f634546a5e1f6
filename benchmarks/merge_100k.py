"""Merging two CSV files of 100,000 rows by a column: the same script in the browser's sandbox and in this Python, seconds."""

import argparse
import hashlib
import json
import statistics
import subprocess
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path

from benchmarks import browser, report

_SCRIPT = """
import csv
from pathlib import Path


def rows(field):
    path = next(Path("/input_files", field).iterdir())
    with path.open(encoding="utf-8-sig", newline="") as file:
        yield from csv.DictReader(file)


prices = {row["order_id"]: row for row in rows("prices")}
with open("/output/merged.csv", "w", encoding="utf-8", newline="") as file:
    writer = csv.writer(file)
    writer.writerow(["order_id", "customer", "day", "amount", "currency"])
    for row in rows("orders"):
        if price := prices.get(row["order_id"]):
            writer.writerow([row["order_id"], row["customer"], row["day"], price["amount"], price["currency"]])
"""
_NATIVE = """
import json, sys
from pathlib import Path
from spadework.sandbox import harness
root = Path(sys.argv[1])
script = sys.stdin.read().replace('"/input_files"', repr(str(root / "in"))).replace("/output/", str(root / "out") + "/")
outcome = harness.run(script, inputs=root / "in", output=root / "out", values={}, renames={}, on_print=print,
                      mask_failure=lambda error, name: {"exception": repr(error)})
print(json.dumps([outcome.success, outcome.seconds, outcome.rows_out, (root / "out/merged.csv").read_bytes().decode()]))
"""
_RUN = """async ([script, sha256, texts]) => {
  const files = {};
  for (const [field, text] of Object.entries(texts)) files[field] = [new File([text], `${field}.csv`)];
  const outcome = await door.run({ script, sha256, files, values: {} }).result;
  return [outcome.success, outcome.seconds, outcome.rows_out, await outcome.outputs[0]?.blob.text()];
}"""


def main(rows: int, times: int) -> None:
    files = _files(rows)
    native = [_native(files) for _ in range(times)]
    digest = hashlib.sha256(_SCRIPT.encode()).hexdigest()
    with browser.ready_page() as page:
        ours = [page.evaluate(_RUN, [_SCRIPT, digest, files]) for _ in range(times)]
    for success, _, rows_out, text in ours:
        assert success and rows_out == rows and text == native[0][3], "The two results differ."
    found = report.result(
        "merge_100k", ours=statistics.median(each[1] for each in ours),
        reference=statistics.median(each[1] for each in native),
        reference_name="the same script in CPython through the same harness, same run", unit="s", is_more_better=False,
    )  # fmt: skip
    print(json.dumps(asdict(found)), flush=True)


def _files(rows: int) -> dict[str, str]:
    """Orders and their prices in another order, each with its match."""
    orders = "".join(f"{no:07},Customer {no % 997},2026-{no % 12 + 1:02}-{no % 28 + 1:02}\n" for no in range(rows))
    prices = "".join(f"{no * 7919 % rows:07},{no % 100_000 / 100:.2f},{('EUR', 'USD')[no % 2]}\n" for no in range(rows))
    return {"orders": "order_id,customer,day\n" + orders, "prices": "order_id,amount,currency\n" + prices}


def _native(files: dict[str, str]) -> tuple[bool, float, int, str]:
    with tempfile.TemporaryDirectory() as folder:
        for field, text in files.items():
            path = Path(folder, "in", field, f"{field}.csv")
            path.parent.mkdir(parents=True)
            path.write_text(text)
        Path(folder, "out").mkdir()
        done = subprocess.run(
            [sys.executable, "-c", _NATIVE, folder], input=_SCRIPT, capture_output=True, text=True, check=True
        )
        success, seconds, rows_out, text = json.loads(done.stdout)
        assert success
        return success, seconds, rows_out, text


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    options = parser.parse_args()
    main(20_000 if options.quick else 100_000, 2 if options.quick else 5)
