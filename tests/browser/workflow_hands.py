"""What the tests of finished workflows do by hand: make them, approve them, choose files, and listen to what leaves."""

import json
import re
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, expect

from tests.browser.conftest import Product

ORDERS = {
    "filename": "orders.csv", "columns": ["order", "day", "customer", "amount"],
    "sample_rows": [["A#", "##/##/####", "Aaaaa", "##.##"]], "row_count": 3,
}  # fmt: skip
PEOPLE = {"filename": "people.csv", "columns": ["customer", "city"], "sample_rows": [["Aaaaa", "Aaaa"]], "row_count": 2}
FIELDS = [
    {"id": "months", "type": "multi_file_upload", "label": "Months", "accept": [".csv"], "min_files": 2},
    {"id": "note", "type": "text_input", "label": "Note", "required": True},
]
NOTED = {
    "name": "Months with a note", "description": "Writes the note and the names of the files.", "fields": FIELDS,
    "saved_minutes": 5,
    "execution": {
        "engine": "pyodide", "dependencies": [], "outputFilename": None,
        "script": (
            "from pathlib import Path\n\n"
            "names = sorted(path.name for path in Path('/input_files/months').iterdir())\n"
            "Path('/output/names.txt').write_text(' '.join(names))\n"
            "Path('/output/note.txt').write_text(inputs['note'])\n"
        ),
    },
}  # fmt: skip
LOCAL = {
    **NOTED, "name": "Months in a data frame",
    "execution": {
        "engine": "local", "dependencies": ["polars"], "outputFilename": "all.csv",
        "script": (
            "import polars\nimport urllib.request\nfrom pathlib import Path\nPath('/scratch/old.csv').unlink(missing_ok=True)\n"
            "polars.read_csv('/input_files/months/*.csv').write_csv('/output/all.csv')\n"
        ),
    },
}  # fmt: skip


def call(page: Page, product: Product, method: str, path: str, body: Any = None) -> Any:
    """One request as the person who is signed in."""
    headers = {"Sec-Fetch-Site": "same-origin", "Idempotency-Key": uuid.uuid4().hex}
    answer = page.request.fetch(f"{product.address}{path}", method=method, data=body, headers=headers)
    assert answer.ok, answer.text()
    return answer.json()


def read(page: Page, product: Product, workflow: str, part: str = "") -> Any:
    """The workflow, or a part of it, as the server has it."""
    return page.request.get(f"{product.address}/api/workflows/{workflow}{part}").json()


def make_merge(page: Page, product: Product, *, keep: str) -> str:
    """A workflow that waits for approval, made from a form; its id."""
    made = call(page, product, "POST", "/api/workflows", {"file_extracts": [ORDERS, PEOPLE]})["workflow_id"]
    use_form(page, product, made, keep)
    return str(made)


def make_by_conversation(page: Page, product: Product, folder: Path, built: Mapping[str, Any]) -> str:
    """A workflow that waits for approval, as a language model that plays a script built it; its id."""
    lines = [
        {"match": "builder.validate", "reply": {"feasible": True, "reason": None}},
        {"match": "builder.clarify", "reply": {"needs_clarification": False, "question": None, "suggestions": []}},
        {"match": "builder.build", "reply": built},
    ]
    script = folder / "replies.json"
    script.write_text(json.dumps(lines))
    call(page, product, "PUT", "/v3/credentials/llm/scripted", {"values": {"script_path": str(script)}})
    made = str(call(page, product, "POST", "/api/workflows", {"file_extracts": [PEOPLE]})["workflow_id"])
    call(page, product, "POST", f"/api/workflows/{made}/messages", {"content": "put the months together"})
    page.goto(f"{product.address}/workflows/{made}")
    expect(page.get_by_text("To approve").first).to_be_visible()
    return made


def use_form(page: Page, product: Product, workflow: str, keep: str) -> None:
    settings = {"left_columns": ["customer"], "right_columns": ["customer"], "keep": keep}
    call(page, product, "POST", f"/api/workflows/{workflow}/form", {"operation": "merge", "settings": settings})


def next_version(page: Page, product: Product, workflow: str, *, keep: str) -> None:
    """A newer version that waits for approval."""
    call(page, product, "POST", f"/api/workflows/{workflow}/edit", {})
    use_form(page, product, workflow, keep)


def approve(page: Page, product: Product, workflow: str) -> None:
    version = read(page, product, workflow)["current_version"]
    seen = {"version_id": version["id"], "script_sha256": version["script_sha256"]}
    call(page, product, "POST", f"/api/workflows/{workflow}/approve", seen)


def bodies_sent(page: Page) -> list[str]:
    """Everything the page sends from now on, as text, but for uploaded files; it grows while the page is used."""
    sent: list[str] = []
    page.on("request", lambda request: sent.append((request.post_data_buffer or b"").decode("utf-8", "replace")))
    page.on("request", lambda request: sent.append(f"{request.method} {request.url}"))
    page.on("websocket", lambda socket: socket.on("framesent", lambda frame: sent.append(str(frame))))
    return sent


def posted(sent: list[str], product: Product) -> list[str]:
    """The addresses that something was posted to, uploaded files too."""
    start = f"POST {product.address}"
    return [each.removeprefix(start) for each in sent if each.startswith(start)]


def choose(page: Page, folder: Path, orders: str, people: str) -> None:
    """Give the form its two files."""
    for name, text in (("orders.csv", orders), ("people.csv", people)):
        file = folder / name
        file.write_text(text)
        page.get_by_label(f"File like {name}", exact=True).last.set_input_files(file)


def look(page: Page) -> None:
    page.get_by_role("button", name="Look at the script").click()
    expect(page.get_by_role("figure", name=re.compile("^Script of version"))).to_be_visible()
    page.get_by_role("button", name="I have looked at it, go on").click()


def export(page: Page, kind: str, folder: Path) -> str:
    page.get_by_role("button", name="Export").click()
    with page.expect_download() as download:
        page.get_by_role("menuitem", name=kind).click()
    file = folder / "exported"
    download.value.save_as(file)
    return file.read_text()


def menu(page: Page, entry: str) -> None:
    page.get_by_role("button", name=re.compile("^More for")).click()
    page.get_by_role("menuitem", name=entry).click()


def confirm(page: Page, word: str) -> None:
    """Say yes and wait until it is done: while the question is open, the page behind it is hidden from roles."""
    page.get_by_role("dialog").get_by_role("button", name=word, exact=True).click()
    expect(page.get_by_role("dialog")).to_have_count(0)


def tab(page: Page, name: str) -> None:
    page.get_by_role("tab", name=name, exact=True).click()
