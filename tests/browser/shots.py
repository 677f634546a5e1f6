"""Takes every screen's picture from a running Spadework: `python -m tests.browser.shots LINK FOLDER`.

LINK is the address with a sign-in, `http://ana%40example.com:PASSWORD@localhost:8765`. What is in the pictures is what
is in the account; nothing is changed there. Also prints what the browser complained about.
"""

import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit

from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser.conftest import CHROMIUM, SWITCHES, Complaints

SIZES = {"1440": (1440, 900), "1024": (1024, 768)}
SETTINGS = ("keys", "llms", "training", "budgets", "people", "api-keys", "sessions", "appearance")


def main(link: str, folder: Path) -> None:
    """Take all pictures, light and dark, in each size."""
    folder.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=SWITCHES)
        for size in SIZES:
            for scheme in ("light", "dark"):
                take(browser, link, folder, size, scheme)
        browser.close()


def take(browser: Browser, link: str, folder: Path, size: str, scheme: str) -> None:
    """Every screen in one size and appearance."""
    width, height = SIZES[size]
    context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme)  # type: ignore[arg-type]
    page = context.new_page()
    complaints = Complaints()
    base = sign_in(page, link)
    complaints.watch(page)
    for name, address in screens(page, base):
        page.goto(base + address)
        page.wait_for_load_state("networkidle")
        page.wait_for_timeout(400)
        page.screenshot(path=folder / f"{name}-{size}-{scheme}.png")
    for text in complaints.texts:
        sys.stdout.write(f"{size} {scheme}: {text}\n")
    context.close()


def sign_in(page: Page, link: str) -> str:
    """Sign in with the name and password of the link; the address without them."""
    parts = urlsplit(link)
    base = f"{parts.scheme}://{parts.hostname}:{parts.port}"
    page.goto(f"{base}/sign-in")
    page.get_by_label("E-mail").fill(unquote(parts.username or ""))
    page.get_by_label("Password").fill(unquote(parts.password or ""))
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("navigation", name="Main").wait_for()
    return base


def screens(page: Page, base: str) -> Iterator[tuple[str, str]]:
    """Names and addresses: the screens of the first client, with its newest of everything."""

    def first(address: str) -> list[dict[str, str]]:
        return page.request.get(f"{base}/v3/{address}").json()["data"]  # type: ignore[no-any-return]

    yield "clients", "/clients"
    for client in first("clients")[:1]:
        home = f"/c/{client['id']}"
        yield "workbooks", f"{home}/workbooks"
        yield "summary", f"{home}/workbooks?tab=summary"
        yield "begin", f"{home}/begin"
        yield "runs", f"{home}/runs"
        yield "spend", f"{home}/spend"
        yield "prompts", f"{home}/prompts"
        for name in ("edit", "versions", "fixtures", "assertions", "experiments", "labels"):
            yield f"prompt-{name}", f"{home}/prompts/find-lead.search-builder?tab={name}"
        for plan in first(f"plans?client_id={client['id']}")[:1]:
            yield "plan", f"{home}/plans/{plan['id']}"
        for run in first(f"runs?client_id={client['id']}&kind=fill_columns")[:1]:
            yield "run", f"{home}/runs/{run['id']}"
        for workbook in first(f"workbooks?client_id={client['id']}"):
            for table in page.request.get(f"{base}/v3/workbooks/{workbook['id']}").json()["tables"][:1]:
                fields = page.request.get(f"{base}/v3/tables/{table['id']}").json()["fields"]
                asked = [each["id"] for each in fields if each["is_computed"] and each["output_of"] is None]
                yield f"table-{workbook['name']}", f"{home}/tables/{table['id']}"
                for number, field in enumerate(asked, 1):
                    yield f"cell-{workbook['name']}-{number}", f"{home}/tables/{table['id']}?row=2&field={field}"
        yield from research(page, base, client["id"])
    yield "builder", "/builder"
    seen: set[str] = set()
    for workflow in page.request.get(f"{base}/api/workflows").json()["workflows"]:
        status = workflow["current_version"]["status"]
        if workflow["is_mine"] and status not in seen:
            seen.add(status)
            for tab in ("now", "files", "left"):
                yield f"builder-{status}-{tab}", f"/builder/{workflow['id']}?tab={tab}"
    for section in SETTINGS:
        yield f"settings-{section}", f"/settings/{section}"


def research(page: Page, base: str, client_id: str) -> Iterator[tuple[str, str]]:
    """The screens of research, with the client's newest run and dossier."""
    home = f"/c/{client_id}"
    for name in ("pipeline", "dossiers", "contacts", "claims", "batches", "client", "onboarding"):
        yield name, f"{home}/{name}"
    runs = page.request.get(f"{base}/v2/pipeline/runs?client_id={client_id}").json()
    for run in (runs.get("runs") or runs.get("data") or [])[:1]:
        yield "pipeline-run", f"{home}/pipeline/{run['id']}"
        yield "claims-of-run", f"{home}/claims?run={run['id']}"
    found = page.request.get(f"{base}/v2/dossiers?client_id={client_id}").json()
    for dossier in (found.get("dossiers") or found.get("data") or [])[:1]:
        yield "dossier", f"{home}/dossiers/{dossier['id']}"


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
