"""A dossier as people read it, and the client it is made for: quotes beside sentences, filters, files, onboarding."""

import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import APIRequestContext, Browser, BrowserContext, Page, expect

from tests.browser.conftest import PASSWORD, WAIT_MS, Complaints, Product

pytestmark = pytest.mark.browser
EXAMPLE = Path(__file__).parents[2] / "spadework" / "research" / "example" / "client.json"


@pytest.fixture(scope="module")
def inside(product: Product, browser: Browser) -> BrowserContext:
    """A browser of the first person, with a client and a finished dossier played from the recorded example."""
    context = browser.new_context(viewport={"width": 1440, "height": 900}, accept_downloads=True)
    token = product.link.partition("token=")[2]
    _post(context, product, "/v3/session/bootstrap", {
        "token": token, "email": "ana@example.com", "name": "Ana Example", "password": PASSWORD,
        "account_name": "Example Agency",
    })  # fmt: skip
    example = json.loads(EXAMPLE.read_text("utf-8"))
    example["industry_research"] = {
        name: value for name, value in example["industry_research"].items() if name != "timing_constraints"
    }
    client = _post(context, product, "/v2/clients", {"name": "Larch Controls", **example})
    run = _post(context, product, "/v2/pipeline/start", {"client_id": client["id"], "is_training": True}, key="begin")
    page = context.new_page()
    page.goto(f"{product.address}/c/{client['id']}/dossiers")
    row = page.get_by_role("row").filter(has_text="Kestrel Cold Storage")
    expect(row).to_contain_text("Ready")
    page.close()
    assert run["is_simulated"]
    return context


@pytest.fixture
def page(inside: BrowserContext) -> Any:
    """A tab that nothing may go wrong in."""
    opened = inside.new_page()
    opened.set_default_timeout(WAIT_MS)
    complaints = Complaints()
    complaints.watch(opened)
    yield opened
    opened.close()
    # A browser writes every refusal on its console; a conflict between two people is an answer, and one test's subject.
    assert [each for each in complaints.texts if "409 (Conflict)" not in each] == []


def test_a_sentence_of_a_finished_dossier_leads_to_its_quote_and_the_page_it_stands_in(
    page: Page, product: Product
) -> None:
    open_dossier(page, product)
    expect(page.get_by_text("Everything here is simulated.")).to_be_visible()
    evidence = page.get_by_role("complementary", name="Evidence")
    expect(evidence).to_contain_text("sentences lead back to a quote in 11 sources")

    sentence = page.get_by_role("button", name=re.compile("^The county requires continuous ammonia detection before"))
    sentence.hover()
    expect(evidence).to_contain_text("“")
    sentence.press("Enter")
    expect(sentence).to_have_attribute("aria-pressed", "true")
    link = evidence.get_by_role("link", name=re.compile("Chatham County permits"))
    expect(link).to_have_attribute("href", re.compile("^https://www.chathamcounty-permits.example/"))
    quote = evidence.locator("blockquote").first.inner_text().strip("“”")
    evidence.get_by_role("button", name="In its page").first.click()
    expect(evidence.locator("mark").first).to_have_text(quote)

    page.reload()
    expect(evidence).to_contain_text(quote)  # the address keeps the sentence that is held
    page.keyboard.press("Escape")
    expect(evidence).to_contain_text("In this dossier")


def test_a_claim_that_lost_against_a_better_source_is_marked_where_it_is_read(page: Page, product: Product) -> None:
    open_dossier(page, product)
    evidence = page.get_by_role("complementary", name="Evidence")
    page.get_by_role("button", name=re.compile("broke ground on a \\$148 million cold store in Pooler on 13")).click()
    expect(evidence).to_contain_text("Another source says otherwise.")
    expect(evidence).to_contain_text("$151,300,000")
    expect(evidence).to_contain_text("Official goes before Press.")


@pytest.mark.parametrize(
    ("entry", "ending", "opening"),
    [("Markdown", ".md", b"# Kestrel"), ("HTML", ".html", b"<!doctype html>"), ("PDF", ".pdf", b"%PDF"), ("JSON", ".json", b"{")],
)  # fmt: skip
def test_a_dossier_downloads_in_every_format(
    page: Page, product: Product, entry: str, ending: str, opening: bytes
) -> None:
    open_dossier(page, product)
    page.get_by_role("button", name="Export").click()
    with page.expect_download() as download:
        page.get_by_role("menuitem", name=re.compile(f"^{entry}")).click()
    assert download.value.suggested_filename == f"kestrel-cold-storage{ending}"
    assert Path(download.value.path()).read_bytes().startswith(opening)


def test_on_paper_a_dossier_has_its_text_and_quotes_and_nothing_of_the_frame(page: Page, product: Product) -> None:
    open_dossier(page, product)
    page.emulate_media(media="print")
    expect(page.get_by_role("heading", name="Kestrel Cold Storage")).to_be_visible()
    expect(
        page.get_by_text("“Leak detection").or_(page.get_by_text("“Kestrel Cold Storage broke ground")).first
    ).to_be_visible()
    expect(page.get_by_role("navigation", name="Main")).to_be_hidden()
    expect(page.get_by_role("complementary", name="Evidence")).to_be_hidden()
    assert page.evaluate("document.documentElement.scrollHeight > 3000"), "the text runs on instead of scrolling"


def test_contacts_are_filtered_opened_and_another_one_made_the_primary(page: Page, product: Product) -> None:
    page.goto(client_address(page, product, "contacts"))
    table = page.get_by_role("table", name="Contacts")
    expect(table.locator("tbody tr")).to_have_count(5)
    page.get_by_role("checkbox", name="Primary only").click()
    expect(table.locator("tbody tr")).to_have_count(1)
    expect(table).to_contain_text("Dana Whitfield")
    page.get_by_role("checkbox", name="Primary only").click()
    page.get_by_label("Search contacts").fill("procurement")
    expect(table.locator("tbody tr")).to_have_count(1)
    table.get_by_text("Priya Raman").click()
    detail = page.get_by_role("dialog")
    expect(detail).to_contain_text("@kestrelcold.example from apollo, valid")
    expect(detail).to_contain_text("Simulated")
    detail.get_by_role("button", name="Make primary").click()
    expect(detail.get_by_role("button", name="Make primary")).to_be_hidden()
    page.keyboard.press("Escape")
    page.get_by_label("Search contacts").fill("")
    page.get_by_role("checkbox", name="Primary only").click()
    expect(table.locator("tbody tr")).to_have_count(1)
    expect(table).to_contain_text("Priya Raman")


def test_claims_are_filtered_and_contradictions_stand_side_by_side_with_the_reason(
    page: Page, product: Product
) -> None:
    page.goto(client_address(page, product, "claims"))
    merged = page.get_by_role("table", name="Merged claims")
    expect(merged.locator("tbody tr")).to_have_count(50)
    page.get_by_label("Source", exact=True).select_option("GOV")
    page.get_by_label("Search claims").fill("construction value")
    expect(merged.locator("tbody tr")).to_have_count(1)
    merged.get_by_text("$151,300,000").click()
    detail = page.get_by_role("dialog")
    expect(detail).to_contain_text("“Declared construction value: $151,300,000.”")
    expect(detail).to_contain_text("Its origin")
    page.keyboard.press("Escape")

    page.get_by_role("tab", name=re.compile("^Raw")).click()
    raw = page.get_by_role("table", name="Raw claims")
    expect(raw.locator("tbody tr")).to_have_count(1)
    page.get_by_label("Source", exact=True).select_option("")
    page.get_by_label("Search claims").fill("")
    expect(raw.locator("tbody tr")).to_have_count(54)
    page.get_by_label("Section").select_option("STRATEGY")
    expect(raw.locator("tbody tr")).not_to_have_count(54)

    page.get_by_role("tab", name=re.compile("^Contradictions")).click()
    won = page.locator("section[data-won]")
    expect(won).to_contain_text("$151,300,000")
    expect(page.get_by_text("Kept, not preferred")).to_be_visible()
    expect(page.get_by_text("Official goes before Press.")).to_be_visible()


def test_a_client_is_onboarded_stage_by_stage_and_its_originals_stay(page: Page, product: Product) -> None:
    client = _post(page.context, product, "/v2/clients", {"name": "Harbor Fans"})
    page.goto(f"{product.address}/c/{client['id']}/client")
    page.get_by_role("button", name="Begin the onboarding").click()
    page.get_by_label("What does the client sell?").fill("Ventilation for cold stores")
    page.get_by_label("What shows that somebody is about to buy?").fill("A cold store is announced\nA fire permit")
    page.get_by_label("Whom does it talk to?").fill("plant engineer")
    page.get_by_role("button", name="Paste a text").click()
    page.get_by_label("Title of material 1").fill("Call of 3 March")
    page.get_by_label("Text of material 1").fill("They deliver within a week.")
    page.get_by_label("One a line").fill("norvent.example")
    page.get_by_role("button", name="Keep the intake and go on").click()

    expect(page.get_by_label("What it sells")).to_have_value("Ventilation for cold stores")
    page.get_by_label("Why it wins").fill("Delivers within a week")
    page.get_by_role("button", name="This is right, go on").click()

    weight = page.get_by_label("Weight, line 1")
    weight.fill("40")
    expect(page.get_by_text("Line 1: the weight is 0 to 25.")).to_be_visible()
    expect(page.get_by_role("button", name="Save the three configurations")).to_be_disabled()
    weight.fill("20")
    page.get_by_role("button", name="Save the three configurations").click()

    page.get_by_role("button", name="Finish the onboarding").click()
    expect(page.get_by_role("button", name="Make the first dossier")).to_be_visible()
    known = _get(page.context, product, f"/v2/clients/{client['id']}")
    assert (known["status"], known["do_not_call"]) == ("active", ["norvent.example"])
    assert known["icp_config"]["signals"][0] == {"name": "A cold store is announced", "tier": "warm", "weight": 20}
    assert all(each["refined"] is not None and each["original"] for each in known["configs"])
    stored = _get(page.context, product, f"/v2/clients/{client['id']}/onboardings")["data"][0]
    assert stored["materials"] == [{"title": "Call of 3 March", "text": "They deliver within a week."}]
    assert stored["intake"]["offer"] == "Ventilation for cold stores"


def test_an_onboarding_by_the_model_shows_each_stage_as_it_is_done_and_marks_the_example(
    page: Page, product: Product
) -> None:
    client = _post(page.context, product, "/v2/clients", {"name": "Quay Coolers"})
    page.goto(f"{product.address}/c/{client['id']}/onboarding")
    page.get_by_label("What does the client sell?").fill("Gas detection")
    page.get_by_role("button", name="Keep the intake and go on").click()
    page.get_by_role("button", name="Play the recorded example").click()
    expect(page.get_by_role("button", name="Make the first dossier")).to_be_visible()
    expect(page.get_by_text("Simulated").first).to_be_visible()
    known = _get(page.context, product, f"/v2/clients/{client['id']}")
    assert known["status"] == "active"
    assert {"icp_config", "industry_research", "research_context"} <= {each["kind"] for each in known["configs"]}


def test_a_batch_is_composed_costed_begun_and_leads_to_its_dossiers(page: Page, product: Product) -> None:
    page.goto(client_address(page, product, "batches"))
    page.get_by_label("Companies or hints").fill(
        "Kestrel Cold Storage, kestrelcold.example\nHarbor Foods | harbor.example"
    )
    expect(page.get_by_text("for 2 dossiers")).to_be_visible()
    page.get_by_role("button", name=re.compile("^Begin 2 dossiers")).click()
    table = page.get_by_role("table", name="Dossiers of this batch")
    expect(table.locator("tbody tr")).to_have_count(2)
    expect(table.get_by_text("Complete")).to_have_count(2)
    table.get_by_role("link", name="The dossier").first.click()
    expect(page.get_by_role("heading", level=1)).to_be_visible()


def test_a_batch_can_be_left_to_the_clock_and_taken_back(page: Page, product: Product) -> None:
    page.goto(client_address(page, product, "batches"))
    page.get_by_label("Companies or hints").fill("Alder Foods")
    page.get_by_label("Begin").select_option("weekly")
    page.get_by_role("button", name=re.compile("^Schedule 1 dossier")).click()
    schedules = page.get_by_role("table", name="Scheduled batches")
    expect(schedules).to_contain_text("Every Monday at 06:00 UTC")
    schedules.get_by_role("button", name=re.compile("no more$")).click()
    expect(schedules).to_be_hidden()


def test_saving_a_configuration_over_somebody_elses_change_is_refused_and_loses_neither(
    page: Page, product: Product
) -> None:
    client = _post(page.context, product, "/v2/clients", {"name": "Alder Pumps", "seed": {"mode": "discovery"}})
    page.goto(f"{product.address}/c/{client['id']}/client?part=seed")
    page.get_by_label("Begin with").select_option("seed")
    expect(page.get_by_text("Say which company or hint to begin with")).to_be_visible()
    page.get_by_label("Company or hint").fill("Kestrel Cold Storage")
    _put(page.context, product, f"/v2/clients/{client['id']}", {"seed": {"mode": "seed", "seed": "Harbor Foods"}})
    with page.expect_response(lambda reply: reply.status == 409):
        page.get_by_role("button", name=re.compile("^Save as version")).click()
    expect(page.get_by_text("Somebody saved a newer seed meanwhile.")).to_be_visible()
    expect(page.get_by_label("Company or hint")).to_have_value("Kestrel Cold Storage")
    page.get_by_role("button", name="Read the newer version").click()
    expect(page.get_by_label("Company or hint")).to_have_value("Harbor Foods")


def test_a_sentence_no_claim_supports_is_marked_in_the_dossier_and_says_why(
    page: Page, product: Product, tmp_path: Path
) -> None:
    client = _post(page.context, product, "/v2/clients", {"name": "Pine Valves"})
    shutil.copytree(EXAMPLE.parent / "replies", tmp_path / "script")
    writers = tmp_path / "script" / "6-writers.json"
    invented = "Kestrel will hire 900 welders in Pooler [MERGED_001]. Everybody there is glad."
    replies = json.loads(writers.read_text("utf-8"))
    replies[0]["reply"]["content"]["the_angle"] = invented
    writers.write_text(json.dumps(replies))
    script = {"values": {"script_path": str(tmp_path / "script")}}
    _put(page.context, product, "/v3/credentials/llm/scripted", script)
    start = {"client_id": client["id"], "is_training": True}
    _post(page.context, product, "/v2/pipeline/start", start, key="invented")

    page.goto(f"{product.address}/c/{client['id']}/dossiers")
    row = page.get_by_role("row").filter(has_text="Kestrel Cold Storage")
    expect(row).to_contain_text("Ready")
    row.click()
    expect(page.get_by_text("2 sentences of this dossier are supported by no claim.")).to_be_visible()
    expect(page.get_by_text("No claim supports this", exact=True)).to_have_count(2)
    page.get_by_role("button", name="Kestrel will hire 900 welders in Pooler.").click()
    evidence = page.get_by_role("complementary", name="Evidence")
    expect(evidence).to_contain_text("The claims this sentence names do not carry it.")
    expect(evidence).to_contain_text("900")
    page.get_by_role("button", name="Everybody there is glad.").click()
    expect(evidence).to_contain_text("This sentence names no claim.")


def open_dossier(page: Page, product: Product) -> None:
    page.goto(client_address(page, product, "dossiers"))
    page.get_by_role("row").filter(has_text="Kestrel Cold Storage").click()
    page.get_by_role("heading", name="Kestrel Cold Storage").wait_for()


def client_address(page: Page, product: Product, place: str) -> str:
    clients = _get(page.context, product, "/v2/clients")["data"]
    found = next(each["id"] for each in clients if each["name"] == "Larch Controls")
    return f"{product.address}/c/{found}/{place}"


def _get(context: BrowserContext, product: Product, path: str) -> Any:
    reply = context.request.get(product.address + path)
    assert reply.ok, reply.text()
    return reply.json()


def _post(context: BrowserContext, product: Product, path: str, body: Any, key: str = "") -> Any:
    return _send(context.request, "POST", product, path, body, key)


def _put(context: BrowserContext, product: Product, path: str, body: Any) -> Any:
    return _send(context.request, "PUT", product, path, body, "")


def _send(request: APIRequestContext, method: str, product: Product, path: str, body: Any, key: str) -> Any:
    headers = {"Origin": product.address} | ({"Idempotency-Key": key} if key else {})
    reply = request.fetch(product.address + path, method=method, data=body, headers=headers)
    assert reply.ok, reply.text()
    return reply.json()
