"""From a message to a script: validator, clarifier and builder over HTTP, with a real worker and a scripted model."""

import asyncio
import hashlib
import json
from typing import Any
from uuid import UUID

import pytest

from spadework.accounts.actions import credentials
from spadework.app import App
from spadework.builder.actions import ledger
from spadework.builder.actions.building import REPAIRED, UNREPAIRED
from spadework.builder.actions.talking import BUILDING, NO_LLM
from spadework.core.errors import NotFound
from spadework.core.ids import AccountId, new_id
from spadework.runs import actions as runs
from tests.builder.conftest import BUILT, ENOUGH, EXTRACT, FAILURE, SCRIPT, SHA256, Maker, built, script_sha256

QUESTION = {
    "needs_clarification": True,
    "question": "Which column do the files share?",
    "suggestions": ["date", "product_id"],
}
PROSE = "I would be glad to help you with your files."


async def test_a_clear_task_is_validated_clarified_and_built_from_one_message(maker: Maker) -> None:
    workflow_id = await maker.begin()
    answer = await maker.say(workflow_id, "merge these files by the date column")
    assert answer.json() == {"status": "building", "message": BUILDING, "suggestions": []}
    workflow = await maker.built(workflow_id)
    version = workflow["current_version"]
    assert (version["status"], version["version"], version["is_active"]) == ("pending_user_approval", 1, False)
    assert (workflow["name"], workflow["description"]) == (BUILT["name"], BUILT["description"])
    assert version["execution"]["script"] == SCRIPT
    assert version["script_sha256"] == SHA256
    assert version["test"] == {**version["test"], "result": "not_run", "kind": None}
    assert [each["role"] for each in workflow["messages"]] == ["user", "assistant", "assistant"]


async def test_a_question_waits_for_an_answer_and_offers_some(maker: Maker) -> None:
    maker.model_says({"match": "builder.clarify", "reply": QUESTION})
    workflow_id = await maker.begin()
    answer = await maker.say(workflow_id, "merge these files")
    assert answer.json() == {
        "status": "clarifying",
        "message": QUESTION["question"],
        "suggestions": ["date", "product_id"],
    }
    workflow = await maker.get(workflow_id)
    assert workflow["current_version"]["questions_asked"] == 1
    assert workflow["messages"][-1]["suggestions"] == ["date", "product_id"]
    maker.model_says(ENOUGH)
    assert (await maker.say(workflow_id, "date")).json()["status"] == "building"


async def test_a_task_for_which_a_script_is_not_enough_is_rejected_with_the_reason(maker: Maker) -> None:
    reason = "A script cannot judge feelings. It could count words."
    maker.model_says({"match": "builder.validate", "reply": {"feasible": False, "reason": reason}})
    workflow_id = await maker.begin()
    answer = await maker.say(workflow_id, "tell me which customers are unhappy")
    assert answer.json() == {"status": "rejected", "message": reason, "suggestions": []}
    version = (await maker.get(workflow_id))["current_version"]
    assert (version["status"], version["rejection_reason"]) == ("rejected", reason)
    refused = await maker.say(workflow_id, "please")
    assert refused.status_code == 409
    assert "Press Edit" in refused.json()["error"]["message"]


async def test_the_sixth_question_is_answered_by_building(maker: Maker) -> None:
    maker.model_says({"match": "builder.clarify", "reply": QUESTION})
    workflow_id = await maker.begin()
    states = [(await maker.say(workflow_id, f"answer {number}")).json()["status"] for number in range(6)]
    assert states == ["clarifying"] * 5 + ["building"]
    assert (await maker.built(workflow_id))["current_version"]["status"] == "pending_user_approval"


async def test_of_two_messages_at_once_one_is_refused(maker: Maker) -> None:
    maker.model_says({"match": "builder.validate", "reply": {"feasible": True, "reason": None}, "delay_seconds": 0.5})
    workflow_id = await maker.begin()
    answers = await asyncio.gather(*(maker.say(workflow_id, f"merge {number}") for number in range(2)))
    assert sorted(each.status_code for each in answers) == [200, 409]
    (refused,) = [each for each in answers if each.status_code == 409]
    assert "still being answered" in refused.json()["error"]["message"]
    assert [each["role"] for each in (await maker.built(workflow_id))["messages"]].count("user") == 1


async def test_a_message_during_a_build_is_refused(maker: Maker) -> None:
    maker.model_says({"match": "builder.build", "reply": BUILT, "delay_seconds": 3})
    workflow_id = await maker.begin()
    assert (await maker.say(workflow_id, "merge")).json()["status"] == "building"
    refused = await maker.say(workflow_id, "and sort it")
    assert (refused.status_code, "being built" in refused.json()["error"]["message"]) == (409, True)
    await maker.built(workflow_id)


@pytest.mark.parametrize("prompt", ["validate", "clarify", "build"])
async def test_a_reply_in_prose_is_given_back_with_what_was_wrong_and_each_go_is_a_step(
    maker: Maker, working: App, account: AccountId, prompt: str
) -> None:
    good = next(each["reply"] for each in maker.lines if each["match"] == f"builder.{prompt}")
    maker.model_says(
        {"match": f"builder.{prompt} {prompt}-again-2", "reply": good}, {"match": f"builder.{prompt}", "reply": PROSE}
    )
    workflow_id = await maker.begin()
    await maker.say(workflow_id, "merge")
    assert (await maker.built(workflow_id))["current_version"]["status"] == "pending_user_approval"
    steps = await steps_of(working, account, workflow_id)
    assert [each for each in steps if prompt in each] == [prompt, f"{prompt}-again-1", f"{prompt}-again-2"]
    entries = (await maker.client.get(f"/api/workflows/{workflow_id}/ledger")).json()["entries"]
    again = [each for each in entries if "again with what was wrong (1)" in each["what"]]
    content = (await maker.client.get(f"/api/workflows/{workflow_id}/ledger/{again[0]['id']}")).json()
    assert PROSE in content["prompt"]


async def test_a_model_that_only_talks_fails_the_build_after_three_goes_and_edit_leads_on(maker: Maker) -> None:
    maker.model_says({"match": "builder.build", "reply": PROSE})
    workflow_id = await maker.begin()
    await maker.say(workflow_id, "merge")
    version = (await maker.built(workflow_id))["current_version"]
    assert version["status"] == "failed"
    assert "no usable answer in 3 attempts" in version["failure"]
    edited = await maker.post(f"/api/workflows/{workflow_id}/edit")
    assert edited.json()["status"] == "validated"
    maker.model_says({"match": "builder.build", "reply": BUILT})
    await maker.say(workflow_id, "try again")
    current = (await maker.built(workflow_id))["current_version"]
    assert (current["version"], current["status"]) == (2, "pending_user_approval")


async def test_a_validator_that_only_talks_is_an_error_and_the_message_can_be_sent_again(maker: Maker) -> None:
    maker.model_says({"match": "builder.validate", "reply": PROSE})
    workflow_id = await maker.begin()
    failed = await maker.say(workflow_id, "merge")
    assert (failed.status_code, failed.json()["error"]["code"]) == (502, "provider_error")
    workflow = await maker.get(workflow_id)
    assert workflow["current_version"]["status"] == "validating"
    assert [each["is_in_flight"] for each in workflow["messages"]] == [False]
    maker.model_says({"match": "builder.validate", "reply": {"feasible": True, "reason": None}})
    assert (await maker.say(workflow_id, "merge")).json()["status"] == "building"


@pytest.mark.parametrize(
    ("reply", "said_of_it"),
    [
        (built(fields=[{"id": "class", "type": "file_upload", "label": "File"}]), "no Python name"),
        (built(fields=[{"id": "open", "type": "file_upload", "label": "File"}]), "already means something"),
        (built(fields=[{"id": "a", "type": "file_upload", "label": "A"}] * 2), "Two fields have the id 'a'"),
        (built(fields=[{"id": "a", "type": "text_input", "label": "A"}]), "No field takes a file"),
        (built(script="print('" + "x" * 200_001 + "')"), "200,000 is the most"),
        (built(script="def broken(:\n"), "no Python"),
        (built(script="import pandas\n"), "'pandas'"),
        (built(execution={**BUILT["execution"], "outputFilename": "../up.csv"}), "no plain file name"),
    ],
)
async def test_a_build_that_could_not_run_is_given_back_with_the_reason(
    maker: Maker, reply: dict[str, Any], said_of_it: str
) -> None:
    maker.model_says(
        {"match": "builder.build build-again-1", "reply": BUILT}, {"match": "builder.build", "reply": reply}
    )
    workflow_id = await maker.begin()
    await maker.say(workflow_id, "merge")
    assert (await maker.built(workflow_id))["current_version"]["execution"]["script"] == SCRIPT
    entries = (await maker.client.get(f"/api/workflows/{workflow_id}/ledger")).json()["entries"]
    (again,) = [each["id"] for each in entries if "(1)" in each["what"]]
    content = (await maker.client.get(f"/api/workflows/{workflow_id}/ledger/{again}")).json()
    assert said_of_it in json.loads(content["prompt"].split(">", 1)[1].rsplit("<", 1)[0])["problems"][0]


async def test_a_workflow_deleted_while_it_is_built_leaves_nothing_and_asks_nothing_more(
    maker: Maker, working: App, account: AccountId
) -> None:
    slow = {"match": "builder.clarify", "reply": PROSE, "delay_seconds": 1.5}
    maker.model_says(slow)
    workflow_id = await maker.begin()
    sending = asyncio.create_task(maker.say(workflow_id, "merge"))
    await maker.built(workflow_id, not_status="validating")
    assert (await maker.client.delete(f"/api/workflows/{workflow_id}")).status_code == 204
    assert (await sending).status_code == 404
    assert await steps_of(working, account, workflow_id) in (
        ["validate"], ["validate", "clarify"], ["validate", "clarify", "clarify-again-1"],
    )  # fmt: skip
    async with working.database.read(account) as tx:
        assert await tx.fetchval("select count(*) from workflow_ledger") == 0


async def test_nothing_is_entered_for_a_workflow_whose_deletion_is_under_way(
    maker: Maker, working: App, account: AccountId
) -> None:
    workflow_id = UUID((await maker.begin()).removeprefix("wf_"))

    async def enter() -> None:
        async with working.database.transaction(account) as tx:
            await ledger.enter(tx, workflow_id, direction="to_llm", what="Ask", content=b"{}")

    async with working.database.transaction(account) as tx:
        await tx.execute("delete from workflows where account_id = $1 and id = $2", account, workflow_id)
        entering = asyncio.create_task(enter())
        await asyncio.wait((entering,), timeout=0.5)  # long enough to have looked
    with pytest.raises(NotFound):
        await entering


async def test_without_a_language_model_a_message_says_so_and_a_form_still_builds(
    maker: Maker, working: App, account: AccountId
) -> None:
    async with working.database.transaction(account) as tx:
        await credentials.remove_credential(tx, "llm", "scripted")
    workflow_id = await maker.begin()
    refused = await maker.say(workflow_id, "merge")
    assert (refused.status_code, refused.json()["error"]["message"]) == (409, NO_LLM)
    forms = (await maker.client.get("/api/workflows/forms")).json()
    assert forms["llm"] == {"available": False, "reason": NO_LLM}
    assert (await maker.get(workflow_id))["messages"] == []


async def test_a_message_at_approval_makes_the_next_version_from_the_one_before(maker: Maker) -> None:
    workflow = await maker.make()
    changed = SCRIPT.replace("rows = ", "rows: list[list[str]] = ")
    maker.model_says({"match": "builder.build", "reply": built(script=changed, name="Another name")})
    answer = await maker.say(workflow["id"], "actually, also filter out rows where revenue is null")
    assert answer.json()["status"] == "building"
    after = await maker.built(workflow["id"])
    version = after["current_version"]
    assert (version["version"], version["execution"]["script"]) == (2, changed)
    assert version["file_extracts"] == workflow["current_version"]["file_extracts"] == [EXTRACT]
    assert after["name"] == BUILT["name"]  # people rename it from then on
    listed = (await maker.client.get(f"/api/workflows/{workflow['id']}/versions")).json()["versions"]
    assert [each["status"] for each in listed] == ["pending_user_approval", "archived"]
    entries = (await maker.client.get(f"/api/workflows/{workflow['id']}/ledger")).json()["entries"]
    last = [each for each in entries if each["direction"] == "to_llm"][-1]
    content = (await maker.client.get(f"/api/workflows/{workflow['id']}/ledger/{last['id']}")).json()
    assert json.dumps(SCRIPT)[1:-1] in content["prompt"]


async def test_a_failed_test_goes_back_masked_and_is_repaired_at_most_three_times(maker: Maker) -> None:
    workflow = await maker.make()
    for number in range(1, 4):
        repaired = f"{SCRIPT}# repair {number}\n"
        maker.model_says({"match": "builder.repair", "reply": built(script=repaired)})
        report = await maker.test(workflow, result="failed", failure=FAILURE)
        assert report.json() == {"status": "building", "repairing": True, "repairs_left": 3 - number}
        workflow = await maker.built(workflow["id"])
        version = workflow["current_version"]
        assert (version["version"], version["script_sha256"]) == (1, script_sha256(repaired))
        assert version["test"]["result"] == "not_run"
    report = await maker.test(workflow, result="failed", failure=FAILURE)
    assert report.json() == {"status": "pending_user_approval", "repairing": False, "repairs_left": 0}
    version = (await maker.get(workflow["id"]))["current_version"]
    assert (version["test"]["result"], len(version["tests"])) == ("failed", 4)


@pytest.mark.parametrize(("script", "said"), [(SCRIPT, UNREPAIRED), (f"{SCRIPT}# repaired\n", REPAIRED)])
async def test_only_a_repair_that_changed_the_script_is_said_to_be_tested_again(
    maker: Maker, script: str, said: str
) -> None:
    workflow = await maker.make()
    maker.model_says({"match": "builder.repair", "reply": built(script=script)})
    assert (await maker.test(workflow, result="failed", failure=FAILURE)).json()["repairing"] is True
    repaired = await maker.built(workflow["id"])
    assert repaired["messages"][-1]["content"] == said


async def test_a_repair_that_gives_nothing_leaves_the_script_to_the_person(maker: Maker) -> None:
    workflow = await maker.make()
    maker.model_says({"match": "builder.repair", "reply": PROSE})
    assert (await maker.test(workflow, result="failed", failure=FAILURE)).json()["repairing"] is True
    version = (await maker.built(workflow["id"]))["current_version"]
    assert (version["status"], version["script_sha256"]) == ("pending_user_approval", SHA256)
    assert "no usable answer" in version["failure"]


@pytest.mark.parametrize(
    "failure",
    [
        {**FAILURE, "message": "no column 'revenue'"},
        {**FAILURE, "exception": "Northwind Traders"},
        {**FAILURE, "line": 900},
        None,
    ],
)
async def test_a_failure_that_could_carry_content_is_refused(maker: Maker, failure: Any) -> None:
    workflow = await maker.make()
    refused = await maker.test(workflow, result="failed", failure=failure)
    assert refused.status_code == 422
    assert "revenue" not in refused.text
    assert (await maker.get(workflow["id"]))["current_version"]["tests"] == []


async def test_the_ledger_holds_exactly_the_bytes_that_left_in_both_directions(maker: Maker) -> None:
    body = json.dumps({"file_extracts": [EXTRACT]}, indent=3).encode()
    headers = {"Content-Type": "application/json"}
    answer = await maker.client.post("/api/workflows", content=body, headers=headers)
    workflow_id = answer.json()["workflow_id"]
    message = json.dumps({"content": "merge these files"}, indent=3).encode()
    headers["Idempotency-Key"] = new_id().hex
    await maker.client.post(f"/api/workflows/{workflow_id}/messages", content=message, headers=headers)
    await maker.built(workflow_id)
    entries = (await maker.client.get(f"/api/workflows/{workflow_id}/ledger")).json()["entries"]
    assert [(each["direction"], each["what"]) for each in entries] == [
        ("to_server", "extracts"), ("to_server", "message"), ("to_llm", "Check whether a script can do it"),
        ("to_llm", "Ask what is missing"), ("to_llm", "Write the workflow"),
    ]  # fmt: skip
    held = [
        (await maker.client.get(f"/api/workflows/{workflow_id}/ledger/{each['id']}")).content for each in entries
    ]  # fmt: skip
    assert held[:2] == [body, message]
    assert [(each["bytes"], each["sha256"]) for each in entries] == [
        (len(each), hashlib.sha256(each).hexdigest()) for each in held
    ]
    for asked in held[2:]:
        told = json.loads(asked)
        assert asked == json.dumps(told, ensure_ascii=False).encode()  # as this model's service writes it
        assert "merge these files" in told["prompt"] and "AAAA-####" in told["prompt"]


async def steps_of(app: App, account: AccountId, workflow_id: str) -> list[str]:
    """The keys of the step runs a workflow has caused, in order."""
    found: list[str] = []
    async with app.database.read(account) as tx:
        for run in reversed((await runs.list_runs(tx)).runs):
            if f"wf_{str(run.subject.get('workflow_id')).replace('-', '')}" == workflow_id:
                found += [each.key for each in await runs.list_steps(tx, run.id)]
    return found


async def test_live_pages_are_told_of_every_change_and_of_no_content(
    maker: Maker, working: App, account: AccountId
) -> None:
    workflow = await maker.make()
    await maker.test(workflow)
    await maker.approve(workflow)
    async with working.database.read(account) as tx:
        rows = await tx.fetch(
            "select topic, payload from events where topic = $1 order by id", f"workflow:{workflow['id']}"
        )
        listed = await tx.fetchval("select count(*) from events where topic = 'workflows'")
    assert [(row["payload"]["what"], row["payload"]["status"]) for row in rows] == [
        ("created", "validating"), ("message", "validating"), ("status", "validated"), ("status", "clarifying"),
        ("status", "building"), ("message", "building"), ("status", "pending_user_approval"),
        ("test", "pending_user_approval"), ("status", "approved"),
    ]  # fmt: skip
    assert listed == len(rows)
    told = json.dumps([row["payload"] for row in rows])
    assert not any(each in told for each in ("merge these", "sales", "revenue"))
