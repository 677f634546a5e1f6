"""Prompts over the API: the library, versions, the conflict of two who save, labels with their gate, tests."""

import io
import zipfile
from uuid import UUID

import httpx2

from spadework.app import App
from spadework.core.db import Database
from spadework.core.ids import AccountId, new_id
from spadework.web import main as web
from tests.conftest import add_person, browser, sign_in

KEY = "find-lead.search-builder"


def key() -> dict[str, str]:
    return {"Idempotency-Key": new_id().hex}


async def made(client: httpx2.AsyncClient, **given: object) -> dict:  # type: ignore[type-arg]
    body = {"key": "greeting", "name": "Greeting", "stage": "FINAL", "text": "Greet {{name}}.", **given}
    answer = await client.post("/v2/prompts", json=body)
    assert answer.status_code == 201, answer.text
    return answer.json()  # type: ignore[no-any-return]


async def test_a_new_accounts_list_holds_the_23_prompts_in_the_order_of_the_pipeline(
    client: httpx2.AsyncClient,
) -> None:
    everything = (await client.get("/v2/prompts")).json()["data"]
    # The others make a client's configuration, and the Builder's scripts.
    listed = [each for each in everything if each["stage"] not in ("SETUP", "BUILDER")]
    assert len(listed) == 23
    assert [each["key"] for each in listed[:2]] == [KEY, "find-lead.signal-discovery"]
    assert (listed[0]["stage"], listed[0]["step"], listed[0]["current_version"]) == ("FIND_LEAD", "1-search-builder", 1)
    assert [(each["name"], each["number"], each["is_protected"]) for each in listed[0]["labels"]] == [
        ("production", 1, True)
    ]
    with_parts = (await client.get("/v2/prompts", params={"fragments": True})).json()["data"]
    assert len(with_parts) - len(everything) == 4
    found = (await client.get("/v2/prompts", params={"search": "OUTREACH"})).json()["data"]
    assert [each["key"] for each in found] == ["copy.outreach"]


async def test_a_prompt_is_read_by_its_key_or_its_id_with_its_versions(client: httpx2.AsyncClient) -> None:
    prompt = await made(client)
    for name in ("greeting", prompt["id"]):
        read = (await client.get(f"/v2/prompts/{name}")).json()
        assert (read["id"], read["current"]["text"]) == (prompt["id"], "Greet {{name}}.\n")
        assert [each["number"] for each in read["versions"]] == [1]
    assert (await client.get("/v2/prompts/nothing")).status_code == 404


async def test_saving_makes_a_version_and_the_second_of_two_gets_409_with_both_merged(
    client: httpx2.AsyncClient,
) -> None:
    await made(client, text="Greet {{name}}.\nBe short.\nSign.")
    first = {"base_version": 1, "text": "Greet {{name}} well.\nBe short.\nSign.", "notes": "Warmer"}
    saved = await client.put("/v2/prompts/greeting", json=first)
    assert (saved.status_code, saved.json()["number"], saved.json()["created_by_name"]) == (200, 2, "Ana")
    late = await client.put(
        "/v2/prompts/greeting", json={"base_version": 1, "text": "Greet {{name}}.\nBe short.\nSign as Ana."}
    )
    assert late.status_code == 409
    details = late.json()["error"]["details"]
    assert (details["newer_version"], details["conflicts"]) == (2, 0)
    assert details["merged_text"] == "Greet {{name}} well.\nBe short.\nSign as Ana.\n"
    versions = (await client.get("/v2/prompts/greeting/versions")).json()["data"]
    assert [(each["number"], each["notes"]) for each in versions] == [(2, "Warmer"), (1, "")]


async def test_two_versions_are_shown_side_by_side(client: httpx2.AsyncClient) -> None:
    await made(client)
    await client.put("/v2/prompts/greeting", json={"base_version": 1, "text": "Greet {{name}} twice."})
    diff = (await client.get("/v2/prompts/greeting/diff", params={"left": 1, "right": 2})).json()
    assert (diff["changed"], diff["lines"]) == (
        1,
        [{"kind": "changed", "left_no": 1, "left": "Greet {{name}}.", "right_no": 1, "right": "Greet {{name}} twice."}],
    )


async def test_a_branch_is_merged_after_a_preview(client: httpx2.AsyncClient) -> None:
    await made(client)
    await client.put("/v2/prompts/greeting", json={"base_version": 1, "text": "Welcome {{name}}.", "branch": "warm"})
    seen = (await client.post("/v2/prompts/greeting/merge", json={"branch": "warm", "is_preview": True})).json()
    assert (seen["text"], seen["conflicts"], seen["version"]) == ("Welcome {{name}}.\n", 0, None)
    merged = (await client.post("/v2/prompts/greeting/merge", json={"branch": "warm"})).json()
    assert (merged["version"]["number"], merged["version"]["merged"]) == (3, 2)


async def test_a_protected_label_waits_for_assertions_and_an_approver(client: httpx2.AsyncClient) -> None:
    await made(client)
    asked = (await client.put("/v2/prompts/greeting/labels/production", json={"version": 1})).json()
    assert (asked["state"], asked["gate"]["is_open"]) == ("waiting", False)
    refused = await client.post(f"/v2/prompt-moves/{asked['id']}/decide", json={"hash": asked["hash"], "is_yes": True})
    assert (refused.status_code, "no assertions" in refused.json()["error"]["message"]) == (409, True)
    moved = (await client.put("/v2/prompts/greeting/labels/staging", json={"version": 1})).json()
    assert moved["state"] == "moved"
    labels = (await client.get("/v2/prompts/greeting/labels")).json()
    assert (labels["latest"], [each["name"] for each in labels["data"]]) == (1, ["staging"])
    gate = (await client.get("/v2/prompts/greeting/versions/1/gate")).json()
    assert (gate["is_open"], gate["revision"]) == (False, 0)


async def test_an_editor_may_ask_for_a_move_and_not_approve_it(
    client: httpx2.AsyncClient, site: web.Site, app: App, database: Database, account: AccountId, password_hash: str
) -> None:
    await made(client)
    editor = await add_person(database, account, "Eve", "editor", password_hash)
    async with browser(site, await sign_in(app, editor)) as hers:
        asked = (await hers.put("/v2/prompts/greeting/labels/production", json={"version": 1})).json()
        decision = {"hash": asked["hash"], "is_yes": True}
        assert (await hers.post(f"/v2/prompt-moves/{asked['id']}/decide", json=decision)).status_code == 403
        protection = await hers.patch("/v2/prompts/greeting/labels/production", json={"is_protected": False})
        assert protection.status_code == 403


async def test_a_test_without_a_language_model_says_what_is_missing(client: httpx2.AsyncClient) -> None:
    await made(client)
    body = {"version": 1, "variables": {"name": "Ana"}}
    answer = await client.post("/v2/prompts/greeting/test", json=body, headers=key())
    assert answer.status_code == 422
    assert "No language model is set up" in answer.json()["error"]["message"]
    assert (await client.post("/v2/prompts/greeting/test", json=body)).status_code == 400  # may spend: needs a key
    both = {**body, "label": "latest"}
    assert (await client.post("/v2/prompts/greeting/test", json=both, headers=key())).status_code == 422


async def test_a_test_starts_a_run_that_the_experiment_names(client: httpx2.AsyncClient) -> None:
    await made(client)
    body = {"name": "Example", "llm": "scripted"}
    client_id = (await client.post("/v3/clients", json=body)).json()["id"]
    wanted = {"draft": {"text": "Hi {{name}}"}, "variables": {"name": "Ana"}, "client_id": client_id}
    started = await client.post("/v2/prompts/greeting/test", json=wanted, headers=key())
    assert started.status_code == 202, started.text
    assert (started.json()["run"]["kind"], started.json()["run"]["is_simulated"]) == ("try_prompt", True)
    experiment = (await client.get(f"/v2/experiments/{started.json()['experiment_id']}")).json()
    assert (experiment["kind"], experiment["candidates"][0]["text"], experiment["trials"]) == (
        "test",
        "Hi {{name}}\n",
        [],
    )
    assert experiment["run"]["id"] == started.json()["run"]["id"]
    listed = (await client.get("/v2/prompts/greeting/experiments")).json()["data"]
    assert [each["id"] for each in listed] == [experiment["id"]]
    await client.post(f"/v3/runs/{experiment['run']['id']}/stop", json={})


async def test_assertions_and_fixtures_are_kept(client: httpx2.AsyncClient) -> None:
    await made(client)
    kinds = (await client.get("/v2/assertion-kinds")).json()["data"]
    assert "quote-supported" in {each["kind"] for each in kinds}
    wanted = {"assertions": [{"kind": "contains", "settings": {"value": "hello"}}]}
    assert (await client.put("/v2/prompts/greeting/assertions", json=wanted)).json() == {"revision": 1, **wanted}
    odd = await client.put("/v2/prompts/greeting/assertions", json={"assertions": [{"kind": "dance"}]})
    assert (odd.status_code, "There are: " in odd.json()["error"]["message"]) == (422, True)
    fixture = {"name": "Ana", "variables": {"name": "Ana"}}
    kept = await client.post("/v2/prompts/greeting/fixtures", json=fixture)
    assert kept.status_code == 201
    assert (await client.post("/v2/prompts/greeting/fixtures", json=fixture)).status_code == 409
    assert (await client.delete(f"/v2/fixtures/{kept.json()['id']}")).status_code == 204
    assert (await client.get("/v2/prompts/greeting/fixtures")).json()["data"] == []


async def test_a_prompt_that_never_ran_has_no_last_run(client: httpx2.AsyncClient) -> None:
    await made(client)
    assert (await client.get("/v2/prompts/greeting/last-run")).json() == {"last_run": None}


async def test_prompts_go_out_and_come_in_as_files(client: httpx2.AsyncClient) -> None:
    await made(client)
    exported = (await client.get("/v2/prompts/greeting/file")).json()["files"]
    assert list(exported) == ["greeting.md"]
    changed = {"greeting.md": exported["greeting.md"].replace("Greet", "Welcome")}
    done = (await client.post("/v2/prompt-files", json={"files": changed})).json()["data"]
    assert done == [{"name": "greeting.md", "key": "greeting", "number": 2, "state": "saved"}]
    assert len((await client.get("/v2/prompt-files")).json()["files"]) == 1


async def test_a_draft_stands_beside_a_saved_version_without_being_saved(client: httpx2.AsyncClient) -> None:
    await made(client)
    draft = {"text": "Greet {{name}} twice.\n", "config": {"temperature": 0.2}}
    diff = (await client.post("/v2/prompts/greeting/diff", json={"left": 1, "draft": draft})).json()
    assert (diff["changed"], diff["lines"][0]["right"]) == (1, "Greet {{name}} twice.")
    assert diff["settings"] == [{"name": "temperature", "left": None, "right": 0.2}]
    assert [each["number"] for each in (await client.get("/v2/prompts/greeting/versions")).json()["data"]] == [1]


async def test_conflict_marks_that_were_left_in_a_text_are_not_saved(client: httpx2.AsyncClient) -> None:
    await made(client)
    text = "<<<<<<< main\nGreet {{name}}.\n=======\nWelcome {{name}}.\n>>>>>>> yours\n"
    refused = await client.put("/v2/prompts/greeting", json={"base_version": 1, "text": text})
    assert (refused.status_code, "Conflict marks still stand" in refused.json()["error"]["message"]) == (422, True)


async def test_the_last_runs_come_page_by_page_and_each_is_read_whole(
    client: httpx2.AsyncClient, database: Database, account: AccountId
) -> None:
    prompt = await made(client)
    run_id = await add_steps(database, account, prompt["id"], 3)
    first = (await client.get("/v2/prompts/greeting/runs", params={"limit": 2})).json()
    assert [(each["label"], each["is_test"], each["run_id"]) for each in first["data"]] == [
        ("Step 3", False, run_id),
        ("Step 2", False, run_id),
    ]
    after = {"limit": 2, "cursor": first["next_cursor"]}
    rest = (await client.get("/v2/prompts/greeting/runs", params=after)).json()
    assert ([each["label"] for each in rest["data"]], rest["next_cursor"]) == (["Step 1"], None)
    one = (await client.get(f"/v2/prompts/greeting/runs/{rest['data'][0]['step_run_id']}")).json()
    assert (one["input_variables"], one["raw_output"]) == ({"name": "Ana 1"}, "Hello 1")
    await made(client, key="other")
    assert (await client.get(f"/v2/prompts/other/runs/{one['step_run_id']}")).status_code == 404
    assert (await client.get("/v2/prompts/greeting/runs", params={"cursor": "x"})).status_code == 422


async def test_a_test_takes_the_input_of_the_step_run_it_names(
    client: httpx2.AsyncClient, database: Database, account: AccountId
) -> None:
    prompt = await made(client)
    await add_steps(database, account, prompt["id"], 2)
    client_id = (await client.post("/v3/clients", json={"name": "Example", "llm": "scripted"})).json()["id"]
    oldest = (await client.get("/v2/prompts/greeting/runs")).json()["data"][1]
    body = {"version": 1, "step_run_id": oldest["step_run_id"], "client_id": client_id}
    started = (await client.post("/v2/prompts/greeting/test", json=body, headers=key())).json()
    experiment = (await client.get(f"/v2/experiments/{started['experiment_id']}")).json()
    (case,) = experiment["cases"]
    assert (case["variables"], case["step_run_id"]) == ({"name": "Ana 1"}, oldest["step_run_id"])
    await client.post(f"/v3/runs/{started['run']['id']}/stop", json={})


async def test_all_prompts_come_as_one_archive_that_can_be_taken_in_again(client: httpx2.AsyncClient) -> None:
    await made(client)
    answer = await client.get("/v2/prompt-files.zip")
    assert answer.headers["content-type"] == "application/zip"
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        texts = {name: archive.read(name).decode() for name in archive.namelist()}
    assert "Greet {{name}}." in texts["greeting.md"]
    taken = (await client.post("/v2/prompt-files", json={"files": texts})).json()["data"]
    assert {each["state"] for each in taken} == {"same"}


async def test_a_prompts_screen_opens_by_its_address_although_the_key_has_dots(client: httpx2.AsyncClient) -> None:
    page = await client.get(f"/c/{new_id()}/prompts/{KEY}")
    assert (page.status_code, page.headers["content-type"].partition(";")[0]) == (200, "text/html")
    assert (await client.get("/assets/nothing.js")).status_code == 404


async def add_steps(database: Database, account: AccountId, prompt_id: str, count: int) -> str:
    """The id of a run with so many step runs of the prompt, a second apart."""
    run_id = new_id()
    async with database.transaction(account) as tx:
        await tx.execute(
            "insert into runs (account_id, id, kind, title, subject, input, state)"
            " values ($1, $2, 'pipeline', 'A dossier', '{}', '{}', 'succeeded')",
            tx.account, run_id,
        )  # fmt: skip
        await tx.execute(
            "insert into step_runs (account_id, id, run_id, no, key, label, state, prompt_id, prompt_version,"
            " input_variables, raw_output, created_at) select $1, gen_random_uuid(), $2, n, n::text, 'Step ' || n,"
            " 'succeeded', $3, 1, jsonb_build_object('name', 'Ana ' || n), 'Hello ' || n, now() + make_interval(secs => n)"
            " from generate_series(1, $4::int) n",
            tx.account, run_id, UUID(prompt_id), count,
        )  # fmt: skip
    return str(run_id)
