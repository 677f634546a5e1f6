"""Browser tests: the product as a process of its own, and Debian's Chromium to use it with."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from spadework.core import postgres

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
SWITCHES = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
PASSWORD = "a long sentence is good here"
_START_SECONDS = 60
WAIT_MS = 60_000
"""How long what a page should come to show may take; a machine with other work needs more than the library's 5 s."""

expect.set_options(timeout=WAIT_MS)


@dataclass
class Product:
    """`spadework up` on a port of its own; `link` lets the first person in."""

    address: str
    link: str
    home: Path
    process: subprocess.Popen[str]


@dataclass
class Complaints:
    """What the browser held against a page: errors on its console, broken requests."""

    texts: list[str] = field(default_factory=list)

    def watch(self, page: Page) -> None:
        """Write down whatever goes wrong on the page from now on."""
        page.on("console", lambda message: self.texts.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: self.texts.append(str(error)))
        page.on(
            "response", lambda reply: self.texts.append(f"{reply.status} {reply.url}") if reply.status >= 500 else None
        )


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """A fresh installation, started as a person would."""
    home = tmp_path_factory.mktemp("home")
    log = home / "up.log"
    environment = {**os.environ, "SPADEWORK_HOME": str(home), "SPADEWORK_PORT": "0"}
    with log.open("w") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "spadework.cli.main", "up"], env=environment, stdout=output, stderr=output, text=True
        )
    try:
        link = _await(lambda: re.search(r"http://\S+/welcome\S+", log.read_text()), log)[0]
        address = link.partition("/welcome")[0]
        yield Product(address, link, home, process)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)
        postgres.stop(home)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Headless Chromium."""
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=CHROMIUM, args=SWITCHES)
        yield launched
        launched.close()


def _await(look: Any, log: Path) -> Any:
    until = time.monotonic() + _START_SECONDS
    while time.monotonic() < until:
        if found := look():
            return found
        time.sleep(0.1)
    raise AssertionError(f"The product did not start: {log.read_text()[-2000:]}")


def get_json(url: str) -> Any:
    """What a public address answers."""
    with urllib.request.urlopen(url, timeout=10) as reply:
        return json.load(reply)


def ask(product: Product, path: str, body: Any, cookie: str = "") -> tuple[Any, str]:
    """What the server answers outside any page, and the cookies it sets."""
    headers = {"Cookie": cookie, "Content-Type": "application/json", "Sec-Fetch-Site": "same-origin"}
    request = urllib.request.Request(f"{product.address}{path}", data=json.dumps(body).encode(), headers=headers)
    with urllib.request.urlopen(request, timeout=30) as reply:
        cookies = reply.headers.get_all("Set-Cookie") or []
        return json.load(reply), "; ".join(each.partition(";")[0] for each in cookies)


def opened(browser: Browser, product: Product, email: str) -> Iterator[Page]:
    """A signed-in person's tab, in which nothing may go wrong."""
    context = browser.new_context(viewport={"width": 1440, "height": 900}, base_url=product.address)
    known = {"email": email, "password": PASSWORD}
    assert context.request.post("/v3/session", data=known, headers={"Sec-Fetch-Site": "same-origin"}).ok
    page = context.new_page()
    page.set_default_timeout(WAIT_MS)
    complaints = Complaints()
    complaints.watch(page)
    yield page
    context.close()
    assert complaints.texts == []


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave the browser tests out, and say so, on a machine without Chromium."""
    if CHROMIUM is None and (here := [each for each in items if each.get_closest_marker("browser")]):
        config.hook.pytest_deselected(items=here)
        items[:] = [each for each in items if each not in here]
