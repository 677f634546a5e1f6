"""From an address typed into a browser with an empty cache to a Builder that takes files; against the same files merely fetched there."""

import argparse
import json
import statistics
import time
from dataclasses import asdict
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, sync_playwright

from benchmarks import product, report
from tests.browser.conftest import CHROMIUM, SWITCHES

_READY = "Drop one example of each kind of file"
_FETCH = "(urls) => Promise.all(urls.map((url) => fetch(url).then((reply) => reply.arrayBuffer()))).then(() => null)"


def main(loads: int) -> None:
    with product.started() as running, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=SWITCHES)
        _open(browser, running)  # the server's first answer and the browser's own start are no part of it
        ours, bare = [], []
        for _ in range(loads):
            seconds, files = _open(browser, running)
            ours.append(seconds)
            bare.append(_fetch(browser, running, files))
        browser.close()
    found = report.result(
        "builder_first_load", ours=statistics.median(ours), reference=statistics.median(bare),
        reference_name="the same files fetched by the same browser, not run, median", unit="s", is_more_better=False,
    )  # fmt: skip
    print(json.dumps(asdict(found)), flush=True)


def _open(browser: Browser, running: product.Product) -> tuple[float, list[str]]:
    """Seconds until files can be dropped, and the addresses of what the page needed for that."""
    context = _signed_in(browser, running)
    page = context.new_page()
    needed: list[str] = []
    page.on("request", lambda request: needed.append(request.url) if request.method == "GET" else None)
    began = time.perf_counter()
    page.goto(f"{running.address}/builder", wait_until="commit")
    page.get_by_role("heading", name=_READY).wait_for()
    seconds = time.perf_counter() - began
    # Python starts beside the page and is a benchmark of its own.
    files = [each for each in needed if each.startswith(running.address) and "/python/" not in each]
    context.close()
    return seconds, files


def _fetch(browser: Browser, running: product.Product, files: list[str]) -> float:
    context = _signed_in(browser, running)
    page = context.new_page()
    page.goto(f"{running.address}/mark.svg")
    began = time.perf_counter()
    page.evaluate(_FETCH, files)
    seconds = time.perf_counter() - began
    context.close()
    return seconds


def _signed_in(browser: Browser, running: product.Product) -> BrowserContext:
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    host = urlsplit(running.address).hostname or ""
    for cookie in running.cookie.split("; "):
        name, _, value = cookie.partition("=")
        context.add_cookies([{"name": name, "value": value, "domain": host, "path": "/"}])
    return context


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    options = parser.parse_args()
    main(5 if options.quick else 11)
