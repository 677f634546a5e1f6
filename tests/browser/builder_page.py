"""The Builder's page as the browser tests handle it: what a person does there, and every byte that leaves it."""

import asyncio
import re
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import asyncpg
from playwright.sync_api import Locator, Page, Request, expect

from spadework.core import postgres
from tests.browser import builder_story as story
from tests.browser.builder_model import BuilderModel
from tests.browser.conftest import Product


@dataclass
class Wire:
    """Every byte that pages sent: addresses, bodies and what went over sockets."""

    sent: list[bytes] = field(default_factory=list)
    posted: list[tuple[str, bytes]] = field(default_factory=list)

    def watch(self, page: Page) -> None:
        """Write down what the page and its frames send from now on."""
        page.on("request", self._keep)
        page.on("websocket", lambda socket: socket.on("framesent", lambda frame: self.sent.append(_bytes(frame))))

    def _keep(self, request: Request) -> None:
        body = request.post_data_buffer or b""
        self.sent.append(request.url.encode() + b"\n" + body)
        if request.method == "POST":
            self.posted.append((request.url, body))


def choose(page: Page, *paths: Path) -> None:
    page.get_by_label("Files", exact=True).locator("input[type=file]").or_(
        page.locator("input[type=file]")
    ).first.set_input_files(paths)


def add(page: Page, *paths: Path) -> None:
    """Add files and wait until all are read."""
    choose(page, *paths)
    expect(page.get_by_role("list", name="Files").get_by_text("Ready to review")).to_have_count(len(paths))


def approve(page: Page) -> None:
    page.get_by_role("button", name="Approve", exact=True).click()


def approve_all(page: Page, count: int) -> None:
    page.get_by_role("button", name="Approve all").click()
    expect(page.get_by_role("list", name="Files").get_by_text("Approved")).to_have_count(count)


def what_leaves(page: Page) -> str:
    """The request as the page shows it before anything is sent."""
    page.get_by_role("button", name="See exactly what leaves").click()
    drawer = page.get_by_role("dialog")
    text = drawer.locator("pre").inner_text()
    drawer.get_by_role("button", name="Close").click()
    return text


def message(page: Page) -> Locator:
    return page.get_by_role("textbox", name="Message")


def say(page: Page, words: str) -> None:
    message(page).fill(words)
    message(page).press("Enter")


def steps(page: Page) -> Locator:
    return page.get_by_role("list", name="Steps")


def invented(page: Page) -> Locator:
    """The panel of the test that is made by itself."""
    return page.locator("section").filter(has=page.get_by_role("heading", name="Test on invented files")).last


def own(page: Page) -> Locator:
    """The panel in which the script runs on the person's files."""
    return page.locator("section").filter(has=page.get_by_role("heading", name="Run on your own files")).last


def tab(page: Page, name: str) -> None:
    page.get_by_role("tab", name=re.compile(f"^{name}")).click()


def run_on_own_files(page: Page, word: str = "Passed") -> None:
    own(page).get_by_role("button", name=re.compile("^Run (on my files|again)")).click()
    expect(own(page).get_by_role("status")).to_contain_text(word)


def saved(page: Page, panel: Locator, name: str) -> str:
    """The text of an output, downloaded."""
    with page.expect_download() as download:
        panel.get_by_role("button", name=f"Download {name}").click()
    return download.value.path().read_bytes().decode()


def ledger(page: Page, product: Product) -> list[tuple[str, bytes]]:
    """Where each entry went and its exact bytes, oldest first."""
    workflow_id = re.search(r"wf_[0-9a-f]{32}", page.url)
    assert workflow_id is not None
    address = f"{product.address}/api/workflows/{workflow_id[0]}/ledger"
    entries = sorted(page.request.get(address).json()["entries"], key=lambda each: each["at"])
    return [(each["direction"], page.request.get(f"{address}/{each['id']}").body()) for each in entries]


def assert_nothing_left(product: Product, wire: Wire, model: BuilderModel, ledger: list[bytes], *, but: str) -> None:
    """No canary in what the browser sent, the model got, the ledger has, or the server keeps; `but` is in all four."""
    places = {"network": wire.sent, "model": model.bodies, "ledger": ledger, "server": kept_by(product)}
    for name, texts in places.items():
        assert _having(but, texts), f"The search of the {name} would find nothing at all."
        for canary in story.CANARIES:
            found = _having(canary, texts)
            assert not found, f"{canary} left: {name}: {found[0][:300]!r}"


def kept_by(product: Product) -> list[bytes]:
    """The server's log and every row of every table of its database, as text."""
    dsn = postgres.start(product.home).dsn()
    with ThreadPoolExecutor(1) as apart:  # this thread's loop is the browser's
        rows = apart.submit(asyncio.run, _rows(dsn)).result()
    return [(product.home / "up.log").read_bytes(), *rows]


async def _rows(dsn: str) -> list[bytes]:
    connection = await asyncpg.connect(dsn)
    tables = await connection.fetch(
        "select format('%I.%I', schemaname, tablename) as name from pg_tables"
        " where schemaname not in ('pg_catalog', 'information_schema')"
    )
    found = []
    for table in tables:
        rows = await connection.fetch(f"select each::text as row from {table['name']} each")
        found += [each["row"].encode() for each in rows]
    await connection.close()
    return found


def _having(words: str, texts: list[bytes]) -> list[bytes]:
    """Texts that hold the words, as they are or in the hexadecimal of a bytes column."""
    forms = words.encode(), words.encode().hex().encode()
    return [each for each in texts if any(form in each for form in forms)]


def held(model: BuilderModel, kind: str) -> Any:
    """The model's next answers of that kind wait: an event that one was asked, and one that lets it go on."""
    asked, go_on = threading.Event(), threading.Event()
    usual = model.answers[kind]

    def answer(prompt: str) -> Any:
        asked.set()
        go_on.wait(60)
        return usual(prompt)

    model.answers[kind] = answer
    return asked, go_on


def _bytes(frame: str | bytes) -> bytes:
    return frame.encode() if isinstance(frame, str) else frame
