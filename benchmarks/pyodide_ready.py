"""Seconds from opening the Builder until Python in the browser takes files: cold, and with its files in the cache; against bare Pyodide."""

import argparse
import json
import statistics
from dataclasses import asdict
from pathlib import Path

from playwright.sync_api import Browser
from starlette.staticfiles import StaticFiles

from benchmarks import browser as driven
from benchmarks import report
from tests.browser import frame_site

_PYODIDE = Path(__file__).parents[1] / "ui/node_modules/pyodide"
_BARE = """async () => {
  const began = performance.now();
  const { loadPyodide } = await import("/bare/pyodide.mjs");
  const python = await loadPyodide({ indexURL: "/bare/" });
  python.runPython("import csv, json, zipfile");
  return (performance.now() - began) / 1000;
}"""


def main(times: int) -> None:
    open_page = ("<!doctype html><title>Bare Pyodide</title>", {"Content-Security-Policy": ""})
    mounts = {"/bare": StaticFiles(directory=_PYODIDE)}
    with frame_site.served({"/open": open_page}, mounts) as site, driven.chromium() as browser:
        ours = [_cold_and_warm(browser, f"{site.address}/blank", driven.READY) for _ in range(times)]
        bare = [_cold_and_warm(browser, f"{site.address}/open", _BARE) for _ in range(times)]
    for at, name in enumerate(("cold", "warm")):
        found = report.result(
            f"pyodide_ready_{name}", ours=statistics.median(each[at] for each in ours),
            reference=statistics.median(each[at] for each in bare),
            reference_name="bare Pyodide in the page itself, no sandbox, no packages, same run", unit="s", is_more_better=False,
        )  # fmt: skip
        print(json.dumps(asdict(found)), flush=True)


def _cold_and_warm(browser: Browser, address: str, act: str) -> tuple[float, float]:
    """Seconds in a browser that has nothing cached, and again after loading the page a second time."""
    context = browser.new_context()
    page = context.new_page()
    page.goto(address)
    cold = page.evaluate(act)
    page.goto(address)
    warm = page.evaluate(act)
    context.close()
    return cold, warm


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    main(1 if parser.parse_args().quick else 5)
