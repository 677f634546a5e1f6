"""Finished workflows as people use them: read, approved, run on files of this machine, compared, shared, sent on."""

import asyncio
import json
import os
import re
import zipfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from spadework.accounts.actions import accounts
from spadework.app import open_app
from spadework.core import config
from tests.browser.conftest import PASSWORD, WAIT_MS, Complaints, Product, ask
from tests.browser.workflow_hands import (
    LOCAL,
    NOTED,
    approve,
    bodies_sent,
    call,
    choose,
    confirm,
    export,
    look,
    make_by_conversation,
    make_merge,
    menu,
    next_version,
    posted,
    read,
    tab,
)

pytestmark = pytest.mark.browser
ORDERS_FILE = "order,day,client,amount\nA1,05/01/2024,Kestrelmoor,10.50\nA2,06/01/2024,Birch,20\nA3,,Cedar,1\n"
PEOPLE_FILE = "customer,city\nKestrelmoor,Oslo\nBirch,Bergen\n"
# The form's script puts the header of the person's own file back over the column it knew as `customer`.
MERGED = (
    "\ufefforder,day,client,amount,city\r\nA1,05/01/2024,Kestrelmoor,10.50,Oslo\r\nA2,06/01/2024,Birch,20,Bergen\r\n"
)
CANARY = "Kestrelmoor"
"""A value that stands in the files and nowhere else."""

Open = Callable[[str], Page]


def test_an_approved_script_runs_here_and_its_result_leaves_only_when_it_is_sent(
    enter: Open, product: Product, tmp_path: Path
) -> None:
    page = enter("ana")
    complaints = Complaints()
    complaints.watch(page)
    sent = bodies_sent(page)
    workflow = make_merge(page, product, keep="matching")

    page.goto(f"{product.address}/workflows")
    card = page.get_by_role("article", name="Merge by customer")
    expect(card).to_contain_text("To approve")
    card.get_by_role("button", name="Review").click()
    version = read(page, product, workflow)["current_version"]
    expect(page.get_by_text(version["script_sha256"])).to_be_visible()
    expect(page.get_by_text(re.compile("found nothing unusual"))).to_be_visible()
    expect(page.get_by_role("figure", name="Script of version 1")).to_contain_text("def merge_tables")
    page.get_by_role("button", name="Approve version 1").click()
    expect(page.get_by_role("button", name="Approve version 1")).to_have_count(0)

    tab(page, "Run")
    run = page.get_by_role("button", name="Run", exact=True)
    expect(run).to_be_disabled()
    choose(page, tmp_path, ORDERS_FILE, PEOPLE_FILE)
    expect(page.get_by_text("Say which column is meant by “customer”.")).to_be_visible()
    page.get_by_label("Column meant by customer in File like orders.csv").select_option("client")
    expect(page.get_by_text(re.compile("--rename left_file:customer=client"))).to_be_visible()
    run.click()
    expect(page.get_by_text(re.compile("5 rows in, 2 rows out"))).to_be_visible()
    expect(page.get_by_role("group", name="Beginning of merged.csv")).to_contain_text("Bergen")
    with page.expect_download() as download:
        page.get_by_role("button", name="Download merged.csv").click()
    kept = tmp_path / "result.csv"
    download.value.save_as(kept)
    assert kept.read_bytes() == MERGED.encode()

    tab(page, "History")
    row = page.get_by_role("table", name="Runs").get_by_role("row").nth(1)
    for words in ("Done", "5", "2", "Browser", "Ana Example"):
        expect(row).to_contain_text(words)
    told = [f"/api/workflows/{workflow}{part}" for part in ("/approve", "/runs")]

    tab(page, "Run")
    page.get_by_role("button", name="Send to a table").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Workbook", exact=True).select_option("new")
    dialog.get_by_label("Name of the workbook").fill("Deliveries")
    dialog.get_by_label("Name of the table").fill("Weekly")
    expect(dialog).to_contain_text("2 rows leave this browser for your Spadework server")
    expect(dialog).to_contain_text("the new table “Weekly” of the new workbook “Deliveries”")
    assert [body for body in sent if CANARY in body] == []
    assert posted(sent, product) == told
    dialog.get_by_role("button", name="Send 2 rows").click()
    expect(dialog).to_contain_text("All rows are in the table.")
    assert "/v3/imports/preview" in posted(sent, product)
    dialog.get_by_role("link", name="Open Weekly").click()
    page.wait_for_url(re.compile("/tables/"))
    expect(page.get_by_text("Bergen")).to_be_visible()
    assert complaints.texts == []


def test_a_second_result_updates_the_rows_of_a_table_by_a_key_and_adds_the_rest(
    enter: Open, product: Product, tmp_path: Path
) -> None:
    page = enter("ana")
    workflow = make_merge(page, product, keep="left")
    approve(page, product, workflow)
    page.goto(f"{product.address}/workflows/{workflow}")
    people = "customer,city\nBirch,Bergen\n"
    first = "order,day,customer,amount\nA1,05/01/2024,Birch,10\nA2,06/01/2024,Birch,20\n"
    _send_result(page, tmp_path, first, people)
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Workbook", exact=True).select_option("new")
    dialog.get_by_label("Name of the workbook").fill("By key")
    dialog.get_by_label("Name of the table").fill("Orders by key")
    dialog.get_by_role("button", name="Send 2 rows").click()
    expect(dialog).to_contain_text("All rows are in the table.")
    opened = dialog.get_by_role("link", name="Open Orders by key").get_attribute("href")
    dialog.get_by_role("button", name="Close").last.click()

    _send_result(
        page, tmp_path, first.replace("A1,05/01/2024,Birch,10", "A3,07/01/2024,Birch,30").replace(",20", ",25"), people
    )
    dialog.get_by_label("Workbook", exact=True).select_option(label="By key")
    dialog.get_by_label("Table", exact=True).select_option(label="Orders by key · 2 rows")
    dialog.get_by_text("Update by a key, add the rest").click()
    expect(dialog).to_contain_text("Choose the key by which rows are told apart.")
    expect(dialog.get_by_role("button", name="Send 2 rows")).to_be_disabled()
    dialog.get_by_label("Key", exact=True).select_option(label="order")
    dialog.get_by_role("button", name="Send 2 rows").click()
    expect(dialog).to_contain_text("All rows are in the table.")
    table = f"/v3/tables/{str(opened).rpartition('/tables/')[2].partition('?')[0]}"
    found = page.request.get(f"{product.address}{table}").json()
    names = {str(each["no"]): each["name"] for each in found["fields"]}
    records = page.request.get(f"{product.address}{table}/views/{found['views'][0]['id']}/records").json()["rows"]
    rows = [{names[key]: value for key, value in each["values"].items() if key in names} for each in records]
    assert sorted((each["order"], float(each["amount"])) for each in rows) == [("A1", 10), ("A2", 25), ("A3", 30)]


def _send_result(page: Page, folder: Path, orders: str, people: str) -> None:
    """Run over these files, and ask for the result to be sent."""
    choose(page, folder, orders, people)
    page.get_by_role("button", name="Run", exact=True).click()
    page.get_by_role("button", name="Send to a table").click()


def test_older_runs_are_shown_when_they_are_asked_for(enter: Open, product: Product) -> None:
    page = enter("ana")
    workflow = make_merge(page, product, keep="all")
    approve(page, product, workflow)
    version = read(page, product, workflow)["active_version"]

    def report(number: int) -> None:
        counts = {"seconds": 1, "rows_in": number, "rows_out": number, "files_out": 1}
        ran = {"version_id": version["id"], "script_sha256": version["script_sha256"], "runner": "local"}
        call(page, product, "POST", f"/api/workflows/{workflow}/runs", {**ran, **counts, "success": True})

    for number in range(1, 53):
        report(number)
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route(re.compile(r"/runs\?cursor=.+"), hold, times=1)
    page.goto(f"{product.address}/workflows/{workflow}?tab=history")
    rows = page.get_by_role("table", name="Runs").get_by_role("row")
    expect(rows).to_have_count(51)
    with page.expect_request(re.compile(r"/runs\?cursor=.+")):
        page.get_by_role("button", name="Show older runs").click()
    # News that comes while the older page is on its way fetches the list again; what was asked for still comes.
    report(53)
    expect(rows.nth(1).get_by_role("cell").nth(1)).to_have_text("53")
    held[0].continue_()
    expect(rows).to_have_count(54)
    expect(page.get_by_role("button", name="Show older runs")).to_have_count(0)
    assert [rows.nth(at).get_by_role("cell").nth(1).inner_text() for at in range(1, 54)] == [
        str(number) for number in range(53, 0, -1)
    ]


def test_a_failed_run_keeps_the_masked_error_and_a_cancelled_one_nothing(
    enter: Open, product: Product, tmp_path: Path
) -> None:
    page = enter("ana")
    workflow = make_merge(page, product, keep="all")
    approve(page, product, workflow)
    sent = bodies_sent(page)
    page.goto(f"{product.address}/workflows/{workflow}")
    choose(page, tmp_path, ORDERS_FILE.replace("client", CANARY), PEOPLE_FILE)
    page.get_by_label("Column meant by customer in File like orders.csv").select_option(
        label="Not in the file, run anyway"
    )
    page.get_by_role("button", name="Run", exact=True).click()
    expect(page.get_by_role("heading", name="It failed")).to_be_visible()
    expect(page.get_by_text(re.compile(f"has no column 'customer'.*{CANARY}", re.DOTALL)).first).to_be_visible()
    expect(page.get_by_text(re.compile(r"^ValueError in line \d+: "))).to_be_visible()
    tab(page, "History")
    expect(page.get_by_role("table", name="Runs").get_by_role("row").nth(1)).to_contain_text("ValueError in line")
    assert [body for body in sent if CANARY in body] == []

    tab(page, "Run")
    long = "order,day,customer,amount\n" + "".join(f"A{n},05/01/2024,Birch,{n}\n" for n in range(300_000))
    choose(page, tmp_path, long, PEOPLE_FILE)
    page.get_by_role("button", name="Run", exact=True).click()
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_role("heading", name="Cancelled")).to_be_visible()
    assert len(read(page, product, workflow, "/runs")["runs"]) == 1


def test_a_shared_workflow_is_read_before_it_is_run_and_stays_inside_its_account(enter: Open, product: Product) -> None:
    ana, ben = enter("ana"), enter("ben")
    workflow = make_merge(ana, product, keep="left")
    approve(ana, product, workflow)
    address = f"{product.address}/workflows/{workflow}"
    ben.goto(address)
    expect(ben.get_by_role("heading", name="Not found")).to_be_visible()

    ana.goto(address)
    ana.get_by_role("button", name=re.compile("^More for")).click()
    ana.get_by_role("menuitem", name="Share in this account").click()
    expect(ana.get_by_text("Shared in this account")).to_be_visible()

    ben.goto(f"{product.address}/workflows?whose=shared")
    card = ben.get_by_role("article").filter(has_text="Shared by Ana Example")
    card.get_by_role("button", name="Run").click()
    expect(ben.get_by_role("heading", name="Ana Example made this script")).to_be_visible()
    expect(ben.get_by_role("button", name="Run", exact=True)).to_have_count(0)
    look(ben)
    expect(ben.get_by_role("button", name="Run", exact=True)).to_be_visible()
    expect(ben.get_by_role("button", name="Edit")).to_have_count(0)
    ben.reload()
    expect(ben.get_by_role("button", name="Run", exact=True)).to_be_visible()
    ben.goto(f"{product.address}/builder/{workflow}")
    expect(ben.get_by_role("heading", name="Ana Example made this workflow")).to_be_visible()
    ben.get_by_role("button", name="Open the workflow").click()
    expect(ben.get_by_role("button", name="Run", exact=True)).to_be_visible()

    next_version(ana, product, workflow, keep="right")
    approve(ana, product, workflow)
    ben.reload()
    expect(ben.get_by_role("heading", name="Ana Example made this script")).to_be_visible()
    expect(ben.get_by_role("button", name="Run", exact=True)).to_have_count(0)

    zoe = enter("zoe")
    zoe.goto(f"{product.address}/workflows")
    expect(zoe.get_by_role("heading", name="No workflows yet")).to_be_visible()
    zoe.goto(address)
    expect(zoe.get_by_role("heading", name="Not found")).to_be_visible()
    for path in ("", "/versions", "/runs"):
        assert zoe.request.get(f"{product.address}/api/workflows/{workflow}{path}").status == 404


def test_two_versions_stand_side_by_side_and_leave_as_files(enter: Open, product: Product, tmp_path: Path) -> None:
    page = enter("ana")
    workflow = make_merge(page, product, keep="matching")
    approve(page, product, workflow)
    next_version(page, product, workflow, keep="all")
    page.goto(f"{product.address}/workflows/{workflow}?tab=versions")
    changes = page.get_by_role("table", name="Difference line by line")
    expect(changes).to_contain_text("'keep': 'matching'")
    expect(changes).to_contain_text("'keep': 'all'")
    expect(page.get_by_text("1 line changed")).to_be_visible()
    page.get_by_role("button", name="Swap the sides").click()
    expect(page).to_have_url(re.compile("left=2"))

    page.get_by_role("button", name="Script of version 1").click()
    expect(page.get_by_role("figure", name="Script of version 1")).to_be_visible()
    script = export(page, "A .py file", tmp_path)
    compile(script, "script.py", "exec")
    first = read(page, product, workflow)["active_version"]
    assert "merge_tables" in script
    taken = json.loads(export(page, "workflow.json", tmp_path))
    assert taken["format"] == "spadework-workflow/1"
    assert taken["script_sha256"] == first["script_sha256"]
    assert taken["execution"]["script"] == first["execution"]["script"]


def test_a_version_approved_elsewhere_is_never_run_under_the_persons_hands(
    enter: Open, product: Product, tmp_path: Path
) -> None:
    page = enter("ana")
    workflow = make_merge(page, product, keep="matching")
    approve(page, product, workflow)
    page.goto(f"{product.address}/workflows/{workflow}")
    choose(page, tmp_path, ORDERS_FILE.replace("client", "customer"), PEOPLE_FILE)
    run = page.get_by_role("button", name="Run", exact=True)
    expect(run).to_be_enabled()
    next_version(page, product, workflow, keep="all")
    approve(page, product, workflow)
    expect(page.get_by_text("Version 2 was approved while you were here.")).to_be_visible()
    expect(run).to_be_disabled()
    page.get_by_role("button", name="Use version 2").click()
    run.click()
    expect(page.get_by_text(re.compile("5 rows in, 3 rows out"))).to_be_visible()


def test_two_who_approve_at_once_approve_the_same_script_once(enter: Open, product: Product) -> None:
    one, other = enter("ana"), enter("ana")
    workflow = make_merge(one, product, keep="matching")
    for page in (one, other):
        page.goto(f"{product.address}/workflows/{workflow}?tab=script")
        expect(page.get_by_role("button", name="Approve version 1")).to_be_visible()
    # Both have said yes before either yes arrives: the one page would hear of the other's and take its button away.
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    for page in (one, other):
        page.route("**/approve", hold)
        page.get_by_role("button", name="Approve version 1").click()
    while len(held) < 2:
        one.wait_for_timeout(20)
    for each in held:
        each.continue_()
    for page in (one, other):
        expect(page.get_by_role("button", name="Approve version 1")).to_have_count(0)
        expect(page.get_by_text("Ready to run").first).to_be_visible()
    versions = read(one, product, workflow, "/versions")["versions"]
    assert [(each["version"], each["status"], each["is_active"]) for each in versions] == [(1, "approved", True)]


def test_a_script_that_changed_since_it_was_shown_is_not_approved(enter: Open, product: Product) -> None:
    page = enter("ana")
    workflow = make_merge(page, product, keep="matching")
    page.goto(f"{product.address}/workflows/{workflow}?tab=script")
    expect(page.get_by_role("button", name="Approve version 1")).to_be_visible()
    # What a page goes on showing that no news has reached since.
    stale = read(page, product, workflow)
    page.route(
        f"**/api/workflows/{workflow}", lambda route: route.fulfill(json=stale) if route.request.method == "GET" else route.continue_()
    )  # fmt: skip
    next_version(page, product, workflow, keep="all")
    page.get_by_role("button", name="Approve version 1").click()
    expect(page.get_by_text("Could not approve version 1")).to_be_visible()
    assert [each["is_active"] for each in read(enter("ana"), product, workflow, "/versions")["versions"]] == [
        False,
        False,
    ]


def test_names_labels_and_putting_away_work_where_the_workflow_stands(enter: Open, product: Product) -> None:
    page = enter("ana")
    workflow = make_merge(page, product, keep="matching")
    page.goto(f"{product.address}/workflows/{workflow}")
    page.get_by_role("button", name="Change name").click()
    page.keyboard.press("Escape")
    expect(page.get_by_role("heading", name="Merge by customer")).to_be_visible()
    page.get_by_role("button", name="Change name").click()
    page.get_by_role("textbox", name="Name").fill("Delivery plan")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Delivery plan")).to_be_visible()
    page.get_by_role("button", name="Add label").click()
    page.get_by_role("combobox", name="Label").or_(page.get_by_role("textbox", name="Label")).fill("logistics")
    with page.expect_response(lambda reply: reply.request.method == "PATCH" and reply.ok):
        page.keyboard.press("Enter")

    page.goto(f"{product.address}/workflows?label=logistics")
    expect(page.get_by_role("article")).to_have_count(1)
    page.get_by_label("Search workflows").fill("no such thing")
    expect(page.get_by_role("heading", name="No workflow fits")).to_be_visible()
    page.get_by_label("Search workflows").fill("delivery")
    expect(page.get_by_role("article", name="Delivery plan")).to_be_visible()

    menu(page, "Archive")
    confirm(page, "Archive")
    expect(page.get_by_role("article", name="Delivery plan")).to_have_count(0)
    page.get_by_label("Status", exact=True).select_option("archived")
    expect(page.get_by_role("article", name="Delivery plan")).to_be_visible()
    menu(page, "Edit")
    page.wait_for_url(re.compile(f"/builder/.*{workflow}"))
    page.goto(f"{product.address}/workflows?label=logistics")
    expect(page.get_by_role("article", name="Delivery plan")).to_be_visible()
    menu(page, "Delete")
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_role("article", name="Delivery plan")).to_be_visible()
    menu(page, "Delete")
    confirm(page, "Delete")
    expect(page.get_by_role("article", name="Delivery plan")).to_have_count(0)
    assert page.request.get(f"{product.address}/api/workflows/{workflow}").status == 404


def test_texts_reach_the_script_as_they_were_typed_and_several_results_come_as_a_zip(
    enter: Open, product: Product, tmp_path: Path
) -> None:
    page = enter("ana")
    workflow = make_by_conversation(page, product, tmp_path, NOTED)
    approve(page, product, workflow)
    page.goto(f"{product.address}/workflows/{workflow}")
    run = page.get_by_role("button", name="Run", exact=True)
    for name in ("january.csv", "february.csv"):
        (tmp_path / name).write_text("customer\n")
    months = page.get_by_label("Months", exact=True).last
    months.set_input_files([tmp_path / "january.csv"])
    expect(page.get_by_text("Choose at least 2 files for “Months”.").first).to_be_visible()
    months.set_input_files([tmp_path / "february.csv"])
    expect(page.get_by_text("Fill in “Note”.")).to_be_visible()
    page.get_by_role("textbox", name="Note", exact=True).fill('it\'s "odd"; {x}\n')
    page.get_by_role("button", name="Remove january.csv").click()
    expect(run).to_be_disabled()
    months.set_input_files([tmp_path / "january.csv"])
    run.click()
    with page.expect_download() as download:
        page.get_by_role("button", name=re.compile(r"^Download .*\.zip$")).click()
    download.value.save_as(tmp_path / "result.zip")
    with zipfile.ZipFile(tmp_path / "result.zip") as archive:
        assert sorted(archive.namelist()) == ["names.txt", "note.txt"]
        assert archive.read("note.txt").decode() == 'it\'s "odd"; {x}'
        assert archive.read("names.txt").decode() == "february.csv january.csv"
    expect(page.get_by_role("button", name="Send to a table")).to_be_disabled()


def test_a_script_for_the_local_runner_says_so_and_gives_the_command(
    enter: Open, product: Product, tmp_path: Path
) -> None:
    page = enter("ana")
    workflow = make_by_conversation(page, product, tmp_path, LOCAL)
    page.goto(f"{product.address}/workflows/{workflow}")
    expect(page.get_by_text("only on your own machine, with the local runner")).to_be_visible()
    found = page.get_by_role("region", name="What a look through the script found")
    expect(found.get_by_role("listitem").filter(has_text="Deletes")).to_contain_text("line 4")
    expect(found.get_by_role("listitem").filter(has_text="Network")).to_contain_text("line 2")
    approve(page, product, workflow)
    tab(page, "Run")
    expect(page.get_by_text(re.compile("This script needs Python with polars"))).to_be_visible()
    expect(page.get_by_role("button", name="Run", exact=True)).to_have_count(0)
    page.get_by_role("textbox", name="Note", exact=True).fill("for May")
    expect(page.get_by_text(re.compile(f"run-workflow {workflow} months=FILE --set 'note=for May'"))).to_be_visible()


def test_large_files_are_pointed_to_the_local_runner(enter: Open, product: Product, tmp_path: Path) -> None:
    page = enter("ana")
    workflow = make_merge(page, product, keep="matching")
    approve(page, product, workflow)
    page.goto(f"{product.address}/workflows/{workflow}")
    large = tmp_path / "this year's orders.csv"
    large.write_text("order,day,customer,amount\n")
    os.truncate(large, 150_000_000)
    page.get_by_label("File like orders.csv", exact=True).last.set_input_files(large)
    expect(page.get_by_text("These files are 150 MB together.")).to_be_visible()
    version = read(page, product, workflow)["active_version"]
    command = (
        f"spadework run-workflow {workflow} 'left_file=this year'\\''s orders.csv' right_file=FILE"
        f" --hash {version['script_sha256']} --seconds 3600 --memory 4096 --output-size 300 --output results"
    )
    expect(page.get_by_text(command)).to_be_visible()


@pytest.fixture(scope="module")
def people(product: Product) -> dict[str, str]:
    """Ana and Ben of one agency, Zoe of another; by name their e-mail address."""
    token = product.link.partition("token=")[2]
    cookie = ask(product, "/v3/session/bootstrap", person(token, "ana", "Example Agency"))[1]
    ask(product, "/v3/clients", {"name": "Northwind Example"}, cookie)
    ben = {"email": "ben@example.com", "name": "Ben Example", "role": "editor", "password": PASSWORD}
    ask(product, "/v3/users", ben, cookie)
    # In a thread of its own: Playwright keeps an event loop in this one.
    with ThreadPoolExecutor(1) as aside:
        link = aside.submit(lambda: asyncio.run(_other_account(product))).result()
    ask(product, "/v3/session/bootstrap", person(link.partition("token=")[2], "zoe", "Other Agency"))
    return {name: f"{name}@example.com" for name in ("ana", "ben", "zoe")}


async def _other_account(product: Product) -> str:
    settings = replace(config.load({"SPADEWORK_HOME": str(product.home)}), log_level="WARNING")
    async with open_app(settings, works=False) as app:
        account_id = await accounts.create_account(app.database, app.box, "Other Agency")
        link = await accounts.make_bootstrap_link(
            app.database, app.box, address=product.address, account_id=account_id
        )  # fmt: skip
    assert link is not None
    return link


def person(token: str, name: str, account: str) -> dict[str, str]:
    """What somebody fills in who follows a first link."""
    return {
        "token": token, "name": f"{name.title()} Example", "account_name": account, "email": f"{name}@example.com",
        "password": PASSWORD,
    }  # fmt: skip


@pytest.fixture
def enter(browser: Browser, product: Product, people: dict[str, str]) -> Iterator[Open]:
    """Opens a browser of its own in which the person of that name is signed in."""
    contexts = []

    def opened(name: str) -> Page:
        context = browser.new_context(viewport={"width": 1440, "height": 900})
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(WAIT_MS)
        page.goto(f"{product.address}/sign-in")
        page.get_by_label("E-mail").fill(people[name])
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        page.get_by_role("navigation", name="Main").wait_for()
        return page

    yield opened
    for context in contexts:
        context.close()
