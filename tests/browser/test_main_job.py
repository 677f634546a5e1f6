"""The main job as a person does it: sign in, wizard, plan, approval, cells that fill, one cell's story, export."""

import csv
import io
import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import WAIT_MS, Complaints, Product

pytestmark = pytest.mark.browser


def test_from_the_first_link_to_the_exported_file(product: Product, browser: Browser, tmp_path: Path) -> None:
    context = browser.new_context(viewport={"width": 1440, "height": 900}, accept_downloads=True)
    page = context.new_page()
    page.set_default_timeout(WAIT_MS)
    complaints = Complaints()
    complaints.watch(page)

    sign_in(page, product)
    begin_workbook(page)
    approve(page)

    page.wait_for_url(re.compile(r"/tables?/"))
    loads = page.evaluate("performance.getEntriesByType('navigation').length")
    score = column_cells(page, "ICP score")
    expect(score.first).to_contain_text(re.compile(r"\d"))
    assert page.evaluate("performance.getEntriesByType('navigation').length") == loads, "cells fill without a reload"

    open_first_found_address(page)
    detail = page.get_by_role("dialog").or_(page.get_by_role("complementary")).last
    expect(detail).to_contain_text(re.compile("Hunter|Apollo"))
    expect(detail).to_contain_text(re.compile("simulated", re.IGNORECASE))
    page.keyboard.press("Escape")

    lines = export(page, tmp_path)
    assert len(lines) >= 30
    assert {line["State"] for line in lines} == {"California"}
    addresses = [line for line in lines if line["CEO work e-mail"]]
    assert addresses, "the waterfall found some"
    assert all(line["CEO work e-mail"].endswith(".example") for line in addresses)
    assert all(line["CEO work e-mail (simulated)"] == "simulated" for line in addresses)
    assert complaints.texts == []
    context.close()


def sign_in(page: Page, product: Product) -> None:
    page.goto(product.link)
    page.get_by_label("Your name").fill("Ana Example")
    page.get_by_label("E-mail").fill("ana@example.com")
    page.get_by_label("Password").fill("a long sentence is good here")
    page.get_by_label("Account name").fill("Example Agency")
    page.get_by_role("button", name="Create the account").click()
    page.get_by_role("button", name="Add client").first.click()
    page.get_by_label("Name", exact=True).fill("Northwind Example")
    page.keyboard.press("Enter")


def begin_workbook(page: Page) -> None:
    page.get_by_role("link", name="Begin workbook").or_(page.get_by_role("button", name="Begin workbook")).first.click()
    page.get_by_label("Workbook name").fill("California technology")
    page.get_by_text("Find companies", exact=True).first.click()
    page.get_by_role("button", name="Continue").click()
    for industry in ("Semiconductor", "Software", "Internet"):
        choose(page, "Industries", industry)
    choose(page, "Headquarters", "California")
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("button", name="Add ICP score and work e-mail").click()
    page.get_by_role("button", name="Continue").click()


def choose(page: Page, label: str, word: str) -> None:
    page.get_by_label(label).first.click()
    page.keyboard.type(word)
    page.get_by_role("option").first.wait_for()
    page.keyboard.press("Enter")
    page.keyboard.press("Escape")


def approve(page: Page) -> None:
    page.get_by_role("button", name=re.compile("plan", re.IGNORECASE)).last.click()
    page.wait_for_url(re.compile("/plans/"))
    page.get_by_role("button", name=re.compile("^Approve and run")).click()


def column_cells(page: Page, name: str):  # type: ignore[no-untyped-def]
    """Cells of the column in sight; the grid draws only what can be seen, so scroll to it first."""
    header = page.get_by_role("columnheader", name=re.compile(re.escape(name)))
    grid = page.get_by_role("grid")
    for _ in range(20):
        if header.count():
            break
        grid.hover()
        page.mouse.wheel(400, 0)
        page.wait_for_timeout(100)
    index = header.first.get_attribute("aria-colindex")
    return page.locator(f"[role=gridcell][aria-colindex='{index}']")


def open_first_found_address(page: Page) -> None:
    cell = column_cells(page, "CEO work e-mail").filter(has_text=".example").first
    expect(cell).to_be_visible()
    cell.click()
    page.keyboard.press("Space")


def export(page: Page, folder: Path) -> list[dict[str, str]]:
    with page.expect_download() as download:
        page.get_by_role("link", name="Export").or_(page.get_by_role("button", name="Export")).first.click()
        item = page.get_by_role("menuitem", name=re.compile("CSV"))
        if item.count():
            item.first.click()
    file = folder / "export.csv"
    download.value.save_as(file)
    return list(csv.DictReader(io.StringIO(file.read_text("utf-8"))))
