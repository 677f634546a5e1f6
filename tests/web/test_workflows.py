"""The Builder's endpoints without a worker: what is refused, who sees what, approvals by hash, forms, runs and files."""

import hashlib
import json
from collections.abc import AsyncIterator, Mapping
from typing import Any
from uuid import UUID

import httpx2
import pytest

from spadework.accounts.actions import credentials
from spadework.app import App
from spadework.builder.actions import workflows
from spadework.builder.store import versions as store
from spadework.core.db import Database
from spadework.core.ids import AccountId, new_id
from spadework.core.secrets import Box
from spadework.runs import actions as runs
from spadework.runs.types import NewRun
from spadework.web import main as web
from tests.builder.conftest import BUILT, EXTRACT, FAILURE, SHA256
from tests.conftest import Person, add_person, browser, sign_in

SORT: Mapping[str, Any] = {"operation": "sort", "settings": {"columns": [{"column": "date"}]}}


@pytest.fixture
async def bea(
    site: web.Site, app: App, database: Database, account: AccountId, password_hash: str
) -> AsyncIterator[httpx2.AsyncClient]:
    """Another person of Ana's account, signed in."""
    person = await add_person(database, account, "Bea", "editor", password_hash)
    async with browser(site, await sign_in(app, person)) as client:
        yield client


async def post(client: httpx2.AsyncClient, path: str, body: Any = None) -> httpx2.Response:
    """A request that may spend."""
    return await client.post(path, json=body or {}, headers={"Idempotency-Key": new_id().hex})


async def begin(client: httpx2.AsyncClient, *extracts: Mapping[str, Any]) -> str:
    answer = await post(client, "/api/workflows", {"file_extracts": list(extracts) or [EXTRACT]})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["workflow_id"])


async def built(client: httpx2.AsyncClient, database: Database, account: AccountId) -> Any:
    """A workflow that waits for approval, as a build leaves it."""
    workflow_id = await begin(client)
    async with database.transaction(account) as tx:
        version = await store.find_current(tx, UUID(workflow_id.removeprefix("wf_")))
        assert version is not None
        for status in ("validated", "clarifying"):
            await store.set_status(tx, version.id, status)
        await store.begin_build(tx, version.id, run_id=None)
        await store.finish_build(
            tx, version.id, fields=BUILT["fields"], execution=BUILT["execution"], script_sha256=SHA256, saved_minutes=12
        )
    return (await client.get(f"/api/workflows/{workflow_id}")).json()


async def approved(client: httpx2.AsyncClient, database: Database, account: AccountId) -> Any:
    """A workflow in use."""
    workflow = await built(client, database, account)
    body = {"version_id": workflow["current_version"]["id"], "script_sha256": SHA256}
    answer = await post(client, f"/api/workflows/{workflow['id']}/approve", body)
    assert answer.status_code == 200, answer.text
    return (await client.get(f"/api/workflows/{workflow['id']}")).json()


def message(answer: httpx2.Response) -> str:
    return str(answer.json()["error"]["message"])


# --- what leaves -----------------------------------------------------------------------------------------------


async def test_a_workflow_begins_as_the_seed_says(client: httpx2.AsyncClient) -> None:
    answer = await post(client, "/api/workflows", {"file_extracts": [EXTRACT]})
    assert answer.status_code == 201
    assert answer.json() == {**answer.json(), "status": "validating"}
    assert answer.json()["workflow_id"].startswith("wf_")
    assert answer.json()["version_id"].startswith("wv_")
    workflow = (await client.get(f"/api/workflows/{answer.json()['workflow_id']}")).json()
    assert workflow["current_version"]["file_extracts"] == [EXTRACT]
    assert (workflow["name"], workflow["current_version"]["execution"]) == (None, None)


@pytest.mark.parametrize(
    "leaking",
    [
        {"sample_rows": [["2026-01-15", "AAAA-####", ""]]},
        {"sample_rows": [["####-##-##", "AAAA-####", "Ж"]]},
        {"sample_rows": [["####-##-##", "AAAA-####", "٣"]]},
        {"sample_rows": [["####-##-##", "AAAA-####", "b"]]},
        {"kind": "document", "headings": ["Aaaa secret"]},
        {"kind": "document", "preview": ["Aaaa 7"]},
        {"kind": "image", "exif": {"Make": "Leica"}},
        {"notes": ["Ana Hill owes us 900"]},
        {"sample_rows": [["####-##-##"]]},
    ],
)
async def test_an_extract_that_holds_content_is_refused_and_nothing_of_it_is_kept(
    client: httpx2.AsyncClient, database: Database, account: AccountId, leaking: dict[str, Any]
) -> None:
    refused = await post(client, "/api/workflows", {"file_extracts": [EXTRACT, {**EXTRACT, **leaking}]})
    assert refused.status_code == 422
    assert "file_extracts[1]" in message(refused)
    assert not any(each in refused.text for each in ("2026-01-15", "secret", "Leica", "owes"))
    async with database.read(account) as tx:
        for table in ("workflows", "workflow_ledger", "approvals"):
            assert await tx.fetchval(f"select count(*) from {table}") == 0, table


async def test_an_extract_with_a_key_of_its_own_is_refused(client: httpx2.AsyncClient) -> None:
    refused = await post(client, "/api/workflows", {"file_extracts": [{**EXTRACT, "raw": "Ana"}]})
    assert refused.status_code == 422


async def test_the_approval_of_what_left_is_bound_to_the_exact_bytes(
    client: httpx2.AsyncClient, database: Database, account: AccountId, ana: Person
) -> None:
    body = json.dumps({"file_extracts": [EXTRACT]}, indent=2).encode()
    await client.post("/api/workflows", content=body, headers={"Content-Type": "application/json"})
    async with database.read(account) as tx:
        (row,) = await tx.fetch("select * from approvals where subject_kind = $1", workflows.EXTRACTS)
    assert (row["fingerprint"], row["decided_by"]) == (hashlib.sha256(body).hexdigest(), ana.id)


async def test_the_ledger_holds_every_request_about_a_workflow_byte_for_byte(
    client: httpx2.AsyncClient, database: Database, account: AccountId
) -> None:
    workflow = await built(client, database, account)
    path, version_id = f"/api/workflows/{workflow['id']}", workflow["current_version"]["id"]
    script = {"version_id": version_id, "script_sha256": SHA256}
    tested = {"script_sha256": SHA256, "kind": "synthetic", "result": "passed"}
    sent: list[tuple[str, bytes]] = []
    for method, where, what, said in (
        ("PATCH", "", "name, label or sharing", {"label": "finance"}),
        ("POST", f"/versions/{version_id}/tests", "test result", tested),
        ("POST", "/approve", "approval", script),
        ("POST", "/runs", "run result", {**script, "runner": "browser", "success": True}),
        ("POST", "/edit", "", {}),
        ("POST", "/form", "form", SORT),
    ):
        body = json.dumps(said, indent=3).encode()
        headers = {"Content-Type": "application/json", "Idempotency-Key": new_id().hex}
        answer = await client.request(method, path + where, content=body, headers=headers)
        assert answer.is_success, (where, answer.text)
        sent += [(what, body)] if what else []
    entries = (await client.get(f"{path}/ledger")).json()["entries"]
    held = [(each["what"], (await client.get(f"{path}/ledger/{each['id']}")).content) for each in entries[1:]]
    assert held == sent


# --- who sees what ---------------------------------------------------------------------------------------------


async def test_another_persons_workflow_is_not_there_until_it_is_shared_and_in_use(
    client: httpx2.AsyncClient, bea: httpx2.AsyncClient, database: Database, account: AccountId
) -> None:
    workflow = await built(client, database, account)
    path = f"/api/workflows/{workflow['id']}"
    await client.patch(path, json={"is_shared": True})
    assert (await bea.get(path)).status_code == 404  # shared, and nothing to run yet
    body = {"version_id": workflow["current_version"]["id"], "script_sha256": SHA256}
    await post(client, f"{path}/approve", body)
    seen = (await bea.get(path)).json()
    assert (seen["is_mine"], seen["messages"], seen["current_version"]["status"]) == (False, [], "approved")
    assert [each["id"] for each in (await bea.get("/api/workflows")).json()["workflows"]] == [workflow["id"]]
    await client.patch(path, json={"is_shared": False})
    for each in ("", "/versions", "/runs", "/ledger"):
        assert (await bea.get(f"{path}{each}")).status_code == 404, each
    assert (await bea.get("/api/workflows")).json()["workflows"] == []


async def test_a_shared_workflow_can_be_run_by_others_and_changed_by_its_owner_alone(
    client: httpx2.AsyncClient, bea: httpx2.AsyncClient, database: Database, account: AccountId
) -> None:
    workflow = await approved(client, database, account)
    path, version = f"/api/workflows/{workflow['id']}", workflow["current_version"]
    await client.patch(path, json={"is_shared": True})
    run = {"version_id": version["id"], "script_sha256": SHA256, "runner": "browser", "success": True, "seconds": 2}
    assert (await post(bea, f"{path}/runs", run)).status_code == 201
    (card,) = (await client.get("/api/workflows")).json()["workflows"]
    assert (card["runs"], card["last_run_success"], card["minutes_saved_total"]) == (1, True, 12)
    refused = [
        await bea.patch(path, json={"name": "Mine"}), await bea.delete(path), await bea.get(f"{path}/ledger"),
        await post(bea, f"{path}/messages", {"content": "merge"}), await post(bea, f"{path}/edit"),
        await post(bea, f"{path}/archive"), await post(bea, f"{path}/form", SORT),
        await post(bea, f"{path}/approve", {"version_id": version["id"], "script_sha256": SHA256}),
    ]  # fmt: skip
    assert [each.status_code for each in refused] == [403] * 8
    assert "belongs to Ana" in message(refused[0])


async def test_another_account_finds_nothing(
    client: httpx2.AsyncClient, stranger: httpx2.AsyncClient, database: Database, account: AccountId
) -> None:
    workflow = await approved(client, database, account)
    path = f"/api/workflows/{workflow['id']}"
    await client.patch(path, json={"is_shared": True})
    for answer in (
        await stranger.get(path), await stranger.delete(path), await post(stranger, f"{path}/edit"),
        await post(stranger, f"{path}/messages", {"content": "merge"}),
        await stranger.get(f"{path}/versions/{workflow['current_version']['id']}/script.py"),
    ):  # fmt: skip
        assert answer.status_code == 404


async def test_a_viewer_may_look_and_not_make(
    site: web.Site, app: App, database: Database, account: AccountId, password_hash: str
) -> None:
    person = await add_person(database, account, "Vera", "viewer", password_hash)
    async with browser(site, await sign_in(app, person)) as vera:
        assert (await vera.get("/api/workflows")).json() == {"workflows": []}
        refused = await post(vera, "/api/workflows", {"file_extracts": [EXTRACT]})
    assert (refused.status_code, "builder.write" in message(refused)) == (403, True)


# --- lists and names -------------------------------------------------------------------------------------------


async def test_the_list_is_searched_and_filtered_by_label_and_status(
    client: httpx2.AsyncClient, database: Database, account: AccountId
) -> None:
    one, two = await built(client, database, account), await begin(client)
    await client.patch(f"/api/workflows/{one['id']}", json={"name": "Invoices", "label": "finance"})

    async def listed(**query: str) -> list[str]:
        return [each["id"] for each in (await client.get("/api/workflows", params=query)).json()["workflows"]]

    assert set(await listed()) == {one["id"], two}
    assert await listed(q="invo") == await listed(label="Finance") == await listed(status="pending_user_approval")
    assert (await listed(q="invo"), await listed(status="validating")) == ([one["id"]], [two])
    assert await listed(q="100%") == await listed(label="sales") == []


async def test_renaming_changes_what_is_named_and_nothing_else(client: httpx2.AsyncClient) -> None:
    path = f"/api/workflows/{await begin(client)}"
    await client.patch(path, json={"name": "One", "description": "About", "label": "finance"})
    changed = (await client.patch(path, json={"label": None})).json()
    assert (changed["name"], changed["description"], changed["label"]) == ("One", "About", None)
    entries = (await client.get(f"{path}/ledger")).json()["entries"]
    assert [each["what"] for each in entries] == ["extracts", "name, label or sharing", "name, label or sharing"]
    assert (await client.patch(path, json={"name": ""})).status_code == 422


async def test_a_deleted_workflow_leaves_nothing(
    client: httpx2.AsyncClient, database: Database, account: AccountId
) -> None:
    workflow = await approved(client, database, account)
    assert (await client.delete(f"/api/workflows/{workflow['id']}")).status_code == 204
    assert (await client.get(f"/api/workflows/{workflow['id']}")).status_code == 404
    async with database.read(account) as tx:
        for table in ("workflows", "workflow_versions", "workflow_messages", "workflow_ledger"):
            assert await tx.fetchval(f"select count(*) from {table}") == 0, table


# --- approving, editing, archiving -----------------------------------------------------------------------------


async def test_an_approval_counts_for_exactly_the_script_that_was_read(
    client: httpx2.AsyncClient, database: Database, account: AccountId
) -> None:
    workflow = await built(client, database, account)
    path = f"/api/workflows/{workflow['id']}/approve"
    body = {"version_id": workflow["current_version"]["id"], "script_sha256": "0" * 64}
    refused = await post(client, path, body)
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "content_changed")
    yes = await post(client, path, {**body, "script_sha256": SHA256})
    assert (yes.json()["status"], yes.json()["is_active"]) == ("approved", True)
    assert (await post(client, path, {**body, "script_sha256": SHA256})).json()["status"] == "approved"


async def test_the_version_in_use_stays_so_until_the_next_one_is_approved(
    client: httpx2.AsyncClient, database: Database, account: AccountId
) -> None:
    workflow = await approved(client, database, account)
    path = f"/api/workflows/{workflow['id']}"
    edited = (await post(client, f"{path}/edit")).json()
    assert edited == {"workflow_id": workflow["id"], "version_id": edited["version_id"], "status": "validated"}
    now = (await client.get(path)).json()
    assert (now["current_version"]["version"], now["active_version"]["version"]) == (2, 1)
    assert now["current_version"]["file_extracts"] == [EXTRACT]
    made = await post(client, f"{path}/form", SORT)
    assert made.json()["status"] == "pending_user_approval", made.text
    second = (await client.get(path)).json()["current_version"]
    await post(client, f"{path}/approve", {"version_id": second["id"], "script_sha256": second["script_sha256"]})
    listed = (await client.get(f"{path}/versions")).json()["versions"]
    assert [(each["version"], each["status"], each["is_active"]) for each in listed] == [
        (2, "approved", True), (1, "archived", False),
    ]  # fmt: skip


async def test_an_archived_workflow_can_be_looked_at_and_is_taken_up_again_by_an_edit(
    client: httpx2.AsyncClient, database: Database, account: AccountId
) -> None:
    workflow = await approved(client, database, account)
    path = f"/api/workflows/{workflow['id']}"
    assert (await post(client, f"{path}/archive")).json()["status"] == "archived"
    assert (await client.get(path)).json()["active_version"] is None
    for answer in (
        await post(client, f"{path}/messages", {"content": "sort"}),
        await post(client, f"{path}/form", SORT),
    ):
        assert answer.status_code == 409
        assert "Press Edit" in answer.json()["error"]["message"]
    assert (await post(client, f"{path}/edit")).status_code == 200
    again = (await client.get(path)).json()
    assert (again["current_version"]["version"], again["current_version"]["status"]) == (2, "validated")
    assert again["current_version"]["file_extracts"] == workflow["current_version"]["file_extracts"]
    assert again["active_version"] is None


# --- without a model, and files --------------------------------------------------------------------------------


async def test_a_form_makes_a_workflow_without_a_language_model_and_its_script_runs_by_hash(
    client: httpx2.AsyncClient,
) -> None:
    forms = (await client.get("/api/workflows/forms")).json()
    assert forms["llm"]["available"] is False
    assert {"merge", "append", "filter", "dedupe", "split", "columns", "sort", "convert"} <= {
        each["key"] for each in forms["operations"]
    }
    workflow_id = await begin(client)
    made = await post(client, f"/api/workflows/{workflow_id}/form", SORT)
    assert made.status_code == 200, made.text
    version = (await client.get(f"/api/workflows/{workflow_id}")).json()["current_version"]
    assert (version["source"], version["form"]["operation"], version["repairs_left"]) == ("form", "sort", 0)
    assert hashlib.sha256(version["execution"]["script"].encode()).hexdigest() == version["script_sha256"]


async def test_a_setting_that_does_not_fit_is_named(client: httpx2.AsyncClient) -> None:
    workflow_id = await begin(client)
    wrong = {"operation": "sort", "settings": {"columns": [{"column": "no such column"}]}}
    refused = await post(client, f"/api/workflows/{workflow_id}/form", wrong)
    assert (refused.status_code, "columns" in message(refused)) == (422, True)
    assert (await client.get(f"/api/workflows/{workflow_id}")).json()["current_version"]["status"] == "validating"


async def test_a_version_is_taken_out_as_a_program_and_as_a_workflow_file(
    client: httpx2.AsyncClient, database: Database, account: AccountId
) -> None:
    workflow = await built(client, database, account)
    path = f"/api/workflows/{workflow['id']}/versions/{workflow['current_version']['id']}"
    program = await client.get(f"{path}/script.py")
    compile(program.text, "script.py", "exec")
    assert program.headers["content-disposition"] == 'attachment; filename="workflow.py"'
    assert "Run it: python workflow.py " in program.text
    file = (await client.get(f"{path}/workflow.json")).json()
    assert file == {
        "format": "spadework-workflow/1", "name": "Workflow", "version": 1, "fields": BUILT["fields"],
        "execution": BUILT["execution"], "script_sha256": SHA256,
    }  # fmt: skip
    unbuilt = (await client.get(f"/api/workflows/{await begin(client)}")).json()
    refused = await client.get(f"/api/workflows/{unbuilt['id']}/versions/{unbuilt['current_version']['id']}/script.py")
    assert refused.status_code == 409


# --- runs ------------------------------------------------------------------------------------------------------


async def test_a_run_counts_for_the_approved_script_only(
    client: httpx2.AsyncClient, database: Database, account: AccountId
) -> None:
    workflow = await built(client, database, account)
    path = f"/api/workflows/{workflow['id']}"
    run = {
        "version_id": workflow["current_version"]["id"], "script_sha256": SHA256, "runner": "local", "success": True,
        "seconds": 1.5, "rows_in": 10, "rows_out": 8, "files_out": 1,
    }  # fmt: skip
    early = await post(client, f"{path}/runs", run)
    assert (early.status_code, "never approved" in message(early)) == (409, True)
    await post(client, f"{path}/approve", {"version_id": run["version_id"], "script_sha256": SHA256})
    other = await post(client, f"{path}/runs", {**run, "script_sha256": "0" * 64})
    assert (other.status_code, "not the approved one" in message(other)) == (422, True)
    kept = (await post(client, f"{path}/runs", run)).json()
    assert {each: kept[each] for each in run} == run
    assert (kept["version"], kept["user_name"]) == (1, "Ana")


async def test_a_test_counts_for_the_script_that_the_version_has_only(
    client: httpx2.AsyncClient, database: Database, account: AccountId
) -> None:
    workflow = await built(client, database, account)
    path = f"/api/workflows/{workflow['id']}/versions/{workflow['current_version']['id']}/tests"
    test = {"script_sha256": SHA256, "kind": "real", "result": "passed"}
    other = await post(client, path, {**test, "script_sha256": "0" * 64})
    assert (other.status_code, "of another script" in message(other)) == (409, True)
    assert (await post(client, path, test)).is_success
    version = (await client.get(f"/api/workflows/{workflow['id']}")).json()["current_version"]
    assert [each["result"] for each in version["tests"]] == ["passed"]


async def test_the_run_history_is_read_page_by_page(
    client: httpx2.AsyncClient, database: Database, account: AccountId
) -> None:
    workflow = await approved(client, database, account)
    path = f"/api/workflows/{workflow['id']}/runs"
    run = {"version_id": workflow["current_version"]["id"], "script_sha256": SHA256, "runner": "browser"}
    for success in (True, False, True):
        failure = None if success else FAILURE
        await post(client, path, {**run, "success": success, "failure": failure})
    first = (await client.get(path, params={"limit": 2})).json()
    rest = (await client.get(path, params={"limit": 2, "cursor": first["next_cursor"]})).json()
    assert [each["success"] for each in (*first["runs"], *rest["runs"])] == [True, False, True]
    assert rest["next_cursor"] is None
    assert (await client.get(path, params={"cursor": "{}"})).status_code == 422


# --- what a run that is gone leaves behind ---------------------------------------------------------------------


async def test_a_build_that_was_stopped_before_anybody_took_it_has_failed_once_it_is_looked_at(
    client: httpx2.AsyncClient, database: Database, account: AccountId
) -> None:
    path = f"/api/workflows/{await begin(client)}"
    run_id = await building_without_a_worker(database, account, path)
    assert (await client.get(path)).json()["current_version"]["status"] == "building"
    async with database.transaction(account) as tx:
        await runs.request_stop(tx, run_id, by=None)
    workflow = (await client.get(path)).json()
    assert workflow["current_version"]["status"] == "failed"
    assert "stopped" in workflow["current_version"]["failure"]
    assert (await post(client, f"{path}/edit")).json()["status"] == "validated"


async def test_a_build_that_no_living_worker_has_held_for_a_minute_has_failed_and_does_not_begin_later(
    client: httpx2.AsyncClient, database: Database, account: AccountId
) -> None:
    path = f"/api/workflows/{await begin(client)}"
    run_id = await building_without_a_worker(database, account, path)
    async with database.transaction(account) as tx:
        await tx.execute("update runs set updated_at = now() - interval '61 seconds' where id = $1", run_id)
    version = (await client.get(path)).json()["current_version"]
    assert (version["status"], "no worker" in version["failure"]) == ("failed", True)
    async with database.read(account) as tx:
        assert (await runs.get(tx, run_id)).state == "stopped"


async def test_a_message_whose_run_is_gone_can_be_sent_again(
    client: httpx2.AsyncClient, database: Database, account: AccountId, box: Box
) -> None:
    workflow_id = await begin(client)
    async with database.transaction(account) as tx:
        await credentials.put_credential(tx, box, "llm", "scripted", {"script_path": ""})
        version = await store.find_current(tx, UUID(workflow_id.removeprefix("wf_")))
        assert version is not None
        await tx.execute(
            "insert into workflow_messages (account_id, id, workflow_id, version_id, role, content, is_in_flight)"
            " values ($1, gen_random_uuid(), $2, $3, 'user', 'merge', true)",
            account, version.workflow_id, version.id,
        )  # fmt: skip
    assert [
        each["is_in_flight"] for each in (await client.get(f"/api/workflows/{workflow_id}")).json()["messages"]
    ] == [False]


async def building_without_a_worker(database: Database, account: AccountId, path: str) -> UUID:
    """The run of a build that nobody will take."""
    async with database.transaction(account) as tx:
        version = await store.find_current(tx, UUID(path.rpartition("wf_")[2]))
        assert version is not None
        for status in ("validated", "clarifying"):
            await store.set_status(tx, version.id, status)
        run = await runs.start(tx, NewRun(kind="build_workflow", title="Build"), by=None)
        await store.begin_build(tx, version.id, run_id=run.id)
    return run.id
