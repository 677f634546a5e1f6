"""A dossier watched as it is made: begun in training mode, filling live, its input beside its output, replayed."""

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import WAIT_MS, Complaints, Product
from tests.browser.test_main_job import sign_in

pytestmark = pytest.mark.browser
STEPS = 14
_OPENED = "performance.getEntriesByType('navigation').length"


@pytest.fixture(scope="module")
def page(product: Product, browser: Browser) -> Page:
    """Signed in, with a client, at its pipeline."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    page = context.new_page()
    page.set_default_timeout(WAIT_MS)
    sign_in(page, product)
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Pipeline").click()
    expect(page.get_by_role("heading", name="Pipeline", exact=True)).to_be_visible()
    return page


def test_without_a_model_the_page_says_what_is_missing_and_offers_training(page: Page) -> None:
    expect(page.get_by_text("A real run cannot start yet.")).to_be_visible()
    expect(page.get_by_text("No language model is set up.")).to_be_visible()
    expect(page.get_by_text("No search engine is set up.")).to_be_visible()
    page.get_by_role("radio", name="Real run").click()
    expect(page.get_by_role("button", name=re.compile("^Start"))).to_be_disabled()
    page.get_by_role("radio", name="Training").click()
    expect(page.get_by_role("button", name=re.compile("^Start"))).to_be_enabled()


def test_a_seed_that_is_no_json_object_is_refused_beside_it(page: Page) -> None:
    page.get_by_role("radio", name="JSON").click()
    page.get_by_label("Seed", exact=True).fill('{"company": ')
    expect(page.get_by_role("alert")).to_contain_text("This is not JSON yet")
    page.get_by_label("Seed", exact=True).fill("[1]")
    expect(page.get_by_role("alert")).to_contain_text("Write an object")
    expect(page.get_by_role("button", name=re.compile("^Start"))).to_be_disabled()
    page.get_by_role("radio", name="Text").click()


def test_a_run_fills_while_it_is_watched_and_every_value_leads_back(page: Page) -> None:
    complaints = Complaints()
    complaints.watch(page)
    opened = page.evaluate(_OPENED)
    page.get_by_label("Company").fill("Kestrel Cold Storage")
    page.get_by_role("button", name=re.compile("^Start")).click()
    page.wait_for_url(re.compile(r"/pipeline/[0-9a-f-]{36}"))

    expect(_nodes(page)).to_have_count(STEPS)
    expect(page.locator("[data-node][data-state=running]").first).to_be_visible()
    expect(page.locator("[data-node][data-state=succeeded]")).to_have_count(STEPS)
    expect(page.get_by_text(f"{STEPS} of {STEPS} steps")).to_be_visible()
    assert page.evaluate(_OPENED) == opened, "the steps turned without a reload"

    page.locator("[data-node='3-entity-research']").click()
    detail = page.get_by_role("article", name="Entity research", exact=True)
    given, gave = detail.get_by_role("region", name="Input"), detail.get_by_role("region", name="Output")
    expect(given.get_by_role("list", name="Input variables")).to_contain_text("for_entity")
    expect(gave).to_contain_text("narrative")
    left, right = given.bounding_box(), gave.bounding_box()
    assert left is not None and right is not None
    assert left["x"] + left["width"] <= right["x"] and abs(left["y"] - right["y"]) < 2, "beside each other"
    expect(detail).to_contain_text("Simulated")
    expect(detail).to_contain_text("scripted-small")
    given.get_by_role("tab", name="Interpolated prompt").click()
    expect(given).to_contain_text("# Role")
    gave.get_by_role("tab", name="Raw output").click()
    expect(gave).to_contain_text('"narrative"')
    given.get_by_role("tab", name="Input variables").click()

    given.get_by_role("link", name="company comes from 2-signal-discovery").click()
    expect(page).to_have_url(re.compile("step=2-signal-discovery"))
    expect(page.get_by_role("article", name="Signal discovery", exact=True)).to_contain_text("2-signal-discovery")
    page.get_by_role("article").get_by_role("link", name=re.compile("^pages comes from")).click()
    expect(page.get_by_role("article", name="Signal discovery: pages read")).to_be_visible()

    run = page.url
    page.get_by_role("link", name="Dossier", exact=True).click()
    expect(page).to_have_url(re.compile("/dossiers/[0-9a-f-]{36}"))
    expect(page.locator("main")).to_contain_text("Kestrel Cold Storage")
    page.goto(run)
    assert complaints.texts == []


def test_a_person_who_is_one_of_many_is_reached_by_keyboard(page: Page) -> None:
    page.locator("[data-node='6.2-enrich-contact']").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("article")).to_have_attribute("data-step", "6.2-enrich-contact:1")
    parts = page.get_by_role("list", name="Parts of Enrich contact")
    expect(parts.get_by_role("heading")).to_have_count(5)
    parts.get_by_role("button", name=re.compile("Pages read")).last.press("Enter")
    expect(page.get_by_role("article")).to_have_attribute("data-step", "6.2-enrich-contact_web_research:5")


def test_a_step_taken_again_with_an_override_stands_beside_the_old_one(page: Page) -> None:
    page.locator("[data-node='9-dossier-plan']").click()
    page.get_by_role("button", name="Re-run").click()
    page.get_by_role("button", name="Change insights").click()
    page.get_by_label("insights", exact=True).fill("[")
    expect(page.get_by_role("button", name=re.compile("^Re-run and compare"))).to_be_disabled()
    page.get_by_label("insights", exact=True).fill("[]")
    page.get_by_role("button", name=re.compile("^Re-run and compare")).click()
    page.wait_for_url(re.compile("/comparison"))
    expect(page.get_by_role("heading", name="Old beside new")).to_be_visible()
    expect(page.get_by_role("article", name="Dossier plan")).to_be_visible()
    expect(page.get_by_role("group", name="Old and new output")).to_contain_text("section_routing")
    page.get_by_role("link", name="New step").click()
    expect(page.get_by_role("article").get_by_text("Override")).to_be_visible()


def test_a_prompt_is_replayed_over_the_past_run_and_compared(page: Page) -> None:
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Pipeline").click()
    page.get_by_role("button", name="Replay a prompt").click()
    page.get_by_label("Prompt", exact=True).select_option("writer.intro")
    page.get_by_role("button", name=re.compile("^Replay 1 run")).click()
    page.wait_for_url(re.compile("/replays/"))
    expect(page.get_by_role("table", name="Runs of this replay").get_by_text("Complete")).to_be_visible()
    expect(page.locator("main")).to_contain_text(re.compile(r"writer\.intro v\d"))
    page.get_by_role("table", name="Runs of this replay").get_by_text("Dossier: Kestrel Cold Storage").click()
    page.wait_for_url(re.compile("/comparison"))
    expect(page.get_by_role("button", name=re.compile("Intro"))).to_be_visible()


def test_the_list_of_runs_is_live_and_a_cancelled_run_can_be_resumed(page: Page) -> None:
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Pipeline").click()
    page.get_by_label("Company").fill("A second company")
    page.get_by_role("button", name=re.compile("^Start")).click()
    page.get_by_role("button", name="Cancel", exact=True).click()
    expect(page.get_by_role("button", name="Resume")).to_be_visible()
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Pipeline").click()
    row = page.get_by_role("table", name="Dossier runs").get_by_role("row", name=re.compile("A second company"))
    expect(row).to_contain_text("Stopped")
    row.get_by_role("button", name="Resume").click()
    expect(row).to_contain_text("Complete")
    expect(row).to_contain_text(f"{STEPS} of {STEPS}")


def _nodes(page: Page):  # type: ignore[no-untyped-def]
    return page.locator("[data-node]")
