"""The wizard through the API: whatever is wrong with its answers is said in a sentence, and nothing is carried out."""

from typing import Any

import httpx2
import pytest

from spadework.accounts.actions import credentials
from spadework.app import App
from spadework.core.ids import AccountId, new_id

FIVE = {"industries": ["Semiconductors"], "locations": ["California"], "limit": 5}
MAIL = {
    "name": "Mail",
    "kind": "waterfall",
    "settings": {
        "steps": [
            {"provider": "hunter", "capability": "find_email", "inputs": {"domain": "{{Domain}}", "full_name": "{{CEO}}"}}
        ]
    },
}  # fmt: skip


def formula(name: str, expression: str) -> dict[str, Any]:
    return {"name": name, "kind": "formula", "settings": {"expression": expression}}


def prompt(text: str) -> dict[str, Any]:
    return {"name": "Fit", "kind": "ai", "prompt": text, "outputs": ["qualified"]}


async def draft(client: httpx2.AsyncClient, *columns: dict[str, Any], **more: Any) -> dict[str, Any]:
    made = (await client.post("/v3/clients", json={"name": f"Example {new_id()}"})).json()
    answers = {"workbook_name": "Prospects", "source": {"filters": FIVE}, "columns": columns, **more}
    answer = await client.post("/v3/plans", json={"client_id": made["id"], "answers": answers})
    assert answer.status_code == 201, answer.text
    plan: dict[str, Any] = answer.json()
    return plan


async def approve(client: httpx2.AsyncClient, plan: dict[str, Any], seen: str | None = None) -> httpx2.Response:
    return await client.post(
        f"/v3/plans/{plan['id']}/approve",
        json={"hash": seen or plan["hash"]},
        headers={"Idempotency-Key": new_id().hex},
    )


async def runs_of(client: httpx2.AsyncClient) -> list[Any]:
    data: list[Any] = (await client.get("/v3/runs")).json()["data"]
    return data


async def test_filters_that_match_nothing_are_said_before_anything_is_made(client: httpx2.AsyncClient) -> None:
    nothing = {**FIVE, "founded_to": 1500}
    counted = await client.post("/v3/plans/preview-count", json={"filters": nothing})
    plan = await draft(client, source={"filters": nothing})
    assert counted.json() == {"count": 0, "sample": []}
    assert (plan["estimate"]["rows"], plan["state"]) == (0, "draft")
    assert "The filters match nothing. Widen them, or the table stays empty." in plan["warnings"]


@pytest.mark.parametrize(
    ("columns", "says"),
    [
        (
            [prompt("Does {{Compny}} fit?")],
            "refers to {{Compny}}, which no earlier step makes. Did you mean 'Company'?",
        ),
        ([formula("A", "{{B}} + 1"), formula("B", "{{A}} + 1")], "depend on each other in a ring: A → B → A"),
        ([formula("A", "{{A}} + 1")], "depend on each other in a ring: A → A"),
        ([formula("A", "{{B}} + 1"), formula("B", "{{Founded}} + 1")], "which only step 5 makes, after it"),
    ],
)
async def test_a_column_that_reads_what_is_not_there_blocks_the_plan_and_its_approval(
    client: httpx2.AsyncClient, columns: list[dict[str, Any]], says: str
) -> None:
    plan = await draft(client, *columns)
    found = [each["message"] for each in plan["blockers"] if each["order"] == 4]
    assert any(says in each for each in found), plan["blockers"]
    refused = await approve(client, plan)
    assert (refused.status_code, refused.json()["error"]["code"]) == (422, "invalid_input")
    assert "cannot run yet" in refused.json()["error"]["message"]
    assert await runs_of(client) == []


async def test_without_a_language_model_the_plan_names_the_column_and_what_to_do(client: httpx2.AsyncClient) -> None:
    plan = await draft(client, prompt("Does {{Company}} fit?"))
    (blocker,) = plan["blockers"]
    assert blocker["order"] == 4
    assert blocker["message"] == "Fit cannot run: add a key in Settings › Language models."
    refused = await approve(client, plan)
    assert refused.status_code == 422
    assert "Settings › Language models" in refused.json()["error"]["message"]


async def test_a_yes_to_what_was_shown_before_a_change_is_refused_and_starts_nothing(
    client: httpx2.AsyncClient,
) -> None:
    plan = await draft(client, formula("Shout", "{{Company}}.toUpperCase()"))
    document = {**plan["document"], "tableName": "Suspects"}
    changed = (await client.patch(f"/v3/plans/{plan['id']}", json={"document": document})).json()
    stale = await approve(client, plan)
    assert (stale.status_code, stale.json()["error"]["code"]) == (409, "content_changed")
    assert await runs_of(client) == []
    assert (await approve(client, changed)).status_code == 202


async def test_a_plan_under_way_cannot_be_changed_and_shows_its_stop(client: httpx2.AsyncClient) -> None:
    plan = await draft(client)
    run = (await approve(client, plan)).json()["run"]
    late = await client.patch(f"/v3/plans/{plan['id']}", json={"document": plan["document"]})
    assert (late.status_code, late.json()["error"]["code"]) == (409, "conflict")
    assert (await client.post(f"/v3/runs/{run['id']}/stop", json={})).json()["state"] == "stopped"
    assert (await client.get(f"/v3/plans/{plan['id']}")).json()["state"] == "stopped"


async def test_a_budget_that_is_too_small_is_refused_with_what_is_missing(
    client: httpx2.AsyncClient, app: App, account: AccountId
) -> None:
    async with app.database.transaction(account) as tx:
        await credentials.put_credential(tx, app.box, "provider", "hunter", {"api_key": "example-key-0123456789"})
    plan = await draft(client, MAIL, is_training=False)
    limit = plan["estimate"]["expected_micro_usd"] - 1
    budget = {"scope": "client", "scope_id": plan["client_id"], "limit_micro_usd": limit}
    assert (await client.put("/v3/budgets", json=budget)).status_code == 200
    refused = await approve(client, plan)
    assert (refused.status_code, refused.json()["error"]["code"]) == (402, "out_of_budget")
    assert refused.json()["error"]["details"]["missing_micro_usd"] == 1
    assert await runs_of(client) == []
