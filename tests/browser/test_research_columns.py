"""Research inside a table: a column of dossiers, a column that asks with a prompt of the registry, and who may only look."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import PASSWORD, Product, ask, opened

pytestmark = pytest.mark.browser
PROMPT = {
    "key": "columns.fit", "name": "Fit of a company", "stage": "columns",
    "text": "Does {{company}} run cold stores?{{#if domain}} Its site is {{domain}}.{{/if}}",
    "inputs": [{"name": "company"}, {"name": "domain", "is_required": False}],
}  # fmt: skip


@dataclass(frozen=True)
class Leads:
    """The addresses of a client and of its table of one company, in a workbook in training mode."""

    home: str
    table: str


@pytest.fixture(scope="module")
def leads(product: Product) -> Leads:
    """An account with Ana, who owns it, and Vera, who may only look."""
    token = product.link.partition("token=")[2]
    body = {
        "token": token, "name": "Ana Example", "account_name": "Example Agency", "email": "ana@example.com",
        "password": PASSWORD,
    }  # fmt: skip
    ana = ask(product, "/v3/session/bootstrap", body)[1]
    vera = {"email": "vera@example.com", "password": PASSWORD, "name": "Vera Example", "role": "viewer"}
    ask(product, "/v3/users", vera, ana)
    client = ask(product, "/v3/clients", {"name": "Larch Controls", "llm": "scripted"}, ana)[0]
    book = ask(product, "/v3/workbooks", {"client_id": client["id"], "name": "Leads", "is_training": True}, ana)[0]
    table = f"/v3/tables/{book['tables'][0]['id']}"
    for name in ("Company", "Domain"):
        ask(product, f"{table}/fields", {"name": name, "kind": "text"}, ana)
    row = {"Company": "Kestrel Cold Storage", "Domain": "kestrelcold.example"}
    ask(product, f"{table}/records", {"records": [{"cells": row}]}, ana)
    ask(product, "/v2/prompts", PROMPT, ana)
    home = f"/c/{client['id']}"
    return Leads(home, f"{home}/tables/{book['tables'][0]['id']}")


@pytest.fixture
def page(browser: Browser, product: Product, leads: Leads) -> Iterator[Page]:
    """Ana's tab, in which nothing may go wrong."""
    yield from opened(browser, product, "ana@example.com")


@pytest.fixture
def looking(browser: Browser, product: Product, leads: Leads) -> Iterator[Page]:
    """Vera's tab, in which nothing may go wrong either."""
    yield from opened(browser, product, "vera@example.com")


def add_column(page: Page, kind: str, name: str) -> None:
    page.get_by_role("button", name="Add column").focus()
    page.keyboard.press("Enter")
    page.get_by_label("Search columns and sources").fill(kind)
    page.keyboard.press("Enter")
    page.get_by_placeholder("Name of the column").fill(name)


def run_column(page: Page) -> None:
    page.get_by_role("button", name="Add the column").click()
    page.get_by_role("button", name="Run first 10").click()


def open_cell(page: Page, leads: Leads, product: Product, kind: str) -> None:
    fields = page.request.get(f"/v3{leads.table.removeprefix(leads.home)}").json()["fields"]
    chosen = next(each["id"] for each in fields if each["kind"] == kind and each["output_of"] is None)
    page.goto(f"{leads.table}?row=1&field={chosen}")


def test_a_dossier_column_fills_its_cell_leads_to_the_dossier_and_its_people_are_rows(
    page: Page, leads: Leads, product: Product
) -> None:
    page.goto(leads.table)
    add_column(page, "dossier", "Dossier")
    drawer = page.get_by_role("dialog")
    expect(drawer).to_contain_text("Researched for Larch Controls")
    expect(drawer.get_by_label("Company", exact=True).first).to_have_value("{{Company}}")
    drawer.get_by_role("button", name="Make a table “People”").click()
    expect(drawer.get_by_label("Its people become rows of").locator("option:checked")).to_have_text("People")
    run_column(page)
    signal = page.get_by_role("gridcell", name=re.compile("Kestrel breaks ground"))
    expect(signal).to_contain_text("89")

    open_cell(page, leads, product, "dossier")
    page.get_by_role("link", name="Open the dossier").click()
    page.wait_for_url(re.compile("/dossiers/"))
    expect(page.get_by_role("heading", name="Kestrel Cold Storage", exact=True)).to_be_visible()
    books = page.request.get("/v3/workbooks").json()["data"]
    people = next(each for book in books for each in book["tables"] if each["name"] == "People")
    page.goto(f"{leads.home}/tables/{people['id']}")
    expect(page.get_by_text("Dana Whitfield")).to_be_visible()


def test_an_ai_column_asks_with_a_prompt_of_the_registry_and_its_cell_names_the_version(
    page: Page, leads: Leads, product: Product
) -> None:
    page.goto(leads.table)
    add_column(page, "AI", "Fit")
    drawer = page.get_by_role("dialog")
    drawer.get_by_label("Prompt", exact=True).fill("Is {{Company}} large?")
    drawer.get_by_role("radio", name="From Prompts").click()
    drawer.get_by_label("Prompt", exact=True).select_option("columns.fit")
    expect(drawer.get_by_label("Version", exact=True)).to_have_value("latest")
    expect(drawer.get_by_label("company", exact=True)).to_have_value("{{Company}}")
    drawer.get_by_label("domain", exact=True).select_option("")
    run_column(page)
    expect(page.get_by_text("Fill Fit in Companies is complete")).to_be_visible()

    open_cell(page, leads, product, "ai")
    detail = page.get_by_role("dialog")
    expect(detail).to_contain_text("columns.fit · latest, version 1")
    expect(detail).to_contain_text("Does ⟦company⟧ run cold stores?")
    field = next(
        each
        for each in page.request.get(f"/v3{leads.table.removeprefix(leads.home)}").json()["fields"]
        if each["kind"] == "ai" and each["output_of"] is None
    )
    chosen = {"prompt_key": "columns.fit", "prompt_label": "latest", "variables": {"company": "{{Company}}"}}
    assert field["settings"] == chosen


def test_somebody_who_may_only_look_is_offered_nothing_that_writes(looking: Page, leads: Leads) -> None:
    writes = re.compile("^(Make|Start|Add|New|Save|Run|Begin|Go on|Replay|Re-run|Import|Cancel|Retry)", re.IGNORECASE)
    offered: list[str] = []
    for place in ("pipeline", "dossiers", "batches", "contacts", "claims", "client"):
        looking.goto(f"{leads.home}/{place}")
        expect(looking.get_by_role("main").get_by_role("heading").first).to_be_visible()
        looking.wait_for_load_state("networkidle")
        enabled = looking.get_by_role("main").get_by_role("button", name=writes, disabled=False).all_inner_texts()
        offered += [f"{place}: {each}" for each in enabled]
    assert offered == []
    looking.goto(f"{leads.home}/onboarding")
    expect(looking.get_by_role("heading", name="You may not see this")).to_be_visible()
