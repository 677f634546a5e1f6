"""Chromium with a page that has the door to Python open, for the benchmarks of the Builder's Python in the browser."""

import hashlib
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser import frame_site

SWITCHES = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip

_NOTHING = "open('/output/x', 'w').write('x')"
READY = """async () => {
  const began = performance.now();
  window.door = await import("/python/door.js");
  await new Promise((resolve, reject) => {
    const look = () => door.phase() === "ready" ? resolve() : door.phase() === "failed" ? reject(new Error("failed")) : 0;
    door.onPhase(look); door.warm(); look();
  });
  return (performance.now() - began) / 1000;
}"""


@contextmanager
def chromium() -> Iterator[Browser]:
    """Headless Chromium, without anything cached."""
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    assert path, "This benchmark drives a browser. On Debian or Ubuntu run `apt-get install chromium`."
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=SWITCHES)
        yield browser
        browser.close()


@contextmanager
def ready_page() -> Iterator[Page]:
    """A page whose Python is ready and waiting."""
    with frame_site.served() as site, chromium() as browser:
        page = browser.new_page()
        page.set_default_timeout(300_000)
        page.goto(f"{site.address}/blank")
        page.evaluate(READY)
        # The interpreter that runs scripts starts after the one that reads: wait until it has run one.
        page.evaluate(
            "async ([script, sha256]) => { await door.run({ script, sha256, files: {}, values: {} }).result; }",
            [_NOTHING, hashlib.sha256(_NOTHING.encode()).hexdigest()],
        )
        yield page
