"""The Builder as a person uses it: files approved, a task said, a script built, repaired, tried, approved and changed; nothing of a row leaves."""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect

from tests.browser import builder_story as story
from tests.browser.builder_model import BuilderModel, served
from tests.browser.builder_page import (
    Wire,
    add,
    approve,
    approve_all,
    assert_nothing_left,
    choose,
    held,
    invented,
    ledger,
    message,
    own,
    run_on_own_files,
    saved,
    say,
    steps,
    tab,
    what_leaves,
)
from tests.browser.conftest import WAIT_MS, Complaints, Product
from tests.extracts import making

pytestmark = [pytest.mark.browser, pytest.mark.timeout(280)]
ANA = {"email": "ana@example.com", "password": "a long sentence is good here"}


def test_from_three_files_to_an_approved_script_and_no_byte_of_a_row_leaves(
    page: Page, product: Product, model: BuilderModel, tmp_path: Path
) -> None:
    complaints, wire = Complaints(), Wire()
    complaints.watch(page)
    wire.watch(page)
    add(page, *story.write_files(tmp_path).values())
    expect(message(page)).to_be_disabled()
    approve_all(page, 3)
    exact = what_leaves(page)
    say(page, story.TASK)

    page.get_by_role("button", name=story.ANSWER).click()
    expect(steps(page)).to_contain_text("Repair 1 of 3")
    expect(steps(page)).to_contain_text("KeyError in line")
    expect(invented(page)).to_contain_text("Passed")
    run_on_own_files(page)
    assert saved(page, own(page), story.MERGING) == story.as_csv(story.MERGED)
    page.get_by_role("button", name="Approve this script").click()
    expect(page.get_by_text("Approved, version 1")).to_be_visible()

    page.get_by_role("button", name="Edit as version 2").first.click()
    say(page, story.CHANGE)
    expect(page.get_by_text("Version 2 waits for your approval")).to_be_visible()
    expect(invented(page)).to_contain_text("Passed")
    run_on_own_files(page)
    assert saved(page, own(page), "regions.csv") == story.as_csv(story.TOTALS)
    page.get_by_role("button", name="Approve this script").click()
    expect(page.get_by_text("Approved, version 2")).to_be_visible()

    assert model.asked == ["validate", "clarify", "clarify", "build", "repair", "clarify", "build"]
    entries = ledger(page, product)
    assert exact.encode() == entries[0][1]
    assert [body for url, body in wire.posted if url.endswith("/api/workflows")] == [exact.encode()]
    assert model.bodies == [content for where, content in entries if where == "to_llm"]
    assert_nothing_left(product, wire, model, [content for _, content in entries], but="ordered_on")
    assert complaints.texts == []


def test_what_a_person_changed_is_what_leaves_and_the_script_still_finds_the_real_columns(
    page: Page, product: Product, model: BuilderModel, tmp_path: Path
) -> None:
    wire = Wire()
    wire.watch(page)
    secret = tmp_path / "Zwyxqvorb salaries.csv"
    secret.write_text("Zwyxqvorb_pay,Qhjtkplum_key,plain\n70913355,81122946,one\n", encoding="utf-8")
    add(page, secret)
    page.get_by_label("Leaves under the name").fill("pay.csv")
    page.get_by_label("Name of column 1", exact=True).fill("pay")
    page.get_by_role("button", name="Withhold Qhjtkplum_key").click()
    page.get_by_role("button", name="Blank the samples of plain").click()
    approve(page)
    sent = json.loads(what_leaves(page))["file_extracts"][0]
    assert (sent["filename"], sent["columns"], sent["withheld"]) == ("pay.csv", ["pay", "plain"], 1)
    assert sent["sample_rows"] == [["########", ""]]

    model.answers["clarify"] = lambda prompt: {"needs_clarification": False, "question": None, "suggestions": []}
    model.answers["build"] = lambda prompt: story.paying()
    say(page, "Copy the pay column")
    expect(invented(page)).to_contain_text("Passed")
    run_on_own_files(page)
    assert saved(page, own(page), "copy.csv") == "Zwyxqvorb_pay\n70913355\n"
    assert_nothing_left(product, wire, model, [content for _, content in ledger(page, product)], but="pay.csv")


def test_a_failure_on_real_files_goes_back_masked_and_only_when_a_person_says_so(
    page: Page, model: BuilderModel, tmp_path: Path
) -> None:
    wire = Wire()
    wire.watch(page)
    file = tmp_path / "amounts.csv"
    file.write_text("amount\n12\nZwyxqvorb\n", encoding="utf-8")
    add(page, file)
    approve(page)
    model.answers["clarify"] = lambda prompt: {"needs_clarification": False, "question": None, "suggestions": []}
    model.answers["build"] = lambda prompt: story.adding(strict=True)
    model.answers["repair"] = lambda prompt: story.adding(strict=False)
    say(page, "Add up the amounts")
    expect(invented(page)).to_contain_text("Passed")
    run_on_own_files(page, "Failed")
    expect(own(page)).to_contain_text("Zwyxqvorb")
    shown = own(page).locator("pre").filter(has_text='"exception"').inner_text()
    assert json.loads(shown)["exception"] == "ValueError"
    assert "Zwyxqvorb" not in shown
    before = len(model.bodies)
    own(page).get_by_role("button", name="Send the masked error to the builder").click()
    expect(steps(page)).to_contain_text("Repair 1 of 3")
    expect(invented(page)).to_contain_text("Passed")
    assert len(model.bodies) == before + 1
    (reported,) = [json.loads(body) for url, body in wire.posted if "/tests" in url and b'"real"' in body]
    assert reported["failure"] == json.loads(shown)
    run_on_own_files(page)
    assert not any(b"Zwyxqvorb" in each for each in [*wire.sent, *model.bodies])


def test_a_task_no_script_can_do_is_rejected_with_its_reason_and_a_way_on(page: Page, tmp_path: Path) -> None:
    add(page, story.write_files(tmp_path)["orders"])
    approve(page)
    say(page, "Write a poem about these orders")
    expect(page.get_by_role("heading", name="A script cannot do this")).to_be_visible()
    expect(page.get_by_text("A script cannot write poems.").first).to_be_visible()
    expect(message(page)).to_be_disabled()
    tab(page, "What left")
    expect(page.get_by_role("table", name="What left")).to_contain_text("To the language model")
    page.get_by_role("button", name="Edit as version 2").first.click()
    expect(message(page)).to_be_enabled()


def test_two_tabs_on_one_workflow_show_the_same_and_only_one_message_is_taken(
    page: Page, context: BrowserContext, model: BuilderModel, tmp_path: Path
) -> None:
    other = asked_in_two_tabs(page, context, tmp_path)
    expect(message(page)).to_be_focused()
    expect(other.get_by_role("button", name=story.ANSWER)).to_be_visible()
    answered, go_on = held(model, "clarify")
    message(page).fill("First tab")
    page.keyboard.press("Enter")
    assert answered.wait(30)
    expect(other.get_by_text("First tab")).to_be_visible()
    expect(message(other)).to_have_attribute("placeholder", "Waiting for the answer…")
    expect(message(other)).to_be_disabled()
    expect(other.get_by_text("Being read", exact=True)).to_be_visible()
    address = page.url.replace("/builder/", "/api/workflows/").partition("?")[0] + "/messages"
    headers = {"Sec-Fetch-Site": "same-origin", "Idempotency-Key": "second-tab"}
    refused = other.request.post(address, data={"content": "Second tab"}, headers=headers)
    assert (refused.status, refused.json()["error"]["code"]) == (409, "conflict")
    go_on.set()
    expect(page.get_by_text("What should happen to orders")).to_have_count(2)
    expect(message(page)).to_be_focused()
    expect(other.get_by_text("What should happen to orders")).to_have_count(2)
    other.close()


def test_shift_enter_breaks_the_line_and_a_message_waits_for_every_approval(page: Page, tmp_path: Path) -> None:
    expect(message(page)).to_have_attribute("placeholder", "Add a file first.")
    paths = story.write_files(tmp_path)
    add(page, paths["orders"], paths["customers"])
    expect(message(page)).to_have_attribute("placeholder", "Approve what leaves of each file first.")
    expect(page.get_by_text("Nothing has left. 2 files of 2 still need your approval.")).to_be_visible()
    page.keyboard.press("a")
    expect(page.get_by_role("list", name="Files").get_by_text("Approved")).to_have_count(1)
    expect(message(page)).to_be_disabled()
    page.keyboard.press("a")
    expect(message(page)).to_be_focused()
    page.get_by_role("button", name="Merge these files by the column they share").click()
    message(page).press("End")
    message(page).press("Shift+Enter")
    page.keyboard.type("and sort them")
    expect(message(page)).to_have_value("Merge these files by the column they share\nand sort them")
    page.get_by_label("Name of column 1", exact=True).fill("order_number")
    expect(message(page)).to_be_disabled()


def test_files_that_cannot_be_read_say_why_and_are_never_approved(page: Page, tmp_path: Path) -> None:
    bad = {
        "damaged.xlsx": (b"PK\x03\x04 this is no workbook", "damaged"),
        "locked.xlsx": (making.encrypted_workbook(), "needs a password"),
        "bomb.xlsx": (making.zipped({"xl/worksheets/sheet1.xml": bytes(200_000_000)}), "unpacks to"),
        "empty.csv": (b"", "empty"),
        "program.exe": (b"MZ\x00\x01", "cannot be read"),
    }
    for name, (content, _) in bad.items():
        (tmp_path / name).write_bytes(content)
    good = story.write_files(tmp_path)["orders"]
    choose(page, *(tmp_path / name for name in bad), good)
    chips = page.get_by_role("list", name="Files")
    expect(chips.get_by_text("Failed")).to_have_count(len(bad))
    expect(chips.get_by_text("Ready to review")).to_have_count(1)
    page.get_by_role("button", name="Approve all").click()
    expect(chips.get_by_text("Approved")).to_have_count(1)
    expect(message(page)).to_have_attribute("placeholder", "Remove the file that could not be read, or try it again.")
    for name, (_, why) in bad.items():
        chips.get_by_role("button", name=re.compile(f"^{re.escape(name)}")).click()
        expect(
            page.get_by_text(re.compile(rf"{why}.* Nothing of this \.\w+ file has left\.", re.DOTALL))
        ).to_be_visible()
        expect(page.get_by_role("button", name="Approve", exact=True)).to_be_disabled()
        page.get_by_role("button", name=f"Remove {name}").click()
    expect(message(page)).to_be_enabled()
    choose(page, good)
    expect(page.get_by_text("“orders.csv” is here already and was not added again.")).to_be_visible()


def test_a_header_that_looks_like_data_needs_a_persons_word(page: Page, tmp_path: Path) -> None:
    file = tmp_path / "bare.csv"
    file.write_text("Zwyxqvorb,70913355\nQhjtkplum,81122946\nVrrgneast,12345678\n", encoding="utf-8")
    add(page, file)
    expect(page.get_by_text("The first row looks like data")).to_be_visible()
    expect(page.get_by_role("button", name="Approve", exact=True)).to_be_disabled()
    page.get_by_role("button", name="It is data: mask it").click()
    expect(page.get_by_label("Name of column 1", exact=True)).to_have_value("column_1")
    approve(page)
    text = what_leaves(page)
    assert not [each for each in story.CANARIES if each in text]


def test_a_file_that_changes_after_its_approval_is_not_run_until_it_is_chosen_again(
    page: Page, model: BuilderModel, tmp_path: Path
) -> None:
    file = tmp_path / "amounts.csv"
    file.write_text("amount\n12\n30\n", encoding="utf-8")
    add(page, file)
    approve(page)
    model.answers["clarify"] = lambda prompt: {"needs_clarification": False, "question": None, "suggestions": []}
    model.answers["build"] = lambda prompt: story.adding(strict=False)
    say(page, "Add up the amounts")
    expect(invented(page)).to_contain_text("Passed")
    file.write_text("amount\n12\n30\n58\n", encoding="utf-8")
    own(page).get_by_role("button", name="Run on my files").click()
    expect(own(page).get_by_role("alert")).to_contain_text("changed or was moved after it was added")
    own(page).locator("input[type=file]").set_input_files(file)
    expect(own(page)).to_contain_text("“amounts.csv” changed since its extract was approved")
    run_on_own_files(page)
    expect(own(page)).to_contain_text("Total: 100")


def test_after_a_minute_of_building_the_page_stops_asking_and_still_hears_the_end(
    page: Page, model: BuilderModel, tmp_path: Path
) -> None:
    page.clock.install()
    add(page, story.write_files(tmp_path)["orders"])
    approve(page)
    model.answers["clarify"] = lambda prompt: {"needs_clarification": False, "question": None, "suggestions": []}
    model.answers["build"] = lambda prompt: story.adding(strict=False)
    asked, go_on = held(model, "build")
    say(page, "Add up the amounts")
    assert asked.wait(30)
    expect(page.get_by_role("heading", name="Writing the script")).to_be_visible()
    page.clock.fast_forward(61_000)
    expect(page.get_by_text("so this page no longer asks each second")).to_be_visible()
    polls: list[str] = []
    page.on("request", lambda request: polls.append(request.url) if request.method == "GET" else None)
    # News of the build may still come in; a page that goes on asking does so in every stretch.
    for _ in range(3):
        polls.clear()
        page.wait_for_timeout(4_000)
        if not (asks := [each for each in polls if re.search(r"/api/workflows/wf_\w+$", each)]):
            break
    assert asks == []
    page.get_by_role("tab", name=re.compile("^What was sent")).click()
    page.get_by_role("tab", name="Build").click()
    page.get_by_role("button", name="Look again").click()
    expect(page.get_by_text("so this page no longer asks each second")).to_have_count(0)
    page.clock.fast_forward(61_000)
    expect(page.get_by_text("so this page no longer asks each second")).to_be_visible()
    go_on.set()
    expect(page.get_by_role("heading", name="Test on invented files")).to_be_visible()


def test_a_page_loaded_anew_has_the_figures_of_a_test_and_makes_its_files_again(
    page: Page, model: BuilderModel, tmp_path: Path
) -> None:
    build_sum(page, model, tmp_path, story.adding(strict=False))
    expect(invented(page)).to_contain_text("Passed")
    expect(steps(page)).to_contain_text("Tested on invented files")
    page.reload()
    expect(steps(page)).to_contain_text("Tested on invented files")
    expect(invented(page)).to_contain_text("The files it made stayed in the tab that tested it.")
    invented(page).get_by_role("button", name="Test again").click()
    expect(invented(page)).to_contain_text("result.md")


def test_a_yes_waits_for_the_test_and_a_script_that_never_ends_is_stopped(
    page: Page, model: BuilderModel, tmp_path: Path
) -> None:
    build_sum(page, model, tmp_path, story.one_file("amounts", "print('begun')\nwhile True:\n    pass\n", None))
    expect(invented(page).get_by_text("begun", exact=True)).to_be_visible()
    expect(page.get_by_role("button", name="Approve this script")).to_be_disabled()
    invented(page).get_by_role("button", name="Stop").click()
    expect(invented(page)).to_contain_text("You stopped the test. Nothing was sent.")
    page.get_by_role("button", name="Approve without a passed test").click()
    expect(page.get_by_text("It was approved without a passed test.")).to_be_visible()


def test_a_workflow_that_was_put_away_is_taken_up_again_where_it_was_made(
    page: Page, product: Product, model: BuilderModel, tmp_path: Path
) -> None:
    build_sum(page, model, tmp_path, story.adding(strict=False))
    expect(invented(page)).to_contain_text("Passed")
    address = page.url.replace("/builder/", "/api/workflows/").partition("?")[0]
    assert page.request.post(f"{address}/archive", data={}, headers={"Sec-Fetch-Site": "same-origin"}).ok
    expect(page.get_by_role("heading", name="The workflow is put away")).to_be_visible()
    page.get_by_role("button", name="Edit as version 2").first.click()
    expect(message(page)).to_be_enabled()


def test_words_refused_because_another_tab_was_first_stay_and_the_refusal_goes_when_they_may_be_sent(
    page: Page, context: BrowserContext, model: BuilderModel, tmp_path: Path
) -> None:
    other = asked_in_two_tabs(page, context, tmp_path)
    late: list[Route] = []

    def hold(route: Route) -> None:
        late.append(route)

    other.route("**/messages", hold)
    say(other, "Second tab")
    asked, go_on = held(model, "clarify")
    say(page, "First tab")
    assert asked.wait(30)
    late[0].continue_()
    refusal = other.get_by_text("is still being answered")
    expect(refusal).to_be_visible()
    go_on.set()
    expect(message(other)).to_be_enabled()
    expect(message(other)).to_have_value("Second tab")
    expect(refusal).to_have_count(0)
    other.close()


def test_how_a_file_was_read_is_said_and_leaving_the_page_with_it_is_asked(page: Page, tmp_path: Path) -> None:
    file = tmp_path / "prices.csv"
    file.write_bytes("item;größe\nA;1,5\n".encode("cp1252"))
    add(page, file)
    for name, read in (("Encoding", "Encoding: cp1252"), ("Delimiter", "Delimiter: semicolon")):
        assert page.get_by_label(name).locator("option:checked").inner_text() == read
    asked: list[str] = []
    page.once("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    page.evaluate("setTimeout(() => location.reload())")
    page.wait_for_function("() => true")
    expect(page.get_by_role("list", name="Files").get_by_text("Ready to review")).to_be_visible()
    assert asked == ["beforeunload"]


def test_a_form_makes_the_workflow_where_no_model_answers(
    page: Page, product: Product, no_model: None, tmp_path: Path
) -> None:
    paths = story.write_files(tmp_path)
    page.reload()
    expect(page.get_by_role("radio", name="Form")).to_be_checked()
    add(page, paths["orders"], paths["customers"])
    approve_all(page, 2)
    merge = page.get_by_role("radio", name="Merge two files by a column")
    merge.click()
    merge.press("ArrowRight")
    expect(merge).not_to_be_checked()
    page.keyboard.press("ArrowLeft")
    expect(merge).to_be_checked()
    expect(merge).to_be_focused()
    page.get_by_role("group", name="Suggested columns").get_by_role(
        "button", name=re.compile("customer_id = ")
    ).first.click()
    page.get_by_role("button", name="Make the workflow").click()
    expect(invented(page)).to_contain_text("Passed")
    run_on_own_files(page)
    expect(own(page)).to_contain_text("Zwyxqvorb")
    page.get_by_role("radio", name="Chat").click()
    expect(message(page)).to_be_disabled()
    expect(page.get_by_role("button", name="Add a language model")).to_be_visible()


def asked_in_two_tabs(page: Page, context: BrowserContext, folder: Path) -> Page:
    """A workflow whose question waits for its answer; its second tab."""
    add(page, story.write_files(folder)["orders"])
    approve(page)
    say(page, story.TASK)
    expect(page.get_by_role("button", name=story.ANSWER)).to_be_visible()
    other = context.new_page()
    other.set_default_timeout(WAIT_MS)
    other.goto(page.url)
    return other


def build_sum(page: Page, model: BuilderModel, folder: Path, built: Mapping[str, Any]) -> None:
    """A workflow over one small file, which the model builds at once as it is told here."""
    file = folder / "amounts.csv"
    file.write_text("amount\n12\n30\n", encoding="utf-8")
    add(page, file)
    approve(page)
    model.answers["clarify"] = lambda prompt: {"needs_clarification": False, "question": None, "suggestions": []}
    model.answers["build"] = lambda prompt: built
    say(page, "Add up the amounts")


@pytest.fixture(scope="module")
def model(product: Product) -> Iterator[BuilderModel]:
    """A language model on this machine."""
    with served(BuilderModel(story.ANSWERS)) as serving:
        yield serving


@pytest.fixture(autouse=True)
def as_told(model: BuilderModel) -> None:
    """Each test begins with the story's own answers."""
    model.answers = dict(story.ANSWERS)
    model.bodies.clear()
    model.asked.clear()


@pytest.fixture(scope="module")
def account(browser: Browser, product: Product, model: BuilderModel) -> Any:
    """Ana, signed in, with the model's address among the credentials; her cookies."""
    context = browser.new_context()
    asked = context.request
    headers = {"Sec-Fetch-Site": "same-origin"}
    token = product.link.partition("token=")[2]
    body = {"token": token, "name": "Ana Example", "account_name": "Example Agency", **ANA}
    assert asked.post(f"{product.address}/v3/session/bootstrap", data=body, headers=headers).ok
    values = {"values": {"api_key": "loopback"}, "base_url": model.url}
    assert asked.put(f"{product.address}/v3/credentials/llm/openai", data=values, headers=headers).ok
    state = context.storage_state()
    context.close()
    return state


@pytest.fixture
def context(browser: Browser, account: Any) -> Iterator[BrowserContext]:
    """A browser of Ana's."""
    made = browser.new_context(viewport={"width": 1440, "height": 900}, storage_state=account, accept_downloads=True)
    yield made
    made.close()


@pytest.fixture
def page(context: BrowserContext, product: Product) -> Page:
    """The Builder, empty."""
    opened = context.new_page()
    opened.set_default_timeout(WAIT_MS)
    opened.goto(f"{product.address}/builder")
    opened.get_by_role("heading", name="Drop one example of each kind of file").wait_for()
    return opened


@pytest.fixture
def no_model(page: Page, product: Product, model: BuilderModel) -> Iterator[None]:
    """For one test there is no language model."""
    headers = {"Sec-Fetch-Site": "same-origin"}
    address = f"{product.address}/v3/credentials/llm/openai"
    assert page.request.delete(address, headers=headers).ok
    yield
    values = {"values": {"api_key": "loopback"}, "base_url": model.url}
    assert page.request.put(address, data=values, headers=headers).ok
