"""A table as people work in it: narrowing it down, typing into it while others change it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.conftest import PASSWORD, Product, ask, opened

pytestmark = pytest.mark.browser
TREES = ["Alder", "Beech", "Cedar", "Elm", "Fir", "Hazel", "Larch"]


@dataclass(frozen=True)
class Sheet:
    """A table of seven companies with their cities: its page, its API path, its default view."""

    page: str
    path: str
    view: str


@pytest.fixture(scope="module")
def ana(product: Product) -> tuple[str, str]:
    """The cookies of Ana, who owns the account, and the id of its one client."""
    token = product.link.partition("token=")[2]
    body = {"token": token, "name": "Ana Example", "account_name": "Example Agency", "email": "ana@example.com"}
    cookie = ask(product, "/v3/session/bootstrap", {**body, "password": PASSWORD})[1]
    return cookie, ask(product, "/v3/clients", {"name": "Northwind Example"}, cookie)[0]["id"]


@pytest.fixture
def sheet(product: Product, ana: tuple[str, str]) -> Sheet:
    cookie, client_id = ana
    book = ask(product, "/v3/workbooks", {"client_id": client_id, "name": "Leads"}, cookie)[0]
    table_id, view_id = book["default_table_id"], book["default_view_id"]
    for name in ("Company", "City"):
        ask(product, f"/v3/tables/{table_id}/fields", {"name": name, "kind": "text"}, cookie)
    rows = [{"cells": {"Company": tree, "City": "Oslo" if len(tree) > 4 else "Bergen"}} for tree in TREES]
    ask(product, f"/v3/tables/{table_id}/records", {"records": rows}, cookie)
    return Sheet(f"/c/{client_id}/tables/{table_id}", f"/v3/tables/{table_id}", view_id)


@pytest.fixture
def page(browser: Browser, product: Product, sheet: Sheet) -> Iterator[Page]:
    """Ana's tab, in which nothing may go wrong, with the table open."""
    for tab in opened(browser, product, "ana@example.com"):
        tab.goto(sheet.page)
        expect(cell(tab, "Larch")).to_be_visible()
        yield tab


def cell(page: Page, text: str) -> Locator:
    return page.get_by_role("gridcell", name=text, exact=True)


def companies(page: Page) -> Locator:
    return page.get_by_role("gridcell", name=re.compile(f"^({'|'.join(TREES)})$"))


def stored(page: Page, sheet: Sheet) -> list[list[Any]]:
    """The rows as the server has them, in order: company and city."""
    fields = {each["name"]: str(each["no"]) for each in page.request.get(sheet.path).json()["fields"]}
    rows = page.request.get(f"{sheet.path}/views/{sheet.view}/records").json()["rows"]
    return [[row["values"].get(fields["Company"]), row["values"].get(fields["City"])] for row in rows]


def test_a_rule_being_built_outlasts_the_ones_that_are_applied_beside_it(page: Page) -> None:
    page.get_by_role("button", name="Filter", exact=True).click()
    flyout = page.get_by_role("dialog", name="Filters")
    flyout.get_by_role("button", name="Add a rule").click()
    first = flyout.get_by_label("Value").first
    first.fill("e")
    flyout.get_by_role("button", name="And", exact=True).click()
    expect(companies(page)).to_have_text(["Alder", "Beech", "Cedar", "Elm", "Hazel"])
    expect(flyout.get_by_label("Value")).to_have_count(2)
    # Emptied to be typed anew: the rule does not go while it is being changed.
    first.fill("")
    expect(companies(page)).to_have_text(TREES)
    expect(flyout.get_by_label("Value")).to_have_count(2)
    first.fill("l")
    flyout.get_by_label("Value").last.fill("r")
    expect(companies(page)).to_have_text(["Alder", "Larch"])


def test_a_filter_that_is_taken_back_is_gone_from_the_flyout_too(page: Page) -> None:
    page.get_by_role("button", name="Filter", exact=True).click()
    flyout = page.get_by_role("dialog", name="Filters")
    flyout.get_by_role("button", name="Add a rule").click()
    flyout.get_by_label("Column").select_option(label="City")
    flyout.get_by_label("Value").fill("Bergen")
    expect(companies(page)).to_have_text(["Elm", "Fir"])
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Back to the view as saved").click()
    expect(companies(page)).to_have_text(TREES)
    page.get_by_role("button", name="Filter", exact=True).click()
    expect(flyout.get_by_text("All rows are shown.")).to_be_visible()


def test_what_is_looked_for_may_be_typed_slowly_changed_and_taken_back(page: Page) -> None:
    box = page.get_by_label("Find in the table")
    box.press_sequentially("lar", delay=300)
    expect(companies(page)).to_have_text(["Larch"])
    expect(box).to_have_value("lar")
    box.fill("")
    expect(companies(page)).to_have_text(TREES)


def test_what_is_typed_lands_in_its_own_row_though_rows_above_it_go_meanwhile(page: Page, sheet: Sheet) -> None:
    cell(page, "Elm").dblclick()
    editor = page.get_by_label("Edit Company")
    editor.fill("Elm and Sons")
    gone = page.request.get(f"{sheet.path}/views/{sheet.view}/records").json()["rows"][0]["row_id"]
    headers = {"Sec-Fetch-Site": "same-origin"}
    assert page.request.delete(f"{sheet.path}/records", data={"row_ids": [gone]}, headers=headers).ok
    expect(cell(page, "Alder")).to_have_count(0)
    with page.expect_response(lambda reply: reply.request.method == "PATCH"):
        editor.press("Enter")
    expect(cell(page, "Elm and Sons")).to_be_visible()
    expect(cell(page, "Fir")).to_be_visible()
    assert [name for name, _ in stored(page, sheet)] == ["Beech", "Cedar", "Elm and Sons", "Fir", "Hazel", "Larch"]
