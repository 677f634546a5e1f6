"""The prompt workbench as a person uses it: write, run, change, see both, compare, and let production follow."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.conftest import PASSWORD, WAIT_MS, Complaints, Product, ask

pytestmark = pytest.mark.browser
ANA = {"email": "ana@example.com", "password": PASSWORD}
LINES = [
    {"match": "formally", "reply": "Good day, Ana."},
    {"match": "warmly", "reply": "Hi there, Ana!"},
    {"match": "three parts", "reply": "I would rather talk about myself."},
    {"match": "Greet", "reply": "Hello, Ana."},
]
"""What the scripted language model answers: the first line whose word stands in the prompt."""


def test_from_a_new_prompt_to_a_version_in_production(page: Page, product: Product, home: str, tmp_path: Path) -> None:
    complaints = Complaints()
    complaints.watch(page)
    begin_prompt(page)
    expect(page.get_by_text("No language model is set up, so nothing can answer")).to_be_visible()
    expect(page.get_by_role("button", name="Run with new input")).to_be_disabled()
    use_script(page, product, tmp_path)
    page.get_by_role("button", name="Use the simulated model").click()
    expect(page.get_by_text("No language model is set up")).to_have_count(0)

    run_with_new_input(page, "Ana")
    expect(region(page, "Now")).to_contain_text("Hello, Ana.")
    keep_fixture(page, "Ana's greeting")

    write(page, "Greet {{name}} warmly.")
    page.get_by_role("button", name="Show changes").click()
    changes = page.get_by_role("table", name="Difference line by line")
    expect(changes).to_contain_text("Greet {{name}}.")
    expect(changes).to_contain_text("Greet {{name}} warmly.")
    save(page, "Warmer", 2)

    page.get_by_role("button", name="Put this output away").click()
    page.get_by_role("button", name="Run with last input").click()
    expect(region(page, "Before")).to_contain_text("Hello, Ana.")
    expect(region(page, "Now")).to_contain_text("Hi there, Ana!")
    expect(region(page, "Input")).to_contain_text("Ana")

    require_words(page, "Good day")
    compare(page)
    expect(page.get_by_role("row", name=re.compile("^Passed"))).to_contain_text("0 of 1")
    expect(region(page, "Version 1")).to_contain_text("Hello, Ana.")
    expect(region(page, "Version 2")).to_contain_text("Hi there, Ana!")
    page.get_by_role("button", name="All experiments").click()

    ask_to_move(page, 2)
    gate = page.get_by_role("group", name="Gate of production")
    expect(gate).to_contain_text("0 of 1 cases passed all assertions")
    expect(gate.get_by_label("What fails")).to_contain_text("It does not hold 'Good day'")
    page.get_by_role("button", name="Approve and move").click()
    expect(page.get_by_text(re.compile("is protected and its gate is closed"))).to_be_visible()
    page.get_by_role("button", name="Reject").click()
    expect(page.get_by_role("button", name="Approve and move")).to_have_count(0)

    tab(page, "Edit and try")
    write(page, "Greet {{name}} formally.")
    save(page, "Formal", 3)
    ask_to_move(page, 3)
    expect(gate).to_contain_text("was not evaluated against the present assertions")
    gate.get_by_role("button", name="Evaluate version 3").click()
    expect(gate).to_contain_text("The gate is open.")
    page.get_by_role("button", name="Approve and move").click()
    labels = page.get_by_role("listitem").filter(has_text="production")
    expect(labels.first).to_contain_text("v3")
    # The browser notes the one refusal that the approver was shown.
    assert [each for each in complaints.texts if "409" not in each] == []


def test_two_who_save_the_same_prompt_lose_nothing(page: Page, product: Product, home: str) -> None:
    text = "Greet the reader.\nBe brief.\nSign with nothing."
    made = {"key": "shared", "name": "Shared", "stage": "FINAL", "text": text}
    call(page, product, "POST", "/v2/prompts", made)
    page.goto(f"{home}/prompts/shared")
    write(page, text.replace("Sign with nothing.", "Sign as Ana."))
    hers = {"base_version": 1, "text": text.replace("Greet the reader.", "Greet the reader twice.")}
    call(page, product, "PUT", "/v2/prompts/shared", hers)
    expect(page.get_by_text("Nothing of yours is lost: saving shows both")).to_be_visible()

    page.get_by_role("button", name="Save version").click()
    expect(page.get_by_text("so they can be joined as they are")).to_be_visible()
    page.get_by_role("button", name="Join both and go on").click()
    save(page, "Both", 3)
    joined = page.request.get(f"{product.address}/v2/prompts/shared/versions/3").json()
    assert joined["text"] == "Greet the reader twice.\nBe brief.\nSign as Ana.\n"


def test_a_branch_goes_into_main_with_a_persons_choice(page: Page, product: Product, home: str) -> None:
    made = {"key": "forked", "name": "Forked", "stage": "FINAL", "text": "Greet the reader.\nSign with nothing."}
    call(page, product, "POST", "/v2/prompts", made)
    page.goto(f"{home}/prompts/forked")
    write(page, "Welcome the reader.\nSign with nothing.")
    page.get_by_role("button", name="On a branch").click()
    page.get_by_label("Name of the branch").fill("welcome")
    page.get_by_role("button", name="Save on welcome").click()
    expect(page.get_by_text("Saved as version 2")).to_be_visible()
    main = {"base_version": 1, "text": "Address the reader.\nSign with nothing."}
    call(page, product, "PUT", "/v2/prompts/forked", main)

    tab(page, "Versions")
    page.get_by_role("button", name="Merge into main").click()
    expect(page.get_by_text("Both changed the same 1 place")).to_be_visible()
    merge = page.get_by_role("button", name="Merge into main")
    expect(merge).to_be_disabled()
    editor = page.get_by_role("textbox", name="Merged text")
    expect(editor).to_contain_text("<<<<<<<")
    editor.click()
    page.keyboard.press("Control+A")
    page.keyboard.insert_text("Address and welcome the reader.\nSign with nothing.")
    merge.click()
    expect(page.get_by_text("welcome is merged into main")).to_be_visible()
    merged = page.request.get(f"{product.address}/v2/prompts/forked").json()["current"]
    assert (merged["number"], merged["parent"], merged["merged"]) == (4, 3, 2)
    assert merged["text"] == "Address and welcome the reader.\nSign with nothing.\n"


def test_a_prompt_leaves_as_a_file_and_comes_in_again_changed(
    page: Page, product: Product, home: str, tmp_path: Path
) -> None:
    page.goto(f"{home}/prompts/find-lead.search-builder")
    page.get_by_role("button", name="More for this prompt").click()
    with page.expect_download() as download:
        page.get_by_role("menuitem", name="Export as a file").click()
    file = tmp_path / download.value.suggested_filename
    download.value.save_as(file)
    file.write_text(file.read_text().replace("# Task", "# What to do"))
    page.get_by_role("button", name="New, import and export").click()
    page.get_by_role("menuitem", name="Import files").click()
    page.get_by_label("Prompt files").set_input_files(file)
    page.get_by_role("button", name="Import 1 file").click()
    expect(page.get_by_text("New version")).to_be_visible()
    page.get_by_role("link", name="find-lead.search-builder, version 2").click()
    tab(page, "Versions")
    expect(page.get_by_role("table", name="Difference line by line")).to_contain_text("# What to do")


def test_what_cannot_be_sent_or_read_is_said_plainly(page: Page, product: Product, home: str, tmp_path: Path) -> None:
    use_script(page, product, tmp_path)
    call(page, product, "PATCH", f"/v3/clients/{home.rpartition('/')[2]}", {"llm": "scripted"})
    made = {
        "key": "strict", "name": "Strict", "stage": "FINAL", "text": "Answer {{question}} in three parts.",
        "inputs": [{"name": "question"}], "config": {"output_schema": {"type": "object", "required": ["answer"]}},
    }  # fmt: skip
    call(page, product, "POST", "/v2/prompts", made)
    page.goto(f"{home}/prompts/strict")
    write(page, "Answer {{qestion}} in three parts.")
    expect(page.get_by_text(re.compile("The text names “qestion”"))).to_be_visible()
    expect(page.get_by_role("button", name="Save version")).to_be_disabled()
    page.get_by_role("button", name="Discard").click()

    page.get_by_role("button", name="Run with new input").click()
    drawer = page.get_by_role("dialog")
    expect(drawer.get_by_role("button", name=re.compile("^Run"))).to_be_disabled()
    expect(drawer).to_contain_text("Still missing: question")
    drawer.get_by_label("question").fill("Who are you?")
    drawer.get_by_role("button", name=re.compile("^Run")).click()
    now = region(page, "Now")
    expect(now).to_contain_text("What was said instead is below")
    expect(now).to_contain_text("I would rather talk about myself.")


@pytest.fixture(scope="module")
def home(product: Product) -> str:
    """The address of the one client of a new account, whose first person is Ana."""
    token = product.link.partition("token=")[2]
    body = {"token": token, "name": "Ana Example", "account_name": "Example Agency", **ANA}
    cookie = ask(product, "/v3/session/bootstrap", body)[1]
    client, _ = ask(product, "/v3/clients", {"name": "Northwind Example"}, cookie)
    return f"{product.address}/c/{client['id']}"


@pytest.fixture
def page(browser: Browser, product: Product, home: str) -> Iterator[Page]:
    """A page with Ana signed in, on the list of prompts."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    opened = context.new_page()
    opened.set_default_timeout(WAIT_MS)
    opened.goto(f"{product.address}/sign-in")
    opened.get_by_label("E-mail").fill(ANA["email"])
    opened.get_by_label("Password").fill(ANA["password"])
    opened.get_by_role("button", name="Sign in").click()
    opened.get_by_role("navigation", name="Main").wait_for()
    opened.goto(f"{home}/prompts")
    yield opened
    context.close()


def call(page: Page, product: Product, method: str, path: str, body: Any) -> None:
    """One request as the person who is signed in."""
    headers = {"Sec-Fetch-Site": "same-origin"}
    answer = page.request.fetch(f"{product.address}{path}", method=method, data=body, headers=headers)
    assert answer.ok, answer.text()


def begin_prompt(page: Page) -> None:
    page.get_by_role("button", name="New, import and export").click()
    page.get_by_role("menuitem", name="New prompt").click()
    page.get_by_label("Name", exact=True).fill("Greeting")
    write(page, "Greet {{name}}.")
    page.get_by_role("button", name="Make the prompt").click()
    page.wait_for_url(re.compile("/prompts/greeting"))


def use_script(page: Page, product: Product, folder: Path) -> None:
    """Have the scripted language model play LINES."""
    script = folder / "script.json"
    script.write_text(json.dumps(LINES))
    call(page, product, "PUT", "/v3/credentials/llm/scripted", {"values": {"script_path": str(script)}})


def write(page: Page, text: str) -> None:
    """Replace what stands in the prompt's editor."""
    editor = page.get_by_role("textbox", name=re.compile("^Text of"))
    editor.click()
    page.keyboard.press("Control+A")
    page.keyboard.insert_text(text)
    expect(editor).to_contain_text(text.splitlines()[-1])


def save(page: Page, notes: str, number: int) -> None:
    page.get_by_label("What changed", exact=True).fill(notes)
    page.get_by_role("button", name="Save version").click()
    expect(page.get_by_label("Version", exact=True)).to_have_value(str(number))


def run_with_new_input(page: Page, name: str) -> None:
    page.get_by_role("button", name="Run with new input").click()
    drawer = page.get_by_role("dialog")
    drawer.get_by_label("name").fill(name)
    drawer.get_by_role("button", name=re.compile("^Run")).click()


def keep_fixture(page: Page, name: str) -> None:
    page.get_by_role("button", name="Save as fixture").click()
    page.get_by_label("Name of the fixture").fill(name)
    page.keyboard.press("Enter")
    expect(page.get_by_role("tab", name=re.compile("^Fixtures"))).to_contain_text("1")


def require_words(page: Page, words: str) -> None:
    tab(page, "Assertions")
    page.get_by_role("button", name="Add assertion").click()
    page.get_by_role("menuitem", name=re.compile("^Contains")).click()
    page.get_by_label("Value").fill(words)
    page.get_by_role("button", name="Save assertions").click()
    expect(page.get_by_text(re.compile("^Revision 1"))).to_be_visible()


def compare(page: Page) -> None:
    tab(page, "Experiments")
    page.get_by_role("button", name="Compare versions").first.click()
    page.get_by_role("button", name=re.compile("^Try 2 versions on 1 input")).click()
    page.wait_for_url(re.compile("/experiments/"))


def ask_to_move(page: Page, number: int) -> None:
    tab(page, "Labels")
    page.get_by_label("To", exact=True).select_option(str(number))
    page.get_by_role("button", name="Ask to move production").click()
    expect(page.get_by_role("button", name="Approve and move")).to_be_visible()


def tab(page: Page, name: str) -> None:
    page.get_by_role("tab", name=re.compile(f"^{name}")).click()


def region(page: Page, name: str) -> Locator:
    return page.get_by_role("region", name=name, exact=True)
